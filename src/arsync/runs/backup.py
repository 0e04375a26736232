"""Back up a practice's database, and bring a backup back.

A restore works on a copy until it is ready, and then puts it in the database's place in one step: a kill
at any moment leaves the one or the other, whole. What was in place is kept aside.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from arsync.errors import ArsyncError, Busy, FixSettings
from arsync.practice import Practice
from arsync.runs.restored import reason_of
from arsync.store import Claim, Store
from arsync.store.backup import (
    Inside,
    copy,
    examine,
    free,
    free_name,
    look_inside,
    part_of,
    publish,
    put_aside,
    reading,
    settle,
)
from arsync.store.bringing_back import (
    TakenOver,
    begin_afresh,
    beside_the_old,
    books_aside,
    doubt_all,
    register,
    take_over,
)
from arsync.store.leases import claim, release, renew
from arsync.store.opening import explained
from arsync.store.restored import Window
from arsync.store.schema import migrate

FOLDER = "backups"
_TAIL = r"-\d{4}-\d{2}-\d{2}-\d{6}\.db"


class BackedUp(msgspec.Struct, frozen=True):
    """A backup that was made, and older ones that were deleted for it."""

    inside: Inside
    deleted: tuple[Path, ...]


class BookRestored(msgspec.Struct, frozen=True, kw_only=True):
    """A book after a restore. ``known`` is what was taken over from the database in place before, None
    where there was none to read; ``doubts`` are messages that were released in the backup and may have
    left; ``new`` tells that the backup did not know the book."""

    name: str
    known: TakenOver | None
    doubts: int
    new: bool = False

    @property
    def asks(self) -> bool:
        """Whether something may have left that is not known."""
        return self.known is None or not self.known.whole


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore has done. ``aside`` is where the database lies that was in place before; ``strange``
    are books of the backup that the practice file does not name."""

    inside: Inside
    window: Window
    aside: Path | None
    why_unread: str
    books: tuple[BookRestored, ...]
    strange: tuple[str, ...]


def back_up(store: Store, file: Path | None, *, keep: int | None, at: datetime) -> BackedUp:
    """Copy the database while runs go on: to ``file``, or to a dated name in the folder `backups` beside it,
    of which ``keep`` stay. Raises FixSettings where there is a file already."""
    if file is not None and keep is not None:
        raise FixSettings("it counts backups in the folder of backups; leave FILE out", where="--keep")
    target = file or _dated(store.path, at)
    if file is None:
        _folder(target.parent)
    elif not target.parent.is_dir():
        raise FixSettings(f"the folder {target.parent} does not exist", where=str(target))
    free(target)
    copy(store.connection, target, at=at)
    with reading(target) as connection:
        inside = look_inside(connection, target, at)
    return BackedUp(inside, () if keep is None else _only(target, store.path.stem, keep))


def _dated(database: Path, at: datetime) -> Path:
    name = f"{database.stem}-{at.astimezone(UTC):%Y-%m-%d-%H%M%S}.db"
    return database.parent / FOLDER / name


def _folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise FixSettings(f"cannot be made: {error.strerror}", where=str(folder)) from None


def _only(newest: Path, stem: str, keep: int) -> tuple[Path, ...]:
    """Delete the oldest backups of this database, by the dates in their names, beyond so many."""
    ours = re.compile(re.escape(stem) + _TAIL)
    there = sorted(path for path in newest.parent.iterdir() if ours.fullmatch(path.name) and path != newest)
    gone = there[: max(0, len(there) - (keep - 1))]
    for path in gone:
        path.unlink(missing_ok=True)
    return tuple(gone)


def look(practice: Practice, file: Path) -> Inside:
    """What a file would bring back. Raises FixSettings for one that cannot serve this practice."""
    if file.exists() and practice.database.exists() and file.samefile(practice.database):
        raise FixSettings("this is the database itself, not a backup of it", where=str(file))
    inside = examine(file)
    names = [book.name for book in inside.books]
    if not set(names).intersection(practice.books):
        raise FixSettings(
            f"this is the backup of another practice: it has the books {', '.join(names) or 'none'}, and "
            f"arsync.toml has {', '.join(practice.books) or 'none'}",
            where=str(file),
        )
    for book in inside.books:
        settings = practice.books.get(book.name)
        if settings is not None and settings.connector != book.connector:
            raise FixSettings(
                f"the backup knows the book {book.name} as one of {book.connector}, not of "
                f"{settings.connector}; it is the backup of another practice",
                where=str(file),
            )
    return inside


def restore(practice: Practice, inside: Inside, *, at: datetime) -> Restored:
    """Bring a backup back that was looked into. Raises ArsyncError, and changes nothing, while a run works
    on any book, FixSettings for one of other companies, and what opening the database raises but for
    damage."""
    since = inside.made_at or datetime.fromtimestamp(0, UTC)
    window = Window(min(since, at), at)
    with (
        _in_place(practice.database, inside, at) as old,
        part_of(practice.database) as part,
        closing(sqlite3.connect(part, isolation_level=None, uri=True)) as made,
    ):
        with reading(inside.path) as source:
            source.backup(made)
        with explained(practice.database):
            made.execute("DROP TABLE IF EXISTS _backup")
            migrate(made, inside.path)
            books = _made_ready(made, practice, old.copy, window)
        settle(made, practice.database)
        old.give_way(made, part)
    return Restored(
        inside=inside,
        window=window,
        aside=old.aside,
        why_unread=old.why_unread,
        books=books,
        strange=tuple(book.name for book in inside.books if book.name not in practice.books),
    )


