"""Holds that people put and release, and what they mean by an invoice's or a customer's name."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from arsync.money import plain
from arsync.policy.model import HoldOrder, HoldReason
from arsync.store import story
from arsync.store.columns import day_of, instant, text_of
from arsync.store.database import Store
from arsync.store.owing import Target, check_amount, lines_of, open_of
from arsync.store.queries import statements

_SQL = statements("holds")
_NEAR = 5


class Match(msgspec.Struct, frozen=True):
    """An invoice or a customer that a text may mean. ``label`` is the invoice's number or the
    customer's name; ``by`` tells what of it was the text."""

    target: Target
    id: str
    label: str
    by: Literal["number", "name", "id"]
    customer_id: str
    customer_name: str


class Found(msgspec.Struct, frozen=True):
    """What a text may mean; where it means nothing, the names and numbers nearest to it."""

    matches: tuple[Match, ...]
    near: tuple[str, ...] = ()


def put_hold(
    store: Store,
    book: str,
    target: Target,
    target_id: str,
    *,
    reason: HoldReason,
    until: date | None = None,
    note: str = "",
    owner: str = "",
    amount: int | None = None,
    currency: str = "",
    grace: int = 0,
    at: datetime,
    day: date,
) -> tuple[str, ...]:
    """Put a hold, or renew the one with the same reason. ``until`` is the last day it stands, of a
    promise the day that was promised, after which it stands for ``grace`` days more. ``amount`` is the
    part that is disputed or what was promised, in minor units of ``currency``; None for all.

    A promise remembers what is open of what it is about. Returns the ids of the messages about it that
    are being sent right now, and so cannot be held any more: the hold stands from the next message on.
    Raises FixSettings, and changes nothing, for an amount that does not fit what is owed.
    """
    with store.writing() as conn:
        owed = open_of(conn, book, target, target_id)
        name = f"{target} {_label(conn, book, target, target_id)}"
        check_amount(owed, name, target, reason, amount, currency)
        key = {"book": book, "target": target, "target_id": target_id, "reason": reason}
        conn.execute(_SQL["keep_past"], {**key, "day": day.isoformat()})
        ends = {"until": text_of(until), "amount": amount, "currency": currency, "grace": grace}
        put = {"note": note, "owner": owner, "at": instant(at), "day": day.isoformat()}
        conn.execute(_SQL["put"], {**key, **ends, **put})
        conn.execute(_SQL["drop_lines"], key)
        if reason == "promised":
            lines = lines_of(conn, book, target, target_id, owed, currency)
            conn.executemany(_SQL["line"], [(book, target, target_id, reason, *line) for line in lines])
        words = (
            reason,
            "" if amount is None else f"{plain(amount, currency)} {currency}",
            f"until {until}" if until else "",
            note,
            f"{owner} deals with it" if owner else "",
        )
        _tell(conn, book, "held", target, target_id, "; ".join(filter(None, words)), at=at, day=day)
        leaving = conn.execute(_SQL["leaving"], {"book": book, "target": target, "id": target_id})
        return tuple(id_ for (id_,) in leaving)


def release_holds(
    store: Store,
    book: str,
    target: Target,
    target_id: str,
    *,
    reason: HoldReason | None = None,
    at: datetime,
    day: date,
) -> list[HoldOrder]:
    """Release the hold of that reason, or all that people put on it, also those that are over; what was
    released."""
    key = {"book": book, "target": target, "target_id": target_id, "reason": reason or ""}
    with store.writing() as conn:
        conn.execute(_SQL["keep_past"], {**key, "day": day.isoformat()})
        released = [order_of(row) for row in conn.execute(_SQL["release"], key).fetchall()]
        for hold in released:
            _tell(conn, book, "released", target, target_id, hold.reason, at=at, day=day)
        return released


