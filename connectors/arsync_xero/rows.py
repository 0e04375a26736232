"""The fields of Xero's rows that arsync reads, as typed as the service is reliable. Pure.

The SDK's own models are not used: they turn null into the text 'None' and refuse a whole page for one
unknown enum value or null list (XeroAPI/xero-python issues 131, 203, 205). Here every field may be
null or missing, unknown fields are passed over, and numbers become exact Decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import field


class ContactRef(msgspec.Struct, gc=False):
    id: str | None = field(name="ContactID", default=None)


class InvoiceRow(msgspec.Struct, gc=False):
    id: str | None = field(name="InvoiceID", default=None)
    type: str | None = field(name="Type", default=None)
    number: str | None = field(name="InvoiceNumber", default=None)
    contact: ContactRef | None = field(name="Contact", default=None)
    currency: str | None = field(name="CurrencyCode", default=None)
    total: Decimal | None = field(name="Total", default=None)
    due: Decimal | None = field(name="AmountDue", default=None)
    rate: Decimal | None = field(name="CurrencyRate", default=None)
    status: str | None = field(name="Status", default=None)
    date_text: str | None = field(name="DateString", default=None)
    date: str | None = field(name="Date", default=None)
    due_date_text: str | None = field(name="DueDateString", default=None)
    due_date: str | None = field(name="DueDate", default=None)
    expected: str | None = field(name="ExpectedPaymentDate", default=None)
    updated: str | None = field(name="UpdatedDateUTC", default=None)


class PersonRow(msgspec.Struct, gc=False):
    email: str | None = field(name="EmailAddress", default=None)
    included: bool | str | None = field(name="IncludeInEmails", default=None)


class ContactRow(msgspec.Struct, gc=False):
    id: str | None = field(name="ContactID", default=None)
    name: str | None = field(name="Name", default=None)
    status: str | None = field(name="ContactStatus", default=None)
    email: str | None = field(name="EmailAddress", default=None)
    persons: list[PersonRow | None] | None = field(name="ContactPersons", default=None)
    merged_to: str | None = field(name="MergedToContactID", default=None)
    # As their texts: an odd address is no reason to reject a contact.
    addresses: msgspec.Raw = field(name="Addresses", default=msgspec.Raw())
    groups: msgspec.Raw = field(name="ContactGroups", default=msgspec.Raw())
    updated: str | None = field(name="UpdatedDateUTC", default=None)


class AddressRow(msgspec.Struct, gc=False):
    kind: Any = field(name="AddressType", default=None)
    region: Any = field(name="Region", default=None)
    country: Any = field(name="Country", default=None)  # as it was typed


class GroupRow(msgspec.Struct, gc=False):
    name: Any = field(name="Name", default=None)
    status: Any = field(name="Status", default=None)


class CreditRow(msgspec.Struct, gc=False):
    """What the three kinds of credit have in common; each kind names its id and number."""

    type: str | None = field(name="Type", default=None)
    contact: ContactRef | None = field(name="Contact", default=None)
    currency: str | None = field(name="CurrencyCode", default=None)
    remaining: Decimal | None = field(name="RemainingCredit", default=None)
    rate: Decimal | None = field(name="CurrencyRate", default=None)
    status: str | None = field(name="Status", default=None)
    date_text: str | None = field(name="DateString", default=None)
    date: str | None = field(name="Date", default=None)
    updated: str | None = field(name="UpdatedDateUTC", default=None)
    reference: str | None = field(name="Reference", default=None)


class CreditNoteRow(CreditRow, gc=False):
    id: str | None = field(name="CreditNoteID", default=None)
    number: str | None = field(name="CreditNoteNumber", default=None)


class OverpaymentRow(CreditRow, gc=False):
    id: str | None = field(name="OverpaymentID", default=None)

    @property
    def number(self) -> str | None:
        return self.reference


class PrepaymentRow(CreditRow, gc=False):
    id: str | None = field(name="PrepaymentID", default=None)

    @property
    def number(self) -> str | None:
        return self.reference


class PaidRow(msgspec.Struct, gc=False):
    """The document that a payment was applied to."""

    id: str | None = field(name="InvoiceID", default=None)
    contact: ContactRef | None = field(name="Contact", default=None)
    currency: str | None = field(name="CurrencyCode", default=None)


class PaymentRow(msgspec.Struct, gc=False):
    """``IsReconciled`` comes as a text at times, and nothing here needs it: it is not read."""

    id: str | None = field(name="PaymentID", default=None)
    type: str | None = field(name="PaymentType", default=None)
    status: str | None = field(name="Status", default=None)
    amount: Decimal | None = field(name="Amount", default=None)  # in the currency of the document
    invoice: PaidRow | None = field(name="Invoice", default=None)
    date: str | None = field(name="Date", default=None)
    updated: str | None = field(name="UpdatedDateUTC", default=None)


class ReceivableRow(msgspec.Struct, gc=False):
    outstanding: Decimal | None = field(name="Outstanding", default=None)


class BalancesRow(msgspec.Struct, gc=False):
    receivable: ReceivableRow | None = field(name="AccountsReceivable", default=None)


class OwingRow(msgspec.Struct, gc=False):
    """A contact, for what it owes by Xero's own figures."""

    id: str | None = field(name="ContactID", default=None)
    balances: BalancesRow | None = field(name="Balances", default=None)
