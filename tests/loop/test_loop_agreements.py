"""Instalments and settlements: what is typed, what is chased, what is told later."""

from __future__ import annotations

import pytest
from loop_agreements import amount, listed, lumen_owes, on, reasons, run_on, settle, story
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger


@pytest.fixture
def owing(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    return lumen_owes(desk, ledger)


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
