"""The endpoints that list records: their fields for filters and orders, and how a row is drawn.

Which filters and orders the service has indexes for: developer.xero.com, "Invoices", "Contacts",
"Payments".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .books import Books
from .contact_rows import contact_row
from .credit_rows import credit_row, payment_row
from .invoice_rows import invoice_row, with_nulls
from .where import Field
from .wire import civil_ms, encode


@dataclass(frozen=True, slots=True)
class Entity:
    """One listing endpoint; `draw` makes the row of a record at a level of detail."""

    name: str
    fields: Mapping[str, Field]
    draw: Callable[[Any, str, Books], dict[str, Any]]
    has_summary: bool = False
    searched: Callable[[Any], tuple[str, ...]] = lambda _: ()

    def text(self, record: Any, detail: str, books: Books) -> str:
        """The encoded row; kept on the record until the record changes.

        A contact's balances depend on the day and on how they are reckoned, so these are part of the key.
        """
        key = detail
        if self.name == "Contacts":
            key += f" {books.today()} {books.balances_less_prepaid} {books.balances_in_base}"
        found: str | None = record.encoded.get(key)
        if found is None:
            row = self.draw(record, detail, books)
            if books.nulls and detail != "single":
                row = with_nulls(row, record.id)
            found = encode(row)
            record.encoded[key] = found
        return found


def _day(value: Any) -> int | None:
    return None if value is None else civil_ms(value)


def _updated() -> Field:
    return Field("instant", lambda record: record.updated_ms, ordered=True)


_CONTACT_OF_DOCUMENT = {
    "Contact.ContactID": Field("guid", lambda record: record.contact.id, "equals"),
    "Contact.Name": Field("text", lambda record: record.contact.name, "equals"),
    "Contact.ContactNumber": Field("text", lambda record: record.contact.contact_number, "equals"),
}

INVOICES = Entity(
    name="Invoices",
    fields={
        "InvoiceID": Field("guid", lambda record: record.id, "equals", ordered=True),
        "InvoiceNumber": Field("text", lambda record: record.number, "equals"),
        "Reference": Field("text", lambda record: record.reference, "equals"),
        "Type": Field("text", lambda record: record.type, "equals"),
        "Status": Field("text", lambda record: record.status, "equals"),
        "Date": Field("instant", lambda record: _day(record.issued), "range", ordered=True),
        "DueDate": Field("instant", lambda record: _day(record.due), "range"),
        "ExpectedPaymentDate": Field("instant", lambda record: _day(record.expected)),
        "AmountDue": Field("number", lambda record: record.amount_due, "range"),
        "AmountPaid": Field("number", lambda record: record.amount_paid, "equals"),
        "AmountCredited": Field("number", lambda record: record.amount_credited),
        "Total": Field("number", lambda record: record.total),
        "SentToContact": Field("flag", lambda record: record.sent_to_contact),
        "CurrencyCode": Field("text", lambda record: record.currency),
        "UpdatedDateUTC": _updated(),
        **_CONTACT_OF_DOCUMENT,
    },
    draw=lambda record, detail, _: invoice_row(record, detail),
    has_summary=True,
    searched=lambda record: (record.number, record.reference, record.contact.name),
)

CONTACTS = Entity(
    name="Contacts",
    fields={
        "ContactID": Field("guid", lambda record: record.id, "equals", ordered=True),
        "Name": Field("text", lambda record: record.name, "equals", ordered=True),
        "EmailAddress": Field("text", lambda record: record.email or "", "equals"),
        "AccountNumber": Field("text", lambda record: record.account_number, "equals"),
        "ContactNumber": Field("text", lambda record: record.contact_number, "equals"),
        "ContactStatus": Field("text", lambda record: record.status),
        "IsCustomer": Field("flag", lambda record: any(each.type == "ACCREC" for each in record.invoices)),
        "IsSupplier": Field("flag", lambda record: any(each.type == "ACCPAY" for each in record.invoices)),
        "UpdatedDateUTC": _updated(),
    },
    draw=contact_row,
    has_summary=True,
    searched=lambda record: (record.name, record.first_name, record.last_name, record.email or ""),
)


def _credit_entity(name: str, id_name: str, number_name: str | None = None) -> Entity:
    fields = {
        id_name: Field("guid", lambda record: record.id, "equals", ordered=True),
        "Type": Field("text", lambda record: record.type, "equals"),
        "Status": Field("text", lambda record: record.status, "equals"),
        "Reference": Field("text", lambda record: record.reference, "equals"),
        "Date": Field("instant", lambda record: _day(record.issued), "range", ordered=True),
        "RemainingCredit": Field("number", lambda record: record.remaining),
        "UpdatedDateUTC": _updated(),
        **_CONTACT_OF_DOCUMENT,
    }
    if number_name:
        fields[number_name] = Field("text", lambda record: record.number, "equals")
    return Entity(name, fields, draw=lambda record, *_: credit_row(record))


PAYMENTS = Entity(
    name="Payments",
    fields={
        "PaymentID": Field("guid", lambda record: record.id, "equals", ordered=True),
        "PaymentType": Field("text", lambda record: f"{record.invoice.type}PAYMENT", "equals"),
        "Status": Field("text", lambda record: record.status, "equals"),
        "Date": Field("instant", lambda record: _day(record.on), "range", ordered=True),
        "Reference": Field("text", lambda record: record.reference, "equals"),
        "Invoice.InvoiceID": Field("guid", lambda record: record.invoice.id, "equals"),
        "UpdatedDateUTC": _updated(),
    },
    draw=lambda record, *_: payment_row(record),
)

ENTITIES = {
    entity.name: entity
    for entity in (
        INVOICES,
        CONTACTS,
        _credit_entity("CreditNotes", "CreditNoteID", "CreditNoteNumber"),
        _credit_entity("Overpayments", "OverpaymentID"),
        _credit_entity("Prepayments", "PrepaymentID"),
        PAYMENTS,
    )
}
