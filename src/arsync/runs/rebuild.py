"""Restore what was sent from the notes in the accounting system, after the database was lost.

Everything is read before anything is restored: on half of what was sent steps would be taken twice. Who has
notes that the service refuses to give is paused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from arsync.connector import Note
from arsync.connector.protocol import NoteReader
from arsync.errors import ArsyncError, FixSettings
from arsync.policy.asks import asked
from arsync.policy.in_force import InForce
from arsync.policy.model import Message
from arsync.policy.rules import Step
from arsync.runs.book import Book
from arsync.runs.letters import note_key
from arsync.runs.mark_reading import Reading
from arsync.runs.planning import mail_domain, read_facts
from arsync.runs.witness import Mark, Owed, Place, Testimony, Wait, marks_of, witnessed
from arsync.store import Claim
from arsync.store.families import families
from arsync.store.holds import holds_of, put_hold
from arsync.store.owing import Target
from arsync.store.rebuild import (
    Left,
    forget_read,
    names,
    noted,
    open_invoices,
    restore,
    statuses,
    strange_marks,
    written,
)
from arsync.writing.note import inert, mark
from arsync.writing.note_reading import HoldSaid, NoteSaid

# Days for which notes on invoices that were paid meanwhile are looked at: a message about them counts as a
# contact. A policy with longer caps or gaps has more.
WINDOW = 30
# On a day that runs short of calls the notes on several invoices become one on their customer.
_KINDS: dict[str, tuple[Target, ...]] = {
    "invoice": ("invoice", "customer"),
    "customer": ("customer",),
    "both": ("invoice", "customer"),
}


class Findings(msgspec.Struct, kw_only=True):
    """What the notes tell. ``messages`` and ``waits`` are new; ``steps`` are how many are new with them;
    ``notes`` are those found, ``holds`` those of them that are about holds, ``new_notes`` those that this
    database did not know; ``looked_at`` is in how many places was looked."""

    book: str
    looked_at: int
    notes: int
    holds: int
    new_notes: int
    testimony: Testimony
    done: bool = False

    @property
    def messages(self) -> Sequence[tuple[Message, date]]:
        return self.testimony.left

    @property
    def waits(self) -> Sequence[Wait]:
        return self.testimony.waits

    @property
    def steps(self) -> int:
        return sum(1 for it, _ in self.testimony.left for line in it.lines if line.step is not None)


def look(book: Book, claim: Claim) -> Findings:
    """Read the notes of all who owe, and what they tell; nothing but what was read is kept.

    Raises HalfPulled, FixSettings for a book that writes no notes, what the connector raises, and TryLater
    where not all could be read now: then it goes on from there the next time.
    """
    book.complete_state()
    reader = book.source
    if not isinstance(reader, NoteReader):
        raise ArsyncError(
            f"the connector of {book.name} cannot read notes, so nothing can be rebuilt from them"
        )
    kinds = kinds_of(book)
    if not kinds:
        raise FixSettings(
            'the book writes no notes (notes = "none"), so nothing can be rebuilt from them; if it wrote '
            'some once, say where ("invoice", "customer" or "both")',
            key=f"books.{book.name}.notes",
        )
    invoices, payers = _invoices(book, reader)
    reading = Reading(book, claim, reader)
    reading.read(_places(invoices, payers, kinds))
    if cut := _cut_short(marks_of(reading.found), invoices, payers):
        reading.read([("invoice", id_) for id_ in cut])
    forget_read(book.store, claim)
    marks = marks_of({(it.target, it.target_id): it for it in reading.found}.values())
    states = statuses(book.store, book.name)
    there = written(book.store, book.name)
    known = {id_ for id_, status in states.items() if status == "sent"}
    called = names(book.store, book.name)
    known |= noted(book.store, book.name) - states.keys()
    testimony = witnessed(
        marks,
        invoices,
        called,
        _Steps(book),
        payers=payers,
        known=known,
        in_doubt={id_ for id_, status in states.items() if status == "in-doubt"},
        today=book.today,
    )
    testimony.waits += _unread(reading.refused, invoices, called, payers)
    return Findings(
        book=book.name,
        looked_at=len(reading.found),
        notes=len(marks),
        holds=sum(1 for it in marks if isinstance(it.said, HoldSaid)),
        new_notes=sum(1 for it in marks if (it.id, *it.place) not in there),
        testimony=testimony,
    )


def apply(book: Book, claim: Claim, found: Findings) -> Findings:
    """Restore what was found, in one transaction. What is known already stays. Raises LostLease."""
    states = statuses(book.store, book.name)
    told, at = found.testimony, book.clock()
    with book.store.writing(claim):
        restore(
            book.store,
            claim,
            [Left(message, day, _noon(book, day)) for message, day in told.left],
            [
                (id_, Note(target=place[0], target_id=place[1], mark=mark(id_), text=text, key=key), when)
                for id_, place, text, day in told.marks
                for key in [note_key(book.name, id_, *place)]
                for when in [at if day is None else _noon(book, day)]
            ],
            policy_name=book.policy.name,
            domain=mail_domain(book),
            keep_lines={id_ for id_, status in states.items() if status == "in-doubt"},
        )
        for wait in told.waits:
            if not _waits_already(book, wait):
                put_hold(
                    book.store,
                    book.name,
                    wait.target,
                    wait.target_id,
                    reason="paused",
                    until=wait.until,
                    note=wait.why,
                    at=at,
                    day=book.today,
                )
    found.done = True
    return found


def _waits_already(book: Book, wait: Wait) -> bool:
    """Whether a hold of all of it stands for as long: one that is over or ends sooner, or is about a part or
    a promise, would let it go on unseen."""
    return any(
        it.amount is None
        and it.reason != "promised"
        and (it.until is None or (wait.until is not None and it.until >= wait.until))
        for it in holds_of(book.store, book.name, wait.target, wait.target_id)
    )


def rebuild(book: Book, claim: Claim) -> Findings:
    """Look, and restore what was found. Raises what `look` raises."""
    return apply(book, claim, look(book, claim))


def kinds_of(book: Book) -> tuple[Target, ...]:
    """On what notes are looked for: where the book writes them, and where marks of others were seen."""
    kinds = dict.fromkeys(_KINDS.get(book.notes, ()))
    return tuple(kinds | dict.fromkeys(it.target for it in strange_marks(book.store, book.name)))


def memory(book: Book) -> int:
    """For how many days a message is a contact that counts, whatever became of its invoices."""
    return max(WINDOW, asked(book.policy).contact_days, book.policy.min_gap_days)


def _invoices(book: Book, reader: NoteReader) -> tuple[dict[str, Owed], dict[str, str]]:
    """What is open, and what was settled lately, by id; and who pays for whom."""
    with book.store.reading() as conn:
        payers = dict(families(conn, book.name).payers)
    found = {
        it.id: Owed(
            it.id,
            it.number,
            it.customer_id,
            payers.get(it.customer_id, it.customer_id),
            it.currency,
            it.open,
            it.due_on,
        )
        for it in open_invoices(book.store, book.name)
    }
    for it in reader.settled(book.today - timedelta(days=memory(book))):
        payer = payers.get(it.customer_id, it.customer_id)
        found.setdefault(it.id, Owed(it.id, it.number, it.customer_id, payer, it.currency, 0, it.due_on))
    return found, payers


def _places(
    invoices: dict[str, Owed], payers: Mapping[str, str], kinds: Iterable[Target]
) -> list[tuple[Target, str]]:
    """Where notes may stand: on the invoices, and on those whom they went to. A customer that was merged
    into another has its notes still."""
    owing = {it.payer for it in invoices.values()}
    places: dict[tuple[Target, str], None] = {}
    for kind in kinds:
        for it in invoices.values():
            places[kind, it.id if kind == "invoice" else it.payer] = None
            if kind == "customer" and it.customer != it.payer:
                places[kind, it.customer] = None  # it may have paid for itself before
        if kind == "customer":
            places |= dict.fromkeys((kind, it) for it, payer in payers.items() if payer in owing)
    return list(places)


def _cut_short(marks: Sequence[Mark], invoices: dict[str, Owed], payers: dict[str, str]) -> list[str]:
    """The invoices of customers whose notes do not name all that took a step: these have notes of their
    own."""
    whose = {
        payers.get(it.place[1], it.place[1])
        for it in marks
        if it.place[0] == "customer" and isinstance(it.said, NoteSaid)
        if it.said.more and not it.said.more_listed
    }
    return [it.id for it in invoices.values() if it.payer in whose]


def _unread(
    refused: Mapping[Place, str],
    invoices: Mapping[str, Owed],
    names: Mapping[str, str],
    payers: Mapping[str, str],
) -> list[Wait]:
    """Whom nothing is sent to: those of whom it is not known what they were sent, each once."""
    waits: dict[str, Wait] = {}
    for (target, id_), why in refused.items():
        if target == "invoice":
            customer, where = invoices[id_].payer, f"the invoice {invoices[id_].number or id_}"
        else:
            customer, where = payers.get(id_, id_), f"the customer {names.get(id_, id_)}"
        words = f"rebuilt: the notes on {where} cannot be read ({why}), so it is not known what was sent"
        waits.setdefault(customer, Wait("customer", customer, words))
    return list(waits.values())


def _noon(book: Book, day: date) -> datetime:
    return datetime.combine(day, time(12), book.zone)


class _Steps:
    """The policy's steps by their names as notes have them: of an invoice's own ladder before others."""

    def __init__(self, book: Book) -> None:
        self._facts = facts = read_facts(book, book.today, stale=None)
        self._in_force = InForce(book.policy, facts)
        self._debts = {debt.id: debt for debt in facts.debts}
        self._every = {inert(step.name): step for step in reversed(book.policy.every_step)}

    def __call__(self, invoice: str | None, name: str) -> Step | None:
        debt = None if invoice is None else self._debts.get(invoice)
        if debt is not None:
            debtor = self._facts.debtors[debt.customer_id]
            ladder = self._in_force.debt(debtor, debt, self._in_force.customer(debtor))
            own = next((step for step in ladder.steps if inert(step.name) == name), None)
            if own is not None:
                return own
        return self._every.get(name)
