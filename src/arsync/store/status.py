"""How a book is doing, as its tables tell it: its last runs, what waits, what is owed, what is strange."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import msgspec

from arsync.store.columns import day_of, instant, moment
from arsync.store.database import Store
from arsync.store.leases import at_work
from arsync.store.queries import statements
from arsync.store.rebuild import strange_marks
from arsync.store.runs import Trouble, unsent

_SQL = statements("status")
# Runs that are shown, and hours with a sync that a rhythm is taken from: eight weeks of them, and more.
RUNS, BEATS = 5, 1500

Outcome = Literal["done", "failed", "cut short", "at work"]


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One run. ``expected`` None: it was not to send anything, or did not come so far; ``unsent`` is why
    some did not leave, by what became of them."""

    id: str
    command: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    problem: str
    trouble: Trouble
    expected: int | None
    sent: int | None
    unsent: dict[str, int]
    notes_written: int | None
    calls: int
    bytes: int

    @property
    def unreached(self) -> int:
        """How many messages it was to send and did not come to."""
        return max((self.expected or 0) - (self.sent or 0) - sum(self.unsent.values()), 0)


class BookFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All counts are of this moment. ``synced_at`` is the last complete pull, also of a run that failed
    later; ``beats`` are instants of syncs of the past. ``restored_from`` is set as long as a restored book
    has not looked what may have left."""

    name: str = ""
    timezone: str | None = None
    complete: bool = False
    synced_at: datetime | None = None
    failing_since: datetime | None = None
    live_on: date | None = None
    restored_from: datetime | None = None
    working: str | None = None
    runs: tuple[RunFacts, ...] = ()
    beats: tuple[datetime, ...] = ()
    approved: int = 0
    sending: int = 0
    in_doubt: int = 0
    failed: int = 0
    notes_owed: int = 0
    notes_owed_since: datetime | None = None
    notes_failed: int = 0
    rejects: int = 0
    unreconciled: int = 0
    strangers: int = 0
    strangers_since: datetime | None = None


class Disk(msgspec.Struct, frozen=True):
    """The database's size and the room left on its disk, in bytes."""

    path: Path
    size: int
    free: int


class Given(msgspec.Struct, frozen=True):
    """An alert that was given and is not over. ``since`` is when its trouble began."""

    book: str
    what: str
    since: str


def book_facts(store: Store, book: str) -> BookFacts:
    """How a book is doing; nothing is known of one that no command has opened yet."""
    rows = store.rows(_SQL["book"], (book,))
    if not rows:
        return BookFacts()
    company, timezone, complete, synced_at, live_on, restored_from = rows[0]
    counts: dict[str, int] = dict(store.rows(_SQL["messages"], (book,)))
    notes = {status: (number, since) for status, number, since in store.rows(_SQL["notes"], (book,))}
    owed = [notes[status] for status in ("owed", "writing") if status in notes]
    strangers = strange_marks(store, book)
    working = at_work(store, book)
    return BookFacts(
        name=company or "",
        timezone=timezone,
        complete=bool(complete),
        synced_at=moment(synced_at),
        failing_since=moment(store.rows(_SQL["failing_since"], {"book": book})[0][0]),
        live_on=day_of(live_on),
        restored_from=moment(restored_from),
        working=working,
        runs=tuple(_runs(store, book, at_work=working is not None)),
        beats=tuple(datetime.fromisoformat(at) for (at,) in store.rows(_SQL["beats"], (book, BEATS))),
        approved=counts.get("approved", 0),
        sending=counts.get("sending", 0),
        in_doubt=counts.get("in-doubt", 0),
        failed=counts.get("failed", 0),
        notes_owed=sum(number for number, _ in owed),
        notes_owed_since=moment(min((since for _, since in owed), default=None)),
        notes_failed=notes.get("failed", (0, None))[0],
        rejects=store.rows(_SQL["rejects"], (book,))[0][0],
        unreconciled=store.rows(_SQL["unreconciled"], (book,))[0][0],
        strangers=len({it.message for it in strangers}),
        strangers_since=moment(min((it.seen_at for it in strangers), default=None)),
    )


def _runs(store: Store, book: str, *, at_work: bool) -> Iterable[RunFacts]:
    """The newest first. One that has not ended is at work, or was killed."""
    for number, row in enumerate(store.rows(_SQL["runs"], (book, RUNS))):
        id_, command, started, ended, outcome, problem, trouble, expected, sent, lines, notes, calls, size = (
            row
        )
        if ended is None:
            outcome = "at work" if at_work and number == 0 else "cut short"
        elif outcome not in ("failed", "cut short"):
            outcome = "done"
        yield RunFacts(
            id=id_,
            command=command,
            started_at=datetime.fromisoformat(started),
            ended_at=moment(ended),
            outcome=outcome,
            problem=problem,
            trouble=trouble,
            expected=expected,
            sent=sent,
            unsent=unsent(lines),
            notes_written=notes,
            calls=calls,
            bytes=size,
        )


def disk_of(store: Store) -> Disk:
    """The database with its journal, and the room that is left for it."""
    files = [store.path, store.path.with_name(f"{store.path.name}-wal")]
    size = sum(file.stat().st_size for file in files if file.exists())
    return Disk(store.path, size, shutil.disk_usage(store.path.parent).free)


def given(store: Store) -> list[Given]:
    """The alerts of all books that were given and are not over."""
    return [Given(*row) for row in store.rows(_SQL["alerts"])]


def alerted(store: Store, new: Iterable[Given], over: Iterable[Given], at: datetime) -> None:
    """These alerts were given, and of those it was told that they are over."""
    with store.writing() as conn:
        for it in new:
            conn.execute(_SQL["alert_given"], (it.book, it.what, it.since, instant(at)))
        for it in over:
            conn.execute(_SQL["alert_over"], (it.book, it.what))
