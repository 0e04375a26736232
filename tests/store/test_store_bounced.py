"""Payments that were taken back: the invoices they were applied to are told, so that they are read again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from store_samples import page

from arsync.ledger import Allocation, Payment
from arsync.store import Claim, Store
from arsync.store.pull import begin_changes, store_page

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


def bounced(store: Store, run: Claim, told: Payment) -> Any:
    begin_changes(store, run)
    it = page(full=False, payments=[told])
    return set(store_page(store, run, it, at=AT, today=AT.date()).bounced)


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
