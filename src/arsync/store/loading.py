"""The first load of a practice: what comes in no order is put in order once, at the end.

Services give records in an order of their own. In an index by anything else each page of a pull lands all
over, and writes most of the index anew. So where a practice has no records yet, these indexes are made when
the first pull has come to its end. Meanwhile every query gives what it gives with them; a book is not
planned before a pull of it has ended, and whichever pull ends makes what is missing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from arsync.store.schema import index

# All rows of their tables, or most, are in them.
_SCATTERED = ("invoices_open", "invoices_number", "customers_name", "customers_address")
_SORTING = 2048  # KiB


def begin_load(conn: sqlite3.Connection) -> None:
    """Do without the indexes if the practice has no records, whatever the book."""
    if conn.execute("SELECT 1 FROM invoices UNION ALL SELECT 1 FROM customers LIMIT 1").fetchall():
        return
    for name in _SCATTERED:
        conn.execute(f"DROP INDEX IF EXISTS {name}")


def end_load(conn: sqlite3.Connection) -> None:
    """Make those indexes that are missing."""
    there = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    missing = [name for name in _SCATTERED if name not in there]
    if missing:
        with _little_memory(conn):
            for name in missing:
                conn.execute(index(name))


@contextmanager
def _little_memory(conn: sqlite3.Connection) -> Iterator[None]:
    """Sorting takes as much again as the cache may; both are made small meanwhile, so that it takes no more
    than the pull before it."""
    [(usual,)] = conn.execute("PRAGMA cache_size").fetchall()
    conn.execute(f"PRAGMA cache_size = -{_SORTING}")
    try:
        yield
    finally:
        conn.execute(f"PRAGMA cache_size = {usual}")
