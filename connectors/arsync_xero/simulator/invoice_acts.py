"""What one can do with a single invoice: mail it, link to it, print it, and change a few fields."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from typing import Any

from .company import Company
from .invoice_rows import invoice_row
from .pdf import invoice_pdf
from .records import BookError, Email, Invoice
from .reply import Refused, Reply, bad_request, invalid, listing, validation
from .request import Asked
from .wire import Row, encode

_MS_DATE = re.compile(r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$")
_MAILABLE = ("SUBMITTED", "AUTHORISED", "PAID")
_IGNORED = {"InvoiceID", "InvoiceNumber", "Type", "Contact", "HasAttachments", "HasErrors"}
_EDITABLE = {"ExpectedPaymentDate", "PlannedPaymentDate", "DueDate", "SentToContact", "Status"}


def email_invoice(books: Company, invoice: Invoice, asked: Asked) -> Reply:
    """Mail the invoice with the organisation's own text; 204. Raises Refused with 400.

    Goes to the contact's address and to persons with IncludeInEmails. The limit of a day and a wrong
    status are both 400 (developer.xero.com, "Invoices", "Emailing an invoice").
    """
    if asked.body.strip() and asked.json() != {}:
        raise Refused(bad_request("The body must be empty"))
    if invoice.type != "ACCREC" or invoice.status not in _MAILABLE:
        raise Refused(
            invalid("Invoice must be of type ACCREC and have a status of SUBMITTED, AUTHORISED or PAID.")
        )
    contact = invoice.contact
    if not contact.email:
        raise Refused(invalid("The contact of this invoice has no email address."))
    now = books.clock()
    midnight_ms = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
    if sum(email.at_ms >= midnight_ms for email in books.sent) >= books.email_limit:
        raise Refused(invalid("You have reached the daily email limit for this organisation."))
    recipients = (contact.email, *(each.email for each in contact.persons if each.include_in_emails))
    books.sent.append(Email(books.clock.milliseconds(), invoice.id, recipients))
    books.mark_sent(invoice.id)
    return Reply(204)


def online_invoice(books: Company, invoice: Invoice) -> Reply:
    """The public address of a sales invoice, the same each time; none for a draft."""
    if invoice.type != "ACCREC" or invoice.status in ("DRAFT", "DELETED"):
        raise Refused(invalid("There is no online invoice for this document."))
    token = uuid.uuid5(uuid.UUID(invoice.id), "online").hex
    row: Row = {"OnlineInvoiceUrl": f"https://in.xero.example/{token}"}
    return listing("OnlineInvoices", [encode(row)], books.clock.milliseconds())


def print_invoice(books: Company, invoice: Invoice) -> Reply:
    """The invoice as a PDF."""
    name = f"{invoice.number}.pdf"
    return Reply(
        200,
        invoice_pdf(books.name, invoice),
        "application/pdf",
        {"Content-Disposition": f'attachment; filename="{name}"'},
    )


def update_invoices(books: Company, asked: Asked) -> Reply:
    """Change existing invoices. With summarizeErrors=false each element tells how it went.

    Without it one bad element refuses the whole batch. Only dates, SentToContact and a Status of VOIDED
    or DELETED can be changed here.
    """
    body = asked.json()
    elements = body.get("Invoices", [body]) if isinstance(body, dict) else body
    if not isinstance(elements, list) or not all(isinstance(each, dict) for each in elements):
        raise Refused(bad_request("Invoices must be a list"))
    summarize = asked.options.get("summarizeerrors", "true").lower() != "false"
    problems = [_change(books, element, dry=True) for element in elements]
    if summarize and any(problems):
        rows = [
            element | {"ValidationErrors": [{"Message": problem}] if problem else []}
            for element, problem in zip(elements, problems, strict=True)
        ]
        raise Refused(validation(rows))
    rows = []
    for element, problem in zip(elements, problems, strict=True):
        wrong = problem or _change(books, element, dry=False)
        rows.append(_outcome(books, element, wrong, told=not summarize))
    return listing("Invoices", map(encode, rows), books.clock.milliseconds())


def _outcome(books: Company, element: dict[str, Any], problem: str, *, told: bool) -> Row:
    invoice = _named(books, element)
    row: Row = dict(element) if invoice is None else invoice_row(invoice, "single")
    if problem:
        row |= {"StatusAttributeString": "ERROR", "ValidationErrors": [{"Message": problem}]}
    elif told:
        row["StatusAttributeString"] = "OK"
    return row


def _named(books: Company, element: dict[str, Any]) -> Invoice | None:
    reference = element.get("InvoiceID") or element.get("InvoiceNumber") or ""
    try:
        return books.invoice(reference)
    except BookError:
        return None


def _change(books: Company, element: dict[str, Any], *, dry: bool) -> str:
    """What is wrong with an element; when nothing is and `dry` is false, the change is made."""
    invoice = _named(books, element)
    if invoice is None:
        return "The document with the supplied id was not found for this endpoint."
    strange = set(element) - _EDITABLE - _IGNORED
    if strange:
        return f"This simulator changes {', '.join(sorted(_EDITABLE))}, not {', '.join(sorted(strange))}."
    contact = element.get("Contact") or {}
    if set(contact) - {"ContactID"}:
        return "Contact fields beyond ContactID would edit the contact itself."
    try:
        dates = {key: _date(element[key]) for key in element if key.endswith("Date")}
    except (ValueError, TypeError):
        return "A date must be YYYY-MM-DD or /Date(milliseconds)/."
    if element.get("Status") == invoice.status:
        element = {key: value for key, value in element.items() if key != "Status"}
    wrong = _status_problem(invoice, element.get("Status"))
    if wrong or dry:
        return wrong
    for key in ("ExpectedPaymentDate", "PlannedPaymentDate"):
        if key in dates:
            books.expect(invoice.id, dates[key])
    if "DueDate" in dates:
        books.redate(invoice.id, dates["DueDate"])
    if element.get("SentToContact"):
        books.mark_sent(invoice.id)
    if element.get("Status") == "VOIDED":
        books.void(invoice.id)
    elif element.get("Status") == "DELETED":
        books.delete(invoice.id)
    return ""


def _status_problem(invoice: Invoice, status: str | None) -> str:
    if status is None:
        return ""
    if status == "VOIDED" and invoice.status == "AUTHORISED" and not invoice.settled_in_part:
        return ""
    if status == "DELETED" and invoice.status in ("DRAFT", "SUBMITTED"):
        return ""
    return f"Invoice not of valid status for modification to {status}."


def _date(value: Any) -> date | None:
    if value is None:
        return None
    match = _MS_DATE.match(value)
    if match:
        return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date()
    return date.fromisoformat(value[:10])
