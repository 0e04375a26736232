"""To whom a message about a customer's debts goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from arsync.policy.calendar import zones_of
from arsync.policy.model import Debt, Debtor
from arsync.store.columns import split
from arsync.store.database import Store
from arsync.store.families import GENERATIONS, Families
from arsync.store.queries import statements

_SQL = statements("facts")
# Parts a list of addresses into those that can be written to and those that cannot.
Sieve = Callable[[Iterable[str]], tuple[tuple[str, ...], tuple[str, ...]]]
_Sifted = tuple[tuple[str, ...], tuple[str, ...]]
# Names, addresses, Cc and parents of customers, and where they are.
_Records = Mapping[str, tuple[Any, ...]]


def debtors(
    conn: sqlite3.Connection,
    book: str,
    ranges: Sequence[Mapping[str, str]],
    debts: Sequence[Debt],
    kin: Families,
    addresses: Sieve,
    *,
    silent: Collection[str] = (),
) -> dict[str, Debtor]:
    """The customers of these debts with their addresses.

    To: the customer's own addresses; where none of them is good those of its open invoices in order of
    their due dates; else its parent's, and so on up to five generations. Cc: the customer's and those
    of its open invoices; Bcc: those of its open invoices. One that was named before is not named again.
    The open invoices of one who pays for others are also theirs; where nobody else can be written to and
    only one of those others owes, a message goes to that one. Those who want no messages (``silent``) do not
    get those of others either. A customer whose record never came in is called by its id.
    """
    copies = _on_invoices(conn, "invoice_cc", ranges, kin)
    blind = _on_invoices(conn, "invoice_bcc", ranges, kin)
    rows = {row[0]: row[1:] for values in ranges for row in conn.execute(_SQL["customers"], values)}
    found: dict[str, Debtor] = {}
    for id_ in dict.fromkeys(debt.customer_id for debt in debts):
        row = rows.get(id_) or _record(conn, book, id_) or (id_, "", "", None, "", "", "")
        name, emails, cc, parent, country, subdivision, groups = row
        to, bad = addresses(split(emails))
        if not to:
            to, passed = _first_good(_elsewhere(conn, book, id_, parent, kin, rows, silent), addresses)
            bad += passed
        shown: tuple[str, ...] = ()
        hidden: tuple[str, ...] = ()
        if cc or id_ in copies or id_ in blind:
            shown, cc_bad = _besides(to, (*split(cc), *copies.get(id_, ())), addresses)
            hidden, bcc_bad = _besides(to + shown, blind.get(id_, ()), addresses)
            bad += cc_bad + bcc_bad
        where = (country, subdivision, zones_of(country)) if country else ("", subdivision, ())
        found[id_] = Debtor(id_, name, to, shown, _distinct(bad), hidden, split(groups), *where)
    return found


def known_as(store: Store, book: str, customer: str) -> Debtor:
    """A customer by its record alone, whether it owes something or not; its addresses are left out."""
    with store.reading() as conn:
        row = _record(conn, book, customer)
    if row is None:
        return Debtor(customer, customer)
    name, _, _, _, country, subdivision, groups = row
    zones = zones_of(country) if country else ()
    return Debtor(customer, name, groups=split(groups), country=country, subdivision=subdivision, zones=zones)


def _on_invoices(
    conn: sqlite3.Connection, statement: str, ranges: Sequence[Mapping[str, str]], kin: Families
) -> dict[str, list[str]]:
    """Addresses that stand on open invoices, by who pays them, in order of the invoices' due dates."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for values in ranges:
        for customer, *invoice in conn.execute(_SQL[statement], values):
            found.setdefault(kin.payers.get(customer, customer), []).append(tuple(invoice))
    return {
        payer: [address for _, _, lines in sorted(invoices) for address in split(lines)]
        for payer, invoices in found.items()
    }


def _besides(known: tuple[str, ...], more: Iterable[str], addresses: Sieve) -> _Sifted:
    """Those who are not among the known ones, and those who are no addresses."""
    good, bad = addresses(_distinct(more))
    folded = {address.casefold() for address in known}
    return tuple(address for address in good if address.casefold() not in folded), bad


def _first_good(levels: Iterator[tuple[str, ...]], addresses: Sieve) -> _Sifted:
    """The first level that has a good address, and all bad ones met on the way."""
    passed: tuple[str, ...] = ()
    for level in levels:
        good, bad = addresses(level)
        passed += bad
        if good:
            return good, passed
    return (), passed


def _elsewhere(
    conn: sqlite3.Connection,
    book: str,
    customer: str,
    parent: str | None,
    kin: Families,
    rows: _Records,
    silent: Collection[str],
) -> Iterator[tuple[str, ...]]:
    """Where addresses of a customer may stand besides its own record, nearest first; read only as far
    as needed. ``rows`` are the customers that have open invoices."""
    billed = kin.billed.get(customer, ())
    invoices = [
        row for member in (customer, *billed) for row in conn.execute(_SQL["invoice_emails"], (book, member))
    ]
    yield _distinct(address for _, _, lines in sorted(invoices) for address in split(lines))
    seen = {customer}
    while parent is not None and parent not in seen and len(seen) <= GENERATIONS:
        seen.add(parent)
        row = _record(conn, book, parent)
        if row is None:
            break
        if parent not in silent:
            yield split(row[1])
        parent = row[3]
    owing = [member for member in (customer, *billed) if member in rows]
    if len(owing) == 1 and owing[0] in billed:  # several must not learn of each other's debts
        if owing[0] not in silent:
            yield split(rows[owing[0]][1])
        for each in kin.way(owing[0])[1:]:
            if each not in silent and (row := _record(conn, book, each)) is not None:
                yield split(row[1])


def _record(conn: sqlite3.Connection, book: str, customer: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = conn.execute(_SQL["customer"], (book, customer)).fetchone()
    return row


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, whatever its case, in the order of the first."""
    kept: dict[str, str] = {}
    for address in addresses:
        kept.setdefault(address.casefold(), address)
    return tuple(kept.values())
