"""Leases under clocks that disagree, moments in which no book is taken over, and processes that ended."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from store_samples import AT

from arsync.errors import Busy, LostLease, TryLater
from arsync.store import Claim, Store
from arsync.store.leases import claim, holder, holding, release
from arsync.store.story import runs

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
TERM = timedelta(minutes=10)


def take(store: Store, at: float) -> Claim:
    return claim(store, "acme", command="run", at=AT, ttl=TERM, clock=lambda: at)


def lease(store: Store) -> str:
    [(until,)] = store.rows("SELECT lease_until FROM books WHERE book = 'acme'")
    return str(until)


def test_one_that_comes_too_late_writes_nothing(store: Store) -> None:
    take(store, NOON)
    assert lease(store) == "2026-11-23T12:10:00.000Z"
    for late in (0, 1, 300, 599):
        with pytest.raises(Busy):
            take(store, NOON + late)
    assert lease(store) == "2026-11-23T12:10:00.000Z"
    assert len(runs(store, "acme")) == 1


def test_a_lease_of_a_clock_ahead_is_cut_to_one_term(store: Store) -> None:
    """From an hour ahead it would last until 13:10; from now on it lasts ten minutes, whoever asks again."""
    take(store, NOON + 3600)
    with pytest.raises(Busy):
        take(store, NOON)
    assert lease(store) == "2026-11-23T12:10:00.000Z"
    with pytest.raises(Busy):
        take(store, NOON + 599)
    assert take(store, NOON + 600).fence == 2


def test_who_was_taken_over_closes_nothing(store: Store) -> None:
    late = take(store, NOON)
    now = take(store, NOON + 600)
    before = store.rows("SELECT * FROM runs"), store.rows("SELECT * FROM books")
    release(store, late, outcome="done", at=AT, api_calls=7)
    assert (store.rows("SELECT * FROM runs"), store.rows("SELECT * FROM books")) == before
    release(store, now, outcome="done", at=AT)
    assert [it.outcome for it in runs(store, "acme")] == ["done", "cut short"]


def test_nobody_takes_a_book_over_in_the_moment_that_is_held(store: Store, path: Path) -> None:
    """Not even one to whom the lease is over; afterwards it has a full term again."""
    mine = take(store, NOON)
    with Store.open(path) as other:
        other.connection.execute("PRAGMA busy_timeout = 0")
        with holding(store, mine), pytest.raises(TryLater):
            take(other, NOON + 5000)
        assert other.rows("SELECT fence FROM books") == [(1,)]
        assert take(other, NOON + 5000).fence == 2
    with pytest.raises(LostLease), holding(store, mine):
        raise AssertionError


def test_a_process_that_ended_and_was_not_waited_for_holds_nothing(store: Store) -> None:
    """It keeps its number until its parent looks, which may be never."""
    script = (
        "import sys; from arsync.store.leases import holder; sys.stdout.write(holder()); sys.stdout.close()"
    )
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        name = child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and still has its number
        os.kill(child.pid, 0)
        take(store, NOON)
        with store.writing() as conn:
            conn.execute("UPDATE books SET holder = ?", (name,))
        assert take(store, NOON + 1).fence == 2
    finally:
        child.communicate()
    with store.writing() as conn:
        conn.execute("UPDATE books SET holder = ?", (holder(),))
    with pytest.raises(Busy):
        take(store, NOON + 2)
