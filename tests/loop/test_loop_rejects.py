"""`arsync rejects`: what could not be understood, where it is told, and how it leaves the list again."""

from __future__ import annotations

import json

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger

# Over 10^15 pence: no ledger of ours holds it, whatever the vendor says.
TOO_LARGE = "10000000000000.01"
HEADINGS = "Number,Customer,Email,Invoice date,Due date,Total,Open,Currency"


def write_csv(desk: Desk, *rows: str) -> None:
    (desk.folder / "open-invoices.csv").write_text("\n".join([HEADINGS, *rows, ""]), "utf-8")


@pytest.fixture
def file(desk: Desk) -> str:
    """The book of a CSV file with one invoice that is right; gives its name."""
    write_csv(desk, "1001,Lumen Yoga,pay@lumen.example,2026-10-22,2026-11-21,120.00,120.00,GBP")
    desk.ok("init", "--csv", str(desk.folder / "open-invoices.csv"), str(desk.folder))
    return "open-invoices"


def test_listed_until_a_sync_understands_it(desk: Desk, ledger: Ledger) -> None:
    """Of two invoices one has an amount beyond all bounds. It is told by the sync, listed with its own
    id, reason and raw text, and off the list when its amount is corrected an hour and a half later."""
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, TOO_LARGE, number="1001")
    ledger.invoice(customer, "80.00", number="1002")
    assert "acme: 1 record could not be understood" in (told := desk.ok("sync").err)
    assert "`arsync rejects acme`" in told
    assert "table" not in told

    [reject] = desk.ok("rejects", "acme", "--json").json
    assert reject.keys() == {"book", "entity", "id", "reason", "raw", "seen_at"}
    assert (reject["book"], reject["entity"]) == ("acme", "invoice")
    assert reject["reason"] == f"{TOO_LARGE} {ledger.currency} is larger than any invoice"
    assert reject["seen_at"] == "2026-11-23T08:00:00Z"
    row = json.loads(reject["raw"])
    assert "1001" in (row.get("DocNumber"), row.get("InvoiceNumber"))
    assert reject["id"] == row.get("Id", row.get("InvoiceID"))

    listed = desk.ok("rejects").out
    assert "acme: 1 record could not be understood" in listed
    assert f"invoice {reject['id']}, since 2026-11-23 08:00" in listed
    assert reject["reason"] in listed
    assert reject["raw"][:500] in listed
    assert [row["open"] for row in desk.ok("aging", "--json").json] == ["80.00"]

    desk.now.go(minutes=90)
    ledger.enlarge("1001", "73.12")
    assert "could not be understood" not in desk.ok("sync").err
    assert desk.ok("rejects", "--json").json == []
    assert desk.ok("rejects").out.startswith("acme: there are no rejects")
    assert [row["open"] for row in desk.ok("aging", "--json").json] == ["153.12"]


@on_one_vendor
def test_since_when_is_told_by_the_books_own_clock(desk: Desk, ledger: Ledger) -> None:
    """It stays what it was first seen, through syncs that meet it again; Los Angeles is eight hours back."""
    ledger.write(zone="America/Los_Angeles")
    ledger.invoice(ledger.customer("Lumen Yoga"), TOO_LARGE, number="1001")
    desk.ok("sync")
    desk.now.go(days=2)
    desk.ok("sync", "--full")
    assert ", since 2026-11-23 00:00" in desk.ok("rejects").out


def test_a_file_whose_row_is_mended(desk: Desk, file: str) -> None:
    """Its own reason names the line; a row whose invoice is not known either way has an id all the same."""
    write_csv(
        desk,
        "1001,Lumen Yoga,pay@lumen.example,2026-10-22,2026-11-21,120.00,120.00,GBP",
        "1002,Lumen Yoga,pay@lumen.example,2026-10-22,2026-11-21,80.00,eighty,GBP",
    )
    desk.ok("sync")
    [reject] = desk.ok("rejects", file, "--json").json
    assert (reject["book"], reject["entity"], reject["id"]) == (file, "invoice", "lumen yoga/1002")
    assert reject["reason"] == "line 3: open: 'eighty' is not an amount"
    assert "eighty" in reject["raw"]
    desk.now.go(minutes=5)
    write_csv(
        desk,
        "1001,Lumen Yoga,pay@lumen.example,2026-10-22,2026-11-21,120.00,120.00,GBP",
        "1002,Lumen Yoga,pay@lumen.example,2026-10-22,2026-11-21,80.00,80.00,GBP",
    )
    desk.ok("sync")
    assert desk.ok("rejects", "--json").json == []


def test_hostile_text_does_nothing_on_a_terminal_and_is_whole_in_json(desk: Desk, file: str) -> None:
    """Escape sequences, a right-to-left override and ten thousand letters, in a row that makes no sense."""
    name = "Lumen \x1b[2J\x1b]0;owned\x07 \u202eagoY" + "x" * 10_000
    write_csv(desk, f"1001,{name},pay@lumen.example,2026-10-22,2026-11-21,120.00,~\x1b[31m,GBP")
    desk.ok("sync")
    typed = desk.ok("rejects")
    assert not set("\x1b\x07\u202e") & set(typed.out + typed.err)
    assert "Lumen" in typed.out
    assert len(typed.out) < 3_000
    [reject] = desk.ok("rejects", "--json").json
    assert "\u202eagoY" + "x" * 10_000 in reject["raw"]


@on_one_vendor
def test_a_message_whose_debt_is_not_understood_points_there(desk: Desk, ledger: Ledger) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    ledger.enlarge("1001", TOO_LARGE)
    told = desk.gives(1, "send").err
    assert "could not be read again (see `arsync rejects acme`)" in told
    assert desk.mail == []
    assert len(desk.ok("rejects", "--json").json) == 1


def test_each_book_has_its_own(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    _, birch = both
    birch.invoice(birch.customer("Lumen Yoga"), TOO_LARGE)
    desk.ok("sync")
    assert [each["book"] for each in desk.ok("rejects", "--json").json] == ["birch"]
    assert desk.ok("rejects", "acme", "--json").json == []
    assert "acme: there are no rejects" in desk.ok("rejects").out


def test_before_the_first_sync(desk: Desk, file: str) -> None:
    """Nothing was understood so far, and nothing was read: that is said."""
    assert f"was never synced: run `arsync sync {file}`" in desk.ok("rejects").err


@on_one_vendor
def test_it_asks_the_service_nothing(desk: Desk, ledger: Ledger) -> None:
    desk.ok("sync")
    calls = ledger.calls()
    desk.ok("rejects")
    assert ledger.calls() == calls
