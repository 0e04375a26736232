"""Replays: two policies over one past, and what they would have done otherwise.

Days are of March 2027, whose first is a Monday.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.policy.changes import Agreed, Change, Closed, Credited, Gone, Ordered, Owed, Reached
from arsync.policy.course import Course
from arsync.policy.forecast import Happening, happenings
from arsync.policy.history import Difference, Escalated, Heard, History, difference, firm_names, replay
from arsync.policy.model import Agreement, Contact, Debt, Debtor, Facts, HoldOrder, Taken
from arsync.policy.rules import Cap, Policy
from day_book import FINAL, FIRST, HAND_OVER, SECOND, STANDARD, day, told
from drawn_books import CURRENCIES, CUSTOMERS, TODAY, Situation, near, situations

LATE_ONLY = msgspec.structs.replace(STANDARD, steps=(FIRST, SECOND, FINAL, HAND_OVER))
# Who is written to goes by its id, and its addresses are there.
DEBTORS = {id_: Debtor(id_, id_.title(), (f"ap@{id_}.example",)) for id_ in ("quill", "birch")}


def owed(number: str, due: str, on: str = "03-01", amount: int = 100_00, customer: str = "quill") -> Owed:
    return Owed(day(on), customer, Debt(number, number, customer, "GBP", day(due), amount))


def paid(number: str, on: str, customer: str = "quill") -> Gone:
    return Gone(day(on), customer, number)


def past(*changes: Change, **facts: object) -> History:
    known = Facts(debts=(), debtors=DEBTORS, **facts)  # type: ignore[arg-type]
    return History(day("03-01"), known, tuple(sorted(changes, key=lambda it: it.on)))


def replayed(history: History, last: str, policy: Policy = LATE_ONLY) -> list[str]:
    return [f"{it.on:%a %m-%d} {told(it.item)}" for it in replay("b", history, policy, day(last))]


def compared(history: History, last: str, new: Policy, now: Policy = LATE_ONLY) -> Difference:
    each = [replay("b", history, policy, day(last)) for policy in (now, new)]
    return difference(*each, (now, new))


# The course of a past -------------------------------------------------------------------------


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """Up to twelve changes within six weeks: invoices come, change and go, credits and holds too. The
    invoices are others than those that are drawn with the facts, each of one customer."""
    found: list[Change] = []
    whose = {f"j{n}": CUSTOMERS[n % 3] for n in range(6)}
    there: set[str] = set()
    for on in sorted(draw(st.lists(near(0, 40), max_size=12))):
        id_ = draw(st.sampled_from(sorted(whose)))
        customer = whose[id_]
        match draw(st.sampled_from(["owed", "owed", "gone", "credit", "hold", "customer hold"])):
            case "owed":
                due, amount = draw(near(-30, 50)), draw(st.integers(1, 200))
                found.append(Owed(on, customer, Debt(id_, id_, customer, draw(CURRENCIES), due, amount)))
                there.add(id_)
            case "gone" if id_ in there:
                found.append(Gone(on, customer, id_))
                there.remove(id_)
            case "credit":
                found.append(Credited(on, customer, draw(CURRENCIES), draw(st.integers(0, 200))))
            case kind:
                orders = draw(st.sampled_from([(), (HoldOrder("paused", draw(st.none() | near(0, 50))),)]))
                found.append(Ordered(on, customer, id_ if kind == "hold" else None, orders))
    return found


@given(situations, changes())
@settings(max_examples=150, deadline=None)
def test_looking_when_something_changes_is_looking_every_day(
    situation: Situation, drawn: list[Change]
) -> None:
    policy, facts = situation
    last = TODAY + timedelta(days=70)
    quick = happenings(Course("b", facts, policy, TODAY).days(last, drawn))
    slow = happenings(Course("b", facts, policy, TODAY).days(last, drawn, every_day=True))
    assert quick == slow


def test_what_is_paid_hears_no_more() -> None:
    """Due on the 1st: the first reminder on the 2nd, and on the 10th it is paid. Due again and unpaid,
    another goes on to its second."""
    history = past(owed("A1", "03-01"), paid("A1", "03-10"), owed("B1", "03-01", customer="birch"))
    assert replayed(history, "03-31") == [
        "Tue 03-02 first reminder GBP 100.00: B1",
        "Tue 03-02 first reminder GBP 100.00: A1",
        "Mon 03-15 second reminder GBP 100.00: B1",
        "Wed 03-31 final notice GBP 100.00: B1",
    ]


def test_it_goes_on_where_steps_had_been_taken() -> None:
    """The first reminder left in February; the second is due on the 5th, 14 days after 19 February, and
    the last message of 28 February keeps the gap up to the 5th too."""
    history = past(
        owed("A1", "2027-02-19"),
        taken={"A1": Taken("first reminder", 1)},
        contacted={("quill", "GBP"): day("2027-02-28")},
    )
    assert replayed(history, "03-20") == ["Fri 03-05 second reminder GBP 100.00: A1"]


def test_an_invoice_that_comes_counts_from_its_day() -> None:
    """A1 has been overdue for long when it comes in on the 9th."""
    assert replayed(past(owed("A1", "03-01", on="03-09")), "03-12") == [
        "Tue 03-09 first reminder GBP 100.00: A1"
    ]


def test_a_debt_that_grows_ends_a_hold_for_a_small_one() -> None:
    """20.00 is below the minimum; on the 9th it is made out over 30.00."""
    history = past(owed("A1", "03-01", amount=20_00), owed("A1", "03-01", on="03-09", amount=30_00))
    assert replayed(history, "03-12") == ["Tue 03-09 first reminder GBP 30.00: A1"]


def test_what_comes_due_meanwhile_ends_a_hold_for_a_small_debt() -> None:
    """20.00 is below the minimum. A2's 10.00 come in on the 5th, due on the 8th: on the 9th they are
    overdue and listed, though their first step is far."""
    slow = msgspec.structs.replace(FIRST, offset=20)
    policy = msgspec.structs.replace(LATE_ONLY, steps=(slow,))
    history = past(owed("A1", "2027-02-01", amount=20_00), owed("A2", "03-08", on="03-05", amount=10_00))
    assert replayed(history, "03-20", policy) == ["Tue 03-09 first reminder GBP 30.00: A1 (A2)"]


def test_credit_that_goes_ends_a_hold() -> None:
    history = past(
        owed("A1", "03-01"),
        Credited(day("03-01"), "quill", "GBP", 100_00),
        Credited(day("03-10"), "quill", "GBP", 0),
    )
    assert replayed(history, "03-12") == ["Wed 03-10 first reminder GBP 100.00: A1"]


def test_a_hold_of_that_time_holds() -> None:
    history = past(
        owed("A1", "03-01"),
        Ordered(day("03-01"), "quill", "A1", (HoldOrder("disputed"),)),
        Ordered(day("03-11"), "quill", "A1", ()),
    )
    assert replayed(history, "03-12") == ["Thu 03-11 first reminder GBP 100.00: A1"]


def test_a_contact_in_another_book_fills_the_cap() -> None:
    """One contact in seven days: one on the 1st elsewhere, so the 2nd's reminder is the 8th's."""
    policy = msgspec.structs.replace(LATE_ONLY, caps=(Cap(1, 7),))
    elsewhere = Reached(day("03-01"), "quill", Contact(day("03-01"), "message", elsewhere=True))
    assert replayed(past(owed("A1", "03-01"), elsewhere), "03-09", policy) == [
        "Mon 03-08 first reminder GBP 100.00: A1"
    ]


def test_a_channel_that_was_closed_stays_so() -> None:
    history = past(owed("A1", "03-01"), Closed(day("03-05"), "quill", frozenset({"message"})))
    assert replayed(history, "03-31") == ["Tue 03-02 first reminder GBP 100.00: A1"]


def test_what_was_agreed_then_holds() -> None:
    """A settlement of the 1st, good through the 9th, that ended on the 5th."""
    settlement = Agreement(
        id="a1",
        kind="settlement",
        customer_id="quill",
        currency="GBP",
        agreed_on=day("03-01"),
        lines=(("A1", 100_00),),
        amount=80_00,
        until=day("03-09"),
    )
    agreed = Agreed(day("03-01"), "quill", (settlement,))
    history = past(owed("A1", "03-01"), agreed)
    assert replayed(history, "03-12") == ["Wed 03-10 first reminder GBP 100.00: A1"]
    history = past(owed("A1", "03-01"), agreed, Agreed(day("03-05"), "quill", ()))
    assert replayed(history, "03-12") == ["Fri 03-05 first reminder GBP 100.00: A1"]


# Promised for the 10th with five days of grace: kept it holds through the 10th, else through the 15th.
def promise(*lines: tuple[str, int], customer: str = "quill") -> Ordered:
    order = HoldOrder("promised", day("03-10"), amount=100_00, currency="GBP", grace=5, lines=lines)
    return Ordered(day("03-01"), customer, None, (order,))


LINES = ("A1", 100_00), ("A2", 50_00)


def test_a_promise_that_is_kept_ends_without_its_grace() -> None:
    """A1 is paid on the 5th. A2 goes on after the promise's day; had nothing come, after its grace."""
    owing = owed("A1", "03-01"), owed("A2", "03-01", amount=50_00), promise(*LINES)
    assert replayed(past(*owing, paid("A1", "03-05")), "03-20") == [
        "Thu 03-11 first reminder GBP 50.00: A2",
        "Tue 03-16 second reminder GBP 50.00: A2",
    ]
    assert replayed(past(*owing), "03-20") == ["Tue 03-16 first reminder GBP 150.00: A1 A2"]


