"""Journal entries, of which only lines on Accounts Receivable matter here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from . import fault, payments, schema
from .amounts import ZERO, exact
from .change import Change
from .records import Body, Record

if TYPE_CHECKING:
    from .company import Company

RECEIVABLES = {"value": "84", "name": "Accounts Receivable (A/R)"}
_OTHER = {"value": "5", "name": "Fees Billed"}


def book(company: Company, customer: Record, amount: object, on: date, number: str | None) -> Record:
    """An entry against one customer, or with a negative amount in its favour."""
    value = exact(amount, customer.currency)
    debit, credit = ("Debit", "Credit") if value >= 0 else ("Credit", "Debit")
    entity = {"Type": "Customer", "EntityRef": {"value": str(customer.id)}}
    given: Body = {
        "TxnDate": on.isoformat(),
        "CurrencyRef": {"value": customer.currency},
        "Line": [
            _line(0, abs(value), {"PostingType": debit, "Entity": entity, "AccountRef": RECEIVABLES}),
            _line(1, abs(value), {"PostingType": credit, "AccountRef": _OTHER}),
        ],
    }
    if number is not None:
        given["DocNumber"] = number
    return create(company, given)


def create(company: Company, given: Body) -> Record:
    """A new entry: Fault 6000 unless debits equal credits and receivables name their customer."""
    body = schema.replaced("JournalEntry", given)
    lines = body.get("Line")
    if not lines:
        raise fault.missing("Line")
    ref = body.get("CurrencyRef")
    currency: str = ref["value"] if isinstance(ref, dict) else company.currency
    shares, debits = _shares(company, lines, currency)
    body.setdefault("TxnDate", company.today().isoformat())
    if "DocNumber" not in body:
        body["DocNumber"] = str(company.next_number)
        company.next_number += 1
    body["opened"] = shares
    at = company.epoch()
    record = Record(
        "JournalEntry",
        company.new_id("JournalEntry"),
        at,
        at,
        body,
        currency=currency,
        rate=payments.rate(company, body, currency),
        total=debits,
        shares=dict(shares),
    )
    with company.change() as change:
        change.add(record)
        _shift(company, change, shares, 1)
    return record


def delete(company: Company, record: Record) -> None:
    """Delete an entry that nothing is applied to: Fault 6000 otherwise."""
    if record.links:
        raise fault.business("The transaction has payments applied to it. Unlink them before deleting it.")
    with company.change() as change:
        _shift(company, change, record.shares, -1)
        change.remove(record)


def _shift(company: Company, change: Change, shares: dict[int, Decimal], sign: int) -> None:
    for customer_id, share in shares.items():
        customer = company.find("Customer", customer_id)
        assert customer is not None
        change.shift(customer, sign * share)


def _line(position: int, amount: Decimal, detail: Body) -> Body:
    return {
        "Id": str(position),
        "Description": "Adjustment",
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


def _shares(company: Company, lines: list[Body], currency: str) -> tuple[dict[int, Decimal], Decimal]:
    shares: dict[int, Decimal] = {}
    sums = {"Debit": ZERO, "Credit": ZERO}
    for entry in lines:
        detail = entry.get("JournalEntryLineDetail") or {}
        amount = schema.read_decimal(entry.get("Amount", ""), "Amount")
        posting = detail.get("PostingType")
        if posting not in sums:
            raise fault.missing("PostingType")
        sums[posting] += amount
        if detail.get("AccountRef", {}).get("value") != RECEIVABLES["value"]:
            continue
        customer = _customer(company, detail)
        if customer.currency != currency:
            raise fault.business("The entry and its customer have different currencies.")
        share = amount if posting == "Debit" else -amount
        shares[customer.id] = shares.get(customer.id, ZERO) + share
    if sums["Debit"] != sums["Credit"]:
        raise fault.business("Debits and credits must balance.")
    return shares, sums["Debit"]


def _customer(company: Company, detail: Body) -> Record:
    entity = detail.get("Entity") or {}
    customer_id = schema.reference(entity, "EntityRef")
    customer = company.find("Customer", customer_id) if customer_id is not None else None
    if customer is None:
        raise fault.business(
            "When you use Accounts Receivable, you must choose a customer in the Name field."
        )
    return customer
