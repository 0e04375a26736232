"""What was owed on a past day, asked at the command line: aging, statement and plan as of that day.

The clock of these tests begins on Monday, 23 November 2026.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from loop_desk import MONDAY, Desk, on_one_vendor
from loop_ledgers import Ledger


def day(n: int) -> str:
    """The day that many days after the Monday."""
    return str(MONDAY + timedelta(days=n))


def owed(desk: Desk, as_of: str) -> dict[str, tuple[str, str]]:
    rows = desk.ok("aging", "--by", "invoice", "--as-of", as_of, "--json").json
    return {row["invoice"]["number"]: (row["open"], row["bucket"]) for row in rows}


@pytest.fixture
def week(desk: Desk, ledger: Ledger) -> Ledger:
    """Monday: 1001 over 120.00 and 1002 over 80.00, two days overdue. Wednesday: 50.00 paid on 1001.
    Thursday: 1003 over 60.00. Friday: 1002 paid in full, 1001 re-dated. Synced on Monday and Friday."""
    customer = ledger.customer("Lumen Yoga")
    first = ledger.invoice(customer, "120.00", number="1001")
    second = ledger.invoice(customer, "80.00", number="1002")
    ledger.write()
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.now.go(days=2)
    ledger.pay(first, "50.00")
    desk.now.go(days=1)
    ledger.invoice(customer, "60.00", number="1003")
    desk.now.go(days=1)
    ledger.pay(second)
    desk.ok("sync")
    return ledger


def test_each_day_shows_what_stood_at_its_end(desk: Desk, week: Ledger) -> None:
    """Nobody synced on Wednesday and Thursday: the records' own stamps tell the days."""
    monday = {"1001": ("120.00", "1-30"), "1002": ("80.00", "1-30")}
    assert owed(desk, day(0)) == owed(desk, day(1)) == monday
    assert owed(desk, day(2)) == monday | {"1001": ("70.00", "1-30")}
    assert owed(desk, day(3)) == monday | {"1001": ("70.00", "1-30"), "1003": ("60.00", "1-30")}
    assert owed(desk, day(4)) == {"1001": ("70.00", "1-30"), "1003": ("60.00", "1-30")}


def test_sums_by_customer_and_book_are_those_of_the_invoices(desk: Desk, week: Ledger) -> None:
    for n, whole in ((0, "200.00"), (2, "150.00"), (3, "210.00"), (4, "130.00")):
        [customer] = desk.ok("aging", "--as-of", day(n), "--json").json
        [book] = desk.ok("aging", "--by", "book", "--as-of", day(n), "--json").json
        assert (customer["open"], book["open"], customer["net"]) == (whole, whole, whole)
        assert customer["1-30"] == whole
        assert customer["customer"]["name"] == "Lumen Yoga"
        assert (customer["as_of"], book["as_of"]) == (day(n), day(n))


def test_credit_of_a_past_day(desk: Desk, week: Ledger) -> None:
    customer = str(desk.rows("SELECT id FROM customers")[0][0])
    desk.now.go(days=3)
    week.credit(customer, "45.00")
    desk.ok("sync", "--full")
    desk.now.go(days=1)
    assert desk.ok("aging", "--as-of", day(7), "--json").json[0]["unapplied"] == "45.00"
    assert desk.ok("aging", "--as-of", day(6), "--json").json[0]["unapplied"] == "0.00"
    told = desk.ok("statement", "acme", "lumen yoga").out
    assert f"  balance 85.00 {week.currency}: 130.00 open less 45.00 unapplied; 130.00 overdue\n" in told


def test_the_statement_of_a_past_day(desk: Desk, week: Ledger) -> None:
    shown = desk.ok("statement", "acme", "lumen yoga", "--as-of", day(2), "--json").json
    assert [(it["invoice"]["number"], it["open"], it["total"]) for it in shown["invoices"]] == [
        ("1001", "70.00", "120.00"), ("1002", "80.00", "80.00"),
    ]  # fmt: skip
    [balance] = shown["balances"]
    assert (balance["open"], balance["overdue"], balance["net"]) == ("150.00", "150.00", "150.00")
    told = desk.ok("statement", "acme", "1001", "--as-of", day(2)).out
    assert f"statement of Lumen Yoga as of {day(2)}" in told
    assert f"  balance 150.00 {week.currency}; 150.00 overdue\n" in told
    late = desk.gives(2, "statement", "acme", "lumen yoga", "--as-of", day(9)).err
    assert f"error: --as-of: {day(9)} is to come" in late
    assert "there is no invoice or customer 'nobody'" in desk.gives(2, "statement", "acme", "nobody").err