def _made_ready(
    made: sqlite3.Connection, practice: Practice, aside: Path | None, window: Window
) -> tuple[BookRestored, ...]:
    found = []
    with beside_the_old(made, aside):
        before = {} if aside is None else books_aside(made)
        wanted = {it.name: it.connector for it in practice.books.values()}
        new = register(made, {**before, **wanted})
        kept = made.execute("SELECT book, timezone FROM books ORDER BY book").fetchall()
        for name, timezone in kept:
            known = take_over(made, name, window.until) if name in before else None
            begin_afresh(made, name, known_fence=aside is not None)
            doubts = 0
            if known is None or not known.whole:
                doubts = doubt_all(
                    made,
                    name,
                    lambda since: reason_of(window._replace(since=since)),
                    since=window.since,
                    at=window.until,
                    zone=_zone(practice, name, timezone),
                )
            found.append(BookRestored(name=name, known=known, doubts=doubts, new=name in new))
    return tuple(found)


def _zone(practice: Practice, name: str, timezone: str | None) -> ZoneInfo:
    settings = practice.books.get(name)
    wanted = (settings.timezone if settings else None) or timezone
    if wanted is None:
        from tzlocal import get_localzone_name

        wanted = get_localzone_name() or "UTC"
    return ZoneInfo(wanted)


class _Old:
    """The database in place. ``copy`` is where it was copied to, where it can be read."""

    def __init__(self, database: Path, at: datetime) -> None:
        self._database = database
        self.aside: Path | None = free_name(database, at)
        self.copy: Path | None = None
        self.why_unread = ""
        self._store: Store | None = None
        self._claims: list[Claim] = []

    def open(self, inside: Inside, at: datetime) -> None:
        """Claim all its books, so that no run works on any, and copy it. Raises ArsyncError where one is,
        and FixSettings where a book of it is of another company than in the backup."""
        assert self.aside is not None
        self.why_unread = _unreadable(self._database)
        if self.why_unread:
            if not self._database.exists():
                self.aside = None
            return
        self._store = Store.open(self._database, create=False)
        _same_companies(inside, self._store)
        for (book,) in self._store.rows("SELECT book FROM books ORDER BY book"):
            self._claims.append(_claimed(self._store, book, at))
        copy(self._store.connection, self.aside, at=at)
        self.copy = self.aside

    def give_way(self, made: sqlite3.Connection, part: Path) -> None:
        """Put what was made in its place: into the same file, in one transaction of its own, where others may
        have it open; else under its name."""
        if self._store is None:
            made.close()
            put_aside(self._database, self.aside or free_name(self._database, datetime.now(UTC)))
            publish(part, self._database)
            return
        for each in self._claims:
            renew(self._store, each)
        with explained(self._database):
            made.backup(self._store.connection)
        self._claims.clear()  # they are gone with the books that they were on

    def close(self, at: datetime) -> None:
        if self._store is not None:
            for each in self._claims:
                release(self._store, each, outcome="failed", at=at)
            self._store.close()


@contextmanager
def _in_place(database: Path, inside: Inside, at: datetime) -> Iterator[_Old]:
    old = _Old(database, at)
    try:
        old.open(inside, at)
        yield old
    finally:
        old.close(at)


def _same_companies(inside: Inside, store: Store) -> None:
    """What is known of one company must not be taken over into the book of another."""
    for book in inside.books:
        sql = "SELECT tenant, name FROM books WHERE book = ? AND tenant <> ?"
        for tenant, company in store.rows(sql, (book.name, book.tenant)):
            raise FixSettings(
                f"the backup has in the book {book.name} the records of {book.company} ({book.tenant}), and "
                f"the database in place those of {company} ({tenant}); it is the backup of another practice. "
                "Nothing was changed",
                where=str(inside.path),
            )


def _claimed(store: Store, book: str, at: datetime) -> Claim:
    try:
        return claim(store, book, command="restore", at=at)
    except Busy as error:
        raise ArsyncError(f"{error}; nothing was restored, try again when it is done") from None


def _unreadable(database: Path) -> str:
    """Why nothing can be read out of a database, '' where it can. One that is not there, is no database or is
    damaged may give way; whatever else is wrong with it is for its owner, and opening it tells."""
    if not database.exists():
        return "there was no database"
    try:
        with reading(database) as connection:
            found: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except ArsyncError as error:
        cause = error.__cause__
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        unreadable = isinstance(cause, UnicodeDecodeError)  # its schema has a name that is no text
        if unreadable or code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return "it could not be read"
        raise
    return "" if found == "ok" else "it is damaged"


def missing(practice: Practice, inside: Inside) -> list[str]:
    """The practice's books that a backup does not know."""
    known = {book.name for book in inside.books}
    return [name for name in practice.books if name not in known]
