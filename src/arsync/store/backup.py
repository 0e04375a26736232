"""Copies of a practice's database: made while others write, examined, and put in its place.

SQLite's own backup makes them (https://www.sqlite.org/backup.html): whatever is committed while it copies
is in the copy wholly or not at all. A copy is one file without a log beside it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from arsync.errors import ArsyncError, FixSettings
from arsync.store.columns import instant, moment
from arsync.store.opening import explained
from arsync.store.queries import statements
from arsync.store.schema import applied

PART = ".arsync-part"
_SQL = statements("restored")
# A table of the copy alone, which tells when it was made. Its name keeps it out of the tables of arsync.
_STAMP = "CREATE TABLE _backup (made_at TEXT NOT NULL)"


class BookInside(msgspec.Struct, frozen=True, kw_only=True):
    """A book in a copy: its open invoices and sent messages are counted, ``synced_at`` is in UTC. Of its
    company the id and the name in the accounting system, once it was asked."""

    name: str
    connector: str
    tenant: str | None
    company: str | None
    synced_at: datetime | None
    open_invoices: int
    sent: int


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy holds. ``made_at`` (UTC) is when it was made or, where it does not tell, the last thing
    that happened in it; None where nothing ever did. ``size`` is in bytes."""

    path: Path
    size: int
    made_at: datetime | None
    books: tuple[BookInside, ...]


def copy(source: sqlite3.Connection, target: Path, *, at: datetime) -> None:
    """Write a copy of what is committed now, under its name only once it is whole and on the disk; readable
    by its owner alone. Raises FixSettings where there is something under that name, and for a folder that
    may not be written to, ArsyncError for a full disk or a damaged database."""
    with part_of(target) as part:
        with closing(sqlite3.connect(part, isolation_level=None)) as made:
            with explained(target):
                source.backup(made)  # all pages at once: one read transaction, which no writer waits for
                made.execute("DROP TABLE IF EXISTS _backup")
                made.execute(_STAMP)
                made.execute("INSERT INTO _backup VALUES (?)", (instant(at),))
            settle(made, target)
        publish(part, target)


def settle(made: sqlite3.Connection, target: Path) -> None:
    """Make one file of it, and make sure that it is sound. Raises ArsyncError."""
    with explained(target):
        made.execute("PRAGMA journal_mode = DELETE")
        if (found := made.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
            raise ArsyncError(f"{target}: the copy is damaged ({found}), so it was not kept")


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """An empty file beside the target, for its owner alone, to be filled and published; gone afterwards.

    What a process that was killed has left there is removed first.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}{PART}")
    try:
        for left in target.parent.glob(f".*{PART}*"):
            _remove_left_over(left)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise FixSettings(f"cannot be written: {error.strerror}", where=str(target)) from None
    try:
        yield part
    finally:
        for name in (part, *beside(part), part.with_name(f"{part.name}-journal")):
            name.unlink(missing_ok=True)


def _remove_left_over(part: Path) -> None:
    """Remove a file that a process of this machine was filling when it ended."""
    pid = part.name.partition(PART)[0].rpartition(".")[2]
    if os.name != "posix" or not pid.isdigit():
        return
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        part.unlink(missing_ok=True)
    except OSError:  # somebody else's process, which is there
        pass


def free(target: Path) -> None:
    """Raises FixSettings where something has this name already."""
    if target.exists():
        raise _taken(target)


def _taken(target: Path) -> FixSettings:
    if target.is_dir():
        return FixSettings("this is a folder; name a file in it", where=str(target))
    return FixSettings("there is a file already; it was left as it is", where=str(target))


def publish(part: Path, target: Path) -> None:
    """Give a filled file its name, which must be free. Raises FixSettings where it is not."""
    _on_disk(part)
    try:
        os.link(part, target)  # never over another file, and whole or not at all
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        if target.exists():
            raise _taken(target) from None
        try:
            part.rename(target)  # a file system without links
        except OSError:
            raise FixSettings(f"cannot be written: {error.strerror}", where=str(target)) from None
    _on_disk(target.parent)


def beside(database: Path) -> tuple[Path, Path]:
    """The log of a database and the index of that log."""
    return database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm")


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        if not path.is_dir():  # not every file system does so for folders
            raise
    finally:
        os.close(handle)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads a file, as its owner may have copied it here. Raises FixSettings."""
    if not path.is_file():
        problem = "this is a folder" if path.is_dir() else "there is no such file"
        raise FixSettings(f"{problem}; name the file of a backup", where=str(path))
    with explained(path), closing(_read_only(path)) as connection:
        yield connection


def _read_only(path: Path) -> sqlite3.Connection:
    """Also where the file is on a medium that may not be written to: then it has no log to be read."""
    address = path.absolute().as_uri()
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        connection = sqlite3.connect(f"{address}?{mode}", uri=True, isolation_level=None)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if "immutable" in mode:
                raise
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise AssertionError("unreachable")


def examine(path: Path) -> Inside:
    """What a file holds that is to be brought back. Raises FixSettings for a file that is no database of
    arsync or one of a newer arsync, ArsyncError for one that is damaged."""
    with reading(path) as connection:
        if not applied(connection, path):
            raise FixSettings("this database is empty; it is no backup of arsync", where=str(path))
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found == "ok" and (stray := connection.execute("PRAGMA foreign_key_check").fetchone()):
            found = f"a row of {stray[0]} belongs to nothing"
        if found != "ok":
            raise ArsyncError(f"{path}: this file is damaged ({found}); take another backup")
        return Inside(
            path=path, size=path.stat().st_size, made_at=_made_at(connection), books=_books(connection)
        )


def look_inside(connection: sqlite3.Connection, path: Path, at: datetime) -> Inside:
    """What a copy holds that was made at this instant."""
    return Inside(path=path, size=path.stat().st_size, made_at=at, books=_books(connection))


def _made_at(connection: sqlite3.Connection) -> datetime | None:
    has = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if connection.execute(has, ("_backup",)).fetchone():
        return datetime.fromisoformat(connection.execute("SELECT made_at FROM _backup").fetchone()[0])
    [(last,)] = connection.execute(_SQL["last_happening"]).fetchall()
    return moment(last)


def _books(connection: sqlite3.Connection) -> tuple[BookInside, ...]:
    return tuple(
        BookInside(
            name=name,
            connector=connector,
            tenant=tenant,
            company=company,
            synced_at=moment(synced),
            open_invoices=open_,
            sent=sent,
        )
        for name, connector, tenant, company, synced, open_, sent in connection.execute(_SQL["inside"])
    )


def free_name(database: Path, at: datetime) -> Path:
    """A name beside the database that nothing has: `arsync.db.before-restore-2026-11-23-080000`."""
    name = f"{database.name}.before-restore-{at.astimezone(UTC):%Y-%m-%d-%H%M%S}"
    number = 1
    while (path := database.with_name(name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return path


def put_aside(database: Path, aside: Path) -> None:
    """Rename a database that cannot be read, or what is left of one, with its log. Raises FixSettings."""
    try:
        for old, new in zip((*beside(database), database), (*beside(aside), aside), strict=True):
            if old.exists():
                old.rename(new)
    except OSError as error:
        raise FixSettings(f"cannot be put aside: {error.strerror}", where=str(database)) from None
