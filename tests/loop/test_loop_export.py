"""`arsync export`: what a book knows as CSV files and as a workbook, and what becomes of the folder."""

from __future__ import annotations

import contextlib
import csv
import sqlite3
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, Open, QuickBooks, Xero

FILES = ("aging.csv", "invoices.csv", "messages.csv", "notes.csv")
Row = dict[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "exports" / "acme"


def read(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet(folder: Path, name: str, book: str = "acme") -> list[dict[str, Any]]:
    """A sheet of the workbook as rows by heading."""
    page = openpyxl.load_workbook(folder / f"{book}.xlsx")[name]
    headings, *rows = page.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def picked(rows: list[Row], *columns: str) -> list[tuple[str, ...]]:
    return [tuple(row[column] for column in columns) for row in rows]


def settle(desk: Desk, ledger: Ledger) -> str:
    """A chased customer with credit, a void and a paid invoice; synced, sent and noted on Monday, 23
    November. Gives the id of the message."""
    lumen = ledger.customer("Lumen Yoga", "hello@lumen.example")
    ledger.invoice(lumen, "120.00", overdue=2, number="1001")
    ledger.invoice(lumen, "1280.50", overdue=45, number="1002")
    ledger.invoice(lumen, "10.00", overdue=5, number="1003")
    ledger.invoice(lumen, "20.00", overdue=6, number="1004")
    ledger.credit(lumen, "30.00")
    ledger.invoice(ledger.customer("Alder Theatre", None), "90.00", overdue=-7, number="1005")
    desk.ok("sync")
    desk.now.go(minutes=90)
    ledger.pay("1003")
    ledger.void("1004")
    ledger.pay("1002", "280.50")
    desk.ok("sync")
    message = desk.approved()
    desk.ok("run")
    found: str = message["id"]
    return found


def test_what_a_book_knows(desk: Desk, ledger: Ledger, folder: Path) -> None:
    """1001 and 1002 are chased; 1003 was paid, 1004 voided, 1005 is not due until the 30th."""
    message = settle(desk, ledger)
    told = desk.ok("export", "acme", str(folder)).out
    for name, rows in zip(FILES, (2, 5, 1, 2 if ledger.connector == "quickbooks" else 1), strict=True):
        assert f"{folder / name}: {rows} row" in told
    assert str(folder / "acme.xlsx") in told

    money = ("currency", "current", "1-30 days", "31-60 days", "open", "overdue", "unapplied", "net")
    code = ledger.currency
    assert picked(read(folder, "aging"), "customer", *money) == [
        ("Alder Theatre", code, "90.00", "0.00", "0.00", "90.00", "0.00", "0.00", "90.00"),
        ("Lumen Yoga", code, "0.00", "120.00", "1000.00", "1120.00", "1120.00", "30.00", "1090.00"),
    ]
    known = ("number", "customer", "issued", "due", "total", "open", "status", "days_overdue", "bucket")
    voided = next(row for row in read(folder, "invoices") if row["number"] == "1004")
    assert (voided["open"], voided["status"], voided["days_overdue"], voided["bucket"]) == (
        "0.00", "voided", "", "",
    )  # fmt: skip
    assert [row for row in picked(read(folder, "invoices"), *known) if row[0] != "1004"] == [
        ("1005", "Alder Theatre", "2026-10-31", "2026-11-30", "90.00", "90.00", "open", "-7", "current"),
        ("1002", "Lumen Yoga", "2026-09-09", "2026-10-09", "1280.50", "1000.00", "open", "45", "31-60 days"),
        ("1003", "Lumen Yoga", "2026-10-19", "2026-11-18", "10.00", "0.00", "paid", "", ""),
        ("1001", "Lumen Yoga", "2026-10-22", "2026-11-21", "120.00", "120.00", "open", "2", "1-30 days"),
    ]
    [sent] = read(folder, "messages")
    assert (sent["id"], sent["status"], sent["customer"]) == (message, "sent", "Lumen Yoga")
    assert (sent["to"], sent["cc"], sent["bcc"]) == ("hello@lumen.example", "", "")
    assert (sent["step"], sent["total"], sent["unapplied"]) == ("first reminder", "1120.00", "30.00")
    assert (sent["invoices"], sent["approved_at"]) == ("1002, 1001", "2026-11-23T09:30:00Z")
    assert (sent["ended_at"], sent["reason"]) == ("2026-11-23T09:30:00Z", "")
    assert sent["subject"] == desk.mail[0]["Subject"]
    for note in read(folder, "notes"):
        assert (note["message"], note["status"]) == (message, "written")
        assert note["text"].endswith(f"[arsync:{message}]")
        on_invoice = note["target"] == "invoice"
        assert note["target_name"] in (("1001", "1002") if on_invoice else ("Lumen Yoga",))


@on_one_vendor
def test_the_workbook_says_the_same(desk: Desk, ledger: Ledger, folder: Path) -> None:
    """Figures are numbers, dates are dates, and texts are texts, invoice numbers among them."""
    settle(desk, ledger)
    desk.ok("export", "acme", str(folder))
    book = openpyxl.load_workbook(folder / "acme.xlsx")
    assert book.sheetnames == ["aging", "invoices", "messages", "notes"]
    for name in book.sheetnames:
        rows, cells = read(folder, name), sheet(folder, name)
        assert [list(row) for row in rows] == [list(row) for row in cells]
        assert len(rows) == len(cells) > 0
    first = sheet(folder, "invoices")[0]
    assert (first["number"], first["total"], first["days_overdue"]) == ("1005", 90, -7)
    assert (first["due"], first["promised"]) == (datetime(2026, 11, 30), None)  # noqa: DTZ001
    [sent] = sheet(folder, "messages")
    assert (sent["total"], sent["ended_at"]) == (1120, datetime(2026, 11, 23, 9, 30))  # noqa: DTZ001
    assert book["aging"]["J3"].number_format == "#,##0.00"


@pytest.mark.parametrize(
    ("currency", "amount", "shown"), [("JPY", "12000", "#,##0"), ("KWD", "12.345", "#,##0.000")]
)
def test_decimals(
    desk: Desk, open_ledger: Open, folder: Path, currency: str, amount: str, shown: str
) -> None:
    ledger = open_ledger("quickbooks", multicurrency=True)
    assert isinstance(ledger, QuickBooks)
    ledger.company.set_rate(currency, "1")
    ledger.write()
    desk.ok("connect", "acme")
    customer = ledger.customer("Lumen Yoga", currency=currency)
    ledger.invoice(customer, amount, number="1001", currency=currency)
    desk.ok("sync")
    desk.ok("export", "acme", str(folder))
    assert picked(read(folder, "invoices"), "currency", "open") == [(currency, amount)]
    page = openpyxl.load_workbook(folder / "acme.xlsx")["invoices"]
    assert [cell.number_format for cell in page[2]].count(shown) == 2  # total and open


NAMES = ('=HYPERLINK("http://evil.example","x")', "@SUM(A1)", "\t=1+1", "＋1", "Lumen\r\n=1+1;=2+2\x00")


def test_hostile_names(desk: Desk, xero: Xero, folder: Path) -> None:
    """In CSV they are defused by an apostrophe, in the workbook they are texts; no row is broken in two."""
    for at, name in enumerate(NAMES):
        customer = xero.customer(f"Customer {at}")
        xero.invoice(customer, "10.00", number=f"={at}")
        xero.company.edit_contact(customer, name=name)
    desk.ok("sync")
    desk.ok("export", "acme", str(folder))
    for name in ("aging", "invoices"):
        rows = read(folder, name)
        assert len(rows) == len(NAMES)
        assert {row["customer"] for row in rows} == {
            '\'=HYPERLINK("http://evil.example","x")', "'@SUM(A1)", "' =1+1", "'＋1",
            "Lumen  =1+1;'=2+2 ",
        }  # fmt: skip
    assert {row["number"] for row in read(folder, "invoices")} == {f"'={at}" for at in range(len(NAMES))}
    page = openpyxl.load_workbook(folder / "acme.xlsx")["invoices"]
    typed = {cell.data_type for row in page.iter_rows() for cell in row if isinstance(cell.value, str)}
    assert typed == {"s"}
    assert '=HYPERLINK("http://evil.example","x")' in {row["customer"] for row in sheet(folder, "invoices")}


@on_one_vendor
def test_files_are_replaced_and_others_left_alone(desk: Desk, ledger: Ledger, folder: Path) -> None:
    """A link stands for another file, which stays as it was; no file of the way is left behind."""
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, "120.00", number="1001")
    desk.ok("sync")
    folder.mkdir(parents=True)
    (folder / "mine.csv").write_text("mine")
    (folder / "birch.xlsx").write_text("another book's")
    (folder.parent / "linked").write_text("theirs")
    (folder / "notes.csv").symlink_to(folder.parent / "linked")
    desk.ok("export", "acme", str(folder))
    first = (folder / "invoices.csv").read_bytes()
    ledger.invoice(customer, "80.00", number="1002")
    desk.ok("sync")
    desk.ok("export", "acme", str(folder))
    assert (folder / "invoices.csv").read_bytes() != first
    assert picked(read(folder, "invoices"), "number") == [("1001",), ("1002",)]
    assert {path.name for path in folder.iterdir()} == {*FILES, "acme.xlsx", "mine.csv", "birch.xlsx"}
    assert (folder / "mine.csv").read_text() == "mine"
    assert (folder / "birch.xlsx").read_text() == "another book's"
    assert (folder.parent / "linked").read_text() == "theirs"
    assert read(folder, "notes") == []


@on_one_vendor
def test_a_folder_that_cannot_be_written(desk: Desk, ledger: Ledger, folder: Path) -> None:
    """A file in its place or on the way to it, and a folder in the place of a file: told, and nothing is
    half written."""
    desk.ok("sync")
    folder.parent.mkdir()
    folder.write_text("a file")
    assert f"{folder}: this is a file; name a folder" in desk.gives(2, "export", "acme", str(folder)).err
    inside = folder / "in"
    assert str(inside) in (told := desk.gives(2, "export", "acme", str(inside)).err)
    assert "name another folder" in told
    assert folder.read_text() == "a file"
    folder.unlink()
    (folder / "notes.csv").mkdir(parents=True)
    told = desk.gives(2, "export", "acme", str(folder)).err
    assert f"{folder / 'notes.csv'}: a folder stands where this file belongs" in told
    assert [path.name for path in folder.iterdir()] == ["notes.csv"]


@on_one_vendor
def test_without_openpyxl(desk: Desk, ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CSV files are written, and how to get the workbook is told; an older one is said to be older."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.delitem(sys.modules, "arsync.writing.workbook", raising=False)
    typed = desk.ok("export", "acme", str(folder))
    assert 'needs the package openpyxl: pip install "arsync[xlsx]"' in typed.err
    assert "earlier" not in typed.err
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert picked(read(folder, "invoices"), "number") == [("1001",)]
    (folder / "acme.xlsx").write_text("of last month")
    assert f"{folder / 'acme.xlsx'} is of an earlier export" in desk.ok("export", "acme", str(folder)).err
    assert (folder / "acme.xlsx").read_text() == "of last month"


@on_one_vendor
def test_before_the_first_sync(desk: Desk, ledger: Ledger, folder: Path) -> None:
    assert "was never synced" in desk.ok("export", "acme", str(folder)).err
    assert [read(folder, name) for name in ("aging", "invoices", "messages", "notes")] == [[], [], [], []]
    assert "did you mean 'acme'" in desk.gives(2, "export", "acmee", str(folder)).err


def test_only_the_book_that_is_named(desk: Desk, both: tuple[Ledger, Ledger], folder: Path) -> None:
    for each, number in zip(both, ("1001", "2002"), strict=True):
        each.invoice(each.customer("Lumen Yoga"), "120.00", number=number)
    desk.ok("sync")
    desk.ok("export", "birch", str(folder))
    assert picked(read(folder, "invoices"), "book", "number") == [("birch", "2002")]
    assert (folder / "birch.xlsx").exists()


@on_one_vendor
def test_half_a_workbook(desk: Desk, ledger: Ledger) -> None:
    """An export that breaks off says one sentence, and nothing comes from the depths of a library that is
    left with sheets that were begun."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00")
    desk.ok("sync")
    with contextlib.closing(sqlite3.connect(desk.folder / "arsync.db")) as connection:
        connection.execute("ALTER TABLE notes RENAME TO elsewhere")
    process = desk.start("export", "acme", "out", ARSYNC_NOW="")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1, err
    assert list((desk.folder / "out").iterdir()) == []
