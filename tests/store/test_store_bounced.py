"""Payments that were taken back: the invoices they were applied to are told, so that they are read again."""

from __future__ import annotations

from datetime import UTC, date, datetime

from store_samples import invoice, page

from arsync.connector.protocol import Snapshot
from arsync.ledger import Allocation, Gone, Payment
from arsync.store import Claim, Store
from arsync.store.pull import begin_changes, still_bounced, store_page
from arsync.store.refreshed import snapshot_in

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def payment(*invoices: str, amount: int = 5000, stamp: str = "2026-03-01T00:00:00Z") -> Payment:
    return Payment(
        id="p1",
        customer_id="c1",
        currency="GBP",
        amount=amount,
        paid_on=date(2026, 2, 27),
        allocations=tuple(Allocation(id_, 2500) for id_ in invoices),
        updated_at=stamp,
    )


def bounced(store: Store, run: Claim, told: Payment) -> set[str]:
    """What this payment bounces, after which it is seen again."""
    begin_changes(store, run)
    store_page(store, run, page(full=False, payments=[told]), at=AT, today=AT.date())
    found = still_bounced(store, "acme")
    snapshot_in(store, run, Snapshot(read_at=AT), found, [], today=AT.date())
    assert still_bounced(store, "acme") == []
    return set(found)


def test_a_new_payment_bounces_nothing(store: Store, run: Claim) -> None:
    assert bounced(store, run, payment("i1", "i2")) == set()
    assert bounced(store, run, payment("i1", "i2")) == set()


def test_a_deleted_payment_names_its_invoices_once(store: Store, run: Claim) -> None:
    bounced(store, run, payment("i1", "i2"))
    gone = payment(amount=0, stamp="2026-03-02T00:00:00Z")
    assert bounced(store, run, gone) == {"i1", "i2"}
    assert bounced(store, run, gone) == set()


def test_a_payment_that_was_moved_names_what_it_left(store: Store, run: Claim) -> None:
    bounced(store, run, payment("i1", "i2"))
    assert bounced(store, run, payment("i2", "i3", stamp="2026-03-02T00:00:00Z")) == {"i1"}


def test_an_older_word_bounces_nothing(store: Store, run: Claim) -> None:
    bounced(store, run, payment("i1", stamp="2026-03-02T00:00:00Z"))
    assert bounced(store, run, payment(amount=0, stamp="2026-03-01T00:00:00Z")) == set()


def test_a_credit_that_was_applied_is_no_deleted_payment(store: Store, run: Claim) -> None:
    bounced(store, run, payment("i1", amount=0))
    assert store.rows("SELECT amount, gone_on FROM payments") == [(0, None)]
    assert bounced(store, run, payment(amount=0, stamp="2026-03-02T00:00:00Z")) == {"i1"}


def test_a_bounced_invoice_waits_until_it_is_read(store: Store, run: Claim) -> None:
    """Over later pulls too: what was not read when the payment went is read by the next sync."""
    begin_changes(store, run)

    def told(**records: object) -> list[str]:
        store_page(store, run, page(full=False, **records), at=AT, today=AT.date())
        return still_bounced(store, "acme")

    told(payments=[payment("i1", "i2", "i3")])
    assert told(payments=[payment(amount=0, stamp="2026-03-02T00:00:00Z")]) == ["i1", "i2", "i3"]
    assert told() == ["i1", "i2", "i3"]
    assert told(invoices=[invoice("i2")]) == ["i1", "i3"]
    assert told(gone=[Gone(entity="invoice", id="i3")]) == ["i1"]
    store_page(store, run, page(), at=AT, today=AT.date())  # a full pull's list of open invoices tells
    assert still_bounced(store, "acme") == []
