"""Values of the accounting system in letters and notes: harmless, on one line, and of a length to read."""

from __future__ import annotations

from arsync.plain_text import one_line

LONGEST_VALUE = 120
"""Characters of a name, number or address in a letter; what is longer ends in an ellipsis."""


def plain_line(text: str, limit: int = LONGEST_VALUE) -> str:
    """The text on one line of at most ``limit`` characters, without anything that acts."""
    return one_line(text, limit)
