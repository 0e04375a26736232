"""Which properties a query may filter or sort by, and how they compare.

From the entity pages (columns "filterable" and "sortable") and what the live service was reported to refuse.
Invoice.TotalAmt, on which the pages contradict each other, is refused here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from . import fault
from .records import Record
from .schema import KNOWN
from .shapes import balance_with_jobs, full_name
from .wire import read_instant


class Field(NamedTuple):
    """A property: how it is read from a record, the type of its values, and what may be asked of it."""

    read: Callable[[Record], Any]
    type: str  # id, ref, text, money, date, instant, flag
    filterable: bool = True


def _body(name: str) -> Callable[[Record], Any]:
    return lambda record: record.body.get(name)


def _term(record: Record) -> Any:
    ref = record.body.get("SalesTermRef")
    return int(ref["value"]) if ref else None


def _email(record: Record) -> Any:
    return (record.body.get("PrimaryEmailAddr") or {}).get("Address")


def _customer(record: Record) -> Any:
    return None if record.customer is None else record.customer.id


def _entity(part: str) -> Callable[[Record], Any]:
    def read(record: Record) -> Any:
        refs = record.body.get("AttachableRef") or [{}]
        return (refs[0].get("EntityRef") or {}).get(part)

    return read


_EVERY = {
    "Id": Field(lambda record: record.id, "id"),
    "MetaData.CreateTime": Field(lambda record: record.created, "instant"),
    "MetaData.LastUpdatedTime": Field(lambda record: record.updated, "instant"),
}
_NUMBER = Field(_body("DocNumber"), "text")
_TXN_DATE = Field(_body("TxnDate"), "date")
_CUSTOMER = Field(_customer, "ref")
_BALANCE = Field(lambda record: record.balance, "money")
_ACTIVE = Field(lambda record: record.body.get("Active", True), "flag")

FIELDS: dict[str, dict[str, Field]] = {
    "Invoice": {
        **_EVERY,
        "DocNumber": _NUMBER,
        "CustomerRef": _CUSTOMER,
        "SalesTermRef": Field(_term, "ref"),
        "TxnDate": _TXN_DATE,
        "DueDate": Field(_body("DueDate"), "date"),
        "Balance": _BALANCE,
    },
    "CreditMemo": {
        **_EVERY,
        "DocNumber": _NUMBER,
        "CustomerRef": _CUSTOMER,
        "TxnDate": _TXN_DATE,
        "Balance": _BALANCE,
    },
    "Payment": {
        **_EVERY,
        "CustomerRef": _CUSTOMER,
        "TxnDate": _TXN_DATE,
        "PaymentRefNum": Field(_body("PaymentRefNum"), "text"),
    },
    "Customer": {
        **_EVERY,
        **{
            name: Field(_body(name), "text")
            for name in ("DisplayName", "GivenName", "MiddleName", "FamilyName", "CompanyName")
        },
        "FullyQualifiedName": Field(full_name, "text"),
        "PrimaryEmailAddr": Field(_email, "text"),
        "Active": _ACTIVE,
        "Balance": _BALANCE,
        "BalanceWithJobs": Field(balance_with_jobs, "money", filterable=False),
    },
    "JournalEntry": {**_EVERY, "DocNumber": _NUMBER, "TxnDate": _TXN_DATE},
    "CustomerType": {**_EVERY, "Name": Field(_body("Name"), "text"), "Active": _ACTIVE},
    "Term": {**_EVERY, "Name": Field(_body("Name"), "text"), "Active": _ACTIVE},
    "Attachable": {
        **_EVERY,
        "AttachableRef.EntityRef.value": Field(_entity("value"), "text"),
        "AttachableRef.EntityRef.type": Field(_entity("type"), "text"),
    },
    "CompanyInfo": {},
    "Preferences": {},
}
HIDE_INACTIVE = ("Customer", "CustomerType", "Term")
_NOT_SELECTABLE = frozenset({"BillAddr", "ShipAddr", "InvoiceLink"})


def entity(name: str) -> str:
    """The entity in its own spelling; Fault 4001 for one that there is not."""
    for known in FIELDS:
        if known.casefold() == name.casefold():
            return known
    raise fault.invalid_query(f"Metadata not found for Entity: {name}")


def _absent(kind: str, name: str) -> fault.Fault:
    if name in KNOWN.get(kind, ()):
        return fault.invalid_query(f"property '{name}' is not queryable")
    return fault.invalid_query(f"Property {name} not found for Entity {kind}")


def filterable(kind: str, name: str, comparison: str) -> Field:
    """The property a condition is about; Fault 4001 if it cannot be filtered by, or not in this way."""
    field = FIELDS[kind].get(name)
    if field is None:
        raise _absent(kind, name)
    if not field.filterable:
        raise fault.invalid_query(f"property '{name}' is not queryable")
    allowed = {
        "id": ("=", "IN"),
        "ref": ("=", "IN"),
        "flag": ("=", "IN"),
        "text": ("=", "<", ">", "<=", ">=", "IN", "LIKE"),
    }.get(field.type, ("=", "<", ">", "<=", ">=", "IN"))
    if comparison not in allowed:
        raise fault.invalid_query(f"Operator {comparison} is not supported for property '{name}'")
    return field


def sortable(kind: str, name: str) -> Field:
    """The property to sort by; Fault 4001 if there is no sorting by it."""
    field = FIELDS[kind].get(name)
    if field is None:
        raise _absent(kind, name)
    return field


def check_selected(kind: str, names: tuple[str, ...]) -> None:
    """Fault 4001 for a property that cannot stand in a list of columns."""
    for name in names:
        first = name.split(".")[0]
        if name in _NOT_SELECTABLE or first not in KNOWN.get(kind, {first}):
            raise fault.invalid_query(f"Property {name} not found for Entity {kind}")


def read_value(field: Field, name: str, text: str, local: tzinfo) -> Any:
    """A value from a statement, ready to be compared; Fault 4001 if it is none of its property's kind."""
    try:
        if field.type in ("id", "ref"):
            return int(text)
        if field.type == "money":
            return Decimal(text)
        if field.type == "date":
            return date.fromisoformat(text).isoformat()
        if field.type == "instant":
            return read_instant(text, local)
        if field.type == "flag":
            return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError, InvalidOperation):
        raise fault.invalid_query(f"value '{text}' is not valid for property '{name}'") from None
    return text
