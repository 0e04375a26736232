"""What waits for a person, and in which order: money at risk and age. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Literal

import msgspec

from arsync.money import digits

Kind = Literal[
    "in-doubt",
    "bounced",
    "promise-due",
    "promise-overdue",
    "dispute",
    "complaint",
    "hold-without-end",
    "call",
    "letter",
    "task",
    "settlement",
    "write-off",
    "unreconciled",
    "no-address",
    "opted-out",
    "credit-covers",
    "no-due-date",
    "ladder-done",
    "stale-data",
    "approval",
    "note-failed",
    "rejects",
    "token",
    "not-live",
    "not-synced",
]
# An item that is so many days old counts as if twice its money were at risk.
DOUBLED_IN_DAYS = 30


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do, with the command that deals with it.

    ``amounts`` are minor units by currency, what would come in later or never without it; ``days`` is how
    long it has been waiting. ``worth`` is the same money in the book's home currency, in whole units, by
    the rates of its own invoices; an amount without a rate counts by its figure.
    """

    book: str
    kind: Kind
    what: str
    command: str
    amounts: Mapping[str, int] = {}
    days: int = 0
    worth: Fraction = Fraction(0)
    customer_id: str | None = None
    customer_name: str | None = None
    owner: str = ""


def worth_of(amounts: Mapping[str, int], rates: Mapping[str, Fraction]) -> Fraction:
    """Amounts as whole units of the home currency; ``rates`` are whole units of it for one of another."""
    return sum(
        (
            Fraction(units, int(10 ** digits(currency))) * rates.get(currency, Fraction(1))
            for currency, units in amounts.items()
        ),
        Fraction(0),
    )


def in_order(items: Iterable[Item]) -> list[Item]:
    """The most money first, an old item before a young one of the same money. Before all stands a book
    that was never synced to the end: nothing else of it is known.

    Books in different home currencies are compared by their figures: this is an order of work and no sum.
    """
    return sorted(items, key=_rank)


def _rank(item: Item) -> tuple[bool, Fraction, int, str, str, str]:
    weight = item.worth * Fraction(DOUBLED_IN_DAYS + max(item.days, 0), DOUBLED_IN_DAYS)
    return item.kind != "not-synced", -weight, -item.days, item.book, item.kind, item.what
