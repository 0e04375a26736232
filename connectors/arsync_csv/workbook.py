"""A worksheet of an XLSX file as rows of cells, through openpyxl."""

from __future__ import annotations

import io
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError  # its type alone; openpyxl reads the XML
from zipfile import BadZipFile

from arsync.errors import ArsyncError, FixSettings, TryLater
from arsync_csv.cells import Cell, Line

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class NoSheet(ValueError):
    """There is no worksheet of that name; the text names those there are."""


def is_workbook(content: bytes) -> bool:
    return content.startswith((_ZIP, _OLE))


def sheet_lines(content: bytes, sheet: str | None, name: str) -> list[Line]:
    """The rows of a worksheet, the first where none is named. Formulas give the values that were
    saved with them. Raises NoSheet, FixSettings and TryLater."""
    if content.startswith(_OLE):
        raise FixSettings(
            f"{name} is protected by a password or in the old format .xls; save it as XLSX or CSV"
        )
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise FixSettings(f'{name} needs the package openpyxl: pip install "arsync[xlsx]"') from None
    try:
        with closing(load_workbook(io.BytesIO(content), read_only=True, data_only=True)) as book:
            return _lines(book, sheet)
    except (NoSheet, ArsyncError):
        raise
    except (BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError, EOFError) as error:
        raise TryLater(
            f"{name} is not a whole workbook ({type(error).__name__}); if nobody is writing it, save it again"
        ) from None


def _lines(book: Any, sheet: str | None) -> list[Line]:
    names = [each.title for each in book.worksheets]
    if not names or (sheet is not None and sheet not in names):
        raise NoSheet(f"there is no worksheet {sheet!r}; there are: {', '.join(names) or 'none'}")
    chosen = book.worksheets[names.index(sheet) if sheet is not None else 0]
    chosen.reset_dimensions()  # what a file says of its own size is often wrong
    rows = chosen.iter_rows(values_only=True)
    return [Line(number, tuple(map(_cell, row))) for number, row in enumerate(rows, 1)]


def _cell(value: Any) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int():
            return Decimal(value)
        case float():
            # A workbook holds binary numbers of which 15 digits are true; Excel shows no more either.
            number = Decimal(f"{value:.15g}")
            return number if number.is_finite() else str(value)
        case datetime():
            return value.date()
        case date():
            return value
        case _:
            return str(value)
