"""Short names for the fields that tests and people set most, and their wire forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .records import Body

Writer = tuple[str, Callable[[Any], Any]]


def _plain(value: Any) -> Any:
    return value


def _address(value: str) -> dict[str, str]:
    return {"Address": value}


def _reference(value: str) -> dict[str, str]:
    return {"value": value}


CUSTOMER_FIELDS: dict[str, Writer] = {
    "name": ("DisplayName", _plain),
    "email": ("PrimaryEmailAddr", _address),
    "active": ("Active", _plain),
    "parent": ("ParentRef", _reference),
    "bill_with_parent": ("BillWithParent", _plain),
    "currency": ("CurrencyRef", _reference),
    "notes": ("Notes", _plain),
    "company_name": ("CompanyName", _plain),
    "phone": ("PrimaryPhone", lambda value: {"FreeFormNumber": value}),
    "address": ("BillAddr", _plain),
    "type": ("CustomerTypeRef", _reference),
    "created": ("created", _plain),
}

SALES_FIELDS: dict[str, Writer] = {
    "email": ("BillEmail", _address),
    "cc": ("BillEmailCc", _address),
    "bcc": ("BillEmailBcc", _address),
    "note": ("PrivateNote", _plain),
    "memo": ("CustomerMemo", _reference),
    "term": ("SalesTermRef", _reference),
    "rate": ("ExchangeRate", Decimal),
    "online_payment": ("AllowOnlineACHPayment", _plain),
    "created": ("created", _plain),
}


def wire_fields(writers: Mapping[str, Writer], fields: Mapping[str, Any]) -> Body:
    """The fields in wire form: a short name is translated, a vendor's name is taken as it is.

    None clears. ``TypeError`` for a name that is neither.
    """
    given: Body = {}
    for name, value in fields.items():
        if name in writers:
            wire_name, form = writers[name]
            given[wire_name] = None if value is None else form(value)
        elif name[:1].isupper():
            given[name] = value
        else:
            raise TypeError(f"unknown field {name!r}; known: {', '.join(writers)}, or a QuickBooks property")
    return given
