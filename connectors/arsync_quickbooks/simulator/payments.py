"""Money received, and what it is applied to.

A payment's lines say what it pays. A line that links a credit memo, or a journal entry in the customer's
favour, brings money in; a line that links an invoice, or a journal entry against the customer, uses it. What
is left is UnappliedAmt. So a credit memo is applied by a payment of 0 with two lines.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from . import fault, schema
from .amounts import ZERO, exact
from .change import Change
from .records import Body, Link, Record

if TYPE_CHECKING:
    from .company import Company

_TARGETS = ("Invoice", "CreditMemo", "JournalEntry")


def payer(company: Company, body: Body) -> Record:
    """The customer of a transaction: Fault 2020 if none is named, 2500 if unknown, 610 if inactive."""
    customer_id = schema.reference(body, "CustomerRef")
    if customer_id is None:
        raise fault.missing("CustomerRef")
    customer = company.find("Customer", customer_id)
    if customer is None:
        raise fault.bad_reference(f"Names element id {customer_id} not found")
    return customer


def rate(company: Company, body: Body, currency: str, before: Decimal | None = None) -> Decimal:
    """Home units for one unit of the transaction's currency."""
    if "ExchangeRate" in body and company.multicurrency:
        return schema.read_decimal(body["ExchangeRate"], "ExchangeRate")
    return before or company.rates.get(currency, Decimal(1))


def pay(company: Company, invoice: Record, amount: Decimal, on: date) -> Record:
    """A payment for one invoice; what exceeds the invoice stays on account."""
    return create(
        company,
        {
            "CustomerRef": {"value": str(_payer_of(invoice).id)},
            "TotalAmt": amount,
            "TxnDate": on.isoformat(),
            "Line": [_line(invoice, min(amount, invoice.balance))],
        },
    )


def receive(company: Company, customer: Record, amount: Decimal, on: date) -> Record:
    """Money on account."""
    given = {"CustomerRef": {"value": str(customer.id)}, "TotalAmt": amount, "TxnDate": on.isoformat()}
    return create(company, given)


def join(company: Company, credit: Record, debt: Record, amount: Decimal, on: date) -> Record:
    """A payment of 0 that applies a credit memo, or a journal entry, to an invoice."""
    return create(
        company,
        {
            "CustomerRef": {"value": str(_payer_of(debt).id)},
            "TotalAmt": ZERO,
            "TxnDate": on.isoformat(),
            "Line": [_line(debt, amount), _line(credit, amount)],
        },
    )


def apply_more(company: Company, payment: Record, debt: Record, amount: Decimal) -> None:
    """Apply a part of a payment to one more invoice."""
    with company.change() as change:
        change.touch(payment)
        _apply(company, change, payment, [Link(debt.id, debt.kind, amount)])


def create(company: Company, given: Body) -> Record:
    """A new payment: Fault 2020 without customer or amount, 6000 if it pays more than is open."""
    body = schema.replaced("Payment", given)
    customer = payer(company, body)
    if "TotalAmt" not in body:
        raise fault.missing("TotalAmt")
    total = _amount(body["TotalAmt"], "TotalAmt", customer.currency)
    body.setdefault("TxnDate", company.today().isoformat())
    at = company.epoch()
    record = Record(
        "Payment",
        company.new_id("Payment"),
        at,
        at,
        {name: value for name, value in body.items() if name not in ("Line", "TotalAmt")},
        customer=customer,
        currency=customer.currency,
        rate=rate(company, body, customer.currency),
        total=total,
        balance=total,
    )
    links = _read_lines(body.get("Line") or [], customer.currency)
    with company.change() as change:
        change.add(record)
        _apply(company, change, record, links)
    return record


def revise(company: Company, record: Record, given: Body, *, full: bool = False) -> None:
    """Change a payment.

    Lines given replace all lines: an empty list un-applies everything. A full update without lines does the
    same, since what it leaves out is gone.
    """
    body = schema.replaced("Payment", given) if full else schema.merged("Payment", record.body, given)
    if full or "CustomerRef" in given:
        customer = payer(company, body)
        if customer.currency != record.currency:
            raise fault.business("The currency cannot be changed.")
    else:
        customer = _payer_of(record)
    total = record.total
    if "TotalAmt" in given:
        total = _amount(given["TotalAmt"], "TotalAmt", record.currency)
    elif full:
        raise fault.missing("TotalAmt")
    body.setdefault("TxnDate", record.body["TxnDate"])
    links = list(record.links)
    if full or "Line" in given:
        links = _read_lines(given.get("Line") or [], record.currency)
    with company.change() as change:
        change.touch(record)
        _release(company, change, record)
        record.body = {name: value for name, value in body.items() if name not in ("Line", "TotalAmt")}
        record.customer, record.total, record.balance = customer, total, total
        _apply(company, change, record, links)


