"""An export of many rows: from one state of the book, and in memory that does not grow with them."""

from __future__ import annotations

import csv
import sqlite3
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from loop_desk import Desk

from arsync.opening import Opener
from arsync.practice import load_practice
from arsync.runs.book import Book
from arsync.runs.export import export
from arsync.store import Store

BOOK = "open-invoices"


@pytest.fixture
def filled(desk: Desk) -> Callable[[int], None]:
    """Puts so many open invoices into the book of a file, past its file."""
    file = desk.folder / f"{BOOK}.csv"
    file.write_text("Number,Customer,Due date,Open,Currency\n1,Lumen Yoga,2026-11-21,120.00,GBP\n", "utf-8")
    desk.ok("init", "--csv", str(file), str(desk.folder))
    desk.ok("sync")

    def fill(number: int) -> None:
        with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
            connection.executemany(
                "INSERT INTO invoices (book, id, number, customer_id, currency, due_on, total, open, status)"
                " VALUES (?, ?, ?, ?, 'GBP', '2026-11-21', 12000, 12000, 'in-force')",
                [(BOOK, f"id {at}", f"INV-{at}", "lumen") for at in range(number)],
            )

    return fill


@contextmanager
def opened(desk: Desk, progress: Callable[[str], None] = lambda _: None) -> Iterator[Book]:
    practice = load_practice(desk.folder)
    with Store.open(practice.database) as store:
        opener = Opener(practice, store, desk.now, lambda _: None)
        settings = practice.books[BOOK]
        yield opener.book(settings, command="export", sends=False, letters=False, progress=progress)
        opener.close()


def rows(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def test_all_sheets_are_of_one_moment(
    desk: Desk, filled: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the invoices are written another process notes something: this export does not know of it,
    the next one does."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)  # the CSV files are enough to see it
    monkeypatch.delitem(sys.modules, "arsync.writing.workbook", raising=False)
    filled(5_000)
    told = []

    def meanwhile(text: str) -> None:
        told.append(text)
        with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
            connection.execute(
                "INSERT OR IGNORE INTO notes (book, message, target, target_id, text, key, owed_at)"
                " VALUES (?, 'm1', 'invoice', 'id 1', 'a note', 'k', '2026-11-23T08:00:00Z')",
                (BOOK,),
            )

    with opened(desk, meanwhile) as book:
        export(book, desk.folder / "out")
        assert told == ["invoices: 5,000 rows"]
        assert rows(desk.folder / "out" / "notes.csv") == 0
        export(book, desk.folder / "out")
        assert rows(desk.folder / "out" / "notes.csv") == 1


@pytest.mark.parametrize(("workbook", "few", "many"), [(True, 20, 270), (False, 200, 4_200)])
def test_memory_does_not_grow_with_the_rows(
    desk: Desk,
    filled: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    workbook: bool,
    few: int,
    many: int,
) -> None:
    """Fifteen cells a row: 250 rows of a workbook, or 4,000 of a CSV file, held in memory are more than
    a megabyte."""
    if not workbook:
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        monkeypatch.delitem(sys.modules, "arsync.writing.workbook", raising=False)

    def peak(number: int) -> int:
        with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
            connection.execute("DELETE FROM invoices")
        filled(number)
        with opened(desk) as book:
            tracemalloc.start()
            export(book, desk.folder / "out")
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert rows(desk.folder / "out" / "invoices.csv") == number
        return most

    peak(1)  # what is loaded once
    assert peak(many) - peak(few) < 500_000
