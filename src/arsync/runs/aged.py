"""The aged receivables on any day: today's and later ones by the store's own query, past ones from
the states that stood at the end of that day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from arsync.errors import FixSettings
from arsync.ledger import AgingRow, Invoice, bucket
from arsync.ledger.aging import age, days_overdue
from arsync.ledger.home import HomeBalance, home_balance
from arsync.runs.book import Book
from arsync.store.aging import (
    CustomerAging,
    InvoiceAging,
    aging_by_book,
    aging_by_customer,
    aging_by_invoice,
)
from arsync.store.past import Ledger, began_on, ledger_now, ledger_on


def past_day(book: Book, day: date) -> str | None:
    """What has to be said of a past day that the book does not remember; None where there is nothing.

    Raises FixSettings where nothing at all is known of it.
    """
    if day >= book.today:
        return None
    began = began_on(book.store, book.name)
    if began is None:
        raise FixSettings(
            f"the book {book.name} was never pulled in full, so no past day of it is known: "
            f"run `arsync sync {book.name}`",
            where="--as-of",
        )
    if day >= began:
        return None
    return (
        f"the book begins on {began}; {day} is worked out from what was open on that first day and from the "
        "dates of payments since: invoices that were settled in between may be missing"
    )


def by_customer(book: Book, day: date) -> list[CustomerAging]:
    """By currency, then by the customer's name. One with credit alone has a row too."""
    if day >= book.today:
        return aging_by_customer(book.store, book.name, day)
    ledger = ledger_on(book.store, book.name, day)
    rows = [
        CustomerAging(ledger.name(row.customer_id), row) for row in age(ledger.invoices, ledger.credits, day)
    ]
    return sorted(rows, key=lambda row: (row.balance.currency, row.name, row.balance.customer_id))


def by_book(book: Book, day: date) -> list[AgingRow]:
    """The sums by currency; ``customer_id`` of these rows is empty."""
    if day >= book.today:
        return aging_by_book(book.store, book.name, day)
    ledger = ledger_on(book.store, book.name, day)
    return age(
        (msgspec.structs.replace(it, customer_id="") for it in ledger.invoices),
        (msgspec.structs.replace(it, customer_id="") for it in ledger.credits),
        day,
    )


def by_invoice(book: Book, day: date) -> list[InvoiceAging]:
    """The open invoices by currency, customer and due date."""
    if day >= book.today:
        return aging_by_invoice(book.store, book.name, day)
    return aged_invoices(ledger_on(book.store, book.name, day))


def aged_invoices(ledger: Ledger, customers: Iterable[str] | None = None) -> list[InvoiceAging]:
    """The open invoices of a ledger, of these customers or of all, by currency, customer and due date."""
    wanted = None if customers is None else set(customers)
    found = [
        _aged(it, ledger.name(it.customer_id), ledger.on)
        for it in ledger.invoices
        if wanted is None or it.customer_id in wanted
    ]
    return sorted(
        found,
        key=lambda row: (
            row.currency,
            row.customer_name,
            row.customer_id,
            row.due_on or date.min,
            row.number,
            row.invoice_id,
        ),
    )


def in_home_currency(book: Book, day: date) -> HomeBalance | None:
    """The whole book converted to its home currency; None where that currency is not known."""
    home = book.state().currency
    if home is None:
        return None
    past = day < book.today
    ledger = (ledger_on if past else ledger_now)(book.store, book.name, day)
    return home_balance(ledger.invoices, ledger.credits, home, day)


def _aged(invoice: Invoice, name: str, day: date) -> InvoiceAging:
    days = days_overdue(invoice.due_on, day)
    return InvoiceAging(
        customer_id=invoice.customer_id,
        customer_name=name,
        invoice_id=invoice.id,
        number=invoice.number,
        currency=invoice.currency,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days_overdue=days,
        bucket=bucket(days),
        total=invoice.total,
        open=invoice.owed,
    )
