"""The notes that holds owe to the accounting system: put, released, and what became of a promise.

They go where the book's `notes` says, as those of messages do, each once, under a mark of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from arsync.connector import Note
from arsync.policy.model import HoldOrder
from arsync.policy.promises import CREDIT
from arsync.runs.book import Book
from arsync.runs.letters import NOTE_LIMIT, Target
from arsync.store.columns import instant
from arsync.store.invoices import invoices_of
from arsync.store.notes import owe
from arsync.store.owing import open_of
from arsync.writing.hold_note import Happening, hold_note_text
from arsync.writing.note import mark

# Invoices of a customer that get a note each where a book writes on invoices alone.
MOST = 50


def owe_hold_note(book: Book, target: Target, target_id: str, order: HoldOrder, what: Happening) -> None:
    """Owe the notes of a hold on an invoice or a customer, in the transaction around it. A book whose
    ``notes`` is "none" owes none."""
    at, day = book.clock(), book.today
    note_id = _id(book, target, target_id, order, what)
    for place, place_id, about in _places(book, target, target_id, order):
        text = hold_note_text(order, what, note_id, day, about=about, limit=NOTE_LIMIT[place])
        key = uuid5(NAMESPACE_URL, f"arsync:{book.name}:{note_id}:{place}:{place_id}")
        note = Note(target=place, target_id=place_id, mark=mark(note_id), text=text, key=str(key))
        with book.store.writing() as conn:
            owe(conn, book.name, note_id, [note], at)


def _id(book: Book, target: Target, target_id: str, order: HoldOrder, what: Happening) -> str:
    """48 bits in hexadecimal, as the ids of messages: the same for the same happening, and for no other."""
    about, at = (book.name, target, target_id), instant(book.clock())
    parts = (*about, order.reason, what, at, order.until, order.amount)
    return sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:12]


def _places(
    book: Book, target: Target, target_id: str, order: HoldOrder
) -> Iterator[tuple[Target, str, str]]:
    """Where its notes stand, and the number of the invoice that each is about where that is not said by
    its place. A hold on a customer stands on the customer, or on its open invoices in a book that writes
    on invoices alone."""
    on_invoice, on_customer = book.notes in ("invoice", "both"), book.notes in ("customer", "both")
    if target == "invoice":
        if on_invoice:
            yield "invoice", target_id, ""
        invoice = invoices_of(book.store, book.name, [target_id]).get(target_id)
        if on_customer and invoice is not None:
            yield "customer", invoice.customer_id, invoice.number or target_id
    elif on_customer:
        yield "customer", target_id, ""
    elif on_invoice:
        for invoice_id in _invoices(book, target_id, order)[:MOST]:
            yield "invoice", invoice_id, ""


def _invoices(book: Book, customer_id: str, order: HoldOrder) -> list[str]:
    """Those that a promise was about, else all that are open, in its currency where it has one."""
    if order.lines:
        return [id_ for id_, _ in order.lines if id_ != CREDIT]
    with book.store.reading() as conn:
        found = open_of(conn, book.name, "customer", customer_id)
    return [it.invoice_id for it in found if order.currency in ("", it.currency)]
