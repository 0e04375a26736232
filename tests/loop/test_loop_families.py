"""Customers that are billed to their parent: one mail to the parent, about all that the family owes.

The builder Alder pays for its sites Birch Lane and Cedar Row; on Monday 23 November each invoice is two
days overdue, and its first reminder is ready. Birch Lane has an address of its own, which is not used.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from loop_desk import Desk
from loop_ledgers import QuickBooks


class Builder(NamedTuple):
    """The ids of a family in QuickBooks."""

    alder: str
    birch: str
    cedar: str


@pytest.fixture
def builder(quickbooks: QuickBooks) -> Builder:
    alder = quickbooks.customer("Alder Builders", "pay@alder.example")
    birch = quickbooks.customer("Birch Lane", "birch@site.example", parent=alder, bill_with_parent=True)
    cedar = quickbooks.customer("Cedar Row", None, parent=alder, bill_with_parent=True)
    return Builder(alder, birch, cedar)


@pytest.fixture
def approved(desk: Desk, quickbooks: QuickBooks, builder: Builder) -> dict[str, Any]:
    """The message about 1001 over 120.00 of Alder's own and 1002 over 80.00 of Birch Lane's."""
    quickbooks.invoice(builder.alder, "120.00", number="1001")
    quickbooks.invoice(builder.birch, "80.00", number="1002")
    desk.ok("sync")
    return desk.approved()


def test_one_mail_to_the_parent_about_the_family(
    desk: Desk, quickbooks: QuickBooks, builder: Builder, approved: dict[str, Any]
) -> None:
    assert approved["customer"] == {"id": builder.alder, "name": "Alder Builders"}
    assert (approved["to"], approved["total"]) == (["pay@alder.example"], "200.00")
    before = quickbooks.calls()
    desk.ok("send")
    assert quickbooks.calls() - before == 3  # invoices, customers and one report, for all of them
    desk.ok("note")
    assert [mail["To"] for mail in desk.mail] == ["pay@alder.example"]
    assert [number in desk.text() for number in ("1001", "1002", "200.00")] == [True] * 3
    for number in ("1001", "1002"):
        [note] = quickbooks.notes(number, builder.birch)[0]
        assert f"[arsync:{approved['id']}]" in note
    assert len(desk.rows("SELECT * FROM steps_taken")) == 2
    open_ = {row["customer"]["name"]: row["open"] for row in desk.ok("aging", "--json").json}
    assert open_ == {"Alder Builders": "120.00", "Birch Lane": "80.00"}


def test_the_childrens_credit_is_read_again(
    desk: Desk, quickbooks: QuickBooks, builder: Builder, approved: dict[str, Any]
) -> None:
    """It appears after the approval, with a child that owes nothing, and covers the parent's message."""
    quickbooks.credit(builder.cedar, "200.00")
    assert "credit-covers" in desk.ok("send").out
    assert desk.mail == []


def test_the_childrens_credit_that_was_used_up(desk: Desk, quickbooks: QuickBooks, builder: Builder) -> None:
    quickbooks.invoice(builder.birch, "80.00", number="1002")
    memo = quickbooks.company.add_credit_memo(builder.birch, "30.00", desk.now().date())
    desk.ok("sync")
    assert desk.approved()["unapplied"] == "30.00"
    quickbooks.company.apply_credit(memo, "1002")
    desk.ok("send")
    assert (desk.message()["total"], desk.message()["unapplied"]) == ("50.00", "0.00")
    assert desk.message()["status"] == "sent"


def test_a_childs_invoice_is_read_again(desk: Desk, quickbooks: QuickBooks, approved: dict[str, Any]) -> None:
    quickbooks.pay("1002")
    desk.ok("send")
    assert (desk.message()["total"], desk.message()["status"]) == ("120.00", "sent")
    assert "1002" not in desk.text()


def test_a_child_that_pays_for_itself_by_now(
    desk: Desk, quickbooks: QuickBooks, builder: Builder, approved: dict[str, Any]
) -> None:
    """Its record is read again as well: what it owes is not asked of the parent any more."""
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=False)
    desk.ok("send")
    assert "1002" not in desk.text()
    planned = {each["status"]: each for each in desk.plan()["messages"]}
    assert planned["sent"]["total"] == "120.00"
    assert planned["planned"]["customer"]["id"] == builder.birch
    assert planned["planned"]["to"] == ["birch@site.example"]


def test_a_child_whose_record_cannot_be_read_again(
    desk: Desk, quickbooks: QuickBooks, builder: Builder, approved: dict[str, Any]
) -> None:
    """Who is to pay for it is not known then: the whole message waits."""
    quickbooks.company.edit_customer(builder.birch, BillWithParent="perhaps")
    assert "could not be read again" in desk.gives(1, "send").err
    assert desk.mail == []
    assert desk.message()["status"] == "approved"


