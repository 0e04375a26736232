"""What the calls of each book have cost so far, and where the month is heading."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from arsync.connector.allowance import Allowance
from arsync.connector.spending import BUSY_SECONDS, FILE, STATE, TenantState, day_of, explained, state_of
from arsync.connector.thrift import Course, course, month_of, next_month, projected

_SUMS = {
    "book": """
        SELECT sum(calls * this), sum(reads * this), sum(writes * this), sum(bytes * this), min(day)
        FROM (SELECT *, day LIKE ? AS this FROM counted) WHERE book = ? AND tenant = ?
    """,
    "pool": """
        SELECT sum(calls * this), sum(reads * this), sum(writes * this), sum(bytes * this), min(day)
        FROM (SELECT *, day LIKE ? AS this FROM counted) WHERE pool = ?
    """,
}
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """One book's calls against its tenant's limits. Days and months are those of UTC.

    ``calls``, ``reads``, ``writes`` and ``bytes`` are of the month so far, token calls left out; ``reads``
    are those that the vendor's plan counts. ``today`` are the calls of the day to the tenant. ``day_left``
    is what the service itself told within a day, less the calls since, else what ``day_limit`` leaves;
    None where there is no limit. ``shared_reads`` and ``shared_bytes`` are of all books of the same app,
    against which the month's limits count; the ``projected`` ones are what they come to by the end of the
    month. A limit is None where there is none. ``sentences`` say what is near, used up or paused; empty
    while all is well.
    """

    book: str
    tenant: str
    month: str  # "2026-11"
    calls: int = 0
    reads: int = 0
    writes: int = 0
    bytes: int = 0
    today: int = 0
    day_limit: int | None = None
    day_left: int | None = None
    reads_limit: int | None = None
    shared_reads: int = 0
    projected_reads: int = 0
    bytes_limit: int | None = None
    shared_bytes: int = 0
    projected_bytes: int = 0
    projected_calls: int = 0
    tier: str = ""  # the vendor's plan that the month's limits are of; empty where there is none
    tier_unconfirmed: bool = False  # the vendor's figure is told by others only
    paused_until: datetime | None = None
    used_up_until: datetime | None = None
    sentences: tuple[str, ...] = ()

    def course(self, now: datetime) -> Course:
        """How to go on with these calls left."""
        return course(
            day_left=self.day_left,
            day_limit=self.day_limit,
            used_up_until=self.used_up_until,
            reads=self.shared_reads,
            reads_limit=self.reads_limit,
            projected_reads=self.projected_reads,
            now=now,
        )


def usage(
    folder: Path,
    now: datetime,
    books: Collection[str] | None = None,
    *,
    allowances: Mapping[str, Allowance] | None = None,
) -> list[Usage]:
    """What each book that ever made a call has used, by name; of these books only, or of all.

    ``folder`` is the store's ``locks``. ``allowances`` are what the connectors of books state now, where
    they are at hand; else what stood when the last call was made. Opens no network and writes nothing;
    empty where nothing was counted yet. Raises ArsyncError where the counts cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return []
    with explained(path), closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as conn:
        conn.execute("PRAGMA query_only = ON")
        if not conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'told'").fetchone():
            return []
        # A book that was moved to another company or app is told of as it is now.
        latest = dict(conn.execute("SELECT book, tenant FROM counted ORDER BY day"))
        found = []
        for book, tenant in sorted(latest.items()):
            if books is None or book in books:
                stated = (allowances or {}).get(book) or _kept(conn, tenant)
                found.append(_usage(conn, book, stated, now))
        return found


def _kept(conn: sqlite3.Connection, tenant: str) -> Allowance:
    [text] = conn.execute("SELECT allowance FROM tenants WHERE tenant = ?", (tenant,)).fetchone()
    return msgspec.json.decode(text, type=Allowance)


def _usage(conn: sqlite3.Connection, book: str, allowance: Allowance, now: datetime) -> Usage:
    own, since = _counted(conn, "book", (book, allowance.tenant), now)
    shared, shared_since = _counted(conn, "pool", (allowance.pool,), now)
    sql = "SELECT coalesce(sum(calls), 0) FROM counted WHERE tenant = ? AND day = ?"
    [today] = conn.execute(sql, (allowance.tenant, day_of(now))).fetchone()
    row = conn.execute(STATE, (allowance.tenant,)).fetchone()
    state = state_of(row) if row else TenantState()
    known = allowance.per_day is not None or state.most > 0
    limited = allowance.reads_a_month if allowance.metered else None
    found = Usage(
        book=book,
        tenant=allowance.tenant,
        month=month_of(now),
        calls=own[0],
        reads=own[1],
        writes=own[2],
        bytes=own[3],
        today=today,
        day_limit=max(allowance.per_day or 0, state.most) if known else None,
        day_left=state.left(allowance.per_day, today, now),
        reads_limit=limited,
        shared_reads=shared[1],
        projected_reads=projected(shared[1], now, since=shared_since),
        bytes_limit=allowance.bytes_a_month if allowance.metered else None,
        shared_bytes=shared[3],
        projected_bytes=projected(shared[3], now, since=shared_since),
        projected_calls=projected(own[0], now, since=since),
        tier=allowance.tier,
        tier_unconfirmed=allowance.unconfirmed,
        paused_until=state.pause(now),
        used_up_until=state.used_up(now),
    )
    return msgspec.structs.replace(found, sentences=tuple(_sentences(found, now)))


def _counted(
    conn: sqlite3.Connection, of: Literal["book", "pool"], values: tuple[str, ...], now: datetime
) -> tuple[tuple[int, int, int, int], datetime | None]:
    """The sums of the month, and the day on which counting began."""
    *sums, first = conn.execute(_SUMS[of], (f"{month_of(now)}-%", *values)).fetchone()
    calls, reads, writes, size = (each or 0 for each in sums)
    return (calls, reads, writes, size), datetime.fromisoformat(first).replace(tzinfo=UTC) if first else None


def _sentences(it: Usage, now: datetime) -> Iterator[str]:
    found = it.course(now)
    if found.kind == "stop":
        when = f" before {found.until:%Y-%m-%d %H:%M} UTC" if found.until else " until more are given"
        yield f"{found.why}: nothing is synced and no note is written{when}"
    elif found.kind == "thin":
        hours = found.every // _HOUR
        yield f"{found.why}: a sync waits until the last is {hours} hour{'s' if hours > 1 else ''} old"
    if it.paused_until is not None:
        yield f"the service asked to rest until {it.paused_until:%Y-%m-%d %H:%M:%S} UTC"
    plan = f"the plan{f' {it.tier!r}' if it.tier else ''}"
    by = f"{next_month(now) - _DAY:%Y-%m-%d}"
    if it.reads_limit is not None and it.projected_reads > it.reads_limit:
        yield (
            f"{it.projected_reads:,} reads are to be expected by {by}, more than the {it.reads_limit:,} of "
            f"{plan}, after which the service refuses them"
        )
    if it.bytes_limit is not None and it.projected_bytes > it.bytes_limit:
        hearsay = " (a figure that is not confirmed)" if it.tier_unconfirmed else ""
        yield (
            f"{it.projected_bytes / 1e9:.1f} GB are to be expected by {by}, more than the "
            f"{it.bytes_limit / 1e9:.0f} GB of {plan}{hearsay}; what goes beyond costs money"
        )
