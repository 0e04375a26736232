"""One debt that is promised, disputed, parted or settled: how it comes about, and what is told of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from loop_desk import LADDER, Desk
from loop_ledgers import Ledger

QUIET = f"""\
name = "test"
min_gap_days = 5
send_on = ["mon", "tue", "wed", "thu", "fri"]
payments_expected_every = 0
{LADDER}"""


def lumen_owes(desk: Desk, ledger: Ledger, policy: str = QUIET) -> tuple[str, str]:
    """Lumen Yoga owes 600.00 on 1001, two days overdue: the ids of the customer and the invoice. What is
    planned is sent."""
    desk.policy(policy)
    ledger.write(sending="automatic")
    customer = ledger.customer("Lumen Yoga")
    invoice = ledger.invoice(customer, "600.00", number="1001")
    desk.ok("sync")
    return customer, invoice


def amount(ledger: Ledger, text: str) -> str:
    return f"{text} {ledger.currency}"


def on(desk: Desk, day: str) -> None:
    """Go to a day at the same hour."""
    desk.now.go(days=(date.fromisoformat(day) - desk.now().date()).days)
    desk.unpaced()


def run_on(desk: Desk, day: str) -> list[tuple[str, str]]:
    """The steps that a run on that day sends, each with what its letter asks for, after the gross total."""
    on(desk, day)
    before = len(desk.mail)
    desk.ok("run")
    rows = desk.rows(
        "SELECT m.step, m.total - sum(l.disputed + l.not_due) FROM messages m "
        "JOIN message_lines l ON l.book = m.book AND l.message = m.id "
        "WHERE m.status = 'sent' AND m.ended_on = ? GROUP BY m.id ORDER BY m.id",
        day,
    )
    assert len(desk.mail) - before == len(rows)
    return [(step, f"{asked / 100:.2f}") for step, asked in rows]


def reasons(desk: Desk) -> dict[str, str]:
    """Why each invoice is held, by number."""
    return {it["number"]: hold["reason"] for hold in desk.plan()["holds"] for it in hold["invoices"]}


def story(desk: Desk, number: str = "1001") -> list[str]:
    told: list[dict[str, Any]] = desk.ok("explain", "acme", number, "--json").json["events"]
    return [event["what"] for event in told]


def listed(desk: Desk, *options: str) -> list[dict[str, Any]]:
    [book] = desk.ok("agreements", "acme", "--json", *options).json
    found: list[dict[str, Any]] = book["agreements"]
    return found


def settle(desk: Desk, ledger: Ledger, *what: str, until: str = "2026-12-11", units: str = "400.00") -> None:
    """A settlement, proposed and approved."""
    made = desk.ok("agree", "acme", *what, "--settle", amount(ledger, units), "--until", until).out
    desk.ok("agree", "acme", "--approve", made.partition(":")[0], "--owner", "Berta")