@pytest.mark.parametrize("sending", ["approve", "automatic"])
def test_billed_to_the_parent_after_the_approval(
    desk: Desk, quickbooks: QuickBooks, builder: Builder, sending: str
) -> None:
    """Approved for Birch Lane itself. It never goes there; where nobody has to approve it goes to the
    parent, whose own debts, unknown to the approval, are read again before: 1003 is paid, 1004 is not."""
    quickbooks.write(sending=sending)
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=False)
    quickbooks.invoice(builder.birch, "80.00", number="1002")
    quickbooks.invoice(builder.alder, "50.00", number="1003")
    quickbooks.invoice(builder.alder, "70.00", number="1004")
    desk.ok("sync")
    [own] = [each for each in desk.plan()["messages"] if each["customer"]["id"] == builder.birch]
    desk.ok("approve", "acme", own["id"])
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=True)
    quickbooks.pay("1003")
    desk.ok("send")
    if sending == "approve":
        assert desk.mail == []
        assert (desk.message()["status"], desk.message()["total"]) == ("planned", "150.00")
    else:
        assert [mail["To"] for mail in desk.mail] == ["pay@alder.example"]
        assert [number in desk.text() for number in ("1002", "1003", "1004")] == [True, False, True]
        assert [each["status"] for each in desk.plan()["messages"]] == ["sent"]
    assert desk.rows("SELECT status FROM messages WHERE status = 'approved'") == []


def test_why_a_message_to_a_child_did_not_leave(desk: Desk, quickbooks: QuickBooks, builder: Builder) -> None:
    """Approved for Birch Lane itself, and billed to a parent by now who had a mail yesterday."""
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=False)
    quickbooks.invoice(builder.alder, "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    desk.ok("send")
    desk.now.go(days=1)
    quickbooks.invoice(builder.birch, "80.00", number="1002")
    desk.ok("sync")
    desk.approved()
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=True)
    assert "too-soon" in desk.ok("send").out
    assert len(desk.mail) == 1


def test_the_gap_to_what_reached_the_child_before(
    desk: Desk, quickbooks: QuickBooks, builder: Builder
) -> None:
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=False)
    quickbooks.invoice(builder.birch, "80.00", number="1002")
    desk.ok("sync")
    desk.approved()
    desk.ok("send")
    desk.now.go(days=1)
    quickbooks.company.edit_customer(builder.birch, bill_with_parent=True)
    quickbooks.invoice(builder.cedar, "90.00", number="1003")
    desk.ok("sync")
    plan = desk.plan()
    assert plan["messages"] == []
    [hold] = plan["holds"]
    assert (hold["customer"]["id"], hold["reason"]) == (builder.alder, "too-soon")
    [coming] = plan["upcoming"]  # the child's invoice goes on with its second step
    assert (coming["invoice"]["number"], coming["step"]) == ("1002", "second reminder")


def test_a_hold_on_the_child_by_its_name(
    desk: Desk, quickbooks: QuickBooks, approved: dict[str, Any]
) -> None:
    desk.ok("hold", "acme", "Birch Lane", "--reason", "disputed", "--note", "wrong bricks")
    plan = desk.plan()
    assert [each["total"] for each in plan["messages"]] == ["120.00"]
    [hold] = plan["holds"]
    assert (hold["reason"], [each["number"] for each in hold["invoices"]]) == ("disputed", ["1002"])
    desk.ok("send")
    assert "1002" not in desk.text()
    assert "disputed" in desk.ok("explain", "acme", "Birch Lane").out
    assert "held" not in desk.ok("explain", "acme", "1001").out
    desk.ok("release", "acme", "Birch Lane")
    assert desk.plan()["holds"][0]["reason"] == "too-soon"


def test_a_hold_on_the_parent_holds_the_family(
    desk: Desk, quickbooks: QuickBooks, approved: dict[str, Any]
) -> None:
    desk.ok("hold", "acme", "Alder Builders", "--reason", "paused")
    plan = desk.plan()
    assert plan["messages"] == []
    held = [each["number"] for hold in plan["holds"] for each in hold["invoices"]]
    assert sorted(held) == ["1001", "1002"]


def test_the_stories_of_the_child_and_of_the_parent(
    desk: Desk, builder: Builder, approved: dict[str, Any]
) -> None:
    desk.ok("send")
    sent = ("sent", approved["id"])
    parent = {"id": builder.alder, "name": "Alder Builders"}
    for what, billed_to, numbers in (
        ("Birch Lane", parent, ["1002"]),
        ("1002", parent, ["1002"]),
        ("Alder Builders", None, ["1001", "1002"]),
    ):
        story = desk.ok("explain", "acme", what, "--json").json
        assert story["billed_to"] == billed_to
        assert sorted(each["number"] for each in story["invoices"]) == numbers
        assert sent in [(event["what"], event["source"]) for event in story["events"]]
        steps = [each["next"][0]["step"] for each in story["invoices"]]
        assert steps == ["second reminder"] * len(numbers)
        assert ("billed to Alder Builders" in desk.ok("explain", "acme", what).out) is bool(billed_to)


def test_an_address_on_a_childs_invoice(desk: Desk, quickbooks: QuickBooks, builder: Builder) -> None:
    """Alder has none of its own: that on the invoice of a site serves before the site's own."""
    quickbooks.email(builder.alder, None)
    quickbooks.invoice(builder.birch, "80.00", number="1002")
    quickbooks.invoice(
        builder.cedar, "90.00", number="1003", email="bills@alder.example", cc="site@alder.example"
    )
    desk.ok("sync")
    message = desk.message()
    assert (message["to"], message["cc"]) == (["bills@alder.example"], ["site@alder.example"])