def holds_of(store: Store, book: str, target: Target, target_id: str) -> list[HoldOrder]:
    """The holds that people put on it, also those that are over, by reason."""
    values = {"book": book, "target": target, "target_id": target_id}
    with store.reading() as conn:
        lines = conn.execute(_SQL["lines_of"], {**values, "reason": "promised"}).fetchall()
        measured = tuple((invoice, open_) for *_, invoice, open_ in lines)
        return [
            order_of(row, measured if row[0] == "promised" else ())
            for row in conn.execute(_SQL["of"], values)
        ]


def order_of(row: tuple[Any, ...], lines: tuple[tuple[str, int], ...] = ()) -> HoldOrder:
    """A hold out of its columns, in the order of the queries."""
    reason, until, note, owner, amount, currency, grace, put_on = row
    return HoldOrder(
        reason, day_of(until), note, owner, amount, currency, grace, day_of(put_on or None), lines
    )


def _label(conn: sqlite3.Connection, book: str, target: Target, target_id: str) -> str:
    row = conn.execute(_SQL[f"label_of_{target}"], (book, target_id)).fetchone()
    return row[0] if row else target_id


def _tell(
    conn: sqlite3.Connection,
    book: str,
    what: Literal["held", "released"],
    target: Target,
    target_id: str,
    detail: str,
    *,
    at: datetime,
    day: date,
) -> None:
    customer: str | None = target_id
    if target == "invoice":
        row = conn.execute(_SQL["customer_of_invoice"], (book, target_id)).fetchone()
        customer = row[0] if row else None
    invoice = target_id if target == "invoice" else None
    story.log(conn, book, what, at=at, day=day, customer_id=customer, invoice_id=invoice, detail=detail)


def find_what(store: Store, book: str, text: str) -> Found:
    """The invoices and customers that a text names: an invoice by number, else by id; a customer by its
    exact name in any case, else by id. ``invoice:X`` and ``customer:X`` ask for one kind alone."""
    kind, colon, rest = text.partition(":")
    only = kind if colon and kind in ("invoice", "customer") else None
    wanted = (rest if only else text).strip()
    matches: tuple[Match, ...] = ()
    if only != "customer":
        matches += _invoices(store, book, wanted)
    if only != "invoice":
        matches += _customers(store, book, wanted)
    return Found(matches) if matches else Found((), _near(store, book, wanted))


def _invoices(store: Store, book: str, text: str) -> tuple[Match, ...]:
    numbered = store.rows(_SQL["invoices_by_number"], (book, text))
    if numbered:
        return tuple(Match("invoice", id_, number, "number", *of) for id_, number, *of in numbered)
    same = store.rows(_SQL["invoice_by_id"], (book, text))
    return tuple(Match("invoice", id_, number, "id", *of) for id_, number, *of in same)


def _customers(store: Store, book: str, text: str) -> tuple[Match, ...]:
    """Names are compared here: SQLite's own lower() knows the letters of English alone."""
    wanted = text.casefold()
    rows = store.rows(_SQL["customers"], (book,))
    named = tuple(
        Match("customer", id_, name, "name", id_, name) for id_, name in rows if name.casefold() == wanted
    )
    return named or tuple(Match("customer", id_, name, "id", id_, name) for id_, name in rows if id_ == text)


def _near(store: Store, book: str, text: str) -> tuple[str, ...]:
    """Names that hold the text, then names and numbers that are spelt much like it."""
    names = [name for _, name in store.rows(_SQL["customers"], (book,))]
    wanted = text.casefold()
    holding = [name for name in names if wanted and wanted in name.casefold()][:_NEAR]
    if len(holding) < _NEAR:
        by_fold = {name.casefold(): name for name in names}
        by_fold |= {number.casefold(): number for (number,) in store.rows(_SQL["numbers"], (book,))}
        holding += [by_fold[it] for it in get_close_matches(wanted, by_fold, _NEAR, 0.7)]
    return tuple(dict.fromkeys(holding))[:_NEAR]
