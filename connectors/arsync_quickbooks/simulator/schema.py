"""Which properties an object has, which of them a caller may write, and how long a text may be.

From the entity pages of https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from . import fault
from .records import Body

_ALWAYS = "Id SyncToken MetaData domain sparse status"
_SALES = (
    "DocNumber TxnDate CurrencyRef ExchangeRate PrivateNote Line TxnTaxDetail CustomerRef CustomerMemo "
    "BillAddr ShipAddr SalesTermRef ClassRef DepartmentRef ApplyTaxAfterDiscount PrintStatus EmailStatus "
    "BillEmail BillEmailCc BillEmailBcc CustomField GlobalTaxCalculation TransactionLocationType "
    "FreeFormAddress PaymentMethodRef DepositToAccountRef"
)

WRITABLE: dict[str, frozenset[str]] = {
    "Invoice": frozenset(
        (
            _SALES + " DueDate ShipDate ShipMethodRef TrackingNum ShipFromAddr Deposit AllowIPNPayment "
            "AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment"
        ).split()
    ),
    "CreditMemo": frozenset((_SALES + " InvoiceRef PaymentRefNum").split()),
    "Payment": frozenset(
        (
            "CustomerRef TotalAmt TxnDate Line PrivateNote PaymentRefNum PaymentMethodRef CurrencyRef "
            "ExchangeRate DepositToAccountRef ARAccountRef ProcessPayment CreditCardPayment TxnSource "
            "TransactionLocationType"
        ).split()
    ),
    "Customer": frozenset(
        (
            "DisplayName Title GivenName MiddleName FamilyName Suffix CompanyName PrintOnCheckName Active "
            "PrimaryPhone AlternatePhone Mobile Fax PrimaryEmailAddr WebAddr BillAddr ShipAddr Notes Job "
            "BillWithParent ParentRef SalesTermRef PaymentMethodRef CurrencyRef PreferredDeliveryMethod "
            "ResaleNum Taxable DefaultTaxCodeRef CustomerTypeRef OpenBalanceDate IsProject"
        ).split()
    ),
    "JournalEntry": frozenset(
        "DocNumber TxnDate PrivateNote Line CurrencyRef ExchangeRate Adjustment TxnTaxDetail".split()
    ),
    "Attachable": frozenset("Note AttachableRef FileName ContentType Category Tag".split()),
}

_READ_ONLY = {
    "Invoice": "LinkedTxn TotalAmt Balance HomeBalance HomeTotalAmt DeliveryInfo InvoiceLink RecurDataRef "
    "TaxExemptionRef EInvoiceStatus invoiceStatusLog TxnStatus",
    "CreditMemo": "LinkedTxn TotalAmt Balance RemainingCredit HomeBalance HomeTotalAmt",
    "Payment": "UnappliedAmt LinkedTxn",
    "Customer": "FullyQualifiedName Balance BalanceWithJobs Level OpenBalance ARAccountRef",
    "JournalEntry": "TotalAmt HomeTotalAmt",
    "Attachable": "FileAccessUri TempDownloadUri Size",
}
KNOWN = {kind: WRITABLE[kind] | set((_READ_ONLY[kind] + " " + _ALWAYS).split()) for kind in WRITABLE}

_LIMITS = {
    "Invoice": {"DocNumber": 21, "PrivateNote": 4000},
    "CreditMemo": {"DocNumber": 21, "PrivateNote": 4000},
    "Payment": {"PaymentRefNum": 21, "PrivateNote": 4000},
    "Customer": {"DisplayName": 500, "Notes": 2000, "ResaleNum": 16, "CompanyName": 100},
    "JournalEntry": {"DocNumber": 21, "PrivateNote": 4000},
    "Attachable": {"Note": 2000},
}
_DATES = ("TxnDate", "DueDate", "ShipDate")
_EMAILS = ("BillEmail", "BillEmailCc", "BillEmailBcc", "PrimaryEmailAddr")
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def check(kind: str, given: Body) -> None:
    """Refuse what the service would refuse whatever the object's state: Fault 2010, 2050, 2210."""
    for name, value in given.items():
        if name not in KNOWN[kind]:
            raise fault.bad_property(
                f'Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{kind}), '
                f"not marked as ignorable ({len(KNOWN[kind])} known properties)\n"
                " specified is unsupported or invalid"
            )
        limit = _LIMITS[kind].get(name)
        if limit is not None and isinstance(value, str) and len(value) > limit:
            raise fault.too_long(name, limit, len(value))
        if name in _DATES and value:
            _check_date(name, value)
        if name in _EMAILS and value:
            _check_email(name, value)
    memo = given.get("CustomerMemo")
    if isinstance(memo, dict) and len(str(memo.get("value", ""))) > 1000:
        raise fault.too_long("Customer Memo", 1000, len(memo["value"]))


def _check_date(name: str, value: Any) -> None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        raise fault.bad_property(
            f"Can not construct instance of java.util.Date from {value!r}: not a valid representation "
            f"for {name} specified is unsupported or invalid"
        ) from None


def _check_email(name: str, value: Any) -> None:
    address = value.get("Address") if isinstance(value, dict) else None
    if address is None:
        return
    if len(address) > 100:
        raise fault.too_long(name, 100, len(address))
    if not all(_EMAIL.fullmatch(part.strip()) for part in address.split(",")):
        raise fault.bad_email(address)


def writable(kind: str, given: Body) -> Body:
    """The part of a request that is stored: read-only properties are passed over without a word."""
    return {name: value for name, value in given.items() if name in WRITABLE[kind]}


def merged(kind: str, old: Body, given: Body) -> Body:
    """A sparse update: what is given replaces, null or empty text clears, the rest stays."""
    body = {**old, **writable(kind, given)}
    return {name: value for name, value in body.items() if value is not None and value != ""}


def replaced(kind: str, given: Body) -> Body:
    """A full update: what is not given is gone."""
    return merged(kind, {}, given)


def reference(given: Body, name: str) -> int | None:
    """The id in a reference, or None if there is none; Fault 2030 if it is not a number."""
    ref = given.get(name)
    value = ref.get("value") if isinstance(ref, dict) else None
    if value in (None, ""):
        return None
    return read_id(value)


def read_id(value: object) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit():
        raise fault.bad_id(text)
    return int(text)


def read_decimal(value: object, name: str) -> Decimal:
    """An amount in a request: a JSON number, or text that is one."""
    try:
        amount = Decimal(str(value)) if isinstance(value, str | Decimal) else None
    except ArithmeticError:
        amount = None
    if amount is None or not amount.is_finite():
        raise fault.bad_property(f"Can not deserialize value of type java.math.BigDecimal for {name}")
    return amount
