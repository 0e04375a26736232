"""Rule 7: between approval and sending the debt is read again, and only what still holds leaves.

Each test approves one message about one or two invoices on Monday 23 November, changes the company
without a sync, and types `send`. The invoices are two days overdue: their first reminder is ready.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from loop_desk import MONDAY, Desk, on_one_vendor
from loop_ledgers import Ledger


@pytest.fixture
def customer(ledger: Ledger) -> str:
    return ledger.customer("Lumen Yoga")


def approve_one(desk: Desk, ledger: Ledger, customer: str) -> tuple[dict, str]:
    """One message about invoice 1001 over 120.00, approved; and the invoice's id."""
    invoice = ledger.invoice(customer, "120.00", number="1001")
    desk.ok("sync")
    return desk.approved(), invoice


def approve_two(desk: Desk, ledger: Ledger, customer: str) -> tuple[dict, str, str]:
    """One message about 1001 over 120.00 and 1002 over 80.00, approved."""
    first = ledger.invoice(customer, "120.00", number="1001")
    second = ledger.invoice(customer, "80.00", number="1002")
    desk.ok("sync")
    message = desk.approved()
    assert message["total"] == "200.00"
    return message, first, second


def expect_withdrawn(desk: Desk, message: dict, *words: str) -> dict:
    """It did not leave, it says why, and its steps are still to be taken."""
    assert desk.mail == []
    [shown] = [each for each in desk.plan()["messages"] if each["id"] == message["id"]]
    assert shown["status"] == "withdrawn"
    for word in words:
        assert word in shown["reason"]
    assert desk.rows("SELECT * FROM steps_taken") == []
    assert desk.rows("SELECT * FROM notes WHERE message IN (SELECT id FROM messages)") == []
    return shown


def test_nothing_happened(desk: Desk, ledger: Ledger, customer: str) -> None:
    """The baseline: what is approved and still owed leaves, and its step is taken."""
    message, invoice = approve_one(desk, ledger, customer)
    desk.ok("send")
    assert len(desk.mail) == 1
    assert desk.message()["status"] == "sent"
    assert desk.message()["id"] == message["id"]
    assert desk.rows("SELECT invoice_id, step, how FROM steps_taken") == [
        (invoice, "first reminder", "message")
    ]
    assert desk.next_step("1001") == "second reminder"


def test_paid(desk: Desk, ledger: Ledger, customer: str) -> None:
    message, invoice = approve_one(desk, ledger, customer)
    ledger.pay(invoice)
    typed = desk.ok("send")
    assert "withdrawn" in typed.out
    assert message["id"] in typed.out
    expect_withdrawn(desk, message, "1001", "paid")


@on_one_vendor
def test_paid_and_withdrawn_is_history_the_next_day(desk: Desk, ledger: Ledger, customer: str) -> None:
    """`plan` shows those that left or ended on its day, and not those of yesterday."""
    _, invoice = approve_one(desk, ledger, customer)
    ledger.pay(invoice)
    desk.ok("send")
    desk.now.go(days=1)
    desk.ok("sync")
    plan = desk.plan()
    assert (plan["messages"], plan["holds"], plan["upcoming"]) == ([], [], [])
    assert "withdrawn" in desk.ok("explain", "acme", "1001").out


def test_one_of_two_is_paid(desk: Desk, ledger: Ledger, customer: str) -> None:
    """It drops out of the message; what is left is sent under the same id and takes its step."""
    message, first, second = approve_two(desk, ledger, customer)
    ledger.pay(first)
    desk.ok("send")
    sent = desk.message()
    assert (sent["id"], sent["status"], sent["total"]) == (message["id"], "sent", "80.00")
    assert [each["id"] for each in sent["invoices"]] == [second]
    assert "1001" not in desk.text()
    assert "80.00" in desk.text()
    assert desk.rows("SELECT invoice_id FROM steps_taken") == [(second,)]


def test_paid_in_part(desk: Desk, ledger: Ledger, customer: str) -> None:
    """The amount shrinks; the message still leaves, over what is left."""
    message, invoice = approve_one(desk, ledger, customer)
    ledger.pay(invoice, "50.00")
    desk.ok("send")
    sent = desk.message()
    assert (sent["id"], sent["status"], sent["total"]) == (message["id"], "sent", "70.00")
    assert sent["invoices"][0]["open"] == "70.00"
    assert "70.00" in desk.text()
    assert desk.mail[0]["Message-ID"] == f"<arsync.{message['id']}@acme.example>"


