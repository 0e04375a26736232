"""When and how customers were reached, over all books of the practice: what caps and rests count."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from operator import attrgetter

from arsync.policy.model import Contact, Debtor
from arsync.policy.rules import Channel
from arsync.store.columns import split
from arsync.store.families import Families
from arsync.store.queries import statements

_SQL, _FACTS = statements("contacts"), statements("facts")
# What comes of a call in which somebody was reached.
TALKED = frozenset({"reached", "promised", "disputed", "complaint"})
# Days of two zones lie at most so far apart.
_APART = timedelta(days=2)
_Contacts = dict[str, list[Contact]]


def reached_lately(
    conn: sqlite3.Connection,
    book: str,
    customers: Collection[str] | None,
    addresses: Mapping[str, Iterable[str]],
    *,
    days: int,
    until: date,
    zone: tzinfo,
    kin: Families,
) -> _Contacts:
    """The contacts of so many days through ``until``, as `reached` tells them; nothing is read for none."""
    if days == 0:
        return {}
    since = until - timedelta(days=days - 1)
    return reached(conn, book, customers, addresses, since=since, until=until, zone=zone, kin=kin)


def reached(
    conn: sqlite3.Connection,
    book: str,
    customers: Collection[str] | None,
    addresses: Mapping[str, Iterable[str]],
    *,
    since: date,
    until: date,
    zone: tzinfo,
    kin: Families,
) -> _Contacts:
    """The contacts from ``since`` through ``until``, days of the book's ``zone``, by customer and in
    order of days. ``customers`` are the members of the families that are asked about, None for all;
    ``addresses`` those of each who pays.

    A contact with a member of a family is one with who pays for it, and one with a customer whose
    invoices are another's now (merged customers) is one with that other. What was told to one of the
    addresses in another book of the practice counts too, on the day it was here; so do calls and
    letters to a customer that has such an address there.
    """
    found: _Contacts = {}
    days = {"book": book, "since": since.isoformat(), "day": until.isoformat()}
    heirs = _heirs(conn, book, customers)
    plain = not heirs and not kin.payers
    for customer, contact in _here(conn, days, None if customers is None else {*customers, *heirs}):
        if plain:
            found.setdefault(customer, []).append(contact)
            continue
        own = (customer,) if customers is None or customer in customers else ()
        for who in {kin.payers.get(it, it) for it in (*own, *heirs.get(customer, ()))}:
            found.setdefault(who, []).append(contact)
    if conn.execute(_SQL["other_books"], (book,)).fetchone() is not None:
        whose: dict[str, set[str]] = {}
        for customer, known in addresses.items():
            for address in known:
                whose.setdefault(address.casefold(), set()).add(customer)
        for address_list, on, contact in _elsewhere(conn, book, since, zone):
            if since <= on <= until:
                for who in set().union(*(whose.get(it.casefold(), ()) for it in split(address_list))):
                    found.setdefault(who, []).append(contact)
    for them in found.values():
        if len(them) > 1:
            them.sort(key=attrgetter("on"))
    return found


def addresses_of(
    debtors: Mapping[str, Debtor], instead: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """The addresses of customers, by id; those of ``instead``, by id or else by name in any case, stand
    in the place of their own."""
    if not instead:
        return {id_: debtor.to for id_, debtor in debtors.items()}
    named = {name.casefold(): known for name, known in instead.items()}
    return {
        id_: instead.get(id_) or named.get(debtor.name.casefold(), debtor.to)
        for id_, debtor in debtors.items()
    }


def _heirs(conn: sqlite3.Connection, book: str, customers: Collection[str] | None) -> dict[str, list[str]]:
    """Who has invoices of a customer now, by that customer."""
    found: dict[str, list[str]] = {}
    for heir, before in conn.execute(_FACTS["moved"], {"book": book}):
        if customers is None or heir in customers:
            found.setdefault(before, []).append(heir)
    return found


def _here(
    conn: sqlite3.Connection, days: dict[str, str], customers: Collection[str] | None
) -> Iterable[tuple[str, Contact]]:
    """The contacts of this book; messages of one day are one value."""
    alike: dict[str, Contact] = {}
    which = "since" if customers is None else "of_one"
    for values in [days] if customers is None else [{**days, "customer": it} for it in sorted(customers)]:
        for customer, on in conn.execute(_SQL[f"messages_{which}"], values):
            if (contact := alike.get(on)) is None:
                contact = alike[on] = Contact(date.fromisoformat(on), "message")
            yield customer, contact
        for customer, on, channel, outcome in conn.execute(_SQL[f"by_hand_{which}"], values):
            yield customer, _by_hand(date.fromisoformat(on), channel, outcome)


def _by_hand(on: date, channel: Channel, outcome: str, *, elsewhere: bool = False) -> Contact:
    return Contact(on, channel, channel == "call" and outcome in TALKED, elsewhere)


def _elsewhere(
    conn: sqlite3.Connection, book: str, since: date, zone: tzinfo
) -> Iterable[tuple[str, date, Contact]]:
    """The contacts of other books: the addresses, as lines, and the day here."""
    values = {"book": book, "since": (since - _APART).isoformat()}
    rows = [(*row, "message", "") for row in conn.execute(_SQL["messages_elsewhere"], values)]
    for addresses, at, channel, outcome in (*rows, *conn.execute(_SQL["by_hand_elsewhere"], values)):
        on = datetime.fromisoformat(at).astimezone(zone).date()
        yield addresses, on, _by_hand(on, channel, outcome, elsewhere=True)
