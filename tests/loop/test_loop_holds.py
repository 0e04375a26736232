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


REFUSED = (
    (("--reason", "angry"), ("--reason", *REASONS)),
    ((), ("--reason",)),
    (("--reason", "paused", "--until", "tomorrow"), ("--until", "2026-")),
    (("--reason", "paused", "--until", "2026-11-31"), ("--until",)),
    (("--reason", "paused", "--until", "2026-11-22"), ("--until", "2026-11-23")),
    (("--reason", "paused", "--amount", "50.00 USD"), ("--amount", "promised or disputed")),
    (("--reason", "promised", "--amount", "50.00 GBP"), ("--amount", "USD", "not in GBP")),
    (("--reason", "promised", "--amount", "50.00"), ("--amount", "500.00 GBP")),
    (("--reason", "promised", "--amount", "lots USD"), ("--amount", "'lots'")),
    (("--reason", "promised", "--amount", "0.00 USD"), ("--amount", "above zero")),
    (("--reason", "promised", "--amount", "-5.00 USD"), ("--amount", "above zero")),
    (("--reason", "promised", "--amount", "120.01 USD"), ("120.01 USD", "more than the 120.00 USD", "1001")),
    (("--reason", "disputed", "--amount", "120.01 USD"), ("120.01 USD", "more than the 120.00 USD", "1001")),
    (("--reason", "paused", "--grace", "3", "--until", "2026-12-01"), ("--grace", "promise")),
    (("--reason", "promised", "--grace", "3"), ("--grace", "--until")),
    (("--reason", "promised", "--grace", "-1", "--until", "2026-12-01"), ("--grace",)),
)


@pytest.mark.parametrize(("line", "words"), REFUSED)
def test_what_cannot_be_meant(
    desk: Desk, owing: tuple[str, str], line: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Each names the option and what is allowed; nothing is held, noted or told."""
    typed = desk.gives(2, "hold", "acme", "1001", *line)
    for word in words:
        assert word in typed.err
    for table in ("holds", "hold_lines", "notes", "events WHERE what = 'held'"):
        assert desk.rows(f"SELECT count(*) FROM {table}") == [(0,)]


def test_what_cannot_be_meant_of_a_customer(
    desk: Desk, owing: tuple[str, str], quickbooks: QuickBooks
) -> None:
    typed = desk.gives(2, "hold", "acme", "Lumen Yoga", "--reason", "promised", "--amount", "200.01 USD")
    assert "more than the 200.00 USD" in typed.err
    typed = desk.gives(2, "hold", "acme", "Lumen Yoga", "--reason", "disputed", "--amount", "50.00 USD")
    assert "name the invoice" in typed.err
    assert desk.rows("SELECT * FROM holds") == []


def test_a_part_in_dispute(desk: Desk, owing: tuple[str, str]) -> None:
    """The rest is chased; what is in dispute stands beside the total as held back."""
    typed = desk.ok(
        "hold", "acme", "1001", "--reason", "disputed", "--amount", "30.00 USD", "--owner", "anna"
    )
    assert "held as disputed (30.00 USD) until" in typed.out
    assert "anna deals with it" in typed.out
    assert desk.message()["total"] == "200.00"
    assert desk.rows("SELECT amount, currency, owner FROM holds") == [(3000, "USD", "anna")]


def test_a_promise_ends_by_itself(desk: Desk, owing: tuple[str, str]) -> None:
    """Promised for Friday the 27th with two days of grace: chased again on Monday the 30th, not before."""
    line = ("--reason", "promised", "--amount", "100.00 USD", "--until", "2026-11-27", "--grace", "2")
    typed = desk.ok("hold", "acme", "Lumen Yoga", *line)
    assert "(100.00 USD) through 2026-11-27 and 2 days of grace" in typed.out
    assert "kept or broken" in typed.out
    assert "on 2026-11-30" in typed.out
    desk.now.go(days=6)
    assert desk.plan()["messages"] == []
    desk.now.go(days=1)
    assert desk.message()["total"] == "200.00"


def test_what_is_about_the_customer_is_put_on_the_customer(desk: Desk, owing: tuple[str, str]) -> None:
    """Insolvency came up with one invoice: all are held, and it is said; release says where to look."""
    customer, _ = owing
    for reason in ("insolvency", "lawyer", "hardship", "complaint"):
        typed = desk.ok("hold", "acme", "1001", "--reason", reason)
        assert "about the customer" in typed.err
        assert "customer Lumen Yoga is held" in typed.out
        plan = desk.plan()
        assert plan["messages"] == []
        assert {hold["reason"] for hold in plan["holds"]} == {reason}
        refused = desk.gives(2, "release", "acme", "1001")
        assert f"arsync release acme customer:{customer}" in refused.err
        desk.ok("release", "acme", f"customer:{customer}")
    assert desk.message()["total"] == "200.00"


def test_whoever_is_at_the_machine_deals_with_it(
    desk: Desk, owing: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "bruno")
    assert "bruno deals with it" in desk.ok("hold", "acme", "1001", "--reason", "disputed").out
    assert "deals with it" not in desk.ok("hold", "acme", "1001", "--reason", "disputed", "--owner", "").out


def test_what_is_paid_can_be_left_alone_and_it_is_said(
    desk: Desk, owing: tuple[str, str], quickbooks: QuickBooks
) -> None:
    _, invoice = owing
    quickbooks.pay(invoice)
    desk.now.go(minutes=10)
    desk.ok("sync")
    assert "nothing is owed on invoice 1001" in desk.ok("hold", "acme", "1001", "--reason", "excluded").err
    for line in (("promised",), ("disputed", "--amount", "1.00 USD")):
        assert "owe" in desk.gives(2, "hold", "acme", "1001", "--reason", *line).err


def test_one_reason_is_released(desk: Desk, owing: tuple[str, str]) -> None:
    desk.ok("hold", "acme", "1001", "--reason", "disputed")
    desk.ok("hold", "acme", "1001", "--reason", "paused")
    assert "(disputed)" in desk.ok("release", "acme", "1001", "--reason", "disputed").out
    assert [hold["reason"] for hold in desk.plan()["holds"]] == ["paused"]
    typed = desk.gives(2, "release", "acme", "1001", "--reason", "disputed")
    assert "it is held as paused" in typed.err


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


def test_a_promise_up_to_never(desk: Desk, quickbooks: QuickBooks) -> None:
    """9999-12-31 is what people write for it: there is no day after it to name."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    line = ("hold", "acme", "1001", "--reason", "promised", "--until", "9999-12-31", "--owner", "anna")
    said = desk.ok(*line).out
    assert said.endswith("through 9999-12-31; anna deals with it, or until `arsync release acme 1001`\n")
    assert "promised" in desk.ok("plan", "acme").out
