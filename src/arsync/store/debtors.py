"""To whom a message about a customer's debts goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from arsync.policy.model import Debt, Debtor
from arsync.store.columns import split
from arsync.store.queries import statements

_SQL = statements("facts")
# Parts a list of addresses into those that can be written to and those that cannot.
Sieve = Callable[[Iterable[str]], tuple[tuple[str, ...], tuple[str, ...]]]
_GENERATIONS = 5


def debtors(
    conn: sqlite3.Connection, values: Mapping[str, str], debts: Sequence[Debt], addresses: Sieve
) -> dict[str, Debtor]:
    """The customers of these debts with their addresses.

    To: the customer's own addresses; where none of them is good those of its open invoices in order of
    their due dates; else its parent's, and so on up to five generations. Cc: the customer's and those
    of its open invoices. A customer whose record never came in is called by its id.
    """
    book = values["book"]
    copies: dict[str, list[str]] = {}
    for customer, cc in conn.execute(_SQL["invoice_cc"], values):
        copies.setdefault(customer, []).extend(split(cc))
    rows = {row[0]: row[1:] for row in conn.execute(_SQL["customers"], values).fetchall()}
    found: dict[str, Debtor] = {}
    for id_ in dict.fromkeys(debt.customer_id for debt in debts):
        name, emails, cc, parent = rows.get(id_, (id_, "", "", None))
        to, bad = addresses(split(emails))
        if not to:
            to, passed = _first_good(_elsewhere(conn, book, id_, parent), addresses)
            bad += passed
        others: tuple[str, ...] = ()
        if cc or id_ in copies:
            copied, cc_bad = addresses(_distinct((*split(cc), *copies.get(id_, ()))))
            known = {address.casefold() for address in to}
            others = tuple(address for address in copied if address.casefold() not in known)
            bad += cc_bad
        found[id_] = Debtor(id_, name, to, others, _distinct(bad))
    return found


def _first_good(
    levels: Iterator[tuple[str, ...]], addresses: Sieve
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first level that has a good address, and all bad ones met on the way."""
    passed: tuple[str, ...] = ()
    for level in levels:
        good, bad = addresses(level)
        passed += bad
        if good:
            return good, passed
    return (), passed


def _elsewhere(
    conn: sqlite3.Connection, book: str, customer: str, parent: str | None
) -> Iterator[tuple[str, ...]]:
    """Where addresses of a customer may stand besides its own record, nearest first; read only as far
    as needed."""
    rows = conn.execute(_SQL["invoice_emails"], (book, customer)).fetchall()
    if rows:
        yield _distinct(address for (lines,) in rows for address in split(lines))
    seen = {customer}
    while parent is not None and parent not in seen and len(seen) <= _GENERATIONS:
        seen.add(parent)
        row = conn.execute(_SQL["parent"], (book, parent)).fetchone()
        if row is None:
            return
        if row[0]:
            yield split(row[0])
        parent = row[1]


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, whatever its case, in the order of the first."""
    kept: dict[str, str] = {}
    for address in addresses:
        kept.setdefault(address.casefold(), address)
    return tuple(kept.values())
