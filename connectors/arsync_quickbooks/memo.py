"""Our lines in a text that belongs to people: an invoice's private note, a customer's notes. Pure.

What people wrote is never changed. Where room is short our own oldest lines go first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

MARK = "[arsync:"
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


class NoRoom(Exception):
    """What people wrote leaves no room for the new lines."""


def line(text: str) -> str:
    """A note as one line: line breaks and other control characters become a blank."""
    return _BREAKS.sub(" ", text).strip()


def appended(text: str | None, new: Sequence[str], limit: int) -> str:
    """``text`` with the new lines below it, in at most ``limit`` characters. Raises NoRoom."""
    lines = (text or "").split("\n") if text else []
    while True:
        whole = "\n".join([*lines, *new])
        if len(whole) <= limit:
            return whole
        ours = next((i for i, old in enumerate(lines) if MARK in old), None)
        if ours is None:
            raise NoRoom
        del lines[ours]


def fitting(text: str | None, new: Sequence[str], limit: int) -> tuple[str, int]:
    """``text`` with as many of the new lines, from the first on, as have room below it at once, and how many
    these are. Raises NoRoom where not even the first has."""
    for count in range(len(new), 1, -1):
        with suppress(NoRoom):
            return appended(text, new[:count], limit), count
    return appended(text, new[:1], limit), 1
