"""The groups that a customer is in, as the accounting system names them. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def groups_of(names: Iterable[object]) -> tuple[str, ...]:
    """Each name on one line, in the order given; once, whatever its case. What is no text is passed over."""
    found: dict[str, str] = {}
    for name in names:
        if isinstance(name, str) and (line := " ".join(name.split())):
            found.setdefault(line.casefold(), line)
    return tuple(found.values())
