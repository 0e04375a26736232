"""What the accounting system says: customers, invoices, credits and payments, as frozen values.

A connector maps the vendor's rows to these; nothing behind the connector knows a vendor's field.
Ids are the accounting system's own. Amounts are minor units of the record's currency, dates are
calendar dates of the book, ``updated_at`` is a UTC instant in ISO 8601 with a trailing Z (it is
only ever compared with other stamps of the same record).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

# in-force: a receivable (Xero AUTHORISED or PAID, any living QuickBooks invoice). The others owe
# nothing, whatever amount they still carry. closed: no longer mentioned by a complete full pull.
InvoiceStatus = Literal["in-force", "draft", "voided", "deleted", "closed"]
CreditKind = Literal["credit-note", "overpayment", "prepayment", "payment", "journal"]
Entity = Literal["customer", "invoice", "credit", "payment"]


class Customer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who owes. ``emails`` and ``cc`` are as the accounting system has them, one address each, unchecked."""

    id: str
    name: str
    emails: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    parent_id: str | None = None  # the customer whose addresses serve when this one has none
    bills_parent: bool = False  # the parent pays this one's debts: they are the parent's to be asked for
    language: str | None = None
    country: str = ""  # ISO 3166 alpha-2, empty where it is not told or not understood
    subdivision: str = ""  # as ISO 3166-2 has it behind the hyphen: ENG, CA, BY
    groups: tuple[str, ...] = ()
    active: bool = True
    updated_at: str = ""


class Invoice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is owed. ``open`` is the part of ``total`` that is not paid or credited yet."""

    id: str
    number: str
    customer_id: str
    currency: str
    total: int
    open: int
    issued_on: date | None = None
    due_on: date | None = None
    status: InvoiceStatus = "in-force"
    promised_on: date | None = None  # a payment date promised in the accounting system
    emails: tuple[str, ...] = ()  # billing addresses that stand on the invoice itself
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    # Home currency for one unit of this currency, exact: "1.25", or "1/0.8" where the vendor tells it
    # the other way round. Empty in the home currency itself and where it is not told.
    rate: str = ""
    updated_at: str = ""

    @property
    def owed(self) -> int:
        """The open amount while the invoice is in force, else 0 (a voided one may still carry an amount)."""
        return self.open if self.status == "in-force" else 0


class Credit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money of the customer's that is not applied to an invoice; ``remaining`` is what is left of it."""

    id: str
    kind: CreditKind
    customer_id: str
    currency: str
    remaining: int
    number: str = ""
    issued_on: date | None = None
    rate: str = ""  # as an invoice's
    updated_at: str = ""


class Allocation(msgspec.Struct, frozen=True, gc=False):
    """The part of a payment that was applied to an invoice, in minor units of the invoice's currency."""

    invoice_id: str
    amount: int


class Payment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Money that came in, for its date alone: what is owed never hangs on it.

    One that was deleted comes with the amount 0 and without allocations; a credit that was applied may
    come as one of the amount 0 with them. What of a payment is not applied comes as a ``Credit``.
    """

    id: str
    customer_id: str
    currency: str
    amount: int
    paid_on: date
    allocations: tuple[Allocation, ...] = ()
    updated_at: str = ""


class Gone(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A record that was deleted in the accounting system. ``kind`` is set for credits only."""

    entity: Entity
    id: str
    kind: CreditKind | None = None
    updated_at: str = ""


class Reject(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that could not be understood: kept with its reason and raw text, never dropped."""

    entity: Entity
    id: str | None
    reason: str
    raw: str


def addresses_of(values: Iterable[str | None]) -> tuple[str, ...]:
    """The single addresses in fields that may hold several, separated by commas or semicolons.

    Order is kept and repetitions (whatever their case) are dropped; nothing is judged valid here.
    """
    found: dict[str, str] = {}
    for value in values:
        for part in (value or "").replace(";", ",").split(","):
            if address := part.strip():
                found.setdefault(address.casefold(), address)
    return tuple(found.values())
