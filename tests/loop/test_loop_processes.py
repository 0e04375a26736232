"""Two processes at one practice: one works on a book, the other says so and lets it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger

# A service that would be at it for a minute: each test lets it go on when it has seen what it came for.
SLOW = 60.0


def until(done: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait for what another process does, as long as it lives."""
    deadline = time.monotonic() + 60
    while not done():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def approved(desk: Desk, ledger: Ledger) -> Ledger:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    return ledger


@on_one_vendor
def test_run_twice_at_once(desk: Desk, approved: Ledger) -> None:
    """While the first one reads from a slow service, the second finds the book taken: exit 0, nothing
    done. The first one ends well, and one mail has left."""
    rule = approved.strike("slow-drip", seconds=SLOW)
    first = desk.start("run")
    try:
        until(lambda: rule.hits, first)
        second = desk.ok("run")
        assert first.poll() is None  # it was really at work meanwhile
        assert "works on the book acme right now" in second.err
        assert str(first.pid) in second.err
        assert "sent" not in second.out
        rule.release()
        out, err = first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == 0, err
    assert "1 message sent" in out
    assert len(desk.mail) == 1
    desk.ok("run")
    assert len(desk.mail) == 1


@on_one_vendor
def test_looking_while_another_works(desk: Desk, approved: Ledger) -> None:
    """plan, aging and explain do not wait for a run, and a hold can be put meanwhile."""
    rule = approved.strike("slow-drip", seconds=SLOW)
    first = desk.start("run")
    try:
        until(lambda: rule.hits, first)
        assert desk.plan()["messages"]
        assert desk.ok("aging", "--json").json
        desk.ok("explain", "acme", "1001")
        desk.ok("hold", "acme", "1001", "--reason", "disputed")
        assert first.poll() is None
        rule.release()
        out, _ = first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == 0
    assert "withdrawn" in out
    assert desk.mail == []


@on_one_vendor
def test_a_dead_process_does_not_hold_the_book(desk: Desk, approved: Ledger) -> None:
    """Killed in the middle of a sync: the next run takes the book over at once and ends complete."""
    rule = approved.strike("slow-drip", seconds=SLOW)
    first = desk.start("sync", "--full")
    try:
        until(lambda: rule.hits, first)
    finally:
        first.kill()
        first.communicate()
    approved.well()
    typed = desk.ok("run")
    assert "right now" not in typed.err
    assert len(desk.mail) == 1


def test_the_other_book_is_free(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    """A run over one book holds that book alone."""
    acme, _ = both
    rule = acme.strike("slow-drip", seconds=SLOW)
    first = desk.start("sync", "acme")
    try:
        until(lambda: rule.hits, first)
        reports = desk.ok("sync", "--json")
        assert [each["book"] for each in reports.json] == ["birch"]
        assert "book acme right now" in reports.err
        assert first.poll() is None
        rule.release()
        first.communicate(timeout=60)
    finally:
        first.kill()
    assert first.returncode == 0
