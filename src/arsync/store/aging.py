"""The aged receivables, by customer, invoice and book. Amounts are minor units."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from arsync.ledger import AgingRow, bucket
from arsync.ledger.aging import days_overdue
from arsync.store.columns import day_of
from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("aging")


class CustomerAging(msgspec.Struct, frozen=True, gc=False):
    """A customer's balance in one currency."""

    name: str
    balance: AgingRow  # customer_id, currency, buckets, unapplied; .open, .overdue, .net


class InvoiceAging(msgspec.Struct, frozen=True):
    """An open invoice. ``days_overdue`` is negative before the due date, None without one."""

    customer_id: str
    customer_name: str
    invoice_id: str
    number: str
    currency: str
    issued_on: date | None
    due_on: date | None
    days_overdue: int | None
    bucket: str
    total: int
    open: int


def aging_by_customer(store: Store, book: str, as_of: date) -> list[CustomerAging]:
    """By currency, then by the customer's name. One with credit alone has a row too."""
    with store.reading() as conn:
        return [
            CustomerAging(
                name,
                AgingRow(
                    id_,
                    currency,
                    (owed - over_0, over_0 - over_30, over_30 - over_60, over_60 - over_90, over_90),
                    unapplied,
                ),
            )
            for id_, name, currency, owed, over_0, over_30, over_60, over_90, unapplied in conn.execute(
                _SQL["by_customer"], _days(book, as_of)
            )
        ]


def aging_by_invoice(store: Store, book: str, as_of: date) -> list[InvoiceAging]:
    """The open invoices by currency, customer and due date."""
    found = []
    for customer, name, id_, number, currency, issued, due, total, open_ in store.rows(
        _SQL["by_invoice"], {"book": book}
    ):
        due_on = day_of(due)
        days = days_overdue(due_on, as_of)
        age = (issued and date.fromisoformat(issued), due_on, days, bucket(days))
        found.append(InvoiceAging(customer, name, id_, number, currency, *age, total, open_))
    return found


def aging_by_book(store: Store, book: str, as_of: date) -> list[AgingRow]:
    """The sums by currency; ``customer_id`` of these rows is empty."""
    return [
        AgingRow("", currency, (b0, b1, b2, b3, b4), unapplied)
        for currency, b0, b1, b2, b3, b4, unapplied in store.rows(_SQL["by_book"], _days(book, as_of))
    ]


def _days(book: str, as_of: date) -> dict[str, object]:
    borders = {f"day_{days}": (as_of - timedelta(days=days)).isoformat() for days in (30, 60, 90)}
    return {"book": book, "as_of": as_of.isoformat(), **borders}
