"""A database of the version before: opened by this one it loses nothing, and says no more than it knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from arsync.store import Store
from arsync.store.past import began_on, ledger_on
from arsync.store.reading import book_state
from arsync.store.schema import SET, scripts

FIRST = "0001_the_book"


@pytest.fixture
def before(path: Path) -> Path:
    """A book whose last full pull was on 23 November and whose last sync was on 13 December."""
    with closing(sqlite3.connect(path)) as connection:
        known = Migrations(SET)
        known(name=FIRST)(lambda db: db.executescript(scripts()[FIRST]))
        known.apply(Database(connection))
        connection.executescript("""
            INSERT INTO books (book, connector, cursor, complete, full_at, synced_at)
            VALUES ('acme', 'quickbooks', 'c-9', 1, '2026-11-23T08:00:00Z', '2026-12-13T08:00:00Z');
            INSERT INTO customers (book, id, name) VALUES ('acme', 'c1', 'Lumen Yoga');
            INSERT INTO invoices
                (book, id, number, customer_id, currency, issued_on, due_on, total, open, status)
            VALUES ('acme', 'i1', '1001', 'c1', 'GBP', '2026-10-01', '2026-11-01', 12000, 0, 'in-force'),
                   ('acme', 'i3', '1003', 'c1', 'GBP', '2026-12-10', '2026-12-20', 6000, 6000, 'in-force');
            INSERT INTO credits (book, kind, id, customer_id, currency, remaining)
            VALUES ('acme', 'payment', 'p1', 'c1', 'GBP', 500);
            INSERT INTO rejects VALUES ('acme', 'invoice', 'i9', 'no currency', '{}', '2026-12-13T08:00:00Z');
            INSERT INTO holds VALUES ('acme', 'customer', 'c1', 'paused', NULL, 'x', '2026-12-01T08:00:00Z');
        """)
    return path


def test_everything_is_still_there(before: Path) -> None:
    with Store.open(before) as store:
        assert store.rows("SELECT number, open FROM invoices ORDER BY id") == [("1001", 0), ("1003", 6000)]
        assert store.rows("SELECT id, reason FROM rejects") == [("i9", "no currency")]
        assert store.rows("SELECT note, put_on FROM holds") == [("x", "2026-12-01")]
        assert store.rows("PRAGMA foreign_key_check") == []


def test_the_book_begins_with_what_it_knew_last(before: Path) -> None:
    """Nothing was remembered before the last sync: a day before it is not told as if it were."""
    with Store.open(before) as store:
        assert began_on(store, "acme") == date(2026, 12, 13)
        ledger = ledger_on(store, "acme", date(2026, 11, 30))
        assert (ledger.remembered, ledger.invoices) == (False, [])  # 1003 was issued later
        assert [it.id for it in ledger_on(store, "acme", date(2026, 12, 13)).invoices] == ["i3"]


def test_the_next_pull_reads_everything(before: Path) -> None:
    """Rates, billing parents and payments stand in no record yet."""
    with Store.open(before) as store:
        state = book_state(store, "acme")
        assert state is not None
        assert (state.cursor, state.complete) == (None, True)
