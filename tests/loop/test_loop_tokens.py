"""Access: tokens that run out, that rotate, that are lost on the way, and consent that is withdrawn."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import timedelta

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks

TOKEN = {"quickbooks": "/oauth2/v1/tokens/bearer", "xero": "/connect/token"}


@pytest.fixture
def synced(desk: Desk, ledger: Ledger) -> Ledger:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    return ledger


def stored(desk: Desk) -> str:
    refresh = desk.tokens().refresh
    assert refresh is not None
    return refresh


def test_an_access_token_runs_out(desk: Desk, synced: Ledger) -> None:
    """Renewed once, before the first request, and the new refresh token is kept."""
    before, calls = stored(desk), synced.token_calls()
    desk.now.go(minutes=61)
    desk.ok("sync")
    assert synced.token_calls() == calls + 1
    assert stored(desk) != before
    desk.ok("sync")
    assert synced.token_calls() == calls + 1


def test_a_token_that_the_service_turns_down(desk: Desk, synced: Ledger) -> None:
    """It ended earlier than was told: one 401, one renewal, and the sync goes on."""
    calls = synced.token_calls()
    synced.expire()
    desk.ok("sync")
    assert synced.token_calls() == calls + 1


@on_one_vendor
def test_a_401_at_the_second_page(desk: Desk, ledger: Ledger) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    calls = ledger.token_calls()
    ledger.strike("401-expired", after=1)
    desk.ok("sync")
    assert ledger.token_calls() == calls + 1


def test_saved_before_the_next_request(desk: Desk, synced: Ledger) -> None:
    """The old refresh token is worthless after its use; the run that renewed it dies on its first
    request. The next run has the new one."""
    if isinstance(synced, QuickBooks):
        synced.simulator.tokens.grace = timedelta()
    before = stored(desk)
    desk.now.go(minutes=61)
    synced.strike("reset-before-commit", times=None)
    desk.gives(1, "sync")
    assert stored(desk) != before
    synced.well()
    desk.now.go(minutes=61)
    desk.ok("sync")


def test_the_reply_to_a_renewal_is_lost(desk: Desk, synced: Ledger) -> None:
    """Rotated there, not here: the old token is still honoured for a while, and the next run uses it."""
    desk.now.go(minutes=61)
    synced.strike("reset-after-commit", path=TOKEN[synced.connector])
    typed = desk.gives(1, "sync")
    assert "cannot be reached" in typed.err
    desk.now.go(minutes=5)
    desk.ok("sync")


def test_the_token_service_is_down(desk: Desk, synced: Ledger) -> None:
    """Nobody has to connect again for that."""
    before = stored(desk)
    desk.now.go(minutes=61)
    synced.strike("503-html", path=TOKEN[synced.connector])
    typed = desk.gives(1, "sync")
    assert "arsync connect" not in typed.err
    assert "try again" in typed.err
    assert stored(desk) == before
    desk.ok("sync")


def test_consent_is_withdrawn(desk: Desk, synced: Ledger) -> None:
    """exit 1, and what to type; connected again, everything is there."""
    synced.revoke(stored(desk))
    for minutes in (0, 61):
        desk.now.go(minutes=minutes)
        typed = desk.gives(1, "sync")
        assert "arsync connect acme" in typed.err
        assert typed.err.count("error:") == 1
    desk.ok("connect", "acme")
    desk.ok("sync")


def test_the_refresh_token_runs_out(desk: Desk, synced: Ledger) -> None:
    desk.now.go(days=200)
    assert "arsync connect acme" in desk.gives(1, "sync").err


def test_withdrawn_for_one_book(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    both[0].revoke(stored(desk))
    typed = desk.gives(1, "sync", "--json")
    assert "arsync connect acme" in typed.err
    assert "arsync connect birch" not in typed.err
    assert {each["book"]: each["complete"] for each in typed.json} == {"acme": False, "birch": True}


CROWD = 8
RENEW = """
import os, time
from pathlib import Path
from arsync.opening import Opener, clock_from
from arsync.practice import load_practice
from arsync.store import Store
practice = load_practice(Path.cwd())
clock, _ = clock_from(os.environ)
with Store.open(practice.database) as store:
    opener = Opener(practice, store, clock, print)
    [settings] = practice.chosen(["acme"])
    book = opener.book(settings, command="test", sends=False, letters=False)
    input()
    print(book.tokens.access(book.source.app, book.http))
    opener.close()
