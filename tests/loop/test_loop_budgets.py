"""Where a day's calls run short: syncs thin out, notes become fewer, letters still leave on a fresh reading,
and nothing is an error. Xero's day has 5,000 calls here; below 1,000 it is near its end, 250 are the reserve.
"""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, Open, QuickBooks, Xero

from arsync.connector.limits import Places
from arsync.connector.metering import Usage, usage
from arsync_xero.simulator import Rules

PER_DAY = 5_000


def used(desk: Desk, book: str = "acme") -> Usage:
    [found] = usage(desk.folder / "arsync.db-locks", desk.now(), [book])
    return found


def spend(xero: Xero, left: int) -> None:
    """Others' work, say: so many calls are left of the organisation's day. The next answer tells."""
    xero.simulator.rules = replace(Rules().unlimited(), per_day=PER_DAY)
    meter = xero.simulator.limits._meters[xero.company.tenant]
    meter.day.made = PER_DAY - left


def told(desk: Desk, xero: Xero, left: int) -> None:
    """A complete sync right now, after whose last answer so many calls are left."""
    before = xero.calls()
    desk.ok("sync", "--full")
    spend(xero, left + xero.calls() - before)
    desk.ok("sync", "--full")
    assert used(desk).day_left == left
    assert used(desk).day_limit == PER_DAY - 1  # the most that it ever told, with its first answer


def test_enough_is_left(desk: Desk, xero: Xero) -> None:
    told(desk, xero, 1_000)
    typed = desk.ok("sync", "--json")
    assert "put_off" not in typed.json[0]
    assert typed.json[0]["complete"] is True
    assert typed.err.count("left") == 0


@pytest.mark.parametrize(("left", "hours"), [(900, 1), (700, 2), (400, 4)])
def test_syncs_thin_out(desk: Desk, xero: Xero, left: int, hours: int) -> None:
    told(desk, xero, left)
    calls = xero.calls()
    for command in ("sync", "run"):
        desk.now.go(minutes=hours * 30 - 1)  # twice: almost that old
        typed = desk.ok(command, "--json")
        [report] = typed.json
        report = report if command == "sync" else report["sync"]
        assert (report["api_calls"], report["complete"]) == (0, False)
        assert report["put_off"].startswith(f"{left:,} of the day's 4,999 calls are left; this sync")
    assert xero.calls() == calls
    typed = desk.ok("sync")
    assert typed.err.count("acme: ") == 1
    until = datetime(2026, 11, 23, 8 + hours, 0, tzinfo=UTC)
    assert (
        f"left for later, until {until:%Y-%m-%d %H:%M} UTC (`arsync sync acme --full` reads now)" in typed.err
    )
    desk.now.go(minutes=3)
    desk.ok("sync")
    assert xero.calls() > calls


def test_a_person_s_full_sync_is_made(desk: Desk, xero: Xero) -> None:
    told(desk, xero, 900)
    assert desk.ok("sync", "--full", "--json").json[0]["complete"] is True


def test_what_was_never_read_to_its_end_is_read(desk: Desk, xero: Xero) -> None:
    told(desk, xero, 900)
    xero.strike("reset-before-commit", times=None)
    desk.gives(1, "sync", "--full")
    xero.well()
    assert desk.ok("sync", "--json").json[0]["complete"] is True


def test_the_reserve_is_for_letters(desk: Desk, xero: Xero) -> None:
    """No sync, no note; the debt is read again before the letter leaves."""
    xero.invoice(xero.customer("Lumen Yoga"), "120.00", number="1001")
    xero.invoice(xero.customer("Orchard Deli", "pay@orchard.example"), "75.00", number="1002")
    told(desk, xero, 200)
    desk.ok("approve", "acme", "--all")
    xero.pay("1002")  # nobody has read of it
    calls = xero.calls()
    typed = desk.ok("run")
    assert [str(mail["To"]) for mail in desk.mail] == ["pay@lumen.example"]
    assert "nothing of it is owed any more: 1002" in typed.out
    assert xero.calls() > calls
    assert "which are kept for reading again before letters leave" in typed.err
    assert "1 note left for a later run" in typed.err
    assert xero.notes("1001", "Lumen Yoga") == ([], [])
    assert desk.ok("note", "--json").json == [{"book": "acme", "written": 0, "owed": 1, "failed": []}]
    desk.now.go(days=1)  # Xero's day is another
    assert desk.ok("note", "--json").json == [{"book": "acme", "written": 1, "owed": 0, "failed": []}]
    assert len(xero.notes("1001", "Lumen Yoga")[1]) == 1


