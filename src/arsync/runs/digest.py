"""Notes where the calls of a day run short: one on the customer in place of several on invoices, and those
that do not fit left for another day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from arsync.connector import Note
from arsync.runs.book import Book
from arsync.runs.letters import notes_for
from arsync.store import Claim
from arsync.store.messages import OutboxMessage, messages
from arsync.store.notes import digested, untried

# A note is looked for before it is written.
CALLS_A_DOCUMENT = 2


def digest(book: Book, claim: Claim) -> None:
    """Owe one note on the customer in place of those on several invoices of theirs.

    Only notes that no run has tried to write: one that was may stand there already. Each message keeps a
    note of its own, with its mark; those on one customer go in one call.
    """
    of_message: dict[str, set[str]] = {}
    for message_id, invoice_id in untried(book.store, book.name):
        of_message.setdefault(message_id, set()).add(invoice_id)
    of_customer: dict[str, list[OutboxMessage]] = {}
    for sent in messages(book.store, book.name, ids=of_message):
        of_customer.setdefault(sent.message.customer_id, []).append(sent)
    on_customer = replace(book, notes="customer")
    for customer in of_customer.values():
        notes = {it.message.id: _notes(on_customer, it) for it in customer}
        before = set().union(*(of_message[it.message.id] for it in customer))
        after = {(note.target, note.target_id) for each in notes.values() for note in each}
        if len(after) < len(before):
            for message_id, those in notes.items():
                digested(book.store, claim, message_id, those, at=book.clock())


def fitting(notes: Sequence[Note], calls: int | None) -> tuple[list[Note], list[Note]]:
    """The notes that so many calls (None: any number) suffice for, document by document, and the rest."""
    documents: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        documents.setdefault((note.target, note.target_id), []).append(note)
    groups = list(documents.values())
    room = len(groups) if calls is None else calls // CALLS_A_DOCUMENT
    return [note for group in groups[:room] for note in group], [
        note for group in groups[room:] for note in group
    ]


def _notes(book: Book, sent: OutboxMessage) -> list[Note]:
    to = sent.accepted or sent.message.to
    return notes_for(book, sent.message, to, sent.ended_on or book.today)
