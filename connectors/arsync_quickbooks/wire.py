"""Bytes to structs, with one mend for what is almost JSON. Pure."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from arsync.errors import TryLater

T = TypeVar("T")

# Control characters in texts, and halves of UTF-16 pairs, where some system cut a text in the middle.
_CONTROLS = re.compile(rb"[\x00-\x1f]")
_HALF_PAIRS = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def unreadable() -> TryLater:
    return TryLater("QuickBooks gave an answer that cannot be read; try again later")


def typed(body: bytes, shape: type[T]) -> tuple[bytes, T | None]:
    """The body as ``shape``, None where something in it does not fit. One that is malformed by a single
    text in it is mended first, and given back so: half an emoji would cost a page for ever."""
    text = body
    for mend in (False, True):
        try:
            text = _mended(body) if mend else body
            return text, msgspec.json.decode(text, type=shape)
        except msgspec.ValidationError:
            return text, None
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    raise unreadable()


def _mended(body: bytes) -> bytes:
    plain = _CONTROLS.sub(b" ", body.decode("utf-8", "replace").encode())
    return _HALF_PAIRS.sub(rb"\\ufffd", plain)


def whole(body: bytes, shape: type[T]) -> T:
    """The body as ``shape``. Raises TryLater where it does not fit."""
    _, reply = typed(body, shape)
    if reply is None:
        raise unreadable()
    return reply
