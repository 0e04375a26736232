"""The views, as a person who looks inside reads them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from store_samples import AT, DAY, customer, invoice, message, note, page, pulled, send

from arsync.store import Claim, Store
from arsync.store.pull import begin_changes, begin_full, store_page

MONDAY = DAY.isoformat()  # 2 March 2026


@pytest.fixture
def known(store: Store, run: Claim) -> Store:
    """A customer with an invoice in each bucket and a paid one, and an invoice of a customer unknown."""
    owed = {"due today": 0, "a day": 1, "31 days": 31, "61 days": 61, "91 days": 91}
    invoices = [invoice(name, due_on=DAY - timedelta(days=days)) for name, days in owed.items()]
    invoices += [invoice("no day", due_on=None), invoice("paid", open=0), invoice("alien", customer_id="c9")]
    pulled(store, run, page(customers=[customer("c1", name="Lumen Yoga")], invoices=invoices))
    return store


def test_open_invoices(known: Store) -> None:
    """Aged to the day of the pull; the bucket is the view's own, an unknown customer has no name."""
    rows = known.rows("SELECT id, customer, bucket, open, as_of FROM open_invoices ORDER BY id")
    assert rows == [
        ("31 days", "Lumen Yoga", "31-60", 10000, MONDAY),
        ("61 days", "Lumen Yoga", "61-90", 10000, MONDAY),
        ("91 days", "Lumen Yoga", "91+", 10000, MONDAY),
        ("a day", "Lumen Yoga", "1-30", 10000, MONDAY),
        ("alien", None, "1-30", 10000, MONDAY),
        ("due today", "Lumen Yoga", "current", 10000, MONDAY),
        ("no day", "Lumen Yoga", "current", 10000, MONDAY),
    ]


def test_the_view_of_the_aging_says_the_same(known: Store) -> None:
    buckets = dict(
        known.rows("SELECT bucket, sum(open) FROM open_invoices WHERE customer_id = 'c1' GROUP BY bucket")
    )
    [row] = known.rows(
        'SELECT "current", "1-30", "31-60", "61-90", "91+", "open" FROM aging WHERE customer_id = \'c1\''
    )
    assert row == (20000, 10000, 10000, 10000, 10000, 60000)
    assert buckets == dict(zip(("current", "1-30", "31-60", "61-90", "91+"), row[:5], strict=True))


def test_open_invoices_before_a_pull_came_to_its_end(store: Store, run: Claim) -> None:
    """There is no day to age them to, so no bucket is claimed."""
    begin_full(store, run)
    store_page(store, run, page(invoices=[invoice()], last=False), at=AT, today=DAY)
    assert store.rows("SELECT id, as_of, bucket FROM open_invoices") == [("i1", None, None)]


def test_invoice_history(store: Store, run: Claim) -> None:
    """Part paid by its own stamp on Wednesday, read on Thursday; voided on Thursday a week later. What
    did not change has one state."""
    pulled(
        store, run, page(customers=[customer("c1", name="Lumen Yoga")], invoices=[invoice(), invoice("i2")])
    )
    steps = [
        (date(2026, 3, 5), invoice(open=4000, updated_at="2026-03-04T10:00:00Z")),
        (date(2026, 3, 12), invoice(open=0, status="voided", updated_at="2026-03-12T10:00:00Z")),
    ]
    for day, changed in steps:
        at = AT + (day - DAY)
        begin_changes(store, run)
        store_page(store, run, page(full=False, invoices=[changed]), at=at, today=day)
    rows = store.rows(
        "SELECT id, from_on, until_on, open, status, customer FROM invoice_history ORDER BY id, from_on"
    )
    assert rows == [
        ("i1", "2026-03-02", "2026-03-04", 10000, "in-force", "Lumen Yoga"),
        ("i1", "2026-03-04", "2026-03-12", 4000, "in-force", "Lumen Yoga"),
        ("i1", "2026-03-12", None, 0, "voided", "Lumen Yoga"),
        ("i2", "2026-03-02", None, 10000, "in-force", "Lumen Yoga"),
    ]


def test_owed_notes(known: Store, run: Claim) -> None:
    """By the invoice's number or the customer's name; a note that is written is not owed."""
    notes = [note("m1", target="invoice", target_id="a day"), note("m1", target="customer", target_id="c1")]
    send(known, run, message("m1"), notes=notes)
    rows = "SELECT message, target, name, status FROM owed_notes ORDER BY target"
    assert known.rows(rows) == [
        ("m1", "customer", "Lumen Yoga", "owed"),
        ("m1", "invoice", "INV-a day", "owed"),
    ]
    with known.writing() as conn:
        conn.execute("UPDATE notes SET status = 'written' WHERE target = 'customer'")
    assert [row[1] for row in known.rows(rows)] == ["invoice"]


def test_unreconciled(known: Store) -> None:
    with known.writing() as conn:
        conn.execute(
            "INSERT INTO differences (book, customer_id, currency, home, ours, theirs, cause, found_on)"
            " VALUES ('acme', 'c1', 'GBP', 0, 60000, 61500, 'a journal entry', ?)",
            (MONDAY,),
        )
    assert known.rows("SELECT customer, currency, ours, theirs, difference, cause FROM unreconciled") == [
        ("Lumen Yoga", "GBP", 60000, 61500, -1500, "a journal entry")
    ]
