"""The sheets of an export: their columns with what each is, and their rows out of the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date

import msgspec

from arsync.ledger import bucket
from arsync.ledger.aging import days_overdue
from arsync.runs import aged
from arsync.runs.book import Book
from arsync.store.exporting import KnownInvoice, every_invoice, every_message, every_note
from arsync.writing.spreadsheet import Amount, Cell

Rows = Iterator[tuple[Cell, ...]]

# By names that no spreadsheet takes for a date, as it would take 1-30.
_BUCKETS = {
    "current": "current",
    "1-30": "1-30 days",
    "31-60": "31-60 days",
    "61-90": "61-90 days",
    "91+": "91+ days",
}


class Column(msgspec.Struct, frozen=True):
    """A column's name, and what it is, for the documentation."""

    name: str
    meaning: str


class Sheet(msgspec.Struct, frozen=True):
    """A sheet: its columns, and its rows on a day, read in the transaction of a connection."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    rows: Callable[[Book, sqlite3.Connection, date], Rows]

    @property
    def headings(self) -> list[str]:
        return [column.name for column in self.columns]


def _aging(book: Book, _: sqlite3.Connection, day: date) -> Rows:
    for row in aged.by_customer(book, day):
        money = row.balance
        amounts = (*money.buckets, money.open, money.overdue, money.unapplied, money.net)
        yield (
            book.name,
            day,
            money.customer_id,
            row.name,
            money.currency,
            *(Amount(units, money.currency) for units in amounts),
        )


def _invoices(book: Book, conn: sqlite3.Connection, day: date) -> Rows:
    for it in every_invoice(conn, book.name):
        days = days_overdue(it.due_on, day) if it.open > 0 else None
        yield (
            book.name,
            day,
            it.id,
            it.number,
            it.customer_id,
            it.customer_name,
            it.issued_on,
            it.due_on,
            it.currency,
            Amount(it.total, it.currency),
            Amount(it.open, it.currency),
            _state(it),
            days,
            _BUCKETS[bucket(days)] if it.open > 0 else None,
            it.promised_on,
        )


def _state(invoice: KnownInvoice) -> str:
    if invoice.status != "in-force":
        return invoice.status
    return "open" if invoice.open > 0 else "paid"


def _messages(book: Book, conn: sqlite3.Connection, _: date) -> Rows:
    for it in every_message(conn, book.name):
        yield (
            book.name,
            it.id,
            it.status,
            it.customer_id,
            it.customer_name,
            ", ".join(it.to),
            ", ".join(it.cc),
            ", ".join(it.bcc),
            it.step,
            it.currency,
            Amount(it.total, it.currency),
            Amount(it.unapplied, it.currency),
            ", ".join(it.invoices),
            it.approved_at,
            it.ended_at,
            it.reason,
            it.subject,
        )


def _notes(book: Book, conn: sqlite3.Connection, _: date) -> Rows:
    for it in every_note(conn, book.name):
        where = (it.target, it.target_id, it.name)
        yield (book.name, it.message, *where, it.text, it.status, it.reason, it.written_at)


_BOOK = Column("book", "the book, by its name in `arsync.toml`")
_DAY = Column("as_of", "the day to which the debts are aged")
_CUSTOMER = (
    Column("customer_id", "the customer's id in the accounting system"),
    Column("customer", "the customer's name"),
)

SHEETS = (
    Sheet(
        "aging",
        "The aged receivables: a row for each customer and currency. One with credit alone has a row too.",
        (
            _BOOK,
            _DAY,
            *_CUSTOMER,
            Column("currency", "what the amounts of the row are in; currencies are never added"),
            Column("current", "not due yet, due on that day, or without a due date"),
            Column("1-30 days", "1 to 30 days overdue"),
            Column("31-60 days", "31 to 60 days overdue"),
            Column("61-90 days", "61 to 90 days overdue"),
            Column("91+ days", "more than 90 days overdue"),
            Column("open", "the sum of the five"),
            Column("overdue", "the sum of the four that are overdue"),
            Column("unapplied", "the customer's credit that is not applied to an invoice"),
            Column("net", "open less unapplied"),
        ),
        _aging,
    ),
    Sheet(
        "invoices",
        "Every invoice that the book knows, open or not.",
        (
            _BOOK,
            _DAY,
            Column("id", "the invoice's id in the accounting system"),
            Column("number", "its number"),
            *_CUSTOMER,
            Column("issued", "its date"),
            Column("due", "its due date"),
            Column("currency", "what the amounts of the row are in"),
            Column("total", "what it was made out over"),
            Column("open", "what is owed; 0 where nothing is"),
            Column(
                "status",
                "`open`, `paid` (or credited) in full, `draft`, `voided`, `deleted`, or `closed`: no longer "
                "among the open invoices of the accounting system",
            ),
            Column("days_overdue", "days past the due date, below zero before it; of open invoices"),
            Column("bucket", "the column of `aging` in which it counts; of open invoices"),
            Column("promised", "the payment date promised in the accounting system"),
        ),
        _invoices,
    ),
    Sheet(
        "messages",
        "Every message from its approval on.",
        (
            _BOOK,
            Column("id", "the message's id, as `arsync plan` shows it"),
            Column("status", "`approved`, `sending`, `sent`, `in-doubt`, `failed` or `withdrawn`"),
            *_CUSTOMER,
            Column("to", "its addressees, separated by commas"),
            Column("cc", "who gets a copy"),
            Column("bcc", "who gets a copy unseen"),
            Column("step", "the furthest step it takes"),
            Column("currency", "what the amounts of the row are in"),
            Column("total", "the sum of what is open on its invoices"),
            Column("unapplied", "the customer's credit that stands beside it"),
            Column("invoices", "the numbers of its invoices, separated by commas"),
            Column("approved_at", "when it was released, in UTC"),
            Column("ended_at", "when it was sent, withdrawn or failed, in UTC"),
            Column("reason", "why it was withdrawn, failed or is in doubt"),
            Column("subject", "its subject, once it was handed to the mail server"),
        ),
        _messages,
    ),
    Sheet(
        "notes",
        "Every note that was written into the accounting system, or is owed to it.",
        (
            _BOOK,
            Column("message", "the id of the message that it is about"),
            Column("target", "where it belongs: `invoice` or `customer`"),
            Column("target_id", "the id of that invoice or customer in the accounting system"),
            Column("target_name", "that invoice's number, or that customer's name"),
            Column("text", "what it says"),
            Column("status", "`owed`, `writing`, `written` or `failed`"),
            Column("reason", "why it is not written, where it was tried"),
            Column("written_at", "when it was written, in UTC"),
        ),
        _notes,
    ),
)  # fmt: skip
