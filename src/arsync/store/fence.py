"""The fence: what a run may write, and until when."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from arsync.errors import LostLease

# Longer than the longest wait of a run: a mail server may take ten minutes after the final dot
# (RFC 5321, section 4.5.3.2.6).
TTL = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Claim:
    """One run's hold on its book. ``fence`` grows by one at each claim, so that a run whose lease was
    taken over can be told from the one that took it. Leases go by the machine's own clock."""

    book: str
    fence: int
    holder: str
    ttl: timedelta = TTL
    clock: Callable[[], float] = field(default=time.time, repr=False, compare=False)


def lease_text(at: float) -> str:
    """A lease's end as text in milliseconds; two of them compare as texts."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check(conn: sqlite3.Connection, claim: Claim) -> None:
    """Inside a write transaction: the claim still stands, else LostLease. A lease that is half over is
    renewed on the way, so that a run that writes does not lose its book to its own length."""
    row = conn.execute("SELECT fence, lease_until FROM books WHERE book = ?", (claim.book,)).fetchone()
    now = claim.clock()
    if row is None or row[0] != claim.fence:
        raise LostLease(f"another run took over the book {claim.book}; this one stops without writing")
    if row[1] is None or row[1] <= lease_text(now):
        raise LostLease(f"this run's lease on the book {claim.book} is over; it stops without writing")
    if row[1] <= lease_text(now + claim.ttl.total_seconds() / 2):
        extend(conn, claim)


def extend(conn: sqlite3.Connection, claim: Claim) -> None:
    """Let the lease end ``ttl`` from now."""
    until = lease_text(claim.clock() + claim.ttl.total_seconds())
    conn.execute(
        "UPDATE books SET lease_until = ? WHERE book = ? AND fence = ?", (until, claim.book, claim.fence)
    )
