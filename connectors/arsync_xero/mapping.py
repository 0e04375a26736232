"""One row of Xero's becomes one record of the ledger, or a reason why it cannot. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import msgspec

from arsync.connector import groups_of, loosely, place_of
from arsync.ledger import (
    Allocation,
    Credit,
    CreditKind,
    Customer,
    Invoice,
    InvoiceStatus,
    Payment,
    addresses_of,
)
from arsync.money import LARGEST, NotMoney, digits, minor
from arsync_xero.instants import NotADate, civil, stamp
from arsync_xero.rates import Direction, rate_of
from arsync_xero.rows import (
    AddressRow,
    ContactRef,
    ContactRow,
    CreditNoteRow,
    GroupRow,
    InvoiceRow,
    OverpaymentRow,
    OwingRow,
    PaymentRow,
    PrepaymentRow,
)


class Unfit(ValueError):
    """A row that makes no record; the text is the reject's reason."""


# What mapping a row may raise: each is a reason for a reject. ArithmeticError is an amount far out of
# range for decimal arithmetic itself.
REASONS = (Unfit, NotMoney, NotADate, ArithmeticError)

_STATUS: dict[str | None, InvoiceStatus] = {
    "AUTHORISED": "in-force",
    "PAID": "in-force",
    "DRAFT": "draft",
    "SUBMITTED": "draft",
    "VOIDED": "voided",
    "DELETED": "deleted",
}
_addresses = msgspec.json.Decoder(list[AddressRow | None] | None)
_group_rows = msgspec.json.Decoder(list[GroupRow | None] | None)
_BILLS = frozenset({"ACCPAY", "ACCPAYCREDIT", "APOVERPAYMENT", "APPREPAYMENT"})
_PAYABLE_CREDITS = frozenset({"ACCPAYCREDIT", "SPEND-OVERPAYMENT", "SPEND-PREPAYMENT", "APPREPAYMENT"})
_CREDIT_STATUSES = frozenset({"DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"})
# Payments of bills, and refunds: money that goes out.
_OTHER_PAYMENTS = frozenset(
    {
        "ACCPAYPAYMENT",
        "ARCREDITPAYMENT",
        "APCREDITPAYMENT",
        "AROVERPAYMENTPAYMENT",
        "ARPREPAYMENTPAYMENT",
        "APOVERPAYMENTPAYMENT",
        "APPREPAYMENTPAYMENT",
    }
)


class Owing(msgspec.Struct, frozen=True, gc=False):
    """What a contact owes by Xero's own figure, in minor units of the base currency. ``id`` is its own."""

    id: str
    amount: int


def to_invoice(row: InvoiceRow, direction: Direction) -> Invoice | None:
    """A sales invoice; None for a bill, which is none of ours. Raises one of REASONS."""
    if row.type != "ACCREC":
        if row.type in _BILLS:
            return None
        raise Unfit(f"an invoice of the type {_shown(row.type)}")
    status = _STATUS.get(row.status)
    if status is None:
        raise Unfit(f"an invoice of the status {_shown(row.status)}")
    if not row.id:
        raise Unfit("an invoice without an InvoiceID")
    if not row.currency:
        raise Unfit("an invoice without a CurrencyCode")
    if row.status == "AUTHORISED" and (row.total is None or row.due is None):
        raise Unfit("an open invoice without Total or AmountDue")
    # Only an authorised invoice is owed; the others may carry an amount that nobody owes.
    # https://developer.xero.com/documentation/api/accounting/invoices
    total = 0 if row.total is None else minor(row.total, row.currency)
    if row.due is None or row.status == "PAID":
        remaining = 0
    else:
        remaining = total if row.due == row.total else minor(row.due, row.currency)
    return Invoice(
        id=row.id,
        number=row.number or "",
        customer_id=_customer_of(row.contact, "an invoice"),
        currency=row.currency,
        total=total,
        open=remaining,
        issued_on=civil(row.date_text, row.date),
        due_on=civil(row.due_date_text, row.due_date),
        status=status,
        promised_on=civil(None, row.expected) if row.expected else None,
        rate=rate_of(row.rate, direction),
        updated_at=stamp(row.updated),
    )


def to_customer(row: ContactRow) -> Customer:
    """A contact. Raises one of REASONS.

    Mail goes where Xero's own would: to the address of the contact and to the persons who are marked
    to be included. The API tells no language of a contact. One that was merged into another owes
    nothing by itself any more: the other does.
    """
    if not row.id:
        raise Unfit("a contact without a ContactID")
    persons = [person.email for person in row.persons or () if person and _is_true(person.included)]
    is_erased = row.status == "GDPRREQUEST"  # the person asked to be forgotten
    survivor = row.merged_to if row.merged_to != row.id else None
    country, subdivision = ("", "") if is_erased else _place(row.addresses)
    return Customer(
        id=row.id,
        name=row.name or "",
        emails=() if is_erased else addresses_of([row.email, *persons]),
        parent_id=survivor or None,
        bills_parent=bool(survivor),
        country=country,
        subdivision=subdivision,
        groups=() if is_erased else _groups(row.groups),
        active=row.status in ("ACTIVE", None, ""),
        updated_at=stamp(row.updated),
    )


