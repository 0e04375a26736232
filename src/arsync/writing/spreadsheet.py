"""Rows for spreadsheets, and CSV files of them, whose text cannot act as a formula.

A cell is a text, a whole number, a day, an instant, an amount or empty. Amounts never pass through float.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from arsync.money import plain
from arsync.plain_text import harmless

# A cell that begins with one of these may be taken for a formula (https://owasp.org/www-community/attacks/CSV_Injection);
# the others are what Unicode's NFKC takes for the same signs.
_SIGNS = "=+\\-@＝﹦⁼₌＋﹢⁺₊－﹣−＠﹫"
_FORMULA = re.compile(rf'[\s"]*[{_SIGNS}]')
# Where a semicolon parts cells, what stands behind one inside a text begins a cell of its own.
_BEHIND_SEMICOLON = re.compile(rf';(?=[\s"]*[{_SIGNS}])')


class Amount(NamedTuple):
    """Minor units of a currency."""

    units: int
    currency: str


Cell = str | int | date | datetime | Amount | None


def defused(text: str) -> str:
    """A text for CSV that no spreadsheet takes for a formula: an apostrophe stands before what could
    begin one. Control characters become spaces, characters that turn the direction of text vanish."""
    shown = harmless(text)
    if text[:1] in ("\t", "\r", "\n") or _FORMULA.match(shown):
        shown = f"'{shown}"
    return _BEHIND_SEMICOLON.sub(";'", shown)


class CsvSheet:
    """One CSV file: UTF-8 with a byte order mark, by which Excel knows it, commas, lines ending in CR LF."""

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(headings)

    def append(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow([_in_csv(cell) for cell in cells])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _in_csv(cell: Cell) -> str | int | None:
    match cell:
        case str():
            return defused(cell)
        case Amount():
            return plain(cell.units, cell.currency)
        case datetime():
            return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return cell.isoformat()
        case _:
            return cell
