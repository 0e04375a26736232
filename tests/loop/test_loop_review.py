"""What must not be asked for, asked for twice, or forgotten, where agreements, opt-outs and holds meet."""

from __future__ import annotations

import pytest
from loop_agreements import lumen_owes
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks

POLICY = """\
name = "test"
min_gap_days = 1
send_on = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
payments_expected_every = 0
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "second reminder"
when = "10 days after due"
"""


@pytest.fixture
def owing(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    return lumen_owes(desk, ledger, POLICY)


def sent(desk: Desk) -> list[tuple[str, int]]:
    """The steps of what was sent, each with what of the invoice is not due yet, in order."""
    rows = desk.rows(
        "SELECT m.step, l.not_due FROM messages m "
        "JOIN message_lines l ON l.book = m.book AND l.message = m.id "
        "WHERE m.status = 'sent' ORDER BY m.ended_at"
    )
    return [(step, not_due) for step, not_due in rows]


def instalments(desk: Desk, ledger: Ledger, first: str) -> None:
    desk.ok(
        "agree", "acme", "1001", "--instalments", "2", "--first", first, "--every", "1 month",
        "--broken-after", "60",
    )  # fmt: skip


@on_one_vendor
def test_instalments_agreed_anew_are_reminded_of_from_the_first_step(
    desk: Desk, ledger: Ledger, owing: tuple[str, str]
) -> None:
    """The first plan's first instalment was reminded of once. The second plan's is, too: it is another
    debt of another day, and what was said about the first was not said about it."""
    instalments(desk, ledger, "2026-11-23")
    desk.now.go(days=1)
    desk.ok("run")
    assert sent(desk) == [("first reminder", 30000)]
    desk.ok("agree", "acme", "--end", "a1")
    instalments(desk, ledger, "2026-11-30")
    desk.now.go(days=7)
    desk.ok("run")
    assert sent(desk) == [("first reminder", 30000)] * 2


@on_one_vendor
def test_a_proposal_takes_back_no_discount_that_a_letter_promised(
    desk: Desk, ledger: Ledger, owing: tuple[str, str]
) -> None:
    """The letter offered 2 % for payment within seven days. Somebody proposes a settlement, nobody approves
    it, and the customer pays what the letter said is enough."""
    desk.policy(
        POLICY.replace('when = "1 day after due"', 'when = "1 day after due"\noffer = "2% within 7 days"')
    )
    desk.ok("run")
    assert "588.00" in desk.text()
    desk.ok("agree", "acme", "1001", "--settle", f"300.00 {ledger.currency}", "--until", "2026-12-31")
    ledger.pay(owing[1], "588.00")
    desk.now.go(days=3)
    desk.ok("run")
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], "write off 12.00" in hold["detail"]) == ("agreed", True)


@on_one_vendor
def test_what_was_settled_is_not_chased_once_its_dispute_ends(
    desk: Desk, ledger: Ledger, owing: tuple[str, str]
) -> None:
    """400.00 settled all of 600.00, of which the 200.00 that are left were in dispute when it was paid."""
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--amount", f"200.00 {ledger.currency}")
    desk.ok("agree", "acme", "1001", "--settle", f"400.00 {ledger.currency}", "--until", "2026-12-11")
    desk.ok("agree", "acme", "--approve", "a1", "--owner", "Berta")
    ledger.pay(owing[1], "400.00")
    desk.now.go(days=1)
    desk.ok("run")
    assert [hold["reason"] for hold in desk.plan()["holds"]] == ["disputed"]
    desk.ok("release", "acme", "1001")
    desk.ok("run")
    assert desk.mail == []
    assert [hold["reason"] for hold in desk.plan()["holds"]] == ["agreed"]


def test_who_wants_no_messages_gets_none_for_its_parent_either(desk: Desk, quickbooks: QuickBooks) -> None:
    """Alder pays for its site and cannot be written to; the site's address would do, but for its opt-out."""
    desk.policy(POLICY)
    quickbooks.write()
    alder = quickbooks.customer("Alder Builders", None)
    site = quickbooks.customer("Birch Lane", "birch@site.example", parent=alder, bill_with_parent=True)
    quickbooks.invoice(site, "80.00", number="1002")
    desk.ok("sync")
    assert desk.message()["to"] == ["birch@site.example"]
    desk.ok("opt-out", "acme", "Birch Lane", "message")
    assert [hold["reason"] for hold in desk.plan()["holds"]] == ["no-address"]
    assert desk.plan()["messages"] == []


def test_a_parent_who_wants_no_messages_gets_none_for_its_child(desk: Desk, quickbooks: QuickBooks) -> None:
    """The child pays for itself and has no address: its parent's would do, but for the opt-out."""
    desk.policy(POLICY)
    quickbooks.write()
    alder = quickbooks.customer("Alder Builders", "pay@alder.example")
    child = quickbooks.customer("Cedar Row", None, parent=alder)
    quickbooks.invoice(child, "80.00", number="1002")
    desk.ok("sync")
    assert desk.message()["to"] == ["pay@alder.example"]
    desk.ok("opt-out", "acme", "Alder Builders", "message")
    assert [hold["reason"] for hold in desk.plan()["holds"]] == ["no-address"]


def test_a_hold_that_is_over_keeps_out_none_that_comes_with_a_merge(
    desk: Desk, quickbooks: QuickBooks
) -> None:
    """1002 was paused for a day, and its customer for good: merged into another it stays paused."""
    desk.policy(POLICY)
    quickbooks.write(sending="automatic")
    other = quickbooks.customer("Lumen Yoga Two", "two@lumen.example")
    quickbooks.invoice(other, "80.00", number="1002")
    one = quickbooks.customer("Lumen Yoga")
    desk.ok("sync")
    desk.ok("hold", "acme", "1002", "--reason", "paused", "--until", "2026-11-24")
    desk.ok("hold", "acme", "Lumen Yoga Two", "--reason", "paused")
    desk.now.go(days=7)
    quickbooks.company.merge_customers(other, one)
    desk.ok("run")
    assert desk.mail == []
    [hold] = desk.plan()["holds"]
    assert (hold["customer"]["id"], hold["reason"], hold["until"]) == (one, "paused", None)


def test_a_plan_over_invoices_of_two_customers_is_kept_to_for_each(
    desk: Desk, quickbooks: QuickBooks
) -> None:
    """Alder paid for its site when 200.00 was to come in two parts; now the site pays for itself. What is due
    stands on its older invoice: the message about that leaves, as planned, and no other."""
    desk.policy(POLICY)
    quickbooks.write(sending="automatic")
    alder = quickbooks.customer("Alder Builders", "pay@alder.example")
    site = quickbooks.customer("Birch Lane", "birch@site.example", parent=alder, bill_with_parent=True)
    quickbooks.invoice(alder, "100.00", 2, number="1001")
    quickbooks.invoice(site, "100.00", 9, number="1002")
    desk.ok("sync")
    desk.ok(
        "agree", "acme", "Alder Builders", "--instalments", "2", "--first", "2026-11-24",
        "--every", "1 month", "--broken-after", "30",
    )  # fmt: skip
    quickbooks.company.edit_customer(site, BillWithParent=False)
    desk.now.go(days=2)
    desk.ok("sync")
    [planned] = desk.plan()["messages"]
    assert [line["number"] for line in planned["invoices"]] == ["1002"]
    desk.ok("run")
    assert [(mail["To"], "100.00" in desk.text()) for mail in desk.mail] == [("birch@site.example", True)]
    assert [hold["reason"] for hold in desk.plan()["holds"]] == ["agreed"]
