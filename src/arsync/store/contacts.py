"""Calls and letters: what people did to reach a customer, and what came of it."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from typing import Literal

import msgspec

from arsync.store import story
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.queries import statements

# How a customer is reached besides messages, which stand in the outbox.
ByHand = Literal["call", "letter"]
Outcome = Literal["reached", "no-answer", "promised", "disputed", "complaint", "sent"]

_SQL = statements("contacts")


class KnownContact(msgspec.Struct, frozen=True):
    """A call or a letter. ``day`` is the day of the book, ``owner`` who called or wrote, ``task`` the id
    of the task it was made for."""

    seq: int
    customer_id: str
    channel: ByHand
    outcome: Outcome
    at: datetime
    day: date
    note: str
    owner: str
    task: str | None


def log_contact(
    conn: sqlite3.Connection,
    book: str,
    customer_id: str,
    channel: ByHand,
    outcome: Outcome,
    *,
    at: datetime,
    day: date,
    note: str = "",
    owner: str = "",
    task: str | None = None,
) -> None:
    """Write down a call with its outcome, or a letter ("sent"), with its event, in the caller's write
    transaction. It counts as a contact from here on, whether somebody answered or not."""
    values = {"book": book, "customer_id": customer_id, "channel": channel, "outcome": outcome}
    more = {"at": instant(at), "day": day.isoformat(), "note": note, "owner": owner, "task": task}
    conn.execute(_SQL["log"], {**values, **more})
    what: Literal["called", "letter"] = "called" if channel == "call" else "letter"
    words = "; ".join(filter(None, (outcome, note, f"by {owner}" if owner else "")))
    story.log(conn, book, what, at=at, day=day, customer_id=customer_id, source=task, detail=words)


def contacts_of(store: Store, book: str, customer_id: str) -> list[KnownContact]:
    """The calls and letters to a customer, in order of their days."""
    return [
        KnownContact(
            seq, customer, channel, outcome, datetime.fromisoformat(at), date.fromisoformat(day), *rest
        )
        for seq, customer, channel, outcome, at, day, *rest in store.rows(
            _SQL["of_customer"], (book, customer_id)
        )
    ]