def owing_notes(desk: Desk, xero: Xero) -> list[str]:
    """Two customers with three and one invoices were written to; the ids of the messages."""
    xero.write(extra='notes = "invoice"\n')
    lumen, orchard = xero.customer("Lumen Yoga"), xero.customer("Orchard Deli", "pay@orchard.example")
    for number, amount in (("1001", "120.00"), ("1002", "80.00"), ("1003", "40.00")):
        xero.invoice(lumen, amount, number=number)
    xero.invoice(orchard, "75.00", number="2001")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.ok("send")
    assert len(desk.mail) == 2
    return [m["id"] for m in sorted(desk.plan()["messages"], key=lambda m: m["customer"]["name"])]


def marked(xero: Xero, number: str, customer: str) -> tuple[int, int]:
    """How many of arsync's notes stand on the invoice and on the customer."""
    on_invoice, on_customer = xero.notes(number, customer)
    return sum("[arsync:" in it for it in on_invoice), sum("[arsync:" in it for it in on_customer)


def test_notes_become_one(desk: Desk, xero: Xero) -> None:
    """Of a customer's several invoices: one call in place of three, and one look."""
    owing_notes(desk, xero)
    told(desk, xero, 900)
    calls = xero.calls()
    assert desk.ok("note", "--json").json == [{"book": "acme", "written": 2, "owed": 0, "failed": []}]
    assert xero.calls() - calls == 4
    assert [marked(xero, number, "Lumen Yoga") for number in ("1001", "1002", "1003")] == [(0, 1)] * 3
    [note] = xero.notes("1001", "Lumen Yoga")[1]
    for word in ("1001", "1002", "1003", "240.00", "pay@lumen.example", "2026-11-23"):
        assert word in note
    assert marked(xero, "2001", "Orchard Deli") == (1, 0)  # one invoice is one call either way
    desk.ok("note")
    assert xero.calls() - calls == 4


def test_with_calls_to_spare_each_invoice_has_its_note(desk: Desk, xero: Xero) -> None:
    owing_notes(desk, xero)
    told(desk, xero, 1_000)
    assert desk.ok("note", "--json").json[0]["written"] == 4
    assert [marked(xero, number, "Lumen Yoga") for number in ("1001", "1002", "1003")] == [(1, 0)] * 3


def test_a_note_that_was_tried_is_not_put_elsewhere(desk: Desk, xero: Xero) -> None:
    """It may stand there already: it does, and is found under its mark."""
    owing_notes(desk, xero)
    xero.strike("reset-after-commit", path="/History", method="PUT", times=None)
    desk.gives(1, "note")
    xero.well()
    before = [marked(xero, number, "Lumen Yoga") for number in ("1001", "1002", "1003")]
    assert sum(on_invoice for on_invoice, _ in before) > 0
    told(desk, xero, 900)
    desk.ok("note")
    assert [marked(xero, number, "Lumen Yoga") for number in ("1001", "1002", "1003")] == [(1, 0)] * 3


def test_what_does_not_fit_is_owed_for_another_day(desk: Desk, xero: Xero) -> None:
    """253 of 4,999 are left, 249 are the reserve: room for two of three documents."""
    owing_notes(desk, xero)
    xero.invoice(xero.customer("Pine Books", "pay@pine.example"), "30.00", number="3001")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.ok("send")
    told(desk, xero, 253)
    typed = desk.ok("note")
    assert "2 notes written, 1 still owed" in typed.out
    assert "253 of the day's 4,999 calls are left; 1 note left for a later run" in typed.err
    desk.now.go(days=1)
    assert "1 note written" in desk.ok("run").out


@pytest.mark.parametrize("written", [0, 1])
def test_a_day_that_ends_amid_the_notes(desk: Desk, xero: Xero, written: int) -> None:
    """Xero refuses sooner than it told: what is not written stays owed, and that is no error."""
    xero.write(extra='notes = "invoice"\n')
    owing_notes(desk, xero)
    xero.strike("429-day", path="/History", after=2 * written, times=None)
    typed = desk.ok("note")
    assert f"{written} note{'s' * (written != 1)} written, {4 - written} still owed" in typed.out
    assert "day are used up" in typed.err or "day's calls are used up until 20" in typed.err
    calls = xero.calls()
    xero.well()
    assert (
        desk.ok("note", "--json").json[0]["owed"] == 4 - written
    )  # not one call, until the instant that it told
    assert "used up until" in desk.ok("sync").err
    typed = desk.gives(1, "sync", "--full")
    assert "used up; from 20" in typed.err
    assert xero.calls() == calls
    assert all(nap < 100 for nap in desk.naps)  # never a sleep of hours
    until = used(desk).used_up_until
    assert until is not None
    desk.now.at = until
    assert desk.ok("note", "--json").json[0]["owed"] == 0


