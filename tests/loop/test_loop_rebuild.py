"""`arsync rebuild`: the database is lost, and the notes in the accounting system tell what was sent."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger
from loop_restore import begin_anew, written_to

POLICY_FIELDS = ("messages", "tasks", "holds", "upcoming")


def decided(desk: Desk) -> dict[str, Any]:
    plan = desk.plan()
    found = {name: plan[name] for name in POLICY_FIELDS}
    found["messages"] = [it for it in plan["messages"] if it["status"] == "planned"]
    return found


def remembered(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    """What a rebuild restores, of a book whose every customer owes something still or paid lately."""
    return {
        "sent": desk.rows(
            "SELECT id, customer_id, step, step_offset, template, currency, total, ended_on, message_id "
            "FROM messages WHERE status = 'sent' ORDER BY id"
        ),
        "steps": desk.rows(
            "SELECT invoice_id, step, round, step_offset, on_day, how, source FROM steps_taken "
            "ORDER BY 1, 2, 3"
        ),
        "notes": desk.rows(
            "SELECT message, target, target_id, text, key, status FROM notes ORDER BY 1, 2, 3"
        ),
    }


def history(ledger: Ledger) -> None:
    """Three weeks of four customers: some pay, in part or all of it, and some are written to thrice."""
    desk = ledger.desk
    ash, birch, cedar, dogwood = (
        ledger.customer(name, f"ap@{name.lower()}.example") for name in ("Ash", "Birch", "Cedar", "Dogwood")
    )
    first = ledger.invoice(ash, "100.00", overdue=2, number="1001")
    ledger.invoice(ash, "200.00", overdue=-5, number="1002")
    second = ledger.invoice(birch, "300.00", overdue=35, number="1003")
    ledger.invoice(birch, "310.00", overdue=3, number="1004")
    third = ledger.invoice(cedar, "400.00", overdue=12, number="1005")
    ledger.invoice(dogwood, "500.00", overdue=-20, number="1006")
    ledger.write(sending="automatic")
    for day in range(21):
        if day == 3:
            ledger.pay(second, "120.00")
        if day == 8:
            ledger.pay(first, "30.00")
        if day == 12:
            ledger.invoice(cedar, "45.00", overdue=1, number="1007")
        if day == 20:
            ledger.pay(third)
        desk.ok("run")
        desk.unpaced()
        desk.now.go(days=1)


@pytest.mark.parametrize("notes", ["", 'notes = "both"\n', 'notes = "customer"\n', 'notes = "invoice"\n'])
def test_what_was_sent_is_restored_from_the_notes_alone(ledger: Ledger, notes: str) -> None:
    """The plan is that of the lost database; nothing is written or sent twice, on this day or a later one."""
    desk = ledger.desk
    write = ledger.write
    ledger.write = lambda **more: write(extra=notes, **more)  # type: ignore[method-assign]
    history(ledger)
    before, plan = remembered(desk), decided(desk)
    assert len(before["sent"]) > 6, "there is something to restore"
    assert plan["holds"], "and somebody who was written to too short a while ago"
    mails = len(desk.mail)

    begin_anew(ledger)
    assert decided(desk) != plan
    desk.ok("rebuild", "acme", "--yes")

    assert decided(desk) == plan
    assert remembered(desk) == before
    desk.ok("note")
    for _ in range(3):
        desk.unpaced()
        desk.ok("run")
        desk.now.go(days=1)
    ids = [mail["Message-ID"] for mail in desk.mail]
    assert len(ids) > mails
    assert len(ids) == len(set(ids))
    assert not desk.rows("SELECT 1 FROM strange_marks")


@pytest.fixture
def lost(ledger: Ledger) -> Ledger:
    """A customer was written to about two invoices; then the database was lost, and begun anew."""
    customer = ledger.customer("Ash", "ap@ash.example")
    ledger.invoice(customer, "100.00", overdue=12, number="1001")
    ledger.invoice(customer, "200.00", overdue=2, number="1002")
    ledger.write(sending="automatic")
    ledger.desk.ok("run")
    begin_anew(ledger)
    return ledger


def everything(desk: Desk) -> list[list[tuple[Any, ...]]]:
    tables = ("messages", "message_lines", "steps_taken", "notes", "holds", "events", "marks_read")
    return [desk.rows(f"SELECT * FROM {table}") for table in tables]


def test_it_is_shown_first_and_changes_nothing_twice(lost: Ledger) -> None:
    desk = lost.desk
    empty = everything(desk)
    told = desk.ok("rebuild", "acme", "--dry-run")
    assert "1 message left with 2 steps" in told.out
    assert "nothing was changed" in told.err
    assert everything(desk) == empty
    shape = desk.ok("rebuild", "acme", "--json").json
    assert (shape["restored"], len(shape["messages"])) == (False, 1)
    assert [(it["number"], it["step"]) for it in shape["messages"][0]["invoices"]] == [
        ("1001", "first reminder"),
        ("1002", "first reminder"),
    ]
    assert "say --yes" in desk.ok("rebuild", "acme").err, "there is no terminal to ask on"
    assert everything(desk) == empty

    assert desk.ok("rebuild", "acme", "--json", "--yes").json["restored"] is True
    restored = everything(desk)
    assert restored != empty
    desk.ok("rebuild", "acme", "--yes")
    assert everything(desk) == restored


def test_the_story_and_the_thread_go_on(lost: Ledger) -> None:
    desk = lost.desk
    before = desk.mail[0]["Message-ID"]
    desk.ok("rebuild", "acme", "--yes")
    assert "rebuilt from its notes" in desk.ok("explain", "acme", "1001").out
    desk.now.go(days=9)
    desk.ok("run")
    assert before in desk.mail[1]["References"]


def test_steps_of_instalments_stay_in_their_rounds(ledger: Ledger) -> None:
    """What was agreed is not in the notes. A plan that is agreed anew begins a round that no step was in."""
    desk, currency = ledger.desk, ledger.currency
    written_to(ledger, amount="300.00")
    agree = ("agree", "acme", "1001", "--grace", "0", "--instalment")
    last = ("--instalment", f"200.00 {currency} on 2027-01-20")
    desk.ok(*agree, f"100.00 {currency} on 2026-11-25", *last)
    for _ in range(4):
        desk.now.go(days=2)
        desk.ok("run")
    before = remembered(desk)
    assert [round_ for _, _, round_, *_ in before["steps"]] == [1, 2]

    begin_anew(ledger)
    desk.ok("rebuild", "acme", "--yes")
    assert remembered(desk) == before
    desk.ok(*agree, f"100.00 {currency} on 2026-12-05", *last)
    assert desk.rows("SELECT first_round FROM agreements") == [(3,)]


@on_one_vendor
def test_whoever_pays_for_others_is_found_again(ledger: Ledger) -> None:
    """A job is billed to its parent: that got the message, and the notes stand on the job's invoice."""
    desk = ledger.desk
    parent = ledger.customer("Ash", "ap@ash.example")
    job = ledger.customer("Ash job", None, parent=parent, bill_with_parent=True)
    ledger.invoice(job, "300.00", overdue=2, number="1001")
    ledger.write(sending="automatic")
    desk.ok("run")
    desk.now.go(days=3)
    before, plan = remembered(desk), decided(desk)
    assert len(before["sent"]) == 1

    begin_anew(ledger)
    desk.ok("rebuild", "acme", "--yes")
    assert (remembered(desk), decided(desk)) == (before, plan)


