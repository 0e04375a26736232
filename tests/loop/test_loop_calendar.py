"""Rules 3 and 4 over several days: gaps, weekends, two currencies, tasks, and the second run of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from loop_desk import POLICY, Desk, on_one_vendor
from loop_ledgers import Ledger, Open, QuickBooks, Xero

MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)


def run_day(desk: Desk, days: float = 0) -> list[str]:
    """Go on by some days, release whatever is planned and run twice; the subjects that left."""
    desk.now.go(days=days)
    before = len(desk.mail)
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.ok("run")
    sent = len(desk.mail)
    desk.ok("approve", "acme", "--all")
    desk.ok("run")
    assert len(desk.mail) == sent  # a second run on the same day changes nothing
    return [str(mail["Subject"]) for mail in desk.mail[before:]]


def steps(desk: Desk) -> list[tuple]:
    return desk.rows("SELECT on_day, step FROM steps_taken ORDER BY on_day, step")


def test_the_whole_ladder(desk: Desk, quickbooks: QuickBooks) -> None:
    """Due Fri 27 Nov. Runs on the days around each step; every step on its first possible day.

    heads-up: 3 days before, Tue 24 Nov. first reminder: 1 day after is Sat 28, a sending day is Mon 30,
    and 5 days since the 24th are over on the 29th. second: 10 days after, Mon 7 Dec. final notice: 40 days
    after, Wed 6 Jan. hand over, a task: 60 days after, Tue 26 Jan; nothing is sent.
    """
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", overdue=-4, number="1001")
    quickbooks.write(sending="automatic")
    for day in (0, 1, 2, 5, 6, 7, 13, 14, 15, 43, 44, 45, 63, 64, 65):
        desk.now.at = MORNING + timedelta(days=day)
        desk.ok("run")
    assert steps(desk) == [
        ("2026-11-24", "heads-up"),
        ("2026-11-30", "first reminder"),
        ("2026-12-07", "second reminder"),
        ("2027-01-06", "final notice"),
    ]
    assert len(desk.mail) == 4
    plan = desk.plan()
    [task] = plan["tasks"]
    assert task["step"] == "hand over"
    assert plan["messages"] == []
    assert desk.rows("SELECT opened_on FROM open_tasks") == [("2027-01-26",)]


def test_first_contact_with_an_old_debt(desk: Desk, quickbooks: QuickBooks) -> None:
    """100 days overdue at first contact, Mon 23 Nov: the first letter is the first reminder, and the next
    ones follow five days apart: Sat 28 is no sending day, so Mon 30, then Sat 5 is none, so Mon 7 Dec;
    the task is due at once after that, on the 12th, also on a Saturday."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", overdue=100, number="1001")
    quickbooks.write(sending="automatic")
    for day in (0, 1, 4, 5, 6, 7, 8, 12, 13, 14, 18, 19, 20):
        desk.now.at = MORNING + timedelta(days=day)
        desk.ok("run")
    assert steps(desk) == [
        ("2026-11-23", "first reminder"),
        ("2026-11-30", "second reminder"),
        ("2026-12-07", "final notice"),
    ]
    assert desk.rows("SELECT opened_on FROM open_tasks") == [("2026-12-12",)]


