"""`--json` as it is promised: keys, kinds of values, decimals; and what goes to which stream."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, Open, QuickBooks, Xero

AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BALANCE = ("current", "1-30", "31-60", "61-90", "91+", "open", "overdue", "unapplied", "net")
COMMUNICATION = {
    "id",
    "customer",
    "to",
    "cc",
    "bcc",
    "step",
    "currency",
    "total",
    "unapplied",
    "held_back",
    "status",
    "invoices",
}
LINE = {"id", "number", "due", "open", "disputed", "not_due", "days_overdue", "step"}


@pytest.fixture
def mixed(desk: Desk, ledger: Ledger) -> Ledger:
    """One customer chased, one held, one with credit alone, one with a step to come; the first in two
    buckets, one with a task. Synced on Monday, 23 November."""
    first = ledger.customer("Lumen Yoga", "hello@lumen.example")
    ledger.invoice(first, "120.00", overdue=2, number="1001")
    ledger.invoice(first, "80.00", overdue=45, number="1002")
    ledger.invoice(ledger.customer("Tern Coffee", None), "90.00", overdue=0, number="1003")
    ledger.invoice(ledger.customer("No Mail Ltd", None), "75.50", overdue=100, number="1004")
    ledger.credit(ledger.customer("Credit Alone", "pay@alone.example"), "50.00")
    ledger.credit(first, "30.00")
    ledger.invoice(ledger.customer("Later Ltd", "pay@later.example"), "60.00", overdue=-20, number="1005")
    desk.ok("sync")
    return ledger


def test_aging_by_customer(desk: Desk, mixed: Ledger) -> None:
    """Amounts are balances; open is the sum of the buckets, net is open less unapplied."""
    rows = desk.ok("aging", "--json").json
    assert isinstance(rows, list)
    for row in rows:
        assert set(row) == {"book", "as_of", "currency", "customer", *BALANCE}
        assert set(row["customer"]) == {"id", "name"}
        assert all(isinstance(row[key], str) and AMOUNT.fullmatch(row[key]) for key in BALANCE)
        assert (row["book"], row["as_of"], row["currency"]) == ("acme", "2026-11-23", mixed.currency)
    balances = {row["customer"]["name"]: tuple(row[key] for key in BALANCE) for row in rows}
    nothing = "0.00"
    assert balances == {
        "Lumen Yoga": (nothing, "120.00", "80.00", nothing, nothing, "200.00", "200.00", "30.00", "170.00"),
        "Tern Coffee": ("90.00", nothing, nothing, nothing, nothing, "90.00", nothing, nothing, "90.00"),
        "No Mail Ltd": (nothing, nothing, nothing, nothing, "75.50", "75.50", "75.50", nothing, "75.50"),
        "Credit Alone": (nothing, nothing, nothing, nothing, nothing, nothing, nothing, "50.00", "-50.00"),
        "Later Ltd": ("60.00", nothing, nothing, nothing, nothing, "60.00", nothing, nothing, "60.00"),
    }


def test_aging_by_invoice(desk: Desk, mixed: Ledger) -> None:
    rows = desk.ok("aging", "--by", "invoice", "--json").json
    for row in rows:
        assert set(row) == {
            "book", "as_of", "currency", "customer", "invoice", "days_overdue", "bucket", "total", "open",
        }  # fmt: skip
        assert set(row["customer"]) == {"id", "name"}
        assert set(row["invoice"]) == {"id", "number", "issued", "due"}
    found = {row["invoice"]["number"]: row for row in rows}
    assert {number: (row["days_overdue"], row["bucket"]) for number, row in found.items()} == {
        "1001": (2, "1-30"),
        "1002": (45, "31-60"),
        "1003": (0, "current"),
        "1004": (100, "91+"),
        "1005": (-20, "current"),
    }
    assert (found["1001"]["invoice"]["issued"], found["1001"]["invoice"]["due"]) == (
        "2026-10-22",
        "2026-11-21",
    )
    assert (found["1001"]["total"], found["1001"]["open"]) == ("120.00", "120.00")


@on_one_vendor
def test_aging_by_book(desk: Desk, mixed: Ledger) -> None:
    [row] = desk.ok("aging", "--by", "book", "--json").json
    assert set(row) == {"book", "as_of", "currency", *BALANCE}
    assert (row["open"], row["overdue"], row["unapplied"], row["net"]) == (
        "425.50",
        "275.50",
        "80.00",
        "345.50",
    )


@on_one_vendor
def test_aging_on_a_later_day(desk: Desk, mixed: Ledger) -> None:
    rows = desk.ok("aging", "--as-of", "2026-12-31", "--by", "invoice", "--json").json
    assert {row["invoice"]["number"]: row["days_overdue"] for row in rows}["1001"] == 40
    assert {row["as_of"] for row in rows} == {"2026-12-31"}


def check_communication(item: dict[str, Any], own: str) -> None:
    """``own`` is the key that messages have alone, or tasks."""
    assert set(item) - {"reason"} == {*COMMUNICATION, own}
    assert set(item["customer"]) == {"id", "name"}
    assert AMOUNT.fullmatch(item["total"])
    assert AMOUNT.fullmatch(item["unapplied"])
    for line in item["invoices"]:
        assert set(line) == LINE


def test_plan(desk: Desk, mixed: Ledger) -> None:
    plans = desk.ok("plan", "--json").json
    assert [set(plan) for plan in plans] == [{"book", "as_of", "messages", "tasks", "holds", "upcoming"}]
    [plan] = plans
    assert (plan["book"], plan["as_of"]) == ("acme", "2026-11-23")
    [message] = plan["messages"]
    check_communication(message, "offer")
    assert (message["to"], message["cc"]) == (["hello@lumen.example"], [])
    assert (message["total"], message["unapplied"], message["status"]) == ("200.00", "30.00", "planned")
    assert [(line["number"], line["due"], line["days_overdue"]) for line in message["invoices"]] == [
        ("1002", "2026-10-09", 45),
        ("1001", "2026-11-21", 2),
    ]
    for hold in plan["holds"]:
        assert set(hold) == {"customer", "invoices", "reason", "detail", "until", "owner"}
        assert all(set(invoice) == {"id", "number"} for invoice in hold["invoices"])
    assert {hold["customer"]["name"]: hold["reason"] for hold in plan["holds"]} == {
        "Tern Coffee": "no-address",
        "No Mail Ltd": "no-address",
    }
    [coming] = plan["upcoming"]
    assert set(coming) == {"invoice", "customer", "step", "on"}
    # due on 13 December, a Sunday; three days before is Thursday the 10th
    assert (coming["step"], coming["on"], coming["invoice"]["number"]) == ("heads-up", "2026-12-10", "1005")


@on_one_vendor
def test_every_open_invoice_is_somewhere(desk: Desk, mixed: Ledger) -> None:
    """Rule 6."""
    plan = desk.plan()
    shown = [line["number"] for item in (*plan["messages"], *plan["tasks"]) for line in item["invoices"]]
    shown += [invoice["number"] for hold in plan["holds"] for invoice in hold["invoices"]]
    shown += [coming["invoice"]["number"] for coming in plan["upcoming"]]
    assert sorted(shown) == sorted(mixed.open())


def test_tasks_have_the_same_shape(desk: Desk, xero: Xero) -> None:
    text = (desk.folder / "policy.toml").read_text("utf-8")
    desk.policy(text.replace('when = "1 day after due"', 'when = "1 day after due"\ndoes = "task"'))
    xero.invoice(xero.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    [task] = desk.plan()["tasks"]
    check_communication(task, "does")
    assert task["does"] == "task"


def test_an_invoice_without_a_due_date(desk: Desk, xero: Xero) -> None:
    customer = xero.customer("Lumen Yoga")
    xero.company.add_invoice(customer, "120.00", desk.now().date(), None, "1001")
    desk.ok("sync")
    [row] = desk.ok("aging", "--by", "invoice", "--json").json
    assert (row["invoice"]["due"], row["days_overdue"], row["bucket"]) == (None, None, "current")
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["until"]) == ("no-due-date", None)


@on_one_vendor
def test_sync(desk: Desk, ledger: Ledger) -> None:
    [report] = desk.ok("sync", "--json").json
    assert set(report) == {
        "book", "customers", "invoices", "credits", "rejects", "api_calls", "bytes", "complete",
    }  # fmt: skip
    assert all(type(report[key]) is int for key in report.keys() - {"book", "complete"})


def test_a_list_with_one_a_book(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    for command in (("sync",), ("plan",)):
        assert [each["book"] for each in desk.ok(*command, "--json").json] == ["acme", "birch"]
        assert [each["book"] for each in desk.ok(*command, "birch", "--json").json] == ["birch"]
        assert [each["book"] for each in desk.ok(*command, "birch", "acme", "--json").json] == [
            "birch",
            "acme",
        ]


@pytest.mark.parametrize(
    ("currency", "amount", "shown"), [("JPY", "12000", "12000"), ("KWD", "12.345", "12.345")]
)
def test_decimals(desk: Desk, open_ledger: Open, currency: str, amount: str, shown: str) -> None:
    """Yen have none, dinars have three: everywhere the same, also in the letter and the note."""
    ledger = open_ledger("quickbooks", multicurrency=True)
    assert isinstance(ledger, QuickBooks)
    ledger.company.set_rate(currency, "1")
    ledger.write()
    desk.ok("connect", "acme")
    customer = ledger.customer("Lumen Yoga", "pay@lumen.example", currency=currency)
    ledger.invoice(customer, amount, number="1001", currency=currency)
    desk.ok("sync")
    [row] = desk.ok("aging", "--json").json
    assert (row["currency"], row["open"], row["net"]) == (currency, shown, shown)
    assert row["current"] == {"JPY": "0", "KWD": "0.000"}[currency]
    message = desk.approved()
    assert (message["total"], message["invoices"][0]["open"]) == (shown, shown)
    desk.ok("run")
    assert shown in desk.text().replace(",", "")
    assert f"{shown} {currency}" in ledger.notes("1001", customer)[0][0]


def test_yen_on_xero(desk: Desk, xero: Xero) -> None:
    xero.invoice(xero.customer("Lumen Yoga"), "12000", number="1001", currency="JPY")
    desk.ok("sync")
    assert desk.message()["total"] == "12000"


def test_a_folder_that_cannot_be_written(desk: Desk) -> None:
    """It is named, with what is to be done; a port is not to blame."""
    (desk.folder / "file").touch()
    for line in (("demo", "file/in"), ("sandbox", "--port", "0", "--mail-folder", "file/in")):
        typed = desk.start(*line)
        out, err = typed.communicate(timeout=60)
        assert (typed.returncode, out) == (2, "")
        assert "file/in cannot be written" in err
        assert "name another folder" in err
        assert "--port" not in err


def test_before_the_first_sync(desk: Desk, xero: Xero) -> None:
    """What is missing is told, wherever somebody looks for something."""
    for line in (("plan",), ("aging",)):
        assert "was never synced: run `arsync sync acme`" in desk.ok(*line).err
    for line in (("explain", "acme", "1001"), ("hold", "acme", "1001", "--reason", "paused")):
        assert "was never synced: run `arsync sync acme`" in desk.gives(2, *line).err


@on_one_vendor
def test_a_narrow_terminal_takes_no_digit_away(desk: Desk, ledger: Ledger) -> None:
    """On 60 columns the table is wider than the screen, and whole: name, figures and headings."""
    ledger.invoice(ledger.customer("The Harbor and Finch Hotels Group", None), "123456.75", overdue=2)
    desk.ok("sync")
    ours, theirs = os.openpty()
    environ = {**os.environ, "ARSYNC_NOW": desk.now().isoformat(), "COLUMNS": "60", "NO_COLOR": "1"}
    line = [sys.executable, "-m", "arsync", "aging"]
    subprocess.run(line, cwd=desk.folder, env=environ, stdout=theirs, stderr=subprocess.DEVNULL, check=True)
    os.close(theirs)
    pieces = []
    with suppress(OSError):  # nobody has the other end any more, so all of it was read
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    os.close(ours)
    shown = b"".join(pieces).decode()
    assert shown.count("123456.75") == 4  # 1-30, open, overdue, net
    assert "unapplied" in shown
    assert all(word in shown for word in ("The", "Harbor", "and", "Finch", "Hotels", "Group"))


@on_one_vendor
def test_results_and_the_rest(desk: Desk, mixed: Ledger) -> None:
    """On standard output nothing but the result, on standard error the replaced clock; every command."""
    desk.ok("approve", "acme", "--all")
    lines = [
        ("sync",), ("aging",), ("plan",), ("send",), ("note",), ("run",), ("explain", "acme", "1001"),
    ]  # fmt: skip
    for line in lines:
        typed = desk.ok(*line, "--json")
        json.loads(typed.out)
        assert typed.err.splitlines() == [
            "the clock is replaced by ARSYNC_NOW: it is 2026-11-23T08:00:00+00:00"
        ]
        assert "ARSYNC_NOW" not in typed.out
        assert desk.ok(*line).out


@on_one_vendor
def test_every_command_says_that_the_clock_is_replaced(desk: Desk, mixed: Ledger) -> None:
    [message] = desk.plan()["messages"]
    for line in (
        ("hold", "acme", "1003", "--reason", "paused"), ("release", "acme", "1003"),
        ("approve", "acme", message["id"]), ("connect", "acme"), ("init", str(desk.folder / "new")),
    ):  # fmt: skip
        assert "ARSYNC_NOW" in desk.ok(*line).err


@on_one_vendor
def test_nothing_is_said_of_a_clock_that_is_the_machines(desk: Desk, mixed: Ledger) -> None:
    process = desk.start("aging", "--json", ARSYNC_NOW="")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err == ""
    assert len(json.loads(out)) == 5


def test_approving_by_id(desk: Desk, quickbooks: QuickBooks) -> None:
    """By the whole id or its beginning; twice does no harm; one that has left says so."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    message = desk.message()["id"]
    assert message in desk.ok("approve", "acme", message[:5]).out
    again = desk.ok("approve", "acme", message)
    assert "before" in again.out
    assert "0 messages released" in again.out
    assert desk.message()["status"] == "approved"
    assert "0 messages planned, 1 approved, 0 tasks" in desk.ok("plan").out
    assert "not both" in desk.gives(2, "approve", "acme", "--all", message).err
    assert "'beef'" in desk.gives(2, "approve", "acme", "beef").err
    desk.ok("send")
    assert f"{message} is sent" in desk.gives(2, "approve", "acme", message).err
    assert len(desk.mail) == 1


def test_explain(desk: Desk, mixed: Ledger) -> None:
    """What happened, what holds it, what comes next and on which day; by number, id, name."""
    desk.ok("approve", "acme", "--all")
    desk.ok("run")
    told = desk.ok("explain", "acme", "1001").out
    for word in ("sent", "hello@lumen.example", "2026-11-23", "second reminder", "2026-12-01"):
        assert word in told
    assert "no-address" in desk.ok("explain", "acme", "No Mail Ltd").out
    assert "heads-up" in desk.ok("explain", "acme", "1005").out
    assert "2026-12-10" in desk.ok("explain", "acme", "1005").out
    mixed.pay("1001")
    desk.ok("sync")
    assert "paid" in desk.ok("explain", "acme", "1001").out