@on_one_vendor
def test_paid_down_below_the_minimum(desk: Desk, ledger: Ledger, customer: str) -> None:
    message, invoice = approve_one(desk, ledger, customer)
    ledger.pay(invoice, "100.00")
    desk.ok("send")
    expect_withdrawn(desk, message, "below-minimum", "20.00")
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "below-minimum"


def test_voided(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Xero leaves the amount on a voided invoice: its status counts."""
    message, invoice = approve_one(desk, ledger, customer)
    ledger.void(invoice)
    desk.ok("send")
    expect_withdrawn(desk, message, "1001")
    assert desk.ok("aging", "--json").json == []


def test_deleted(desk: Desk, quickbooks: Ledger) -> None:
    """In QuickBooks an invoice can be deleted; then it is simply not there any more."""
    message, invoice = approve_one(desk, quickbooks, quickbooks.customer("Lumen Yoga"))
    quickbooks.company.delete(invoice)
    desk.ok("send")
    expect_withdrawn(desk, message, "1001")
    assert desk.ok("aging", "--json").json == []


def test_credit_appears_and_covers(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Credit that reaches the total holds the customer; the invoice stays open."""
    message, _ = approve_one(desk, ledger, customer)
    ledger.credit(customer, "120.00")
    desk.ok("send")
    expect_withdrawn(desk, message, "credit-covers")
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["until"]) == ("credit-covers", None)
    assert [each["number"] for each in hold["invoices"]] == ["1001"]


def test_credit_appears_and_does_not_cover(desk: Desk, ledger: Ledger, customer: str) -> None:
    """It stands beside the total, which stays gross, and the letter tells of it."""
    message, _ = approve_one(desk, ledger, customer)
    ledger.credit(customer, "30.00")
    desk.ok("send")
    sent = desk.message()
    assert (sent["id"], sent["status"]) == (message["id"], "sent")
    assert (sent["total"], sent["unapplied"]) == ("120.00", "30.00")
    assert "30.00" in desk.text()


