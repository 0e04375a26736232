"""`hold` and `release`: on what, for which reason, until when; and what cannot be meant."""

from __future__ import annotations

import shlex

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks, Xero


@pytest.fixture
def owing(desk: Desk, quickbooks: QuickBooks) -> tuple[str, str]:
    """Lumen Yoga owes 1001 over 120.00 and 1002 over 80.00, both overdue: the ids of customer and 1001."""
    return two_invoices(desk, quickbooks)


def two_invoices(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    customer = ledger.customer("Lumen Yoga")
    invoice = ledger.invoice(customer, "120.00", number="1001")
    ledger.invoice(customer, "80.00", number="1002")
    desk.ok("sync")
    return customer, invoice


REASONS = ("excluded", "disputed", "promised", "paused")


def test_an_invoice_by_its_number(desk: Desk, owing: tuple[str, str]) -> None:
    """It is in no message, not even listed; the other invoice is chased; released, both are again."""
    for reason in REASONS:
        desk.ok("hold", "acme", "1001", "--reason", reason, "--until", "2026-12-31")
        plan = desk.plan()
        [message] = plan["messages"]
        assert [each["number"] for each in message["invoices"]] == ["1002"]
        assert message["total"] == "80.00"
        [hold] = plan["holds"]
        assert (hold["reason"], hold["until"]) == (reason, "2027-01-01")
        assert [each["number"] for each in hold["invoices"]] == ["1001"]
        desk.ok("release", "acme", "1001")
        assert desk.message()["total"] == "200.00"


def test_without_an_end(desk: Desk, owing: tuple[str, str]) -> None:
    """--until may be left out, whatever the reason: it stands until it is released."""
    for reason in REASONS:
        desk.ok("hold", "acme", "1001", "--reason", reason)
        desk.now.go(days=100)
        [hold] = [each for each in desk.plan()["holds"] if each["invoices"][0]["number"] == "1001"]
        assert (hold["reason"], hold["until"]) == (reason, None)
        desk.ok("release", "acme", "1001")


def test_a_customer(desk: Desk, owing: tuple[str, str]) -> None:
    """By id, by name in any case, and by id with its kind before it."""
    customer, _ = owing
    for word in (customer, "Lumen Yoga", "lumen YOGA", f"customer:{customer}"):
        desk.ok("hold", "acme", word, "--reason", "paused", "--note", "on holiday")
        plan = desk.plan()
        assert plan["messages"] == []
        [hold] = plan["holds"]
        assert hold["reason"] == "paused"
        assert "on holiday" in hold["detail"]
        assert [each["number"] for each in hold["invoices"]] == ["1001", "1002"]
        desk.ok("release", "acme", word)
        assert desk.plan()["holds"] == []


def test_an_invoice_by_its_id(desk: Desk, owing: tuple[str, str]) -> None:
    _, invoice = owing
    desk.ok("hold", "acme", invoice, "--reason", "disputed")
    [hold] = desk.plan()["holds"]
    assert hold["invoices"] == [{"id": invoice, "number": "1001"}]


@pytest.mark.parametrize("what", ["customer", "invoice"])
def test_by_the_ids_of_xero(desk: Desk, xero: Xero, what: str) -> None:
    customer, invoice = two_invoices(desk, xero)
    desk.ok("hold", "acme", customer if what == "customer" else invoice, "--reason", "disputed")
    [hold] = desk.plan()["holds"]
    assert len(hold["invoices"]) == (2 if what == "customer" else 1)


def test_until_is_the_last_day(desk: Desk, owing: tuple[str, str]) -> None:
    """Held until Wednesday: it stands on Wednesday, and on Thursday the message could leave, and does."""
    desk.ok("hold", "acme", "Lumen Yoga", "--reason", "paused", "--until", "2026-11-25")
    [hold] = desk.plan()["holds"]
    assert hold["until"] == "2026-11-26"
    desk.now.go(days=2)
    assert desk.plan()["messages"] == []
    desk.now.go(days=1)
    assert desk.message()["total"] == "200.00"
    assert desk.plan()["holds"] == []


def test_precedence(desk: Desk, owing: tuple[str, str], quickbooks: QuickBooks) -> None:
    """Several reasons: excluded before disputed before paused, and the detail names the others."""
    customer, _ = owing
    quickbooks.email(customer, None)
    desk.ok("sync")
    desk.ok("hold", "acme", "1001", "--reason", "paused")
    desk.ok("hold", "acme", "1001", "--reason", "disputed")
    desk.ok("hold", "acme", customer, "--reason", "excluded")
    hold = next(each for each in desk.plan()["holds"] if each["invoices"][0]["number"] == "1001")
    assert hold["reason"] == "excluded"
    for other in ("disputed", "paused", "no-address"):
        assert other in hold["detail"]


def test_a_hold_outlives_a_sync(desk: Desk, owing: tuple[str, str]) -> None:
    desk.ok("hold", "acme", "1001", "--reason", "disputed")
    desk.ok("sync", "--full")
    assert [each["reason"] for each in desk.plan()["holds"]] == ["disputed"]


def test_unknown(desk: Desk, owing: tuple[str, str]) -> None:
    """exit 2; the nearest name is offered, and nothing is held."""
    typed = desk.gives(2, "hold", "acme", "Lumen Yogi", "--reason", "paused")
    assert "'Lumen Yoga'" in typed.err
    assert desk.plan()["holds"] == []
    assert desk.gives(2, "release", "acme", "9999").err.count("error:") == 1
    assert "9999" in desk.gives(2, "explain", "acme", "9999").err


def test_ambiguous(desk: Desk, quickbooks: QuickBooks) -> None:
    """`1` is a customer's id and an invoice's number: exit 2, naming both as they can be typed."""
    customer = quickbooks.customer("Lumen Yoga")
    assert customer == "1"
    invoice = quickbooks.invoice(customer, "120.00", number="1")
    desk.ok("sync")
    typed = desk.gives(2, "hold", "acme", "1", "--reason", "paused")
    assert f"invoice:{invoice}" in typed.err
    assert "customer:1" in typed.err
    desk.ok("hold", "acme", f"invoice:{invoice}", "--reason", "paused")
    desk.ok("hold", "acme", "customer:1", "--reason", "disputed")
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "disputed"
    assert "paused" in hold["detail"]


def test_two_invoices_of_one_number(desk: Desk, quickbooks: QuickBooks) -> None:
    """QuickBooks lets people use a number twice."""
    customer = quickbooks.customer("Lumen Yoga")
    ids = {quickbooks.invoice(customer, amount, number="1001") for amount in ("120.00", "80.00")}
    desk.ok("sync")
    typed = desk.gives(2, "hold", "acme", "1001", "--reason", "paused")
    assert all(id_ in typed.err for id_ in ids)


def test_what_cannot_be_meant(desk: Desk, owing: tuple[str, str]) -> None:
    """Each names the option and what is allowed; nothing is held."""
    for line, words in (
        (("--reason", "angry"), ("--reason", *REASONS)),
        ((), ("--reason",)),
        (("--reason", "paused", "--until", "tomorrow"), ("--until", "2026-")),
        (("--reason", "paused", "--until", "2026-11-31"), ("--until",)),
        (("--reason", "paused", "--until", "2026-11-22"), ("--until", "2026-11-23")),
    ):
        typed = desk.gives(2, "hold", "acme", "1001", *line)
        for word in words:
            assert word in typed.err
    assert desk.plan()["holds"] == []


def test_releasing_what_is_not_held(desk: Desk, owing: tuple[str, str]) -> None:
    assert "1001" in desk.gives(2, "release", "acme", "1001").err


def test_the_command_that_is_offered_can_be_typed(desk: Desk, owing: tuple[str, str]) -> None:
    """A name with a space comes quoted, so that it can be copied into a shell."""
    typed = desk.ok("hold", "acme", "Lumen Yoga", "--reason", "paused")
    offered = typed.out.split("`")[1]
    desk.ok(*shlex.split(offered)[1:])
    assert desk.plan()["holds"] == []


def test_the_story_tells_of_it(desk: Desk, owing: tuple[str, str]) -> None:
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--note", "wrong colour")
    desk.ok("release", "acme", "1001")
    story = desk.ok("explain", "acme", "1001", "--json").json
    assert [event["what"] for event in story["events"]] == ["held", "released"]
    assert "wrong colour" in story["events"][0]["detail"]