@on_one_vendor
def test_a_missed_day_is_caught_up(desk: Desk, ledger: Ledger) -> None:
    """Nobody ran anything for three weeks: one letter, the next step, not three at once."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    assert len(run_day(desk)) == 1
    assert len(run_day(desk, days=21)) == 1
    assert steps(desk) == [("2026-11-23", "first reminder"), ("2026-12-14", "second reminder")]


@on_one_vendor
def test_the_weekend(desk: Desk, ledger: Ledger) -> None:
    """Ready on Saturday: held as not-a-sending-day until Monday, and sent then."""
    desk.now.go(days=5)
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    assert run_day(desk) == []
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["until"]) == ("not-a-sending-day", "2026-11-30")
    assert run_day(desk, days=1) == []
    assert len(run_day(desk, days=1)) == 1


@on_one_vendor
def test_the_gap_holds_a_second_invoice(desk: Desk, ledger: Ledger) -> None:
    """A letter on Monday; another invoice is ready on Tuesday: too soon until Saturday, so Monday."""
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, "120.00", number="1001")
    assert len(run_day(desk)) == 1
    ledger.invoice(customer, "80.00", overdue=0, number="1002")
    assert run_day(desk, days=1) == []
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["until"]) == ("too-soon", "2026-11-30")
    assert [each["number"] for each in hold["invoices"]] == ["1002"]
    assert "2026-11-23" in hold["detail"]
    assert len(run_day(desk, days=6)) == 1  # 1002 takes its step, and 1001, also overdue, is listed
    [message] = desk.plan()["messages"]
    assert {each["number"]: each["step"] for each in message["invoices"]} == {
        "1001": None,
        "1002": "first reminder",
    }
    assert message["total"] == "200.00"


def test_two_currencies_leave_on_one_day(desk: Desk, xero: Xero) -> None:
    """Two messages, never one sum; both on Monday, and then both keep the gap."""
    customer = xero.customer("Boulangerie du Port")
    xero.invoice(customer, "120.00", number="1001")
    xero.invoice(customer, "90.00", number="1002", currency="EUR")
    assert len(run_day(desk)) == 2
    found = {each["currency"]: each["total"] for each in desk.plan()["messages"]}
    assert found == {"GBP": "120.00", "EUR": "90.00"}
    assert run_day(desk, days=4) == []
    # 10 days after the due date, 21 Nov, is Tue 1 Dec
    assert len(run_day(desk, days=4)) == 2
    for number in range(2):
        assert "1001" in desk.text(number) or "1002" in desk.text(number)
        assert not ("1001" in desk.text(number) and "1002" in desk.text(number))


def test_two_currencies_one_after_the_other(desk: Desk, xero: Xero) -> None:
    """Both are ready on Monday; the second is approved after the first has left, and leaves that day too."""
    customer = xero.customer("Boulangerie du Port")
    xero.invoice(customer, "120.00", number="1001")
    xero.invoice(customer, "90.00", number="1002", currency="EUR")
    desk.ok("sync")
    for currency in ("GBP", "EUR"):
        [message] = [each for each in desk.plan()["messages"] if each["currency"] == currency]
        desk.ok("approve", "acme", message["id"])
        desk.ok("send")
    assert len(desk.mail) == 2


def test_the_gap_spans_currencies(desk: Desk, xero: Xero) -> None:
    """A letter in pounds on Monday holds one in euro that is ready on Tuesday."""
    customer = xero.customer("Boulangerie du Port")
    xero.invoice(customer, "120.00", number="1001")
    assert len(run_day(desk)) == 1
    xero.invoice(customer, "90.00", overdue=0, number="1002", currency="EUR")
    assert run_day(desk, days=1) == []
    assert [(hold["reason"], hold["until"]) for hold in desk.plan()["holds"]] == [("too-soon", "2026-11-30")]


def test_credit_in_one_currency_does_not_cover_another(desk: Desk, xero: Xero) -> None:
    customer = xero.customer("Boulangerie du Port")
    xero.invoice(customer, "120.00", number="1001")
    xero.company.add_overpayment(customer, "500.00", currency="EUR")
    assert len(run_day(desk)) == 1
    assert desk.message()["unapplied"] == "0.00"


@on_one_vendor
def test_steps_of_two_invoices_in_one_letter(desk: Desk, ledger: Ledger) -> None:
    """One has had its first reminder, the other has not: the letter is the firmer one, each takes its own."""
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, "120.00", number="1001")
    run_day(desk)
    ledger.invoice(customer, "80.00", overdue=-5, number="1002")  # due on Saturday 28th
    assert len(run_day(desk, days=8)) == 1
    message = desk.message()
    assert message["step"] == "second reminder"
    assert {each["number"]: each["step"] for each in message["invoices"]} == {
        "1001": "second reminder",
        "1002": "first reminder",
    }


TASK_FIRST = (
    POLICY.split("[[steps]]", maxsplit=1)[0]
    + """
