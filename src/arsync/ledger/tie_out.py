"""Whether the book says what the accounting system says: per customer and currency, and why not. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from arsync.ledger.records import CreditKind


class AgedItem(msgspec.Struct, frozen=True, gc=False):
    """One item of the accounting system's own aged receivables, in minor units; credits are below zero.

    A ``charge`` raises what is owed and is no invoice, such as a journal entry's debit: it is never
    chased, and the book does not hold it.
    """

    kind: Literal["invoice", "charge"] | CreditKind
    id: str
    amount: int
    number: str = ""


class AgedBalance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a customer owes by the accounting system: invoices and charges less credits, in minor units.

    ``items`` is what it is made of, where the system tells. ``home``: it is everything of the
    customer's, converted to the company's currency. ``apart`` is credit of which it is not known
    whether ``amount`` is already less by it.
    """

    customer_id: str
    currency: str
    amount: int
    items: tuple[AgedItem, ...] = ()
    home: bool = False
    apart: int = 0
