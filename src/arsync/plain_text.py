"""Foreign text made harmless: it is read, and it does nothing. Pure.

Every text from the accounting system or a mail server passes here on its way into a letter, a header, a
note, a log line or a terminal.
"""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ: Persian, Indic scripts and composed emoji are wrong without them


def harmless(text: str) -> str:
    """The text with its spaces as they are, and without anything that acts.

    Control characters and separators of lines become spaces, format characters (bidirectional marks and
    overrides, zero-width ones, tags) vanish but for the two joiners, lone surrogates become U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def one_line(text: str, limit: int | None = None) -> str:
    """The same with its white space collapsed; more than ``limit`` characters end in an ellipsis."""
    if limit is None:
        return " ".join(harmless(text).split())
    # Nobody reads ten thousand characters of a name; cutting first keeps the work small.
    line = " ".join(harmless(text[: 20 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


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