def test_letters_wait_where_a_day_is_used_up(desk: Desk, xero: Xero) -> None:
    """They do not leave unread, and stay approved."""
    xero.invoice(xero.customer("Lumen Yoga"), "120.00", number="1001")
    told(desk, xero, 300)
    desk.approved()
    spend(xero, 0)
    typed = desk.gives(1, "send")
    assert "used up" in typed.err
    assert desk.mail == []
    assert desk.message()["status"] == "approved"
    desk.now.go(days=1, minutes=1)
    desk.ok("run")
    assert len(desk.mail) == 1


def test_a_minute_s_rest_is_kept_by_the_next_command(desk: Desk, xero: Xero) -> None:
    """Xero asks the whole organisation to wait: so does the process that comes after."""
    desk.ok("sync")
    xero.strike("429-minute", times=None)
    desk.gives(1, "sync")
    rest = used(desk).paused_until
    assert rest is not None
    xero.well()
    desk.naps.clear()
    desk.now.go(minutes=0.25)
    desk.ok("sync")
    assert desk.naps[0] == pytest.approx((rest - desk.now()).total_seconds())
    assert used(desk).paused_until is None
    desk.naps.clear()
    desk.ok("sync")
    assert desk.naps == []


def test_what_a_month_came_to(desk: Desk, ledger: Ledger) -> None:
    """Each vendor's calls are counted as the vendor logs them, the token's not."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    desk.ok("run")
    found = used(desk)
    assert found.calls == ledger.calls()
    assert found.writes == 1  # the note
    assert found.bytes > 1_000
    assert (found.reads, found.month) == (0, "2026-11")  # a sandbox's are on nobody's bill
    runs = desk.rows("SELECT sum(api_calls), sum(bytes) FROM runs")
    told_by_runs, bytes_of_runs = runs[0]
    assert found.calls >= told_by_runs  # `connect` has no run
    assert found.bytes >= bytes_of_runs
    desk.now.at = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
    assert (used(desk).calls, used(desk).month) == (0, "2026-12")


def test_the_plan_s_keys(desk: Desk, open_ledger: Open) -> None:
    """`tier` and `calls_per_day` for Xero, `calls_per_month` for QuickBooks; what they do not take."""
    xero = open_ledger("xero")
    connection = {**xero.connection(), "tier": "gold"}
    desk.practice({"acme": connection})
    typed = desk.gives(2, "sync")
    assert "books.acme.connection.tier" in typed.err
    connection["tier"] = "plus"
    desk.practice({"acme": connection})
    desk.ok("connect", "acme")
    assert used(desk).tier == "plus"
    desk.practice({"acme": connection | {"calls_per_day": "many"}})
    assert "books.acme.connection.calls_per_day" in desk.gives(2, "sync").err


def test_quickbooks_has_no_day(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.ok("sync")
    found = used(desk)
    assert (found.day_limit, found.day_left, found.tier) == (None, None, "builder")
    assert timedelta(0) == found.course(desk.now()).every


def test_as_many_calls_at_once_as_the_vendor_takes(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QuickBooks takes 10 and Xero 5; the rest is left to others."""
    monkeypatch.setattr("arsync.connector.limits.PLACE_SECONDS", 0.2)
    most = {"quickbooks": 8, "xero": 4}[ledger.connector]
    locks = desk.folder / "arsync.db-locks"
    with closing(sqlite3.connect(locks / "limits.db")) as counts:
        [(tenant,)] = counts.execute("SELECT tenant FROM tenants").fetchall()
    with ExitStack() as others:
        for _ in range(most - 1):
            others.enter_context(Places(locks, tenant, most, desk.naps.append).one())
        desk.ok("sync")
        others.enter_context(Places(locks, tenant, most, desk.naps.append).one())
        calls = ledger.calls()
        typed = desk.gives(1, "sync")
        assert f"{most} calls to this company are under way at once" in typed.err
        assert ledger.calls() == calls
    desk.ok("sync")
