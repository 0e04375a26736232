"""What is almost JSON becomes JSON, and what is beside the point never stands in the way. Pure.

A text that was cut in the middle must not cost a page for ever, and an odd address not its customer.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for bytes that are no JSON, or JSON nested deeper than anybody writes it."""

# Control characters stand raw in a text now and then; and where a text was cut inside an emoji, half of
# a UTF-16 pair is left, which no decoder takes.
_CONTROLS = re.compile(rb"[\x00-\x1f]")
_HALF_PAIRS = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def mended(body: bytes) -> bytes:
    """The body with U+FFFD for what is no character, and spaces for raw control characters."""
    plain = _CONTROLS.sub(b" ", body.decode("utf-8", "replace").encode())
    return _HALF_PAIRS.sub(rb"\\ufffd", plain)


def loosely(decoder: msgspec.json.Decoder[T], told: msgspec.Raw) -> T | None:
    """What a part of an answer holds that was passed over as it stood (a field of the type ``msgspec.Raw``,
    empty where it is missing); None where that is nothing, or something else than the decoder's type."""
    text = bytes(told)
    for mend in (False, True) if text else ():
        try:
            return decoder.decode(mended(text) if mend else text)
        except msgspec.ValidationError:
            return None
        except NOT_JSON:
            continue
    return None
