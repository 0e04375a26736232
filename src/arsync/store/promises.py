"""Promises as a review reads them, each with what is owed now, and their release once they are decided."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import date

import msgspec

from arsync.policy.model import HoldOrder
from arsync.policy.promises import CREDIT
from arsync.store.families import Families
from arsync.store.holds import order_of
from arsync.store.owing import Target
from arsync.store.queries import statements

_SQL, _HOLDS = statements("agreements"), statements("holds")


class KeptPromise(msgspec.Struct, frozen=True):
    """A promise on an invoice or a customer, ``label`` its number or name; ``owed`` is what is open now of
    its lines, by invoice."""

    target: Target
    target_id: str
    label: str
    customer_id: str
    order: HoldOrder
    owed: dict[str, int]

    @property
    def counts_credit(self) -> bool:
        """Whether money that nobody applied yet counts: on a customer, or where it came from one."""
        return self.target == "customer" or any(id_ == CREDIT for id_, _ in self.order.lines)


def promises(conn: sqlite3.Connection, book: str) -> list[KeptPromise]:
    """All promises that people put and nobody released."""
    rows = conn.execute(_SQL["promises"], (book,)).fetchall()
    if not rows:
        return []
    lines: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    owed: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for target, id_, invoice, then, now in conn.execute(_SQL["promise_lines"], (book,)):
        lines[target, id_].append((invoice, then))
        owed[target, id_][invoice] = now
    found = []
    for target, id_, label, customer, *columns in rows:
        key = target, id_
        order = order_of(tuple(columns), tuple(lines[key]))
        found.append(KeptPromise(target, id_, label, customer or "", order, owed[key]))
    return found


def release_promise(conn: sqlite3.Connection, book: str, promise: KeptPromise, day: date) -> None:
    """It is decided and holds no more, in the caller's write transaction; it is kept for questions about
    the days on which it stood."""
    key = {"book": book, "target": promise.target, "target_id": promise.target_id, "reason": "promised"}
    conn.execute(_HOLDS["keep_past"], {**key, "day": day.isoformat()})
    conn.execute(_HOLDS["release"], key).fetchall()


def unapplied_by_payer(conn: sqlite3.Connection, book: str, kin: Families) -> dict[tuple[str, str], int]:
    """What customers have to their credit, by who pays for them and currency."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for customer, currency, remaining in conn.execute(_SQL["credits"], (book,)):
        found[kin.payers.get(customer, customer), currency] += remaining
    return {key: remaining for key, remaining in found.items() if remaining > 0}
