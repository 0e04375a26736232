"""docs/csv.md says what the connector reads, and its example opens a file."""

from __future__ import annotations

import re
from pathlib import Path

from csv_desk import kit, records

from arsync.practice import connection_settings, load_practice
from arsync_csv import Options, connect
from arsync_csv.headings import FIELDS

PAGE = (Path(__file__).parents[3] / "docs" / "csv.md").read_text("utf-8")


def first_cells(heading: str) -> list[str]:
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_every_key_and_field_is_told() -> None:
    assert sorted(first_cells("`[books.NAME.connection]`")) == sorted(Options.__struct_fields__)
    assert first_cells("Fields") == list(FIELDS)


def test_the_example_reads_a_file(tmp_path: Path) -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "arsync.toml").write_text(example, "utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "open-invoices.csv").write_text(
        "Rechnungs-Nr.;Kunde;E-Mail;Rechnungsdatum;Fällig am;Betrag;Offener Betrag\n"
        "1001;Lumen;a@lumen.example;05.11.2026;20.11.2026;1.250,00;250,00\n",
        "utf-8",
    )
    practice = load_practice(tmp_path)
    opened = connect(connection_settings(practice, practice.books["cedar"]), kit())
    invoices, _, rejects = records(list(opened.pull(None)))
    assert rejects == []
    assert [(each.number, each.open) for each in invoices] == [("1001", 25000)]
