"""What was owed on a past day: the states that stood at its end, as the book knew or can tell them."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.ledger import Credit, Invoice
from arsync.store.columns import day_of
from arsync.store.database import Row, Store
from arsync.store.queries import statements

_SQL = statements("past")


class Ledger(msgspec.Struct, frozen=True):
    """The open invoices and the credits left of a book at the end of a day, and the customers' names.

    ``remembered``: the book was kept on that day already. Else the day is told from what was open when
    the book began, without what was issued later, and with what was paid between the two added back;
    an invoice that was paid in full by then is not there.
    """

    on: date
    remembered: bool
    invoices: list[Invoice]
    credits: list[Credit]
    names: dict[str, str]

    def name(self, customer_id: str) -> str:
        return self.names.get(customer_id, customer_id)


def began_on(store: Store, book: str) -> date | None:
    """The day from which on the book remembers every change; None before its first complete pull."""
    rows = store.rows(_SQL["began"], (book,))
    return day_of(rows[0][0]) if rows else None


def ledger_now(store: Store, book: str, today: date) -> Ledger:
    """The ledger as the records are, whatever days they bear."""
    return msgspec.structs.replace(ledger_on(store, book, date.max), on=today)


def ledger_on(store: Store, book: str, day: date) -> Ledger:
    """The ledger at the end of a day. Before the first complete pull there is nothing to tell it from."""
    with store.reading() as conn:
        began = began_on(store, book) or day
        at = {"book": book, "day": max(day, began).isoformat()}
        invoices = [_invoice(row) for row in conn.execute(_SQL["invoices_on"], at)]
        credits_ = [_credit(row) for row in conn.execute(_SQL["credits_on"], at)]
        if day < began:
            since = {"book": book, "day": day.isoformat(), "began": began.isoformat()}
            paid = dict(conn.execute(_SQL["paid_after"], since).fetchall())
            invoices = [_before(it, paid.get(it.id, 0)) for it in invoices if _was_there(it, day)]
            dates = dict(conn.execute(_SQL["payment_days"], (book,)).fetchall())
            credits_ = [it for it in (_dated(it, dates) for it in credits_) if _was_there(it, day)]
        names = dict(conn.execute(_SQL["names"], (book,)).fetchall())
    return Ledger(day, day >= began, [it for it in invoices if it.owed > 0], credits_, names)


def _dated(credit: Credit, payments: dict[str, str]) -> Credit:
    """A credit whose date was not told, with that of its payment."""
    if credit.issued_on is not None or credit.kind != "payment" or credit.id not in payments:
        return credit
    return msgspec.structs.replace(credit, issued_on=date.fromisoformat(payments[credit.id]))


def _was_there(record: Invoice | Credit, day: date) -> bool:
    return record.issued_on is None or record.issued_on <= day


def _before(invoice: Invoice, paid_since: int) -> Invoice:
    """The invoice before payments that came later; never more than it was made out over."""
    if not paid_since or invoice.status != "in-force":
        return invoice
    return msgspec.structs.replace(invoice, open=min(invoice.open + paid_since, invoice.total))


def _invoice(row: Row) -> Invoice:
    id_, number, customer_id, currency, issued_on, due_on, total, open_, status, promised_on, rate = row
    return Invoice(
        id=id_,
        number=number,
        customer_id=customer_id,
        currency=currency,
        total=total,
        open=open_,
        issued_on=day_of(issued_on),
        due_on=day_of(due_on),
        status=status,
        promised_on=day_of(promised_on),
        rate=rate,
    )


def _credit(row: Row) -> Credit:
    id_, kind, customer_id, currency, remaining, number, issued_on, rate = row
    return Credit(
        id=id_,
        kind=kind,
        customer_id=customer_id,
        currency=currency,
        remaining=remaining,
        number=number,
        issued_on=day_of(issued_on),
        rate=rate,
    )
