"""The Accounting API below /api.xro/2.0/: from a request that may pass to the answer of one endpoint."""

from __future__ import annotations

from .aged_report import aged_receivables
from .company import Company
from .entities import ENTITIES, INVOICES
from .history import read_history, write_history
from .invoice_acts import email_invoice, online_invoice, print_invoice, update_invoices
from .listing import Lists
from .organisation_rows import branding_theme_row, organisation_row, reminders_row
from .records import BookError, Invoice
from .reply import Refused, Reply, listing, not_found
from .request import Asked
from .rules import Rules
from .wire import Row, encode

_WITH_HISTORY = frozenset(ENTITIES)


class Accounting:
    """The endpoints; tokens, tenants and limits have been seen to before."""

    def __init__(self) -> None:
        self._lists = Lists()

    def answer(self, books: Company, asked: Asked, rules: Rules) -> Reply:
        """The reply. Raises Refused."""
        with books.lock:
            if asked.method == "GET":
                return self._read(books, asked, rules)
            return self._write(books, asked, rules)

    def _read(self, books: Company, asked: Asked, rules: Rules) -> Reply:
        match asked.segments:
            case [name] if name in ENTITIES:
                since = asked.headers.get("If-Modified-Since")
                return self._lists.answer(books, ENTITIES[name], asked.options, since, rules)
            case ["Organisation"]:
                return _one(books, "Organisations", organisation_row(books))
            case ["BrandingThemes"]:
                return _one(books, "BrandingThemes", branding_theme_row(books))
            case ["InvoiceReminders", "Settings"]:
                return _one(books, "InvoiceReminders", reminders_row(books))
            case ["Reports", "AgedReceivablesByContact"]:
                return aged_receivables(books, asked.options)
            case ["Invoices", reference, "OnlineInvoice"]:
                return online_invoice(books, _invoice(books, reference))
            case [name, doc_id, "History"] if name in _WITH_HISTORY:
                return read_history(books, name, doc_id.lower())
            case [name, reference] if name in ENTITIES:
                return self._single(books, name, reference, asked)
        return not_found()

    def _single(self, books: Company, name: str, reference: str, asked: Asked) -> Reply:
        if name == INVOICES.name:
            invoice = _invoice(books, reference)
            if asked.accepts("application/pdf"):
                return print_invoice(books, invoice)
            reference = invoice.id
        record = books.shelves[name].by_id.get(reference.lower())
        if record is None:
            return not_found()
        row = ENTITIES[name].text(record, "single", books)
        return listing(name, [row], books.clock.milliseconds())

    def _write(self, books: Company, asked: Asked, rules: Rules) -> Reply:
        match (asked.method, asked.segments):
            case ("PUT" | "POST", [name, doc_id, "History"]) if name in _WITH_HISTORY:
                return write_history(books, name, doc_id.lower(), asked, rules)
            case ("POST", ["Invoices", reference, "Email"]):
                return email_invoice(books, _invoice(books, reference), asked)
            case ("POST", ["Invoices"]):
                return update_invoices(books, asked)
        return Reply(501, b"Not implemented", "text/plain")


def _invoice(books: Company, reference: str) -> Invoice:
    """An invoice by id or number. Raises Refused with 404."""
    try:
        return books.invoice(reference.lower() if len(reference) == 36 else reference)
    except BookError:
        raise Refused(not_found()) from None


def _one(books: Company, key: str, row: Row) -> Reply:
    return listing(key, [encode(row)], books.clock.milliseconds())
