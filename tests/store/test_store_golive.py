"""Going live in the store: once, in one transaction, and what the upgrade says of older books."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations
from store_samples import AT, DAY, claimed_anew, customer, invoice, page, pulled

from arsync.errors import LostLease
from arsync.policy.joining import Join, left_out_order
from arsync.policy.model import Debt, HoldOrder, Taken
from arsync.policy.rules import Step
from arsync.store import Claim, Store
from arsync.store.golive import Live, go_live, live
from arsync.store.holds import put_hold
from arsync.store.reading import facts
from arsync.store.schema import SET, scripts
from arsync.store.story import events

FIRST, SECOND, THIRD = Step("first", 1, "t"), Step("second", 10, "t"), Step("third", 20, "t")
DUE = DAY - timedelta(days=5)
DEBTS = [Debt(id_, f"INV-{id_}", "c1", "GBP", DUE, 10000) for id_ in ("i1", "i2")]
JOIN = Join(DEBTS[0], THIRD, (FIRST, SECOND))


@pytest.fixture
def known(store: Store, run: Claim) -> Store:
    pulled(store, run, page(customers=[customer()], invoices=[invoice("i1"), invoice("i2")]))
    return store


def going(store: Store, claim: Claim | None = None) -> bool:
    """i1 joins at the third step, i2 is left out, and c1 waits until the day after tomorrow."""
    pause = HoldOrder("paused", DAY + timedelta(days=1), "first wave", "go-live")
    return go_live(
        store,
        "acme",
        "match",
        joins=[JOIN],
        left_out=[(DEBTS[1], left_out_order(DAY))],
        pauses=[("c1", pause)],
        reminders=False,
        detail="old debts join: match",
        at=AT,
        day=DAY,
        claim=claim,
    )


def test_a_new_book_is_not_live(store: Store) -> None:
    assert live(store, "acme") == Live(None, None, None)
    assert live(store, "nobody") == Live()


def test_going_live_writes_what_follows(known: Store, run: Claim) -> None:
    assert going(known, run) is True
    assert live(known, "acme") == Live(DAY, "match", False)
    steps = known.rows("SELECT invoice_id, step, round, step_offset, on_day, how, source FROM steps_taken")
    assert steps == [
        ("i1", "first", 1, 1, "2026-03-02", "joined", "go-live"),
        ("i1", "second", 1, 10, "2026-03-02", "joined", "go-live"),
    ]
    holds = known.rows("SELECT target, target_id, reason, until, note, put_on, owner FROM holds")
    assert holds == [
        ("customer", "c1", "paused", "2026-03-03", "first wave", "2026-03-02", "go-live"),
        ("invoice", "i2", "excluded", None, "overdue before go-live on 2026-03-02; left out", "2026-03-02",
         "go-live"),
    ]  # fmt: skip
    told = [(it.what, it.customer_id, it.invoice_id, it.detail) for it in events(known, "acme")]
    assert told == [
        ("live", None, None, "old debts join: match"),
        ("joined", "c1", "i1", "third; passed over: first, second"),
        ("held", "c1", "i2", "excluded; overdue before go-live on 2026-03-02; left out"),
        ("held", "c1", None, "paused; until 2026-03-03; first wave"),
    ]


def test_the_plan_reads_it_back(known: Store, run: Claim) -> None:
    """A step that was only passed over is no step before, whose dwell the next would wait for."""
    going(known, run)
    found = facts(known, "acme", today=DAY, addresses=lambda texts: (tuple(texts), ()))
    assert found.taken == {"i1": Taken("second", 10)}
    [order] = found.invoice_holds["i2"]
    assert (order.reason, order.owner, order.until) == ("excluded", "go-live", None)
    one = facts(known, "acme", today=DAY, customers=["c1"], addresses=lambda texts: (tuple(texts), ()))
    assert one.taken == found.taken


def test_it_happens_once(known: Store, run: Claim) -> None:
    assert going(known, run) is True
    assert go_live(known, "acme", "start", at=AT, day=DAY + timedelta(days=1), claim=run) is False
    assert live(known, "acme") == Live(DAY, "match", False)
    assert [it.what for it in events(known, "acme")].count("live") == 1


def test_a_run_that_lost_its_book_changes_nothing(known: Store, run: Claim) -> None:
    claimed_anew(known, run)
    with pytest.raises(LostLease):
        going(known, run)
    assert live(known, "acme").on is None
    for table in ("steps_taken", "holds", "events"):
        assert known.rows(f"SELECT * FROM {table}") == []


def test_a_fault_half_way_leaves_nothing(known: Store, run: Claim) -> None:
    wrong = HoldOrder("no such reason", note="x")  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        go_live(known, "acme", "skip", joins=[JOIN], left_out=[(DEBTS[1], wrong)], at=AT, day=DAY, claim=run)
    assert live(known, "acme").on is None
    for table in ("steps_taken", "holds", "events"):
        assert known.rows(f"SELECT * FROM {table}") == []


def test_a_hold_with_an_end_gives_way_and_is_remembered(known: Store, run: Claim) -> None:
    before = DAY - timedelta(days=3)
    put_hold(known, "acme", "invoice", "i2", reason="excluded", until=DAY, note="for now", at=AT, day=before)
    going(known, run)
    [(until, note)] = known.rows("SELECT until, note FROM holds WHERE target = 'invoice'")
    assert (until, note) == (None, "overdue before go-live on 2026-03-02; left out")
    assert known.rows("SELECT target_id, note, from_on, until_on FROM holds_past") == [
        ("i2", "for now", "2026-02-27", "2026-03-02")
    ]


# The version before ---------------------------------------------------------------------------------


@pytest.fixture
def before(path: Path) -> Path:
    """Books of the version before: one that has sent, one in doubt, one that closed a task, one that
    approved but never sent, and one that only synced."""
    with closing(sqlite3.connect(path)) as connection:
        known = Migrations(SET)
        for name, script in scripts().items():
            if name < "0003":
                known(name=name)(lambda db, script=script: db.executescript(script))
        known.apply(Database(connection))
        books = {
            "sent": "2026-02-01",
            "doubt": None,
            "task": "2026-02-03",
            "approved": "2026-02-04",
            "new": None,
        }
        for book, began in books.items():
            connection.execute(
                "INSERT INTO books (book, connector, complete, synced_at, began_on) "
                "VALUES (?, 'xero', 1, ?, ?)",
                (book, "2026-02-10T08:00:00Z", began),
            )
        for book, status in (("sent", "sent"), ("doubt", "in-doubt"), ("approved", "approved")):
            columns = {
                "book": book, "id": "m1", "status": status, "customer_id": "c1", "customer_name": "C",
                "addressees": "a@c.example", "step": "s", "template": "t", "step_offset": 1, "policy": "p",
                "currency": "GBP", "total": 1, "unapplied": 0, "message_id": "<m1>",
                "approved_at": "2026-02-10T08:00:00Z",
            }  # fmt: skip
            names = ", ".join(columns)
            marks = ", ".join("?" * len(columns))
            connection.execute(f"INSERT INTO messages ({names}) VALUES ({marks})", list(columns.values()))
        connection.execute(
            "INSERT INTO steps_taken (book, invoice_id, step, step_offset, on_day, how, source) "
            "VALUES ('task', 'i1', 's', 1, '2026-02-10', 'task', 't1')"
        )
        connection.commit()
    return path


def test_books_that_have_written_to_somebody_are_live(before: Path) -> None:
    with Store.open(before) as store:
        assert {book: live(store, book) for book in ("sent", "doubt", "task", "approved", "new")} == {
            "sent": Live(date(2026, 2, 1), "start"),
            "doubt": Live(date(2026, 2, 10), "start"),
            "task": Live(date(2026, 2, 3), "start"),
            "approved": Live(),
            "new": Live(),
        }
