"""A planned message with what its letter and its notes say: built once, from one view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

import msgspec

from arsync.connector import Note
from arsync.mail import parse_mailbox
from arsync.policy.model import Message, Task
from arsync.runs.book import Book
from arsync.store.invoices import invoices_of, language_of
from arsync.store.messages import written_to
from arsync.writing import LetterView, letter_view, note_text
from arsync.writing.note import mark, written

Target = Literal["invoice", "customer"]
# Short enough for every vendor's field; Xero's older pages say 250 characters a note, its current one 2,500.
NOTE_LIMIT = {"invoice": 500, "customer": 1000}


def message_view(book: Book, message: Message | Task, today: date, *, opt_out: bool = False) -> LetterView:
    """The one view of a message, from which its text, HTML and notes are made. ``opt_out``: it tells how
    to hear no more by e-mail."""
    name, address = parse_mailbox(book.sender)
    state = book.state()
    return letter_view(
        message,
        invoices_of(book.store, book.name, [line.invoice_id for line in message.lines]),
        company=state.name or name or book.name,
        sender_name=name,
        sender_address=address,
        reply_to=parse_mailbox(book.reply_to)[1] if book.reply_to else None,
        today=today,
        language=language_of(book.store, book.name, message.customer_id) or book.language,
        opt_out=opt_out,
        first_letter=not written_to(book.store, book.name, message.customer_id, but=message.id),
    )


def notes_for(book: Book, message: Message, to: Sequence[str], day: date) -> list[Note]:
    """The notes that a delivered message owes: on each of its invoices, on its customer, both or none. An
    invoice whose step does not fit into the customer's note has one of its own: no step is lost with the
    database.

    Of those it was delivered ``to`` they name none who got a blind copy: customers may read a note.
    """
    if book.notes == "none":
        return []
    to = [address for address in to if address not in message.bcc]
    view = message_view(book, message, day)
    every = range(len(message.lines))
    on_customer: list[Note] = []
    unnamed: Sequence[int] = ()
    if book.notes in ("customer", "both"):
        text = written(view, message.id, to, limit=NOTE_LIMIT["customer"])
        on_customer.append(_note(book, message, "customer", message.customer_id, text.text))
        unnamed = text.unnamed
    return [
        _note(book, message, "invoice", message.lines[at].invoice_id, _own_text(message, view, to, at))
        for at in (every if book.notes in ("invoice", "both") else unnamed)
    ] + on_customer


def _own_text(message: Message, view: LetterView, to: Sequence[str], at: int) -> str:
    """The note on the message's invoice at that place: it comes first, also before one of its number."""
    lines = (view.lines[at], *view.lines[:at], *view.lines[at + 1 :])
    own = msgspec.structs.replace(view, lines=lines)
    return note_text(own, message.id, to, first=lines[0].number, limit=NOTE_LIMIT["invoice"])


def _note(book: Book, message: Message, target: Target, target_id: str, text: str) -> Note:
    key = note_key(book.name, message.id, target, target_id)
    return Note(target=target, target_id=target_id, mark=mark(message.id), text=text, key=key)


def note_key(book: str, message_id: str, target: Target, target_id: str) -> str:
    """The idempotency key of a note, made of what the note is, so that the same one never has two."""
    return str(uuid5(NAMESPACE_URL, f"arsync:{book}:{message_id}:{target}:{target_id}"))
