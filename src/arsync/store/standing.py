"""The holds that stand on a day, by the invoices and customers that they hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from arsync.policy.model import HoldOrder
from arsync.store.families import Families
from arsync.store.holds import order_of
from arsync.store.queries import statements

Orders = dict[str, list[HoldOrder]]

_SQL = statements("holds")
_Key = tuple[str, str, str]


def standing_holds(
    conn: sqlite3.Connection,
    book: str,
    day: date,
    kin: Families,
    owners: Mapping[str, str],
    *,
    only: Collection[str] | None = None,
    past: bool = False,
) -> tuple[Orders, Orders]:
    """By invoice and by customer; ``only`` are the ids of those that are asked about, None for all.

    A hold on somebody between an invoice's own customer (``owners``, by invoice) and its payer holds
    that invoice; the payer's others are not touched. ``past``: those that stood at the end of the day;
    by what a promise was measured is known of those alone that stand still.
    """
    values = {"book": book, "day": day.isoformat()}
    rows = [
        row
        for row in conn.execute(_SQL["standing_on" if past else "standing"], values)
        if (only is None or row[1] in only) and _stands(row, values["day"], day)
    ]
    lines = _lines(
        conn, book, [row[:3] for row in rows if row[2] == "promised" and row[-1]], all_=only is None
    )
    found: dict[str, Orders] = {"invoice": {}, "customer": {}}
    for row in rows:
        order = order_of(row[2:-1], lines.get(row[:3], ()) if row[-1] else ())
        found[row[0]].setdefault(row[1], []).append(order)
    if found["customer"]:
        for invoice, owner in owners.items():
            for customer in kin.way(owner):
                if theirs := found["customer"].get(customer):
                    found["invoice"].setdefault(invoice, []).extend(theirs)
        for customer in kin.payers:
            found["customer"].pop(customer, None)
    return found["invoice"], found["customer"]


def _stands(row: tuple[Any, ...], day: str, on: date) -> bool:
    until, grace = row[3], row[8]
    return until is None or until >= day or date.fromisoformat(until) + timedelta(days=grace) >= on


def _lines(
    conn: sqlite3.Connection, book: str, promises: list[_Key], *, all_: bool
) -> dict[_Key, tuple[tuple[str, int], ...]]:
    """What was open when these promises were made, by invoice."""
    if not promises:
        return {}
    found: dict[_Key, list[tuple[str, int]]] = {}
    if all_:
        rows = conn.execute(_SQL["lines"], {"book": book}).fetchall()
    else:
        names = ("target", "target_id", "reason")
        keys = [{"book": book, **dict(zip(names, key, strict=True))} for key in promises]
        rows = [row for key in keys for row in conn.execute(_SQL["lines_of"], key)]
    for target, target_id, reason, invoice, open_ in rows:
        found.setdefault((target, target_id, reason), []).append((invoice, open_))
    return {key: tuple(parts) for key, parts in found.items()}
