"""What a company keeps: records, and tables of them with the two orders in which they are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from .amounts import ZERO

Body = dict[str, Any]


class Link(NamedTuple):
    """One transaction applied to another: the other's id and kind, and how much."""

    id: int
    kind: str
    amount: Decimal


@dataclass(slots=True, eq=False)
class Record:
    """One object of the company.

    ``body`` holds what a caller may write, in wire form, and is replaced, never changed in place. The rest is
    what the service works out itself. ``balance`` is what is open: an invoice's Balance, a credit memo's
    RemainingCredit, a payment's UnappliedAmt, a customer's Balance. Times are seconds since the epoch, since
    MetaData times have no fractions.
    """

    kind: str
    id: int
    created: int
    updated: int
    body: Body
    token: int = 0
    customer: Record | None = None
    currency: str = ""
    rate: Decimal = Decimal(1)
    total: Decimal = ZERO
    balance: Decimal = ZERO
    links: tuple[Link, ...] = ()
    shares: dict[int, Decimal] = field(default_factory=dict)
    """A journal entry's open amounts on receivables, by customer; negative is in the customer's favour."""
    children: list[Record] = field(default_factory=list)
    """A customer's jobs."""
    encoded: bytes | None = None
    """The object's JSON, until it changes."""


class Tombstone(NamedTuple):
    id: int
    updated: int


class Table:
    """The records of one kind, by id, and in the order of creation and of change."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.rows: dict[int, Record] = {}
        self.tombstones: list[Tombstone] = []
        self._by_created: list[Record] | None = None
        self._by_updated: list[Record] | None = None

    def add(self, record: Record) -> None:
        self.rows[record.id] = record
        self._by_created = self._by_updated = None

    def extend(self, records: Iterable[Record]) -> None:
        self.rows.update((record.id, record) for record in records)
        self._by_created = self._by_updated = None

    def remove(self, record: Record, at: int) -> None:
        del self.rows[record.id]
        self.tombstones.append(Tombstone(record.id, at))
        self._by_created = self._by_updated = None

    def discard(self, record: Record) -> None:
        """The record was never there."""
        del self.rows[record.id]
        self._by_created = self._by_updated = None

    def restore(self, record: Record) -> None:
        """The record was never removed."""
        self.tombstones.pop()
        self.add(record)

    def changed(self) -> None:
        """Some record's time of change moved."""
        self._by_updated = None

    def by_created(self) -> list[Record]:
        """Oldest first. Within a second the younger id comes first: the vendor promises no order there."""
        if self._by_created is None:
            self._by_created = sorted(self.rows.values(), key=lambda r: (r.created, -r.id))
        return self._by_created

    def by_updated(self) -> list[Record]:
        """Longest unchanged first."""
        if self._by_updated is None:
            self._by_updated = sorted(self.rows.values(), key=lambda r: (r.updated, -r.id))
        return self._by_updated
