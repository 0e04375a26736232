"""`call`: what is said, what is written down, and what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from loop_calls import POLICY, calling, kept, tasks
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks, Xero


@pytest.fixture
def owing(desk: Desk, quickbooks: QuickBooks) -> str:
    return calling(desk, quickbooks)


# What to say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["Lumen Yoga", "lumen yoga", "1001", "task"])
def test_a_script_for_the_call_that_is_due(desk: Desk, owing: str, what: str) -> None:
    """By name, by an invoice or by the task; it is about the invoices of the task alone."""
    before = kept(desk)
    what = owing if what == "task" else what
    said = desk.ok("call", "acme", what, "--owner", "Kim").out
    for words in (
        "a call to Lumen Yoga (firm, first call)",
        "120.00 USD asked",
        "1001: 120.00 USD, due 2026-11-21, 9 days overdue",
        "2026-11-23  message: first reminder to pay@lumen.example",
        "this is Kim from Acme Studio LLC",
        "We have written to you about $120.00",
        "--outcome reached",
        "--outcome promised --until DATE",
    ):
        assert words in said, words
    assert "1002" not in said
    assert f"`arsync call acme {owing}`" in desk.ok("plan", "acme").out
    assert kept(desk) == before


def test_the_same_for_programs(desk: Desk, owing: str) -> None:
    told = desk.ok("call", "acme", "1001", "--json").json
    assert told["tasks"] == [owing]
    assert (told["firmness"], told["step"], told["promises_broken"]) == ("firm", "first call", 0)
    [asked] = told["asked"]
    assert (asked["currency"], asked["total"], asked["held_back"]) == ("USD", "120.00", "0.00")
    assert [each["number"] for each in asked["invoices"]] == ["1001"]
    assert [(each["day"], each["what"]) for each in told["contacts"]] == [("2026-11-23", "message")]
    assert "Opening" in told["script"]


def test_without_a_task_it_is_about_what_is_overdue(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.policy(POLICY)
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", overdue=2, number="1001")
    quickbooks.invoice(customer, "80.00", overdue=3, number="1002")
    quickbooks.invoice(customer, "40.00", overdue=-3, number="1003")
    desk.ok("sync")
    told = desk.ok("call", "acme", "1002", "--json").json
    assert (told["firmness"], told["step"], told["tasks"]) == ("friendly", "", [])
    assert [each["number"] for each in told["asked"][0]["invoices"]] == ["1002", "1001"]
    desk.ok("hold", "acme", "1002", "--reason", "disputed", "--note", "two mats were missing")
    told = desk.ok("call", "acme", "Lumen Yoga", "--json").json
    assert [each["number"] for each in told["asked"][0]["invoices"]] == ["1001"]
    [dispute] = told["disputes"]
    assert "1002" in dispute
    assert "two mats were missing" in dispute
    desk.ok("hold", "acme", "Lumen Yoga", "--reason", "lawyer")
    assert "it is held (lawyer)" in desk.gives(2, "call", "acme", "Lumen Yoga").err


def test_it_grows_firmer_with_the_steps(desk: Desk, owing: str) -> None:
    desk.ok("call", "acme", owing, "--outcome", "reached")
    desk.now.go(days=11)
    told = desk.ok("call", "acme", "Lumen Yoga", "--json").json
    assert (told["step"], told["firmness"]) == ("last call", "final")
    assert [each["what"] for each in told["contacts"]] == ["message", "call"]


def test_a_script_of_the_practice(desk: Desk, owing: str) -> None:
    folder = desk.folder / "scripts"
    folder.mkdir()
    (folder / "first-call.txt").write_text("Say hello to {{ customer }}.\n", "utf-8")
    assert "  Say hello to Lumen Yoga.\n" in desk.ok("call", "acme", "1001").out
    (folder / "first-call.txt").write_text("{{ custmer }}\n", "utf-8")
    typed = desk.gives(2, "call", "acme", "1001")
    assert str(Path("scripts") / "first-call.txt:1") in typed.err
    assert "did you mean 'customer'" in typed.err


# What came of it ---------------------------------------------------------------------------------------


def test_reached_closes_the_task(desk: Desk, owing: str) -> None:
    typed = desk.ok("call", "acme", owing, "--outcome", "reached", "--note", "will look", "--owner", "Kim")
    assert f"task {owing} is done: first call" in typed.out
    assert tasks(desk) == []
    assert desk.rows("SELECT step, how FROM steps_taken ORDER BY on_day") == [
        ("first reminder", "message"),
        ("first call", "task"),
    ]
    assert desk.rows("SELECT channel, outcome, note, owner, task, on_day FROM contacts") == [
        ("call", "reached", "will look", "Kim", owing, "2026-11-30")
    ]
    assert desk.next_step("1001") == "last call"
    events = desk.ok("explain", "acme", "Lumen Yoga", "--json").json["events"]
    assert [each["what"] for each in events if each["source"] == owing][-2:] == ["called", "done"]


def test_no_answer_leaves_it_open(desk: Desk, owing: str) -> None:
    typed = desk.ok("call", "acme", "Lumen Yoga", "--outcome", "no-answer")
    assert f"task {owing} (first call) stays open" in typed.err
    assert tasks(desk) == ["first call"]
    assert desk.rows("SELECT outcome, task FROM contacts") == [("no-answer", owing)]
    told = desk.ok("call", "acme", "Lumen Yoga", "--json").json
    assert "no-answer" in told["contacts"][-1]["detail"]


def test_a_promise_is_held_until_its_day(desk: Desk, owing: str) -> None:
    """60.00 of the 120.00 by Friday, 4 December, and two days of grace: the chase goes on on the 7th."""
    desk.ok(
        "call", "acme", "1001", "--outcome", "promised", "--until", "2026-12-04", "--amount", "60.00 USD",
        "--grace", "2", "--owner", "Kim",
    )  # fmt: skip
    assert tasks(desk) == []
    columns = "target, reason, until, amount, currency, grace, owner"
    assert desk.rows(f"SELECT {columns} FROM holds") == [
        ("invoice", "promised", "2026-12-04", 6000, "USD", 2, "Kim")
    ]
    assert [each["reason"] for each in desk.plan()["holds"]] == ["promised"]
    desk.now.go(days=6)
    assert [each["reason"] for each in desk.plan()["holds"]] == ["promised"]
    desk.now.go(days=1)
    assert desk.plan()["holds"] == []
    desk.ok("run")
    assert "promise-broken" in [
        each["what"] for each in desk.ok("explain", "acme", "1001", "--json").json["events"]
    ]
    told = desk.ok("call", "acme", "Lumen Yoga", "--json").json
    assert (told["promises_kept"], told["promises_broken"]) == (0, 1)
    assert "You had told us a day" in told["script"]


def test_a_part_is_disputed_and_the_rest_is_asked_for(desk: Desk, owing: str) -> None:
    desk.ok(
        "call", "acme", "1001", "--outcome", "disputed", "--amount", "30.00 USD", "--note", "a mat is torn"
    )
    assert tasks(desk) == []
    assert desk.rows("SELECT reason, amount, until FROM holds") == [("disputed", 3000, None)]
    desk.now.go(days=11)
    [task] = desk.plan()["tasks"]
    assert (task["total"], task["held_back"]) == ("120.00", "30.00")
    [line] = task["invoices"]
    assert (line["open"], line["disputed"]) == ("120.00", "30.00")
    said = desk.ok("call", "acme", "Lumen Yoga").out
    assert "90.00 USD asked, 120.00 open, 30.00 in dispute" in said
    assert "a mat is torn" in said


BAD = {
    "nobody": (["Lumen Yogi", "--outcome", "reached"], "did you mean 'Lumen Yoga'"),
    "no day": (["1001", "--outcome", "promised"], "--until"),
    "a past day": (["1001", "--outcome", "promised", "--until", "2026-11-29"], "is past"),
    "no day at all": (["1001", "--outcome", "promised", "--until", "2026-02-30"], "is not a day"),
    "more than is owed": (
        ["1001", "--outcome", "promised", "--until", "2026-12-04", "--amount", "120.01 USD"],
        "more than the 120.00 USD",
    ),
    "another currency": (
        ["1001", "--outcome", "promised", "--until", "2026-12-04", "--amount", "60.00 GBP"],
        "not in GBP",
    ),
    "no currency": (["1001", "--outcome", "disputed", "--amount", "60.00"], "such as"),
    "nothing": (["1001", "--outcome", "disputed", "--amount", "0.00 USD"], "above zero"),
    "half a cent": (["1001", "--outcome", "disputed", "--amount", "0.005 USD"], "decimals"),
    "a part of a customer": (["Lumen Yoga", "--outcome", "disputed", "--amount", "9.00 USD"], "name the inv"),
    "an amount of nothing": (["1001", "--outcome", "reached", "--amount", "60.00 USD"], "belong to"),
    "grace of a dispute": (["1001", "--outcome", "disputed", "--grace", "3"], "a dispute has none"),
    "no outcome": (["1001", "--amount", "60.00 USD"], "what came of the call"),
    "no such task": (["1001", "--outcome", "reached", "--task", "ffff"], "no one call task 'ffff'"),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_does_not_fit_changes_nothing(desk: Desk, owing: str, bad: str) -> None:
    line, words = BAD[bad]
    before = kept(desk)
    typed = desk.gives(2, "call", "acme", *line)
    assert words in typed.err
    assert typed.out == ""
    assert kept(desk) == before


@on_one_vendor
def test_a_task_of_somebody_else(desk: Desk, ledger: Ledger) -> None:
    task = calling(desk, ledger)
    ledger.invoice(ledger.customer("Heron Lane"), "50.00", number="2001")
    desk.ok("sync")
    before = kept(desk)
    typed = desk.gives(2, "call", "acme", "Heron Lane", "--outcome", "reached", "--task", task)
    assert "is about Lumen Yoga" in typed.err
    assert kept(desk) == before


def test_one_call_is_one_contact_in_two_currencies(desk: Desk, xero: Xero) -> None:
    """Both tasks are closed by it; what is asked stands once a currency."""
    desk.policy(POLICY)
    customer = xero.customer("Lumen Yoga")
    xero.invoice(customer, "120.00", number="1001")
    xero.invoice(customer, "80.00", number="1002", currency="EUR")
    desk.ok("sync")
    for _ in range(2):
        desk.ok("approve", "acme", "--all")
        desk.ok("run")
        desk.now.go(days=4)
    assert tasks(desk) == ["first call", "first call"]
    assert "€80.00 and £120.00" in desk.ok("call", "acme", "Lumen Yoga").out
    desk.ok("call", "acme", "Lumen Yoga", "--outcome", "reached")
    assert tasks(desk) == []
    assert len(desk.rows("SELECT 1 FROM contacts")) == 1
