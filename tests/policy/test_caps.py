"""Restraint: caps over any stretch of days, the rest after a conversation, and who goes first. March 2027."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.caps import Restraint, first_with_room, why_full
from arsync.policy.model import Contact, Debtor, HoldOrder, Message, Plan, Taken
from arsync.policy.rules import Cap, Policy, Step
from day_book import DAILY, DayBook, day, told, told_holds, told_upcoming
from plan_examples import FINAL, QUILL, TODAY, debt, letters, only, planned, tasks

TWO_A_WEEK = (Cap(2, 7),)


def on(*days: str) -> list[date]:
    return [day(text) for text in days]


def contacts(*days: str) -> dict[str, list[Contact]]:
    return {"c1": [Contact(it, "letter") for it in on(*days)]}


# The arithmetic -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caps", "before", "from_day", "expected"),
    [
        (TWO_A_WEEK, [], "03-10", "03-10"),
        (TWO_A_WEEK, ["03-04"], "03-10", "03-10"),
        (TWO_A_WEEK, ["03-04", "03-09"], "03-10", "03-11"),  # 03-04 to 03-10 are seven days
        (TWO_A_WEEK, ["03-03", "03-09"], "03-10", "03-10"),  # 03-03 is the eighth
        (TWO_A_WEEK, ["03-09", "03-09"], "03-10", "03-16"),  # two on one day count as two
        (TWO_A_WEEK, ["03-12", "03-15"], "03-10", "03-19"),  # days to come count as well
        (TWO_A_WEEK, ["03-12", "03-15"], "03-08", "03-08"),  # 03-08 to 03-14 hold one of them
        ((Cap(1, 1),), ["03-10"], "03-10", "03-11"),
        ((Cap(2, 7), Cap(3, 30)), ["02-15", "03-04", "03-09"], "03-10", "03-17"),  # 02-15 and 30 days
        ((Cap(0, 7),), [], "03-10", None),
    ],
)
def test_the_first_day_with_room(
    caps: tuple[Cap, ...], before: list[str], from_day: str, expected: str | None
) -> None:
    found = first_with_room(caps, on(*before), day(from_day))
    assert found == (day(expected) if expected else None)


some_days = st.lists(st.integers(0, 40).map(lambda n: TODAY + timedelta(days=n)), max_size=8).map(sorted)
some_caps = st.lists(st.builds(Cap, st.integers(1, 4), st.integers(1, 12)), min_size=1, max_size=3)


def fits(caps: list[Cap], found: list[date], another: date) -> bool:
    """No stretch of days with the other contact in it holds more than a cap allows, by counting."""
    for cap in caps:
        for start in range(cap.days):
            first = another - timedelta(days=start)
            last = first + timedelta(days=cap.days - 1)
            if sum(first <= it <= last for it in found) + 1 > cap.contacts:
                return False
    return True


@given(some_caps, some_days, st.integers(0, 40))
def test_the_first_day_with_room_is_the_first_that_counting_finds(
    caps: list[Cap], before: list[date], ahead: int
) -> None:
    start = TODAY + timedelta(days=ahead)
    found = first_with_room(caps, before, start)
    counted = next(n for n in range(200) if fits(caps, before, start + timedelta(days=n)))
    assert found == start + timedelta(days=counted)
    assert (why_full(caps, before, start) is None) == (counted == 0)


def test_the_end_of_the_calendar_ends_the_search() -> None:
    assert first_with_room((Cap(1, 7),), [date.max], date.max) is None


def test_a_rest_of_days_after_a_conversation() -> None:
    """A conversation on 03-05 and a rest of 7 days: the next call on 03-12. A call that reached nobody,
    a message and a letter start no rest, and only calls wait for it."""
    policy = msgspec.structs.replace(DAILY, call_rest_days=7)
    talked = Contact(day("03-05"), "call", conversation=True)
    restraint = Restraint(policy, [Contact(day("03-09"), "call"), talked], TODAY)
    assert restraint.first("call", day("03-10"), leaving=False) == day("03-12")
    assert restraint.first("letter", day("03-10"), leaving=False) == day("03-10")
    assert "2027-03-05" in str(restraint.why_not("call"))
    assert restraint.why_not("letter") is None
    assert Restraint(policy, [talked], day("03-12")).why_not("call") is None


# In a plan ----------------------------------------------------------------------------------------

CAPPED = msgspec.structs.replace(DAILY, caps=TWO_A_WEEK)


def test_a_full_cap_holds_until_it_has_room_and_says_why() -> None:
    made = planned(debt("A", 5), policy=CAPPED, contacts=contacts("03-05", "03-09"))
    assert (letters(made), told_holds(made)) == ([], ["too-many-contacts until 2027-03-12: A"])
    assert made.holds[0].detail == "at most 2 contacts in 7 days; there were 2027-03-05, 2027-03-09"
    assert letters(planned(debt("A", 5), policy=CAPPED, contacts=contacts("03-03", "03-09"))) != []


def test_contacts_of_another_customer_do_not_count() -> None:
    others = {"c2": contacts("03-08", "03-09")["c1"]}
    assert letters(planned(debt("A", 5), policy=CAPPED, contacts=others)) != []


def test_what_comes_later_waits_for_room() -> None:
    # B is due on 03-11: its first reminder's day is 03-12, and the cap of 03-06 and 03-09 ends on 03-13.
    made = planned(debt("B", -1), policy=msgspec.structs.replace(CAPPED, steps=DAILY.steps[1:]),
                   contacts=contacts("03-06", "03-09"))  # fmt: skip
    assert told_upcoming(made) == ["2027-03-13 first reminder: B"]


def test_a_friendly_step_that_a_cap_makes_late_is_passed_over() -> None:
    # Due on 03-12, heads-up ready today; room on 03-13, when only the first reminder is left.
    made = planned(debt("A", -2), policy=CAPPED, contacts=contacts("03-06", "03-09"))
    assert told_holds(made) == ["too-many-contacts until 2027-03-13: A"]


def test_a_plain_task_is_no_contact() -> None:
    made = planned(debt("A", 70), policy=CAPPED, taken={"id-A": FINAL}, contacts=contacts("03-09", "03-09"))
    assert tasks(made) == ["hand over GBP 100.00: A"]


@pytest.mark.parametrize(
    ("before", "leaving"),
    [
        ([], ["GBP", "JPY"]),
        (["03-09"], ["GBP"]),  # one place: by currency
        (["03-08", "03-09"], []),
    ],
)
def test_several_currencies_on_one_day_count_each(before: list[str], leaving: list[str]) -> None:
    made = planned(debt("J", 5, currency="JPY"), debt("A", 5), policy=CAPPED, contacts=contacts(*before))
    assert [message.currency for message in made.messages] == leaving


def test_what_was_approved_goes_first() -> None:
    approved = only(planned(debt("J", 5, currency="JPY")))
    debts = (debt("A", 5), debt("J", 5, currency="JPY"))
    made = planned(*debts, policy=CAPPED, contacts=contacts("03-09"), approved=[approved])
    assert [(message.currency, message.status) for message in made.messages] == [("JPY", "approved")]
    # What is planned today counts as gone, and the gap to it: 03-15. The cap of 03-09 and today: 03-16.
    assert told_holds(made) == ["too-many-contacts until 2027-03-16: A"]
    # An approval that does not stand any more gives no precedence.
    grown = (debt("A", 5), debt("J", 5, 200_00, currency="JPY"))
    made = planned(*grown, policy=CAPPED, contacts=contacts("03-09"), approved=[approved])
    assert [message.currency for message in made.messages] == ["GBP"]


def test_what_leaves_today_keeps_the_gap_to_what_it_put_off() -> None:
    """One contact in two days: the euros leave today, and the pounds could on 03-12 but for the gap."""
    debts = (debt("A", 5, currency="EUR"), debt("B", 5))
    made = planned(*debts, policy=msgspec.structs.replace(DAILY, caps=(Cap(1, 2),)))
    assert ([m.currency for m in made.messages], told_holds(made)) == (
        ["EUR"],
        ["too-many-contacts until 2027-03-15: B"],
    )


def test_other_holds_and_what_comes_later_are_told_as_if_nothing_left_today() -> None:
    debts = (debt("A", 5), debt("B", 5), debt("C", -4))
    paused = {"id-B": [HoldOrder("paused", TODAY)]}
    made = planned(*debts, policy=msgspec.structs.replace(DAILY, caps=(Cap(1, 20),)), invoice_holds=paused)
    assert letters(made) == ["first reminder GBP 100.00: A"]
    assert told_holds(made) == ["paused until 2027-03-11: B"]
    assert told_upcoming(made) == ["2027-03-11 heads-up: C"]


def test_too_soon_is_told_by_its_gap_and_what_else_was_sent() -> None:
    """Euros were sent today, and pounds leave too, which fills a cap of two in 20 days. Should they not
    leave after all, more euros may on 03-15."""
    facts = {"contacted": {("c1", "EUR"): TODAY}, "contacts": contacts("03-10")}
    debts = (debt("A", 5, currency="EUR"), debt("B", 5))
    made = planned(*debts, policy=msgspec.structs.replace(DAILY, caps=(Cap(2, 20),)), **facts)
    assert letters(made) == ["first reminder GBP 100.00: B"]
    assert told_holds(made) == ["too-soon until 2027-03-15: A"]


CALLS = Policy(
    "p", (Step("mail", 1, "m"), Step("phone", 10, "p", "call"), Step("post", 20, "l", "letter")), 5,
    caps=TWO_A_WEEK, call_rest_days=7,
)  # fmt: skip
MAILED, CALLED = Taken("mail", 1), Taken("phone", 10)


def test_calls_and_letters_come_after_the_messages_of_all_currencies() -> None:
    debts = (debt("A", 15), debt("J", 5, currency="JPY"))
    made = planned(*debts, policy=CALLS, taken={"id-A": MAILED}, contacts=contacts("03-09"))
    assert (letters(made), tasks(made)) == (["mail JPY 10000: J"], [])
    assert told_holds(made) == ["too-many-contacts until 2027-03-16: A"]
    made = planned(*debts, policy=CALLS, taken={"id-A": MAILED})
    assert (letters(made), tasks(made)) == (["mail JPY 10000: J"], ["phone GBP 100.00: A"])


def test_a_call_that_was_shown_goes_away_while_a_cap_is_full() -> None:
    shown = frozenset({("id-A", "phone")})
    facts = {"policy": CALLS, "taken": {"id-A": MAILED}, "open_tasks": shown}
    assert tasks(planned(debt("A", 15), **facts)) == ["phone GBP 100.00: A"]
    made = planned(debt("A", 15), **facts, contacts=contacts("03-08", "03-09"))
    assert (tasks(made), told_holds(made)) == ([], ["too-many-contacts until 2027-03-15: A"])


def test_the_rest_after_a_conversation_holds_calls_alone() -> None:
    talked = {"c1": [Contact(day("03-05"), "call", conversation=True)]}
    made = planned(debt("A", 15), debt("B", 25), policy=CALLS, contacts=talked,
                   taken={"id-A": MAILED, "id-B": CALLED})  # fmt: skip
    # The letter of B goes on without the call of A, which is listed; the rest ends on 03-12.
    assert tasks(made) == ["post GBP 200.00: B (A)"]
    assert told_holds(made) == ["too-many-contacts until 2027-03-12: A"]
    assert made.holds[0].detail == "the last conversation was on 2027-03-05; no call for 7 days after"


def test_one_customer_one_cap_in_all_books() -> None:
    """Two messages from another book: nothing leaves here until they are seven days old."""
    book = DayBook(CAPPED)
    book.invoice("A1", "100.00", due="03-05")
    book.elsewhere("Quill", "03-05")
    book.elsewhere("Quill", "03-05")
    assert book.diary("03-06", "03-12") == ["Fri 03-12 first reminder GBP 100.00: A1"]


def told_all(made: Plan) -> list[str]:
    return [f"{message.customer_name} {told(message)}" for message in made.messages]


def test_each_customer_has_caps_of_its_own() -> None:
    reed = Debtor("c2", "Reed", ("ap@reed.example",))
    made = planned(debt("A", 5), debt("R", 5, customer_id="c2"), debtors={"c1": QUILL, "c2": reed},
                   policy=msgspec.structs.replace(DAILY, caps=(Cap(1, 7),)))  # fmt: skip
    assert told_all(made) == ["Quill first reminder GBP 100.00: A", "Reed first reminder GBP 100.00: R"]


def test_a_cap_binds_an_approved_message_too() -> None:
    approved: Message = only(planned(debt("A", 5), policy=CAPPED))
    made = planned(debt("A", 5), policy=CAPPED, approved=[approved], contacts=contacts("03-08", "03-09"))
    assert [hold.reason for hold in made.holds] == ["too-many-contacts"]


def test_the_first_reminder_waits_in_the_ladder_and_loses_nothing() -> None:
    """A deferral uses up neither a step nor its gap: caps of one contact in 20 days. The task is none,
    and has its day on 05-04; the gap to the final notice ends on 05-05."""
    book = DayBook(msgspec.structs.replace(DAILY, caps=(Cap(1, 20),)))
    book.invoice("A1", "100.00", due="03-05")
    book.letter("Quill", "03-01")
    assert book.diary("03-02", "05-10") == [
        "Sun 03-21 first reminder GBP 100.00: A1",
        "Sat 04-10 second reminder GBP 100.00: A1",
        "Fri 04-30 final notice GBP 100.00: A1",
        "Wed 05-05 task hand over GBP 100.00: A1",
    ]
