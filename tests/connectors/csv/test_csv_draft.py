"""A book drafted from a file: the mapping in six languages, the formats, and what is left to a person."""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from csv_desk import kit, records, settings
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from arsync.connector import Draft
from arsync.errors import FixSettings
from arsync_csv import connect
from arsync_csv.draft import draft
from arsync_csv.headings import FIELDS, candidates, guess
from arsync_csv.tables import quoted


def drafted(folder: Path, text: str, name: str = "list.csv") -> tuple[Draft, dict[str, Any]]:
    """The draft of a file, and its connection as the practice file then holds it."""
    path = folder / name
    path.write_text(text, "utf-8")
    made = draft(path, folder)
    return made, table_of(made)


def table_of(made: Draft) -> dict[str, Any]:
    text = f"[books.{made.book}.connection]\n{made.connection}"
    connection: dict[str, Any] = tomllib.loads(text)["books"][made.book]["connection"]
    return connection


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (
            "Invoice Number;Customer;Customer ID;Invoice Date;Due Date;Total;Balance Due;Email;Status",
            "number customer customer_id issued due total open email status",
        ),
        (
            "Rechnungs-Nr.;Kunde;Kunden-Nr.;Rechnungsdatum;Fällig am;Betrag;Offen;E-Mail;Währung",
            "number customer customer_id issued due total open email currency",
        ),
        (
            "N° de facture;Nom du client;Code client;Date facture;Échéance;Montant TTC;Solde;Courriel",
            "number customer customer_id issued due total open email",
        ),
        (
            "Nº factura;Cliente;Código de cliente;Fecha de emisión;Vencimiento;Importe;Importe pendiente",
            "number customer customer_id issued due total open",
        ),
        (
            "Numero fattura;Ragione sociale;Data fattura;Data scadenza;Importo totale;Residuo;Stato",
            "number customer issued due total open status",
        ),
        (
            "Factuurnummer;Klantnaam;Klantnr.;Factuurdatum;Vervaldatum;Bedrag;Openstaand bedrag;E-mailadres",
            "number customer customer_id issued due total open email",
        ),
        ("No.;Name;Date;Due;Amount (EUR);Outstanding (EUR)", "number customer issued due total open"),
        ("Invoice #;Client;Paid;Amount;Promised", "number customer paid total promised"),
        (
            "Rechnungsnr.;Kunde;Land;Bundesland;Kundengruppe;Saldo;Status",
            "number customer country region group open status",
        ),
        (
            "Invoice no;Customer;Country;State/Province;Customer Type;Balance;State",
            "number customer country region group open status",
        ),
    ],
)
def test_the_headings_of_six_languages(headings: str, fields: str) -> None:
    names = headings.split(";")
    assert {heading: field for field, heading in guess(candidates(names)).items()} == dict(
        zip(names, fields.split(), strict=True)
    )


def test_a_draft_reads_the_file_it_was_made_from(tmp_path: Path) -> None:
    """Without a hand laid on it: the same settings open the same file."""
    made, table = drafted(
        tmp_path,
        "Open items\nNr;Kunde;Datum;Fällig;Betrag;Saldo;Vermerk\n"
        "1;Zoë;05.11.2026;20.11.2026;1.250,00 €;250,00 €;a\n2;Birch;06.11.2026;;99,00;99,00;b\n",
        "Zoë's list (2026).csv",
    )
    assert made.book == "zoe-s-list-2026"
    assert table == {
        "path": "Zoë's list (2026).csv",
        "company": tmp_path.name,
        "currency": "EUR",
        "date_format": "DD.MM.YYYY",
        "decimal": ",",
        "delimiter": ";",
        "columns": {
            "number": "Nr", "customer": "Kunde", "issued": "Datum", "due": "Fällig", "open": "Saldo",
            "total": "Betrag",
        },
    }  # fmt: skip
    assert '# Headings without a use: "Vermerk"' in made.connection
    opened = connect(settings(tmp_path, **table), kit())
    invoices, _, rejects = records(list(opened.pull(None)))
    assert rejects == []
    assert [(each.number, each.due_on, each.open) for each in invoices] == [
        ("1", date(2026, 11, 20), 25000),
        ("2", None, 9900),
    ]
    assert opened.check().warnings == ()
    assert "rows: 2; invoices: 2; credits: 0" in made.notes
    found = {each.name: each for each in made.found}
    assert list(found) == list(FIELDS)
    assert (found["due"].at, found["due"].samples) == ("Fällig", ["20.11.2026"])
    assert found["email"].at == ""


def test_a_column_of_countries_holds_countries(tmp_path: Path) -> None:
    """Land may be acreage; what most of its cells are tells."""
    rows = "Nr;Kunde;Saldo;Land\n1;Zoë;5,00;{}\n2;Birch;7,50;{}\n"
    for name, cells, heading in (("a", ("Österreich", "DE"), "Land"), ("b", ("12 ha", "7 ha"), None)):
        _, table = drafted(tmp_path, rows.format(*cells), f"{name}.csv")
        assert table["columns"].get("country") == heading


