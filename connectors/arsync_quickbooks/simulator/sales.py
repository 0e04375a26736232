"""Invoices and credit memos."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import fault, payments, schema
from .amounts import ZERO, decimals, exact
from .fields import SALES_FIELDS, wire_fields
from .records import Body, Record
from .settings import DEFAULT_TERM_DAYS

if TYPE_CHECKING:
    from .company import Company

_SERVICES = {"value": "1", "name": "Services"}
_UNTAXED = {"value": "NON"}


def line(amount: Decimal, description: str) -> Body:
    """One line of one unit."""
    return {
        "Description": description,
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": _SERVICES,
            "UnitPrice": amount,
            "Qty": 1,
            "TaxCodeRef": _UNTAXED,
        },
    }


def book(
    company: Company,
    kind: str,
    customer: str,
    amount: object,
    issued: date,
    due: date | None,
    number: str | None,
    currency: str | None,
    fields: dict[str, Any],
) -> Record:
    """What a person enters; ``ValueError`` for an amount that the customer's currency cannot have."""
    payer = company.find("Customer", int(customer))
    if payer is None:
        raise KeyError(f"no Customer with id {customer!r}")
    if currency not in (None, payer.currency):
        raise ValueError(f"customer {customer} is billed in {payer.currency}, not in {currency}")
    value = exact(amount, payer.currency)
    given: Body = {
        "CustomerRef": {"value": customer},
        "TxnDate": issued.isoformat(),
        "Line": [line(value, "Services rendered")],
        **wire_fields(SALES_FIELDS, fields),
    }
    if kind == "Invoice":
        given["DueDate"] = due.isoformat() if due else None
    if number is not None:
        given["DocNumber"] = number
    return create(company, kind, given, default_due=False)


def create(company: Company, kind: str, given: Body, *, default_due: bool = True) -> Record:
    """A new invoice or credit memo: Fault 2020 without lines or customer, 2500 for an unknown customer."""
    created = given.pop("created", None)
    body = schema.replaced(kind, given)
    customer = payments.payer(company, body)
    lines = _lines(body, customer.currency)
    body["Line"] = lines
    body.setdefault("TxnDate", company.today().isoformat())
    if kind == "Invoice" and default_due:
        body.setdefault("DueDate", _due(company, body))
    if "DocNumber" not in given:
        body["DocNumber"] = str(company.next_number)
        company.next_number += 1
    at = company.epoch() if created is None else int(created.timestamp())
    total = _total(body, lines)
    record = Record(
        kind,
        company.new_id(kind),
        at,
        at,
        body,
        customer=customer,
        currency=customer.currency,
        rate=payments.rate(company, body, customer.currency),
        total=total,
        balance=total,
    )
    with company.change() as change:
        change.add(record)
    return record


def revise(company: Company, record: Record, given: Body, *, full: bool = False) -> None:
    """Change an invoice or credit memo.

    A full update must bring lines and customer, and what else it leaves out is gone. Lines given replace all
    lines. Nothing moves if nothing differs, as recorded.
    """
    body = schema.replaced(record.kind, given) if full else schema.merged(record.kind, record.body, given)
    customer = payments.payer(company, body)
    if customer is not record.customer and record.links:
        raise fault.business("The customer cannot be changed while payments are applied.")
    if customer.currency != record.currency:
        raise fault.business("The currency cannot be changed.")
    if "Line" in given or full:
        body["Line"] = _lines(body, record.currency)
    body.setdefault("TxnDate", record.body["TxnDate"])
    if "DeliveryInfo" in record.body:
        body["DeliveryInfo"] = record.body["DeliveryInfo"]
    total = _total(body, body["Line"])
    balance = record.balance + total - record.total
    if balance < 0:
        raise fault.business("The total is less than what is applied to it already.")
    if body == record.body:
        return
    with company.change() as change:
        change.touch(record)
        record.body, record.total, record.balance, record.customer = body, total, balance, customer
        record.rate = payments.rate(company, body, record.currency, record.rate)


def void(company: Company, record: Record) -> None:
    """All amounts become 0, what was applied is unapplied, and the note begins with ``Voided``."""
    if record.body.get("PrivateNote", "").startswith("Voided") and not record.total:
        return
    with company.change() as change:
        payments.release_target(company, change, record)
        change.touch(record)
        note = record.body.get("PrivateNote")
        record.body = {
            **record.body,
            "PrivateNote": f"Voided - {note}" if note else "Voided",
            "Line": [_emptied(entry) for entry in record.body["Line"]],
        }
        record.total = record.balance = ZERO


def delete(company: Company, record: Record, *, unlink: bool) -> None:
    """Delete; what is applied must be unlinked first: Fault 6000, unless ``unlink`` does so."""
    if record.links and not unlink:
        raise fault.business("The transaction has payments applied to it. Unlink them before deleting it.")
    with company.change() as change:
        payments.release_target(company, change, record)
        change.remove(record)


def _emptied(entry: Body) -> Body:
    detail = entry.get("SalesItemLineDetail")
    emptied = {**entry, "Amount": ZERO}
    if isinstance(detail, dict):
        emptied["SalesItemLineDetail"] = {
            name: value for name, value in detail.items() if name not in ("UnitPrice", "Qty")
        }
    return emptied


def _lines(body: Body, currency: str) -> list[Body]:
    given = [entry for entry in body.get("Line") or [] if entry.get("DetailType") != "SubTotalLineDetail"]
    if not given:
        raise fault.missing("Line")
    lines = []
    for position, entry in enumerate(given, 1):
        if "DetailType" not in entry:
            raise fault.missing("Line.DetailType")
        checked = {"Id": str(position), "LineNum": position, **entry}
        if entry["DetailType"] == "SalesItemLineDetail":
            if "Amount" not in entry:
                raise fault.missing("Line.Amount")
            amount = schema.read_decimal(entry["Amount"], "Amount")
            checked["Amount"] = round(amount, decimals(currency)) if amount.as_tuple().exponent else amount
        lines.append(checked)
    return lines


def _total(body: Body, lines: list[Body]) -> Decimal:
    net = sum((entry["Amount"] for entry in lines if entry["DetailType"] == "SalesItemLineDetail"), ZERO)
    tax = body.get("TxnTaxDetail", {}).get("TotalTax", ZERO)
    return net + schema.read_decimal(tax, "TotalTax")


def _due(company: Company, body: Body) -> str:
    term_id = schema.reference(body, "SalesTermRef")
    term = company.find("Term", term_id) if term_id is not None else None
    days = DEFAULT_TERM_DAYS if term is None else int(term.body["DueDays"])
    return (date.fromisoformat(body["TxnDate"]) + timedelta(days=days)).isoformat()
