"""Xero's dates and instants: ``/Date(ms+zzzz)/`` and the ISO texts beside it. Pure.

The milliseconds are UTC whatever offset follows them; they may be negative. The date of a document
is midnight UTC of its civil date (developer.xero.com, "Requests and responses").
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_NET = re.compile(r"/Date\((-?\d{1,16})(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)


class NotADate(ValueError):
    """A text that is no date of Xero's."""


def instant(text: str) -> datetime:
    """The UTC instant of either form. Raises NotADate."""
    match = _NET.fullmatch(text)
    try:
        if match:
            return _EPOCH + timedelta(milliseconds=int(match[1]))
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise NotADate(f"{text[:40]!r} is not a date") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def stamp(text: str | None) -> str:
    """``updated_at`` of a record: always milliseconds and Z, so that stamps compare as text."""
    if not text:
        return ""
    # The usual form without a regular expression: each row of a page has a stamp of its own.
    if text[:6] == "/Date(" and text[-7:] == "+0000)/" and text[6:-7].isdecimal() and len(text) < 28:
        return f"{(_NAIVE_EPOCH + timedelta(0, 0, 0, int(text[6:-7]))).isoformat(timespec='milliseconds')}Z"
    return stamp_of(instant(text))


def stamp_of(when: datetime) -> str:
    """A UTC instant in the form of ``updated_at``."""
    return f"{when.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


# Due dates repeat from row to row.
@lru_cache(maxsize=8192)
def civil(iso: str | None, net: str | None) -> date | None:
    """A document's date: the civil date in ``...String`` first, else the milliseconds. Raises NotADate."""
    if iso:
        try:
            return date.fromisoformat(iso[:10])
        except ValueError:
            if not net:
                raise NotADate(f"{iso[:40]!r} is not a date") from None
    return instant(net).date() if net else None


def text_of(when: datetime) -> str:
    """Whole seconds in UTC with Z, as If-Modified-Since is sent."""
    return f"{when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