[[steps]]
name = "call them"
when = "1 day after due"
does = "task"
[[steps]]
name = "first reminder"
when = "2 days after due"
"""
)


@pytest.fixture
def task(desk: Desk, ledger: Ledger) -> dict:
    """A policy whose first step is a task, ready for an invoice two days overdue, after a run."""
    desk.policy(TASK_FIRST)
    ledger.invoice(ledger.customer("Lumen Yoga", None), "120.00", number="1001")
    desk.ok("run")
    [found] = desk.plan()["tasks"]
    return found


@on_one_vendor
def test_a_task_waits_for_a_person(desk: Desk, task: dict) -> None:
    """It needs no address. Until it is closed nothing else happens, however long it takes."""
    assert (task["step"], task["total"], task["invoices"][0]["step"]) == ("call them", "120.00", "call them")
    desk.now.go(days=30)
    desk.ok("run")
    assert [each["id"] for each in desk.plan()["tasks"]] == [task["id"]]
    assert desk.mail == []
    assert steps(desk) == []


@on_one_vendor
def test_done(desk: Desk, task: dict, ledger: Ledger) -> None:
    """Its step is taken on the day it is closed, and the ladder goes on; closing it twice is refused."""
    ledger.email(task["customer"]["id"], "pay@lumen.example")
    desk.now.go(days=1)
    desk.ok("done", "acme", task["id"], "--note", "Kim promises to look")
    assert steps(desk) == [("2026-11-24", "call them")]
    assert desk.gives(2, "done", "acme", task["id"]).err.count("error:") == 1
    assert "Kim promises to look" in desk.ok("explain", "acme", "1001").out
    desk.ok("sync")
    [message] = desk.plan()["messages"]
    assert message["step"] == "first reminder"


@on_one_vendor
def test_a_task_that_was_paid(desk: Desk, task: dict, ledger: Ledger) -> None:
    ledger.pay("1001")
    desk.ok("run")
    assert desk.plan()["tasks"] == []
    desk.gives(2, "done", "acme", task["id"])


@on_one_vendor
def test_an_approval_survives_the_night(desk: Desk, ledger: Ledger) -> None:
    """A message keeps its id from plan to plan, and its approval with it."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    first = desk.approved()
    desk.now.go(days=1)
    desk.ok("sync")
    second = desk.message()
    assert (second["id"], second["status"]) == (first["id"], "approved")
    assert second["invoices"][0]["days_overdue"] == first["invoices"][0]["days_overdue"] + 1


def test_the_day_is_the_books_own(desk: Desk, open_ledger: Open) -> None:
    """Two in the morning in London is still Sunday in Los Angeles, as the company tells."""
    ledger = open_ledger("quickbooks", timezone="America/Los_Angeles")
    ledger.write(zone="")
    desk.now.at = desk.now.at.replace(hour=2)
    desk.ok("connect", "acme")
    ledger.company.add_invoice(
        ledger.customer("Lumen Yoga"), "120.00", desk.now().date(), desk.now().date() - timedelta(days=2)
    )
    typed = desk.ok("sync")
    assert "time zone" not in typed.err
    plan = desk.plan()
    assert plan["as_of"] == "2026-11-22"
    [hold] = plan["holds"]
    assert (hold["reason"], hold["until"]) == ("not-a-sending-day", "2026-11-23")


def test_a_machine_that_stands_in_for_the_zone_says_so(desk: Desk, open_ledger: Open) -> None:
    """Where the accounting system tells no time zone, the machine's own is used, and that is said."""
    ledger = open_ledger("quickbooks")
    ledger.company.tells_timezone = False
    ledger.write(zone="")
    desk.ok("connect", "acme")
    typed = desk.ok("plan")
    assert "time zone" in typed.err
    assert "books.acme" in typed.err


def test_xero_expects_the_payment(desk: Desk, xero: Xero) -> None:
    """A promise recorded in Xero holds up to its day: Thu 26 Nov; the letter leaves on Fri 27."""
    xero.invoice(xero.customer("Lumen Yoga"), "120.00", number="1001")
    xero.company.expect("1001", (desk.now() + timedelta(days=3)).date())
    assert run_day(desk) == []
    [hold] = desk.plan()["holds"]
    assert (hold["reason"], hold["until"]) == ("promised", "2026-11-27")
    assert run_day(desk, days=3) == []
    assert len(run_day(desk, days=1)) == 1
