"""The counts of calls, shared by all processes of a practice: a few tables beside the rate buckets.

They are no part of the practice's database: a call is counted also by a run that has lost its lease, and
a count that is lost with the file loses nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from arsync.connector.allowance import Allowance
from arsync.connector.thrift import day_left, month_of
from arsync.errors import ArsyncError

FILE = "limits.db"
# How long one process waits for another's write, each of which is a matter of microseconds.
BUSY_SECONDS = 10.0

_TABLES = """
CREATE TABLE IF NOT EXISTS tenants (
    tenant TEXT NOT NULL PRIMARY KEY,
    allowance TEXT NOT NULL,
    day_left INTEGER,                      -- as the service last told, with when, and the calls since
    told_at TEXT,
    since INTEGER NOT NULL DEFAULT 0,
    paused_at TEXT,
    paused_until TEXT,
    used_up_at TEXT,
    used_up_until TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counted (
    book TEXT NOT NULL,
    tenant TEXT NOT NULL,
    pool TEXT NOT NULL,
    day TEXT NOT NULL,                     -- of UTC
    calls INTEGER NOT NULL DEFAULT 0,
    reads INTEGER NOT NULL DEFAULT 0,      -- that came to their end and that the vendor's plan counts
    writes INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (book, tenant, pool, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS told (
    tenant TEXT NOT NULL,
    day TEXT NOT NULL,                     -- of UTC; those of the last week
    most INTEGER NOT NULL,                 -- the most that was told to be left on it
    PRIMARY KEY (tenant, day)
) STRICT, WITHOUT ROWID;
"""
STATE = """
SELECT day_left, told_at, since, (SELECT coalesce(max(most), 0) FROM told WHERE told.tenant = tenants.tenant),
    paused_at, paused_until, used_up_at, used_up_until
FROM tenants WHERE tenant = ?
"""
_BEGUN = """
INSERT INTO counted (book, tenant, pool, day, calls) VALUES (?, ?, ?, ?, 1)
ON CONFLICT DO UPDATE SET calls = calls + 1
"""
_TOLD = "UPDATE tenants SET day_left = ?, told_at = ?, since = 0 WHERE tenant = ?"
# A plan that became smaller is known by the days of a week; the most of all times would be short for ever.
_WEEK = timedelta(days=7)
_PAST = "DELETE FROM told WHERE tenant = ? AND day NOT BETWEEN ? AND ?"
_MOST = "INSERT INTO told VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET most = max(most, excluded.most)"
_ENDED = """
UPDATE counted SET reads = reads + ?, writes = writes + ?, bytes = bytes + ?
WHERE book = ? AND tenant = ? AND pool = ? AND day = ?
"""


class TenantState(msgspec.Struct, frozen=True):
    """What is known of a tenant. The instants are UTC."""

    day_left: int | None = None
    told_at: datetime | None = None
    since: int = 0
    most: int = 0
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    used_up_at: datetime | None = None
    used_up_until: datetime | None = None

    def pause(self, now: datetime) -> datetime | None:
        """Until when the tenant rests. What a clock ahead of ours has written down does not count."""
        return _standing(self.paused_at, self.paused_until, now)

    def used_up(self, now: datetime) -> datetime | None:
        """Until when the service refuses for the rest of its day."""
        return _standing(self.used_up_at, self.used_up_until, now)

    def left(self, per_day: int | None, today: int, now: datetime) -> int | None:
        """The calls left of the day; None where nobody knows a limit."""
        return day_left(
            told=self.day_left,
            told_at=self.told_at,
            since=self.since,
            most=self.most,
            renewed_at=self.used_up_until,
            per_day=per_day,
            today=today,
            now=now,
        )


class Spending:
    """The counts in one folder. Raises ArsyncError where the file cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / FILE
        with explained(self.path):
            self.path.touch(mode=0o600)
            self._conn = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            try:
                self._conn.execute("PRAGMA journal_mode = WAL")
                self._conn.execute("PRAGMA synchronous = NORMAL")
                self._conn.executescript(_TABLES)
            except BaseException:
                self._conn.close()
                raise

    def close(self) -> None:
        self._conn.close()

    def register(self, allowance: Allowance) -> None:
        """Keep a tenant's limits for those who only look."""
        text = msgspec.json.encode(allowance).decode()
        sql = """INSERT INTO tenants (tenant, allowance) VALUES (?, ?)
                 ON CONFLICT (tenant) DO UPDATE SET allowance = excluded.allowance
                 WHERE allowance IS NOT excluded.allowance"""
        self._write((sql, (allowance.tenant, text)))

    def begun(self, book: str, allowance: Allowance, at: datetime) -> None:
        """A call leaves: it counts from now on, whatever becomes of it and of this process."""
        place = (book, allowance.tenant, allowance.pool, day_of(at))
        since = "UPDATE tenants SET since = since + 1 WHERE tenant = ? AND day_left IS NOT NULL"
        self._write((_BEGUN, place), (since, (allowance.tenant,)))

    def ended(
        self,
        book: str,
        allowance: Allowance,
        begun: datetime,
        at: datetime,
        *,
        read: bool,
        written: bool,
        size: int,
        left: int | None,
    ) -> None:
        """An answer came; ``left`` are the calls of the day that it tells of."""
        place = (book, allowance.tenant, allowance.pool, day_of(begun))
        counted = (_ENDED, (int(read), int(written), size, *place))
        if left is None:
            self._write(counted)
            return
        tenant = allowance.tenant
        self._write(
            counted,
            (_TOLD, (left, at.isoformat(), tenant)),
            (_PAST, (tenant, day_of(at - _WEEK), day_of(at))),
            (_MOST, (tenant, day_of(at), left)),
        )

    def pause(self, tenant: str, at: datetime, until: datetime) -> None:
        """The tenant rests until then; a longer rest that stands already stays."""
        sql = """UPDATE tenants SET paused_at = :at, paused_until = :until WHERE tenant = :tenant
                 AND (paused_until IS NULL OR paused_at > :at OR paused_until < :until)"""
        self._write((sql, {"tenant": tenant, "at": at.isoformat(), "until": until.isoformat()}))

    def rested(self, tenant: str, until: datetime) -> None:
        """A call went through after this rest: it is over for everybody."""
        sql = "UPDATE tenants SET paused_at = NULL, paused_until = NULL WHERE tenant = ? AND paused_until = ?"
        self._write((sql, (tenant, until.isoformat())))

    def used_up(self, tenant: str, at: datetime, until: datetime) -> None:
        """The service refuses until then."""
        sql = "UPDATE tenants SET used_up_at = ?, used_up_until = ? WHERE tenant = ?"
        self._write((sql, (at.isoformat(), until.isoformat(), tenant)))

    def state(self, tenant: str) -> TenantState:
        with explained(self.path):
            row = self._conn.execute(STATE, (tenant,)).fetchone()
        return state_of(row) if row else TenantState()

    def today(self, tenant: str, at: datetime) -> int:
        """The calls to a tenant on the day of UTC."""
        sql = "SELECT coalesce(sum(calls), 0) FROM counted WHERE tenant = ? AND day = ?"
        return int(self._one(sql, (tenant, day_of(at))))

    def reads(self, pool: str, at: datetime) -> int:
        """The reads of an app in the month of UTC."""
        sql = "SELECT coalesce(sum(reads), 0) FROM counted WHERE pool = ? AND day LIKE ?"
        return int(self._one(sql, (pool, f"{month_of(at)}-%")))

    def _one(self, sql: str, values: tuple[object, ...]) -> Any:
        with explained(self.path):
            return self._conn.execute(sql, values).fetchone()[0]

    def _write(self, *statements: tuple[str, Any]) -> None:
        with explained(self.path):
            self._conn.execute("BEGIN IMMEDIATE")
            try:
                for sql, values in statements:
                    self._conn.execute(sql, values)
                self._conn.execute("COMMIT")
            except BaseException:
                if self._conn.in_transaction:
                    self._conn.execute("ROLLBACK")
                raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite and the system say about the file, in words."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise ArsyncError(
            f"calls cannot be counted in {path} ({error}); see to the disk and the rights of the folder, "
            "then try again"
        ) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # SQLite's complaint repeats a name of the schema, and what is damaged need not be text any more.
        if type(error) not in (sqlite3.DatabaseError, UnicodeDecodeError):
            raise  # a wrong statement is a fault of arsync's
        raise ArsyncError(
            f"{path} is damaged; remove it and try again: only counts of calls are lost with it"
        ) from None


def day_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d}"


def state_of(row: tuple[Any, ...]) -> TenantState:
    """What the columns ``STATE`` of a tenant say."""
    left, told_at, since, most, *instants = row
    return TenantState(left, _instant(told_at), since, most, *map(_instant, instants))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _standing(at: datetime | None, until: datetime | None, now: datetime) -> datetime | None:
    return until if at is not None and until is not None and at <= now < until else None
