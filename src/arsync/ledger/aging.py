"""Aging: how old a debt is, counted in days from its due date. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from arsync.ledger.records import Credit, Invoice

BUCKETS = ("current", "1-30", "31-60", "61-90", "91+")


def days_overdue(due_on: date | None, today: date) -> int | None:
    """Days past the due date; 0 or less is not overdue, None without a due date."""
    return None if due_on is None else (today - due_on).days


def bucket(days: int | None) -> str:
    """The bucket of an age in days. 0 or less is current; so is an invoice without a due date."""
    if days is None or days <= 0:
        return "current"
    return BUCKETS[min((days - 1) // 30 + 1, 4)]


class AgingRow(msgspec.Struct, frozen=True, gc=False):
    """The aged balance of one customer in one currency, in minor units.

    ``overdue`` is the sum of the four overdue buckets, ``open`` of all five; ``net`` is open less
    the customer's unapplied credit.
    """

    customer_id: str
    currency: str
    buckets: tuple[int, int, int, int, int]
    unapplied: int

    @property
    def open(self) -> int:
        return sum(self.buckets)

    @property
    def overdue(self) -> int:
        return sum(self.buckets[1:])

    @property
    def net(self) -> int:
        return self.open - self.unapplied


def age(invoices: Iterable[Invoice], credits_: Iterable[Credit], today: date) -> list[AgingRow]:
    """Aged receivables by customer and currency, ordered by both: the rule that the store's query follows."""
    buckets: dict[tuple[str, str], list[int]] = {}
    unapplied: dict[tuple[str, str], int] = {}
    for invoice in invoices:
        if invoice.owed > 0:
            row = buckets.setdefault((invoice.customer_id, invoice.currency), [0] * 5)
            row[BUCKETS.index(bucket(days_overdue(invoice.due_on, today)))] += invoice.owed
    for credit in credits_:
        if credit.remaining:
            key = (credit.customer_id, credit.currency)
            unapplied[key] = unapplied.get(key, 0) + credit.remaining
    return [
        AgingRow(*key, tuple(buckets.get(key, (0, 0, 0, 0, 0))), unapplied.get(key, 0))  # type: ignore[arg-type]
        for key in sorted(buckets.keys() | unapplied.keys())
    ]
