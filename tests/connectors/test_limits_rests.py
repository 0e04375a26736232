"""Who waits when a tenant's calls have to rest, or when too many of them are under way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from limits_stage import PLAN, START, Open, call

from arsync.connector import TenantBudget, budget, limits
from arsync.connector.limits import Places
from arsync.errors import TryLater
from slept_clock import SleptClock


def test_a_clock_that_was_ahead_locks_nobody_out(opened: Open, clock: SleptClock) -> None:
    made = opened()
    clock.at = START + timedelta(days=400)
    with made.turn(reading=True) as turn:
        turn.used_up(clock.at + timedelta(hours=20))
    made.pause(60)
    clock.at = START
    call(made)
    assert clock.slept == []


def test_every_process_rests_when_one_is_throttled(opened: Open, clock: SleptClock) -> None:
    made, other = opened(), opened("again")
    with made.turn(reading=True) as turn:
        turn.throttled(60.0)
    assert other.paused_until == START + timedelta(seconds=60)
    clock.at += timedelta(seconds=20)
    call(other)
    assert clock.slept == [40.0]
    assert made.paused_until is None
    call(made)
    assert clock.slept == [40.0]


def test_the_longer_of_two_rests_stands(opened: Open, clock: SleptClock) -> None:
    made = opened()
    made.pause(60)
    made.pause(5)
    assert made.paused_until == START + timedelta(seconds=60)


def test_a_long_rest_ends_the_run_instead(opened: Open, clock: SleptClock) -> None:
    made, other = opened(), opened("again")
    made.pause(600)
    with pytest.raises(TryLater, match="12:10 UTC") as caught:
        call(other)
    assert (caught.value.at, clock.slept) == (START + timedelta(seconds=600), [])


def test_a_clock_that_stands_still_waits_once(tmp_path: Path) -> None:
    """As under ARSYNC_NOW: who was told to wait has waited already, others wait once."""
    slept: list[float] = []
    with ExitStack() as stack:
        pair = []
        for book in ("acme", "again", "later"):
            limiter = budget(tmp_path, "xero-1", per_minute=1_000)
            stack.callback(limiter.close)
            each = TenantBudget(tmp_path, book, PLAN, limiter, clock=lambda: START, sleep=slept.append)
            stack.callback(each.close)
            pair.append(each)
        made, other, later = pair
        made.pause(60)
        made.try_acquire("read")  # who asked it for the pause sleeps by itself, before its next attempt
        assert slept == []
        call(other)
        assert slept == [60.0]
        call(later)  # a call that went through has ended the rest
        call(made)
        assert slept == [60.0]


_HOLDER = """
import sys, time
from pathlib import Path
from arsync.connector.limits import Places
with Places(Path(sys.argv[1]), "xero-1", 2, time.sleep).one():
    print("holding", flush=True)
    time.sleep(600)
"""


def _holder(folder: Path) -> subprocess.Popen[str]:
    held = subprocess.Popen([sys.executable, "-c", _HOLDER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert held.stdout is not None
    assert held.stdout.readline() == "holding\n"
    return held


def test_a_call_that_cannot_be_counted_is_not_made(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process was stopped while it counted."""
    monkeypatch.setattr(limits, "LOCK_SECONDS", 0.05)
    made = opened()
    call(made)
    script = "import sys, time; from filelock import FileLock\nwith FileLock(sys.argv[1]):\n"
    script += "    print('holding', flush=True); time.sleep(600)"
    other = [sys.executable, "-c", script, str(tmp_path / "limits.db.lock")]
    with subprocess.Popen(other, stdout=subprocess.PIPE, text=True) as held:
        try:
            assert held.stdout is not None
            assert held.stdout.readline() == "holding\n"
            with pytest.raises(TryLater, match="keeps the counts of calls"):
                call(made)
        finally:
            held.kill()
    call(made)


def test_places_are_shared_by_processes_and_freed_by_a_kill(tmp_path: Path) -> None:
    waits: list[float] = []
    places = Places(tmp_path, "xero-1", 2, waits.append)
    with _holder(tmp_path) as first, _holder(tmp_path) as second:
        try:
            with pytest.raises(TryLater, match="2 calls to this company are under way"), places.one():
                pass
            assert sum(waits) == pytest.approx(30, abs=0.1)
            with Places(tmp_path, "xero-2", 2, waits.append).one():
                pass  # another tenant's places are its own
            waits.clear()
            os.kill(first.pid, signal.SIGKILL)
            first.wait()
            with places.one():
                pass
            assert waits == []
        finally:
            first.kill()
            second.kill()


def test_a_place_is_given_back_when_a_call_fails(opened: Open, clock: SleptClock) -> None:
    made, other = opened(in_flight=1), opened("again", in_flight=1)
    with pytest.raises(ConnectionResetError), made.turn(reading=True):
        raise ConnectionResetError
    call(other)
    assert clock.slept == []
