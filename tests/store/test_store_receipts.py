"""The days on which money came in, by which a book is found to be kept up to date or not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from store_samples import credit, invoice, page

from arsync.ledger import Allocation, Payment
from arsync.store import Claim, Store
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.receipts import days_of_falls, paid_days

TODAY = date(2026, 3, 20)


def read(store: Store, run: Claim, n: int, *, full: bool = False, **records: Any) -> None:
    (begin_full if full else begin_changes)(store, run)
    at = datetime(2026, 3, n, 12, tzinfo=UTC)
    store_page(store, run, page(full=full, **records), at=at, today=at.date())


def payment(id_: str, n: int, **more: Any) -> Payment:
    values = {"customer_id": "c1", "currency": "GBP", "amount": 100, "paid_on": date(2026, 3, n)}
    return Payment(**{"id": id_, **values, **more})


def days(store: Store, today: date = TODAY) -> list[int]:
    return [day.day for day in paid_days(store, "acme", today)]


def test_each_day_once_and_the_last_first(store: Store, run: Claim) -> None:
    read(store, run, 2, full=True, payments=[payment("p1", 1), payment("p2", 1), payment("p3", 2)])
    assert days(store) == [2, 1]


def test_neither_deleted_payments_nor_those_to_come(store: Store, run: Claim) -> None:
    read(store, run, 2, full=True, payments=[payment("p1", 1), payment("p2", 2), payment("p3", 25)])
    read(store, run, 3, payments=[payment("p2", 2, amount=0)])
    assert days(store) == [1]
    assert days(store, date(2026, 3, 25)) == [25, 1]
    read(store, run, 4, payments=[payment("p2", 2)])  # put back
    assert days(store) == [2, 1]


def test_a_credit_that_was_applied_is_no_payment(store: Store, run: Claim) -> None:
    """QuickBooks applies a credit memo by a payment of nothing."""
    applied = payment("p2", 9, amount=0, allocations=(Allocation("i1", 2500),))
    read(store, run, 10, full=True, payments=[payment("p1", 1), applied])
    assert days(store) == [1]


def test_money_on_account_is_a_payment_a_credit_note_is_none(store: Store, run: Claim) -> None:
    money = credit("k1", kind="overpayment", issued_on=date(2026, 3, 8))
    note = credit("k2", issued_on=date(2026, 3, 9))
    read(store, run, 10, full=True, payments=[payment("p1", 1)], credits=[money, note])
    assert days(store) == [8, 1]


def test_what_is_open_no_more_tells_too(store: Store, run: Claim) -> None:
    """A file of open invoices: part of i1 paid by the 5th, i2 gone by the 9th, i3 voided, i4 raised."""
    owed = {it: invoice(it, updated_at="") for it in ("i1", "i2", "i3", "i4")}
    read(store, run, 2, full=True, invoices=list(owed.values()))
    owed["i1"] = invoice("i1", open=4000, updated_at="")
    read(store, run, 5, full=True, invoices=list(owed.values()))
    del owed["i2"]
    read(store, run, 9, full=True, invoices=list(owed.values()))
    owed["i3"] = invoice("i3", status="voided", open=0, updated_at="")
    read(store, run, 11, full=True, invoices=list(owed.values()))
    owed["i4"] = invoice("i4", open=15000, total=15000, updated_at="")
    read(store, run, 12, full=True, invoices=list(owed.values()))
    assert [day.day for day in days_of_falls(store, "acme", TODAY)] == [9, 5]
    assert days_of_falls(store, "acme", date(2027, 3, 8)) == [date(2026, 3, 9)]  # of one year
    assert days(store) == []