def test_a_promise_is_kept_by_what_is_not_due_yet() -> None:
    """A1 is due on the 30th, and paid in part on the 5th: that keeps the promise."""
    owing = owed("A1", "03-30", amount=200_00), owed("A2", "03-01", amount=50_00)
    made = promise(("A1", 200_00), ("A2", 50_00))
    history = past(*owing, made, owed("A1", "03-30", on="03-05", amount=100_00))
    assert replayed(history, "03-14") == ["Thu 03-11 first reminder GBP 50.00: A2"]


@pytest.mark.parametrize("left", [0, 50_00])
def test_a_promise_is_judged_by_an_invoice_that_is_anothers_now(left: int) -> None:
    """Birch's promise was about A1 too, which is Quill's by now and not due before the 30th."""
    history = past(
        owed("A1", "03-30", amount=150_00),
        owed("A2", "03-01", amount=50_00, customer="birch"),
        promise(("A1", 150_00), ("A2", 50_00), customer="birch"),
        owed("A1", "03-30", on="03-05", amount=left) if left else paid("A1", "03-05"),
    )
    assert replayed(history, "03-14") == ["Thu 03-11 first reminder GBP 50.00: A2"]


# The difference -------------------------------------------------------------------------------


def test_nothing_differs_from_itself() -> None:
    found = compared(past(owed("A1", "03-01")), "05-31", LATE_ONLY)
    assert (found.messages, found.tasks, found.written_to) == ((3, 3), (1, 1), (1, 1))
    assert (found.fewer, found.more, found.earlier, found.later) == ((), (), (), ())
    assert [(it.step, it.now, it.new) for it in found.steps] == [
        ("final notice", 1, 1),
        ("first reminder", 1, 1),
        ("second reminder", 1, 1),
        ("hand over", 1, 1),
    ]


