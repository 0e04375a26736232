"""Files as programs of all kinds write them: delimiters, quotation marks, encodings, titles above."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from csv_desk import COLUMNS, HEADINGS, read, records, source, write

from arsync.errors import FixSettings, TryLater
from arsync_csv import folder as folder_room
from arsync_csv.text import delimiter_of, lines
from arsync_csv.words import plain


def numbers(folder: Path, **table: Any) -> list[str]:
    """The numbers of the invoices in `list.csv`; none of its rows is a reject."""
    invoices, _, rejects = records(list(source(folder, **table).pull(None)))
    assert rejects == []
    return [each.number for each in invoices]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found_out(tmp_path: Path, delimiter: str, end: str) -> None:
    rows = [HEADINGS.split(","), ["1", "A", "", "", "", "1.00", ""], ["2", "B", "", "", "", "2.00", ""]]
    (tmp_path / "list.csv").write_bytes(end.join(delimiter.join(row) for row in rows).encode())
    assert numbers(tmp_path) == ["1", "2"]


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    """The line of a row is the one that it begins on."""
    rows = ['1,"Sons, ""A"" & Co",,,,1.00,', '2,"two\nlines",,,,2.00,', "3,C,,,,x,"]
    invoices, _, [reject] = read(tmp_path, *rows)
    assert [each.customer_id for each in invoices] == ['sons, "a" & co', "two lines"]
    assert reject.reason.startswith("line 5: ")


def test_a_delimiter_that_is_set_is_not_guessed(tmp_path: Path) -> None:
    write(tmp_path, "1~A~~~~1.00~", headings=HEADINGS.replace(",", "~"))
    assert numbers(tmp_path, delimiter="~") == ["1"]


def test_commas_in_amounts_do_not_make_a_delimiter() -> None:
    text = "No;Amount, open;Amount, total\n1;1,00;1,00\n2;2,00;2,00\n"
    assert delimiter_of(text, lambda rows: sum("No" in row for row in rows)) == ";"


def test_a_title_above_the_headings_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, HEADINGS, "1,A,,,,1.00,", headings="Open invoices\n\nAlder Ltd,,2026-11-23\nsep=,")
    assert numbers(tmp_path) == ["1"]


@pytest.mark.parametrize(
    ("encoding", "asked"),
    [
        ("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("cp1252", None),
        ("iso-8859-15", "iso-8859-15"), ("mac-roman", "mac-roman"),
    ],
)  # fmt: skip
def test_encodings(tmp_path: Path, encoding: str, asked: str | None) -> None:
    text = f"{HEADINGS}\n1,Café Zoë,,,,1.00,\n"
    (tmp_path / "list.csv").write_bytes(text.encode(encoding))
    opened = source(tmp_path, encoding=asked)
    [page] = opened.pull(None)
    assert [each.name for each in page.customers] == ["Café Zoë"]
    assert any("Windows-1252" in each for each in opened.check().warnings) == (encoding == "cp1252")


def test_bytes_that_are_no_text_ask_for_the_encoding(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(f"{HEADINGS}\n1,Caf\x81,,,,1.00,\n".encode("latin-1"))
    with pytest.raises(FixSettings, match="not a text in utf-8-sig or cp1252") as caught:
        list(source(tmp_path).pull(None))
    assert caught.value.key == "books.acme.connection.encoding"


def test_a_row_that_cannot_be_parted_does_not_take_others_with_it() -> None:
    """The quotation that opens on line 2 seems to end on line 3, which is then read by itself."""
    text = 'a,b\n1,"2\n3,"4"\n5,6\n'
    found = list(lines(text, ",", "list.csv"))
    assert [(each.number, each.cells, each.problem is not None) for each in found] == [
        (1, ("a", "b"), False),
        (2, ('1,"2',), True),
        (3, ("3", "4"), False),
        (4, ("5", "6"), False),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", f'{HEADINGS}\n1,A,,,,1.00,\n2,"B'])
def test_a_file_that_is_half_written_is_for_later(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.csv").write_text(text, "utf-8")
    with pytest.raises(TryLater, match=r"list\.csv"):
        list(source(tmp_path).pull(None))


def _longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"2,B,,,,2.00,\n")


def _replaced(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def _touched(path: Path) -> None:
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("change", [_longer, _replaced, _touched])
def test_a_file_that_changes_while_it_is_read_is_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    """Another program writes between the opening of the file and the look at what was read."""
    path = write(tmp_path, "1,A,,,,1.00,")
    look, seen = os.fstat, []

    def fstat(handle: int) -> os.stat_result:
        found = look(handle)
        if not seen:
            seen.append(found)
            change(path)
        return found

    monkeypatch.setattr(folder_room.os, "fstat", fstat)
    with pytest.raises(TryLater, match="is being written"):
        list(source(tmp_path).pull(None))


def test_a_file_that_is_not_there_names_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match=r"there is no file .*list\.csv") as caught:
        source(tmp_path).check()
    assert caught.value.key == "books.acme.connection.path"
    with pytest.raises(FixSettings, match="no file in"):
        source(tmp_path, path=".").check()


def test_headings_are_found_whatever_their_case_and_accents(tmp_path: Path) -> None:
    headings = "RECHNUNGS-NR ;Kunde;Fällig   am;Offen"
    columns = {"number": "Rechnungs-Nr.", "customer": "KUNDE", "due": "fallig am", "open": "Offen"}
    write(tmp_path, "1;A;;1,00", headings=headings)
    assert numbers(tmp_path, columns=columns) == ["1"]


@pytest.mark.parametrize(
    ("columns", "key", "words"),
    [
        ({**COLUMNS, "due": "Pay by"}, "columns.due", "no column 'Pay by'; its headings are: 'Invoice'"),
        ({"number": "Invoice", "open": "Open"}, "columns", "is customer or customer_id"),
        ({}, "columns", r'number = "Invoice"; customer = "Customer"'),
        ({**COLUMNS, "colour": "Open"}, "columns.colour", "unknown field"),
        ({**COLUMNS, "opne": "Open"}, "columns.opne", "did you mean 'open'"),
    ],
)
def test_wrong_columns_are_told_with_what_to_write(
    tmp_path: Path, columns: dict[str, str], key: str, words: str
) -> None:
    write(tmp_path, "1,A,,,,1.00,")
    with pytest.raises(FixSettings, match=words) as caught:
        list(source(tmp_path, columns=columns).pull(None))
    assert caught.value.key == f"books.acme.connection.{key}"


def test_a_heading_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "1,A,1.00,2.00", headings="Invoice,Customer,Open,open")
    columns = {"number": "Invoice", "customer": "Customer", "open": "OPEN"}
    with pytest.raises(FixSettings, match="2 columns 'OPEN'"):
        list(source(tmp_path, columns=columns).pull(None))
    assert numbers(tmp_path, columns={**columns, "open": "open"}) == ["1"]


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ({"decimal": ";"}, "decimal", 'allowed: ".", ","'),
        ({"files": "all"}, "files", 'allowed: "together", "newest"'),
        ({"date_format": "dd/mm/yyyy"}, "date_format", "as in DD/MM/YYYY"),
        ({"delimiter": "ab"}, "delimiter", "one sign"),
        ({"delimiter": '"'}, "delimiter", "one sign"),
        ({"encoding": "klingon"}, "encoding", "not an encoding"),
        ({"encoding": "hex"}, "encoding", "not an encoding"),
        ({"timezone": "Europe/Nowhere"}, "timezone", "not a time zone"),
        ({"currency": "euro"}, "currency", "not an ISO 4217"),
        ({"company": " "}, "company", "must not be empty"),
        ({"statuses": {"frozen": "cold"}}, "statuses.frozen", 'allowed: "open", "paid"'),
        ({"server": "https://alder.example"}, "server", "not asked from a server"),
        ({"path": None}, "path", "missing"),
        ({"paths": "x"}, "paths", "did you mean 'path'"),
    ],
)
def test_wrong_settings_name_their_key_before_any_file_is_opened(
    tmp_path: Path, table: dict[str, Any], key: str, words: str
) -> None:
    with pytest.raises(FixSettings, match=words) as caught:
        source(tmp_path, **table)
    assert caught.value.key == f"books.acme.connection.{key}"


def test_plain_text_for_comparison() -> None:
    assert plain("  Rechnungs-Nr. ") == "rechnungs nr"
    assert plain("N° de Facture") == plain("Nº de facture") == "no de facture"
    assert plain("Invoice #") == "invoice no"
    assert plain("Fällig am") == "fallig am"
    assert plain("€") == "€"
