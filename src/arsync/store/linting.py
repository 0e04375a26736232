"""What the records of a book show to be wrong with its policy."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.store.columns import day_of
from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("linting")


class EndlessHold(msgspec.Struct, frozen=True):
    """A hold without an end, of a reason that passes."""

    target: str
    target_id: str
    reason: str
    put_on: date | None
    label: str


class Names(msgspec.Struct, frozen=True):
    """Ids, names and numbers of a book, casefolded; ``synced`` tells that a full pull came to its end."""

    synced: bool
    customers: frozenset[str]
    invoices: frozenset[str]


def endless_holds(store: Store, book: str) -> list[EndlessHold]:
    """Holds on what is still owed that never end, the oldest first."""
    return [
        EndlessHold(target, id_, reason, day_of(put_on or None), label)
        for target, id_, reason, put_on, label in store.rows(_SQL["endless"], (book,))
    ]


def without_address(store: Store, book: str) -> list[tuple[str, str]]:
    """Customers, by id and name, that owe something and that no e-mail can reach."""
    return list(store.rows(_SQL["without_address"], {"book": book}))


def names(store: Store, book: str) -> Names:
    """What customers and invoices of the book are called."""
    [(synced,)] = store.rows(_SQL["synced"], (book,))
    return Names(
        bool(synced),
        frozenset(text.casefold() for row in store.rows(_SQL["customers"], (book,)) for text in row),
        frozenset(text.casefold() for row in store.rows(_SQL["invoices"], (book,)) for text in row),
    )
