"""What became of a message that was handed over, as the mail server or a person tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from arsync.errors import FixSettings
from arsync.store import notes as notes_
from arsync.store import story
from arsync.store.agreements import offered
from arsync.store.columns import instant, joined, pairs
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.messages import read
from arsync.store.outbox import changed, customer_of
from arsync.store.queries import statements

if TYPE_CHECKING:
    from arsync.connector.protocol import Note

Verdict = Literal["sent", "not-sent", "drop"]

_SQL = statements("outbox")


def delivered(
    store: Store,
    claim: Claim,
    message_id: str,
    *,
    accepted: Sequence[str],
    refused: Mapping[str, str],
    at: datetime,
    day: date,
    notes: Sequence[Note] = (),
) -> None:
    """sending -> sent: its steps are taken, what it offers is agreed, and its notes are owed, in one
    transaction.

    Raises Conflict, as all below do, unless the message is being sent by this very run.
    """
    more = {"accepted": joined(accepted), "refused": pairs(refused)}
    with store.writing(claim) as conn:
        detail = "; ".join(filter(None, (f"to {', '.join(accepted)}", *_refusals(refused))))
        _end(conn, claim, message_id, "sent", detail, at=at, day=day, **more)
        conn.execute(_SQL["count_sent"], (claim.book, claim.fence))
        take_steps(conn, claim.book, message_id, "message", day)
        stand_by_offer(conn, claim.book, message_id, day)
        notes_.owe(conn, claim.book, message_id, notes, at)


def back_to_approved(
    store: Store, claim: Claim, message_id: str, why: str, *, at: datetime, day: date
) -> None:
    """sending -> approved: nothing left, certainly, and it may be offered again."""
    with store.writing(claim) as conn:
        _end(conn, claim, message_id, "put-back", why, at=at, day=day, reason=why)


def failed(
    store: Store,
    claim: Claim,
    message_id: str,
    reason: str,
    *,
    refused: Mapping[str, str],
    at: datetime,
    day: date,
) -> None:
    """sending -> failed: nothing left, and nothing will without a person."""
    with store.writing(claim) as conn:
        detail = "; ".join((reason, *_refusals(refused)))
        _end(conn, claim, message_id, "failed", detail, at=at, day=day, reason=reason, refused=pairs(refused))


def in_doubt(store: Store, claim: Claim, message_id: str, reason: str, *, at: datetime, day: date) -> None:
    """sending -> in-doubt: it may have left or not. Its day stays the one on which it was handed over."""
    with store.writing(claim) as conn:
        _end(conn, claim, message_id, "in-doubt", reason, at=at, day=day, reason=reason)


def resolve(
    store: Store,
    book: str,
    message_id: str,
    verdict: Verdict,
    *,
    at: datetime,
    day: date,
    notes: Sequence[Note] = (),
) -> None:
    """A person settles a message that is in doubt or failed.

    sent: as delivered, on the day it was handed over. not-sent: back to approved. drop: withdrawn as
    'dropped'; its steps are passed over and do not count as contact. Raises FixSettings for a message
    in another state, or one that is not known.
    """
    with store.writing() as conn:
        customer = _settleable(conn, book, message_id)
        if verdict == "sent":
            conn.execute(_SQL["resolved_sent"], (book, message_id))
            take_steps(conn, book, message_id, "message", day)
            stand_by_offer(conn, book, message_id, day)
            notes_.owe(conn, book, message_id, notes, at)
        elif verdict == "not-sent":
            conn.execute(_SQL["resolved_not_sent"], (book, message_id))
        else:
            values = {"book": book, "id": message_id, "at": instant(at), "day": day.isoformat()}
            conn.execute(_SQL["resolved_drop"], values)
            take_steps(conn, book, message_id, "dropped", day)
        story.log(
            conn, book, "resolved", at=at, day=day, customer_id=customer, source=message_id, detail=verdict
        )


def _settleable(conn: sqlite3.Connection, book: str, message_id: str) -> str:
    """The customer of a message that a person may settle."""
    row = conn.execute(_SQL["state"], (book, message_id)).fetchone()
    if row is None:
        raise FixSettings(f"the outbox of {book} has no message {message_id}")
    status, customer = row
    if status == "sending":
        raise FixSettings(
            f"the message {message_id} is being sent right now; if its run was cut short, "
            f"`arsync send {book}` finds out and puts it in doubt first"
        )
    if status not in ("in-doubt", "failed"):
        raise FixSettings(
            f"the message {message_id} is {status}; only one that is in doubt or failed is to be resolved"
        )
    return str(customer)


def _end(
    conn: sqlite3.Connection,
    claim: Claim,
    message_id: str,
    what: Literal["sent", "put-back", "failed", "in-doubt"],
    detail: str,
    *,
    at: datetime,
    day: date,
    **more: str,
) -> None:
    """One change out of sending, with its event."""
    statement = {"sent": "sent", "put-back": "back", "failed": "failed", "in-doubt": "in_doubt"}[what]
    values = {"book": claim.book, "id": message_id, "fence": claim.fence, "at": instant(at)}
    values |= {"day": day.isoformat(), **more}
    changed(conn.execute(_SQL[statement], values), message_id, "being sent by this run")
    customer = customer_of(conn, claim.book, message_id)
    story.log(conn, claim.book, what, at=at, day=day, customer_id=customer, source=message_id, detail=detail)


def take_steps(
    conn: sqlite3.Connection, book: str, message_id: str, how: Literal["message", "dropped"], day: date
) -> None:
    """The steps of a message's lines are taken, in the caller's write transaction: on the day on which the
    message ended, else on ``day``."""
    values = {"book": book, "id": message_id, "how": how, "day": day.isoformat()}
    conn.execute(_SQL["take_steps"], values)


def stand_by_offer(conn: sqlite3.Connection, book: str, message_id: str, day: date) -> None:
    """The discount that a message offered stands from the day on which the message left."""
    if conn.execute(_SQL["offers"], (book, message_id)).fetchone() is not None:
        [sent] = read(conn, book, "AND m.id = ?", (message_id,))
        offered(conn, book, sent.message, sent.ended_on or day)


def _refusals(refused: Mapping[str, str]) -> list[str]:
    return [f"refused {address}: {words}" for address, words in refused.items()]
