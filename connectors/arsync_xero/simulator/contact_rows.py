"""Contacts as the service shows them, from the two fields inside a listed invoice to the whole record."""

from __future__ import annotations

import uuid
from decimal import Decimal

from .books import Books
from .records import CENT, ZERO, Contact, Credit, Invoice
from .wire import Row, instant


def brief_contact(contact: Contact) -> Row:
    """The contact inside a listed document: id and name only, no e-mail address."""
    return {
        "ContactID": contact.id,
        "Name": contact.name,
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def full_contact(contact: Contact) -> Row:
    """The contact inside a single document."""
    return (
        _names(contact)
        | _places(contact)
        | {
            "UpdatedDateUTC": instant(contact.updated_ms),
            "ContactGroups": _groups(contact),
            "ContactPersons": _persons(contact),
            "HasValidationErrors": False,
        }
    )


def contact_row(contact: Contact, detail: str, books: Books) -> Row:
    """One contact; `detail` is summary, list, page or single.

    Persons, balances, groups, payment terms and the pointer of a merged contact come only on a page or
    alone (developer.xero.com, "Contacts").
    """
    row = _names(contact)
    if detail != "summary":
        row |= _places(contact)
    row |= {
        "UpdatedDateUTC": instant(contact.updated_ms),
        "IsSupplier": any(document.type == "ACCPAY" for document in contact.invoices),
        "IsCustomer": any(document.type == "ACCREC" for document in contact.invoices),
    }
    if contact.currency:
        row["DefaultCurrency"] = contact.currency
    if detail in ("page", "single"):
        row |= {"ContactGroups": _groups(contact), "ContactPersons": _persons(contact)}
        row["Balances"] = {
            "AccountsReceivable": _balance(contact, "ACCREC", books),
            "AccountsPayable": _balance(contact, "ACCPAY", books),
        }
        if contact.payment_days is not None:
            row["PaymentTerms"] = {"Sales": {"Day": contact.payment_days, "Type": "DAYSAFTERBILLDATE"}}
        if contact.merged_to:
            row["MergedToContactID"] = contact.merged_to
    elif detail == "list":
        row |= {"ContactGroups": [], "ContactPersons": []}
    return row | {"HasAttachments": False, "HasValidationErrors": False}


def in_base(document: Invoice | Credit, amount: Decimal, base: str) -> Decimal:
    """An amount in the base currency; the rate is units of the document's currency for one of the base."""
    return amount if document.currency == base else (amount / document.rate).quantize(CENT)


def _names(contact: Contact) -> Row:
    row: Row = {"ContactID": contact.id}
    if contact.contact_number:
        row["ContactNumber"] = contact.contact_number
    if contact.account_number:
        row["AccountNumber"] = contact.account_number
    return row | {
        "ContactStatus": contact.status,
        "Name": contact.name,
        "FirstName": contact.first_name,
        "LastName": contact.last_name,
        "EmailAddress": contact.email or "",
        "BankAccountDetails": "",
    }


def _places(contact: Contact) -> Row:
    return {
        "Addresses": [
            {"AddressType": "STREET", "City": "", "Region": "", "PostalCode": "", "Country": ""},
            {
                "AddressType": "POBOX",
                "City": contact.city,
                "Region": contact.region,
                "PostalCode": "",
                "Country": contact.country,
            },
        ],
        "Phones": [
            {"PhoneType": kind, "PhoneNumber": number, "PhoneAreaCode": "", "PhoneCountryCode": ""}
            for kind, number in (("DDI", ""), ("DEFAULT", contact.phone), ("FAX", ""), ("MOBILE", ""))
        ],
    }


def _groups(contact: Contact) -> list[Row]:
    return [
        {
            "ContactGroupID": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
            "Name": name,
            "Status": "ACTIVE",
            "Contacts": [],
            "HasValidationErrors": False,
        }
        for name in contact.groups
    ]


def _persons(contact: Contact) -> list[Row]:
    return [
        {
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "EmailAddress": person.email,
            "IncludeInEmails": person.include_in_emails,
        }
        for person in contact.persons
    ]


def _balance(contact: Contact, kind: str, books: Books) -> Row:
    """What is owed of invoices less what is left of credits, as the organisation's settings reckon it."""

    def value(document: Invoice | Credit, amount: Decimal) -> Decimal:
        return in_base(document, amount, books.currency) if books.balances_in_base else amount

    outstanding = overdue = ZERO
    for invoice in contact.invoices:
        if invoice.type == kind and invoice.status == "AUTHORISED":
            owed = value(invoice, invoice.amount_due)
            outstanding += owed
            if invoice.due and invoice.due < books.today():
                overdue += owed
    for credit in contact.credits:
        counts = credit.kind == "CreditNotes" or books.balances_less_prepaid
        if counts and credit.status == "AUTHORISED" and _is_receivable(credit.type) == (kind == "ACCREC"):
            outstanding -= value(credit, credit.remaining)
    return {"Outstanding": outstanding, "Overdue": overdue}


def _is_receivable(credit_type: str) -> bool:
    return credit_type.startswith(("ACCREC", "RECEIVE"))
