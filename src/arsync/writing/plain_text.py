"""Text from the accounting system made harmless: it is read, and it does nothing.

Every such text passes `plain_line` on its way into a letter, a subject or a note; HTML escapes it besides.
"""

from __future__ import annotations

import unicodedata

LONGEST_VALUE = 120
"""Characters of a name, number or address in a letter; what is longer ends in an ellipsis."""

_JOINERS = "\u200c\u200d"  # without them Persian, Indic scripts and composed emoji are wrong


def plain_line(text: str, limit: int = LONGEST_VALUE) -> str:
    """The text on one line of at most ``limit`` characters, without anything that acts.

    Control characters and separators of lines become spaces, format characters (bidirectional marks
    and overrides, zero-width ones, tags) vanish but for the two joiners, lone surrogates become
    U+FFFD, and white space is collapsed.
    """
    # A letter is not a place for ten thousand characters; cutting first keeps the work small.
    line = " ".join("".join(map(_shown, text[: 20 * limit])).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def harmless(text: str) -> str:
    """The text with its spaces as they are, and nothing in it that acts on a terminal."""
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char.isascii():
        return char if char.isprintable() else " "
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs":
            return "\ufffd"
        case "Cf":
            return char if char in _JOINERS else ""
        case _:
            return char
