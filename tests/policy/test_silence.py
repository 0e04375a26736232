"""When a book has fallen silent: its rhythm, learned from the past, and the instant it is broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.silence import EVERY_DAY, LEAST, UNKNOWN, Rhythm, rhythm

UTC_ZONE, LONDON = ZoneInfo("UTC"), ZoneInfo("Europe/London")
WEEK = frozenset(range(5))
MONDAY = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
FAR = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


def daily(days: int, *, weekdays: frozenset[int] = EVERY_DAY, start: datetime = MONDAY) -> list[datetime]:
    all_days = [start + timedelta(days=number) for number in range(days)]
    return [at for at in all_days if at.weekday() in weekdays]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_every_day_at_seven() -> None:
    """A break of 24 hours, and a tenth or two hours more: at 09:24 on the next day it is missed."""
    found = rhythm(daily(28), UTC_ZONE)
    assert found == Rhythm(hours(26.4), EVERY_DAY, "learned")
    assert found.over_at(MONDAY, UTC_ZONE) == datetime(2026, 11, 3, 9, 24, tzinfo=UTC)


def test_a_weekend_is_no_silence() -> None:
    """Friday at seven is followed by Monday at seven; Saturday and Sunday do not count."""
    found = rhythm(daily(28, weekdays=WEEK), UTC_ZONE)
    assert found == Rhythm(hours(26.4), WEEK, "learned")
    friday = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
    assert found.over_at(friday, UTC_ZONE) == datetime(2026, 11, 30, 9, 24, tzinfo=UTC)


def test_a_book_that_is_worked_on_at_weekends_is_missed_there() -> None:
    friday = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
    over = rhythm(daily(28), UTC_ZONE).over_at(friday, UTC_ZONE)
    assert over == datetime(2026, 11, 28, 9, 24, tzinfo=UTC)


def test_once_a_week() -> None:
    """Only Mondays count: from one to the next are 24 hours of them."""
    found = rhythm([MONDAY + timedelta(weeks=number) for number in range(5)], UTC_ZONE)
    assert found == Rhythm(hours(26.4), frozenset([0]), "learned")
    assert found.over_at(FAR, UTC_ZONE) == datetime(2026, 12, 7, 9, 24, tzinfo=UTC)


def test_each_hour_in_the_office() -> None:
    """From 8 to 18, Monday to Friday: the night of 14 hours is the longest break of each day."""
    beats = [at.replace(hour=hour) for at in daily(14, weekdays=WEEK) for hour in range(8, 19)]
    assert rhythm(beats, UTC_ZONE) == Rhythm(hours(16), WEEK, "learned")


def test_each_ten_minutes_is_given_some_hours() -> None:
    beats = [MONDAY + timedelta(minutes=10 * number) for number in range(6 * 24 * 6)]
    assert rhythm(beats, UTC_ZONE).allowed == LEAST == hours(6)


def test_once_a_month() -> None:
    """No weekday is kept; breaks of 28 to 31 days, so 31 days and 3.1 more."""
    months = [datetime(2026, month, 1, 7, 0, tzinfo=UTC) for month in range(1, 12)]
    found = rhythm(months, UTC_ZONE)
    assert (found.source, found.weekdays) == ("learned", EVERY_DAY)
    assert found.allowed == timedelta(days=31) + timedelta(days=3.1)


def test_an_outage_of_a_week_does_not_make_a_week_usual() -> None:
    beats = daily(14) + daily(21, start=MONDAY + timedelta(days=21))
    assert rhythm(beats, UTC_ZONE).allowed == hours(26.4)


@pytest.mark.parametrize(
    "beats",
    [
        [],
        [MONDAY],
        daily(3),
        [MONDAY + timedelta(minutes=minutes) for minutes in (0, 2, 9, 30, 60)],
        [MONDAY + hours(number) for number in range(30)],
    ],
)
def test_too_little_is_no_rhythm(beats: list[datetime]) -> None:
    """Neither nothing, nor three days, nor one busy day or two."""
    assert rhythm(beats, UTC_ZONE) == Rhythm(UNKNOWN, EVERY_DAY, "unknown")


def test_four_days_are_a_rhythm_and_the_first_weekend_is_quiet() -> None:
    """Monday to Thursday: Friday is believed to be a day of work, Saturday is not."""
    found = rhythm(daily(4), UTC_ZONE)
    assert found == Rhythm(hours(26.4), WEEK, "learned")


def test_the_order_of_the_past_does_not_matter() -> None:
    assert rhythm(daily(28)[::-1], UTC_ZONE) == rhythm(daily(28), UTC_ZONE)


def test_seven_on_the_wall_is_seven_also_when_the_clocks_change() -> None:
    """London, 25 October 2026: a run at 07:00 there is 25 hours after the one before, and not late."""
    beats = [datetime(2026, 10, day, 7, 0, tzinfo=LONDON) for day in range(1, 31)]
    found = rhythm(beats, LONDON)
    assert found.allowed == hours(26.4)
    before = datetime(2026, 10, 24, 7, 0, tzinfo=LONDON)
    assert found.over_at(before, LONDON) == datetime(2026, 10, 25, 9, 24, tzinfo=LONDON)


def test_what_is_set_counts_every_day() -> None:
    friday = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
    over = Rhythm(hours(26), EVERY_DAY, "set").over_at(friday, UTC_ZONE)
    assert over == datetime(2026, 11, 28, 9, 0, tzinfo=UTC)


@given(
    st.lists(st.integers(0, 365 * 24 * 60), max_size=40),
    st.sampled_from(["UTC", "Europe/London", "Pacific/Auckland", "America/New_York"]),
)
def test_whatever_the_past_a_book_gets_some_hours(minutes: list[int], zone: str) -> None:
    """It is never silent the moment it was synced, and always some day."""
    there = ZoneInfo(zone)
    found = rhythm([MONDAY - timedelta(minutes=number) for number in minutes], there)
    over = found.over_at(FAR, there)
    assert found.allowed >= LEAST
    assert FAR + LEAST - hours(1) <= over <= FAR + timedelta(days=800)
