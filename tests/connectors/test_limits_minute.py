"""The counts of the last minute and second, which all processes share in one file."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from arsync.connector import budget
from arsync.connector.spending import FILE
from arsync.errors import ArsyncError, TryLater

AT_ONCE = 5  # seconds; a wait that is longer ends in an error


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=400)])
def test_calls_that_a_clock_ahead_of_ours_has_counted_are_not_waited_for(
    tmp_path: Path, ahead: timedelta
) -> None:
    with closing(budget(tmp_path, "realm-1", per_minute=100, per_second=3)) as limiter:
        with time_machine.travel(datetime.now(UTC) + ahead):
            for _ in range(3):
                limiter.try_acquire("read")
        limiter.try_acquire("read", timeout=AT_ONCE)


def test_a_count_goes_when_nothing_looks_back_to_it(tmp_path: Path) -> None:
    begun = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    with closing(budget(tmp_path, "realm-1", per_minute=400)) as limiter:
        for seconds in (0, 30, 61):
            with time_machine.travel(begun + timedelta(seconds=seconds), tick=False):
                limiter.try_acquire("read")
        with closing(sqlite3.connect(tmp_path / FILE)) as conn:
            [kept] = conn.execute("SELECT count(*) FROM calls_realm_1").fetchone()
    assert kept == 2
    assert not [each for each in threading.enumerate() if "Leaker" in each.name]


def test_counts_that_another_program_locks_are_said_in_words(tmp_path: Path) -> None:
    """Also of a budget that paces and no more, as that of QuickBooks' batches."""
    with (
        closing(budget(tmp_path, "realm-1-batch", per_minute=35)) as limiter,
        closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other,
    ):
        for bucket in limiter.bucket_factory.owned_buckets():
            bucket.conn.execute("PRAGMA busy_timeout = 0")  # type: ignore[attr-defined]
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArsyncError, match=r"cannot be counted in .*limits\.db \(database is locked\)"):
            limiter.try_acquire("write")
        other.execute("ROLLBACK")
        limiter.try_acquire("write")


@pytest.mark.parametrize("per_minute", [1, 8, 9, 480, 481, 500])
def test_every_rate_that_may_be_set_paces(tmp_path: Path, per_minute: int) -> None:
    """The keys of a connection allow from one call a minute to all that the service takes."""
    with (
        closing(budget(tmp_path, "realm-1", per_minute=per_minute, per_second=8)) as limiter,
        time_machine.travel(datetime(2026, 11, 23, 12, 0, tzinfo=UTC), tick=False),
    ):
        for _ in range(min(per_minute, 8)):
            limiter.try_acquire("read", timeout=0)
        with pytest.raises(TryLater):
            limiter.try_acquire("read", timeout=0)