def test_due_date_moved_to_the_future(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Due on 31 December: no step is ready, and the heads-up comes three days before."""
    message, invoice = approve_one(desk, ledger, customer)
    ledger.redate(invoice, MONDAY + timedelta(days=38))
    desk.ok("send")
    expect_withdrawn(desk, message)
    [coming] = desk.plan()["upcoming"]
    assert (coming["step"], coming["on"]) == ("heads-up", "2026-12-28")


def test_due_date_taken_away(desk: Desk, xero: Ledger) -> None:
    """(QuickBooks gives each invoice a due date of its own accord.)"""
    message, invoice = approve_one(desk, xero, xero.customer("Lumen Yoga"))
    xero.redate(invoice, None)
    desk.ok("send")
    expect_withdrawn(desk, message, "no-due-date")


def test_address_removed(desk: Desk, ledger: Ledger, customer: str) -> None:
    message, _ = approve_one(desk, ledger, customer)
    ledger.email(customer, None)
    desk.ok("send")
    expect_withdrawn(desk, message, "no-address")
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "no-address"


@on_one_vendor
def test_address_changed(desk: Desk, ledger: Ledger, customer: str) -> None:
    """An addressee was added: nobody approved writing to that one."""
    message, _ = approve_one(desk, ledger, customer)
    ledger.email(customer, "new@lumen.example")
    typed = desk.ok("send")
    assert "back to planned" in typed.out
    assert desk.mail == []
    again = desk.message()
    assert (again["id"], again["status"], again["to"]) == (message["id"], "planned", ["new@lumen.example"])


def test_amount_grew(desk: Desk, ledger: Ledger, customer: str) -> None:
    """The approval does not cover the larger sum; a second approval does."""
    message, invoice = approve_one(desk, ledger, customer)
    ledger.enlarge(invoice, "150.00")
    typed = desk.ok("send")
    assert desk.mail == []
    assert "1001" in typed.out
    assert "grew" in typed.out
    again = desk.message()
    assert (again["status"], again["total"]) == ("planned", "150.00")
    assert again["id"] == message["id"]  # the same customer, currency and steps
    assert desk.rows("SELECT * FROM steps_taken") == []
    desk.ok("approve", "acme", again["id"])
    desk.ok("send")
    assert "150.00" in desk.text()


def test_an_invoice_was_added_by_a_sync(desk: Desk, ledger: Ledger, customer: str) -> None:
    """A sync brings 1002, overdue as well: the approval lapses and both are planned anew."""
    message, _ = approve_one(desk, ledger, customer)
    ledger.invoice(customer, "80.00", number="1002")
    desk.ok("sync")
    [planned] = desk.plan()["messages"]
    assert (planned["status"], planned["total"]) == ("planned", "200.00")
    assert planned["id"] != message["id"]  # it takes other steps
    desk.ok("send")
    assert desk.mail == []
    [planned] = desk.plan()["messages"]
    assert (planned["status"], planned["total"]) == ("planned", "200.00")
    desk.ok("approve", "acme", planned["id"])
    desk.ok("send")
    assert len(desk.mail) == 1


@on_one_vendor
def test_an_added_invoice_does_not_stop_automatic_sending(desk: Desk, ledger: Ledger, customer: str) -> None:
    ledger.write(sending="automatic")
    invoice = ledger.invoice(customer, "120.00", number="1001")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    ledger.enlarge(invoice, "150.00")
    desk.ok("send")
    assert "150.00" in desk.text()
    assert desk.message()["total"] == "150.00"


@on_one_vendor
def test_became_firmer(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Approved as a heads-up on the Monday before it is due; sent only after: that is a reminder now."""
    ledger.invoice(customer, "120.00", overdue=-1, number="1001")
    desk.ok("sync")
    assert desk.approved()["step"] == "heads-up"
    desk.now.go(days=2)
    desk.ok("send")
    assert desk.mail == []
    again = desk.message()
    assert (again["status"], again["step"]) == ("planned", "first reminder")


@on_one_vendor
def test_held_after_the_approval(desk: Desk, ledger: Ledger, customer: str) -> None:
    message, _ = approve_one(desk, ledger, customer)
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--note", "wrong colour")
    desk.ok("send")
    expect_withdrawn(desk, message, "disputed", "wrong colour")


@on_one_vendor
def test_not_sent_on_a_day_that_is_no_sending_day(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Approved on Monday, the machine was off until Saturday."""
    message, _ = approve_one(desk, ledger, customer)
    desk.now.go(days=5)
    desk.ok("send")
    expect_withdrawn(desk, message, "not-a-sending-day", "Saturday")


@on_one_vendor
def test_a_withdrawn_message_comes_back(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Withdrawn for a hold; released the same day it is planned again under its id, and leaves."""
    message, _ = approve_one(desk, ledger, customer)
    desk.ok("hold", "acme", "1001", "--reason", "paused")
    desk.ok("send")
    desk.ok("release", "acme", "1001")
    again = desk.message()
    assert (again["id"], again["status"]) == (message["id"], "planned")
    desk.ok("approve", "acme", message["id"])
    desk.ok("send")
    assert len(desk.mail) == 1
    assert desk.message()["status"] == "sent"


def test_the_service_cannot_be_read_again(desk: Desk, ledger: Ledger, customer: str) -> None:
    """Nothing leaves on an old reading; the message stays approved and leaves with the next run."""
    message, _ = approve_one(desk, ledger, customer)
    ledger.strike("503-html", times=None)
    typed = desk.gives(1, "send")
    assert typed.err.count("error:") == 1
    assert desk.mail == []
    assert desk.message()["status"] == "approved"
    ledger.well()
    desk.ok("send")
    assert len(desk.mail) == 1
    assert desk.message()["id"] == message["id"]


def test_an_invoice_cannot_be_understood_any_more(desk: Desk, xero: Ledger) -> None:
    """It makes no sense when it is read again: its message waits for a person, the other one leaves."""
    invoice = xero.invoice(xero.customer("Lumen Yoga"), "120.00", number="1001")
    xero.invoice(xero.customer("Tern Coffee", "pay@tern.example"), "90.00", number="1002")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    with xero.company.lock:
        record = xero.company.invoice(invoice)
        record.currency = "XX"
        xero.company.touch(record)
    typed = desk.gives(1, "send")
    assert "could not be read again" in typed.err
    assert "arsync rejects acme" in typed.err
    assert [mail["To"] for mail in desk.mail] == ["pay@tern.example"]
    assert [each["status"] for each in desk.plan()["messages"]] == ["approved", "sent"]


@on_one_vendor
def test_a_second_approval_takes_the_place_of_the_first(desk: Desk, ledger: Ledger, customer: str) -> None:
    """1001 was approved; a sync brings 1002, and both are approved as the message that is planned now:
    one mail leaves about both, and the first approval is over."""
    first, _ = approve_one(desk, ledger, customer)
    ledger.invoice(customer, "80.00", number="1002")
    desk.ok("sync")
    second = desk.approved()
    assert second["id"] != first["id"]
    desk.ok("send")
    assert len(desk.mail) == 1
    assert "200.00" in desk.text()
    desk.ok("send")
    assert len(desk.mail) == 1
    assert [(each["id"], each["status"]) for each in desk.plan()["messages"]] == [(second["id"], "sent")]
    assert desk.rows("SELECT id FROM messages WHERE status = 'approved'") == []
