"""A plan of a tenant, a call that counts for it, and what was counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from arsync.connector import Allowance, TenantBudget
from arsync.connector.metering import Usage, usage

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLAN = Allowance(
    tenant="xero-1",
    pool="xero-app",
    in_flight=2,
    per_day=1_000,
    day_left_header="X-DayLimit-Remaining",
    month_key="calls_per_month",
)
Open = Callable[..., TenantBudget]


def call(made: TenantBudget, *, left: int | None = None, write: bool = False, size: int = 100) -> None:
    """One call with a good answer."""
    made.try_acquire("write" if write else "read")
    with made.turn(reading=not write) as turn:
        headers = {} if left is None else {"X-DayLimit-Remaining": str(left)}
        turn.answered(headers, size, good=True)


def one(folder: Path, now: datetime = START, book: str = "acme") -> Usage:
    [found] = usage(folder, now, [book])
    return found