def void(company: Company, record: Record) -> None:
    """The payment stays with nothing on it; what it paid is open again."""
    with company.change() as change:
        change.touch(record)
        _release(company, change, record)
        note = record.body.get("PrivateNote")
        record.body = {**record.body, "PrivateNote": f"Voided - {note}" if note else "Voided"}
        record.total = record.balance = ZERO


def delete(company: Company, record: Record) -> None:
    """The payment is gone; what it paid is open again."""
    with company.change() as change:
        _release(company, change, record)
        change.remove(record)


def release_target(company: Company, change: Change, target: Record) -> None:
    """Take an invoice out of every payment. A payment of 0 that joined it to a credit goes altogether."""
    for payment_id in {link.id for link in target.links}:
        payment = company.find("Payment", payment_id)
        assert payment is not None
        change.touch(payment)
        kept = [link for link in payment.links if (link.kind, link.id) != (target.kind, target.id)]
        _release(company, change, payment)
        if not payment.total:
            change.remove(payment)
            continue
        _apply(company, change, payment, kept)


def _payer_of(record: Record) -> Record:
    assert record.customer is not None
    return record.customer


def _line(target: Record, amount: Decimal) -> Body:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": str(target.id), "TxnType": target.kind}]}


def _amount(value: object, name: str, currency: str) -> Decimal:
    amount = schema.read_decimal(value, name)
    try:
        exact(amount, currency)
    except ValueError as error:
        raise fault.business(str(error)) from None
    if amount < 0:
        raise fault.business("Transaction amount must be 0 or greater.")
    return amount


def _read_lines(lines: list[Body], currency: str) -> list[Link]:
    links = []
    for entry in lines:
        linked = entry.get("LinkedTxn") or []
        if len(linked) != 1:
            raise fault.missing("LinkedTxn")
        if linked[0].get("TxnType") not in _TARGETS:
            raise fault.business(f"A payment cannot be linked to {linked[0].get('TxnType')}.")
        amount = _amount(entry.get("Amount", ""), "Amount", currency)
        links.append(Link(schema.read_id(linked[0].get("TxnId")), linked[0]["TxnType"], amount))
    return links


def _family(customer: Record) -> Record:
    return customer if customer.customer is None else _family(customer.customer)


def _apply(company: Company, change: Change, payment: Record, links: list[Link]) -> None:
    for link in links:
        target = company.find(link.kind, link.id)
        if target is None:
            raise fault.not_found()
        payment.balance += _draw(change, payment, target, link)
        payment.links += (link,)
    if payment.balance < 0:
        raise fault.business("The amount applied is greater than the amount received.")


def _draw(change: Change, payment: Record, target: Record, link: Link) -> Decimal:
    """Apply one line; returns what it brings in (a credit) or, negative, what it uses (a debt)."""
    payer_of = _payer_of(payment)
    back = Link(payment.id, "Payment", link.amount)
    if target.currency != payment.currency:
        raise fault.business("The payment and what it pays have different currencies.")
    if target.kind == "JournalEntry":
        share = target.shares.get(payer_of.id, ZERO)
        if abs(share) < link.amount:
            raise fault.business("The amount applied is greater than the open balance.")
        moved = link.amount if share < 0 else -link.amount
        change.touch(target)
        target.shares = {**target.shares, payer_of.id: share + moved}
        change.shift(payer_of, moved)
        target.links += (back,)
        return moved
    if _family(_payer_of(target)) is not _family(payer_of):
        raise fault.business("The payment and what it pays belong to different customers.")
    if link.amount > target.balance:
        raise fault.business("The amount applied is greater than the open balance.")
    change.touch(target)
    target.balance -= link.amount
    target.links += (back,)
    return link.amount if target.kind == "CreditMemo" else -link.amount


def _release(company: Company, change: Change, payment: Record) -> None:
    """Undo every line of a payment."""
    payer_of = _payer_of(payment)
    change.touch(payment)
    for link in payment.links:
        target = company.find(link.kind, link.id)
        assert target is not None
        change.touch(target)
        target.links = tuple(back for back in target.links if back.id != payment.id)
        if target.kind == "JournalEntry":
            share = target.shares[payer_of.id]
            moved = -link.amount if _opened(target, payer_of) < 0 else link.amount
            target.shares = {**target.shares, payer_of.id: share + moved}
            change.shift(payer_of, moved)
            continue
        target.balance += link.amount
    payment.links = ()
    payment.balance = payment.total


def _opened(journal: Record, customer: Record) -> Decimal:
    """What a journal entry first put on the customer's account; its sign tells debt from credit."""
    first: Decimal = journal.body["opened"][customer.id]
    return first
