"""A planned message with what its letter and its notes say: built once, from one view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from arsync.connector import Note
from arsync.mail import parse_mailbox
from arsync.policy.model import Message, Task
from arsync.runs.book import Book
from arsync.store.invoices import invoices_of, language_of
from arsync.store.messages import written_to
from arsync.writing import LetterView, letter_view, note_text
from arsync.writing.note import mark

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
    """The notes that a delivered message owes: on each of its invoices, on its customer, both or none.
    Of those it was delivered ``to`` they name none who got a blind copy: customers may read a note."""
    if book.notes == "none":
        return []
    to = [address for address in to if address not in message.bcc]
    view = message_view(book, message, day)
    notes = []
    if book.notes in ("invoice", "both"):
        for line, shown in zip(message.lines, view.lines, strict=True):
            notes.append(_note(book, message, view, to, "invoice", line.invoice_id, shown.number))
    if book.notes in ("customer", "both"):
        notes.append(_note(book, message, view, to, "customer", message.customer_id, None))
    return notes


def _note(
    book: Book,
    message: Message,
    view: LetterView,
    to: Sequence[str],
    target: Target,
    target_id: str,
    first: str | None,
) -> Note:
    # The key is made of what the note is, so that the same note never has two.
    key = uuid5(NAMESPACE_URL, f"arsync:{book.name}:{message.id}:{target}:{target_id}")
    text = note_text(view, message.id, to, first=first, limit=NOTE_LIMIT[target])
    return Note(target=target, target_id=target_id, mark=mark(message.id), text=text, key=str(key))
