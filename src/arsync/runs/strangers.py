"""Somebody else's marks: two installations that chase one company must not both write to its customers.

Before a message leaves, the marks that stand on its customers are looked at. One of a message that this
database has not sent stops the book; one that only waits here was sent by somebody else, for two
installations with one policy decide alike and give their messages one id.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from arsync.connector import FoundNote, Snapshot
from arsync.connector.protocol import NoteReader
from arsync.errors import ArsyncError, Refused, TryLater, UsedUp
from arsync.policy.model import Message
from arsync.runs.book import Book
from arsync.runs.rebuild import memory
from arsync.store import Claim
from arsync.store.families import family
from arsync.store.owing import Target
from arsync.store.rebuild import (
    StrangeMark,
    found_again,
    keep_strange,
    open_invoices,
    ours,
    statuses,
    strange_marks,
)
from arsync.writing.note import inert, mark
from arsync.writing.note_reading import HoldSaid, begins_as_ours, marks_in, read_note


class StrangeMarks(ArsyncError):
    """Marks in the accounting system that this database has not left: the book is stopped."""


def stopped(book: Book) -> str | None:
    """Why nothing leaves the book, as a sentence with what to do; None where nobody else's marks were seen.
    No call is made."""
    found = strange_marks(book.store, book.name)
    if not found:
        return None
    more = "" if len(found) == 1 else f", and {len(found) - 1} more"
    return (
        f"somebody else writes to customers of {book.name}: {_where(found[0])} was not left by this "
        f"database{more}. Nothing leaves the book. End the other installation, or find the lost database; "
        f"then `arsync rebuild {book.name}` takes over what was sent"
    )


def check_stopped(book: Book) -> None:
    """Raises StrangeMarks while the book is stopped."""
    if why := stopped(book):
        raise StrangeMarks(why)


class Looked(msgspec.Struct):
    """Whom one sending has asked about. ``unknown`` are those of whom nothing could be told, and why."""

    customers: set[str] = set()
    unknown: dict[str, str] = {}


class Watch:
    """Looks at the marks on some customers that were just read again: ``snapshot``. Where they came along
    all are looked at now; else those of a message when it is about to leave, for one call a customer.

    Raises StrangeMarks, here and in `look`, once the marks are kept.
    """

    def __init__(self, book: Book, claim: Claim, snapshot: Snapshot, looked: Looked) -> None:
        self._book, self._claim, self._looked = book, claim, looked
        self._along = snapshot.notes is not None
        self._check(snapshot.notes or ())

    def look(self, message: Message) -> bool:
        """Ask what stands on the message's customer; or on the invoice that is overdue the longest, where
        the book's notes stand on invoices: whoever wrote to the customer has named it. Whether the service
        was asked.

        One customer whose notes cannot be read holds up nobody else (`unknown`). Raises TryLater for a
        second one: then it is the service.
        """
        book, reader, looked = self._book, self._book.source, self._looked
        if self._along or book.notes == "none" or not isinstance(reader, NoteReader):
            return False
        if message.customer_id in looked.customers:
            return False
        looked.customers.add(message.customer_id)
        try:
            if book.notes == "invoice":
                oldest = max(message.lines, key=lambda line: line.days_overdue or 0)
                self._check(reader.marks([oldest.invoice_id], []))
            else:
                self._check(reader.marks([], [message.customer_id]))
        except (Refused, TryLater) as error:
            if isinstance(error, UsedUp) or (isinstance(error, TryLater) and looked.unknown):
                raise
            looked.unknown[message.customer_id] = str(error)
        return True

    def unknown(self, message: Message) -> str:
        """Why it is not known whether somebody else has written to the customer; empty where it is."""
        return self._looked.unknown.get(message.customer_id, "")

    def _check(self, found: Iterable[FoundNote]) -> None:
        marks = [(id_, it.target, it.target_id, text) for it in found for id_, text in marks_in(it.text)]
        known = ours(self._book.store, self._book.name, [id_ for id_, *_ in marks])
        strange = [it for it in marks if it[0] not in known and begins_as_ours(it[3])]
        if strange and found_again(self._book.store, self._book.name):
            strange = [it for it in strange if not self._is_history(*it)]
        if strange:
            keep_strange(self._book.store, self._claim, strange, at=self._book.clock())
            check_stopped(self._book)

    def _is_history(self, id_: str, target: Target, target_id: str, text: str) -> bool:
        """Whether a note of a rebuilt book binds nothing any more: a rebuild looks at those who owe, and who
        had paid long before bears marks of ours too. It is older than what counts as a contact, and all
        that it speaks of is settled."""
        book, said = self._book, read_note(text)
        if target == "invoice" or said is None or statuses(book.store, book.name).get(id_):
            return False
        if said.day >= book.today - timedelta(days=memory(book)):
            return False
        if isinstance(said, HoldSaid):
            over = said.what != "held" or (said.until is not None and said.until < book.today)
            return over or self._is_settled({said.about} if said.about else None, target_id)
        whole = not said.more or said.more_listed
        return whole and self._is_settled({line.number for line in said.lines}, target_id)

    def _is_settled(self, numbers: set[str] | None, customer: str) -> bool:
        """Whether the customer owes none of these invoices; None for all."""
        whose = family(self._book.store, self._book.name, [customer])
        owed = {
            inert(it.number or it.id)
            for it in open_invoices(self._book.store, self._book.name)
            if it.customer_id in whose
        }
        return not owed if numbers is None else owed.isdisjoint(numbers)


def _where(found: StrangeMark) -> str:
    return f"the mark {mark(found.message)} on the {found.target} {found.label}"
