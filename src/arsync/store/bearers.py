"""Whose a number, a name, an address or an id is, in all books of a practice: the last look at a message.

Each is found by an index, so that a look costs the same however large the books are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from arsync.store.columns import split
from arsync.store.database import Store
from arsync.store.families import GENERATIONS, families
from arsync.store.queries import statements
from arsync.writing.belonging import small

_SQL = statements("bearers")
# What each statement begins with, and what it is asked by.
_COLUMNS = {
    "numbers": "lower(number)",
    "credit_note_numbers": "lower(number)",
    "names": "lower(name)",
    "single_addresses": "lower(emails)",
    "customer_ids": "c.id",
    "invoice_ids": "i.id",
    "credit_note_ids": "n.id",
}
_CHUNK = 500  # values a query, far below what a statement may bind


class Bearer(msgspec.Struct, frozen=True):
    """Who bears a text, which ``known`` shows as it is written there. ``customer_id`` is empty where the
    book itself does."""

    known: str
    book: str
    customer_id: str


class OwnRecords(msgspec.Struct, frozen=True):
    """What a customer and its family are known by: ids, names, addresses (also those of the parents it
    may be written through, and of open invoices), and the Message-IDs of their messages by message."""

    members: frozenset[str]
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    message_ids: dict[str, str]


def own_records(store: Store, book: str, customer_id: str) -> OwnRecords:
    """What belongs to a customer and all whose debts are paid by the same one."""
    with store.reading() as conn:
        members = frozenset(families(conn, book, [customer_id]).members([customer_id]))
        names: list[str] = []
        addresses: list[str] = []
        message_ids: dict[str, str] = {}
        for member in sorted(members):
            for name, *lines in _upwards(conn, book, member):
                names += [name] if name is not None else []
                addresses += [address for each in lines for address in split(each)]
            for columns in conn.execute(_SQL["invoice_addresses"], (book, member)):
                addresses += [address for each in columns for address in split(each)]
            message_ids |= dict(conn.execute(_SQL["message_ids"], (book, member)))
    return OwnRecords(members, tuple(names), tuple(dict.fromkeys(addresses)), message_ids)


def _upwards(conn: sqlite3.Connection, book: str, customer: str) -> Iterator[tuple[str | None, str, str]]:
    """The name and addresses of a customer, then the addresses of its parents, whoever pays."""
    seen: set[str] = set()
    at: str | None = customer
    while at is not None and at not in seen and len(seen) <= GENERATIONS:
        seen.add(at)
        row = conn.execute(_SQL["record"], (book, at)).fetchone()
        if row is None:
            return
        yield (row[0] if at == customer else None), row[1], row[2]
        at = row[3]


def bearers_of_numbers(store: Store, numbers: Iterable[str]) -> dict[str, list[Bearer]]:
    """The invoices and credit notes of any book with one of these numbers, by it in small letters."""
    wanted = sorted({small(number) for number in numbers})
    found = _bearers(store, "numbers", wanted)
    for number, bearers in _bearers(store, "credit_note_numbers", wanted).items():
        found.setdefault(number, []).extend(bearers)
    return found


def bearers_of_names(store: Store, names: Iterable[str]) -> dict[str, list[Bearer]]:
    """The customers of any book with one of these names, by the name in small letters."""
    return _bearers(store, "names", names)


def bearers_of_ids(store: Store, ids: Iterable[str]) -> dict[str, list[Bearer]]:
    """The customers, invoices and credit notes of any book with one of these ids, by id."""
    found: dict[str, list[Bearer]] = {}
    for statement in ("customer_ids", "invoice_ids", "credit_note_ids"):
        for id_, book, customer in _rows(store, statement, sorted(ids)):
            found.setdefault(id_, []).append(Bearer(id_, book, customer))
    return found


def bearers_of_addresses(store: Store, addresses: Iterable[str]) -> dict[str, list[Bearer]]:
    """The customers of any book with one of these addresses, by the address in small letters."""
    wanted = {small(address) for address in addresses}
    found: dict[str, list[Bearer]] = {}
    for address, book, customer in _rows(store, "single_addresses", sorted(wanted)):
        found.setdefault(address, []).append(Bearer(address, book, customer))
    for emails, cc, book, customer in store.rows(_SQL["several_addresses"]) if wanted else ():
        for address in wanted.intersection((*split(emails), *split(cc))):
            found.setdefault(address, []).append(Bearer(address, book, customer))
    return found


def companies(store: Store) -> list[Bearer]:
    """The names of the companies whose books these are."""
    return [Bearer(name, book, "") for book, name in store.rows(_SQL["companies"])]


def _bearers(store: Store, statement: str, texts: Iterable[str]) -> dict[str, list[Bearer]]:
    found: dict[str, list[Bearer]] = {}
    for key, known, book, customer in _rows(store, statement, sorted({small(text) for text in texts})):
        found.setdefault(key, []).append(Bearer(known, book, customer))
    return found


def _rows(store: Store, statement: str, values: list[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(values), _CHUNK):
        chunk = values[start : start + _CHUNK]
        among = f"{_COLUMNS[statement]} IN ({', '.join('?' * len(chunk))})"
        yield from store.rows(f"{_SQL[statement]} WHERE {among}", chunk)