def test_who_hears_less_and_who_more() -> None:
    """Without the second reminder Quill, who pays on 20 March, hears once and not twice. Birch owes 20.00
    and hears nothing but under a policy without a minimum."""
    history = past(
        owed("A1", "03-01"), paid("A1", "03-20"), owed("B1", "03-15", amount=20_00, customer="birch")
    )
    new = msgspec.structs.replace(LATE_ONLY, steps=(FIRST, FINAL, HAND_OVER), minimum={})
    found = compared(history, "03-31", new)
    assert found.messages == (2, 2)
    assert found.written_to == (1, 2)
    assert found.fewer == (Heard("quill", "Quill", 2, 1),)
    assert found.more == (Heard("birch", "Birch", 0, 1),)
    assert [(it.month, it.step, it.now, it.new) for it in found.steps] == [
        (day("03-01"), "first reminder", 1, 2),
        (day("03-01"), "second reminder", 1, 0),
    ]


def test_who_is_escalated_sooner_and_who_later() -> None:
    """Quill, due on the 1st, has its first firm message (the second reminder) on the 15th. With the final
    notice 7 days after due that is the 8th, and the hand over, on 30 April and never by then, is on the
    15th. Birch, whose hold ends on the 25th, hears firmly on 31 March, the gap after the 26th, and with the
    new ladder too."""
    history = past(
        owed("A1", "03-01"),
        owed("B1", "03-01", customer="birch"),
        Ordered(day("03-01"), "birch", "B1", (HoldOrder("paused", day("03-25")),)),
    )
    final = msgspec.structs.replace(FINAL, offset=7)
    sooner = msgspec.structs.replace(
        LATE_ONLY, steps=(FIRST, final, msgspec.structs.replace(HAND_OVER, offset=14))
    )
    found = compared(history, "03-31", sooner)
    assert found.earlier == (
        Escalated("quill", "Quill", "firm", day("03-15"), day("03-08")),
        Escalated("quill", "Quill", "task", None, day("03-15")),
    )
    assert found.later == ()
    back = compared(history, "03-31", LATE_ONLY, now=sooner)
    assert back.earlier == ()
    assert back.later == (
        Escalated("quill", "Quill", "firm", day("03-08"), day("03-15")),
        Escalated("quill", "Quill", "task", day("03-15"), None),
    )


def test_the_greatest_difference_is_named_first() -> None:
    """Birch loses one message of one, Quill two of two."""
    history = past(owed("A1", "03-01"), owed("B1", "03-20", customer="birch"))
    new = msgspec.structs.replace(LATE_ONLY, steps=(HAND_OVER,))
    found = compared(history, "03-25", new)
    assert [(it.customer_name, it.now, it.new) for it in found.fewer] == [("Quill", 2, 0), ("Birch", 1, 0)]


def test_the_firm_steps_of_every_ladder_are_firm() -> None:
    assert firm_names(LATE_ONLY) == {"second reminder", "final notice", "hand over"}
    gentle = msgspec.structs.replace(LATE_ONLY, ladders={"gentle": (SECOND, FIRST)})
    assert firm_names(gentle) == {"second reminder", "final notice", "hand over", "first reminder"}


def test_months_are_told_apart() -> None:
    found = compared(past(owed("A1", "03-31", on="03-01")), "04-20", LATE_ONLY)
    assert [(it.month, it.step) for it in found.steps] == [
        (date(2027, 4, 1), "first reminder"),
        (date(2027, 4, 1), "second reminder"),
    ]


def test_the_first_of_each_counts() -> None:
    one = [
        Happening(day("03-08"), it.item)
        for it in replay("b", past(owed("A1", "03-01")), LATE_ONLY, day("03-15"))
    ]
    assert difference(one, [], (LATE_ONLY, LATE_ONLY)).later == (
        Escalated("quill", "Quill", "firm", day("03-08"), None),
    )
