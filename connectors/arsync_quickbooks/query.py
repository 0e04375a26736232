"""Statements of QuickBooks' query language. Pure.

Source: developer.intuit.com, "Data queries": one entity, AND only, 1,000 rows at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

MOST_ROWS = 1000
# Ids in one IN (...): larger lists are refused at times.
MOST_IDS = 200
# Without this condition the service hides what was made inactive, whatever it still owes.
WITH_INACTIVE = "Active IN (true, false)"


def literal(value: str) -> str:
    """A quoted value. The backslash is escaped too, or a value could close its own quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def id_in(ids: Iterable[str]) -> str:
    return "Id IN (" + ", ".join(map(literal, ids)) + ")"


def select(entity: str, *conditions: str, order: str | None = None, start: int = 1) -> str:
    """``SELECT *`` of an entity: the rows from the ``start``-th (counted from 1), as many as there may be.

    Whole objects, since a list of columns is undocumented and refused for some fields.
    """
    parts = [f"SELECT * FROM {entity}"]  # noqa: S608 - the conditions are made of `literal`s
    if conditions:
        parts.append("WHERE " + " AND ".join(conditions))
    if order is not None:
        parts.append(f"ORDERBY {order}")
    if start > 1:
        parts.append(f"STARTPOSITION {start}")
    parts.append(f"MAXRESULTS {MOST_ROWS}")
    return " ".join(parts)


def chunks(ids: Sequence[str], size: int = MOST_IDS) -> Iterator[list[str]]:
    """The distinct ids in their order, ``size`` at a time."""
    distinct = list(dict.fromkeys(ids))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]
