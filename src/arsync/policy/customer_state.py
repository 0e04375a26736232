"""What is true of one customer on a day of a course. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from arsync.policy.model import Agreement, Contact, Debt, HoldOrder, Message


class CustomerState(msgspec.Struct, gc=False, eq=False):
    """What is true of one customer now. ``look`` is the next day to plan it, None for no such day."""

    debts: dict[str, Debt]
    unapplied: dict[str, int]
    invoice_holds: dict[str, Sequence[HoldOrder]]
    customer_holds: Sequence[HoldOrder]
    contacted: dict[str, date]
    contacts: list[Contact]
    agreements: tuple[Agreement, ...]
    approved: list[Message]
    look: date | None

    def named(self) -> Iterator[str]:
        """The invoices by which what was agreed or promised is judged."""
        for agreement in self.agreements:
            yield from (id_ for id_, _ in agreement.lines)
        for order in self._orders():
            yield from (id_ for id_, _ in order.lines)

    def _orders(self) -> Iterator[HoldOrder]:
        yield from self.customer_holds
        for orders in self.invoice_holds.values():
            yield from orders