@on_one_vendor
def test_a_day_before_the_book_began_says_how_it_is_known(desk: Desk, week: Ledger) -> None:
    """Both invoices were issued 32 days before the Monday."""
    typed = desk.ok("aging", "--as-of", day(-10), "--json")
    assert [row["open"] for row in typed.json] == ["200.00"]
    assert desk.ok("aging", "--by", "book", "--as-of", day(-10)).out.splitlines()[1].startswith("book ")
    assert desk.ok("aging", "--by", "invoice", "--as-of", day(-33)).out == (
        f"acme: 0 open invoices as of {day(-33)}\n"
    )
    assert f"the book begins on {MONDAY}" in typed.err
    assert desk.ok("aging", "--as-of", day(-33), "--json").json == []
    assert "begins" not in desk.ok("aging", "--as-of", day(0), "--json").err


@on_one_vendor
def test_a_book_that_was_never_pulled_has_no_past(desk: Desk, ledger: Ledger) -> None:
    ledger.write()
    typed = desk.gives(2, "aging", "--as-of", "2020-01-01")
    assert "was never pulled in full" in typed.err
    assert typed.err.count("`arsync sync acme`") == 1
    assert "error: --as-of: 'yesterday' is not a day" in desk.gives(2, "aging", "--as-of", "yesterday").err


@on_one_vendor
def test_a_day_to_come_ages_what_is_open_now(desk: Desk, week: Ledger) -> None:
    assert owed(desk, str(date(2027, 3, 1))) == {"1001": ("70.00", "91+"), "1003": ("60.00", "91+")}


def test_a_bounced_payment_shows_on_the_days_between(desk: Desk, ledger: Ledger) -> None:
    invoice = ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    ledger.write()
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.now.go(days=1)
    payment = ledger.company.pay(invoice)
    desk.ok("sync")
    desk.now.go(days=2)
    ledger.company.delete_payment(payment)
    desk.ok("sync")
    assert [list(owed(desk, day(n))) for n in range(4)] == [["1001"], [], [], ["1001"]]


def test_the_plan_of_a_past_day(desk: Desk, ledger: Ledger) -> None:
    """Monday: 1001 is ready, and its reminder leaves; 1002 is disputed on Tuesday and let go on Friday.
    On Friday all is paid. Each day shows what it showed then."""
    customer = ledger.customer("Lumen Yoga")
    invoices = [ledger.invoice(customer, "120.00", number="1001")]
    ledger.write(sending="automatic")
    desk.ok("connect", "acme")
    desk.ok("run")
    desk.now.go(days=1)
    invoices.append(ledger.invoice(customer, "80.00", overdue=3, number="1002"))
    desk.ok("sync")
    desk.ok("hold", "acme", "1002", "--reason", "disputed", "--note", "wrong colour")
    desk.now.go(days=3)
    for invoice in invoices:
        ledger.pay(invoice)
    desk.ok("sync")
    desk.ok("release", "acme", "1002")

    def looked_back(n: int) -> dict[str, Any]:
        found: dict[str, Any] = desk.ok("plan", "acme", "--as-of", day(n), "--json").json[0]
        return found

    monday, tuesday, thursday, friday = (looked_back(n) for n in (0, 1, 3, 4))
    [sent] = monday["messages"]
    assert (sent["status"], sent["step"], sent["total"]) == ("sent", "first reminder", "120.00")
    assert [(it["invoice"]["number"], it["step"]) for it in monday["upcoming"]] == [
        ("1001", "second reminder")
    ]
    assert tuesday["messages"] == []
    [hold] = tuesday["holds"]
    assert (hold["reason"], hold["invoices"][0]["number"]) == ("disputed", "1002")
    assert "wrong colour" in hold["detail"]
    assert [it["reason"] for it in thursday["holds"]] == ["disputed"]
    assert (friday["messages"], friday["holds"], friday["upcoming"]) == ([], [], [])
    assert "is to come" in desk.gives(2, "plan", "--as-of", day(9)).err
