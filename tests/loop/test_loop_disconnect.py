"""`arsync disconnect`: access is withdrawn at the accounting system, and the tokens leave this machine."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, Open, QuickBooks, Xero

from arsync.store import Store
from arsync.store.leases import claim
from arsync_xero.simulator import Company as XeroCompany
from free_port import free_port

REVOKE = {"quickbooks": "/v2/oauth2/tokens/revoke", "xero": "/connect/revocation"}
OTHER = "22222222-3333-4444-8555-666666666666"


@pytest.fixture
def synced(desk: Desk, ledger: Ledger) -> Ledger:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    return ledger


def good(ledger: Ledger, refresh: str | None) -> bool:
    """Whether the service would still renew this token."""
    assert refresh is not None
    if isinstance(ledger, QuickBooks):
        found = ledger.simulator.tokens._refresh.get(refresh)
        return found is not None and not found.grant.revoked
    assert isinstance(ledger, Xero)
    return ledger.simulator.tokens.refreshable(refresh) is not None


def test_disconnected(desk: Desk, synced: Ledger) -> None:
    """Withdrawn there, forgotten here; the ledger stays, and the next sync says what to type."""
    before = desk.tokens()
    typed = desk.ok("disconnect", "acme", "--yes")
    assert "acme is disconnected: the access was withdrawn" in typed.out
    assert not good(synced, before.refresh)
    assert desk.rows("SELECT count(*) FROM tokens") == [(0,)]
    assert "1001" in desk.ok("explain", "acme", "1001").out
    assert "run `arsync connect acme`" in desk.gives(1, "sync").err
    [item] = [each for each in desk.ok("worklist", "--json").json if each["kind"] == "token"]
    assert item["command"] == "arsync connect acme"
    assert "there is nothing to withdraw" in desk.ok("disconnect", "acme", "--yes").out
    desk.ok("connect", "acme")
    desk.ok("sync")


def test_the_sealed_tokens_leave_the_file(desk: Desk, synced: Ledger) -> None:
    [sealed] = desk.rows("SELECT access, refresh FROM tokens")
    desk.ok("disconnect", "acme", "--yes")
    with contextlib.closing(sqlite3.connect(desk.folder / "arsync.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    held = b"".join(path.read_bytes() for path in desk.folder.glob("arsync.db*") if path.is_file())
    for text in sealed:
        assert text.encode()[10:60] not in held


def test_an_old_access_token(desk: Desk, synced: Ledger) -> None:
    """Renewed first, so that what is withdrawn is in force; nothing is left of either."""
    before = desk.tokens().refresh
    desk.now.go(days=30)
    desk.ok("disconnect", "acme", "--yes")
    assert not good(synced, before)


def test_the_service_cannot_be_reached(desk: Desk, synced: Ledger) -> None:
    """exit 1: nothing is forgotten; --local forgets all the same, and says what is left to do."""
    before = desk.tokens().refresh
    synced.strike("reset-before-commit", path=REVOKE[synced.connector])
    typed = desk.gives(1, "disconnect", "acme", "--yes")
    assert "cannot be reached" in typed.err
    assert "Nothing was forgotten" in typed.err
    assert "arsync disconnect acme --local" in typed.err
    assert desk.tokens().refresh == before
    assert good(synced, before)
    calls = synced.calls()
    typed = desk.ok("disconnect", "acme", "--local", "--yes")
    assert "list of connected apps" in typed.out
    assert desk.rows("SELECT count(*) FROM tokens") == [(0,)]
    assert good(synced, before)
    assert synced.calls() == calls
    assert "run `arsync connect acme`" in desk.gives(1, "sync").err


def test_a_disconnect_that_failed_is_told_as_one(desk: Desk, synced: Ledger) -> None:
    synced.strike("500", path=REVOKE[synced.connector])
    desk.gives(1, "disconnect", "acme", "--yes")
    [newest, *_] = desk.type("status", "--json").json["books"][0]["runs"]
    assert (newest["command"], newest["outcome"]) == ("disconnect", "failed")


@pytest.mark.parametrize("ledger", ["xero"], indirect=True)
def test_the_answer_of_the_withdrawal_was_lost(desk: Desk, synced: Ledger) -> None:
    """What is asked for again is gone by then, and that is what was asked for."""
    before = desk.tokens().refresh
    synced.strike("reset-after-commit", path="(?i)^/connections/", times=1)
    assert "acme is disconnected" in desk.ok("disconnect", "acme", "--yes").out
    assert not good(synced, before)


@pytest.mark.parametrize("kind", ["500", "503-html"])
def test_the_token_service_is_ill(desk: Desk, synced: Ledger, kind: str) -> None:
    synced.strike(kind, path=REVOKE[synced.connector])
    assert "Nothing was forgotten" in desk.gives(1, "disconnect", "acme", "--yes").err
    desk.ok("disconnect", "acme", "--yes")


def test_withdrawn_there_already(desk: Desk, synced: Ledger) -> None:
    """In the accounting system itself: what is here is good for nothing, and is forgotten."""
    synced.revoke(desk.tokens().refresh or "")
    desk.now.go(minutes=61)
    assert "were not accepted any more" in desk.ok("disconnect", "acme", "--yes").out
    assert desk.rows("SELECT count(*) FROM tokens") == [(0,)]


def test_another_secret(desk: Desk, synced: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the app that is not accepted: nothing was withdrawn, so nothing is forgotten."""
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "of-another-app")
    for _ in range(2):
        assert "Nothing was forgotten" in desk.gives(1, "disconnect", "acme", "--yes").err
        desk.now.go(minutes=61)
    assert desk.rows("SELECT count(*) FROM tokens") == [(1,)]


