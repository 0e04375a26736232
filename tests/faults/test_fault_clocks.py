"""Clocks that differ: ours is an hour ahead of the service's or behind it, or is set right in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from fault_kinds import COMMANDS
from fault_stage import Stage, State
from loop_desk import Now

Stages = dict[tuple[str, bool], Stage]
VENDORS = pytest.mark.parametrize("vendor", ["quickbooks", "xero"])
HOURS = pytest.mark.parametrize("hours", [-1, 1], ids=["behind", "ahead"])
# Instants of our own clock.
OURS = (
    "at", "approved_at", "ended_at", "owed_at", "written_at", "synced_at", "full_at", "put_at", "read_at",
    "seen_at", "tied_at", "cursor",
)  # fmt: skip


@contextmanager
def our_clock(stage: Stage, hours: float) -> Iterator[None]:
    """Our clock differs from the service's by so many hours."""
    stage.desk.now = Now(stage.now() + timedelta(hours=hours))
    try:
        yield
    finally:
        stage.desk.now = stage.now


def after(stage: Stage, command: str, hours: float) -> tuple[State, int]:
    """What a command leaves behind under such a clock, and how many requests it takes."""
    stage.restore(command)
    with our_clock(stage, hours):
        done = stage.type(command)
    assert done.typed.status == 0, done.typed.err
    return stage.state(without=OURS), done.asked.total() - done.asked["token"]


@VENDORS
@HOURS
@pytest.mark.parametrize("command", COMMANDS)
def test_a_clock_that_differs(stages: Stages, vendor: str, hours: int, command: str) -> None:
    """The access token has ended over there before anybody here could know."""
    stage = stages[vendor, True]
    right, asked = after(stage, command, 0)
    wrong, asked_then = after(stage, command, hours)
    for part, rows in right.items():
        assert wrong[part] == rows, part
    assert asked_then <= asked


@pytest.fixture
def stage(vendor: str, tmp_path_factory: pytest.TempPathFactory, quick: None) -> Iterator[Stage]:
    """A company of a test's own, whose time passes."""
    with ExitStack() as stack:
        yield Stage(vendor, False, tmp_path_factory.mktemp(vendor), stack)


@VENDORS
@HOURS
def test_no_change_is_missed_and_none_is_read_for_ever(stage: Stage, vendor: str, hours: int) -> None:
    """Pulls under such a clock, while invoices are paid right after one and right before the other."""
    ledger = stage.ledger
    stage.restore("first")
    open_then = dict(ledger.open())
    with our_clock(stage, hours):
        stage.desk.ok("sync")
    for minutes, paid in ((1, "1001"), (30, "1004"), (30, "1005")):
        stage.now.go(minutes=minutes)
        ledger.pay(paid)
        stage.now.go(minutes=1)
        with our_clock(stage, hours):
            stage.desk.ok("sync")
            rows = stage.desk.ok("aging", "acme", "--by", "invoice", "--json").json
        del open_then[paid]
        assert {row["invoice"]["number"]: row["open"] for row in rows} == open_then == ledger.open()


@VENDORS
@HOURS
def test_a_clock_that_is_set_right(stage: Stage, vendor: str, hours: int) -> None:
    """Tokens were got under a clock that was wrong, so that their end is not what we think it is."""
    stage.restore("connect")
    with our_clock(stage, hours):
        stage.desk.ok("connect", "acme")
    before = stage.ledger.token_calls()
    stage.desk.ok("sync")
    stage.now.go(minutes=70)  # they have ended over there by now
    stage.desk.ok("sync")
    assert stage.ledger.token_calls() - before <= 2
    stage.desk.ok("sync")
    assert stage.ledger.token_calls() - before <= 2
