"""Families: customers whose debts are their parent's to pay.

A customer that is billed to its parent owes nothing by itself: its debts climb to the topmost parent they
are billed to. Aging and the invoices keep the accounting system's own customer; the plan asks the payer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping

import msgspec

from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("families")
# Parents that a debt climbs over at most; QuickBooks nests customers five levels deep.
GENERATIONS = 5


class Families(msgspec.Struct, frozen=True):
    """Who pays for whom, of a whole book or of some customers and all that belong to their families.

    ``parents`` and ``payers`` are by a customer whose debts are another's: the parent it is billed to,
    and the topmost of these parents. ``billed`` are by payer: all that it pays for besides itself. A
    parent that is not in the book pays for nobody: the debt stays below it. So it does where parents run
    in a circle, or no top is reached in five generations: such records name nobody who pays.
    """

    parents: Mapping[str, str]
    payers: Mapping[str, str]
    billed: Mapping[str, tuple[str, ...]]

    def members(self, customers: Iterable[str]) -> list[str]:
        """These customers, those who pay for them, and all whom those pay for, by id."""
        payers = {self.payers.get(it, it) for it in customers}
        return sorted(payers.union(*(self.billed.get(it, ()) for it in payers)))

    def way(self, customer: str) -> list[str]:
        """From a customer up to the one below its payer; nobody where it pays for itself."""
        found = []
        while (parent := self.parents.get(customer)) is not None:
            found.append(customer)
            customer = parent
        return found


def families(conn: sqlite3.Connection, book: str, customers: Collection[str] | None = None) -> Families:
    """The families of the book, or those of these customers."""
    if customers is None:
        parents = dict(conn.execute(_SQL["billed"], {"book": book}))
    else:
        parents = _around(conn, book, customers)
    return _settled(parents) if parents else _NONE


def family(store: Store, book: str, customers: Collection[str]) -> list[str]:
    """These customers, those who pay for them, and all whom those pay for, by id."""
    with store.reading() as conn:
        return families(conn, book, customers).members(customers)


def payer_of(store: Store, book: str, customer: str) -> tuple[str, str] | None:
    """Who pays a customer's debts, by id and name; None where it pays them itself."""
    with store.reading() as conn:
        payer = families(conn, book, [customer]).payers.get(customer)
        row = conn.execute(_SQL["name"], (book, payer)).fetchone()
        return None if payer is None or row is None else (payer, row[0])


def _settled(parents: Mapping[str, str]) -> Families:
    payers: dict[str, str] = {}
    billed: dict[str, list[str]] = {}
    for customer in sorted(parents):
        if (top := _top(parents, customer)) is not None:
            payers[customer] = top
            billed.setdefault(top, []).append(customer)
    kept = {customer: parents[customer] for customer in payers}
    return Families(kept, payers, {payer: tuple(below) for payer, below in billed.items()})


def _top(parents: Mapping[str, str], customer: str) -> str | None:
    for _ in range(GENERATIONS):
        customer = parents[customer]
        if customer not in parents:
            return customer
    return None


def _around(conn: sqlite3.Connection, book: str, customers: Collection[str]) -> dict[str, str]:
    """The parents of all in the families of these customers: all that is found below each top."""
    parents: dict[str, str] = {}
    level = {top for customer in customers if (top := _climbed(conn, book, customer)) is not None}
    for _ in range(GENERATIONS):
        below = {
            child: parent
            for parent in sorted(level)
            for (child,) in conn.execute(_SQL["children"], {"book": book, "parent": parent})
        }
        parents |= below
        level = set(below)
    return parents


def _climbed(conn: sqlite3.Connection, book: str, customer: str) -> str | None:
    for _ in range(GENERATIONS + 1):
        row = conn.execute(_SQL["parent"], (book, customer)).fetchone()
        if row is None:
            return customer
        customer = row[0]
    return None


_NONE = Families({}, {}, {})
