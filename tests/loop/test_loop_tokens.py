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
    [(refresh,)] = desk.rows("SELECT refresh FROM tokens")
    token: str = refresh
    return token


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
    [(refresh,)] = desk.rows("SELECT refresh FROM tokens WHERE book = 'acme'")
    both[0].revoke(refresh)
    typed = desk.gives(1, "sync", "--json")
    assert "arsync connect acme" in typed.err
    assert "arsync connect birch" not in typed.err
    assert {each["book"]: each["complete"] for each in typed.json} == {"acme": False, "birch": True}


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
    """Three processes find the token run out at the same moment, and the service is slow: one renews, the
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
        for _ in range(3)
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
    assert [process.returncode for process in processes] == [0, 0, 0], answers
    assert len({out for out, _ in answers}) == 1
    assert synced.token_calls() == calls + 1


@on_one_vendor
def test_tokens_are_not_shown(desk: Desk, synced: Ledger) -> None:
    """The database may be read by its owner alone, and no command prints what is in it."""
    assert stat.S_IMODE((desk.folder / "arsync.db").stat().st_mode) == 0o600
    [tokens] = desk.rows("SELECT access, refresh FROM tokens")
    synced.revoke(stored(desk))
    typed = desk.gives(1, "sync")
    for token in tokens:
        assert token not in typed.out + typed.err
