"""What the simulated organisation keeps: plain records, amounts as exact decimals.

Amounts are in major units of the document's currency with two places. Dates are civil dates of the
organisation; `updated_ms` is UTC in milliseconds, as the service keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

Amount = Decimal | str | int


class BookError(ValueError):
    """A change that the accounting system itself would refuse; the text says why."""


def money(value: Amount) -> Decimal:
    """An exact amount with two places; a float or a third place is refused."""
    if isinstance(value, float):
        raise TypeError("amounts are Decimal, str or int, never float")
    exact = Decimal(value)
    rounded = exact.quantize(CENT)
    if rounded != exact:
        raise BookError(f"{exact} has more than two places")
    return rounded


@dataclass(slots=True, frozen=True)
class Person:
    """A contact person; only those with `include_in_emails` receive what is mailed to the contact."""

    first_name: str
    last_name: str
    email: str
    include_in_emails: bool = True

    @classmethod
    def of(cls, value: Person | Mapping[str, Any]) -> Person:
        """From a record, or from a mapping with the vendor's names (FirstName, EmailAddress, ...)."""
        if isinstance(value, Person):
            return value
        return cls(
            first_name=value.get("FirstName", ""),
            last_name=value.get("LastName", ""),
            email=value.get("EmailAddress", ""),
            include_in_emails=value.get("IncludeInEmails", False),
        )


@dataclass(slots=True, eq=False)
class Contact:
    """A customer or supplier."""

    id: str
    name: str
    email: str | None
    updated_ms: int
    persons: tuple[Person, ...] = ()
    status: str = "ACTIVE"
    merged_to: str | None = None
    first_name: str = ""
    last_name: str = ""
    account_number: str = ""
    contact_number: str = ""
    phone: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    currency: str | None = None
    payment_days: int | None = None
    groups: tuple[str, ...] = ()
    invoices: list[Invoice] = field(default_factory=list, repr=False)
    credits: list[Credit] = field(default_factory=list, repr=False)
    encoded: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True, eq=False)
class Invoice:
    """A sales invoice (ACCREC) or a bill (ACCPAY)."""

    id: str
    type: str
    number: str
    contact: Contact
    status: str
    issued: date
    due: date | None
    total: Decimal
    tax: Decimal
    currency: str
    rate: Decimal
    updated_ms: int
    amount_due: Decimal
    amount_paid: Decimal = ZERO
    amount_credited: Decimal = ZERO
    reference: str = ""
    expected: date | None = None
    planned: date | None = None
    sent_to_contact: bool = False
    fully_paid_on: date | None = None
    has_attachments: bool = False
    branding_theme_id: str | None = None
    repeating_invoice_id: str | None = None
    line: str = "Goods supplied"
    payments: list[Payment] = field(default_factory=list, repr=False)
    allocations: list[Allocation] = field(default_factory=list, repr=False)
    encoded: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def contact_id(self) -> str:
        """The id of the contact."""
        return self.contact.id

    @property
    def settled_in_part(self) -> bool:
        """Whether money or credit has been applied; some edits then leave no trace in UpdatedDateUTC."""
        return bool(self.amount_paid or self.amount_credited)


@dataclass(slots=True, eq=False)
class Payment:
    """Money applied to one invoice or bill; DELETED ones stay readable."""

    id: str
    invoice: Invoice
    amount: Decimal
    on: date
    updated_ms: int
    reference: str = ""
    batched: bool = False
    status: str = "AUTHORISED"
    encoded: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(slots=True, eq=False)
class Credit:
    """A credit note, overpayment or prepayment; `kind` is the endpoint that serves it."""

    id: str
    kind: str
    type: str
    number: str
    contact: Contact
    status: str
    issued: date
    total: Decimal
    remaining: Decimal
    currency: str
    rate: Decimal
    updated_ms: int
    reference: str = ""
    allocations: list[Allocation] = field(default_factory=list, repr=False)
    encoded: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def contact_id(self) -> str:
        """The id of the contact."""
        return self.contact.id


@dataclass(slots=True, frozen=True)
class Allocation:
    """A part of a credit used on one invoice."""

    id: str
    credit: Credit
    invoice: Invoice
    amount: Decimal
    on: date


@dataclass(slots=True, frozen=True)
class Note:
    """A history record written through the API; it cannot be edited or deleted."""

    at_ms: int
    details: str


@dataclass(slots=True, frozen=True)
class Email:
    """An invoice mailed by the service itself."""

    at_ms: int
    invoice_id: str
    recipients: tuple[str, ...]


Record = Contact | Invoice | Payment | Credit
