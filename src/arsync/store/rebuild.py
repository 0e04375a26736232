"""What is found again by its marks in the accounting system: messages, steps, notes; and marks of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from arsync.policy.model import Message
from arsync.store import story
from arsync.store.columns import day_of, instant
from arsync.store.database import Store
from arsync.store.delivery import stand_by_offer, take_steps
from arsync.store.fence import Claim
from arsync.store.outbox import put
from arsync.store.owing import Target
from arsync.store.queries import statements

if TYPE_CHECKING:
    from arsync.connector.protocol import FoundNote, Note

_SQL = statements("rebuild")
REASON = "rebuilt from its notes"
# What was read longer ago than this is read again.
KEEPS = timedelta(days=30)


class Left(msgspec.Struct, frozen=True):
    """A message that has left by the witness of its notes: on ``day``; ``at`` is an instant of it."""

    message: Message
    day: date
    at: datetime


class OpenInvoice(NamedTuple):
    """An open invoice of the accounting system's own customer."""

    id: str
    number: str
    customer_id: str
    currency: str
    open: int
    due_on: date | None


class StrangeMark(NamedTuple):
    """A mark of somebody else's, with the note as it stands there; ``label`` is the invoice's number or the
    customer's name."""

    message: str
    target: Target
    target_id: str
    text: str
    seen_at: str
    label: str


def open_invoices(store: Store, book: str) -> list[OpenInvoice]:
    """What is open, in the order of the customers that owe it."""
    return [
        OpenInvoice(id_, number, customer, currency, open_, day_of(due))
        for id_, number, customer, currency, open_, due in store.rows(_SQL["open_invoices"], (book,))
    ]


def names(store: Store, book: str) -> dict[str, str]:
    """All customers' names by id."""
    return dict(store.rows(_SQL["names"], (book,)))


def read_before(store: Store, book: str, *, now: datetime) -> dict[tuple[Target, str], str]:
    """What an earlier reading, cut short, has read already; empty texts where nothing stood."""
    rows = store.rows(_SQL["read_before"], (book, instant(now - KEEPS)))
    return {(target, id_): text for target, id_, text in rows}


def keep_read(store: Store, claim: Claim, found: Iterable[FoundNote], *, at: datetime) -> None:
    """Keep what was read, so that a reading that is cut short goes on from here."""
    with store.writing(claim) as conn:
        conn.executemany(
            _SQL["keep_read"], [(claim.book, it.target, it.target_id, it.text, instant(at)) for it in found]
        )


def forget_read(store: Store, claim: Claim) -> None:
    """All was read: the next reading is a new one."""
    with store.writing(claim) as conn:
        conn.execute(_SQL["forget_read"], (claim.book,))


def statuses(store: Store, book: str) -> dict[str, str]:
    """The outbox's states by message."""
    return dict(store.rows(_SQL["messages"], (book,)))


def noted(store: Store, book: str) -> set[str]:
    """The ids of the messages and holds of which this database has notes."""
    return {id_ for (id_,) in store.rows(_SQL["noted"], (book,))}


def written(store: Store, book: str) -> set[tuple[str, Target, str]]:
    """The notes that are known to stand: message or hold, and where."""
    return set(store.rows(_SQL["known_notes"], (book,)))


def ours(store: Store, book: str, ids: Iterable[str]) -> set[str]:
    """Those of the ids in marks that this database knows to have left, or to be in doubt, or to be of a
    note of its own. One that only waits here was left by somebody else."""
    return {id_ for id_ in set(ids) if store.rows(_SQL["ours"], {"book": book, "id": id_})}


def found_again(store: Store, book: str) -> bool:
    """Whether the book once was rebuilt from its notes: then some of its own marks may be unknown to it."""
    return bool(store.rows(_SQL["found_again"], {"book": book, "reason": REASON}))


def keep_strange(
    store: Store, claim: Claim, marks: Iterable[tuple[str, Target, str, str]], *, at: datetime
) -> None:
    """Keep marks of somebody else's: (id, target, target's id, text)."""
    with store.writing(claim) as conn:
        conn.executemany(_SQL["strange"], [(claim.book, *mark, instant(at)) for mark in marks])


def strange_marks(store: Store, book: str) -> list[StrangeMark]:
    """The marks of somebody else's that are not known meanwhile, those seen first before the others."""
    return [StrangeMark(*row) for row in store.rows(_SQL["strange_marks"], {"book": book})]


def restore(
    store: Store,
    claim: Claim,
    left: Sequence[Left],
    notes: Sequence[tuple[str, Note, datetime]],
    *,
    policy_name: str,
    domain: str,
    keep_lines: Collection[str] = (),
) -> None:
    """Take in what has left, in one transaction: messages are sent, their steps taken, and the notes (each
    with its message's or hold's id) written. What is known to be sent stays as it is.

    Of messages in ``keep_lines`` the outbox knows the lines better than the notes. The marks of others are
    forgotten: they are known now.
    """
    book = claim.book
    with store.writing(claim) as conn:
        for it in left:
            id_, day = it.message.id, it.day.isoformat()
            if id_ not in keep_lines:
                conn.execute(_SQL["put_aside"], (book, id_))
            message_id = f"<arsync.{id_}@{domain}>"
            put(conn, book, it.message, policy_name=policy_name, message_id=message_id, at=it.at)
            values = {"book": book, "id": id_, "reason": REASON, "at": instant(it.at), "day": day}
            if not conn.execute(_SQL["has_left"], values).rowcount:
                continue
            take_steps(conn, book, id_, "message", it.day)
            stand_by_offer(conn, book, id_, it.day)
            story.log(
                conn,
                book,
                "sent",
                at=it.at,
                day=it.day,
                customer_id=it.message.customer_id,
                source=id_,
                detail="; ".join(filter(None, (f"to {', '.join(it.message.to)}", REASON))),
            )
        for message, note, at in notes:
            values = {"book": book, "message": message, "target": note.target, "target_id": note.target_id}
            conn.execute(_SQL["written"], {**values, "text": note.text, "key": note.key, "at": instant(at)})
        conn.execute(_SQL["forget_strange"], (book,))
