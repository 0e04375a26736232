"""Where the safeguards meet: a restore, a rebuild, notes that are digested, marks of others, status."""

from __future__ import annotations

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, Xero
from loop_restore import Keeper, begin_anew, written_to
from test_loop_budgets import marked, owing_notes, spend, told


def troubles(desk: Desk) -> list[str]:
    [book] = desk.type("status", "--json").json["books"]
    return [it["kind"] for it in book["troubles"]]


@pytest.mark.parametrize("notes", ["", 'notes = "none"\n'])
@on_one_vendor
def test_a_restored_book_does_not_ask_for_ever(ledger: Ledger, keeper: Keeper, notes: str) -> None:
    """Once it was looked what may have left, and all of that is settled, no monitor stays red."""
    desk = ledger.desk
    ledger.invoice(ledger.customer("Ash", "ap@ash.example"), "100.00", overdue=2)
    ledger.write(sending="automatic", extra=notes)
    desk.ok("sync")
    file = keeper.back_up()
    desk.ok("run")
    keeper.lose()
    keeper.restore(file)
    assert "restored" in troubles(desk)
    desk.ok("connect", "acme")
    keeper.settle()
    desk.now.go(days=1)
    desk.ok("run")
    assert troubles(desk) == []
    keeper.check()


@on_one_vendor
def test_a_restore_is_no_run_that_was_cut_short(ledger: Ledger, keeper: Keeper) -> None:
    desk = ledger.desk
    ledger.invoice(ledger.customer("Ash", "ap@ash.example"), "100.00", overdue=2)
    ledger.write(sending="automatic")
    desk.ok("run")
    file = keeper.back_up()
    keeper.restore(file, status=0)
    assert "cut-short" not in troubles(desk)
    desk.ok("run")
    assert desk.rows("SELECT command, outcome FROM runs WHERE outcome IN ('', 'cut short')") == []


def test_a_digested_note_is_found_by_a_rebuild(desk: Desk, xero: Xero) -> None:
    """The notes of a book stand on invoices, but on a day that ran short one stood on the customer."""
    owing_notes(desk, xero)
    told(desk, xero, 900)
    desk.ok("note")
    assert marked(xero, "1001", "Lumen Yoga") == (0, 1)
    sent = desk.rows("SELECT id FROM messages WHERE status = 'sent' ORDER BY 1")
    assert len(sent) == 2
    steps = desk.rows("SELECT invoice_id, step, round FROM steps_taken ORDER BY 1")

    begin_anew(xero)
    desk.type("rebuild", "acme", "--yes")
    assert desk.rows("SELECT id FROM messages WHERE status = 'sent' ORDER BY 1") == sent
    assert desk.rows("SELECT invoice_id, step, round FROM steps_taken ORDER BY 1") == steps


@on_one_vendor
def test_an_old_promise_does_not_stand_for_what_nobody_knows(ledger: Ledger) -> None:
    """The note of what left cannot be read, and a hold that is over, or ends, is no reason to go on."""
    desk = ledger.desk
    customer, first = written_to(ledger)
    [line] = ledger.notes(first, customer)[0]
    ledger.company.edit_invoice(first, PrivateNote=line.replace("reminder", "word"))
    begin_anew(ledger)
    desk.ok("hold", "acme", "1001", "--reason", "paused", "--until", "2026-11-24")
    desk.gives(1, "rebuild", "acme", "--yes")
    desk.now.go(days=3)
    desk.type("run")
    assert len(desk.mail) == 1
    assert [it["reason"] for it in desk.plan()["holds"]] == ["paused"]


def test_who_comes_back_years_later_stops_no_book(ledger: Ledger) -> None:
    """A rebuild looks at those who owe. One who has paid long ago bears old marks too, and they are ours."""
    desk = ledger.desk
    ledger.write(sending="automatic", extra='notes = "customer"\n')
    ash, birch = (ledger.customer(name, f"ap@{name.lower()}.example") for name in ("Ash", "Birch"))
    paid = ledger.invoice(ash, "100.00", overdue=2, number="1001")
    desk.ok("run")
    ledger.pay(paid)
    desk.now.go(days=49)
    ledger.invoice(birch, "100.00", overdue=2, number="1002")
    desk.unpaced()
    desk.ok("run")
    begin_anew(ledger)
    desk.ok("rebuild", "acme", "--yes")
    assert desk.rows("SELECT customer_id FROM messages") == [(birch,)]
    desk.now.go(days=21)
    ledger.invoice(ash, "70.00", overdue=2, number="1003")
    desk.unpaced()
    typed = desk.type("run")
    assert "somebody else writes" not in typed.err
    assert sorted(str(mail["To"]) for mail in desk.mail[2:]) == ["ap@ash.example", "ap@birch.example"]


