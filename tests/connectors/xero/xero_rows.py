"""Rows as Xero tells them, the pages they come in, and what is read from them."""

from __future__ import annotations

import json
from typing import Any

from arsync_xero import decode

DOCUMENTS = decode.Documents("foreign-per-base")
READERS: dict[str, decode.Reader[Any]] = {
    "Invoices": DOCUMENTS.invoices,
    "Contacts": decode.CONTACTS,
    "CreditNotes": DOCUMENTS.credit_notes,
    "Overpayments": DOCUMENTS.overpayments,
    "Prepayments": DOCUMENTS.prepayments,
    "Payments": decode.PAYMENTS,
}


def page(name: str, *rows: Any, **more: Any) -> bytes:
    told = {"page": 1, "pageSize": 1000, "pageCount": 1, "itemCount": len(rows)}
    return json.dumps({"Status": "OK", "pagination": told, name: list(rows), **more}).encode()


def invoice_row(**changes: Any) -> dict[str, Any]:
    return {
        "Type": "ACCREC",
        "InvoiceID": "i-1",
        "InvoiceNumber": "INV-0041",
        "Contact": {"ContactID": "c-1", "Name": "Brook & Daughters"},
        "DateString": "2026-01-05T00:00:00",
        "Date": "/Date(1767571200000+0000)/",
        "DueDateString": "2026-02-04T00:00:00",
        "DueDate": "/Date(1770163200000+0000)/",
        "Status": "AUTHORISED",
        "Total": 1200.50,
        "AmountDue": 200.45,
        "CurrencyCode": "GBP",
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        **changes,
    }


def contact_row(**changes: Any) -> dict[str, Any]:
    return {
        "ContactID": "c-1",
        "ContactStatus": "ACTIVE",
        "Name": "Brook & Daughters",
        "EmailAddress": "office@brook.example",
        "ContactPersons": [
            {"EmailAddress": "ann@brook.example", "IncludeInEmails": True},
            {"EmailAddress": "bob@brook.example", "IncludeInEmails": False},
            {"EmailAddress": "Office@Brook.example", "IncludeInEmails": True},
        ],
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        **changes,
    }


def credit_row(id_name: str, **changes: Any) -> dict[str, Any]:
    return {
        id_name: "k-1",
        "Contact": {"ContactID": "c-1"},
        "CurrencyCode": "JPY",
        "RemainingCredit": 3000,
        "Status": "AUTHORISED",
        "DateString": "2026-01-05T00:00:00",
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        **changes,
    }


def only(name: str, row: Any) -> Any:
    listing = READERS[name].read(page(name, row))
    assert listing.rows == 1
    return (listing.records or listing.rejects)[0]
