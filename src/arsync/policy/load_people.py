"""The people of a policy file: [contacts], [[segments]], [customers.NAME] and [invoices.NUMBER]."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import msgspec

from arsync.files import Table
from arsync.money import NotMoney
from arsync.policy.in_force import DISPUTED
from arsync.policy.load_limits import (
    PROFILES,
    VALUE_KEYS,
    Known,
    amounts,
    checked_currency,
    ladder,
    place,
    read_values,
)  # fmt: skip
from arsync.policy.load_places import checked_country, subdivision, timezone
from arsync.policy.load_steps import check_name, one_or_more
from arsync.policy.rules import Behaviour, CustomerTerms, Override, Profile, Segment, Where

WHERE_KEYS = ("currency", "at_least", "below", "group", "country", "debt", "profile", "behaviour")
CUSTOMER_KEYS = (*VALUE_KEYS, "to", "contacts", "group", "country", "subdivision", "timezone", "debt")
BEHAVIOURS: tuple[Behaviour, ...] = ("new", "usually-late", "pays-after-first-reminder")


def plain_address(text: str) -> str:
    """What can be told of an address without the rooms of mail. Raises ValueError."""
    local, at, domain = text.partition("@")
    if not (local and at and domain) or "@" in domain or not text.isprintable() or " " in text:
        raise ValueError(f"{text!r} is not an address; allowed: name@domain")
    return text


def read_contacts(table: Table, known: Known) -> dict[str, str]:
    """Addresses by role. Raises FixSettings."""
    contacts = table.table("contacts")
    if contacts is None:
        return {}
    found: dict[str, str] = {}
    for role in contacts.values:
        check_name(contacts, role, role)
        if "@" in role:
            raise contacts.wrong(role, 'the role comes first: owner = "anna@acme.example"')
        [found[role]] = _addresses(contacts, role, [contacts.text(role, '"anna@acme.example"')], known)
    return found


def _addresses(table: Table, key: str, texts: Iterable[str], known: Known) -> tuple[str, ...]:
    try:
        return tuple(map(known.address, texts))
    except ValueError as error:
        raise table.wrong(key, str(error)) from None


def segment_names(table: Table) -> list[str]:
    """The names of the segments in this file, before they are read: steps may refer to any of them."""
    names: list[str] = []
    for each in table.tables("segments"):
        name = each.text("name", '"large"')
        check_name(each, "name", name)
        if name == DISPUTED:
            raise each.wrong("name", f'"{DISPUTED}" means invoices in dispute; choose another name')
        if any(name.casefold() == other.casefold() for other in names):
            raise each.wrong("name", f"another segment is called {name!r} already; names are unique")
        names.append(name)
    return names


def read_segments(table: Table, known: Known) -> tuple[Segment, ...]:
    """The segments, in the order of the file. Raises FixSettings."""
    return tuple(_segment(each, known) for each in table.tables("segments"))


def _segment(table: Table, known: Known) -> Segment:
    table.only(("name", "where", *VALUE_KEYS))
    conditions = table.table("where")
    if conditions is None:
        raise table.wrong("where", 'this key is missing; write for example: where = { group = "wholesale" }')
    where = _where(conditions)
    if where.of_invoices:
        for key in table.values:
            if key not in ("name", "where", "ladder"):
                raise table.wrong(
                    key,
                    "a segment that looks at invoices (currency, at_least, below) may choose a ladder and "
                    "nothing else; make a second one that looks at customers",
                )
    return Segment(table.text("name", '"large"'), where, read_values(table, known))


def _where(table: Table) -> Where:
    table.only(WHERE_KEYS)
    if not table.values:
        raise table.wrong(None, f"at least one condition is needed; allowed: {', '.join(WHERE_KEYS)}")
    currencies = one_or_more(table, "currency", '["EUR", "USD"]')
    for currency in currencies:
        try:
            checked_currency(currency)
        except NotMoney as error:
            raise table.wrong("currency", str(error)) from None
    for country in one_or_more(table, "country", '["GB", "IE"]'):
        checked_country(table, "country", country)
    return Where(
        currencies=frozenset(currencies),
        at_least=_some_amounts(table, "at_least"),
        below=_some_amounts(table, "below"),
        groups=frozenset(one_or_more(table, "group", '["wholesale"]')),
        countries=frozenset(one_or_more(table, "country", '["GB", "IE"]')),
        debts=frozenset(one_or_more(table, "debt", '["rent"]')),
        profiles=cast(frozenset[Profile], _chosen(table, "profile", PROFILES)),
        behaviour=cast(frozenset[Behaviour], _chosen(table, "behaviour", BEHAVIOURS)),
    )


def _some_amounts(table: Table, key: str) -> dict[str, int]:
    found = amounts(table, key, least=1)
    if found == {}:
        raise table.wrong(key, 'names no currency; write for example: { GBP = "500.00" }')
    return found or {}


def _chosen(table: Table, key: str, allowed: tuple[str, ...]) -> frozenset[str]:
    words = one_or_more(table, key, f'["{allowed[0]}"]')
    for word in words:
        # through the table's own check, so that it is told as any other choice
        Table(table.file, table.path, {**table.values, key: word}).choice(key, allowed)
    return frozenset(words)


def read_customers(table: Table, known: Known) -> dict[str, CustomerTerms]:
    """What stands of single customers, by id or name. Raises FixSettings."""
    return {name: _customer(each, known) for name, each in _named(table, "customers", "customer")}


def _named(table: Table, key: str, word: str) -> list[tuple[str, Table]]:
    """The tables under the tables of a key, no two of them named alike in any case."""
    tables = table.table(key)
    if tables is None:
        return []
    found: dict[str, tuple[str, Table]] = {}
    for name in tables.values:
        if not name.strip() or not name.isprintable():
            raise tables.wrong(name, f"name the {word} by its number or id" if word == "invoice" else
                               f"name the {word} by its id or its name")  # fmt: skip
        if name.casefold() in found:
            raise tables.wrong(name, f"the same {word} as {found[name.casefold()][0]!r}; keep one of them")
        each = tables.table(name)
        assert each is not None
        found[name.casefold()] = name, each
    return list(found.values())


def _customer(table: Table, known: Known) -> CustomerTerms:
    table.only(CUSTOMER_KEYS)
    values = read_values(table, known)
    country = table.maybe_text("country")
    if country is not None:
        checked_country(table, "country", country)
    to = one_or_more(table, "to", '["accounts@norrland.example"]')
    own = {key: place(table, key) for key in CUSTOMER_KEYS if key in table.values and key != "contacts"}
    contacts = read_contacts(table, known)
    if (of := table.table("contacts")) is not None:
        own |= {f"contacts.{role}": place(of, role) for role in contacts}
    return CustomerTerms(
        values=msgspec.structs.replace(values, sources=own),
        to=_addresses(table, "to", to, known),
        contacts=contacts,
        group=table.maybe_text("group"),
        country=country,
        subdivision=subdivision(table, country),
        timezone=timezone(table),
        debt=table.maybe_text("debt"),
    )


def read_invoices(table: Table, known: Known) -> dict[str, Override]:
    """The ladders of single invoices, by id or number. Raises FixSettings."""
    found: dict[str, Override] = {}
    for number, each in _named(table, "invoices", "invoice"):
        each.only(("ladder",))
        name = ladder(each, known)
        if name is None:
            raise each.wrong("ladder", 'this key is missing; write for example: ladder = "gentle"')
        found[number] = Override(ladder=name, sources={"ladder": place(each, "ladder")})
    return found
