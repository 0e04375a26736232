"""Foreign text made fit for one line: a header, a log line, a terminal."""

import unicodedata

_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ: Persian, Indic scripts and composed emoji are wrong without them


def one_line(text: str, limit: int | None = None) -> str:
    """`text` on one line, without anything that acts instead of being read.

    Control characters and line or paragraph separators become spaces, format characters (Unicode Cf:
    bidirectional overrides, zero-width spaces, tags) vanish except the two joiners, lone surrogates
    become U+FFFD, and runs of white space become one space. With `limit`, what is longer than that many
    characters ends in an ellipsis.
    """
    line = " ".join("".join(map(_shown, text)).split())
    if limit is not None and len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line


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
