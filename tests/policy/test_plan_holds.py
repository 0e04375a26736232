"""Rule 6 of 'What a run decides' by small examples: reasons, their order and end, and what is upcoming.

See `plan_examples` for the ladder; today is Wednesday 2027-03-10 unless an example says otherwise.
"""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from arsync.policy.model import REASONS, Contact, Debtor, HoldOrder, Taken
from arsync.policy.rules import Cap
from day_book import DAILY, STANDARD, day, told_holds, told_upcoming
from plan_examples import FINAL, FIRST, QUILL, TODAY, debt, letters, planned

# Rule 6: precedence, details, until, upcoming -----------------------------------------------------

BY_PEOPLE = ["excluded", "insolvency", "lawyer", "hardship", "complaint", "disputed", "promised", "paused"]


@pytest.mark.parametrize("kept", range(8))
def test_6_the_first_reason_of_an_invoice_is_told_and_the_others_named(kept: int) -> None:
    reasons = BY_PEOPLE[kept:]
    orders = [HoldOrder(reason) for reason in reversed(reasons)]  # type: ignore[arg-type]
    (hold,) = planned(debt("A", None), invoice_holds={"id-A": orders}).holds
    assert hold.reason == reasons[0]
    assert hold.detail.endswith("; also " + ", ".join([*reasons[1:], "no-due-date"]))


def test_6_a_hold_on_the_customer_and_one_on_the_invoice_are_ordered_alike() -> None:
    made = planned(
        debt("A", 5),
        invoice_holds={"id-A": [HoldOrder("paused")]},
        customer_holds={"c1": [HoldOrder("disputed")]},
    )
    assert [(hold.reason, "also paused" in hold.detail) for hold in made.holds] == [("disputed", True)]


def test_6_reasons_of_people_come_before_the_end_of_the_ladder() -> None:
    made = planned(
        debt("A", 90), taken={"id-A": Taken("hand over", 60)}, invoice_holds={"id-A": [HoldOrder("paused")]}
    )
    (hold,) = made.holds
    assert (hold.reason, hold.until) == ("paused", None)
    assert hold.detail.endswith("; also ladder-done")


BY_RULE = [
    "unreconciled",
    "stale-data",
    "no-address",
    "opted-out",
    "credit-covers",
    "below-minimum",
    "too-soon",
    "too-many-contacts",
    "not-a-sending-day",
]
ONCE_A_MONTH = msgspec.structs.replace(STANDARD, caps=(Cap(1, 30),))


@pytest.mark.parametrize("first", range(len(BY_RULE)))
def test_6_the_first_reason_of_a_customer_is_told_and_the_others_named(first: int) -> None:
    # Saturday 03-13, every reason from the `first` on: a firm step, 100.00 owed, minimum 25.00.
    reasons = BY_RULE[first:]
    credit = 100_00 if "credit-covers" in reasons else 80_00 if "below-minimum" in reasons else 0
    made = planned(
        debt("A", 20),
        policy=ONCE_A_MONTH,
        today=day("03-13"),
        taken={"id-A": FIRST},
        opted_out={"c1": frozenset({"message"})} if "opted-out" in reasons else {},
        contacts={"c1": [Contact(day("03-01"), "call")]} if "too-many-contacts" in reasons else {},
        stale="no payment for weeks" if "stale-data" in reasons else None,
        unreconciled={("c1", "GBP"): "they differ"} if "unreconciled" in reasons else {},
        debtors={"c1": Debtor("c1", "Quill") if "no-address" in reasons else QUILL},
        unapplied={("c1", "GBP"): credit},
        contacted={("c1", "GBP"): day("03-12" if "too-soon" in reasons else "03-01")},
    )
    (hold,) = made.holds
    assert hold.reason == reasons[0]
    others = hold.detail.partition("; also ")[2]
    assert others == ", ".join(reasons[1:])


