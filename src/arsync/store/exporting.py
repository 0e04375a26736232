"""Everything that a book knows, row by row: many rows never stand in memory together.

Each takes the connection of a read transaction, so that all of them see one state of the book.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from arsync.ledger import InvoiceStatus
from arsync.store.columns import day_of, moment, split
from arsync.store.messages import OutboxStatus
from arsync.store.queries import statements

_SQL = statements("export")


class KnownInvoice(msgspec.Struct, frozen=True, gc=False):
    """An invoice as it is now, open or not. ``open`` is 0 unless it is in force."""

    id: str
    number: str
    customer_id: str
    customer_name: str
    issued_on: date | None
    due_on: date | None
    currency: str
    total: int
    open: int
    status: InvoiceStatus
    promised_on: date | None


class KnownMessage(msgspec.Struct, frozen=True, gc=False):
    """A message of the outbox; ``invoices`` are the numbers of those it lists."""

    id: str
    status: OutboxStatus
    customer_id: str
    customer_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    step: str
    currency: str
    total: int
    unapplied: int
    invoices: tuple[str, ...]
    approved_at: datetime
    ended_at: datetime | None
    reason: str
    subject: str


class KnownNote(msgspec.Struct, frozen=True, gc=False):
    """A note, owed or written. ``name`` is the invoice's number or the customer's name."""

    message: str
    target: str
    target_id: str
    name: str
    text: str
    status: str
    reason: str
    written_at: datetime | None


def every_invoice(conn: sqlite3.Connection, book: str) -> Iterator[KnownInvoice]:
    """By customer, due date and number."""
    for row in conn.execute(_SQL["invoices"], (book,)):
        id_, number, customer, name, issued, due, currency, total, open_, status, promised = row
        age = (day_of(issued), day_of(due))
        yield KnownInvoice(
            id_, number, customer, name, *age, currency, total, open_, status, day_of(promised)
        )


def every_message(conn: sqlite3.Connection, book: str) -> Iterator[KnownMessage]:
    """In the order of their approval."""
    for row in conn.execute(_SQL["messages"], (book,)):
        id_, status, customer, name, to, cc, bcc, step, currency, total, unapplied, *rest = row
        approved_at, ended_at, reason, subject = rest
        yield KnownMessage(
            id=id_,
            status=status,
            customer_id=customer,
            customer_name=name,
            to=split(to),
            cc=split(cc),
            bcc=split(bcc),
            step=step,
            currency=currency,
            total=total,
            unapplied=unapplied,
            invoices=tuple(number for (number,) in conn.execute(_SQL["numbers"], (book, id_))),
            approved_at=datetime.fromisoformat(approved_at),
            ended_at=moment(ended_at),
            reason=reason,
            subject=subject,
        )


def every_note(conn: sqlite3.Connection, book: str) -> Iterator[KnownNote]:
    """In the order in which they came to be owed."""
    for message, target, target_id, name, text, status, reason, written in conn.execute(
        _SQL["notes"], (book,)
    ):
        yield KnownNote(message, target, target_id, name, text, status, reason, moment(written))
