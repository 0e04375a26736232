"""History and notes: written on an invoice, credit note or contact, never changed afterwards.

Several records for one document per call; payments, overpayments and prepayments take none
(developer.xero.com, "History and notes").
"""

from __future__ import annotations

from typing import Any

from .books import Books
from .records import Contact, Credit, Invoice, Note
from .reply import Refused, Reply, bad_request, listing, not_found, validation
from .request import Asked
from .rules import Rules
from .wire import Row, encode, history_text, instant

_WRITABLE = ("Invoices", "Contacts", "CreditNotes")
_NOT_FOUND = "The document with the supplied id was not found for this endpoint."


def read_history(books: Books, endpoint: str, doc_id: str) -> Reply:
    """The records of a document, newest first, ending with the one of its making."""
    document = books.shelves[endpoint].by_id.get(doc_id)
    if document is None:
        return not_found()
    rows = [_row("Note", note.at_ms, note.details) for note in reversed(books.history(doc_id))]
    rows.append(_row("Created", books.created_ms, f"{_title(document)} created"))
    return listing("HistoryRecords", map(encode, rows), books.clock.milliseconds())


def write_history(books: Books, endpoint: str, doc_id: str, asked: Asked, rules: Rules) -> Reply:
    """Add records to one document, all or none. Raises Refused."""
    body = asked.json()
    records = body.get("HistoryRecords") if isinstance(body, dict) else None
    if not isinstance(records, list) or not records:
        raise Refused(bad_request("HistoryRecords must hold at least one record"))
    now_ms = books.clock.milliseconds()
    known = endpoint in _WRITABLE and doc_id in books.shelves[endpoint].by_id
    problems = [_NOT_FOUND if not known else _problem(record, rules) for record in records]
    rows = [_written(record, now_ms, problem) for record, problem in zip(records, problems, strict=True)]
    if any(problems):
        raise Refused(validation(rows))
    kept = books.notes.setdefault(doc_id, [])
    kept += [Note(now_ms, record["Details"]) for record in records]
    return listing("HistoryRecords", map(encode, rows), now_ms)


def _problem(record: Any, rules: Rules) -> str:
    details = record.get("Details") if isinstance(record, dict) else None
    if not isinstance(details, str) or not details.strip():
        return "Details is required."
    if len(details) > rules.note_characters:
        return f"The length of Details must not be more than {rules.note_characters} characters."
    return ""


def _written(record: Any, now_ms: int, problem: str) -> Row:
    details = record.get("Details") if isinstance(record, dict) else None
    return {
        "DateUTCString": history_text(now_ms),
        "DateUTC": f"/Date({now_ms})/",
        "Details": details if isinstance(details, str) else "",
        "ValidationErrors": [{"Message": problem}] if problem else [],
    }


def _row(changes: str, at_ms: int, details: str) -> Row:
    return {
        "Changes": changes,
        "DateUTCString": history_text(at_ms),
        "DateUTC": instant(at_ms),
        "User": "System Generated",
        "Details": details,
    }


def _title(document: Contact | Invoice | Credit) -> str:
    return document.name if isinstance(document, Contact) else document.number
