"""Foreign text made harmless: it is read, and it does nothing. Pure.

Every text from the accounting system or a mail server passes here on its way into a letter, a header, a
note, a log line or a terminal.
"""

from __future__ import annotations

import re
import unicodedata

_ACTING_IN_JSON = re.compile(r"[^\x20-\x7e\n\w]")
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


def inert_json(text: str) -> str:
    """The same JSON with whatever acts on a terminal written as `\\u` and its number: JSON itself escapes the
    controls below the space alone."""
    if text.isascii() and "\x7f" not in text:
        return text
    return _ACTING_IN_JSON.sub(_by_number, text)


def _by_number(found: re.Match[str]) -> str:
    char = found[0]
    if char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp"):
        return char
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


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
