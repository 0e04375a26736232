"""How values look in a reply: JSON with exact decimals, Xero's dates, and the XML default.

Xero answers in XML unless JSON is asked for, and writes instants as `/Date(milliseconds+0000)/`
(developer.xero.com, "Requests and responses").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeAlias
from xml.sax.saxutils import escape

Json: TypeAlias = "bool | int | str | Decimal | Sequence[Json] | Mapping[str, Json] | None"
Row: TypeAlias = "dict[str, Json]"

_quote = json.encoder.encode_basestring_ascii
_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000


def encode(value: Json) -> str:
    """JSON text; a Decimal becomes a number with exactly its own digits."""
    if isinstance(value, str):
        return _quote(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{_quote(key)}:{encode(item)}" for key, item in value.items()]) + "}"
    return "[" + ",".join([encode(item) for item in value]) + "]"


def instant(ms: int) -> str:
    """`/Date(ms+0000)/` of an instant in milliseconds since 1970, UTC."""
    return f"/Date({ms}+0000)/"


def instant_text(ms: int) -> str:
    """The same instant as ISO text in whole seconds, as in `UpdatedDateUTCString`."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def history_text(ms: int) -> str:
    """The same instant as in `DateUTCString` of a history record: no offset."""
    return instant_text(ms)[:-1]


def civil(day: date) -> str:
    """`/Date(ms+0000)/` of midnight UTC of a civil date, whatever the organisation's time zone."""
    return f"/Date({(day - _EPOCH).days * _DAY_MS}+0000)/"


def civil_text(day: date) -> str:
    """The civil date as in `DateString`."""
    return f"{day.isoformat()}T00:00:00"


def civil_ms(day: date) -> int:
    """Midnight UTC of a civil date in milliseconds since 1970."""
    return (day - _EPOCH).days * _DAY_MS


def to_xml(body: bytes, root: str = "Response") -> bytes:
    """A JSON reply as the small XML that a client gets when it did not ask for JSON."""
    value = json.loads(body, parse_float=Decimal)
    return f'<?xml version="1.0" encoding="utf-8"?>{_element(root, value)}'.encode()


def _element(name: str, value: Json) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = "".join(_element(_singular(name), item) for item in value)
    elif value is None:
        inner = ""
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") else name
