"""Bytes to structs, with one mend for what is almost JSON. Pure."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from arsync.connector import NOT_JSON, mended
from arsync.errors import TryLater

T = TypeVar("T")


def unreadable() -> TryLater:
    return TryLater("QuickBooks gave an answer that cannot be read; try again later")


def typed(body: bytes, shape: type[T]) -> tuple[bytes, T | None]:
    """The body as ``shape``, None where something in it does not fit. One that is malformed by a single
    text in it is mended first, and given back so: half an emoji would cost a page for ever."""
    text = body
    for mend in (False, True):
        try:
            text = mended(body) if mend else body
            return text, msgspec.json.decode(text, type=shape)
        except msgspec.ValidationError:
            return text, None
        except NOT_JSON:
            continue
    raise unreadable()


def whole(body: bytes, shape: type[T]) -> T:
    """The body as ``shape``. Raises TryLater where it does not fit."""
    _, reply = typed(body, shape)
    if reply is None:
        raise unreadable()
    return reply
