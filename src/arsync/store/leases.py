"""Leases: one run at a time works on a book, and what a dead run has left behind is put in order."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from arsync.errors import Busy, FixSettings
from arsync.store import fence, story
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.fence import TTL, Claim
from arsync.store.queries import statements
from arsync.store.runs import problem_of, trouble_of

_SQL = statements("leases")


def claim(
    store: Store,
    book: str,
    *,
    command: str,
    at: datetime,
    ttl: timedelta = TTL,
    clock: Callable[[], float] = time.time,
    run_id: str = "",
) -> Claim:
    """Claim the book for a run. Raises Busy, naming the holder, while another run's lease lasts.

    The lease of a process of this machine that is not there any more is taken over at once. What an
    older run was handing to the mail server when it ended is in doubt from now on; notes that it was
    writing are owed again. ``at`` is the run's time; leases themselves go by ``clock``. ``run_id`` is what
    its log lines bear.

    One who comes too late writes nothing, but for a lease that ends later than one full term from now: a
    clock that was ahead wrote it, and it is cut to a term, so that no book is locked for longer.
    """
    now = clock()
    latest = fence.lease_text(now + ttl.total_seconds())
    with store.writing() as conn:
        row = conn.execute(_SQL["holder"], (book,)).fetchone()
        if row is None:
            raise FixSettings(f"the database does not know a book {book}")
        number, whose, until = row
        if whose is None or until <= fence.lease_text(now) or _is_gone(whose):
            mine = Claim(book, number + 1, holder(), ttl, clock)
            conn.execute(_SQL["take"], (mine.holder, latest, book))
            conn.execute(_SQL["cut_short"], (book, mine.fence))
            conn.execute(_SQL["begin_run"], (book, mine.fence, command, instant(at), run_id))
            _put_in_order(conn, mine, at)
            return mine
        if until > latest:
            conn.execute(_SQL["shorten"], (latest, book))
    raise Busy(f"{_named(whose)} works on the book {book} right now")


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


@contextmanager
def holding(store: Store, claim: Claim) -> Iterator[None]:
    """A moment in which nobody can take the book over, for what cannot be taken back. It has to be short:
    nobody else writes meanwhile. Raises LostLease before it begins; the lease begins anew with it."""
    with store.writing(claim) as conn:
        fence.extend(conn, claim)
        yield


def release(
    store: Store,
    claim: Claim,
    *,
    outcome: str,
    at: datetime,
    api_calls: int = 0,
    bytes_: int = 0,
    problem: BaseException | None = None,
) -> None:
    """End the run: its row in ``runs`` is closed and the book is free. Where another run took the book over
    it has closed the row too, and nothing is written."""
    with store.writing() as conn:
        [(number, _, _)] = conn.execute(_SQL["holder"], (claim.book,)).fetchall()
        if number != claim.fence:
            return
        why = ("", "") if problem is None else (problem_of(problem), trouble_of(problem))
        ended = (instant(at), outcome, api_calls, bytes_, *why)
        conn.execute(_SQL["end_run"], (*ended, claim.book, claim.fence))
        conn.execute(_SQL["free"], (claim.book, claim.fence))


@contextmanager
def briefly(
    store: Store, book: str, *, command: str, clock: Callable[[], datetime], done: str
) -> Iterator[Claim]:
    """The book for a task that is no run of the ladder. It ends as ``done``, or with what went wrong.
    Raises Busy."""
    lease, problem = claim(store, book, command=command, at=clock()), None
    try:
        yield lease
    except BaseException as error:
        problem = error
        raise
    finally:
        outcome = done if problem is None else "failed"
        release(store, lease, outcome=outcome, at=clock(), problem=problem)


def at_work(store: Store, book: str, *, clock: Callable[[], float] = time.time) -> str | None:
    """Who works on the book right now; None where nobody does."""
    rows = store.rows(_SQL["holder"], (book,))
    _, whose, until = rows[0] if rows else (0, None, None)
    if whose is None or until <= fence.lease_text(clock()) or _is_gone(whose):
        return None
    return _named(whose)


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
    return _stat(pid)[19]  # field 22 of proc(5)


def _stat(pid: int) -> list[str]:
    """The fields of proc(5) from the third on, empty ones where the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return [""] * 20
    return stat.rpartition(")")[2].split()  # the name before it may hold spaces


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
    # One that nobody has waited for yet keeps its number.
    return _stat(int(pid))[0] in ("Z", "X") or (bool(started) and _started(int(pid)) not in ("", started))


def _named(holder: str) -> str:
    host, _, rest = holder.partition(":")
    return f"process {rest.partition(':')[0]} on {host.partition('/')[0]}"