def test_what_has_two_readings_is_left_to_a_person(tmp_path: Path) -> None:
    """Both are written as comments; nothing is settled by the draft."""
    made, table = drafted(tmp_path, 'No,Customer,Due date,Balance\n1,A,01/02/2026,"1,234"\n')
    assert "date_format" not in table
    assert "decimal" not in table
    assert "currency" not in table
    lines = made.connection.splitlines()
    assert '#date_format = "DD/MM/YYYY"' in lines
    assert '#date_format = "MM/DD/YYYY"' in lines
    assert '#decimal = ","' in lines
    notes = " ".join(made.notes)
    assert "dates can all be read both as DD/MM/YYYY and as MM/DD/YYYY: choose date_format" in notes
    assert "amounts can all be read both as . and as ,: choose decimal" in notes
    assert "no currency was found" in notes
    assert "rows:" not in notes


def test_a_column_that_cannot_be_what_its_heading_says_is_not_taken(tmp_path: Path) -> None:
    """`Due date` holds amounts here, `Total amount` texts; further candidates stand in comments."""
    made, table = drafted(
        tmp_path,
        "No,Customer,Due date,Due,Total amount,Total,Balance,Amount due\n"
        "1,A,5.00,2026-11-05,five,5.00,5.00,5.00\n",
    )
    assert (table["columns"]["due"], table["columns"]["total"]) == ("Due", "Total")
    assert table["columns"]["open"] == "Amount due"
    assert '#open = "Balance"' in made.connection.splitlines()


@pytest.mark.parametrize(
    ("rows", "currency"),
    [
        ("1,A,£5.00,", "GBP"),
        ("1,A,CHF 5.00,", "CHF"),
        ("1,A,$5.00,", None),
        ("1,A,5.00,usd\n2,B,5.00,SEK\n3,B,5.00,SEK", "SEK"),
    ],
)
def test_the_currency(tmp_path: Path, rows: str, currency: str | None) -> None:
    _, table = drafted(tmp_path, f"Number,Customer,Balance,Currency\n{rows}\n")
    assert table.get("currency") == currency


def test_words_of_states_that_are_not_known(tmp_path: Path) -> None:
    made, table = drafted(tmp_path, "Number,Customer,Balance,Status\n1,A,5.00,Open\n2,B,5.00,In court\n")
    assert table["statuses"] == {}
    assert made.connection.splitlines()[-2:] == [
        f"[books.{made.book}.connection.statuses]",
        '#"In court" = "open"',
    ]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    made, table = drafted(tmp_path, "Kunde,Betrag\nA,€5.00\n")
    assert table["columns"] == {"customer": "Kunde", "total": "Betrag"}
    assert "no column was found for the invoice's number: name its heading under columns" in made.notes


def test_a_file_without_headings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match=r"no heading of list\.csv is known"):
        drafted(tmp_path, "1001,Lumen,5.00\n")
    with pytest.raises(FixSettings, match="cannot be read"):
        draft(tmp_path / "none.csv", tmp_path)


def test_a_file_elsewhere_is_named_in_full(tmp_path: Path) -> None:
    practice = tmp_path / "practice"
    (tmp_path / "list.csv").write_text("Number,Customer,Balance\n1,A,5.00\n", "utf-8")
    assert table_of(draft(tmp_path / "list.csv", practice))["path"] == (tmp_path / "list.csv").as_posix()


def test_a_folder_is_drafted_from_its_newest_file(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    for name, heading in (("old.csv", "Saldo"), ("new.csv", "Balance")):
        (exports / name).write_text(f"Number,Customer,{heading}\n1,A,5.00\n", "utf-8")
    os.utime(exports / "old.csv", (1_000_000_000, 1_000_000_000))
    table = table_of(draft(exports, tmp_path))
    assert (table["path"], table["files"], table["columns"]["open"]) == ("exports", "newest", "Balance")


def test_a_workbook(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["Invoice No", "Customer", "Due date", "Balance"], [1001, "A", date(2026, 11, 5), 12.5]):
        sheet.append(row)
    workbook.save(tmp_path / "list.xlsx")
    made = draft(tmp_path / "list.xlsx", tmp_path)
    table = table_of(made)
    assert table["columns"] == {
        "number": "Invoice No", "customer": "Customer", "due": "Due date", "open": "Balance",
    }  # fmt: skip
    assert "delimiter" not in table
    opened = connect(settings(tmp_path, **{**table, "currency": "EUR"}), kit())
    invoices, _, _ = records(list(opened.pull(None)))
    assert [(each.number, each.due_on, each.open) for each in invoices] == [("1001", date(2026, 11, 5), 1250)]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_is_one_line_of_toml(text: str) -> None:
    """A heading cannot break out of its line, be it a value or a comment."""
    written = quoted(text)
    assert len(f"x{written}x".splitlines()) == 1
    assert tomllib.loads(f"value = {written}  # {written}") == {"value": text}
