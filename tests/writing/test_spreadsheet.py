"""Rows as CSV and as a workbook: figures stay exact, texts stay texts, and nothing becomes a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.writing.spreadsheet import Amount, Cell, CsvSheet, defused
from arsync.writing.workbook import LONGEST, Workbook

# What begins a formula, in the widths in which it can be typed.
SIGNS = "=+-@＝＋－＠"
FORMULAS = [
    '=HYPERLINK("http://evil.example","x")', "+1", "-1+2", "@SUM(A1)", "\t=1", "\tplain", "\r=1", "\n1",
    "  =1", '"=1', "＝1", "＋1", "－1", "＠1", "﹦1", "\u200b=1", "\u202e=1", "\x00=1", "=", "'=1",
]  # fmt: skip


def in_csv(path: Path, *rows: list[Cell]) -> str:
    with CsvSheet(path, ["one", "two"]) as sheet:
        for row in rows:
            sheet.append(row)
    return path.read_bytes().decode("utf-8")


def in_xlsx(path: Path, *rows: list[Cell], **limits: int) -> Any:
    """The workbook as it is read back, its first sheet being of these rows."""
    book = Workbook(**limits)
    sheet = book.sheet("first", ["one", "two"])
    for row in rows:
        sheet.append(row)
    book.save(path)
    return openpyxl.load_workbook(path)


def xml(path: Path, name: str = "xl/worksheets/sheet1.xml") -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8")


def test_cells_of_a_csv_file(tmp_path: Path) -> None:
    """With the mark by which Excel knows UTF-8; yen have no decimals, dinars three; instants in UTC."""
    berlin = datetime(2026, 11, 23, 9, 5, tzinfo=timezone(timedelta(hours=1)))
    text = in_csv(
        tmp_path / "a.csv",
        ["Søren, Åse", Amount(123450, "EUR")],
        ['say "so"', Amount(-1235, "JPY")],
        [None, Amount(-3250, "KWD")],
        [date(2026, 11, 3), berlin],
        ["0012", -5],
    )
    assert text == (
        '\ufeffone,two\r\n"Søren, Åse",1234.50\r\n"say ""so""",-1235\r\n,-3.250\r\n'
        "2026-11-03,2026-11-23T08:05:00Z\r\n0012,-5\r\n"
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_like_a_formula_is_defused(text: str, tmp_path: Path) -> None:
    """In CSV by an apostrophe; in a workbook it is a text, by its type and by its format."""
    assert defused(text).startswith("'")
    cell = in_xlsx(tmp_path / "a.xlsx", [text, None])["first"]["A2"]
    assert (cell.data_type, cell.number_format) == ("s", "@")
    assert cell.value.lstrip() == re.sub(r"[\x00-\x1f\u200b\u202e]", "", text).lstrip()
    assert "<f" not in xml(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    "text", ["a=b", "Lumen - Yoga", "x@lumen.example", "1+1", "'quoted'", "", "O'Neill", ";"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert defused(text) == text


def test_a_cell_behind_a_semicolon_is_defused(tmp_path: Path) -> None:
    """Where Excel parts cells at semicolons, one inside a text begins another cell."""
    assert defused("Lumen;=1+1; +2;yoga") == "Lumen;'=1+1;' +2;yoga"


words = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(SIGNS + ";,\"\t\r\n '=+"), max_size=12
)


@settings(max_examples=300)
@given(texts=st.lists(words, min_size=1, max_size=4), delimiter=st.sampled_from(",;"))
def test_no_cell_of_a_csv_file_begins_like_a_formula(
    texts: list[str], delimiter: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the texts, and whether a program parts cells at commas or at semicolons."""
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with CsvSheet(path, [f"heading {at}" for at in range(len(texts))]) as sheet:
        sheet.append(texts)
    read = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter))
    assert len(read) == 2  # no text makes a row of its own
    for cell in read[1]:
        assert not cell.strip(' "').startswith(tuple(SIGNS)), texts
        assert not re.search("[\x00-\x1f]", cell)


@settings(max_examples=60)
@given(texts=st.lists(words, min_size=1, max_size=4))
def test_any_text_is_a_text_in_a_workbook(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """It can be read back, and nothing of it is a formula, an error or a number."""
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    rows = in_xlsx(path, [*texts])["first"].iter_rows(min_row=2)
    for cell in (cell for row in rows for cell in row if cell.value is not None):
        assert cell.data_type == "s"
    assert "<f" not in xml(path)
    assert re.findall(r' t="(\w+)"', xml(path).split("<sheetData>")[1]) == ["inlineStr"] * (
        2 + sum(1 for text in texts if text)
    )


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "12", "1e5", "2026-11-23", "TRUE", "0012"])
def test_a_text_that_looks_like_a_value_stays_a_text(text: str, tmp_path: Path) -> None:
    cell = in_xlsx(tmp_path / "a.xlsx", [text])["first"]["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize(
    ("amount", "written", "shown"),
    [
        (Amount(123450, "EUR"), "1234.50", "#,##0.00"),
        (Amount(-1235, "JPY"), "-1235", "#,##0"),
        (Amount(3250, "KWD"), "3.250", "#,##0.000"),
        (Amount(0, "EUR"), "0.00", "#,##0.00"),
        # sixteen digits of the nearest binary fraction would read 9367073931194.721
        (Amount(936707393119472, "EUR"), "9367073931194.72", "#,##0.00"),
    ],
)
def test_amounts_are_exact_numbers(amount: Amount, written: str, shown: str, tmp_path: Path) -> None:
    """The file has them digit by digit, with the decimals of their currency in their format."""
    cell = in_xlsx(tmp_path / "a.xlsx", [amount])["first"]["A2"]
    assert (cell.data_type, cell.number_format) == ("n", shown)
    assert f"<v>{written}</v>" in xml(tmp_path / "a.xlsx")


def test_an_amount_of_more_digits_than_excel_keeps_is_a_text(tmp_path: Path) -> None:
    """Sixteen digits: Excel would show a 0 for the last one."""
    cell = in_xlsx(tmp_path / "a.xlsx", [Amount(-1234567890123457, "EUR")])["first"]["A2"]
    assert (cell.data_type, cell.value) == ("s", "-12345678901234.57")


def test_dates_are_dates(tmp_path: Path) -> None:
    """In a workbook; before March 1900 Excel's calendar is wrong, and they are texts."""
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=-8)))
    rows = [[date(2026, 11, 23), noon], [date(1900, 3, 1), date(1900, 2, 28)]]
    sheet = in_xlsx(tmp_path / "a.xlsx", *rows)["first"]
    assert [cell.value for cell in sheet[2]] == [datetime(2026, 11, 23), datetime(2026, 11, 23, 20, 0)]  # noqa: DTZ001
    assert [cell.is_date for cell in sheet[2]] == [True, True]
    assert [cell.is_date for cell in sheet[3]] == [True, False]
    assert sheet["B3"].value == "1900-02-28"
    assert sheet["B2"].number_format.endswith('"UTC"')


