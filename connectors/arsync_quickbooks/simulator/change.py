"""One act in the books, and what follows from it.

Each transaction that is touched gets a higher SyncToken and the time of the act, also an invoice to which a
payment is applied. A customer whose balance moves gets the time alone: its SyncToken stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from decimal import Decimal

from .amounts import ZERO
from .records import Record, Table


def owed(record: Record) -> dict[Record | None, Decimal]:
    """What a transaction adds to its customer's Balance."""
    if record.kind == "Invoice":
        return {record.customer: record.balance}
    if record.kind in ("CreditMemo", "Payment"):
        return {record.customer: -record.balance}
    return {}


class Change:
    """Remembers what each touched record added to its customer, to carry the difference over at the end."""

    def __init__(self, at: int, tables: Mapping[str, Table]) -> None:
        self.at = at
        self._tables = tables
        self._before: dict[Record, dict[Record | None, Decimal]] = {}
        self._were: dict[Record, Record | None] = {}
        self._gone: set[Record] = set()
        self._moved: dict[Record, Decimal] = {}

    def add(self, record: Record) -> Record:
        """A new record."""
        self._before[record] = {}
        self._were[record] = None
        self._tables[record.kind].add(record)
        return record

    def touch(self, record: Record) -> None:
        """A record is about to change; call it before."""
        if record in self._before:
            return
        self._before[record] = owed(record)
        self._were[record] = copy(record)
        record.token += 1
        record.updated = self.at
        record.encoded = None
        self._tables[record.kind].changed()

    def remove(self, record: Record) -> None:
        """A record is deleted: a tombstone stays."""
        self.touch(record)
        self._gone.add(record)
        self._tables[record.kind].remove(record, self.at)

    def shift(self, customer: Record, amount: Decimal) -> None:
        """Move a customer's balance by a journal entry's share."""
        self._moved[customer] = self._moved.get(customer, ZERO) + amount

    def undo(self) -> None:
        """The act was refused half way: everything is as it was."""
        for record, was in self._were.items():
            table = self._tables[record.kind]
            if was is None:
                table.discard(record)
                continue
            for name in Record.__slots__:
                setattr(record, name, getattr(was, name))
            if record in self._gone:
                table.restore(record)

    def settle(self) -> None:
        for record, before in self._before.items():
            after = {} if record in self._gone else owed(record)
            for customer in {*before, *after}:
                if customer is not None:
                    self.shift(customer, after.get(customer, ZERO) - before.get(customer, ZERO))
        for customer, amount in self._moved.items():
            if amount:
                customer.balance += amount
                customer.updated = self.at
                self._tables["Customer"].changed()
                forget_shown(customer)


def forget_shown(customer: Record) -> None:
    """A customer's balance shows in the BalanceWithJobs of all above it."""
    above: Record | None = customer
    while above is not None:
        above.encoded = None
        above = above.customer
