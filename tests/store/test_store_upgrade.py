"""A database of the version before: opened by this one it loses nothing, and says no more than it knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from arsync.policy.model import HoldOrder, Taken
from arsync.store import Store
from arsync.store.holds import put_hold, release_holds
from arsync.store.messages import messages
from arsync.store.past import began_on, ledger_on
from arsync.store.past_facts import facts_on
from arsync.store.reading import book_state, facts
from arsync.store.schema import SET, scripts

FIRST, SECOND = "0001_the_book", "0002_past_days"


def of_version(connection: sqlite3.Connection, *versions: str) -> None:
    """Make the tables of these versions."""
    known = Migrations(SET)
    for version in versions:
        known(name=version)(lambda db, version=version: db.executescript(scripts()[version]))
    known.apply(Database(connection))


@pytest.fixture
def before(path: Path) -> Path:
    """A book whose last full pull was on 23 November and whose last sync was on 13 December."""
    with closing(sqlite3.connect(path)) as connection:
        of_version(connection, FIRST)
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


# From the second version ---------------------------------------------------------------------


@pytest.fixture
def second(path: Path) -> Path:
    """Two books: acme has sent a message, birch has one that was approved and left it at that."""
    with closing(sqlite3.connect(path)) as connection:
        of_version(connection, FIRST, SECOND)
        connection.executescript("""
            INSERT INTO books (book, connector, cursor, complete, full_at, synced_at, began_on)
            VALUES ('acme', 'quickbooks', 'c-9', 1, '2026-11-23T08:00:00Z', '2026-12-13T08:00:00Z',
                    '2026-11-23'),
                   ('birch', 'xero', 'c-3', 1, '2026-11-23T08:00:00Z', '2026-12-13T08:00:00Z', '2026-11-23');
            INSERT INTO customers (book, id, name)
            VALUES ('acme', 'c1', 'Lumen Yoga'), ('birch', 'c1', 'Other');
            INSERT INTO invoices (book, id, number, customer_id, currency, due_on, total, open, status)
            VALUES ('acme', 'i1', '1001', 'c1', 'GBP', '2026-11-01', 12000, 12000, 'in-force'),
                   ('acme', 'i2', '1002', 'c1', 'GBP', '2026-11-01', 5000, 5000, 'in-force');
            INSERT INTO messages (book, id, status, customer_id, customer_name, addressees, step, template,
                                  step_offset, policy, currency, total, unapplied, message_id, approved_at,
                                  ended_at, ended_on)
            VALUES ('acme', 'm1', 'sent', 'c1', 'Lumen Yoga', 'ap@lumen.example', 'first', 'first', 1, 'p',
                    'GBP', 12000, 0, '<m1@x>', '2026-12-01T08:00:00Z', '2026-12-01T08:00:00Z', '2026-12-01'),
                   ('birch', 'm1', 'approved', 'c1', 'Other', 'ap@other.example', 'first', 'first', 1, 'p',
                    'GBP', 12000, 0, '<m1@y>', '2026-12-01T08:00:00Z', NULL, NULL);
            INSERT INTO message_lines
            VALUES ('acme', 'm1', 0, 'i1', '1001', '2026-11-01', 12000, 30, 'first', 1);
            INSERT INTO steps_taken VALUES ('acme', 'i1', 'first', 1, 1, '2026-12-01', 'message', 'm1');
            INSERT INTO open_tasks VALUES ('acme', 'i2', 'hand over', '2026-12-10');
            INSERT INTO holds VALUES ('acme', 'invoice', 'i2', 'promised', '2026-12-20', 'x',
                                      '2026-12-05T08:00:00Z', '2026-12-05');
            INSERT INTO holds_past
            VALUES ('acme', 'customer', 'c1', 'paused', NULL, 'y', '2026-11-25', '2026-11-28');
        """)
    return path


def test_what_people_decided_is_still_there(second: Path) -> None:
    with Store.open(second) as store:
        found = facts(store, "acme", today=date(2026, 12, 14), addresses=lambda it: (tuple(it), ()))
        assert found.invoice_holds == {
            "i2": [HoldOrder("promised", date(2026, 12, 20), "x", put_on=date(2026, 12, 5))]
        }
        assert found.taken == {"i1": Taken("first", 1, date(2026, 12, 1))}
        assert found.open_tasks == {("i2", "hand over")}
        assert found.contacted == {("c1", "GBP"): date(2026, 12, 1)}
        [kept] = messages(store, "acme")
        [line] = kept.message.lines
        assert (line.disputed, line.not_due, line.round, kept.message.offer) == (0, 0, 1, None)
        then = facts_on(store, "acme", date(2026, 11, 26), addresses=lambda it: (tuple(it), ()))
        assert then.customer_holds == {"c1": [HoldOrder("paused", note="y", put_on=date(2026, 11, 25))]}
        assert store.rows("PRAGMA foreign_key_check") == []


def test_a_book_that_has_written_to_somebody_is_live_and_another_is_not(second: Path) -> None:
    with Store.open(second) as store:
        assert store.rows("SELECT book, live_on, joined FROM books ORDER BY book") == [
            ("acme", "2026-11-23", "start"),
            ("birch", None, None),
        ]


def test_the_next_pull_reads_where_customers_are(second: Path) -> None:
    """Countries and groups stand in no record yet."""
    with Store.open(second) as store:
        assert store.rows("SELECT cursor, complete FROM books") == [(None, 1), (None, 1)]


def test_a_hold_that_was_put_before_can_be_renewed_and_released(second: Path) -> None:
    at, day = datetime(2026, 12, 14, 9, tzinfo=UTC), date(2026, 12, 14)
    with Store.open(second) as store:
        put_hold(
            store, "acme", "invoice", "i2", reason="promised", amount=5000, currency="GBP", at=at, day=day
        )
        [released] = release_holds(store, "acme", "invoice", "i2", at=at, day=day)
        assert (released.amount, released.put_on) == (5000, day)
