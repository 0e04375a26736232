"""What stands in one cell of a file, and the row that it is part of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

# A CSV file has texts only; a workbook knows numbers and dates.
Cell = str | Decimal | date


class NotUnderstood(ValueError):
    """A cell or a row that cannot be read as what it should be; the text says why."""


class Line(NamedTuple):
    """One row of a file. ``number`` is the line it begins on, from 1. ``problem`` is set where it could
    not be taken apart into cells; they are then what stands there, unparted."""

    number: int
    cells: tuple[Cell, ...]
    problem: str | None = None


def text_of(cell: Cell) -> str:
    """The cell as a text on one line: a number without needless decimals, a date in ISO 8601."""
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat()


def verbatim(cell: Cell) -> str:
    """The cell's text as it stands there, without the white space around it."""
    return cell.strip() if isinstance(cell, str) else text_of(cell)


def is_blank(cells: Iterable[Cell]) -> bool:
    return not any(text_of(cell) for cell in cells)


def raw_text(cells: Sequence[Cell]) -> str:
    """The row as it would stand in a plain CSV file; kept with a row that was not understood."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(
        [cell if isinstance(cell, str) else text_of(cell) for cell in cells]
    )
    return written.getvalue()
