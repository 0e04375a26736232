"""The outbox: a message from its approval until it was handed over."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo

from arsync.errors import Conflict
from arsync.policy.model import Message
from arsync.policy.rules import Cap
from arsync.store import story
from arsync.store.columns import instant, joined, split, text_of
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements
from arsync.store.restraint import keep_to

_SQL = statements("outbox")


def approve(
    store: Store,
    book: str,
    messages: Sequence[Message],
    *,
    policy_name: str,
    domain: str,
    at: datetime,
    day: date,
    claim: Claim | None = None,
    end_older: bool = False,
) -> tuple[str, ...]:
    """Put planned messages into the outbox; the ids of those that were not there yet.

    One that is there already stays as it is, whatever its state; one that was withdrawn is revived.
    With ``end_older`` an older approval for the same customer and currency is over, in one transaction:
    a plan has one message for them, and both would leave on one day.
    The Message-ID ``<arsync.ID@DOMAIN>`` is given once and kept for ever.
    """
    new = []
    with store.writing(claim) as conn:
        for it in messages:
            message_id = f"<arsync.{it.id}@{domain}>"
            if put(conn, book, it, policy_name=policy_name, message_id=message_id, at=at):
                older_ones = conn.execute(_SQL["older_approvals"], _columns(book, it)).fetchall()
                for (older,) in older_ones if end_older else ():
                    _lapse(conn, book, older, f"message {it.id} took its place", at=at, day=day)
                story.log(conn, book, "approved", at=at, day=day, customer_id=it.customer_id, source=it.id)
                new.append(it.id)
    return tuple(new)


def put(
    conn: sqlite3.Connection, book: str, it: Message, *, policy_name: str, message_id: str, at: datetime
) -> bool:
    """Put a message into the outbox as approved, in the caller's write transaction; False where it is there
    already and was not withdrawn."""
    values = _columns(book, it) | {"policy": policy_name, "message_id": message_id, "at": instant(at)}
    if not conn.execute(_SQL["approve"], values).rowcount:
        return False
    _put_lines(conn, book, it)
    return True


def replace_approved(store: Store, claim: Claim, old_id: str, message: Message) -> None:
    """The approved message takes the lines, amounts and addressees that were read again just now.

    It keeps its id and its Message-ID, by which people and the accounting system know it, also where
    fewer invoices are left and a plan would name it anew. Raises Conflict unless it is approved.
    """
    with store.writing(claim) as conn:
        values = _columns(claim.book, message) | {"id": old_id}
        changed(conn.execute(_SQL["replace"], values), old_id, "approved")
        _put_lines(conn, claim.book, message, old_id)


def lapse(store: Store, claim: Claim, message_id: str, why: str, *, at: datetime, day: date) -> None:
    """The approval does not stand any more: the message leaves the outbox, and events tell, one for
    each invoice whose step it would have taken. Raises Conflict unless it is approved."""
    with store.writing(claim) as conn:
        _lapse(conn, claim.book, message_id, why, at=at, day=day)


def _lapse(
    conn: sqlite3.Connection, book: str, message_id: str, why: str, *, at: datetime, day: date
) -> None:
    customer = customer_of(conn, book, message_id)
    invoices = conn.execute(
        "SELECT invoice_id FROM message_lines WHERE book = ? AND message = ? AND step IS NOT NULL "
        "ORDER BY position",
        (book, message_id),
    ).fetchall()
    changed(conn.execute(_SQL["lapse"], (book, message_id)), message_id, "approved")
    for (invoice,) in invoices:
        story.log(
            conn,
            book,
            "lapsed",
            at=at,
            day=day,
            customer_id=customer,
            invoice_id=invoice,
            source=message_id,
            detail=why,
        )


def withdrawn(store: Store, claim: Claim, message_id: str, reason: str, *, at: datetime, day: date) -> None:
    """approved -> withdrawn: nothing is left to say, or a hold has come up. Its steps are not taken.
    Raises Conflict unless it is approved."""
    book = claim.book
    with store.writing(claim) as conn:
        values = {"book": book, "id": message_id, "reason": reason, "at": instant(at), "day": text_of(day)}
        changed(conn.execute(_SQL["withdraw"], values), message_id, "approved")
        customer = customer_of(conn, book, message_id)
        story.log(
            conn, book, "withdrawn", at=at, day=day, customer_id=customer, source=message_id, detail=reason
        )


def hand_over(
    store: Store,
    claim: Claim,
    message_id: str,
    *,
    subject: str,
    body: str,
    proof: str,
    at: datetime,
    day: date,
    caps: Sequence[Cap] = (),
    zone: tzinfo = UTC,
) -> None:
    """approved -> sending, committed before the mail server hears the first byte. ``day`` counts as the
    day of contact from here on, and is one of the book's ``zone``.

    Raises Conflict unless the message is approved, and TooManyContacts where it would break one of
    ``caps``: of the customer's contacts in this book, and of those at its addresses in all others.
    """
    with store.writing(claim) as conn:
        if caps:
            row = conn.execute(_SQL["addressed"], (claim.book, message_id)).fetchone()
            customer, addressees = row or ("", "")
            keep_to(conn, claim.book, customer, split(addressees), caps, day=day, zone=zone)
        values = {
            "book": claim.book,
            "id": message_id,
            "fence": claim.fence,
            "subject": subject,
            "body": body,
            "proof": proof,
            "at": instant(at),
            "day": text_of(day),
        }
        changed(conn.execute(_SQL["hand_over"], values), message_id, "approved")


def changed(cursor: sqlite3.Cursor, message_id: str, expected: str) -> None:
    """Raises Conflict when a change did not find its message in the state it begins from."""
    if not cursor.rowcount:
        raise Conflict(f"the message {message_id} is not {expected} any more; nothing was changed")


def customer_of(conn: sqlite3.Connection, book: str, message_id: str) -> str | None:
    row = conn.execute(_SQL["state"], (book, message_id)).fetchone()
    return None if row is None else row[1]


def _columns(book: str, it: Message) -> dict[str, object]:
    return {
        "book": book,
        "id": it.id,
        "customer_id": it.customer_id,
        "customer_name": it.customer_name,
        "addressees": joined(it.to),
        "cc": joined(it.cc),
        "bcc": joined(it.bcc),
        "step": it.step,
        "template": it.template,
        "step_offset": it.offset,
        "currency": it.currency,
        "total": it.total,
        "unapplied": it.unapplied,
        "offer_basis_points": it.offer.basis_points if it.offer else None,
        "offer_days": it.offer.days if it.offer else None,
        "offer_until": text_of(it.offer_until),
    }


def _put_lines(conn: sqlite3.Connection, book: str, message: Message, id_: str | None = None) -> None:
    id_ = id_ or message.id
    conn.execute(_SQL["drop_lines"], (book, id_))
    conn.executemany(
        _SQL["line"],
        [
            (
                book,
                id_,
                at,
                it.invoice_id,
                it.number,
                text_of(it.due_on),
                it.open,
                it.days_overdue,
                it.step,
                it.offset,
                it.disputed,
                it.not_due,
                it.round,
            )
            for at, it in enumerate(message.lines)
        ],
    )