def test_a_customer_who_has_paid_was_written_to_all_the_same(ledger: Ledger) -> None:
    """Its next invoice waits for the gap."""
    desk = ledger.desk
    customer, paid = written_to(ledger, amount="300.00")
    ledger.pay(paid)
    ledger.invoice(customer, "100.00", overdue=1, number="1002")
    desk.now.go(days=2)
    desk.ok("sync")
    assert [it["reason"] for it in decided(desk)["holds"]] == ["too-soon"]
    plan = decided(desk)

    begin_anew(ledger)
    desk.ok("rebuild", "acme", "--yes")
    assert decided(desk) == plan


def test_a_note_that_cannot_name_all_loses_no_step(xero: Ledger) -> None:
    """The notes stand on the customer; what has no room there has a note of its own."""
    desk = xero.desk
    customer = xero.customer("Ash", "ap@ash.example")
    for number in range(20):
        long = f"INVOICE-{number:04}-{'x' * 60}"
        xero.invoice(customer, "10.00", overdue=2 + number % 2, number=long)
    xero.write(sending="automatic")
    desk.ok("run")
    [(notes,)] = desk.rows("SELECT count(*) FROM notes WHERE target = 'invoice' AND status = 'written'")
    assert 0 < notes < 20
    before, plan = remembered(desk), decided(desk)

    begin_anew(xero)
    desk.ok("rebuild", "acme", "--yes")
    assert remembered(desk)["steps"] == before["steps"]
    assert len(before["steps"]) == 20
    assert decided(desk) == plan


