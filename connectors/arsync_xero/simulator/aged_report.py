"""The report Aged Receivables By Contact: the vendor's own view of what one customer owes.

Amounts are in the base currency, as of the end of the given day, as texts with two places.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .books import Books
from .contact_rows import in_base
from .records import ZERO, Contact, Invoice
from .reply import Refused, Reply, bad_request, listing, not_found
from .wire import Row, civil_text, encode

_HEADINGS = ("Date", "Number", "Due Date", "", "Total", "Paid", "Credited", "Due")
_IN_FORCE = ("AUTHORISED", "PAID")


def aged_receivables(books: Books, options: dict[str, str]) -> Reply:
    """The report for `contactID`, as of `date` or today. Raises Refused."""
    if not options.get("contactid"):
        raise Refused(bad_request("ContactID is required"))
    contact = books.contacts.get(options["contactid"].lower())
    if contact is None:
        raise Refused(not_found())
    try:
        as_of = date.fromisoformat(options["date"][:10]) if options.get("date") else books.today()
    except ValueError:
        raise Refused(bad_request("date must be YYYY-MM-DD")) from None
    now_ms = books.clock.milliseconds()
    long_date = f"{as_of.day} {as_of:%B %Y}"
    report: Row = {
        "ReportName": "Aged Receivables By Contact",
        "ReportType": "AgedReceivablesByContact",
        "ReportTitles": ["Invoices", contact.name, f"Showing payments to {long_date}"],
        "ReportDate": long_date,
        "UpdatedDateUTC": f"/Date({now_ms})/",
        "Fields": [],
        "Rows": _rows(contact, as_of, books.currency),
    }
    return listing("Reports", [encode(report)], now_ms)


def _rows(contact: Contact, as_of: date, base: str) -> list[Row]:
    lines: list[Row] = []
    sums = [ZERO] * 4
    for invoice in sorted(contact.invoices, key=lambda each: (each.issued, each.number)):
        if invoice.type != "ACCREC" or invoice.status not in _IN_FORCE or invoice.issued > as_of:
            continue
        figures = _figures(invoice, as_of, base)
        if figures[3]:
            lines.append(_line(invoice, figures, as_of))
            sums = [total + figure for total, figure in zip(sums, figures, strict=True)]
    heading: Row = {"RowType": "Header", "Cells": [{"Value": text} for text in _HEADINGS]}
    section: Row = {"RowType": "Section", "Title": "", "Rows": [*lines, _summary("Total", sums)]}
    closing: Row = {"RowType": "Section", "Title": "", "Rows": [_summary("Closing Balance", sums)]}
    return [heading, section, closing]


def _figures(invoice: Invoice, as_of: date, base: str) -> list[Decimal]:
    """Total, paid, credited and due at the end of the day."""
    paid = sum((p.amount for p in invoice.payments if p.status != "DELETED" and p.on <= as_of), ZERO)
    credited = sum((part.amount for part in invoice.allocations if part.on <= as_of), ZERO)
    amounts = (invoice.total, paid, credited, invoice.total - paid - credited)
    return [in_base(invoice, amount, base) for amount in amounts]


def _line(invoice: Invoice, figures: list[Decimal], as_of: date) -> Row:
    late = (as_of - invoice.due).days if invoice.due else 0
    texts = (
        civil_text(invoice.issued),
        invoice.number,
        civil_text(invoice.due) if invoice.due else "",
        f"{late} days overdue" if late > 0 else "",
        *map(str, figures),
    )
    mark: Row = {"Value": invoice.id, "Id": "invoiceID"}
    return {"RowType": "Row", "Cells": [{"Value": text, "Attributes": [mark]} for text in texts]}


def _summary(title: str, sums: list[Decimal]) -> Row:
    texts = (title, "", "", "", *map(str, sums))
    return {"RowType": "SummaryRow", "Cells": [{"Value": text} for text in texts]}