def test_what_a_workbook_has_no_room_for(tmp_path: Path) -> None:
    """Characters that XML forbids, Excel's own escapes, and texts longer than a cell: in UTF-16, as Excel
    counts them."""
    path = tmp_path / "a.xlsx"
    long, wide = "x" * 40_000, "😀" * 20_000
    sheet = in_xlsx(path, ["a\x00b\x1fc\ufffed", "_x0041_"], [long, wide], ["y" * LONGEST, ""])["first"]
    assert sheet["A2"].value == "a b c\ufffdd"
    assert "_x005F_x0041_" in xml(path)
    assert sheet["A3"].value == "x" * (LONGEST - 1) + "…"
    assert sheet["B3"].value == "😀" * ((LONGEST - 1) // 2) + "…"
    assert sheet["A4"].value == "y" * LONGEST


def test_a_full_sheet_goes_on_in_another(tmp_path: Path) -> None:
    """Three rows a sheet, the headings among them."""
    book = in_xlsx(tmp_path / "a.xlsx", *([f"row {at}", at] for at in range(5)), rows_a_sheet=3)
    assert book.sheetnames == ["first", "first (2)", "first (3)"]
    assert [[cell.value for cell in row] for row in book["first (2)"]] == [
        ["one", "two"], ["row 2", 2], ["row 3", 3],
    ]  # fmt: skip
    assert book["first (3)"].max_row == 2
    assert book["first"].freeze_panes == "A2"
