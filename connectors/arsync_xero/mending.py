"""What is almost JSON becomes JSON: a text that was cut in the middle must not cost a page for ever. Pure."""

from __future__ import annotations

import re

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
