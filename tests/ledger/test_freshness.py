"""Whether money seems to come in unrecorded: the rhythm of a book, and when it is broken.

2027-03-01 is a Monday.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.ledger.freshness import HORIZON, Stale, freshness, usual_pause

MON = date(2027, 3, 1)
FRI = date(2027, 2, 26)


def before(last: date, *pauses: int) -> list[date]:
    """Days of payments that end on ``last``; the pauses are told from the last one backwards."""
    found = [last]
    for pause in pauses:
        found.append(found[-1] - timedelta(days=pause))
    return found


def every(pause: int, last: date, count: int = 25) -> list[date]:
    return before(last, *[pause] * count)


def weekdays(last: date, count: int = 60) -> list[date]:
    found = [last - timedelta(days=n) for n in range(count)]
    return [on for on in found if on.weekday() < 5]


def judged(paid_on: list[date], today: date, after: int | None = None) -> Stale | None:
    """As a run judges, which syncs first."""
    return freshness(paid_on, synced_on=today, today=today, after=after)


def first_stale(paid_on: list[date], after: int | None = None) -> date | None:
    """The first day on which this book is stale, if nothing more comes in."""
    ahead = (max(paid_on) + timedelta(days=n) for n in range(400))
    return next((today for today in ahead if judged(paid_on, today, after)), None)


# The rhythm ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pauses", "usual"),
    [
        pytest.param([7] * 10, 7, id="weekly"),
        pytest.param([31, 28, 31, 31, 30], 31, id="monthly: of few pauses the longest"),
        pytest.param([3, 1, 1, 1, 1] * 5, 3, id="weekdays"),
        pytest.param([2] * 8 + [20], 20, id="nine pauses: the longest"),
        pytest.param([2] * 9 + [20], 2, id="of ten one is an exception"),
        pytest.param([2] * 17 + [9, 20], 9, id="of nineteen no second one"),
        pytest.param([2] * 18 + [9, 20], 2, id="of twenty two are"),
        pytest.param([2] * 27 + [8, 9, 20], 8, id="and never a third: what comes three times is usual"),
        pytest.param([1] * 11 + [18] + [1] * 11 + [18] + [1] * 11 + [18], 18, id="a payment run a month"),
    ],
)
def test_the_usual_longest_pause_leaves_out_exceptions(pauses: list[int], usual: int) -> None:
    assert usual_pause(before(FRI, *pauses)) == usual
    assert usual_pause(before(FRI, *reversed(pauses))) == usual


@pytest.mark.parametrize(
    "pauses",
    [
        pytest.param([], id="one payment"),
        pytest.param([30, 30, 30, 30], id="five days are too few"),
        pytest.param([1] * 26, id="27 days in a row are no four weeks"),
        pytest.param([1, 1, 1, 1, HORIZON, 30, 30, 30, 30, 30], id="a rhythm of long ago"),
    ],
)
def test_a_new_or_quiet_book_has_no_rhythm_and_is_never_stale(pauses: list[int]) -> None:
    assert usual_pause(before(FRI, *pauses)) is None
    assert first_stale(before(FRI, *pauses)) is None


def test_six_days_over_four_weeks_are_enough() -> None:
    assert usual_pause(before(FRI, 5, 6, 6, 6, 5)) == 6  # 28 days
    assert usual_pause(before(FRI, 5, 5, 6, 6, 5)) is None


def test_without_any_payment_nothing_is_judged() -> None:
    assert usual_pause([]) is None
    assert judged([], MON) is None
    assert judged([], MON, after=1) is None


def test_what_is_older_than_the_horizon_makes_no_rhythm() -> None:
    # 60 days of a pause of 3, and before them pauses of 30: those within 180 days count, 4 of them.
    found = before(FRI, *[3] * 20, *[30] * 8)
    assert usual_pause(found) == 30
    assert usual_pause([on for on in found if (FRI - on).days <= 60]) == 3
    assert usual_pause(before(FRI, *[3] * 60, 30, 30, 30, 30)) == 3


# When it is broken --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid_on", "expected"),
    [
        # A pause of 3 over weekends; 7 days are the least: from Fri 02-26 to Fri 03-05.
        pytest.param(weekdays(FRI), date(2027, 3, 5), id="weekdays"),
        # A pause of 1, and the week is the least all the same.
        pytest.param(every(1, FRI, 40), date(2027, 3, 5), id="every day of the week"),
        # 7 days after Mon 02-22 is a Monday, but the day before is a Sunday, when nobody records anything.
        pytest.param(weekdays(date(2027, 2, 22)), date(2027, 3, 2), id="a deadline on a weekend"),
        # More than 14 days: Sat 03-13, which is told on Mon 03-15.
        pytest.param(every(7, FRI), date(2027, 3, 15), id="weekly"),
        # More than 8 days after Wed 02-24: Fri 03-05.
        pytest.param(every(4, date(2027, 2, 24)), date(2027, 3, 5), id="every four days"),
        # More than 60 days after Fri 02-26: 04-27 is the sixtieth, a Tuesday.
        pytest.param(every(30, FRI), date(2027, 4, 28), id="monthly"),
    ],
)
def test_it_is_stale_after_more_than_twice_the_usual_pause_and_a_week(
    paid_on: list[date], expected: date
) -> None:
    assert first_stale(paid_on) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (1, date(2027, 3, 2)),  # the first day after Fri 02-26 is a Saturday: Monday will do
        (3, date(2027, 3, 2)),
        (4, date(2027, 3, 3)),
        (14, date(2027, 3, 15)),  # Fri 03-12 will do; Sat 03-13 is told on Monday
        (30, date(2027, 3, 30)),  # Sun 03-28: Mon 03-29 will do
    ],
)
def test_the_setting_takes_the_place_of_the_rhythm(after: int, expected: date) -> None:
    assert first_stale(weekdays(FRI), after) == expected
    assert first_stale([FRI], after) == expected  # a book without a rhythm too


def test_the_setting_nought_is_never_judged() -> None:
    assert first_stale(weekdays(FRI), 0) is None


def test_a_payment_of_the_future_is_no_proof_of_today() -> None:
    found = [*weekdays(FRI), date(2027, 3, 10), date(2099, 1, 1)]
    stale = judged(found, date(2027, 3, 9))
    assert stale is not None
    assert (stale.last_on, stale.age) == (FRI, 11)
    assert judged(found, date(2027, 3, 10)) is None  # from its day on it counts


# Why, and what helps ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("synced_on", "cause"),
    [
        (date(2027, 3, 22), "not-recorded"),
        (date(2027, 3, 15), "not-recorded"),  # a week ago, the last day of which is a Sunday
        (date(2027, 3, 12), "not-synced"),  # by now all may be recorded
        (date(2027, 3, 6), "not-synced"),
        (date(2027, 3, 4), "not-synced"),
        (None, "not-synced"),
        (date(2027, 4, 1), "not-recorded"),  # a clock that went back
    ],
)
def test_a_book_not_synced_is_told_from_payments_not_recorded(synced_on: date | None, cause: str) -> None:
    # Stale since Fri 03-05; today is Mon 03-22.
    stale = freshness(weekdays(FRI), synced_on=synced_on, today=date(2027, 3, 22))
    assert stale is not None
    assert stale.cause == cause


def test_a_sync_from_before_it_was_stale_explains_it_however_near() -> None:
    stale = freshness(weekdays(FRI), synced_on=date(2027, 3, 4), today=date(2027, 3, 5))
    assert stale is not None
    assert stale.cause == "not-synced"


def test_the_sentence_has_the_figures_and_what_helps() -> None:
    stale = freshness(weekdays(FRI), synced_on=date(2027, 3, 19), today=date(2027, 3, 22))
    assert stale == Stale(FRI, 24, 3, False, "not-recorded", date(2027, 3, 19))
    assert stale.detail == (
        "the last payment is of 2027-02-26, 24 days ago, and pauses here are usually no longer than 3 days; "
        "the sync of 2027-03-19 found none since: record what came in or reconcile the bank feed in the "
        "accounting system, then run `arsync sync`; where such a pause is ordinary, say so with "
        "payments_expected_every in the policy file"
    )


def test_the_sentence_for_a_book_that_was_not_synced() -> None:
    stale = freshness(weekdays(FRI), synced_on=date(2027, 3, 1), today=date(2027, 3, 22), after=1)
    assert stale is not None
    assert stale.detail == (
        "the last payment is of 2027-02-26, 24 days ago, and the policy expects one within 1 day; the "
        "book was last synced on 2027-03-01: run `arsync sync`; where such a pause is ordinary, say so with "
        "payments_expected_every in the policy file"
    )
    never = freshness(weekdays(FRI), synced_on=None, today=date(2027, 3, 22))
    assert never is not None
    assert "the book was never synced to the end: run `arsync sync`" in never.detail


# Whatever the book --------------------------------------------------------------------------------

TODAY = date(2027, 3, 10)
past = st.integers(0, 170).map(lambda n: TODAY - timedelta(days=n))
some_days = st.lists(past, max_size=40)
settings_ = st.none() | st.integers(0, 60)


def regular(pause: int, jitter: list[int], quiet: int) -> list[date]:
    """A book with a rhythm, whose last payment was ``quiet`` days ago."""
    return before(TODAY - timedelta(days=quiet), *[pause + n for n in jitter])


rhythmic = st.builds(
    regular,
    st.integers(1, 8),
    st.lists(st.integers(0, 4), min_size=10, max_size=24),
    st.integers(0, 40),
)
books = some_days | rhythmic


@given(books, st.integers(0, 60), settings_, st.randoms(use_true_random=False))
def test_the_order_of_the_days_repetitions_and_future_ones_do_not_matter(
    paid_on: list[date], since_sync: int, after: int | None, shuffler: random.Random
) -> None:
    synced_on = TODAY - timedelta(days=since_sync)
    future = [TODAY + timedelta(days=n) for n in (1, 3, 400)]
    again = paid_on + paid_on[:3] + future
    shuffler.shuffle(again)
    assert freshness(again, synced_on=synced_on, today=TODAY, after=after) == freshness(
        paid_on, synced_on=synced_on, today=TODAY, after=after
    )


@given(books, settings_, st.data())
def test_a_later_last_payment_never_makes_it_staler(
    paid_on: list[date], after: int | None, data: st.DataObject
) -> None:
    if not paid_on:
        return
    ordered = sorted(set(paid_on))
    moved = data.draw(st.integers(0, (TODAY - ordered[-1]).days))
    later = [*ordered[:-1], ordered[-1] + timedelta(days=moved)]
    if (later[-1] - later[0]).days > HORIZON:
        return  # then the oldest pauses leave the rhythm
    # A book that is fresh only because it has no rhythm yet may gain one.
    if judged(paid_on, TODAY, after) is None and (usual_pause(paid_on) or after is not None):
        assert judged(later, TODAY, after) is None


@given(books, st.integers(0, 300), st.integers(0, 100), settings_)
def test_once_stale_it_stays_so_until_money_comes_in(
    paid_on: list[date], ahead: int, more: int, after: int | None
) -> None:
    today = TODAY + timedelta(days=ahead)
    if judged(paid_on, today, after):
        assert judged(paid_on, today + timedelta(days=more), after)
        assert judged([*paid_on, today], today, after) is None


@given(books, settings_)
def test_never_without_a_rhythm_nor_within_it(paid_on: list[date], after: int | None) -> None:
    stale = judged(paid_on, TODAY, after)
    if stale is None:
        return
    usual = usual_pause(paid_on) if after is None else after
    assert stale.usual == usual
    assert stale.last_on == max(paid_on)
    assert stale.age == (TODAY - max(paid_on)).days
    assert usual is not None
    assert stale.age > (max(2 * usual, 6) if after is None else after) > 0


@given(books, st.integers(0, 40), settings_)
def test_the_weekend_is_as_the_friday_before(paid_on: list[date], ahead: int, after: int | None) -> None:
    friday = TODAY + timedelta(days=2 + 7 * ahead)  # TODAY is a Wednesday
    verdicts = [judged(paid_on, friday + timedelta(days=n), after) is None for n in range(3)]
    assert verdicts[0] == verdicts[1] == verdicts[2]


@given(books, st.integers(1, 60), st.integers(0, 60))
def test_who_expects_money_less_often_is_not_told_sooner(paid_on: list[date], after: int, more: int) -> None:
    if judged(paid_on, TODAY, after) is None:
        assert judged(paid_on, TODAY, after + more) is None


def test_the_books_drawn_above_do_become_stale() -> None:
    """They would prove nothing otherwise."""
    assert judged(regular(3, [0, 2] * 7, 20), TODAY) is not None
    assert judged(regular(3, [0, 2] * 7, 10), TODAY) is None
