"""What notes tell of holds after the database was lost: none is lost with it."""

from __future__ import annotations

import pytest
from loop_desk import on_one_vendor
from loop_ledgers import Ledger
from loop_restore import begin_anew


@on_one_vendor
@pytest.mark.parametrize("notes", ["customer", "invoice", "both"])
def test_one_of_two_private_reasons_was_released(ledger: Ledger, notes: str) -> None:
    """Their notes do not tell them apart, so one of them may stand."""
    desk = ledger.desk
    ledger.write(sending="automatic", extra=f'notes = "{notes}"\n')
    ledger.invoice(ledger.customer("Ash", "ap@ash.example"), "100.00", overdue=2, number="1001")
    desk.ok("sync")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "insolvency")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "hardship")
    desk.ok("run")
    desk.now.go(days=1)
    desk.ok("release", "acme", "customer:Ash", "--reason", "hardship")
    desk.ok("run")
    assert desk.mail == []
    begin_anew(ledger)
    desk.gives(1, "rebuild", "acme", "--yes")
    desk.ok("run")
    assert desk.mail == []


@on_one_vendor
def test_one_of_two_private_reasons_is_over(ledger: Ledger) -> None:
    desk = ledger.desk
    ledger.write(sending="automatic")
    ledger.invoice(ledger.customer("Ash", "ap@ash.example"), "100.00", overdue=2, number="1001")
    desk.ok("sync")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "lawyer")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "hardship", "--until", "2026-11-24")
    desk.ok("run")
    desk.now.go(days=3)
    begin_anew(ledger)
    desk.gives(1, "rebuild", "acme", "--yes")
    desk.ok("run")
    assert desk.mail == []


@on_one_vendor
def test_an_invoice_is_held_by_itself_and_with_its_customer(ledger: Ledger) -> None:
    """Its notes do not tell which of the two was released."""
    desk = ledger.desk
    ledger.write(sending="automatic", extra='notes = "invoice"\n')
    customer = ledger.customer("Ash", "ap@ash.example")
    ledger.invoice(customer, "100.00", overdue=2, number="1001")
    ledger.invoice(customer, "100.00", overdue=2, number="1002")
    desk.ok("sync")
    desk.ok("hold", "acme", "1001", "--reason", "paused")
    desk.now.go(minutes=5)
    desk.ok("hold", "acme", "customer:Ash", "--reason", "paused")
    desk.ok("run")
    desk.now.go(days=1)
    desk.ok("release", "acme", "customer:Ash")
    desk.ok("note")
    begin_anew(ledger)
    desk.type("rebuild", "acme", "--yes")
    desk.ok("run")
    assert [mail for mail in desk.mail if "1001" in mail.as_string()] == []