def test_a_day_that_is_used_up_ends_it_and_the_next_one_goes_on(xero: Ledger) -> None:
    """Nothing is restored on half of what was sent; what was read is not read again."""
    desk = xero.desk
    for name in ("Ash", "Birch", "Cedar"):
        customer = xero.customer(name, f"ap@{name.lower()}.example")
        xero.invoice(customer, "100.00", overdue=2)
    xero.write(sending="automatic")
    desk.ok("run")
    begin_anew(xero)
    empty = everything(desk)[:-1]

    xero.strike("429-day", after=2, times=None, path="History$", retry_after=3600)
    told = desk.gives(1, "rebuild", "acme", "--yes")
    assert "1 of 3 places are not read yet" in told.err
    assert "`arsync rebuild acme` goes on from there" in told.err
    assert everything(desk)[:-1] == empty
    assert desk.rows("SELECT count(*) FROM marks_read") == [(2,)]

    xero.well()
    desk.now.go(days=1)
    desk.ok("sync")
    before = len(xero.simulator.calls.api)
    desk.ok("rebuild", "acme", "--yes")
    asked = [it.target for it in xero.simulator.calls.api[before:] if "History" in it.target]
    assert len(asked) == 1
    assert desk.rows("SELECT count(*) FROM messages WHERE status = 'sent'") == [(3,)]
    assert desk.rows("SELECT count(*) FROM marks_read") == [(0,)]


@on_one_vendor
def test_a_note_that_people_changed_waits_for_a_person(ledger: Ledger) -> None:
    desk = ledger.desk
    customer, first = written_to(ledger, overdue=12)
    [line] = ledger.notes(first, customer)[0]
    ledger.company.edit_invoice(first, PrivateNote=f"Jane says\n{line.replace('first', 'last')}")
    begin_anew(ledger)

    told = desk.gives(1, "rebuild", "acme", "--yes")

    assert "pauses invoice" in told.err
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "paused"
    assert "'last reminder', which the policy does not name" in hold["detail"]
    assert desk.rows("SELECT * FROM steps_taken") == []
    desk.ok("rebuild", "acme", "--yes")
    desk.ok("release", "acme", "1001")
    desk.ok("rebuild", "acme", "--yes")
    assert desk.rows("SELECT * FROM holds") == []


@on_one_vendor
def test_what_stands_as_held_is_paused(ledger: Ledger) -> None:
    desk = ledger.desk
    customer = ledger.customer("Ash", "ap@ash.example")
    for number in ("1001", "1002", "1003"):
        ledger.invoice(customer, "100.00", overdue=12, number=number)
    ledger.write()
    desk.ok("sync")
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--until", "2026-12-24")
    desk.ok("hold", "acme", "1002", "--reason", "excluded")
    desk.now.go(minutes=1)
    desk.ok("release", "acme", "1002")
    desk.ok("hold", "acme", "1003", "--reason", "paused", "--until", "2026-11-24")
    desk.ok("note")
    begin_anew(ledger)
    desk.now.go(days=2)

    told = desk.gives(1, "rebuild", "acme", "--yes")

    assert "4 of them about holds" in told.out
    assert desk.rows(
        "SELECT i.number, h.reason, h.until FROM holds h JOIN invoices i ON i.id = h.target_id"
    ) == [("1001", "paused", "2026-12-24")]
    assert "held as disputed" in desk.plan()["holds"][0]["detail"]


@on_one_vendor
def test_a_mark_settles_a_doubt(ledger: Ledger) -> None:
    desk = ledger.desk
    written_to(ledger, overdue=12)
    before = remembered(desk)
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute("UPDATE messages SET status = 'in-doubt'")
        connection.execute("DELETE FROM steps_taken")
        connection.execute("DELETE FROM notes")
    desk.ok("rebuild", "acme", "--yes")
    assert remembered(desk) == before


def test_without_notes_there_is_nothing_to_rebuild_from(ledger: Ledger) -> None:
    desk = ledger.desk
    assert "arsync sync" in desk.gives(1, "rebuild", "acme").err
    desk.ok("sync")
    assert "there is either" in desk.gives(2, "rebuild", "acme", "--yes", "--dry-run").err
    ledger.write(extra='notes = "none"\n')
    assert "books.acme.notes" in desk.gives(2, "rebuild", "acme").err


@on_one_vendor
def test_a_book_for_which_nothing_was_decided_is_not_live_by_it(ledger: Ledger) -> None:
    """Holds and exclusions of a go-live are lost: a person looks before anything leaves again."""
    desk = ledger.desk
    ledger.invoice(ledger.customer("Ash", "ap@ash.example"), "100.00", overdue=12, number="1001")
    ledger.write(sending="automatic", golive=None)
    desk.ok("sync")
    desk.ok("golive", "acme", "--confirm")
    desk.ok("run")
    begin_anew(ledger)
    assert "`arsync golive acme`" in desk.ok("rebuild", "acme", "--yes").err
    desk.now.go(days=9)
    desk.ok("run")
    assert len(desk.mail) == 1
