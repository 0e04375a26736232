"""What is owed, said in one form by a simulated company and by the book: the two are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from arsync.store import Store


class Owed(NamedTuple):
    """An open invoice; ``open`` in minor units."""

    customer: str
    currency: str
    due: date | None
    number: str
    open: int
    mail: tuple[str, ...] = ()


class Left(NamedTuple):
    """What is left of a credit, in minor units."""

    customer: str
    currency: str
    remaining: int


class Person(NamedTuple):
    name: str
    emails: tuple[str, ...]
    active: bool = True
    parent: str | None = None
    billed: bool = False  # its debts are the parent's to pay
    country: str = ""
    subdivision: str = ""
    groups: tuple[str, ...] = ()


CreditKey = tuple[str, str]  # its kind in arsync's words, and its id


@dataclass
class Books:
    """``unread`` are the invoices that cannot be understood."""

    invoices: dict[str, Owed] = field(default_factory=dict)
    credits: dict[CreditKey, Left] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


def stored(store: Store, book: str) -> Books:
    """The book as it stands in the database."""
    invoices = {
        id_: Owed(customer, currency, due and date.fromisoformat(due), number, open_, _lines(emails))
        for id_, customer, currency, due, number, open_, emails in store.rows(
            "SELECT id, customer_id, currency, due_on, number, open, emails FROM invoices "
            "WHERE book = ? AND open <> 0",
            (book,),
        )
    }
    credits_ = {
        (kind, id_): Left(customer, currency, remaining)
        for kind, id_, customer, currency, remaining in store.rows(
            "SELECT kind, id, customer_id, currency, remaining FROM credits "
            "WHERE book = ? AND remaining <> 0",
            (book,),
        )
    }
    people = {
        id_: Person(name, _lines(emails), bool(active), parent, bool(billed), country, region, _lines(groups))
        for id_, name, emails, active, parent, billed, country, region, groups in store.rows(
            "SELECT id, name, emails, active, parent_id, bills_parent, country, subdivision, groups "
            "FROM customers WHERE book = ?",
            (book,),
        )
    }
    unread = store.rows("SELECT id FROM rejects WHERE book = ? AND entity = 'invoice'", (book,))
    return Books(invoices, credits_, people, frozenset(id_ for (id_,) in unread))


LEDGER = (
    "customers",
    "invoices",
    "credits",
    "rejects",
    "invoices_past",
    "credits_past",
    "payments",
    "allocations",
)


def ledger_rows(store: Store, book: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the tables that hold what is owed, to see that nothing was written."""
    return {
        table: sorted(store.rows(f"SELECT * FROM {table} WHERE book = ?", (book,)), key=repr)
        for table in LEDGER
    }


def differences(told: Books, seen: Books) -> list[str]:
    """Where the book is not what the company's records tell, a line each."""
    found = _unlike("invoice", told.invoices, seen.invoices)
    found += _unlike("credit", told.credits, seen.credits)
    # a customer that does not exist any more stays in the book, for the story
    found += _unlike(
        "customer", told.people, {key: seen.people[key] for key in told.people & seen.people.keys()}
    )
    if told.unread != seen.unread:
        found.append(f"unread: told {sorted(told.unread)}, in the book {sorted(seen.unread)}")
    return found


def _unlike(what: str, told: Mapping[Any, object], seen: Mapping[Any, object]) -> list[str]:
    return [
        f"{what} {key}: told {told.get(key)}, in the book {seen.get(key)}"
        for key in sorted({*told, *seen}, key=str)
        if told.get(key) != seen.get(key)
    ]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
