"""Every open item on receivables as of a date: what the aging reports list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from .amounts import ZERO
from .records import Record

if TYPE_CHECKING:
    from .company import Company

_LABELS = {
    "Invoice": "Invoice",
    "CreditMemo": "Credit Memo",
    "Payment": "Payment",
    "JournalEntry": "Journal Entry",
}


class OpenItem(NamedTuple):
    """One transaction that still counts for its customer; negative is in the customer's favour."""

    record: Record
    customer: Record
    label: str
    number: str
    issued: date
    due: date
    total: Decimal
    open: Decimal


def open_items(company: Company, as_of: date) -> Iterator[OpenItem]:
    """What was open on that day, by transaction dates.

    A transaction dated later is not there yet, and a payment dated later has paid nothing yet.
    """
    day = as_of.isoformat()
    later = _applied_later(company, day)
    for kind in ("Invoice", "CreditMemo", "Payment"):
        sign = 1 if kind == "Invoice" else -1
        for record in company.tables[kind].rows.values():
            still_open = record.balance + later.get((kind, record.id), ZERO)
            if still_open and record.body["TxnDate"] <= day:
                assert record.customer is not None
                yield _item(record, record.customer, sign * record.total, sign * still_open)
    for record in company.tables["JournalEntry"].rows.values():
        if record.body["TxnDate"] <= day:
            yield from _journal_items(company, record, later)


def _journal_items(
    company: Company, record: Record, later: dict[tuple[str, int], Decimal]
) -> Iterator[OpenItem]:
    back = later.get((record.kind, record.id), ZERO)
    for customer_id, share in record.shares.items():
        first: Decimal = record.body["opened"][customer_id]
        still_open = share + (back if first > 0 else -back)
        customer = company.find("Customer", customer_id)
        if still_open and customer is not None:
            yield _item(record, customer, first, still_open)


def _item(record: Record, customer: Record, total: Decimal, still_open: Decimal) -> OpenItem:
    body = record.body
    issued = date.fromisoformat(body["TxnDate"])
    due = date.fromisoformat(body["DueDate"]) if body.get("DueDate") else issued
    number = body.get("DocNumber") or body.get("PaymentRefNum") or ""
    return OpenItem(record, customer, _LABELS[record.kind], number, issued, due, total, still_open)


def _applied_later(company: Company, day: str) -> dict[tuple[str, int], Decimal]:
    applied: dict[tuple[str, int], Decimal] = {}
    for payment in company.tables["Payment"].rows.values():
        if payment.body["TxnDate"] > day:
            for link in payment.links:
                target = (link.kind, link.id)
                applied[target] = applied.get(target, ZERO) + link.amount
    return applied