def to_credit(
    row: CreditNoteRow | OverpaymentRow | PrepaymentRow, kind: CreditKind, direction: Direction
) -> Credit | None:
    """Money of a customer's; None for a supplier's. Raises one of REASONS.

    Besides the documented receive types the description of the API lists AROVERPAYMENT and
    ARPREPAYMENT: they are receivables too.
    """
    if row.type in _PAYABLE_CREDITS:
        return None
    if not row.type:
        raise Unfit("a credit without a Type")
    if row.type not in ("ACCRECCREDIT", f"RECEIVE-{kind.upper()}", f"AR{kind.upper()}"):
        raise Unfit(f"a credit of the type {_shown(row.type)}")
    if row.status not in _CREDIT_STATUSES:
        raise Unfit(f"a credit of the status {_shown(row.status)}")
    if not row.id:
        raise Unfit("a credit without an id")
    if not row.currency:
        raise Unfit("a credit without a CurrencyCode")
    usable = row.status == "AUTHORISED"
    if usable and row.remaining is None:
        raise Unfit("a credit without RemainingCredit")
    return Credit(
        id=row.id,
        kind=kind,
        customer_id=_customer_of(row.contact, "a credit"),
        currency=row.currency,
        remaining=minor(row.remaining, row.currency) if usable and row.remaining is not None else 0,
        number=row.number or "",
        issued_on=civil(row.date_text, row.date),
        rate=rate_of(row.rate, direction),
        updated_at=stamp(row.updated),
    )


def to_payment(row: PaymentRow) -> Payment | None:
    """Money that came in for a sales invoice; None for all other payments. Raises one of REASONS.

    A payment of Xero's applies to one document, and its amount is in that document's currency
    (developer.xero.com/documentation/api/accounting/payments). Over- and prepayments are no payments
    there: they come as credits, with the date of the receipt; those of them that are paid back are
    money that goes out.
    """
    if row.type != "ACCRECPAYMENT":
        if row.type in _OTHER_PAYMENTS:
            return None
        raise Unfit(f"a payment of the type {_shown(row.type)}")
    if row.status not in ("AUTHORISED", "DELETED"):
        raise Unfit(f"a payment of the status {_shown(row.status)}")
    if not row.id:
        raise Unfit("a payment without a PaymentID")
    paid = row.invoice
    if paid is None or not paid.id:
        raise Unfit("a payment without an InvoiceID")
    if not paid.currency:
        raise Unfit("a payment without a CurrencyCode")
    paid_on = civil(None, row.date)
    if paid_on is None:
        raise Unfit("a payment without a Date")
    if row.status == "DELETED":
        amount = 0
    elif row.amount is None:
        raise Unfit("a payment without an Amount")
    else:
        amount = minor(row.amount, paid.currency)
    return Payment(
        id=row.id,
        customer_id=_customer_of(paid.contact, "a payment"),
        currency=paid.currency,
        amount=amount,
        paid_on=paid_on,
        allocations=(Allocation(paid.id, amount),) if amount else (),
        updated_at=stamp(row.updated),
    )


def to_owing(row: OwingRow, base: str) -> Owing | None:
    """What a contact owes; None where Xero tells of no balance. Raises one of REASONS.

    A converted balance may have more decimals than the currency: it is rounded, halves up.
    """
    if not row.id:
        raise Unfit("a contact without a ContactID")
    receivable = row.balances.receivable if row.balances else None
    if receivable is None or not receivable.outstanding:
        return None
    return Owing(row.id, _rounded(receivable.outstanding, base))


def _rounded(amount: Decimal, currency: str) -> int:
    unit = Decimal(1).scaleb(-digits(currency))
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise Unfit(f"{str(amount)[:40]} {currency} is no balance")
    return minor(amount.quantize(unit, ROUND_HALF_UP), currency)


def _customer_of(contact: ContactRef | None, what: str) -> str:
    if contact is None or not contact.id:
        raise Unfit(f"{what} without a ContactID")
    return contact.id


def _place(told: msgspec.Raw) -> tuple[str, str]:
    """Country and subdivision of the first address that tells a country: where invoices are sent to (POBOX)
    before where the contact sits (STREET); see developer.xero.com, "Contacts"."""
    found = [each for each in loosely(_addresses, told) or () if each is not None and each.country]
    for address in sorted(found, key=lambda each: each.kind != "POBOX") if found else ():
        region = address.region if isinstance(address.region, str) else ""
        place = place_of(address.country, region) if isinstance(address.country, str) else ("", "")
        if place[0]:
            return place
    return "", ""


def _groups(told: msgspec.Raw) -> tuple[str, ...]:
    if bytes(told) == b"[]":
        return ()
    found = loosely(_group_rows, told) or ()
    return groups_of(each.name for each in found if each is not None and each.status != "DELETED")


def _is_true(flag: bool | str | None) -> bool:
    return flag is True or (isinstance(flag, str) and flag.lower() == "true")


def _shown(value: str | None) -> str:
    return "(none)" if value is None else repr(value[:40])
