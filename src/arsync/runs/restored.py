"""The gate of a restored book: nothing leaves it that may have left since its backup was made.

What is not known is asked, invoice by invoice, by messages that are in doubt: the one that left may have been
about more invoices or fewer than would be written about today. Each invoice's steps are climbed one at a
time, so an answer of "sent" brings up the next question at once, and "not sent" mostly ends them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from arsync.connector.protocol import NoteReader
from arsync.errors import FixSettings
from arsync.policy.in_force import InForce
from arsync.policy.ladder import days_after, identity, step_key
from arsync.policy.model import Line, Message, Plan
from arsync.policy.plan import plan
from arsync.policy.rules import Policy
from arsync.runs.book import Book
from arsync.runs.planning import mail_domain, read_facts
from arsync.runs.witness import Wait
from arsync.store import Claim
from arsync.store.families import family
from arsync.store.messages import messages
from arsync.store.outbox import lapse
from arsync.store.restored import (
    Window,
    cleared,
    first_due,
    last_known,
    notes_read,
    put_in_doubt,
    read_notes,
    settle_known,
    window,
)
from arsync.store.restored import (
    unsettled as still_asked,
)


def reason_of(known: Window) -> str:
    """Why a message is in doubt, as what stands behind it."""
    since, until = (f"{at:%Y-%m-%d %H:%M} UTC" for at in known)
    return f"may have left between {since} and {until}: the database was restored from a backup"


def ask_what_left(book: Book, claim: Claim | None = None, paused: list[Wait] | None = None) -> list[Message]:
    """Put in doubt what a restored book would send and what may have left, before anything else is decided.
    With the ``claim`` of a run also what is approved. Gives what was put in doubt just now; nothing for a
    book that knows everything. What had to be paused meanwhile is added to ``paused``.
    """
    if window(book.store, book.name) is None:
        return []
    asked: list[Message] = []
    if claim is not None:
        settled_by_marks(book, claim, paused)
        approved = [it.message for it in messages(book.store, book.name, status=["approved"])]
        asked += hold_back(book, approved, claim)
    # What a cap leaves out of a plan comes up once the others are in doubt.
    while found := hold_back(book, _unrestrained(book).messages, claim):
        asked += found
    return asked


def settled_by_marks(book: Book, claim: Claim, paused: list[Wait] | None = None) -> list[str]:
    """Take in what the book's notes in the accounting system tell, once, where its connector can read them;
    the messages that asked about it. A letter without a note may have left all the same. What the notes do
    not tell for certain is paused, and added to ``paused``.

    Raises what the connector raises; nothing is sent before they were read.
    """
    if isinstance(book.source, NoteReader) and not notes_read(book.store, book.name):
        from arsync.runs.rebuild import kinds_of, rebuild  # late: few books are restored

        if kinds_of(book):
            book.progress("reading notes, for what left before the database was restored")
            found = rebuild(book, claim)
            if paused is not None:
                paused += found.waits
            read_notes(book.store, claim, book.clock())
    return settle_known(book.store, claim)


def hold_back(book: Book, chosen: Sequence[Message], claim: Claim | None = None) -> list[Message]:
    """Put in doubt what these messages are about and may have left, each invoice by itself. One of them
    that is approved is approved no more, if there is a ``claim``. Gives what was put in doubt just now."""
    known = window(book.store, book.name)
    if known is None or not chosen:
        return []
    suspects = list(_suspects(book, chosen, known))
    doubts = [_doubt(book, message, line, known) for message, line in suspects]
    if not doubts:
        return []
    ids = {it.id for it in doubts}
    for message in dict.fromkeys(message.id for message, _ in suspects):
        if claim is not None and message not in ids and messages(book.store, book.name, ids=[message]):
            _lapse(book, claim, message)
    return put_in_doubt(
        book.store,
        book.name,
        doubts,
        alone=_alone(book.policy),
        policy_name=book.policy.name,
        domain=mail_domain(book),
        at=book.clock(),
        left_at=known.until,
        day=known.until.astimezone(book.zone).date(),
        claim=claim,
    )


def asked_words(book: str, asked: Sequence[Message]) -> str:
    """What was put in doubt just now, as a sentence with what to do."""
    one = len(asked) == 1
    return (
        f"{book}: {len(asked)} message{'' if one else 's'} {asked[0].reason}; look in the sent mail for "
        f"{'it' if one else 'them'} (`arsync worklist {book}` lists {'it' if one else 'them'}), then "
        f"`arsync resolve {book} MESSAGE sent` (or not-sent), or for all of them "
        f"`arsync resolve {book} restored not-sent`"
    )


def unsettled(book: Book) -> list[str]:
    """The messages that still ask what left before the book was restored. Raises FixSettings for none."""
    found = still_asked(book.store, book.name)
    if not found:
        raise FixSettings(f"no message of {book.name} is in doubt because its database was restored")
    return found


def _lapse(book: Book, claim: Claim, message: str) -> None:
    [it] = messages(book.store, book.name, ids=[message])
    if it.status == "approved":
        why = "some of it may have left before the database was restored"
        lapse(book.store, claim, message, why, at=book.clock(), day=book.today)


def _unrestrained(book: Book) -> Plan:
    """What a run would send if nobody had heard anything lately: days of contact are what is not known."""
    facts = read_facts(book, book.today, stale=None)
    free = msgspec.structs.replace(facts, contacted={}, contacts={}, approved=(), unreconciled={})
    return plan(book.name, free, book.policy, book.today)


def _suspects(book: Book, chosen: Sequence[Message], known: Window) -> Iterator[tuple[Message, Line]]:
    """The invoices whose steps may have been taken: their day had come when the book was restored, and what
    is known of the customer does not stand against it."""
    since, until = (at.astimezone(book.zone).date() for at in known)
    gaps = _gaps(book, sorted({it.customer_id for it in chosen}))
    with book.store.reading() as conn:
        for message in chosen:
            free = _free_from(book, conn, message, gaps.get(message.customer_id, 1), since)
            if free is not None and free > until:
                continue
            for line in message.lines:
                if line.step is None or cleared(conn, book.name, line):
                    continue
                due = first_due(conn, book.name, line)
                if due is not None and days_after(due, line.offset or 0) <= until:
                    yield message, line


def _gaps(book: Book, customers: Sequence[str]) -> dict[str, int]:
    """The days between two messages to each of these customers."""
    facts = read_facts(book, book.today, customers, stale=None)
    in_force = InForce(book.policy, facts)

    return {
        id_: max(in_force.customer(in_force.debtor(it)).min_gap_days, 1) for id_, it in facts.debtors.items()
    }


def _free_from(book: Book, conn: sqlite3.Connection, message: Message, gap: int, since: date) -> date | None:
    """The first day on which the customer could have been written to again, by what the backup knows."""
    whose = family(book.store, book.name, [message.customer_id])
    last = last_known(conn, book.name, whose, since)
    return None if last is None else days_after(last, gap)


def _alone(policy: Policy) -> set[str]:
    """The steps that an invoice may pass over: those before the due date, those with conditions, and where
    there are several ladders all of them."""
    return {
        step.name
        for step in policy.every_step
        if step.offset <= 0 or step.at_least or step.only_for or step.not_for or policy.ladders
    }


def _doubt(book: Book, message: Message, line: Line, known: Window) -> Message:
    """The question about one invoice, as the message that would be about it alone."""
    assert line.step is not None
    step = line.step if line.round == 1 else step_key(line.step, line.round)
    template = next((it.template for it in book.policy.every_step if it.name == line.step), None)
    own = line.step == message.step
    return msgspec.structs.replace(
        message,
        id=identity(book.name, message.customer_id, message.currency, [(line.invoice_id, step)]),
        step=line.step,
        template=template or message.template,
        offset=message.offset if line.offset is None else line.offset,
        total=line.open,
        lines=(line,),
        status="in-doubt",
        reason=reason_of(known),
        offer=message.offer if own else None,
        offer_until=message.offer_until if own else None,
    )
