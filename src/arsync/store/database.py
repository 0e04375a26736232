"""The database of a practice: opened, checked and migrated; reading and writing transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from arsync.errors import FixSettings
from arsync.private_files import Wide, private_folder
from arsync.store import fence
from arsync.store.fence import Claim
from arsync.store.opening import connect, explained, narrowed
from arsync.store.schema import migrate

Row = tuple[Any, ...]


class Store:
    """All books of a practice in one SQLite file. One Store serves one thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection, self.path = connection, path
        self._writing = False
        self.widths: list[Wide] = []
        """Files and folders that others had rights on when it was opened."""

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Self:
        """Open the file, making it if need be, and bring its tables up to date.

        Raises FixSettings where the file cannot serve: missing with ``create`` False, not a database,
        not ours, read-only, on a network file system, or written by a newer arsync.
        """
        connection = connect(path, create=create)
        try:
            with explained(path):
                migrate(connection, path)
        except BaseException:
            connection.close()
            raise
        store = cls(connection, path)
        store.widths = narrowed(path, store._locks)
        return store

    @property
    def locks(self) -> Path:
        """The folder beside the file for what processes share besides it: locks and rate budgets. Raises
        FixSettings where there can be none."""
        try:
            private_folder(self._locks)
        except FileExistsError:
            problem = (
                "this is not a folder, and arsync keeps its locks and its counts of calls in one of this "
                "name; move it away, and the folder is made anew"
            )
            raise FixSettings(problem, where=str(self._locks)) from None
        except OSError as error:
            problem = f"this folder of locks cannot be made: {error.strerror}"
            raise FixSettings(problem, where=str(self._locks)) from None
        return self._locks

    @property
    def _locks(self) -> Path:
        return self.path.with_name(f"{self.path.name}-locks")

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def writing(self, claim: Claim | None = None) -> Iterator[sqlite3.Connection]:
        """One write transaction, begun IMMEDIATE; whatever is raised inside rolls it back. One that is
        begun inside another is part of it.

        With a claim: raises LostLease, and writes nothing, when the claim does not stand any more.
        """
        conn = self.connection
        with explained(self.path):
            if self._writing:
                if claim is not None:
                    fence.check(conn, claim)
                yield conn
                return
            conn.execute("BEGIN IMMEDIATE")
            self._writing = True
            try:
                if claim is not None:
                    fence.check(conn, claim)
                yield conn
                conn.execute("COMMIT")
            except BaseException:
                if conn.in_transaction:  # a full disk may have ended it already
                    conn.execute("ROLLBACK")
                raise
            finally:
                self._writing = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several queries that see one state of the database."""
        conn = self.connection
        with explained(self.path):
            if conn.in_transaction:
                yield conn
                return
            conn.execute("BEGIN")
            try:
                yield conn
            finally:
                conn.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """All rows of one query."""
        with explained(self.path):
            return self.connection.execute(sql, parameters).fetchall()

    def others(self) -> int:
        """A number that is another one after somebody else has written; what this store writes counts not."""
        [(number,)] = self.rows("PRAGMA data_version")
        return int(number)

    def book(self, book: str, connector: str) -> None:
        """Register a book. Raises FixSettings when it was registered with another connector."""
        with self.writing() as conn:
            conn.execute(
                "INSERT INTO books (book, connector) VALUES (?, ?) ON CONFLICT (book) DO NOTHING",
                (book, connector),
            )
            [(kept,)] = conn.execute("SELECT connector FROM books WHERE book = ?", (book,)).fetchall()
            if kept != connector:
                raise FixSettings(
                    f"{self.path.name} knows the book {book} as one of {kept}, not of {connector}; "
                    "give a book of another accounting system a name of its own",
                    key=f"books.{book}.connector",
                )
