"""The ladder by itself: which step is next, from which day on, and what a message's id hangs on."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.ladder import (
    firm_steps,
    first_sending_day,
    gap_end,
    identity,
    next_step,
    step_day,
    step_key,
)
from arsync.policy.model import Taken
from arsync.policy.rules import Policy, Step
from day_book import DAILY, FINAL, FIRST, HAND_OVER, HEADS_UP, SECOND, STANDARD, day

DUE = day("03-05")
ON_DUE = Step("due today", 0, "due-today")
WITH_DUE = Policy("p", (HEADS_UP, ON_DUE, FIRST, SECOND))


def test_before_due_the_first_step_is_next() -> None:
    assert next_step(STANDARD, DUE, None, day("02-01")) == HEADS_UP


def test_a_step_before_due_is_still_in_time_on_the_due_date_itself() -> None:
    assert next_step(STANDARD, DUE, None, DUE) == HEADS_UP


@pytest.mark.parametrize("today", ["03-06", "03-20", "2029-01-01"])
def test_at_first_contact_an_overdue_invoice_gets_the_first_step_after_due(today: str) -> None:
    assert next_step(STANDARD, DUE, None, day(today)) == FIRST


def test_every_step_up_to_the_due_date_is_passed_over_once_overdue() -> None:
    # Of heads-up (-3), due today (0), first (+1): both friendly ones are late on the day after due.
    assert next_step(WITH_DUE, DUE, None, day("03-06")) == FIRST
    assert next_step(WITH_DUE, DUE, Taken("heads-up", -3), day("03-05")) == ON_DUE
    assert next_step(WITH_DUE, DUE, Taken("heads-up", -3), day("03-06")) == FIRST


@pytest.mark.parametrize(
    ("taken", "expected"),
    [(HEADS_UP, FIRST), (FIRST, SECOND), (SECOND, FINAL), (FINAL, HAND_OVER), (HAND_OVER, None)],
)
def test_steps_are_climbed_one_at_a_time_however_old_the_debt(taken: Step, expected: Step | None) -> None:
    assert next_step(STANDARD, DUE, Taken(taken.name, taken.offset), day("2029-01-01")) == expected


def test_a_ladder_with_friendly_steps_only_is_done_once_overdue() -> None:
    policy = Policy("p", (HEADS_UP, ON_DUE))
    assert next_step(policy, DUE, None, DUE) == HEADS_UP
    assert next_step(policy, DUE, None, day("03-06")) is None


def test_a_step_the_policy_no_longer_names_is_placed_by_its_day() -> None:
    # Taken: a step of day 14, since renamed. What stands on day 14 or before is behind us.
    assert next_step(STANDARD, DUE, Taken("second warning", 14), day("2029-01-01")) == FINAL
    # Since dropped, from between first (+1) and second (+14).
    assert next_step(STANDARD, DUE, Taken("nudge", 7), day("2029-01-01")) == SECOND
    # From before everything the policy has now.
    assert next_step(STANDARD, DUE, Taken("very early", -10), day("02-01")) == HEADS_UP


def test_a_step_the_policy_moved_is_placed_by_its_name() -> None:
    moved = Policy("p", (Step("first reminder", 10, "f"), SECOND))
    assert next_step(moved, DUE, Taken("first reminder", 1), day("2029-01-01")) == SECOND


def test_up_to_the_due_date_and_the_first_step_after_it_are_soft_and_later_ones_firm() -> None:
    assert firm_steps(STANDARD) == {"second reminder", "final notice", "hand over"}
    assert firm_steps(WITH_DUE) == {"second reminder"}
    assert firm_steps(Policy("p", (HEADS_UP, ON_DUE, FIRST))) == set()
    assert firm_steps(Policy("p", (FINAL, HAND_OVER))) == {"hand over"}  # however late the first one is


def test_what_a_step_says_of_itself_moves_no_other() -> None:
    def saying(step: Step, firm: bool) -> Step:
        return msgspec.structs.replace(step, firm=firm)

    policy = Policy("p", (saying(HEADS_UP, True), saying(FIRST, True), saying(SECOND, False), FINAL))
    assert firm_steps(policy) == {"heads-up", "first reminder", "final notice"}
    assert firm_steps(Policy("p", (saying(FIRST, False), SECOND))) == {"second reminder"}


@pytest.mark.parametrize(
    ("from_day", "expected"),
    [("03-05", "03-05"), ("03-06", "03-08"), ("03-07", "03-08"), ("03-08", "03-08")],  # Fri Sat Sun Mon
)
def test_first_sending_day_skips_the_weekend(from_day: str, expected: str) -> None:
    assert first_sending_day(STANDARD, day(from_day)) == day(expected)


def test_first_sending_day_of_one_day_a_week() -> None:
    # Only Wednesdays: from Thu 03-04 the next is 03-10.
    policy = msgspec.structs.replace(STANDARD, send_on=frozenset({2}))
    assert first_sending_day(policy, day("03-04")) == day("03-10")


def test_the_end_of_the_calendar_stops_nothing() -> None:
    # 9999-12-31, a Friday, is what books write for "never".
    policy = msgspec.structs.replace(STANDARD, send_on=frozenset({0}))
    assert first_sending_day(policy, date.max) == date.max


@pytest.mark.parametrize(
    ("contacted", "expected"),
    [
        ([], None),
        ([("GBP", "03-01")], "03-06"),
        ([("USD", "03-01")], "03-06"),  # over all currencies
        ([("GBP", "03-01"), ("USD", "03-03")], "03-08"),  # the later one counts
        ([("USD", "03-10")], None),  # today, in another currency: both leave on this day
        ([("GBP", "03-10")], "03-15"),  # today, in this currency
        ([("GBP", "03-02"), ("USD", "03-10")], "03-07"),
        ([("USD", "03-12")], "03-17"),  # a clock that went back: the gap stands all the same
    ],
)
def test_gap_end_on_the_tenth_in_pounds(contacted: list[tuple[str, str]], expected: str | None) -> None:
    found = gap_end(STANDARD, [(of, day(on)) for of, on in contacted], "GBP", day("03-10"))
    assert found == (day(expected) if expected else None)


def test_without_a_gap_the_same_day_is_still_too_soon() -> None:
    policy = msgspec.structs.replace(DAILY, min_gap_days=0)
    assert gap_end(policy, [("GBP", day("03-10"))], "GBP", day("03-10")) == day("03-11")


@pytest.mark.parametrize(
    ("dwell", "taken_on", "expected"),
    [(0, "03-18", "03-19"), (5, "03-14", "03-19"), (5, "03-15", "03-20"), (5, None, "03-19")],
)
def test_the_day_of_a_step_is_its_own_or_when_it_has_dwelt(
    dwell: int, taken_on: str | None, expected: str
) -> None:
    step = msgspec.structs.replace(SECOND, dwell_days=dwell)
    taken = Taken("first reminder", 1, day(taken_on) if taken_on else None)
    assert step_day(step, DUE, taken) == day(expected)
    assert step_day(step, DUE, None) == day("03-19")


def test_a_step_has_its_own_name_in_every_round_but_the_first() -> None:
    assert [step_key("first", n) for n in (1, 2, 3)] == ["first", "first#2", "first#3"]


def test_an_identity_hangs_on_book_customer_currency_and_steps() -> None:
    steps = [("1", "first"), ("2", "second")]
    assert identity("b", "c", "GBP", steps) == identity("b", "c", "GBP", reversed(steps))
    others = [
        identity("b", "c", "GBP", steps),
        identity("b2", "c", "GBP", steps),
        identity("b", "c2", "GBP", steps),
        identity("b", "c", "USD", steps),
        identity("b", "c", "GBP", [("1", "first"), ("2", "first")]),
        identity("b", "c", "GBP", [("1", "second"), ("2", "first")]),
        identity("b", "c", "GBP", [("1", "first")]),
    ]
    assert len(set(others)) == len(others)


offsets = st.lists(st.integers(-20, 90), min_size=1, max_size=6, unique=True).map(sorted)


@given(offsets, st.integers(-60, 200), st.integers(-1, 5))
def test_a_passed_over_step_is_always_a_friendly_one(found: list[int], late: int, last: int) -> None:
    policy = Policy("p", tuple(Step(f"s{n}", offset, "t") for n, offset in enumerate(found)))
    position = min(last, len(found) - 1)
    taken = None if position < 0 else Taken(f"s{position}", found[position])
    step = next_step(policy, DUE, taken, date.fromordinal(DUE.toordinal() + late))
    reached = len(found) if step is None else policy.steps.index(step)
    passed_over = found[position + 1 : reached]
    assert reached > position
    assert all(offset <= 0 for offset in passed_over)
    assert late > 0 or not passed_over
    assert step is None or step.offset > 0 or late <= 0
