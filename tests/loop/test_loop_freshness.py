"""Payments that look unrecorded: firm steps wait, soft ones go on. Over real sockets, on both vendors.

The clock begins on Monday, 23 November 2026. Pearl Pay pays 1.00 every third day, from 1 September on.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from loop_desk import POLICY, Desk, on_one_vendor
from loop_ledgers import Ledger


@pytest.fixture
def regular(desk: Desk, ledger: Ledger) -> Ledger:
    """Otter Bau had its first reminder on 2 November and is 26 days overdue by the 23rd: a firm step is
    next. Lumen Yoga is two days overdue: the first reminder, a soft one."""
    payer = ledger.customer("Pearl Pay", "pay@pearl.example")
    regular = ledger.invoice(payer, "500.00", overdue=-200, number="P1")
    paid = date(2026, 9, 1)
    while paid <= date(2026, 11, 3):
        ledger.company.pay(regular, "1.00", paid)
        paid += timedelta(days=3)
    otter = ledger.customer("Otter Bau", "ap@otter.example")
    ledger.invoice(otter, "300.00", overdue=26, number="1003")
    ledger.write(sending="automatic")
    desk.now.go(days=-21)
    desk.ok("connect", "acme")
    desk.ok("run")
    desk.now.go(days=21)
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    assert [mail["To"] for mail in desk.mail] == ["ap@otter.example"]
    return ledger


def planned(desk: Desk) -> dict[str, str]:
    """What each customer would hear, or why it hears nothing."""
    plan = desk.plan()
    heard = {it["customer"]["name"]: it["step"] for it in plan["messages"] if it["status"] != "sent"}
    return heard | {it["customer"]["name"]: it["reason"] for it in plan["holds"]}


def test_firm_steps_wait_and_soft_ones_go_on(desk: Desk, regular: Ledger) -> None:
    """The last payment is of 3 November (63 days after the first of September): 20 days ago."""
    desk.ok("sync")
    assert planned(desk) == {"Otter Bau": "stale-data", "Lumen Yoga": "first reminder"}
    [hold] = desk.plan()["holds"]
    assert "the last payment is of 2026-11-03, 20 days ago" in hold["detail"]
    assert "no longer than 3 days" in hold["detail"]
    assert "record what came in or reconcile the bank feed" in hold["detail"]
    desk.ok("run")
    assert [mail["To"] for mail in desk.mail[1:]] == ["pay@lumen.example"]


def test_what_is_so_of_the_whole_book_is_told_once(desk: Desk, regular: Ledger) -> None:
    """By 1 December the first reminders of the 23rd are eight days old, and firm steps are next for all."""
    regular.invoice(regular.customer("Newt Books", "ap@newt.example"), "80.00", overdue=26, number="1002")
    desk.ok("run")
    desk.now.go(days=8)
    typed = desk.ok("run").out
    assert "decided: 0 messages to send, 3 holds (3 stale-data: `arsync plan acme` tells why)\n" in typed
    shown = desk.ok("plan").out
    assert shown.count("the last payment is of 2026-11-03") == 1
    assert shown.count("            stale-data: as above\n") == 2


def test_a_recorded_payment_lets_the_firm_step_go(desk: Desk, regular: Ledger) -> None:
    desk.ok("sync")
    regular.company.pay("P1", "1.00", date(2026, 11, 20))
    desk.now.go(minutes=1)
    desk.ok("sync")
    assert planned(desk) == {"Otter Bau": "second reminder", "Lumen Yoga": "first reminder"}


@on_one_vendor
def test_a_deleted_payment_does_not_count(desk: Desk, regular: Ledger) -> None:
    payment = regular.company.pay("P1", "1.00", date(2026, 11, 20))
    desk.ok("sync")
    assert planned(desk)["Otter Bau"] == "second reminder"
    regular.company.delete_payment(payment)
    desk.now.go(minutes=1)
    desk.ok("sync")
    assert planned(desk)["Otter Bau"] == "stale-data"


@on_one_vendor
def test_a_book_that_was_not_synced_is_told_to_be(desk: Desk, regular: Ledger) -> None:
    regular.company.pay("P1", "1.00", date(2026, 11, 20))
    details: list[Any] = [hold["detail"] for hold in desk.plan()["holds"]]
    assert len(details) == 1
    assert "the book was last synced on 2026-11-02: run `arsync sync`" in details[0]


@on_one_vendor
def test_the_policy_may_say_that_silence_is_ordinary(desk: Desk, regular: Ledger) -> None:
    """18 days after the 3rd is a Saturday, so that the limit ends on Monday, today; 17 days, on Friday."""
    desk.policy(POLICY.replace('name = "test"', 'name = "test"\npayments_expected_every = 0'))
    desk.ok("sync")
    assert planned(desk)["Otter Bau"] == "second reminder"
    desk.policy(POLICY.replace('name = "test"', 'name = "test"\npayments_expected_every = 18'))
    assert planned(desk)["Otter Bau"] == "second reminder"
    desk.policy(POLICY.replace('name = "test"', 'name = "test"\npayments_expected_every = 17'))
    assert planned(desk)["Otter Bau"] == "stale-data"


@on_one_vendor
def test_an_approved_firm_message_is_withdrawn_when_payments_stay_away(desk: Desk, regular: Ledger) -> None:
    """Approved while the data were fresh; three weeks later nothing was recorded since."""
    regular.write()
    regular.company.pay("P1", "1.00", date(2026, 11, 20))
    desk.ok("sync")
    [message] = [it for it in desk.plan()["messages"] if it["step"] == "second reminder"]
    desk.ok("approve", "acme", message["id"])
    desk.now.go(days=21)
    desk.ok("sync")
    sent = desk.ok("send")
    assert f"withdrawn {message['id']}" in sent.out
    assert "stale-data" in sent.out
