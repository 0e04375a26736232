"""A call that is due to a customer, and what people's words about it may change."""

from __future__ import annotations

from typing import Any

from loop_desk import Desk
from loop_ledgers import Ledger

POLICY = """\
name = "test"
min_gap_days = 3
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "first call"
when = "5 days after due"
does = "call"
[[steps]]
name = "last call"
when = "20 days after due"
does = "call"
"""


def calling(desk: Desk, ledger: Ledger, policy: str = POLICY) -> str:
    """On Monday, 30 November, a call to Lumen Yoga is due about 1001 over 120.00: a reminder was sent a
    week before, when it was 2 days overdue. 1002 over 80.00 is to come. The task's id."""
    desk.policy(policy)
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, "120.00", number="1001")
    ledger.invoice(customer, "80.00", overdue=-30, number="1002")
    desk.ok("sync")
    desk.approved()
    desk.ok("run")
    desk.now.go(days=7)
    desk.ok("run")
    [task] = desk.plan()["tasks"]
    assert (task["does"], task["step"]) == ("call", "first call")
    found: str = task["id"]
    return found


def tasks(desk: Desk) -> list[str]:
    return [task["step"] for task in desk.plan()["tasks"]]


def kept(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that people's words may change."""
    tables = ("holds", "hold_lines", "contacts", "steps_taken", "open_tasks", "opt_outs", "notes", "events")
    return {table: desk.rows(f"SELECT * FROM {table}") for table in tables}