"""


@on_one_vendor
def test_several_processes_renew_once(desk: Desk, synced: Ledger) -> None:
    """Eight processes find the token run out at the same moment, and the service is slow: one renews, the
    others wait and use what it got."""
    desk.now.go(minutes=61)
    calls = synced.token_calls()
    synced.strike("slow-drip", path=TOKEN[synced.connector], seconds=0.5, times=None)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RENEW],
            cwd=desk.folder,
            env={**os.environ, "ARSYNC_NOW": desk.now().isoformat()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(CROWD)
    ]
    try:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        answers = [process.communicate(timeout=60) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0] * CROWD, answers
    assert len({out for out, _ in answers}) == 1
    assert synced.token_calls() == calls + 1


@on_one_vendor
def test_tokens_are_not_shown(desk: Desk, synced: Ledger) -> None:
    """The database may be read by its owner alone, and no command prints what is in it."""
    assert stat.S_IMODE((desk.folder / "arsync.db").stat().st_mode) == 0o600
    pair = desk.tokens()
    synced.revoke(stored(desk))
    typed = desk.gives(1, "sync")
    for token in (pair.access, pair.refresh or ""):
        assert token[:12] not in typed.out + typed.err


def test_the_pair_before_is_kept_until_a_call_went_through(desk: Desk, synced: Ledger) -> None:
    """Renewed, and the service breaks off before its first answer: both are kept. After an answer the old
    one is forgotten."""
    before = stored(desk)
    desk.now.go(minutes=61)
    synced.strike("reset-before-commit", times=None)
    desk.gives(1, "sync")
    kept = desk.tokens()
    assert (kept.proven, kept.previous_refresh) == (False, before)
    synced.well()
    desk.ok("sync")
    assert (desk.tokens().proven, desk.tokens().previous_refresh) == (True, None)
    assert desk.tokens().refresh == kept.refresh


def test_a_new_pair_that_is_good_for_nothing(desk: Desk, synced: Ledger) -> None:
    """What was issued is refused as if it had never been: the token before it is honoured once more."""
    desk.now.go(minutes=61)
    synced.strike("reset-before-commit", times=None)
    desk.gives(1, "sync")
    synced.well()
    synced.disown(stored(desk))
    desk.now.go(minutes=20)
    synced.expire()
    desk.ok("sync")
    assert desk.tokens().proven


@on_one_vendor
def test_nobody_honours_a_token_that_was_replaced(desk: Desk, synced: Ledger) -> None:
    """The reply to a renewal was lost, and the old token is stale at once: one sentence, no second try."""
    assert isinstance(synced, QuickBooks)
    synced.simulator.tokens.grace = timedelta()
    desk.now.go(minutes=61)
    synced.strike("reset-after-commit", path=TOKEN[synced.connector])
    desk.gives(1, "sync")
    calls = synced.token_calls()
    typed = desk.gives(1, "sync")
    assert "not valid any more (invalid_grant): run `arsync connect acme`" in typed.err
    assert synced.token_calls() == calls + 1


@on_one_vendor
@pytest.mark.parametrize("hours", [-30, -1, 1, 30])
def test_a_clock_that_steps(desk: Desk, synced: Ledger, hours: int) -> None:
    """By an hour or a day, here and not at the service, and back: a renewal for each step at most, and none
    for the syncs between them."""
    calls = synced.token_calls()
    for skew in (hours, 0):
        desk.skew = timedelta(hours=skew)
        for _ in range(3):
            desk.now.go(minutes=1)
            desk.ok("sync")
    assert synced.token_calls() - calls <= 2


@on_one_vendor
@pytest.mark.parametrize("told", [0, -5, 1, 90, "3600", None, "soon", 10**15])
def test_an_odd_life_of_a_token(desk: Desk, synced: Ledger, told: object) -> None:
    """Whatever the service says of it, the tokens are kept, and not renewed before each request."""
    assert isinstance(synced, QuickBooks)
    tokens, issue = synced.simulator.tokens, synced.simulator.tokens.issue
    tokens.issue = lambda grant: {**issue(grant), "expires_in": told}  # type: ignore[method-assign]
    desk.now.go(minutes=61)
    calls = synced.token_calls()
    desk.ok("sync")
    desk.ok("sync")
    assert synced.token_calls() == calls + 1


@on_one_vendor
@pytest.mark.parametrize("odd", ["", "tok\u2026n", "tok\nn", "tok n"])
def test_a_token_that_is_none(desk: Desk, synced: Ledger, odd: str) -> None:
    """It would break the header of each request; it is not kept, and the next run gets another."""
    assert isinstance(synced, QuickBooks)
    tokens, issue = synced.simulator.tokens, synced.simulator.tokens.issue
    tokens.issue = lambda grant: {**issue(grant), "access_token": odd}  # type: ignore[method-assign]
    desk.now.go(minutes=61)
    typed = desk.gives(1, "sync")
    assert "the token service gave an answer that is not a token; try again later" in typed.err
    tokens.issue = issue  # type: ignore[method-assign]
    desk.ok("sync")


@on_one_vendor
def test_the_last_day_of_a_consent(desk: Desk, synced: Ledger) -> None:
    """Intuit's, five years after it was given: told by run, sync, worklist and status from 14 days before,
    however often the tokens were renewed; `arsync connect` gives another five years."""
    assert isinstance(synced, QuickBooks)
    synced.simulator.tokens.hard_seconds = 30 * 86_400
    desk.ok("connect", "acme")
    for _ in range(2):
        desk.now.go(days=7, minutes=59)
        assert "consent" not in desk.ok("sync").err
    desk.now.go(days=2)
    for command in ("sync", "run"):
        assert "acme: the consent ends in 14 days, on 2026-12-23, used or not: run `arsync connect acme`" in (
            desk.ok(command).err
        )
    [item] = [each for each in desk.ok("worklist", "--json").json if each["kind"] == "token"]
    assert item["command"] == "arsync connect acme"
    desk.now.go(days=14, minutes=1)
    assert "arsync connect acme" in desk.gives(1, "sync").err
    synced.simulator.tokens.hard_seconds = 5 * 365 * 86_400
    desk.ok("connect", "acme")
    assert "consent" not in desk.ok("sync").err


def test_a_consent_that_nobody_uses(desk: Desk, synced: Ledger) -> None:
    """100 days at QuickBooks, which tells them, and 60 at Xero, which does not: a sync keeps it alive."""
    days = {"quickbooks": 101, "xero": 60}[synced.connector]  # 8726400 seconds are 101 days
    desk.now.go(days=days - 13)
    [item] = [each for each in desk.ok("worklist", "--json").json if each["kind"] == "token"]
    assert item["what"].startswith("the consent ends in 13 days, on ")
    assert item["command"] == "arsync sync acme"
    assert "consent ends" not in desk.ok("sync").err
    assert not [each for each in desk.ok("worklist", "--json").json if each["kind"] == "token"]
