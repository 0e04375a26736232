"""Leases: one run at a time works on a book, and what a dead run has left behind is put in order."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from arsync.errors import Busy, FixSettings
from arsync.store import fence, story
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.fence import TTL, Claim
from arsync.store.queries import statements

_SQL = statements("leases")


def claim(
    store: Store,
    book: str,
    *,
    command: str,
    at: datetime,
    ttl: timedelta = TTL,
    clock: Callable[[], float] = time.time,
) -> Claim:
    """Claim the book for a run. Raises Busy, naming the holder, while another run's lease lasts.

    The lease of a process of this machine that is not there any more is taken over at once. What an
    older run was handing to the mail server when it ended is in doubt from now on; notes that it was
    writing are owed again. ``at`` is the run's time; leases themselves go by ``clock``.
    """
    now = clock()
    with store.writing() as conn:
        row = conn.execute(_SQL["holder"], (book,)).fetchone()
        if row is None:
            raise FixSettings(f"the database does not know a book {book}")
        if row[1] is not None and row[2] > fence.lease_text(now) and not _is_gone(row[1]):
            raise Busy(f"{_named(row[1])} works on the book {book} right now")
        mine = Claim(book, row[0] + 1, holder(), ttl, clock)
        conn.execute(_SQL["take"], (mine.holder, fence.lease_text(now + ttl.total_seconds()), book))
        conn.execute(_SQL["cut_short"], (book, mine.fence))
        conn.execute(_SQL["begin_run"], (book, mine.fence, command, instant(at)))
        _put_in_order(conn, mine, at)
    return mine


def _put_in_order(conn: sqlite3.Connection, claim: Claim, at: datetime) -> None:
    for id_, customer_id, handed_at, handed_on in conn.execute(
        _SQL["left_sending"], (claim.book, claim.fence)
    ).fetchall():
        reason = f"handed to the mail server at {handed_at}; the run ended before the answer was stored"
        conn.execute(_SQL["doubt"], (reason, claim.book, id_))
        story.log(
            conn,
            claim.book,
            "in-doubt",
            at=at,
            day=date.fromisoformat(handed_on),
            customer_id=customer_id,
            source=id_,
            detail=reason,
        )
    conn.execute(_SQL["still_owed"], (claim.book, claim.fence))


def renew(store: Store, claim: Claim) -> None:
    """Let the lease end a full term from now. Raises LostLease."""
    with store.writing(claim) as conn:
        fence.extend(conn, claim)


def release(
    store: Store, claim: Claim, *, outcome: str, at: datetime, api_calls: int = 0, bytes_: int = 0
) -> None:
    """End the run: its row in ``runs`` is closed and the book is free. A lost lease stays lost, silently."""
    with store.writing() as conn:
        conn.execute(_SQL["end_run"], (instant(at), outcome, api_calls, bytes_, claim.book, claim.fence))
        conn.execute(_SQL["free"], (claim.book, claim.fence))


def holder() -> str:
    """This process, as ``host:pid:start``. The host includes the namespace of its process numbers, so
    that containers with one host name are told apart; the start tells a number that was given again."""
    pid = os.getpid()
    return f"{_host()}:{pid}:{_started(pid)}"


def _host() -> str:
    try:
        space = f"/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        space = ""
    return socket.gethostname().replace(":", "-") + space


def _started(pid: int) -> str:
    """When the process began, in ticks since the machine did; '' where the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]  # field 22 of proc(5); the name before it may hold spaces


def _is_gone(holder: str) -> bool:
    """The holder was a process of this machine, and it is certain that it has ended."""
    host, _, rest = holder.partition(":")
    pid, _, started = rest.partition(":")
    if host != _host() or os.name != "posix" or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's process
        pass
    return bool(started) and _started(int(pid)) not in ("", started)


def _named(holder: str) -> str:
    host, _, rest = holder.partition(":")
    return f"process {rest.partition(':')[0]} on {host.partition('/')[0]}"