@on_one_vendor
def test_a_rebuilt_book_goes_live_anew_and_its_chase_goes_on(ledger: Ledger) -> None:
    """What was overdue at the first go-live is left out again; what was written to is on its way."""
    desk = ledger.desk
    customer = ledger.customer("Ash", "ap@ash.example")
    ledger.invoice(customer, "100.00", overdue=30, number="1001")
    ledger.invoice(customer, "200.00", overdue=-1, number="1002")
    ledger.write(sending="automatic", golive="skip")
    for _ in range(3):
        desk.ok("run")
        desk.now.go(days=1)
    assert len(desk.mail) == 1
    begin_anew(ledger)
    desk.ok("rebuild", "acme", "--yes")
    desk.now.go(days=13)
    desk.ok("run")
    assert [(it["number"]) for it in desk.plan()["holds"][0]["invoices"]] == ["1001"]
    assert len(desk.mail) == 2
    assert desk.rows("SELECT step FROM messages ORDER BY ended_on") == [
        ("heads-up",),
        ("first reminder",),
    ]


def test_a_note_that_was_owed_in_a_backup_is_not_put_elsewhere(
    desk: Desk, xero: Xero, keeper: Keeper
) -> None:
    """It was written after the backup; on a day that runs short it would make one with others."""
    owing_notes(desk, xero)
    file = keeper.back_up()
    desk.ok("note")
    assert marked(xero, "1001", "Lumen Yoga") == (1, 0)
    keeper.lose_and_restore(file)
    desk.ok("sync")
    spend(xero, 900)
    desk.ok("sync", "--full")
    desk.ok("note")
    assert [marked(xero, number, "Lumen Yoga") for number in ("1001", "1002", "1003")] == [(1, 0)] * 3


@pytest.mark.parametrize("kind", ["400-empty", "500"])
def test_notes_that_cannot_be_read_hold_up_one_customer(desk: Desk, xero: Xero, kind: str) -> None:
    """What stands there is not known, so nothing leaves to that one; the others hear."""
    ids = [xero.customer(name, f"ap@{name.lower()}.example") for name in ("Ash", "Birch", "Cedar")]
    for id_ in ids:
        xero.invoice(id_, "100.00", overdue=2)
    xero.write(sending="automatic")
    xero.strike(kind, path=f"Contacts/{ids[1]}/History", method="GET", times=None)
    told = desk.gives(1, "run")
    assert sorted(str(mail["To"]) for mail in desk.mail) == ["ap@ash.example", "ap@cedar.example"]
    assert "the notes on its customer could not be read" in told.out + told.err
    xero.well()
    desk.unpaced()
    desk.ok("run")
    assert sorted(str(mail["To"]) for mail in desk.mail)[1] == "ap@birch.example"
    assert len(desk.mail) == 3


def test_a_service_that_reads_no_notes_is_left_alone(desk: Desk, xero: Xero) -> None:
    """Two in a row: nothing leaves, and nobody waits for each customer in turn."""
    for name in ("Ash", "Birch", "Cedar", "Dogwood"):
        xero.invoice(xero.customer(name, f"ap@{name.lower()}.example"), "100.00", overdue=2)
    xero.write(sending="automatic")
    fault = xero.strike("500", path="/History", method="GET", times=None)
    desk.gives(1, "run")
    assert desk.mail == []
    assert fault.hits == 8  # of two, four times each


@on_one_vendor
def test_no_log_line_names_a_customer_with_a_strange_mark(ledger: Ledger) -> None:
    desk = ledger.desk
    ash = ledger.customer("Ashdown Orchards", "ap@ash.example")
    ledger.invoice(ash, "100.00", overdue=2)
    ledger.write(sending="automatic", extra='notes = "customer"\n')
    desk.ok("run")
    begin_anew(ledger)
    typed = desk.gives(1, "--log", "json", "run")
    assert "[arsync:" in desk.gives(1, "run").err
    assert "run-ended" in typed.err
    assert "Ashdown" not in typed.err


@on_one_vendor
def test_an_invoice_that_got_another_number_waits(ledger: Ledger) -> None:
    """Its note stands on it and names the number that it had: it may be that, or a copy of another."""
    desk = ledger.desk
    _, invoice = written_to(ledger)
    ledger.company.edit_invoice(invoice, DocNumber="1001-A")
    begin_anew(ledger)
    assert "pauses invoice" in desk.gives(1, "rebuild", "acme", "--yes").err
    desk.now.go(days=7)
    desk.ok("run")
    assert len(desk.mail) == 1


@on_one_vendor
def test_a_copy_of_an_invoice_that_is_known_is_chased_anew(ledger: Ledger) -> None:
    desk = ledger.desk
    customer, first = written_to(ledger)
    [line] = ledger.notes(first, customer)[0]
    copy = ledger.invoice(customer, "100.00", overdue=-1, number="1002")
    ledger.company.edit_invoice(copy, PrivateNote=line)
    begin_anew(ledger)
    desk.ok("rebuild", "acme", "--yes")
    assert desk.rows("SELECT count(*) FROM steps_taken") == [(1,)]
