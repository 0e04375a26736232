"""Credit notes, overpayments, prepayments and payments as the service shows them."""

from __future__ import annotations

import uuid

from .contact_rows import brief_contact
from .records import ZERO, Credit, Payment
from .wire import Row, civil, civil_text, instant, instant_text

_ID_NAMES = {"CreditNotes": "CreditNoteID", "Overpayments": "OverpaymentID", "Prepayments": "PrepaymentID"}


def credit_row(credit: Credit) -> Row:
    """One credit note, overpayment or prepayment with what is left of it and where the rest went."""
    row: Row = {_ID_NAMES[credit.kind]: credit.id}
    if credit.kind == "CreditNotes":
        row["CreditNoteNumber"] = credit.number
    if credit.kind == "CreditNotes" or credit.rate != 1:
        row["CurrencyRate"] = credit.rate
    return row | {
        "Payments": [],
        "ID": credit.id,
        "Type": credit.type,
        "Reference": credit.reference,
        "RemainingCredit": credit.remaining,
        "Allocations": [
            {
                "AllocationID": part.id,
                "Amount": part.amount,
                "Date": civil(part.on),
                "Invoice": {"InvoiceID": part.invoice.id, "InvoiceNumber": part.invoice.number},
            }
            for part in credit.allocations
        ],
        "HasAttachments": False,
        "Contact": brief_contact(credit.contact),
        "DateString": civil_text(credit.issued),
        "Date": civil(credit.issued),
        "Status": credit.status,
        "LineAmountTypes": "Exclusive" if credit.kind == "CreditNotes" else "NoTax",
        "LineItems": [],
        "SubTotal": credit.total,
        "TotalTax": ZERO,
        "Total": credit.total,
        "UpdatedDateUTC": instant(credit.updated_ms),
        "UpdatedDateUTCString": instant_text(credit.updated_ms),
        "CurrencyCode": credit.currency,
    }


def payment_row(payment: Payment) -> Row:
    """One payment with the document it was applied to."""
    invoice = payment.invoice
    row: Row = {"PaymentID": payment.id}
    if payment.batched:
        row["BatchPayment"] = _batch(payment)
    return row | {
        "Date": civil(payment.on),
        "BankAmount": payment.amount,
        "Amount": payment.amount,
        "Reference": payment.reference,
        "CurrencyRate": invoice.rate,
        "PaymentType": f"{invoice.type}PAYMENT",
        "Status": payment.status,
        "UpdatedDateUTC": instant(payment.updated_ms),
        "UpdatedDateUTCString": instant_text(payment.updated_ms),
        "HasAccount": True,
        "IsReconciled": False,
        "Account": {"AccountID": "0b1f9c52-6d2e-4f5a-9a47-1d1f0c6a7e10", "Code": "090"},
        "Invoice": {
            "Type": invoice.type,
            "InvoiceID": invoice.id,
            "InvoiceNumber": invoice.number,
            "Payments": [],
            "CreditNotes": [],
            "Prepayments": [],
            "Overpayments": [],
            "HasErrors": False,
            "IsDiscounted": False,
            "Contact": brief_contact(invoice.contact),
            "LineItems": [],
            "CurrencyCode": invoice.currency,
        },
        "HasValidationErrors": False,
    }


def _batch(payment: Payment) -> Row:
    """The deposit that the payment came in with: here the service writes a flag and an amount as texts."""
    return {
        "BatchPaymentID": str(uuid.uuid5(uuid.UUID(payment.id), "batch")),
        "Date": civil(payment.on),
        "Type": "RECBATCH",
        "Status": payment.status,
        "TotalAmount": str(payment.amount),
        "UpdatedDateUTC": instant(payment.updated_ms),
        "IsReconciled": "false",
    }
