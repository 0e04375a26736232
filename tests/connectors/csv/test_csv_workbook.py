"""XLSX files: written by openpyxl as programs write them, read as numbers, dates and texts."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from csv_desk import HEADINGS, records, source
from openpyxl import Workbook

from arsync.errors import FixSettings, TryLater

HEAD = HEADINGS.split(",")
ISSUED = date(2026, 10, 20)


def book(folder: Path, *rows: list[Any], title: str = "Invoices", name: str = "list.xlsx") -> Path:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    path = folder / name
    workbook.save(path)
    return path


def test_numbers_dates_and_texts(tmp_path: Path) -> None:
    """0.1 + 0.2 is stored as 0.30000000000000004 and is 0.30; 15 digits are what Excel itself shows."""
    book(
        tmp_path,
        ["Open invoices"],
        HEAD,
        [1001, "Lumen", None, datetime.combine(ISSUED, time()), date(2026, 11, 21), 1234.5, 1234.50],
        ["1002", "Lumen", None, "2026-10-20", None, 0.1 + 0.2, "0.30"],
        [1003.0, "Birch", None, None, None, -45, None],
        [1004, "Birch", None, None, None, 12.345, None],
        [1005, "Birch", None, None, 45983, 1, None],
        [1006, "Birch", None, None, None, "#REF!", None],
        [None, None, None, None, None, None, None],
        ["Total", None, None, None, None, "=SUM(F3:F8)", None],
    )
    invoices, credits_, rejects = records(list(source(tmp_path, path="list.xlsx").pull(None)))
    assert [(each.id, each.issued_on, each.due_on, each.open, each.total) for each in invoices] == [
        ("lumen/1001", ISSUED, date(2026, 11, 21), 123450, 123450),
        ("lumen/1002", ISSUED, None, 30, 30),
    ]
    assert [(each.id, each.remaining) for each in credits_] == [("birch/1003", 4500)]
    assert [each.reason for each in rejects] == [
        "line 6: open: 12.345 EUR has more than 2 decimals",
        "line 7: due: 45983 is a number and not a date",
        "line 8: open: '#REF!' is not an amount",
    ]


def test_a_formula_gives_the_value_saved_with_it(tmp_path: Path) -> None:
    """openpyxl writes no values; a program that calculates does. One without a value is no amount."""
    path = book(
        tmp_path, HEAD, [1, "Lumen", None, None, None, "=4+4", None], [2, "Lumen", None, None, None, "=1+1"]
    )
    whole = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.namelist():
            text = old.read(item)
            if item.endswith("sheet1.xml"):
                assert b"<f>4+4</f><v />" in text or b"<f>4+4</f><v></v>" in text or b"<f>4+4</f><v/>" in text
                for empty in (b"<v />", b"<v></v>", b"<v/>"):
                    text = text.replace(b"<f>4+4</f>" + empty, b"<f>4+4</f><v>8</v>")
            new.writestr(item, text)
    invoices, _, [reject] = records(list(source(tmp_path, path="list.xlsx").pull(None)))
    assert [(each.number, each.open) for each in invoices] == [("1", 800)]
    assert reject.reason == "line 3: nothing says what is left to pay"


def test_the_worksheet_is_the_first_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    workbook = Workbook()
    first = workbook.active
    assert first is not None
    first.append(HEAD)
    first.append([1, "Lumen", None, None, None, 5, None])
    second = workbook.create_sheet("2026")
    second.append(HEAD)
    second.append([2, "Lumen", None, None, None, 5, None])
    workbook.save(path)
    for sheet, number in ((None, "1"), ("2026", "2")):
        invoices, _, _ = records(list(source(tmp_path, path="list.xlsx", sheet=sheet).pull(None)))
        assert [each.number for each in invoices] == [number]
    with pytest.raises(FixSettings, match="no worksheet '2027'; there are: Sheet, 2026") as caught:
        list(source(tmp_path, path="list.xlsx", sheet="2027").pull(None))
    assert caught.value.key == "books.acme.connection.sheet"


def test_a_workbook_that_is_half_written_is_for_later(tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, [1, "Lumen", None, None, None, 5, None])
    whole = path.read_bytes()
    for cut in (5, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(TryLater, match="not a whole workbook"):
            list(source(tmp_path, path="list.xlsx").pull(None))


def test_another_zip_file_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "list.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(TryLater, match="not a whole workbook"):
        list(source(tmp_path, path="list.xlsx").pull(None))


def test_the_old_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    with pytest.raises(FixSettings, match="old format"):
        list(source(tmp_path, path="list.xls").pull(None))


def test_without_openpyxl_it_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book(tmp_path, HEAD)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(FixSettings, match=r'pip install "arsync\[xlsx\]"'):
        list(source(tmp_path, path="list.xlsx").pull(None))
