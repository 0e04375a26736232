"""QuickBooks' rows become the ledger's records. Pure.

A row that does not fit is a reject with its reason. Field meanings: developer.intuit.com, API
reference; voiding sets all amounts to zero and puts "Voided" in front of the private note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from arsync.connector import groups_of
from arsync.ledger import Allocation, Credit, Customer, Gone, Invoice, Payment, Reject
from arsync.ledger.records import CreditKind
from arsync.money import minor
from arsync_quickbooks import fields
from arsync_quickbooks.decode import ENTITY, Rows, Slot
from arsync_quickbooks.rows import CreditMemoRow, CustomerRow, InvoiceRow, PaymentRow, Ref, Row

Record = Customer | Invoice | Credit | Gone


class Mapped(msgspec.Struct):
    """The records of some rows, sorted by what they are."""

    customers: list[Customer] = []
    invoices: list[Invoice] = []
    credits: list[Credit] = []
    payments: list[Payment] = []
    gone: list[Gone] = []
    rejects: list[Reject] = []

    def take(self, other: Mapped) -> None:
        self.customers += other.customers
        self.invoices += other.invoices
        self.credits += other.credits
        self.payments += other.payments
        self.gone += other.gone
        self.rejects += other.rejects


def records(
    rows: Rows,
    home: str | None,
    repeats: Callable[[Slot], bool] | None = None,
    *,
    types: Mapping[str, str] = MappingProxyType({}),
) -> Mapped:
    """The records of one entity's rows. ``home`` is the company's currency, None while it is not known;
    ``repeats`` tells the slots that an earlier page has brought already; ``types`` are the names of
    customer types.

    A payment is a credit, for what of it is not applied, and a payment for its date. Where either
    cannot be told the row is one reject.
    """
    convert = _MAPPER.get(rows.entity) or (lambda row, _: customer(row, types))
    found: list[Any] = []
    mapped = Mapped()
    for i, slot in enumerate(rows.slots):
        if repeats is not None and repeats(slot):
            continue
        if type(slot) is Reject:
            mapped.rejects.append(slot)
            continue
        entity = ENTITY[rows.entity]
        try:
            found.append(convert(slot, home))
            if isinstance(slot, PaymentRow):
                entity = "payment"
                mapped.payments.append(received(slot, home))
        except ValueError as error:
            mapped.rejects.append(Reject(entity=entity, id=slot.id, reason=str(error), raw=rows.raw(i)))
    mapped.gone = [record for record in found if type(record) is Gone]
    alive = [record for record in found if type(record) is not Gone] if mapped.gone else found
    setattr(mapped, f"{ENTITY[rows.entity]}s", alive)
    return mapped


def names_no_currency(rows: Rows) -> bool:
    """Whether a living row leaves its currency to the company's own (single-currency companies may)."""
    return any(not _code(row) for row in _transactions(rows))


def tells_rate(rows: Rows) -> bool:
    """Whether a living row tells a rate, which says something in a foreign currency only."""
    return any(bytes(getattr(row, "exchange_rate", b"")) for row in _transactions(rows))


def tells_type(rows: Rows) -> bool:
    """Whether a customer is of a type, of which the row tells the id alone."""
    if rows.entity != "Customer":
        return False
    people = (slot for slot in rows.slots if isinstance(slot, CustomerRow))
    return any(fields.referred(row.customer_type_ref) for row in people)


def currencies(rows: Rows) -> set[str]:
    """The currencies that the rows name."""
    return {code for slot in rows.slots if (code := _code(slot))}


def invoice(row: InvoiceRow, home: str | None) -> Invoice | Gone:
    updated_at = fields.updated(row)
    if row.status == "Deleted":
        return Gone(entity="invoice", id=fields.record_id(row), updated_at=updated_at)
    currency = fields.currency_of(row.currency_ref, home)
    total = minor(fields.amount(row.total_amt, "TotalAmt"), currency)
    open_ = minor(fields.amount(row.balance, "Balance"), currency)
    voided = total == 0 and open_ == 0 and (row.private_note or "").startswith("Voided")
    return Invoice(
        id=fields.record_id(row),
        number=row.doc_number or "",
        customer_id=fields.customer_id(row.customer_ref),
        currency=currency,
        total=total,
        open=open_,
        issued_on=fields.day(row.txn_date),
        due_on=fields.day(row.due_date),
        status="voided" if voided else "in-force",
        emails=fields.addresses(row.bill_email),
        cc=fields.addresses(row.bill_email_cc),
        bcc=fields.addresses(row.bill_email_bcc),
        rate=fields.rate(row.exchange_rate, currency, home),
        updated_at=updated_at,
    )


def customer(row: CustomerRow, types: Mapping[str, str]) -> Customer | Gone:
    updated_at = fields.updated(row)
    if row.status == "Deleted":
        return Gone(entity="customer", id=fields.record_id(row), updated_at=updated_at)
    parent = row.parent_ref.value if row.parent_ref and (row.job or row.bill_with_parent) else None
    country, subdivision = fields.place(row.bill_addr)
    return Customer(
        id=fields.record_id(row),
        name=row.display_name or row.fully_qualified_name or row.company_name or "",
        emails=fields.addresses(row.primary_email_addr),
        parent_id=parent or None,
        bills_parent=bool(parent and row.bill_with_parent),
        country=country,
        subdivision=subdivision,
        groups=groups_of((types.get(fields.referred(row.customer_type_ref)),)) if types else (),
        active=row.active is not False,
        updated_at=updated_at,
    )


