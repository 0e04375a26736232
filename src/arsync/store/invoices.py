"""Invoices as the book has them, open or not, for letters and for the story."""

from __future__ import annotations

from collections.abc import Collection

from arsync.ledger import Invoice
from arsync.store.columns import day_of, split
from arsync.store.database import Row, Store

_COLUMNS = (
    "SELECT id, number, customer_id, currency, total, open, issued_on, due_on, status, promised_on, "
    "emails, cc, updated_at FROM invoices WHERE book = ?"
)


def invoices_of(store: Store, book: str, ids: Collection[str]) -> dict[str, Invoice]:
    """These invoices by id; those the book does not know are left out."""
    found: dict[str, Invoice] = {}
    for id_ in ids:
        for row in store.rows(f"{_COLUMNS} AND id = ?", (book, id_)):
            found[id_] = _invoice(row)
    return found


def invoices_of_customer(store: Store, book: str, customer_id: str) -> list[Invoice]:
    """Everything the book knows of a customer's, in order of due date and number."""
    rows = store.rows(
        f"{_COLUMNS} AND customer_id = ? ORDER BY coalesce(due_on, '9999'), number, id", (book, customer_id)
    )
    return [_invoice(row) for row in rows]


def language_of(store: Store, book: str, customer_id: str) -> str | None:
    """The language in which the accounting system has this customer written to, if it says."""
    rows = store.rows("SELECT language FROM customers WHERE book = ? AND id = ?", (book, customer_id))
    return rows[0][0] if rows else None


def _invoice(row: Row) -> Invoice:
    id_, number, customer_id, currency, total, open_, issued_on, due_on, status, promised_on, *rest = row
    emails, cc, updated_at = rest
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
        emails=split(emails),
        cc=split(cc),
        updated_at=updated_at,
    )
