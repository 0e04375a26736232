"""What is left for later when calls run short, and where a month is heading, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.connector.thrift import AS_USUAL, Course, course, day_left, next_month, projected

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("so_far", "now", "expected"),
    [
        # the first day counts as a whole one, whatever its hour: 30 days of 100
        (100, "2026-11-01T00:00+00:00", 100),  # nothing has passed: what there is
        (100, "2026-11-01T00:01+00:00", 3_000),
        (100, "2026-11-01T23:00+00:00", 3_000),
        # half of a month of 30 days, to the hour
        (100, "2026-11-16T00:00+00:00", 200),
        # 15 days and 12 hours of 31: just half
        (1_000, "2026-12-16T12:00+00:00", 2_000),
        # the last hour of a month: next to nothing comes on top, and a part of a call is one
        (7_200, "2026-11-30T23:00+00:00", 7_211),  # 719 of 720 hours: 7,200 / 719 = 10.01...
        # leap years: 2028 has 29 days in February, 2027 has 28
        (290, "2028-02-11T00:00+00:00", 841),  # 10 of 29 days
        (290, "2027-02-11T00:00+00:00", 812),  # 10 of 28 days
        (58, "2028-02-29T00:00+00:00", 61),  # 28 of 29 days: 58 / 28 = 2.07..., rounded up
        # in UTC it is December already, elsewhere still November: the months are those of UTC
        (31, "2026-11-30T20:00-08:00", 961),  # 4 a.m. on the 1st of December
        (0, "2026-11-16T00:00+00:00", 0),
    ],
)
def test_where_a_month_is_heading(so_far: int, now: str, expected: int) -> None:
    assert projected(so_far, at(now)) == expected


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        # counting began on the 21st: two of ten days
        ("2026-11-21T00:00+00:00", "2026-11-23T00:00+00:00", 500),
        # the first of the days counted is a whole one too: it is the last of the month, and nothing follows
        ("2026-11-30T00:00+00:00", "2026-11-30T06:00+00:00", 100),
        # counting began in an earlier month
        ("2026-09-21T00:00+00:00", "2026-11-16T00:00+00:00", 200),
    ],
)
def test_counting_that_began_within_the_month(since: str, now: str, expected: int) -> None:
    assert projected(100, at(now), since=at(since)) == expected


@given(
    st.integers(0, 10**9),
    st.integers(0, 8 * 366 * 86_400),
)
def test_a_projection_is_never_below_what_was_counted(so_far: int, seconds: int) -> None:
    now = at("2024-01-01T00:00+00:00") + timedelta(seconds=seconds)
    found = projected(so_far, now)
    assert so_far <= found <= so_far * 31
    assert now < next_month(now) <= now + timedelta(days=31)


@pytest.mark.parametrize(
    ("left", "kind", "every", "spare"),
    [
        (1_000, "as usual", 0, None),
        (200, "as usual", 0, None),  # a fifth is no shortage
        (199, "thin", 1, 149),
        (150, "thin", 1, 100),
        (149, "thin", 2, 99),
        (99, "thin", 4, 49),
        (51, "thin", 4, 1),
        (50, "stop", 0, 0),  # a twentieth is kept for reading again before letters leave
        (0, "stop", 0, 0),
    ],
)
def test_the_fewer_calls_are_left_of_a_day_the_fewer_syncs(
    left: int, kind: str, every: int, spare: int | None
) -> None:
    found = course(day_left=left, day_limit=1_000, now=NOON)
    assert (found.kind, found.every, found.spare) == (kind, every * HOUR, spare)
    assert found.why.startswith(f"{left:,} of the day's 1,000 calls are left") or kind == "as usual"


def test_a_day_that_is_used_up_has_its_end() -> None:
    until = NOON + 3 * HOUR
    found = course(day_left=700, day_limit=1_000, used_up_until=until, now=NOON)
    assert (found.kind, found.until, found.spare) == ("stop", until, 0)
    assert course(day_left=700, day_limit=1_000, used_up_until=until, now=until) == AS_USUAL


def test_where_nobody_knows_a_limit_all_is_as_usual() -> None:
    assert course(day_left=None, day_limit=None, now=NOON) == AS_USUAL


@pytest.mark.parametrize(
    ("reads", "projected_reads", "kind", "every"),
    [
        (499_000, 500_000, "as usual", 0),  # next to nothing is left, and it lasts to the end of the month
        (400_001, 500_001, "thin", 1),
        (480_000, 626_000, "stop", 0),
        (300_000, 626_000, "as usual", 0),  # it will not last, but there is time
    ],
)
def test_a_month_asks_for_thrift_only_where_it_would_not_last(
    reads: int, projected_reads: int, kind: str, every: int
) -> None:
    found = course(
        day_left=None,
        day_limit=None,
        reads=reads,
        reads_limit=500_000,
        projected_reads=projected_reads,
        now=NOON,
    )
    assert (found.kind, found.every) == (kind, every * HOUR)
    assert found.until == (datetime(2026, 12, 1, tzinfo=UTC) if kind == "stop" else None)


def test_the_stricter_of_day_and_month_counts() -> None:
    month = {"reads": 400_001, "reads_limit": 500_000, "projected_reads": 600_000}  # one hour
    thin: Course = course(day_left=90, day_limit=1_000, now=NOON, **month)
    assert (thin.every, thin.day) == (4 * HOUR, True)
    thin = course(day_left=500, day_limit=1_000, now=NOON, **month)
    assert (thin.every, thin.day, thin.spare) == (HOUR, False, None)


@pytest.mark.parametrize(
    ("told", "age", "since", "renewed", "per_day", "today", "expected"),
    [
        (700, 1, 0, None, 1_000, 900, 700),  # the service knows better than the setting
        (700, 1, 30, None, 1_000, 900, 670),  # ... and the calls since count
        (10, 1, 30, None, None, 0, 0),
        (700, 24, 30, None, 1_000, 900, 4_999),  # what it told a day ago is of another day
        (700, -1, 0, None, 1_000, 12, 4_999),  # what a clock ahead of ours wrote down is not believed
        (0, 3, 0, 1, 1_000, 900, 4_999),  # it refused until an hour ago
        (0, 3, 0, -1, 1_000, 900, 0),  # it refuses for another hour
        (300, 1, 0, 2, 1_000, 900, 300),  # told of the new day
        (None, 0, 0, None, 1_000, 12, 988),
        (None, 0, 0, None, 1_000, 1_200, 0),
        (None, 0, 0, None, None, 1_200, None),
    ],
)
def test_what_is_left_of_a_day(
    told: int | None,
    age: int,
    since: int,
    renewed: int | None,
    per_day: int | None,
    today: int,
    expected: int | None,
) -> None:
    """Ages are hours before now; the most that the service ever told is 4,999."""
    found = day_left(
        told=told,
        told_at=None if told is None else NOON - age * HOUR,
        since=since,
        most=0 if told is None else 4_999,
        renewed_at=None if renewed is None else NOON - renewed * HOUR,
        per_day=per_day,
        today=today,
        now=NOON,
    )
    assert found == expected