def credit_memo(row: CreditMemoRow, home: str | None) -> Credit | Gone:
    if row.status == "Deleted":
        return _gone_credit(row, "credit-note")
    left = row.remaining_credit if row.remaining_credit is not None else row.balance
    return _credit(row, "credit-note", home, fields.amount(left, "RemainingCredit"), row.doc_number)


def payment(row: PaymentRow, home: str | None) -> Credit | Gone:
    """What of a payment is not applied."""
    if row.status == "Deleted":
        return _gone_credit(row, "payment")
    return _credit(
        row, "payment", home, fields.amount(row.unapplied_amt, "UnappliedAmt"), row.payment_ref_num
    )


def received(row: PaymentRow, home: str | None) -> Payment:
    """A payment by its date. A deleted one has the amount 0, and so has a voided one and one that does
    no more than apply a credit memo to an invoice; of a deleted one only the id and the stamp count."""
    updated_at = fields.updated(row)
    if row.status == "Deleted":
        told = date.fromisoformat(updated_at[:10]) if updated_at else date.min
        return Payment(
            id=fields.record_id(row),
            customer_id="",
            currency="",
            amount=0,
            paid_on=told,
            updated_at=updated_at,
        )
    currency = fields.currency_of(row.currency_ref, home)
    paid_on = fields.day(row.txn_date)
    if paid_on is None:
        raise fields.Unfit("it has no TxnDate")
    return Payment(
        id=fields.record_id(row),
        customer_id=fields.customer_id(row.customer_ref),
        currency=currency,
        amount=minor(fields.amount(row.total_amt, "TotalAmt"), currency),
        paid_on=paid_on,
        allocations=_allocations(row, currency),
        updated_at=updated_at,
    )


def _allocations(row: PaymentRow, currency: str) -> tuple[Allocation, ...]:
    """What it pays of which invoice. A line that links several does not tell which got how much."""
    paid: dict[str, int] = {}
    for line in row.line or ():
        invoices = [link.txn_id for link in line.linked_txn or () if link.txn_type == "Invoice"]
        if len(invoices) == 1 and invoices[0] and line.amount is not None:
            paid[invoices[0]] = paid.get(invoices[0], 0) + minor(line.amount, currency)
    return tuple(Allocation(id_, amount) for id_, amount in paid.items())


def journal_changed(groups: Iterable[Rows]) -> bool:
    """Whether the aging report has to be read again: no query and no change tells what is left of a
    journal entry on a customer's account. A payment that was applied to one changes it, and what is
    left of a deleted payment does not say what it was applied to."""
    for rows in groups:
        if rows.entity == "JournalEntry" and rows.slots:
            return True
        if rows.entity == "Payment" and any(_moves_journal(s) for s in rows.slots if isinstance(s, Row)):
            return True
    return False


def merged(groups: Iterable[Rows], since: str) -> bool:
    """Whether a customer was merged into another from the instant ``since`` on. No customer is deleted
    for another reason, and nothing promises that what was billed to it counts as changed."""
    gone = (row for rows in groups for row in rows.slots if isinstance(row, CustomerRow))
    return any(row.status == "Deleted" and (fields.updated(row) or since) >= since for row in gone)


def _moves_journal(row: Row) -> bool:
    if row.status == "Deleted":
        return True
    links = ((line.linked_txn or ()) for line in getattr(row, "line", None) or ())
    return any(link.txn_type == "JournalEntry" for linked in links for link in linked)


def _credit(
    row: CreditMemoRow | PaymentRow, kind: CreditKind, home: str | None, left: Decimal, number: str | None
) -> Credit:
    currency = fields.currency_of(row.currency_ref, home)
    return Credit(
        id=fields.record_id(row),
        kind=kind,
        customer_id=fields.customer_id(row.customer_ref),
        currency=currency,
        remaining=minor(left, currency),
        number=number or "",
        issued_on=fields.day(row.txn_date),
        rate=fields.rate(row.exchange_rate, currency, home),
        updated_at=fields.updated(row),
    )


def _gone_credit(row: Row, kind: CreditKind) -> Gone:
    return Gone(entity="credit", id=fields.record_id(row), kind=kind, updated_at=fields.updated(row))


def _transactions(rows: Rows) -> Iterator[Row]:
    """The rows that bear amounts."""
    for slot in rows.slots:
        if not isinstance(slot, Reject | CustomerRow) and slot.status != "Deleted":
            yield slot


def _code(slot: Slot) -> str | None:
    ref: Ref | None = getattr(slot, "currency_ref", None)
    return ref.value if ref is not None else None


_MAPPER: Mapping[str, Callable[[Any, str | None], Record]] = {
    "Invoice": invoice,
    "CreditMemo": credit_memo,
    "Payment": payment,
}
