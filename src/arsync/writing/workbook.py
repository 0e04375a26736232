"""An XLSX workbook of rows, streamed: texts stay texts, amounts are numbers written digit by digit.

Importing this room needs openpyxl, which the extra `xlsx` brings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from arsync.money import digits, plain
from arsync.plain_text import harmless
from arsync.writing.spreadsheet import Amount, Cell

# Limits of Excel: rows of a sheet, characters of a cell (in UTF-16), digits of a number, the day from
# which its calendar is right (https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3).
ROWS_A_SHEET, LONGEST, EXACT_DIGITS, FIRST_DAY = 1_048_576, 32_767, 15, date(1900, 3, 1)
_NO_XML = re.compile("[\ufffe\uffff]")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read _x0041_ as A
_BOLD = Font(bold=True)


class Workbook:
    """A workbook, a sheet after the other."""

    def __init__(self, *, rows_a_sheet: int = ROWS_A_SHEET) -> None:
        self._book = openpyxl.Workbook(write_only=True)
        self._book.properties.creator = "arsync"
        self._most = rows_a_sheet

    def sheet(self, title: str, headings: Sequence[str]) -> XlsxSheet:
        """Begin a sheet; the one before it is complete."""
        return XlsxSheet(self._book, title, headings, self._most)

    def save(self, path: Path) -> None:
        self._book.save(path)

    def abandon(self) -> None:
        """Close what was begun, after a failure. Left open it complains on standard error at the end."""
        for sheet in self._book.worksheets:
            with suppress(Exception):  # it was closed already, or its disk is the one that is full
                sheet.close()


class XlsxSheet:
    """A sheet that rows are appended to; what Excel has no room for goes on in another one."""

    def __init__(self, book: openpyxl.Workbook, title: str, headings: Sequence[str], most: int) -> None:
        self._book, self._title, self._headings, self._most = book, title, headings, most
        self._part = 0
        self._begin()

    def _begin(self) -> None:
        self._part += 1
        title = self._title if self._part == 1 else f"{self._title} ({self._part})"
        self._sheet = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        self._sheet.append([self._text(heading, bold=True) for heading in self._headings])
        self._rows = 1

    def append(self, cells: Sequence[Cell]) -> None:
        if self._rows == self._most:
            self._sheet.close()
            self._begin()
        self._sheet.append([self._cell(cell) for cell in cells])
        self._rows += 1

    def _cell(self, cell: Cell) -> WriteOnlyCell | None:
        match cell:
            case None | "":
                return None
            case str():
                return self._text(cell)
            case Amount():
                return self._amount(cell)
            case datetime():
                moment = cell.astimezone(UTC).replace(tzinfo=None)
                return self._styled('yyyy-mm-dd hh:mm:ss "UTC"', moment)
            case date():
                return self._text(cell.isoformat()) if cell < FIRST_DAY else self._styled("yyyy-mm-dd", cell)
            case _:
                return self._styled("0", cell)

    def _amount(self, amount: Amount) -> WriteOnlyCell:
        """A number written digit by digit: openpyxl itself would format a Decimal as a float."""
        text = plain(amount.units, amount.currency)
        if len(str(abs(amount.units))) > EXACT_DIGITS:
            return self._text(text)
        decimals = digits(amount.currency)
        cell = self._styled(f"#,##0.{'0' * decimals}" if decimals else "#,##0", text)
        cell.data_type = "n"
        return cell

    def _text(self, text: str, *, bold: bool = False) -> WriteOnlyCell:
        """A cell that is a text whatever it looks like, and stays one when it is edited (format "@")."""
        cell = self._styled("@", _in_xlsx(text), bold=bold)
        cell.data_type = "s"
        return cell

    def _styled(self, number_format: str, value: object, *, bold: bool = False) -> WriteOnlyCell:
        cell = WriteOnlyCell(self._sheet, value)
        cell.number_format = number_format
        if bold:
            cell.font = _BOLD
        return cell


def _in_xlsx(text: str) -> str:
    text = _ESCAPE.sub("_x005F_", _NO_XML.sub("\ufffd", harmless(text)))
    if len(text) * 2 <= LONGEST or len(text.encode("utf-16-le")) <= 2 * LONGEST:
        return text
    return text.encode("utf-16-le")[: 2 * LONGEST - 2].decode("utf-16-le", "ignore") + "…"
