"""A promise: what came of it, and how long it holds."""

from __future__ import annotations

from datetime import date

import pytest

from arsync.policy.model import HoldOrder
from arsync.policy.promises import Judged, judge, words
from day_book import day

FRIDAY = day("03-12")
PROMISE = HoldOrder(
    "promised",
    until=FRIDAY,
    amount=500_00,
    currency="GBP",
    grace=3,
    put_on=day("03-08"),
    lines=(("i1", 400_00), ("i2", 300_00)),
)


def judged(today: str, *, credit: int = 0, **owed: int) -> Judged:
    """500.00 of 700.00 promised by 12 March, with 3 days of grace: until the 15th."""
    return judge(PROMISE, owed, day(today), credit=credit)


def test_nothing_comes() -> None:
    """Open through the promised day and three more, then broken."""
    for today in ("03-08", "03-12", "03-15"):
        found = judged(today, i1=400_00, i2=300_00)
        assert (found.fate, found.last, found.over) == ("open", day("03-15"), False)
    found = judged("03-16", i1=400_00, i2=300_00)
    assert (found.fate, found.came, found.over) == ("broken", 0, True)


def test_a_part_comes() -> None:
    found = judged("03-12", i1=150_00, i2=300_00)
    assert (found.fate, found.came) == ("open", 250_00)
    assert words(PROMISE, found) == "500.00 GBP by 2027-03-12, 250.00 of it came"
    found = judged("03-16", i1=150_00, i2=300_00)
    assert (found.fate, found.came, found.over) == ("part kept", 250_00, True)


def test_kept_early_it_holds_through_its_day() -> None:
    for today, over in (("03-09", False), ("03-12", False), ("03-13", True)):
        found = judged(today, i2=200_00)
        assert (found.fate, found.last, found.over) == ("kept", FRIDAY, over)


def test_kept_within_the_grace_it_is_over_at_once() -> None:
    found = judged("03-14", i2=200_00)
    assert (found.fate, found.over) == ("kept", True)


def test_an_invoice_that_was_credited_counts() -> None:
    """i1 is gone from what is owed, whoever did it; 100.00 more was paid."""
    assert judged("03-14", i2=200_00).came == 500_00


def test_what_grew_is_set_off() -> None:
    """A payment that moved from one invoice to the other brought nothing."""
    assert judged("03-12", i1=0, i2=700_00).came == 0
    assert judged("03-12", i1=450_00, i2=300_00).came == 0


def test_money_that_nobody_applied_counts() -> None:
    assert judged("03-16", i1=400_00, i2=300_00, credit=500_00).fate == "kept"
    assert judged("03-16", i1=400_00, i2=300_00, credit=499_99).fate == "part kept"


def test_credit_that_was_there_before_does_not() -> None:
    """It had 200.00 unapplied when it promised: used up or not, that is not what was promised."""
    before = HoldOrder(
        "promised", FRIDAY, currency="GBP", amount=500_00, lines=(("", -200_00), ("i1", 700_00))
    )
    assert judge(before, {"i1": 700_00}, day("03-13"), credit=200_00).came == 0
    assert judge(before, {"i1": 500_00}, day("03-13"), credit=0).came == 0
    assert judge(before, {"i1": 0}, day("03-13"), credit=0).came == 500_00


def test_without_an_amount_all_of_it_was_promised() -> None:
    everything = HoldOrder("promised", FRIDAY, lines=(("i1", 400_00), ("i2", 300_00)))
    found = judge(everything, {"i2": 1}, day("03-13"))
    assert (found.fate, words(everything, found)) == ("part kept", "all of it by 2027-03-12, part of it came")
    assert judge(everything, {}, day("03-13")).fate == "kept"


def test_without_a_day_it_holds_until_it_is_kept() -> None:
    """Nobody can break it, and nothing but money ends it."""
    some_day = HoldOrder("promised", amount=400_00, currency="GBP", lines=(("i1", 400_00),))
    found = judge(some_day, {"i1": 1}, day("12-31"))
    assert (found.fate, found.last, found.over) == ("open", None, False)
    assert judge(some_day, {}, day("03-09")).over


@pytest.mark.parametrize("grace", [0, 1, 365])
def test_the_end_of_the_calendar(grace: int) -> None:
    never = HoldOrder("promised", date.max, grace=grace, lines=(("i1", 1),))
    assert judge(never, {"i1": 1}, date.max).last == date.max
