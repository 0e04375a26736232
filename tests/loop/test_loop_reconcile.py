"""`arsync reconcile`: each customer against the accounting system's own figures, over real sockets."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks, Xero


@pytest.fixture
def two(desk: Desk, ledger: Ledger) -> Ledger:
    """Lumen Yoga owes 120.00 and 80.00 and has credit of 30.00; Otter Bau owes 300.00. All is synced."""
    lumen = ledger.customer("Lumen Yoga")
    ledger.invoice(lumen, "120.00", number="1001")
    ledger.invoice(lumen, "80.00", number="1002")
    ledger.credit(lumen, "30.00")
    ledger.invoice(ledger.customer("Otter Bau", "ap@otter.example"), "300.00", number="1003")
    ledger.write(sending="automatic")
    synced(desk)
    return ledger


def synced(desk: Desk) -> None:
    """All is read, and what the next sync reads once more, to be safe, has nothing of it."""
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.now.go(minutes=30)
    desk.ok("sync")


def reconciled(desk: Desk, status: int) -> dict[str, Any]:
    [report] = desk.gives(status, "reconcile", "acme", "--json").json
    found: dict[str, Any] = report
    return found


def holds(desk: Desk) -> dict[str, str]:
    return {hold["customer"]["name"]: hold["reason"] for hold in desk.plan()["holds"]}


def spoil(desk: Desk, number: str, amount: int) -> None:
    """The book is wrong about one invoice, and no change will tell."""
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute("UPDATE invoices SET open = ? WHERE number = ?", (amount, number))


def test_a_book_that_agrees(desk: Desk, two: Ledger) -> None:
    report = reconciled(desk, 0)
    assert (report["compared"], report["differences"], report["unrated"]) == (2, [], [])
    typed = desk.ok("reconcile")
    assert typed.out == ("acme: 2 balances compared as of 2026-11-23: all agree with the accounting system\n")


def test_one_customer_that_differs_is_held_and_the_others_go_on(desk: Desk, two: Ledger) -> None:
    spoil(desk, "1002", 9000)
    typed = desk.gives(1, "reconcile")
    assert "2 balances compared as of 2026-11-23: 1 of them differs\n" in typed.out
    assert "Lumen Yoga: 180.00 in the book, 170.00 in the accounting system" in typed.out
    assert holds(desk) == {"Lumen Yoga": "unreconciled"}
    [message] = desk.plan()["messages"]
    assert message["customer"]["name"] == "Otter Bau"
    desk.ok("run")
    assert [mail["To"] for mail in desk.mail] == ["ap@otter.example"]


def test_it_is_held_until_it_agrees(desk: Desk, two: Ledger) -> None:
    """The full pull mends the book; the next comparison, or the next run, lets the customer go."""
    spoil(desk, "1002", 9000)
    reconciled(desk, 1)
    reconciled(desk, 1)
    desk.ok("sync", "--full")
    assert holds(desk) == {"Lumen Yoga": "unreconciled"}
    report = reconciled(desk, 0)
    assert report["differences"] == []
    assert holds(desk) == {}
    desk.unpaced()
    spoil(desk, "1002", 9000)
    reconciled(desk, 1)
    spoil(desk, "1002", 8000)
    desk.now.go(minutes=30)
    desk.ok("run")  # compared less than an hour ago
    assert len(desk.mail) == 1
    desk.now.go(minutes=30)
    desk.ok("run")
    assert len(desk.mail) == 2
    story = desk.ok("explain", "acme", "lumen yoga").out
    assert story.count("  unreconciled: ") == 2
    assert story.count("  tied-out: ") == 2


def test_the_difference_in_json(desk: Desk, two: Ledger) -> None:
    spoil(desk, "1003", 31000)
    [it] = reconciled(desk, 1)["differences"]
    assert (it["customer"]["name"], it["currency"]) == ("Otter Bau", two.currency)
    assert (it["ours"], it["theirs"], it["difference"]) == ("310.00", "300.00", "10.00")
    assert it["causes"] == ["invoice 1003: 310.00 in the book, 300.00 in the accounting system"]


def test_what_changed_since_the_last_sync_is_no_difference(desk: Desk, two: Ledger) -> None:
    desk.now.go(days=1)
    two.invoice(two.customer("Newt Books"), "40.00", number="1004")
    assert reconciled(desk, 0)["compared"] == 3


def test_an_invoice_that_was_missed_is_named(desk: Desk, quickbooks: QuickBooks) -> None:
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", number="1001")
    quickbooks.invoice(customer, "60.00", number="1002")
    quickbooks.write()
    synced(desk)
    spoil(desk, "1002", 0)
    [it] = reconciled(desk, 1)["differences"]
    assert len(it["causes"]) == 1
    assert "of 60.00 is not open in the book" in it["causes"][0]


def test_a_journals_debit_is_told_and_holds_nobody(desk: Desk, quickbooks: QuickBooks) -> None:
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", number="1001")
    quickbooks.company.add_journal(customer, "50.00", quickbooks.due(0))
    quickbooks.write()
    desk.ok("connect", "acme")
    report = reconciled(desk, 0)
    assert [(it["customer"]["name"], it["amount"]) for it in report["charges"]] == [("Lumen Yoga", "50.00")]
    assert "also owed Lumen Yoga: 50.00 USD by entries that are no invoices" in desk.ok("reconcile").out
    assert [message["total"] for message in desk.plan()["messages"]] == ["120.00"]


@on_one_vendor
def test_a_service_that_gives_no_figures_changes_nothing(desk: Desk, two: Ledger) -> None:
    """Who was held stays held; the run does the rest and says what could not be done."""
    spoil(desk, "1002", 9000)
    reconciled(desk, 1)
    two.strike("500", times=None, path=r"AgedReceivableDetail(?!.*customer=)")
    desk.gives(1, "reconcile")
    assert holds(desk) == {"Lumen Yoga": "unreconciled"}
    desk.now.go(minutes=60)
    typed = desk.gives(1, "run")
    assert "customers held as unreconciled were not compared again and stay held" in typed.err
    assert holds(desk)["Lumen Yoga"] == "unreconciled"
    assert [mail["To"] for mail in desk.mail] == ["ap@otter.example"]


def test_foreign_documents_of_a_xero_customer(desk: Desk, xero: Xero) -> None:
    """120.00 GBP and 100.00 USD at 1.25 dollars a pound: 200.00 GBP in all."""
    customer = xero.customer("Lumen Yoga")
    xero.invoice(customer, "120.00", number="1001")
    xero.invoice(customer, "100.00", number="1002", currency="USD", rate="1.25")
    xero.write()
    synced(desk)
    assert reconciled(desk, 0)["compared"] == 1
    [row] = desk.ok("aging", "--home", "--json").json
    assert (row["currency"], row["home"], row["open"]) == ("GBP", True, "200.00")
    spoil(desk, "1002", 20000)
    [it] = reconciled(desk, 1)["differences"]
    assert (it["home"], it["ours"], it["theirs"]) == (True, "280.00", "200.00")
    plan = desk.plan()
    assert {hold["reason"] for hold in plan["holds"]} == {"unreconciled"}
    assert plan["messages"] == []  # in neither of the currencies


def test_a_difference_of_one_who_is_billed_to_a_parent_holds_the_parent(
    desk: Desk, quickbooks: QuickBooks
) -> None:
    group = quickbooks.customer("Brightwater Group")
    site = quickbooks.customer("Pier Nine", None, parent=group, bill_with_parent=True)
    quickbooks.invoice(site, "120.00", number="1001")
    quickbooks.write()
    synced(desk)
    assert desk.message()["customer"]["name"] == "Brightwater Group"
    spoil(desk, "1001", 9000)
    [it] = reconciled(desk, 1)["differences"]
    assert it["customer"]["name"] == "Pier Nine"
    assert holds(desk) == {"Brightwater Group": "unreconciled"}


def test_credit_that_no_sync_has_read_yet_is_no_difference(desk: Desk, two: Ledger) -> None:
    """Xero's credits are read every few hours; before a customer counts as different, at once."""
    two.credit(str(desk.rows("SELECT id FROM customers WHERE name = 'Otter Bau'")[0][0]), "45.00")
    assert reconciled(desk, 0)["differences"] == []
    rows = desk.ok("aging", "--json").json
    assert {row["customer"]["name"]: row["unapplied"] for row in rows} == {
        "Lumen Yoga": "30.00", "Otter Bau": "45.00",
    }  # fmt: skip


def test_a_customer_that_cannot_be_compared_any_more_stays_held(desk: Desk, xero: Xero) -> None:
    customer = xero.customer("Lumen Yoga")
    xero.invoice(customer, "120.00", number="1001")
    xero.write()
    synced(desk)
    spoil(desk, "1001", 9000)
    reconciled(desk, 1)
    xero.invoice(customer, "100.00", number="1002", currency="USD", rate="1")
    desk.now.go(minutes=30)
    report = reconciled(desk, 0)
    assert [it["name"] for it in report["unrated"]] == ["Lumen Yoga"]
    assert {hold["reason"] for hold in desk.plan()["holds"]} == {"unreconciled"}
