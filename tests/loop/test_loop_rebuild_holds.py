"""What notes tell of holds after the database was lost: none is lost with it."""

from __future__ import annotations

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger
from loop_restore import begin_anew


def owing(ledger: Ledger, *numbers: str, extra: str = "") -> Desk:
    """The desk of a book that sends by itself; its one customer owes these invoices."""
    ledger.write(sending="automatic", extra=extra)
    customer = ledger.customer("Ash", "ap@ash.example")
    for number in numbers:
        ledger.invoice(customer, "100.00", overdue=2, number=number)
    ledger.desk.ok("sync")
    return ledger.desk


def check_silent_after_a_rebuild(ledger: Ledger) -> None:
    begin_anew(ledger)
    ledger.desk.gives(1, "rebuild", "acme", "--yes")
    ledger.desk.ok("run")
    assert ledger.desk.mail == []


@on_one_vendor
@pytest.mark.parametrize("notes", ["customer", "invoice", "both"])
def test_one_of_two_private_reasons_was_released(ledger: Ledger, notes: str) -> None:
    """Their notes do not tell them apart, so one of them may stand."""
    desk = owing(ledger, "1001", extra=f'notes = "{notes}"\n')
    desk.ok("hold", "acme", "customer:Ash", "--reason", "insolvency")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "hardship")
    desk.ok("run")
    desk.now.go(days=1)
    desk.ok("release", "acme", "customer:Ash", "--reason", "hardship")
    desk.ok("run")
    assert desk.mail == []
    check_silent_after_a_rebuild(ledger)


@on_one_vendor
def test_one_of_two_private_reasons_is_over(ledger: Ledger) -> None:
    desk = owing(ledger, "1001")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "lawyer")
    desk.ok("hold", "acme", "customer:Ash", "--reason", "hardship", "--until", "2026-11-24")
    desk.ok("run")
    desk.now.go(days=3)
    check_silent_after_a_rebuild(ledger)


@on_one_vendor
def test_an_invoice_is_held_by_itself_and_with_its_customer(ledger: Ledger) -> None:
    """Its notes do not tell which of the two was released."""
    desk = owing(ledger, "1001", "1002", extra='notes = "invoice"\n')
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
    # what a person reads: a mail's boundary has digits of its own
    assert [text for at in range(len(desk.mail)) if "1001" in (text := desk.text(at))] == []
