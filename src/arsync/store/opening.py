"""Opening the file of a practice, and SQLite's complaints in words that tell what to do."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from arsync.errors import ArsyncError, FixSettings, TryLater
from arsync.private_files import Wide, narrow, private_file

WAIT_SECONDS = 10
# STRICT tables came with SQLite 3.37.
OLDEST = (3, 37, 0)
# WAL keeps its index in memory that all processes share, which a network file system cannot give
# (https://www.sqlite.org/wal.html). 9p is how WSL shows the drives of Windows.
REMOTE = re.compile(r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|fuse\.(sshfs|glusterfs|rclone|s3fs)")
_SETTINGS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    # Memory stays the same whatever the size of the books: the pages of a page of a pull fit, and the
    # rest is the system's to keep. The log may grow to 32 MB before it is worked in.
    "cache_size = -8192",
    "wal_autocheckpoint = 8192",
)


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """A connection set up for arsync: autocommit with explicit BEGIN, WAL, every commit on the disk.

    Raises FixSettings where the file cannot serve, TryLater when others keep it locked.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        raise FixSettings(f"arsync needs SQLite 3.37 or later; this Python has {sqlite3.sqlite_version}")
    _refuse_remote(path)
    _touch(path, create=create)
    with explained(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT_SECONDS)
        try:
            _set_up(connection)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns the faults of a file, a disk or a lock into errors that say what to do about them."""
    try:
        yield
    except sqlite3.Error as error:
        known = _in_words(path, getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if known is None:
            raise
        raise known from error
    except UnicodeDecodeError as error:
        # SQLite's complaint repeats a name of the schema, and what is damaged need not be text any more.
        if not error.object.startswith(b"malformed database schema"):
            raise
        raise _damaged(path) from error


def _in_words(path: Path, code: int) -> ArsyncError | None:
    """By SQLite's primary result codes, https://www.sqlite.org/rescode.html."""
    match code:
        case sqlite3.SQLITE_NOTADB:
            return FixSettings("this file is not a SQLite database", where=str(path))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
            return FixSettings("the file or its folder may not be written to", where=str(path))
        case sqlite3.SQLITE_FULL:
            return ArsyncError(
                f"{path}: the disk is full; nothing of this step was stored: make room and run it again"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return TryLater(f"{path}: another process kept the database locked; try again")
        case sqlite3.SQLITE_IOERR:
            return ArsyncError(
                f"{path}: the disk could not be read or written; nothing of this step was stored: see to the "
                "disk and run it again"
            )
        case sqlite3.SQLITE_CORRUPT:
            return _damaged(path)
    return None


def _damaged(path: Path) -> ArsyncError:
    return ArsyncError(f"{path}: the database is damaged; bring a backup back: `arsync restore FILE`")


def narrowed(path: Path, locks: Path) -> list[Wide]:
    """Take from others what rights they have on the database, its log and what lies in the folder of locks,
    where an older arsync or a copy left them any. Gives what was found so."""
    beside = [path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm")]
    shared = [locks, *sorted(locks.iterdir())] if locks.is_dir() else []
    return [found for each in (path, *beside, *shared) if (found := narrow(each)) is not None]


def _touch(path: Path, *, create: bool) -> None:
    """The file is there; one that is made here is its owner's alone."""
    if path.is_dir():
        raise FixSettings("this is a folder, not a database", where=str(path))
    if path.exists() and not path.is_file():
        raise FixSettings("this is not a file, so it is no database", where=str(path))
    if not path.parent.is_dir():
        raise FixSettings(f"the folder {path.parent} does not exist", where=str(path))
    if path.exists():
        return
    if not create:
        raise FixSettings("there is no database yet: run `arsync sync` first", where=str(path))
    try:
        private_file(path)
    except OSError as error:
        raise FixSettings(f"cannot be made: {error.strerror}", where=str(path)) from None


def _set_up(connection: sqlite3.Connection) -> None:
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    # The change to WAL needs the file alone and does not wait for it by itself.
    for tries_left in range(WAIT_SECONDS * 20, -1, -1):
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            time.sleep(0.05)


def _refuse_remote(path: Path) -> None:
    with suppress(OSError):  # no such list outside Linux
        kind = filesystem(path, Path("/proc/mounts").read_text(encoding="utf-8", errors="replace"))
        if REMOTE.fullmatch(kind):
            raise FixSettings(
                f"the file would lie on a network file system ({kind}), where SQLite cannot keep it safe; "
                "put the database on a disk of this machine",
                where=str(path),
                key="practice.database",
            )


def filesystem(path: Path, mounts: str) -> str:
    """The type of the file system that holds the path, by the lines of /proc/mounts; '' if none does."""
    kind, deepest = "", -1
    target = Path(os.path.realpath(path))  # as `resolve`, but for links in a circle too
    for line in mounts.splitlines():
        _, point, found, *_ = f"{line} - -".split(" ")
        mount = Path(re.sub(r"\\(\d{3})", lambda code: chr(int(code[1], 8)), point))
        if target.is_relative_to(mount) and len(mount.parts) >= deepest:
            kind, deepest = found, len(mount.parts)
    return kind