def test_6_the_reasons_stand_in_the_order_of_the_rule() -> None:
    assert (
        *("excluded", "insolvency", "lawyer", "hardship", "complaint", "disputed", "promised", "paused"),
        *("agreed", "no-due-date", "ladder-done"),
        *("unreconciled", "stale-data", "no-address", "opted-out", "credit-covers", "below-minimum"),
        *("too-soon", "too-many-contacts", "not-a-sending-day"),
    ) == REASONS


def test_6_only_what_would_be_in_the_message_is_held_with_the_customer() -> None:
    made = planned(debt("A", 5), debt("B", -10), debt("C", 5), taken={"id-C": FIRST}, debtors={})
    assert told_holds(made) == ["no-address: A"]
    # B is due on 03-20: heads-up 03-17. C was due on 03-05: second reminder 03-19.
    assert told_upcoming(made) == ["2027-03-17 heads-up: B", "2027-03-19 second reminder: C"]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, "paused: A"),
        ("03-09", None),  # over
        ("03-10", "paused until 2027-03-11: A"),  # it stands through its last day
        ("03-12", "paused until 2027-03-15: A"),  # Friday: the next sending day is Monday
    ],
)
def test_6_a_hold_stands_through_its_last_day(until: str | None, expected: str | None) -> None:
    order = HoldOrder("paused", day(until) if until else None)
    made = planned(debt("A", 5), policy=STANDARD, invoice_holds={"id-A": [order]})
    assert told_holds(made) == ([expected] if expected else [])
    assert bool(made.messages) is (expected is None)


@pytest.mark.parametrize(
    ("system", "person", "expected"),
    [
        ("03-12", None, "2027-03-13"),
        ("03-12", "03-11", "2027-03-13"),
        ("03-12", "03-14", "2027-03-15"),
        ("03-09", "03-11", "2027-03-12"),
        (None, "03-11", "2027-03-12"),
    ],
)
def test_6_the_later_of_two_promises_counts(system: str | None, person: str | None, expected: str) -> None:
    orders = [HoldOrder("promised", day(person))] if person else []
    made = planned(debt("A", 5, promised_on=day(system) if system else None), invoice_holds={"id-A": orders})
    assert told_holds(made) == [f"promised until {expected}: A"]


def test_6_a_promise_without_an_end_outlasts_the_accounting_systems() -> None:
    made = planned(debt("A", 5, promised_on=day("03-12")), invoice_holds={"id-A": [HoldOrder("promised")]})
    assert told_holds(made) == ["promised: A"]


def test_6_until_waits_for_every_reason_the_gap_and_the_steps_day() -> None:
    orders = [HoldOrder("disputed", day("03-11")), HoldOrder("paused", day("03-12"))]
    made = planned(debt("A", 5), invoice_holds={"id-A": orders})
    assert told_holds(made) == ["disputed until 2027-03-13: A"]
    contacted = {("c1", "GBP"): day("03-09")}  # the gap ends on 03-14
    made = planned(debt("A", 5), invoice_holds={"id-A": orders}, contacted=contacted)
    assert told_holds(made) == ["disputed until 2027-03-14: A"]
    # Due 03-05, first taken: the second reminder's day is 03-19.
    made = planned(debt("A", 5), invoice_holds={"id-A": orders}, taken={"id-A": FIRST})
    assert told_holds(made) == ["disputed until 2027-03-19: A"]


def test_6_until_is_not_told_where_nobody_knows_it() -> None:
    orders = {"id-A": [HoldOrder("paused", day("03-12"))]}
    (hold,) = planned(debt("A", 5), invoice_holds=orders, debtors={}).holds
    assert (hold.reason, hold.until) == ("paused", None)
    assert hold.detail.endswith("; also no-address")
    # A step that is a task needs no address and no sending day: 03-13 is a Saturday.
    made = planned(debt("A", 70), policy=STANDARD, taken={"id-A": FINAL}, invoice_holds=orders, debtors={})
    assert told_holds(made) == ["paused until 2027-03-13: A"]


