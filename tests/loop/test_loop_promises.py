"""Promises and part disputes: what is held by them, and what is told when they are over."""

from __future__ import annotations

import pytest
from loop_agreements import amount, lumen_owes, on, reasons, run_on, story
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger


@pytest.fixture
def owing(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    return lumen_owes(desk, ledger)


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
