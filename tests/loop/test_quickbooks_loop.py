"""The whole loop with QuickBooks: pull over HTTP, decide, mail over SMTP, note back."""

from __future__ import annotations

from datetime import timedelta

from loop_desk import MONDAY, Desk
from loop_ledgers import QuickBooks


def test_an_overdue_invoice_is_chased_once_and_noted(desk: Desk, quickbooks: QuickBooks) -> None:
    """Mon 23 Nov: 120.00 is 2 days overdue. Approved, sent, noted; a second run does nothing."""
    company = quickbooks.company
    customer = company.add_customer("Lumen Yoga", "hello@lumen.example")
    invoice = company.add_invoice(
        customer,
        "120.00",
        MONDAY - timedelta(days=32),
        MONDAY - timedelta(days=2),
        number="1001",
        note="Spoke to Dana on Monday",
    )

    desk.ok("sync")
    [message] = desk.plan("acme")["messages"]
    assert message["status"] == "planned"
    assert (message["step"], message["total"], message["to"]) == (
        "first reminder",
        "120.00",
        ["hello@lumen.example"],
    )
    assert message["invoices"][0]["days_overdue"] == 2

    desk.ok("run")
    assert desk.mail == []  # nobody approved it

    desk.ok("approve", "acme", message["id"])
    desk.ok("run")
    [mail] = desk.mail
    assert mail["To"] == "hello@lumen.example"
    assert "1001" in desk.text()
    note = company.invoices[invoice]["PrivateNote"]
    assert note.startswith("Spoke to Dana on Monday\n")
    assert f"[arsync:{message['id']}]" in note

    desk.ok("run")
    assert len(desk.mail) == 1
    plan = desk.plan("acme")
    assert [m["status"] for m in plan["messages"]] == ["sent"]
    # 10 days after the due date is Tuesday 1 December, later than the gap's end on 28 November
    assert plan["upcoming"] == [
        {
            "invoice": {"id": invoice, "number": "1001"},
            "customer": {"id": customer, "name": "Lumen Yoga"},
            "step": "second reminder",
            "on": "2026-12-01",
        }
    ]