def test_6_todays_message_in_another_currency_moves_what_comes_later() -> None:
    # The dollars left today, so from tomorrow on the pounds keep the gap too: 03-15.
    contacted = {("c1", "USD"): TODAY}
    assert told_upcoming(planned(debt("A", -4), contacted=contacted)) == ["2027-03-15 first reminder: A"]
    assert told_upcoming(planned(debt("A", -5), contacted=contacted)) == ["2027-03-15 heads-up: A"]
    orders = {"id-A": [HoldOrder("paused", TODAY)]}
    made = planned(debt("A", 5), contacted=contacted, invoice_holds=orders)
    assert told_holds(made) == ["paused until 2027-03-15: A"]


def test_6_until_knows_that_a_friendly_step_falls_away_once_overdue() -> None:
    # Due Fri 03-12, heads-up ready today; the gap ends on Sat 03-13, when only the first reminder
    # (day 03-13) is left; the first sending day is Mon 03-15.
    contacted = {("c1", "USD"): day("03-08")}
    made = planned(debt("A", -2), policy=STANDARD, contacted=contacted)
    assert told_holds(made) == ["too-soon until 2027-03-15: A"]
    # With heads-ups only, no day is left.
    short = msgspec.structs.replace(STANDARD, steps=STANDARD.steps[:1])
    assert told_holds(planned(debt("A", -2), policy=short, contacted=contacted)) == ["too-soon: A"]
    # With 14 days after due as the next step: 03-26.
    later = msgspec.structs.replace(STANDARD, steps=(STANDARD.steps[0], STANDARD.steps[2]))
    made = planned(debt("A", -2), policy=later, contacted=contacted)
    assert told_holds(made) == ["too-soon until 2027-03-26: A"]


def test_6_a_ladder_of_friendly_steps_is_done_when_overdue() -> None:
    short = msgspec.structs.replace(DAILY, steps=DAILY.steps[:1])
    assert told_holds(planned(debt("A", 1), policy=short)) == ["ladder-done: A"]


def test_6_upcoming_skips_days_on_which_nothing_is_sent() -> None:
    # Due Fri 03-05: second reminder 03-19. Due Sat 03-06: 03-20, a Saturday -> Mon 03-22.
    taken = {"id-A": FIRST, "id-B": FIRST}
    made = planned(debt("A", 5), debt("B", 4), policy=STANDARD, taken=taken)
    assert told_upcoming(made) == ["2027-03-19 second reminder: A", "2027-03-22 second reminder: B"]


def test_6_dates_at_the_end_of_the_calendar_are_ordinary() -> None:
    never = date.max
    made = planned(
        msgspec.structs.replace(debt("A", 0), due_on=never),
        debt("B", 5, promised_on=never),
        debt("C", 5),
        debt("D", 5),
        policy=STANDARD,
        invoice_holds={"id-C": [HoldOrder("paused", never)]},
    )
    assert letters(made) == ["first reminder GBP 100.00: D"]
    assert [hold.reason for hold in made.holds] == ["promised", "paused"]
    assert told_upcoming(made) == ["9999-12-28 heads-up: A"]


def test_6_an_invoice_of_an_unknown_customer_is_held_not_lost() -> None:
    made = planned(debt("A", 5), debtors={})
    assert [(hold.customer_id, hold.reason) for hold in made.holds] == [("c1", "no-address")]


def test_6_copies_alone_are_no_address() -> None:
    copies = Debtor("c1", "Quill", cc=("cc@quill.example",), bcc=("file@quill.example",))
    (hold,) = planned(debt("A", 5), debtors={"c1": copies}).holds
    assert (hold.reason, hold.detail) == ("no-address", "no e-mail address in the accounting system")


def test_6_addresses_that_are_none_are_told() -> None:
    (hold,) = planned(debt("A", 5), debtors={"c1": Debtor("c1", "Quill", bad=("not an address",))}).holds
    assert hold.reason == "no-address"
    assert "'not an address'" in hold.detail
