"""Promises, part disputes, instalments, settlements: what is typed, what is chased, what is told later."""

from __future__ import annotations

from typing import Any

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger


@pytest.fixture
def owing(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    """Lumen Yoga owes 600.00 on 1001, two days overdue: the ids of the customer and the invoice. What is
    planned is sent."""
    desk.policy(QUIET)
    ledger.write(sending="automatic")
    customer = ledger.customer("Lumen Yoga")
    invoice = ledger.invoice(customer, "600.00", number="1001")
    desk.ok("sync")
    return customer, invoice


QUIET = """\
name = "test"
min_gap_days = 5
send_on = ["mon", "tue", "wed", "thu", "fri"]
payments_expected_every = 0
[[steps]]
name = "heads-up"
when = "3 days before due"
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "second reminder"
when = "10 days after due"
[[steps]]
name = "final notice"
when = "40 days after due"
"""


def amount(ledger: Ledger, text: str) -> str:
    return f"{text} {ledger.currency}"


def on(desk: Desk, day: str) -> None:
    """Go to a day at the same hour."""
    today = desk.now().date()
    desk.now.go(days=(type(today).fromisoformat(day) - today).days)


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


# Instalments ---------------------------------------------------------------------------------


def test_an_instalment_missed(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """One instalment is paid and the next is missed: the reminders ask for that one alone. Fourteen days
    late it breaks the plan, and the whole debt is chased on at the step where it was."""
    assert run_on(desk, "2026-11-23") == [("first reminder", "600.00")]
    typed = desk.ok(
        "agree", "acme", "1001", "--instalments", "3", "--first", "2026-12-01", "--last", "2027-02-01"
    )
    assert [line.split()[:2] for line in typed.out.splitlines()[1:]] == [
        ["2026-12-01", "200.00"],
        ["2027-01-01", "200.00"],
        ["2027-02-01", "200.00"],
    ]
    # the second reminder of the invoice would be due on 1 December
    assert run_on(desk, "2026-11-30") == [("heads-up", "200.00")]
    ledger.pay(owing[1], "200.00")
    assert run_on(desk, "2026-12-02") == []
    [kept] = listed(desk)
    assert (kept["paid"], kept["left"]) == ("200.00", "400.00")
    assert kept["next"] == {"due": "2027-01-01", "amount": "200.00"}
    assert run_on(desk, "2026-12-29") == [("heads-up", "200.00")]
    assert run_on(desk, "2027-01-04") == [("first reminder", "200.00")]
    assert "200.00" in desk.text(-1)
    assert run_on(desk, "2027-01-11") == [("second reminder", "200.00")]
    assert run_on(desk, "2027-01-14") == []
    on(desk, "2027-01-15")
    typed = desk.ok("run")
    assert "acme: agreement broken: a1 of Lumen Yoga" in typed.out
    assert run_on(desk, "2027-01-18") == [("second reminder", "400.00")]
    assert listed(desk) == []
    [broken] = listed(desk, "--all")
    assert (broken["state"], broken["ended_on"]) == ("broken", "2027-01-15")
    assert story(desk).count("agreement-broken") == 1


@on_one_vendor
def test_a_plan_kept(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """A customer by its name, with all it owes; explicit instalments; nothing is sent while they come."""
    rest = ledger.invoice(owing[0], "100.00", 1, number="1002")
    desk.ok("sync")
    parts = [f"{amount(ledger, text)} on {day}" for text, day in PARTS]
    typed = desk.ok("agree", "acme", "Lumen Yoga", *(x for part in parts for x in ("--instalment", part)))
    assert "(1001, 1002)" in typed.out
    plan = desk.plan()
    assert plan["messages"] == []
    assert reasons(desk) == {"1002": "agreed"}  # what the first instalment does not reach
    ledger.pay(owing[1], "350.00")
    desk.ok("run")
    ledger.pay(owing[1], "250.00")
    assert listed(desk)[0]["next"]["amount"] == "350.00"
    desk.ok("sync")
    assert listed(desk)[0]["next"]["amount"] == "100.00"
    ledger.pay(rest)
    typed = desk.ok("run")
    assert "agreement kept: a1 of Lumen Yoga" in typed.out
    assert desk.mail == []
    assert [it["state"] for it in listed(desk, "--all")] == ["kept"]


PARTS = (("350.00", "2026-11-30"), ("350.00", "2026-12-30"))


# Settlements ---------------------------------------------------------------------------------


def test_a_settlement_kept(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """Proposed it holds nothing. Approved and paid, what was given up waits to be written off, and the
    next offer to that customer begins with it."""
    typed = desk.ok(
        "agree", "acme", "1001", "--settle", amount(ledger, "400.00"), "--until", "2026-12-11",
        "--note", "he is short of money",
    )  # fmt: skip
    assert "200.00" in typed.out
    assert "nothing was conceded to this customer before" in typed.out
    assert desk.message()["total"] == "600.00"
    desk.ok("agree", "acme", "--approve", "a1", "--owner", "Berta")
    assert reasons(desk) == {"1001": "agreed"}
    assert run_on(desk, "2026-12-08") == []
    ledger.pay(owing[1], "400.00")
    typed = desk.ok("run")
    assert "was conceded: write it off in the accounting system" in typed.out
    [hold] = desk.plan()["holds"]
    assert hold["detail"].startswith(
        f"settled; write off {amount(ledger, '200.00')} in the accounting system"
    )
    assert run_on(desk, "2027-01-15") == []
    ledger.invoice(owing[0], "90.00", 1, number="1003")
    desk.ok("sync")
    typed = desk.ok("agree", "acme", "1003", "--settle", amount(ledger, "50.00"), "--until", "2027-03-31")
    assert f"1 settlement, {amount(ledger, '200.00')} conceded before" in typed.out
    [book] = desk.ok("agreements", "acme", "--json").json
    assert [(it["times"], it["amount"]) for it in book["conceded"]] == [(1, "200.00")]
    told = [what for what in story(desk) if what.startswith("agreement")]
    assert told == ["agreement-proposed", "agreement-made", "agreement-kept"]


@on_one_vendor
def test_what_is_in_dispute_was_not_conceded(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    settle(desk, ledger, "1001")
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--amount", amount(ledger, "50.00"))
    ledger.pay(owing[1], "400.00")
    desk.ok("run")
    [kept] = listed(desk, "--all")
    assert (kept["left"], kept["conceded"]) == ("200.00", "150.00")


@on_one_vendor
def test_a_settlement_that_lapses(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """Three hundred of four came by its last day: the other three hundred are chased from then on."""
    settle(desk, ledger, "1001")
    ledger.pay(owing[1], "300.00")
    assert run_on(desk, "2026-12-11") == []
    assert run_on(desk, "2026-12-14") == [("first reminder", "300.00")]
    assert "agreement-lapsed" in story(desk)
    assert [it["state"] for it in listed(desk, "--all")] == ["broken"]


@on_one_vendor
def test_taking_an_agreement_back(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    settle(desk, ledger, "1001")
    assert reasons(desk) == {"1001": "agreed"}
    typed = desk.ok("agree", "acme", "--end", "a1", "--note", "she changed her mind")
    assert "a1 (settlement of Lumen Yoga) is ended" in typed.out
    assert desk.message()["total"] == "600.00"
    desk.gives(2, "agree", "acme", "--end", "a1")


# Promises and disputes -----------------------------------------------------------------------


def test_a_promise_broken(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """Held through its day and its grace, then told as broken, and the chase goes on at the next step."""
    assert run_on(desk, "2026-11-23") == [("first reminder", "600.00")]
    desk.ok(
        "hold", "acme", "1001", "--reason", "promised", "--until", "2026-12-02",
        "--amount", amount(ledger, "600.00"), "--grace", "2",
    )  # fmt: skip
    assert run_on(desk, "2026-12-04") == []
    assert reasons(desk) == {"1001": "promised"}
    assert run_on(desk, "2026-12-07") == [("second reminder", "600.00")]
    assert story(desk).count("promise-broken") == 1
    desk.ok("run")
    assert story(desk).count("promise-broken") == 1
    assert desk.rows("SELECT count(*) FROM holds") == [(0,)]
    assert desk.rows("SELECT reason, until_on FROM holds_past") == [("promised", "2026-12-07")]


@on_one_vendor
def test_a_promise_kept_early(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """Half was promised for the second: it came early, and the other half is asked for after that day."""
    promise = ("--reason", "promised", "--until", "2026-12-02", "--amount", amount(ledger, "300.00"))
    desk.ok("hold", "acme", "Lumen Yoga", *promise)
    ledger.pay(owing[1], "300.00")
    assert run_on(desk, "2026-11-25") == []
    [hold] = desk.plan()["holds"]
    assert f"{amount(ledger, '300.00')} by 2026-12-02, it came" in hold["detail"]
    assert run_on(desk, "2026-12-03") == [("first reminder", "300.00")]
    assert "promise-kept" in [
        event["what"] for event in desk.ok("explain", "acme", "Lumen Yoga", "--json").json["events"]
    ]


@on_one_vendor
def test_a_promise_kept_with_money_that_nobody_applied(
    desk: Desk, ledger: Ledger, owing: tuple[str, str]
) -> None:
    """What was there before it promised does not count."""
    ledger.credit(owing[0], "50.00")
    desk.ok("sync")
    promise = ("--reason", "promised", "--until", "2026-12-02", "--amount", amount(ledger, "300.00"))
    desk.ok("hold", "acme", "Lumen Yoga", *promise)
    ledger.credit(owing[0], "250.00")
    on(desk, "2026-12-03")
    typed = desk.ok("run")
    assert "promise part kept: Lumen Yoga" in typed.out
    assert "250.00 of it came" in typed.out


@on_one_vendor
def test_a_part_in_dispute(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    """The rest is chased; once all that is left is in dispute, nothing is."""
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--amount", amount(ledger, "250.00"))
    assert run_on(desk, "2026-11-23") == [("first reminder", "350.00")]
    ledger.pay(owing[1], "350.00")
    assert run_on(desk, "2026-12-07") == []
    assert reasons(desk) == {"1001": "disputed"}


# A review ------------------------------------------------------------------------------------


@on_one_vendor
def test_a_review_changes_nothing_of_the_plan_of_its_day(
    desk: Desk, ledger: Ledger, owing: tuple[str, str]
) -> None:
    """A promise kept, in part and not at all, a settlement kept and lapsed, a plan kept and broken, all on
    one day: what is planned before the run that tells them is what is planned after it."""
    ledger.write()
    customer, _ = owing
    paid = {
        "2001": "100.00",
        "2002": "40.00",
        "2003": "0",
        "2004": "60.00",
        "2005": "10.00",
        "2006": "100.00",
    }
    ids = {number: ledger.invoice(customer, "100.00", number=number) for number in (*paid, "2007")}
    desk.ok("sync")
    for number in ("2001", "2002", "2003"):
        desk.ok("hold", "acme", number, "--reason", "promised", "--until", "2026-12-02",
                "--amount", amount(ledger, "100.00"))  # fmt: skip
    settle(desk, ledger, "2004", units="60.00", until="2026-12-02")
    settle(desk, ledger, "2005", units="60.00", until="2026-12-02")
    for number in ("2006", "2007"):
        desk.ok("agree", "acme", number, "--instalments", "1", "--first", "2026-11-24", "--broken-after", "5")
    for number, units in paid.items():
        if units != "0":
            ledger.pay(ids[number], units)
    on(desk, "2026-12-03")
    desk.ok("sync")
    before = desk.plan()
    typed = desk.ok("run")
    assert desk.plan() == before
    told = sorted(
        line.split(": ")[1] for line in typed.out.splitlines() if "promise" in line or "agree" in line
    )
    assert told == [
        "agreement broken",
        "agreement kept",
        "agreement kept",
        "agreement lapsed",
        "promise broken",
        "promise kept",
        "promise part kept",
    ]
    again = desk.ok("run").out
    assert "promise" not in again
    assert "agreement" not in again


# What cannot be meant ------------------------------------------------------------------------

SETTLE = ("--until", "2026-12-11", "--settle")
REFUSED = {
    "no customer of that name": (("Lumen Yogi", *SETTLE, "400.00 USD"), "'Lumen Yoga'"),
    "nothing named": ((*SETTLE, "400.00 USD"), "which invoices or customer"),
    "no way named": (("1001",), "say one of"),
    "two ways": (("1001", *SETTLE, "400.00 USD", "--end", "a1"), "say one of"),
    "settled by all of it": (("1001", *SETTLE, "600.00 USD"), "no less than the 600.00 USD owed"),
    "settled by more": (("1001", *SETTLE, "600.01 USD"), "no less than"),
    "settled by nothing": (("1001", *SETTLE, "0 USD"), "not above zero"),
    "settled by less than nothing": (("1001", *SETTLE, "-5.00 USD"), "not above zero"),
    "settled in another currency": (("1001", *SETTLE, "400.00 EUR"), "not in EUR"),
    "no amount": (("1001", *SETTLE, "400.00"), "not an amount with its currency"),
    "too many decimals": (("1001", *SETTLE, "400.001 USD"), "more than 2 decimals"),
    "a past day": (("1001", "--until", "2026-11-22", "--settle", "400.00 USD"), "2026-11-22 is past"),
    "an impossible day": (("1001", "--until", "2026-11-31", "--settle", "400.00 USD"), "not a day"),
    "no last day": (("1001", "--settle", "400.00 USD"), "up to which day"),
    "no first day": (("1001", "--instalments", "3"), "the first one is due"),
    "the first is past": (("1001", "--instalments", "3", "--first", "2026-11-22"), "is past"),
    "not that last day": (
        ("1001", "--instalments", "3", "--first", "2026-12-01", "--last", "2027-02-28"),
        "falls on 2027-02-01, not on 2027-02-28",
    ),
    "no interval": (("1001", "--instalments", "3", "--first", "2026-12-01", "--every", "moon"), "'1 month'"),
    "more instalments than cents": (
        ("1002", "--instalments", "3", "--first", "2026-12-01"),
        "cannot be parted into 3 instalments",
    ),
    "too little": (
        ("1001", "--instalment", "599.99 USD on 2026-12-01"),
        "make 599.99 USD, and 600.00 USD is owed",
    ),
    "too much": (("1001", "--instalment", "600.01 USD on 2026-12-01"), "make 600.01"),
    "no order": (
        ("1001", "--instalment", "300 USD on 2026-12-02", "--instalment", "300 USD on 2026-12-01"),
        "does not come after",
    ),
    "two currencies": (
        ("1001", "--instalment", "300 USD on 2026-12-01", "--instalment", "300 EUR on 2026-12-02"),
        "in one currency",
    ),
    "an instalment without a day": (("1001", "--instalment", "600.00 USD"), "names no day"),
    "a grace as long as the plan stands": (
        ("1001", "--instalments", "3", "--first", "2026-12-01", "--grace", "14"),
        "within the 14 days of grace",
    ),
    "nobody approves": (("--approve", "a1"), "who approves it"),
    "no such agreement": (("--approve", "a9", "--owner", "Berta"), "no agreement 'a9'"),
    "a settlement in instalments": (
        ("1001", "--settle", "400.00 USD", "--until", "2026-12-11", "--grace", "3"),
        "--grace cannot stand beside --settle",
    ),
    "of two customers": (("1001", "3001", *SETTLE, "400.00 USD"), "several customers: Juniper, Lumen Yoga"),
    "under an agreement already": (("3001", *SETTLE, "4.00 USD"), "under the agreement a1 (instalments)"),
    "nothing is owed": (("3002", *SETTLE, "4.00 USD"), "nothing is owed on invoice 3002"),
}


@on_one_vendor
def test_what_cannot_be_meant_changes_nothing(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    ledger.invoice(owing[0], "0.02", number="1002")
    juniper = ledger.customer("Juniper", "pay@juniper.example")
    ledger.invoice(juniper, "50.00", number="3001")
    ledger.pay(ledger.invoice(juniper, "50.00", number="3002"))
    desk.ok("sync")
    desk.ok("agree", "acme", "3001", "--instalments", "2", "--first", "2026-12-01")
    before = desk.plan(), listed(desk, "--all"), desk.rows("SELECT count(*) FROM events")
    for line, words in REFUSED.values():
        typed = desk.gives(2, "agree", "acme", *line)
        assert words in typed.err, (line, typed.err)
        assert typed.out == ""
    assert (desk.plan(), listed(desk, "--all"), desk.rows("SELECT count(*) FROM events")) == before


def test_nothing_is_agreed_on_half_a_pull(desk: Desk, quickbooks: Ledger) -> None:
    typed = desk.gives(1, "agree", "acme", "1001", "--instalments", "2", "--first", "2026-12-01")
    assert "was never synced" in typed.err
