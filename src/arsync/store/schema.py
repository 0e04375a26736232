"""The tables, as the sum of the migrations in ``migrations/*.sql``, applied by sqlite-utils."""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from arsync.errors import FixSettings

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SET = "arsync"


@cache
def scripts() -> dict[str, str]:
    """The migrations' SQL by name, in order."""
    folder = files("arsync.store").joinpath("migrations")
    found = {
        entry.name.removesuffix(".sql"): entry for entry in folder.iterdir() if entry.name.endswith(".sql")
    }
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def index(name: str) -> str:
    """The statement by which a migration makes this index."""
    [found] = re.findall(rf"^CREATE INDEX {name} [^;]*", "\n".join(scripts().values()), re.MULTILINE)
    return str(found)


def migrations() -> Migrations:
    """The set of migrations as sqlite-utils knows them."""
    from sqlite_utils import Migrations  # late: it is slow to load, and seldom is there anything to apply

    known = Migrations(SET)
    for name, script in scripts().items():
        known(name=name)(_Script(script))
    return known


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables up to date. Raises FixSettings for a file of a newer arsync or of something else."""
    if applied(connection, path) == list(scripts()):
        return
    from sqlite_utils import Database

    connection.execute("BEGIN IMMEDIATE")  # two processes may start at once
    try:
        applied(connection, path)
        migrations().apply(Database(connection, execute_plugins=False, recursive_triggers=False))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class _Script:
    """One migration: its statements run inside the transaction that is open."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.__name__ = "script"

    def __call__(self, db: Database, /) -> None:
        db.executescript(self._text)


def applied(connection: sqlite3.Connection, path: Path) -> list[str]:
    """The migrations that this file has had, none for an empty one. Raises FixSettings as `migrate` does."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return []
    names: list[str] = []
    if "_sqlite_migrations" in tables:
        rows = connection.execute(
            "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (SET,)
        )
        names = [name for (name,) in rows]
    if not names:
        raise FixSettings("this is a database of something else, not of arsync", where=str(path))
    if unknown := [name for name in names if name not in scripts()]:
        raise FixSettings(
            f"this database was written by a newer arsync (it has had {unknown[-1]}); update arsync",
            where=str(path),
        )
    return names