def test_the_key_is_lost(desk: Desk, synced: Ledger) -> None:
    (desk.folder / "arsync.key").unlink()
    typed = desk.gives(1, "disconnect", "acme", "--yes")
    assert "arsync.key; bring it back" in typed.err
    assert "--local" in typed.err
    desk.ok("disconnect", "acme", "--yes", "--local")
    desk.ok("connect", "acme")
    desk.ok("sync")


def test_one_xero_organisation_of_two(desk: Desk, open_ledger: Open) -> None:
    """Xero's revocation would take the other organisations along: only this one is disconnected, and the
    other book goes on."""
    ledger = open_ledger("xero")
    assert isinstance(ledger, Xero)
    other = XeroCompany(OTHER, "Birch Ltd", clock=desk.now)
    ledger.simulator.companies[OTHER] = other
    ledger.simulator.tokens._companies = tuple(ledger.simulator.companies.values())
    connection = ledger.connection()
    birch = {**connection, "tenant": OTHER, "redirect_uri": f"http://localhost:{free_port()}/callback"}
    desk.practice({"acme": connection, "birch": birch})
    for book in ("acme", "birch"):
        desk.ok("connect", book)
    before = desk.tokens("acme").refresh
    assert "goes on for another organisation" in desk.ok("disconnect", "acme", "--yes").out
    assert [each.tenant for each in ledger.simulator.tokens.connections()] == [OTHER]
    assert good(ledger, before)  # the consent of the user, which the other organisation needs
    desk.ok("sync", "birch")
    assert "connect acme" in desk.gives(1, "sync", "acme").err
    assert "the access was withdrawn" in desk.ok("disconnect", "birch", "--yes").out
    assert ledger.simulator.tokens.connections() == []


def test_a_book_that_needs_nobodys_consent(desk: Desk, open_ledger: Open) -> None:
    """A custom connection of Xero's is ended in its portal."""
    ledger = open_ledger("xero")
    ledger.write()
    text = (desk.folder / "arsync.toml").read_text("utf-8")
    (desk.folder / "arsync.toml").write_text(f"{text}custom_connection = true\n", "utf-8")
    desk.ok("connect", "acme")
    assert "developer portal" in desk.ok("disconnect", "acme", "--yes").out
    assert desk.rows("SELECT count(*) FROM tokens") == [(0,)]


def test_pkce_has_no_secret_to_withdraw_with(desk: Desk, open_ledger: Open) -> None:
    """A public client names itself and gives the token (RFC 7009, section 2.1)."""
    ledger = open_ledger("xero")
    connection = ledger.connection()
    del connection["client_secret"]
    desk.practice({"acme": connection})
    desk.ok("connect", "acme")
    before = desk.tokens().refresh
    assert "the access was withdrawn" in desk.ok("disconnect", "acme", "--yes").out
    assert not good(ledger, before)


@on_one_vendor
def test_nobody_is_there_to_be_asked(desk: Desk, synced: Ledger) -> None:
    """In a process without a terminal it takes --yes; without, nothing happens."""
    process = desk.start("disconnect", "acme")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--yes" in err
    assert good(synced, desk.tokens().refresh)


@on_one_vendor
def test_while_another_process_works(desk: Desk, synced: Ledger) -> None:
    """Its tokens are not pulled away from under it: exit 1, and nothing was done."""
    with Store.open(desk.folder / "arsync.db") as store:
        claim(store, "acme", command="run", at=desk.now())
    typed = desk.gives(1, "disconnect", "acme", "--yes")
    assert "try again when it is done" in typed.err
    assert good(synced, desk.tokens().refresh)
