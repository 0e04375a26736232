"""Channels by which customers want to hear nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from arsync.policy.rules import Channel
from arsync.store import story
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("contacts")


class OptOut(msgspec.Struct, frozen=True):
    """A customer who wants to hear nothing by a channel, since a day of the book."""

    customer_id: str
    customer_name: str
    channel: Channel
    put_at: datetime
    put_on: date
    note: str
    owner: str


def opt_out(
    store: Store,
    book: str,
    customer_id: str,
    channel: Channel,
    *,
    note: str = "",
    owner: str = "",
    at: datetime,
    day: date,
) -> None:
    """From now on the customer hears nothing by this channel. Said again it is renewed."""
    with store.writing() as conn:
        row = (book, customer_id, channel, instant(at), day.isoformat(), note, owner)
        conn.execute(_SQL["opt_out"], row)
        detail = "; ".join(filter(None, (channel, note)))
        story.log(conn, book, "opted-out", at=at, day=day, customer_id=customer_id, detail=detail)


def opt_in(
    store: Store, book: str, customer_id: str, channel: Channel | None = None, *, at: datetime, day: date
) -> list[Channel]:
    """The customer may hear by this channel, or by all of them, again: those that were taken back."""
    with store.writing() as conn:
        values = {"book": book, "customer_id": customer_id, "channel": channel or ""}
        back: list[Channel] = sorted(each for (each,) in conn.execute(_SQL["opt_in"], values).fetchall())
        for each in back:
            story.log(conn, book, "opted-in", at=at, day=day, customer_id=customer_id, detail=each)
    return back


def opt_outs(store: Store, book: str) -> list[OptOut]:
    """Who wants to hear nothing by which channel, by name."""
    return [
        OptOut(customer, name, channel, datetime.fromisoformat(at), date.fromisoformat(on), note, owner)
        for customer, name, channel, at, on, note, owner in store.rows(_SQL["opt_outs"], (book,))
    ]


def wants_no_messages(opted: Mapping[str, frozenset[Channel]]) -> frozenset[str]:
    """The customers among these who want to hear nothing by e-mail."""
    return frozenset(customer for customer, channels in opted.items() if "message" in channels)


def opted_out(conn: sqlite3.Connection, book: str, day: date) -> dict[str, frozenset[Channel]]:
    """The channels that were closed up to a day, by customer. Who pays for one who wants to hear nothing
    goes on to be asked: nobody but itself can opt out of it."""
    found: dict[str, frozenset[Channel]] = {}
    for customer, channel in conn.execute(_SQL["opted_out"], {"book": book, "day": day.isoformat()}):
        found[customer] = found.get(customer, frozenset()) | {channel}
    return found
