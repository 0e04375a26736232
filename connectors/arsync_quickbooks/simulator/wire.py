"""JSON and time as the service writes them.

Amounts are ``Decimal`` inside and plain JSON numbers on the wire; they never pass through a float. The
service writes whole amounts both as ``100`` and as ``100.0``: here an amount that was entered with decimals
keeps one, an amount entered as a whole number has none, and nothing owed is ``0``.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Every recorded answer carries Pacific offsets, wherever the company is."""

# Python's encoder cannot write a Decimal as a number, so each is written as a marked string first and then
# unwrapped. The mark is random for each process: no customer's text can look like one.
_MARK = secrets.token_hex(8)
_MARKED = re.compile(f'"{_MARK}([^"]*)"')


def number(value: Decimal) -> str:
    """The JSON text of an amount: ``0``, ``100``, ``100.0``, ``100.5``, ``100.55``."""
    if not value:
        return "0"
    text = format(value, "f")
    if "." not in text:
        return text
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{number(value)}"
    raise TypeError(f"{type(value).__name__} has no JSON form")


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON with exact numbers."""
    text = json.dumps(value, default=_mark, ensure_ascii=False, separators=(",", ":"))
    return _MARKED.sub(r"\1", text).encode()


def decode(body: bytes) -> Any:
    """The value of a JSON text, its numbers exact; ``ValueError`` if it is none."""
    return json.loads(body, parse_float=Decimal, parse_int=Decimal)


def array(items: Iterable[bytes]) -> bytes:
    """A JSON array of texts that are JSON already."""
    return b"[" + b",".join(items) + b"]"


def mapping(items: Iterable[tuple[str, bytes]]) -> bytes:
    """A JSON object whose values are JSON already."""
    return b"{" + b",".join(b'"%s":%s' % (key.encode(), value) for key, value in items) + b"}"


@lru_cache(maxsize=8192)
def stamp(epoch: int) -> str:
    """A MetaData time: whole seconds with the Pacific offset, ``2020-09-29T05:58:07-07:00``."""
    return datetime.fromtimestamp(epoch, PACIFIC).isoformat()


def reply_time(now: datetime) -> str:
    """The ``time`` of an answer: milliseconds with the Pacific offset."""
    return now.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def read_instant(text: str, local: tzinfo) -> float:
    """Seconds since the epoch of an ISO 8601 time; without an offset it is the company's local time.

    Raises ``ValueError`` for anything else, such as a ``+`` that was not escaped in an address.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=local)
    return moment.astimezone(UTC).timestamp()
