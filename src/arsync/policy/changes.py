"""What changes in a book from one day to the other besides what is sent. Pure."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.policy.model import Agreement, Contact, Debt, HoldOrder
from arsync.policy.rules import Channel


class Owed(msgspec.Struct, frozen=True, gc=False):
    """From the day on an invoice is as this."""

    on: date
    customer_id: str
    debt: Debt


class Gone(msgspec.Struct, frozen=True, gc=False):
    """From the day on nothing is owed on an invoice."""

    on: date
    customer_id: str
    invoice_id: str


class Credited(msgspec.Struct, frozen=True, gc=False):
    """From the day on this much of the customer's credit is not applied."""

    on: date
    customer_id: str
    currency: str
    unapplied: int


class Ordered(msgspec.Struct, frozen=True, gc=False):
    """From the day on these are all the holds of people on an invoice, or on the customer itself."""

    on: date
    customer_id: str
    invoice_id: str | None
    orders: tuple[HoldOrder, ...]


class Agreed(msgspec.Struct, frozen=True, gc=False):
    """From the day on these are all the agreements with the customer that are in force."""

    on: date
    customer_id: str
    agreements: tuple[Agreement, ...]


class Reached(msgspec.Struct, frozen=True, gc=False):
    """On the day there was a contact with the customer that is not of this course."""

    on: date
    customer_id: str
    contact: Contact


class Closed(msgspec.Struct, frozen=True, gc=False):
    """From the day on the customer hears nothing by these channels."""

    on: date
    customer_id: str
    channels: frozenset[Channel]


Change = Owed | Gone | Credited | Ordered | Agreed | Reached | Closed
