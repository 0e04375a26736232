"""Going live by the practice file, after an upgrade, and what is refused."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import datetime

import pytest
from loop_desk import Desk, on_one_vendor
from loop_golive import NOTHING, OLD, company, state, steps
from loop_ledgers import Ledger

# The key in the practice file ----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["approve", "run"])
def test_the_practice_file_decides_beforehand(desk: Desk, quickbooks: Ledger, command: str) -> None:
    """Before the first approve or run the plan is as it will be, and changes nothing."""
    company(quickbooks, *OLD)
    quickbooks.write(golive="match")
    expected = {"Five": "first reminder", "Fifty": "second reminder", "Ages": "second reminder"}
    planned = desk.type("plan", "acme")
    assert "not live" not in planned.err
    assert steps(desk) == expected
    assert state(desk) == NOTHING
    ids = {it["id"] for it in desk.plan()["messages"]}
    said = desk.ok("approve", "acme", "--all") if command == "approve" else desk.ok("run")
    assert 'it is live from today on, by golive = "match": 2 debts joined above' in said.err
    assert state(desk)[0] == [("2026-11-23", "match", None)]
    assert {it["id"] for it in desk.plan()["messages"]} == ids
    assert steps(desk) == expected
    assert "by golive" not in desk.ok("run").err


@on_one_vendor
def test_skip_by_the_practice_file_with_send(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    ledger.write(golive="skip")
    assert steps(desk) == dict.fromkeys(["Five", "Fifty", "Ages"], "excluded")
    said = desk.ok("send")
    assert 'by golive = "skip": 3 debts left out' in said.err
    assert desk.rows("SELECT count(*) FROM holds WHERE owner = 'go-live'") == [(3,)]


@on_one_vendor
def test_start_by_the_practice_file_says_nothing_and_writes_the_day(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    ledger.write(golive="start")
    said = desk.ok("run")
    assert "live" not in said.out + said.err
    assert state(desk)[:3] == ([("2026-11-23", "start", None)], [], [])


@on_one_vendor
def test_the_key_waits_for_a_whole_sync(desk: Desk, ledger: Ledger) -> None:
    """What has not come yet cannot be left out."""
    ledger.invoice(ledger.customer("Five", "ap@five.example"), "100.00", overdue=5)
    ledger.write(golive="skip")
    for line in (["send"], ["approve", "acme", "--all"]):
        assert "was never synced" in desk.gives(1, *line).err
    assert state(desk) == NOTHING


@on_one_vendor
def test_a_key_that_is_none_is_refused(desk: Desk, ledger: Ledger) -> None:
    ledger.write(golive="later")
    refused = desk.gives(2, "plan")
    assert "books.acme.golive" in refused.err
    assert '"start", "match", "skip"' in refused.err


# Bad input -----------------------------------------------------------------------------------------


@on_one_vendor
@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        (["--per-day", "0"], 2, "--per-day"),
        (["--per-day", "many", "--confirm"], 2, "--per-day"),
        (["--leave-out-older", "0", "--confirm"], 2, "--leave-out-older"),
        (["--join", "skip", "--leave-out-older", "9", "--confirm"], 2, "--leave-out-older"),
        (["--join", "guess", "--confirm"], 2, "match"),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, ledger: Ledger, line: list[str], status: int, words: str
) -> None:
    company(ledger, *OLD)
    assert words in desk.gives(status, "golive", "acme", *line).err
    assert state(desk) == NOTHING


@on_one_vendor
def test_a_book_that_was_never_synced_cannot_go_live(desk: Desk, ledger: Ledger) -> None:
    ledger.write(golive=None)
    for line in ([], ["--confirm"]):
        assert "was never synced: run `arsync sync acme`" in desk.gives(1, "golive", "acme", *line).err
    assert desk.gives(2, "golive", "birch").status == 2
    assert state(desk) == NOTHING


# The version before --------------------------------------------------------------------------------


@on_one_vendor
def test_what_was_approved_in_a_book_that_is_not_live_waits(desk: Desk, ledger: Ledger) -> None:
    """A book of the version before that had approved but never sent is not live after the upgrade."""
    company(ledger, *OLD)
    desk.ok("golive", "acme", "--confirm")
    desk.ok("approve", "acme", "--all")
    with contextlib.closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute("UPDATE books SET live_on = NULL, joined = NULL")
    for command in ("send", "run"):
        assert "the book acme is not live" in desk.ok(command).err
    assert desk.mail == []
    assert desk.rows("SELECT DISTINCT status FROM messages") == [("approved",)]
    desk.ok("golive", "acme", "--confirm", "--leave-out-older", "100")
    sent = desk.ok("send")
    assert sorted(mail["To"] for mail in desk.mail) == ["ap@fifty.example", "ap@five.example"]
    assert "withdrawn" in sent.out


@on_one_vendor
def test_it_is_looked_at_once_more_before_each_letter(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first letter leaves somebody takes the go-live back, inside the database."""
    company(ledger, *OLD)
    desk.ok("golive", "acme", "--confirm")
    desk.ok("approve", "acme", "--all")

    def clock() -> datetime:
        with contextlib.closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
            connection.execute("UPDATE books SET live_on = NULL")
        return desk.now()

    monkeypatch.setattr(desk.catcher, "_clock", clock)
    stopped = desk.gives(2, "send")
    assert "the book acme is not live" in stopped.err
    assert len(desk.mail) == 1
    assert desk.rows("SELECT status, count(*) FROM messages GROUP BY 1") == [("approved", 2), ("sent", 1)]
