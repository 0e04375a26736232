"""QuickBooks' rows become the ledger's records. Pure.

A row that does not fit is a reject with its reason. Field meanings: developer.intuit.com, API
reference; voiding sets all amounts to zero and puts "Voided" in front of the private note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from arsync.ledger import Credit, Customer, Gone, Invoice, Reject, addresses_of
from arsync.ledger.records import CreditKind
from arsync.money import minor
from arsync_quickbooks import instants
from arsync_quickbooks.decode import ENTITY, Rows, Slot
from arsync_quickbooks.rows import CreditMemoRow, CustomerRow, Email, InvoiceRow, PaymentRow, Ref, Row

Record = Customer | Invoice | Credit | Gone


class Unfit(ValueError):
    """A row that cannot be a record; the text says why."""


class Mapped(msgspec.Struct):
    """The records of some rows, sorted by what they are."""

    customers: list[Customer] = []
    invoices: list[Invoice] = []
    credits: list[Credit] = []
    gone: list[Gone] = []
    rejects: list[Reject] = []

    def take(self, other: Mapped) -> None:
        self.customers += other.customers
        self.invoices += other.invoices
        self.credits += other.credits
        self.gone += other.gone
        self.rejects += other.rejects


def records(rows: Rows, home: str | None, repeats: Callable[[Slot], bool] | None = None) -> Mapped:
    """The records of one entity's rows. ``home`` is the currency of rows that name none; ``repeats``
    tells the slots that an earlier page has brought already."""
    convert = _MAPPER[rows.entity]
    found: list[Any] = []
    mapped = Mapped()
    for i, slot in enumerate(rows.slots):
        if repeats is not None and repeats(slot):
            continue
        if type(slot) is Reject:
            mapped.rejects.append(slot)
            continue
        try:
            found.append(convert(slot, home))
        except ValueError as error:
            reject = Reject(
                entity=ENTITY[rows.entity],
                id=slot.id,
                reason=str(error),
                raw=rows.raw(i),
            )
            mapped.rejects.append(reject)
    mapped.gone = [record for record in found if type(record) is Gone]
    alive = [record for record in found if type(record) is not Gone] if mapped.gone else found
    setattr(mapped, f"{ENTITY[rows.entity]}s", alive)
    return mapped


def names_no_currency(rows: Rows) -> bool:
    """Whether a living row leaves its currency to the company's own (single-currency companies may)."""
    return any(
        not isinstance(slot, Reject | CustomerRow) and slot.status != "Deleted" and not _code(slot)
        for slot in rows.slots
    )


def currencies(rows: Rows) -> set[str]:
    """The currencies that the rows name."""
    return {code for slot in rows.slots if (code := _code(slot))}


def invoice(row: InvoiceRow, home: str | None) -> Invoice | Gone:
    updated_at = _updated(row)
    if row.status == "Deleted":
        return Gone(entity="invoice", id=_id(row), updated_at=updated_at)
    currency = _currency(row.currency_ref, home)
    total = minor(_amount(row.total_amt, "TotalAmt"), currency)
    open_ = minor(_amount(row.balance, "Balance"), currency)
    voided = total == 0 and open_ == 0 and (row.private_note or "").startswith("Voided")
    return Invoice(
        id=_id(row),
        number=row.doc_number or "",
        customer_id=_customer(row.customer_ref),
        currency=currency,
        total=total,
        open=open_,
        issued_on=_date(row.txn_date),
        due_on=_date(row.due_date),
        status="voided" if voided else "in-force",
        emails=_addresses(row.bill_email),
        cc=_addresses(row.bill_email_cc),
        updated_at=updated_at,
    )


def customer(row: CustomerRow, home: str | None) -> Customer | Gone:
    del home
    updated_at = _updated(row)
    if row.status == "Deleted":
        return Gone(entity="customer", id=_id(row), updated_at=updated_at)
    parent = row.parent_ref.value if row.parent_ref and (row.job or row.bill_with_parent) else None
    return Customer(
        id=_id(row),
        name=row.display_name or row.fully_qualified_name or row.company_name or "",
        emails=_addresses(row.primary_email_addr),
        parent_id=parent or None,
        active=row.active is not False,
        updated_at=updated_at,
    )


def credit_memo(row: CreditMemoRow, home: str | None) -> Credit | Gone:
    if row.status == "Deleted":
        return _gone_credit(row, "credit-note")
    left = row.remaining_credit if row.remaining_credit is not None else row.balance
    return _credit(row, "credit-note", home, _amount(left, "RemainingCredit"), row.doc_number)


def payment(row: PaymentRow, home: str | None) -> Credit | Gone:
    if row.status == "Deleted":
        return _gone_credit(row, "payment")
    return _credit(row, "payment", home, _amount(row.unapplied_amt, "UnappliedAmt"), row.payment_ref_num)


def pays_journal(row: Row) -> bool:
    """Whether a payment is applied to a journal entry, whose own open amount it thereby changes."""
    links = ((line.linked_txn or ()) for line in getattr(row, "line", None) or ())
    return any(link.txn_type == "JournalEntry" for linked in links for link in linked)


def _credit(
    row: CreditMemoRow | PaymentRow, kind: CreditKind, home: str | None, left: Decimal, number: str | None
) -> Credit:
    currency = _currency(row.currency_ref, home)
    return Credit(
        id=_id(row),
        kind=kind,
        customer_id=_customer(row.customer_ref),
        currency=currency,
        remaining=minor(left, currency),
        number=number or "",
        issued_on=_date(row.txn_date),
        updated_at=_updated(row),
    )


def _gone_credit(row: Row, kind: CreditKind) -> Gone:
    return Gone(entity="credit", id=_id(row), kind=kind, updated_at=_updated(row))


def _id(row: Row) -> str:
    if not row.id:
        raise Unfit("it has no Id")
    return row.id


def _customer(ref: Ref | None) -> str:
    if ref is None or not ref.value:
        raise Unfit("it has no CustomerRef")
    return ref.value


def _currency(ref: Ref | None, home: str | None) -> str:
    code = (ref.value if ref is not None else None) or home
    if not code:
        raise Unfit("it names no currency, and the company's own is not known")
    return code


def _amount(value: Decimal | None, field: str) -> Decimal:
    if value is None:
        raise Unfit(f"it has no {field}")
    return value


def _updated(row: Row) -> str:
    """The stamp of the last change; empty where there is none that can be read."""
    text = row.meta_data.last_updated_time if row.meta_data is not None else None
    if not text:
        return ""
    try:
        return instants.utc(text)
    except ValueError:
        return ""


@lru_cache(maxsize=16384)
def _date_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit(f"{text[:20]!r} is not a date") from None


def _date(text: str | None) -> date | None:
    return _date_of(text) if text else None


def _addresses(email: Email | None) -> tuple[str, ...]:
    if email is None or not email.address:
        return ()
    return addresses_of((email.address,))


def _code(slot: Slot) -> str | None:
    ref: Ref | None = getattr(slot, "currency_ref", None)
    return ref.value if ref is not None else None


_MAPPER: Mapping[str, Callable[[Any, str | None], Record]] = {
    "Invoice": invoice,
    "Customer": customer,
    "CreditMemo": credit_memo,
    "Payment": payment,
}


def journal_changed(groups: Iterable[Rows]) -> bool:
    """Whether the aging report has to be read again: no query and no change tells what is left of a
    journal entry on a customer's account."""
    for rows in groups:
        if rows.entity == "JournalEntry" and rows.slots:
            return True
        if rows.entity == "Payment" and any(pays_journal(s) for s in rows.slots if isinstance(s, Row)):
            return True
    return False
