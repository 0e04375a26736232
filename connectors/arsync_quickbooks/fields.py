"""Fields of QuickBooks' rows as values of the ledger. Pure.

What a record cannot be without raises ``Unfit``; what it can be without is left empty.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from arsync.connector import loosely, place_of
from arsync.ledger import addresses_of
from arsync_quickbooks import instants
from arsync_quickbooks.rows import Address, Email, Ref, Row

# No rate between two currencies comes near these.
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,20})?")
_address = msgspec.json.Decoder(Address | None)
_reference = msgspec.json.Decoder(dict[str, Any] | None)
_LEAST_RATE, _MOST_RATE = Decimal("1e-12"), Decimal("1e12")


class Unfit(ValueError):
    """A row that cannot be a record; the text says why."""


def record_id(row: Row) -> str:
    if not row.id:
        raise Unfit("it has no Id")
    return row.id


def customer_id(ref: Ref | None) -> str:
    if ref is None or not ref.value:
        raise Unfit("it has no CustomerRef")
    return ref.value


def currency_of(ref: Ref | None, home: str | None) -> str:
    """The currency that a row names, or the company's own."""
    code = (ref.value if ref is not None else None) or home
    if not code:
        raise Unfit("it names no currency, and the company's own is not known")
    return code


def amount(value: Decimal | None, field: str) -> Decimal:
    if value is None:
        raise Unfit(f"it has no {field}")
    return value


def updated(row: Row) -> str:
    """The stamp of the last change; empty where there is none that can be read."""
    text = row.meta_data.last_updated_time if row.meta_data is not None else None
    if not text:
        return ""
    try:
        return instants.utc(text)
    except ValueError:
        return ""


def day(text: str | None) -> date | None:
    return _day(text) if text else None


def addresses(email: Email | None) -> tuple[str, ...]:
    """A field of addresses holds several, separated by commas."""
    if email is None or not email.address:
        return ()
    return addresses_of((email.address,))


def rate(told: msgspec.Raw, currency: str, home: str | None) -> str:
    """What one unit of the row's currency is worth in the company's own, as the text that came.

    Empty in the company's own currency, while that is not known, and for what is no rate: a rate
    converts figures that stand beside what is owed, and is no reason to leave out a debt.
    """
    text = bytes(told)
    return _rate(text) if text and home and currency != home and len(text) <= 64 else ""


def place(told: msgspec.Raw) -> tuple[str, str]:
    """Country and subdivision of an address, as far as they are told."""
    address = loosely(_address, told)
    if address is None or not isinstance(address.country, str):
        return "", ""
    region = address.country_sub_division_code
    return place_of(address.country, region if isinstance(region, str) else "")


def referred(told: msgspec.Raw) -> str:
    """The id in a reference that a row can be without; empty where there is none."""
    value = (loosely(_reference, told) or {}).get("value")
    return str(value) if isinstance(value, str | int) else ""


@lru_cache(maxsize=4096)
def _rate(text: bytes) -> str:
    plain = text.decode("ascii", "replace").strip('"')
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return ""
    if not value.is_finite() or not _LEAST_RATE < value < _MOST_RATE:
        return ""
    if "E" in plain.upper():
        plain = format(value, "f")  # 6.54E-7
    return plain if _RATE.fullmatch(plain) else ""


@lru_cache(maxsize=16384)
def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit(f"{text[:20]!r} is not a date") from None
