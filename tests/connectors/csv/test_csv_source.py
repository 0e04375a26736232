"""The source: full pulls in pages, unchanged files, changed ones, and the state right now."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from csv_desk import NOW, read, records, source, write

from arsync.connector import NoteSink, Source
from arsync.errors import FixSettings

ROW = "{0},Customer {1},,,,{0}.00,"


def rows(count: int, start: int = 1) -> list[str]:
    """Invoices of five customers in turn."""
    return [ROW.format(number, number % 5) for number in range(start, start + count)]


def test_it_needs_no_consent_and_takes_no_notes(tmp_path: Path) -> None:
    opened = source(tmp_path)
    assert isinstance(opened, Source)
    assert opened.app is None
    assert not isinstance(opened, NoteSink)


def test_who_it_is(tmp_path: Path) -> None:
    write(tmp_path, *rows(1), "x,Birch,,,,?,", ",,,,,1.00,")
    tenant = source(tmp_path, timezone="Europe/Berlin").check()
    assert (tenant.id, tenant.name, tenant.currency, tenant.timezone) == (
        "acme", "Alder Ltd", "EUR", "Europe/Berlin",
    )  # fmt: skip
    [warning] = tenant.warnings
    assert warning.startswith("2 of 3 rows cannot be understood; the first: line 3: open: '?'")


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1, [1]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500])]
)
def test_a_full_pull_comes_in_pages_of_a_thousand_rows(tmp_path: Path, count: int, sizes: list[int]) -> None:
    write(tmp_path, *rows(count))
    pages = list(source(tmp_path).pull(None))
    assert [page.rows for page in pages] == sizes
    assert [page.last for page in pages] == [False] * (len(sizes) - 1) + [True]
    assert all(page.full and not page.repeats and not page.afresh for page in pages)
    assert [each.number for each in records(pages)[0]] == [str(number) for number in range(1, count + 1)]
    customers = [each.id for page in pages for each in page.customers]
    assert len(customers) == len(set(customers)) == min(count, 5)  # each comes once


def test_an_unchanged_file_is_one_empty_page(tmp_path: Path) -> None:
    """Touched or written again with the same text, it is the same."""
    path = write(tmp_path, *rows(3))
    cursor = list(source(tmp_path).pull(None))[-1].cursor
    path.write_text(path.read_text())
    os.utime(path, (1, 1))
    [page] = source(tmp_path).pull(cursor)
    assert (page.rows, page.full, page.last, page.cursor) == (0, False, True, cursor)


def test_a_changed_file_is_read_whole(tmp_path: Path) -> None:
    """So it is when the settings say that it is to be read in another way."""
    write(tmp_path, *rows(3))
    cursor = list(source(tmp_path).pull(None))[-1].cursor
    [again] = source(tmp_path, currency="USD").pull(cursor)
    assert {each.currency for each in again.invoices} == {"USD"}
    write(tmp_path, *rows(2))
    [page] = source(tmp_path).pull(cursor)
    assert (page.rows, page.full, page.last, page.afresh) == (2, True, True, True)


def test_a_pull_goes_on_after_any_page_in_the_same_file_alone(tmp_path: Path) -> None:
    write(tmp_path, *rows(2500))
    pages = list(source(tmp_path).pull(None))
    for at, page in enumerate(pages[:-1], 1):
        rest = list(source(tmp_path).pull(page.cursor))
        assert [each.rows for each in rest] == [each.rows for each in pages[at:]]
        assert records(rest) == records(pages[at:])
        assert not any(each.afresh for each in rest)
    write(tmp_path, *rows(2400))
    anew = list(source(tmp_path).pull(pages[0].cursor))
    assert [each.afresh for each in anew] == [True, False, False]
    assert len(records(anew)[0]) == 2400


@pytest.mark.parametrize("cursor", ["", "{}", "null", '{"digest":"x","row":-1000}', "not json"])
def test_a_cursor_that_is_not_understood_is_a_pull_of_everything(tmp_path: Path, cursor: str) -> None:
    write(tmp_path, *rows(2))
    [page] = source(tmp_path).pull(cursor)
    assert (page.rows, page.full, page.last, page.afresh) == (2, True, True, True)


def test_refresh_reads_the_file_as_it_is_now(tmp_path: Path) -> None:
    opened = source(tmp_path)
    write(tmp_path, "1,A,,,,5.00,", "2,A,,,,6.00,", "3,B,,,,7.00,", "C1,A,,,,-2.00,", "C2,B,,,,-3.00,")
    list(opened.pull(None))
    write(
        tmp_path, "2,A,new@a.example,,,4.00,", "3,B,,,,7.00,", "C1,A,,,,-1.00,", "C2,B,,,,-3.00,", "9,A,,,,?,"
    )
    now = opened.refresh(["a/1", "a/2"], ["a"])
    assert [(each.id, each.open) for each in now.invoices] == [("a/2", 400)]
    assert [(each.id, each.remaining) for each in now.credits] == [("a/C1", 100)]
    assert [(each.id, each.emails) for each in now.customers] == [("a", ("new@a.example",))]
    assert [each.id for each in now.rejects] == ["a/9"]
    assert now.read_at == NOW


def test_a_folder_with_several_files_says_what_they_are(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    write(exports, *rows(2), name="b.csv")
    assert len(records(list(source(tmp_path, path="exports").pull(None)))[0]) == 2
    write(exports, *rows(3, 3), "3,Customer 3,,,,9.00,", name="a.csv")
    (exports / ".hidden.csv").write_text("nothing")
    (exports / "~$a.xlsx").write_text("a lock")
    (exports / "notes.md").write_text("nothing")
    os.utime(exports / "b.csv", (2_000_000_000, 2_000_000_000))
    os.utime(exports / "a.csv", (1_000_000_000, 1_000_000_000))

    with pytest.raises(FixSettings, match=r'2 files .*a\.csv, b\.csv.*files = "newest"') as caught:
        list(source(tmp_path, path="exports").pull(None))
    assert caught.value.key == "books.acme.connection.path"

    invoices, _, _ = records(list(source(tmp_path, path="exports", files="newest").pull(None)))
    assert [each.number for each in invoices] == ["1", "2"]

    invoices, _, [reject] = records(list(source(tmp_path, path="exports", files="together").pull(None)))
    assert sorted(each.number for each in invoices) == ["1", "2", "3", "4", "5"]
    assert reject.reason == ("a.csv line 5: the invoice 3 of this customer stands on a.csv line 2 already")


def test_nothing_of_a_row_stands_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(FixSettings) as caught:
        read(tmp_path, "1,Very Private,,01/02/2026,03/04/2026,1.00,")
    assert "Private" not in str(caught.value)
