"""The story of a book: events in order, and its runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date, datetime
from typing import Literal

import msgspec

from arsync.store.columns import instant, moment
from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("story")

What = Literal[
    "approved", "lapsed", "sent", "put-back", "withdrawn", "failed", "in-doubt",
    "resolved", "held", "released", "task", "done", "note", "note-failed", "unreconciled", "tied-out",
    "live", "joined",
    "called", "letter", "complaint", "opted-out", "opted-in",
    "promise-kept", "promise-part-kept", "promise-broken", "agreement-proposed", "agreement-made",
    "agreement-kept", "agreement-broken", "agreement-lapsed", "agreement-ended",
]  # fmt: skip


class Event(msgspec.Struct, frozen=True):
    """Something that happened, on a day of the book. ``source`` is a message's or a task's id."""

    seq: int
    at: datetime
    day: date
    what: What
    customer_id: str | None
    invoice_id: str | None
    source: str | None
    detail: str


class Run(msgspec.Struct, frozen=True):
    """One run over a book. ``ended_at`` is None while it works, or when it was cut short."""

    fence: int
    command: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    api_calls: int
    bytes: int


def log(
    conn: sqlite3.Connection,
    book: str,
    what: What,
    *,
    at: datetime,
    day: date,
    customer_id: str | None = None,
    invoice_id: str | None = None,
    source: str | None = None,
    detail: str = "",
) -> None:
    """Write an event in the caller's write transaction."""
    values = {"book": book, "at": instant(at), "day": day.isoformat(), "what": what}
    places = {"customer_id": customer_id, "invoice_id": invoice_id, "source": source, "detail": detail}
    conn.execute(_SQL["log"], {**values, **places})


def events(
    store: Store, book: str, *, customer_id: str | None = None, invoice_ids: Collection[str] = ()
) -> list[Event]:
    """What happened to a customer, or to these invoices with their messages, in order; without either,
    all of the book."""
    found: dict[int, Event] = {}
    with store.reading() as conn:
        queries = [("of_invoice", id_) for id_ in invoice_ids]
        if customer_id is not None:
            queries.append(("of_customer", customer_id))
        for query, id_ in queries or [("all", "")]:
            for seq, at, day, *rest in conn.execute(_SQL[query], {"book": book, "id": id_}):
                found[seq] = Event(seq, datetime.fromisoformat(at), date.fromisoformat(day), *rest)
    return [found[seq] for seq in sorted(found)]


def runs(store: Store, book: str, *, last: int = 20) -> list[Run]:
    """The last runs, newest first."""
    return [
        Run(fence, command, datetime.fromisoformat(started), moment(ended), *rest)
        for fence, command, started, ended, *rest in store.rows(_SQL["runs"], (book, last))
    ]
