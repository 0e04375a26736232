"""The whole loop on a file: drafted by `init --csv`, synced, aged, planned, mailed, and paid by hand."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from loop_desk import Desk

from arsync.opening import Opener
from arsync.practice import load_practice
from arsync.store import Store
from arsync.store.leases import claim, release
from arsync.store.pull import begin_full, store_page

HEADINGS = "Rechnungs-Nr.;Kunde;E-Mail;Rechnungsdatum;Fällig am;Betrag;Offener Betrag;Notiz"
ROWS = [
    "1001;Lumen Yoga;hello@lumen.example;22.10.2026;21.11.2026;1.234,50 €;1.234,50 €;",
    "1002;Lumen Yoga;;10.11.2026;10.12.2026;80,00;80,00;",
    "G-7;lumen  yoga;;12.11.2026;;-34,50;-34,50;",
    '1003;"Otter & Sohn; Bau";ap@otter.example;01.09.2026;01.10.2026;300,00;120,00;',
    "Summe;;;;;1.580,00;1.400,00;",
]


class Export:
    """The file that another program writes, and the book `offene-posten` on it."""

    name = "offene-posten"

    def __init__(self, desk: Desk) -> None:
        self.desk, self.path = desk, desk.folder / "Offene Posten.csv"
        self.rows = list(ROWS)

    def write(self, encoding: str = "cp1252") -> None:
        self.path.write_text("\r\n".join(["Alder GmbH;;;", "", HEADINGS, *self.rows]), encoding)

    def drop(self, number: str) -> None:
        """It is paid: the next export does not list it."""
        self.rows = [row for row in self.rows if not row.startswith(f"{number};")]
        self.write()

    def draft(self) -> None:
        """`init --csv`, and the three lines that a person fills in."""
        self.desk.ok("init", "--csv", str(self.path), str(self.desk.folder))
        file = self.desk.folder / "arsync.toml"
        text = file.read_text("utf-8").replace("accounts@company.example", "ar@alder.example")
        text = text.replace('\nsending = "approve"', '\nsending = "approve"\ngolive = "start"')
        mail = f'[mail]\nserver = "{self.desk.smtp}"\n\n[books.'
        file.write_text(text.replace("\n[books.", f"\n{mail}", 1), "utf-8")

    def open(self) -> dict[str, str]:
        """What is open by our books, by number."""
        aged = self.desk.ok("aging", "--by", "invoice", "--json").json
        return {row["invoice"]["number"]: row["open"] for row in aged}

    def aged(self) -> dict[str, Any]:
        return {row["customer"]["name"]: row for row in self.desk.ok("aging", "--json").json}


@pytest.fixture
def export(desk: Desk) -> Export:
    export = Export(desk)
    export.write()
    export.draft()
    return export


def test_a_drafted_book_is_ready_at_once(desk: Desk, export: Export) -> None:
    """Monday, 23 November: what the file says is owed, and who would hear of it."""
    told = desk.ok("connect", export.name)
    assert "offene-posten needs nobody's consent" in told.out
    [synced] = desk.ok("sync", "--json").json
    assert synced == {
        "book": export.name, "customers": 2, "invoices": 3, "credits": 1, "rejects": 0,
        "api_calls": 0, "bytes": 0, "complete": True,
    }  # fmt: skip
    lumen = export.aged()["Lumen Yoga"]
    # 1001 is two days overdue, 1002 not due yet; the credit of 34.50 stands beside them
    assert (lumen["current"], lumen["1-30"], lumen["open"]) == ("80.00", "1234.50", "1314.50")
    assert (lumen["unapplied"], lumen["net"], lumen["currency"]) == ("34.50", "1280.00", "EUR")
    otter = export.aged()["Otter & Sohn; Bau"]
    assert (otter["31-60"], otter["open"]) == ("120.00", "120.00")  # 53 days
    messages = {each["customer"]["name"]: each for each in desk.plan(export.name)["messages"]}
    assert messages["Lumen Yoga"]["to"] == ["hello@lumen.example"]
    assert [each["number"] for each in messages["Lumen Yoga"]["invoices"]] == ["1001"]
    assert messages["Otter & Sohn; Bau"]["total"] == "120.00"


def test_an_invoice_that_leaves_the_file_is_closed(desk: Desk, export: Export) -> None:
    """An unchanged file is nothing to read; a part payment and a full one are."""
    desk.ok("sync")
    [unchanged] = desk.ok("sync", "--json").json
    assert (unchanged["invoices"], unchanged["complete"]) == (0, True)
    assert export.open() == {"1001": "1234.50", "1002": "80.00", "1003": "120.00"}
    export.rows[0] = export.rows[0].replace("1.234,50 €;1.234,50 €", "1.234,50 €;1.000,00 €")
    export.drop("1003")
    desk.ok("sync")
    assert export.open() == {"1001": "1000.00", "1002": "80.00"}
    assert desk.rows("SELECT status FROM invoices WHERE number = '1003'") == [("closed",)]


def test_a_letter_leaves_on_what_the_file_says_then(desk: Desk, export: Export) -> None:
    """Approved in the morning; at noon the new export lists neither 1003 nor all of 1001."""
    desk.ok("sync")
    desk.ok("approve", export.name, "--all")
    export.rows[0] = export.rows[0].replace("1.234,50 €;1.234,50 €", "1.234,50 €;1.000,00 €")
    export.drop("1003")
    sent = desk.ok("send")
    assert "nothing of it is owed any more" in sent.out
    [mail] = desk.mail
    assert mail["To"] == "hello@lumen.example"
    assert "In total: €1,000.00" in desk.text()
    desk.ok("run")
    assert len(desk.mail) == 1


def test_a_company_that_is_named_later_signs_its_letters(desk: Desk, export: Export) -> None:
    """First synced under the name that the draft gave it, then under its own."""
    desk.ok("sync")
    file = desk.folder / "arsync.toml"
    drafted = f'company = "{desk.folder.name}"'
    text = file.read_text("utf-8")
    assert drafted in text
    file.write_text(text.replace(drafted, 'company = "Alder GmbH"'), "utf-8")
    desk.ok("sync")
    desk.ok("approve", export.name, "--all")
    desk.ok("send")
    assert "Alder GmbH" in desk.text()
    assert desk.folder.name not in desk.text()


def test_nothing_is_decided_on_half_a_file(desk: Desk, export: Export) -> None:
    """The export is cut off inside a quotation: the book waits, and goes on with the whole file."""
    desk.ok("sync")
    whole = export.path.read_bytes()
    export.path.write_bytes(whole[: whole.index(b'"Otter') + 4])
    failed = desk.gives(1, "run")
    assert "ends inside a quotation that begins on line 7" in failed.err
    assert desk.mail == []
    export.path.write_bytes(whole)
    desk.ok("sync")
    assert set(export.open()) == {"1001", "1002", "1003"}


def test_a_row_that_is_not_understood_keeps_what_was_known(desk: Desk, export: Export) -> None:
    """1001 is garbled for a day: it stays open, and its letter waits."""
    desk.ok("sync")
    desk.ok("approve", export.name, "--all")
    good = export.rows[0]
    export.rows[0] = good.replace("1.234,50 €;1.234,50 €", "1.234,50 €;~")
    export.write()
    desk.ok("sync")
    assert export.open()["1001"] == "1234.50"
    [(id_, reason)] = desk.rows("SELECT id, reason FROM rejects")
    assert (id_, reason) == ("lumen yoga/1001", "line 4: open: '~' is not an amount")
    desk.gives(1, "send")
    assert [mail["To"] for mail in desk.mail] == ["ap@otter.example"]
    export.rows[0] = good
    export.write()
    desk.ok("sync")
    assert desk.rows("SELECT * FROM rejects") == []


def test_a_pull_that_was_cut_off_starts_over_in_another_file(desk: Desk, export: Export) -> None:
    """The first thousand rows were stored, then the export changed: what left it meanwhile is closed."""
    export.rows = [f"{number};Kunde {number};;;;1,00;1,00;" for number in range(1, 1501)]
    export.write()
    settings = load_practice(desk.folder)
    with Store.open(settings.database) as store:
        opener = Opener(settings, store, desk.now, print)
        book = opener.book(settings.books[export.name], command="sync", sends=False, letters=False)
        lease = claim(store, book.name, command="sync", at=desk.now())
        begin_full(store, lease)
        store_page(store, lease, next(book.source.pull(None)), at=desk.now(), today=book.today)
        release(store, lease, outcome="failed", at=desk.now())
        opener.close()
    export.drop("7")
    desk.ok("sync")
    assert "7" not in export.open()
    assert len(export.open()) == 1499


def test_a_file_that_is_gone_is_a_mistake_in_the_settings(desk: Desk, export: Export) -> None:
    desk.ok("sync")
    export.path.unlink()
    gone = desk.gives(2, "sync")
    assert "arsync.toml:" in gone.err
    assert "there is no file" in gone.err


def test_init_never_overwrites(desk: Desk, export: Export) -> None:
    """In a practice that is there, the lines are shown for a person to add."""
    before = (desk.folder / "arsync.toml").read_text("utf-8")
    shutil.copy(export.path, other := desk.folder / "other.csv")
    shown = desk.gives(2, "init", "--csv", str(other), str(desk.folder))
    assert "[books.other.connection.columns]" in shown.out.splitlines()
    assert "is there already and was left as it is" in shown.err
    assert (desk.folder / "arsync.toml").read_text("utf-8") == before


def test_init_shows_what_it_found(desk: Desk, tmp_path: Path) -> None:
    export = Export(desk)
    export.write()
    shown = desk.ok("init", "--csv", str(export.path), str(tmp_path / "new")).out
    due = next(line for line in shown.splitlines() if line.startswith("due "))
    assert "Fällig am" in due
    assert "21.11.2026 · 10.12.2026 · 01.10.2026" in due
    assert any(line.startswith("currency ") and "not found" in line for line in shown.splitlines())
    assert "rows: 4; invoices: 3; credits: 1" in shown
    assert "next: look through [books.offene-posten] in arsync.toml" in shown
