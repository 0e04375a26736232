"""Invoices and bills as the service shows them: in a summary, a plain list, a page, or alone."""

from __future__ import annotations

import uuid
from zlib import crc32

from .contact_rows import brief_contact, full_contact
from .records import Allocation, Invoice, Payment
from .wire import Json, Row, civil, civil_text, instant, instant_text

_NUMBER_OF_CREDIT = {
    "CreditNotes": ("CreditNoteID", "CreditNoteNumber"),
    "Overpayments": ("OverpaymentID", None),
    "Prepayments": ("PrepaymentID", None),
}


def invoice_row(invoice: Invoice, detail: str) -> Row:
    """One invoice; `detail` is summary, list, page or single.

    A summary lacks Payments, LineItems and HasAttachments. Only a single invoice carries its contact's
    e-mail address (developer.xero.com, "Invoices").
    """
    row: Row = {
        "Type": invoice.type,
        "InvoiceID": invoice.id,
        "InvoiceNumber": invoice.number,
        "Reference": invoice.reference,
    }
    if detail != "summary":
        row["Payments"] = [_payment(payment) for payment in invoice.payments if payment.status != "DELETED"]
    for kind in _NUMBER_OF_CREDIT:
        row[kind] = [_credit(part) for part in invoice.allocations if part.credit.kind == kind]
    row |= {
        "AmountDue": invoice.amount_due,
        "AmountPaid": invoice.amount_paid,
        "AmountCredited": invoice.amount_credited,
        "SentToContact": invoice.sent_to_contact,
        "CurrencyRate": invoice.rate,
        "HasErrors": False,
        "IsDiscounted": False,
    }
    if detail != "summary":
        row["HasAttachments"] = invoice.has_attachments
    if invoice.branding_theme_id:
        row["BrandingThemeID"] = invoice.branding_theme_id
    if invoice.repeating_invoice_id:
        row["RepeatingInvoiceID"] = invoice.repeating_invoice_id
    row["Contact"] = full_contact(invoice.contact) if detail == "single" else brief_contact(invoice.contact)
    row |= _dates(invoice)
    row |= {"Status": invoice.status, "LineAmountTypes": "Exclusive"}
    if detail != "summary":
        row["LineItems"] = [] if detail == "list" else [_line(invoice)]
    row |= {
        "SubTotal": invoice.total - invoice.tax,
        "TotalTax": invoice.tax,
        "Total": invoice.total,
        "UpdatedDateUTC": instant(invoice.updated_ms),
        "UpdatedDateUTCString": instant_text(invoice.updated_ms),
        "CurrencyCode": invoice.currency,
    }
    if invoice.fully_paid_on:
        row["FullyPaidOnDate"] = civil(invoice.fully_paid_on)
    return row


def with_nulls(row: Row, record_id: str) -> Row:
    """The row with null where it is empty, on every second record: the real service does so at times."""
    if crc32(record_id.encode()) % 2:
        return row
    sparse = {key: None if value == "" or value == [] else value for key, value in row.items()}
    if "InvoiceID" in row:
        for key in ("DueDate", "DueDateString", "ExpectedPaymentDate", "BrandingThemeID", "FullyPaidOnDate"):
            sparse.setdefault(key, None)
    return sparse


def _dates(invoice: Invoice) -> Row:
    row: Row = {"DateString": civil_text(invoice.issued), "Date": civil(invoice.issued)}
    if invoice.due:
        row |= {"DueDateString": civil_text(invoice.due), "DueDate": civil(invoice.due)}
    if invoice.expected:
        row["ExpectedPaymentDate"] = civil(invoice.expected)
    if invoice.planned:
        row["PlannedPaymentDate"] = civil(invoice.planned)
    return row


def _payment(payment: Payment) -> Row:
    row: Row = {"PaymentID": payment.id, "Date": civil(payment.on), "Amount": payment.amount}
    if payment.reference:
        row["Reference"] = payment.reference
    return row | {
        "CurrencyRate": payment.invoice.rate,
        "HasAccount": False,
        "HasValidationErrors": False,
    }


def _credit(part: Allocation) -> Row:
    credit = part.credit
    id_name, number_name = _NUMBER_OF_CREDIT[credit.kind]
    row: Row = {id_name: credit.id, "ID": credit.id}
    if number_name:
        row[number_name] = credit.number
    return row | {
        "HasErrors": False,
        "AppliedAmount": part.amount,
        "DateString": civil_text(part.on),
        "Date": civil(part.on),
        "LineItems": [],
        "Total": credit.total,
    }


def _line(invoice: Invoice) -> Json:
    net = invoice.total - invoice.tax
    return {
        "Description": invoice.line,
        "UnitAmount": net,
        "TaxType": "OUTPUT2" if invoice.tax else "NONE",
        "TaxAmount": invoice.tax,
        "LineAmount": net,
        "AccountCode": "200",
        "Tracking": [],
        "Quantity": 1,
        "LineItemID": str(uuid.uuid5(uuid.UUID(invoice.id), "line")),
        "ValidationErrors": [],
    }
