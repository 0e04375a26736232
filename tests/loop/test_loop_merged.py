"""Customers that are merged: what was decided about the one counts for the other. Over real sockets."""

from __future__ import annotations

from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks
from loop_restore import begin_anew


def merge(ledger: Ledger, customer: str, into: str) -> None:
    if isinstance(ledger, QuickBooks):
        ledger.company.merge_customers(customer, into)
    else:
        ledger.company.merge(customer, into)


def test_a_hold_on_a_merged_customer_goes_on_to_hold_its_invoices(desk: Desk, ledger: Ledger) -> None:
    other = ledger.customer("Lumen Yoga Two", "two@lumen.example")
    ledger.invoice(other, "80.00", number="1002")
    one = ledger.customer("Lumen Yoga")
    ledger.invoice(one, "120.00", number="1001")
    ledger.write()
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.ok("hold", "acme", "Lumen Yoga Two", "--reason", "excluded", "--note", "a friend")
    merge(ledger, other, one)
    desk.now.go(minutes=10)
    desk.ok("sync")
    message = desk.message()
    assert [line["number"] for line in message["invoices"]] == ["1001"]
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["invoices"][0]["number"]) == ("excluded", "1002")
    assert "a friend" in hold["detail"]
    desk.ok("release", "acme", "1002")
    assert len(desk.message()["invoices"]) == 2


def test_a_message_to_a_merged_customer_keeps_the_gap_to_the_next(desk: Desk, ledger: Ledger) -> None:
    """Two had a letter on Monday; merged on Tuesday: One hears nothing before Monday."""
    other = ledger.customer("Lumen Yoga Two", "two@lumen.example")
    ledger.invoice(other, "80.00", number="1002")
    one = ledger.customer("Lumen Yoga")
    ledger.write(sending="automatic")
    desk.ok("connect", "acme")
    desk.ok("run")
    assert len(desk.mail) == 1
    desk.now.go(days=1)
    merge(ledger, other, one)
    ledger.invoice(one, "120.00", number="1001")
    desk.ok("run")
    assert len(desk.mail) == 1
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["until"]) == ("too-soon", "2026-11-30")


def test_an_opt_out_of_a_merged_customer_holds_for_the_other(desk: Desk, ledger: Ledger) -> None:
    other = ledger.customer("Lumen Yoga Two", "two@lumen.example")
    ledger.invoice(other, "80.00", number="1002")
    one = ledger.customer("Lumen Yoga")
    ledger.invoice(one, "120.00", number="1001")
    ledger.write()
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.ok("opt-out", "acme", "Lumen Yoga Two", "message")
    assert [message["customer"]["name"] for message in desk.plan()["messages"]] == ["Lumen Yoga"]
    merge(ledger, other, one)
    desk.now.go(minutes=10)
    desk.ok("sync")
    plan = desk.plan()
    assert plan["messages"] == []
    assert {hold["reason"] for hold in plan["holds"]} == {"opted-out"}
    desk.ok("opt-out", "acme", "Lumen Yoga", "message", "--back")
    assert len(desk.message()["invoices"]) == 2


def test_what_a_merged_customer_heard_is_found_again(desk: Desk, xero: Ledger) -> None:
    """The database is lost; the notes stand on the contact that was merged."""
    other = xero.customer("Lumen Yoga Two", "two@lumen.example")
    xero.invoice(other, "80.00", number="1002")
    one = xero.customer("Lumen Yoga")
    xero.invoice(one, "120.00", number="1001")
    xero.write(sending="automatic", extra='notes = "customer"\n')
    desk.ok("run")
    assert len(desk.mail) == 2
    merge(xero, other, one)
    desk.ok("sync")
    before = desk.rows("SELECT invoice_id, step, on_day FROM steps_taken ORDER BY 1")
    begin_anew(xero)
    desk.ok("rebuild", "acme", "--yes")
    assert desk.rows("SELECT invoice_id, step, on_day FROM steps_taken ORDER BY 1") == before
    desk.now.go(days=7)
    desk.ok("run")
    assert len(desk.mail) == 2


def test_a_hold_on_a_merged_customer_is_found_again(desk: Desk, xero: Ledger) -> None:
    other = xero.customer("Lumen Yoga Two", "two@lumen.example")
    xero.invoice(other, "80.00", number="1002")
    one = xero.customer("Lumen Yoga")
    xero.write(sending="automatic", extra='notes = "customer"\n')
    desk.ok("sync")
    desk.ok("hold", "acme", "Lumen Yoga Two", "--reason", "excluded")
    desk.ok("run")
    merge(xero, other, one)
    begin_anew(xero)
    desk.gives(1, "rebuild", "acme", "--yes")
    desk.ok("run")
    assert desk.mail == []
