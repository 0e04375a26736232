"""`arsync connect`: a real OAuth 2 flow over loopback, and what can go wrong in it."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from loop_browser import query_of, redirecting, sent_back, visit
from loop_desk import Desk, on_one_fresh
from loop_ledgers import Ledger, Open, Xero


def test_connected(desk: Desk, fresh: Ledger) -> None:
    """The address is the result; the company's name, currency and time zone are told."""
    typed = desk.ok("connect", "acme")
    address, told = typed.out.splitlines()
    assert address.startswith(fresh.url)
    assert fresh.company.name in told
    assert fresh.currency in told
    desk.ok("sync")


@on_one_fresh
def test_no_browser(desk: Desk, fresh: Ledger) -> None:
    """With --no-browser the address is printed, and nothing is opened for the person."""
    opened: list[str] = []
    desk.browser = opened.append
    process = desk.start("connect", "acme", "--no-browser")
    try:
        assert process.stdout is not None
        visit(process.stdout.readline().strip())
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert "is connected" in out
    assert opened == []


@on_one_fresh
def test_a_browser_that_stays_is_not_waited_for(desk: Desk, fresh: Ledger, tmp_path: Path) -> None:
    """On a machine without a screen the browser runs in the terminal until it is left. It waits for the page
    that this command answers it with."""
    browser = tmp_path / "browser"
    browser.write_text(
        f"#!{sys.executable}\nimport requests, sys\nrequests.get(sys.argv[1], timeout=600)\n", "utf-8"
    )
    browser.chmod(0o755)
    process = desk.start("connect", "acme", BROWSER=str(browser), PATH=str(tmp_path), DISPLAY="")
    try:
        out, err = process.communicate(timeout=120)  # one that waits waits for ten minutes
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert "is connected" in out


@on_one_fresh
def test_a_browser_that_leaves_before_the_answer(desk: Desk, fresh: Ledger) -> None:
    """A page that was closed early or loaded anew is nothing that the person has to see a traceback of."""

    def hurried(address: str) -> None:
        target = sent_back(address)
        place = urlsplit(target)
        with socket.create_connection(("127.0.0.1", place.port or 80)) as one:
            one.sendall(f"GET /favicon.ico HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # gone at once
        visit(target)

    desk.browser = hurried
    assert "Exception" not in desk.ok("connect", "acme").err


def test_the_user_denies(desk: Desk, fresh: Ledger) -> None:
    desk.browser = redirecting(lambda query: {"error": "access_denied", "state": query["state"]})
    typed = desk.gives(1, "connect", "acme")
    assert "not granted" in typed.err
    assert "access_denied" in typed.err
    assert "connect acme" in desk.gives(1, "sync").err


@on_one_fresh
def test_the_redirect_brings_no_code(desk: Desk, fresh: Ledger) -> None:
    desk.browser = redirecting(lambda query: {"state": query["state"]})
    assert "no code" in desk.gives(1, "connect", "acme").err


def test_a_code_that_is_not_good(desk: Desk, fresh: Ledger) -> None:
    desk.browser = redirecting(lambda query: {**query, "code": "used-up"})
    typed = desk.gives(1, "connect", "acme")
    assert "arsync connect acme" in typed.err
    assert "used-up" not in typed.err + typed.out.splitlines()[-1]


def test_a_wrong_secret(desk: Desk, fresh: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Consent was given and is good: what has to be looked at are the app's keys."""
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "of-another-app")
    desk.browser = visit
    typed = desk.gives(1, "connect", "acme")
    assert "invalid_client" in typed.err
    assert "client_id and client_secret" in typed.err
    assert "not valid any more" not in typed.err
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "sandbox-secret")
    desk.ok("connect", "acme")


@on_one_fresh
def test_the_port_is_taken(desk: Desk, fresh: Ledger) -> None:
    """exit 2, naming the address and the key to change; no consent was asked for."""
    opened: list[str] = []
    desk.browser = opened.append
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        text = (desk.folder / "arsync.toml").read_text("utf-8")
        line = next(each for each in text.splitlines() if each.startswith("redirect_uri"))
        taken = f'redirect_uri = "http://localhost:{other.getsockname()[1]}/callback"'
        (desk.folder / "arsync.toml").write_text(text.replace(line, taken), "utf-8")
        typed = desk.gives(2, "connect", "acme")
    assert "redirect_uri" in typed.err
    assert "port" in typed.err
    assert opened == []


def test_xero_without_a_secret(desk: Desk, open_ledger: Open) -> None:
    """PKCE (RFC 7636): a challenge in the consent, its verifier at the exchange; refreshes need no secret."""
    ledger = open_ledger("xero")
    assert isinstance(ledger, Xero)
    connection = ledger.connection()
    del connection["client_secret"]
    desk.practice({"acme": connection})
    asked = query_of(desk.ok("connect", "acme").out.splitlines()[0])
    assert asked["code_challenge_method"] == "S256"
    [exchange] = ledger.simulator.calls.to("POST connect/token")
    form = {key: values[0] for key, values in parse_qs(exchange.body.decode()).items()}
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert "client_secret" not in form
    desk.now.go(minutes=60)
    desk.ok("sync")  # the access token is over: refreshed, again without a secret
    assert ledger.token_calls() == 2


@on_one_fresh
def test_each_consent_has_a_state_of_its_own(desk: Desk, fresh: Ledger) -> None:
    states = {query_of(desk.ok("connect", "acme").out.splitlines()[0])["state"] for _ in range(2)}
    assert len(states) == 2
    assert min(map(len, states)) >= 22  # 128 bits and more


@on_one_fresh
def test_the_code_is_in_no_log(desk: Desk, fresh: Ledger) -> None:
    codes: list[str] = []

    def change(query: dict[str, str]) -> dict[str, str]:
        codes.append(query["code"])
        return query

    desk.browser = redirecting(change)
    typed = desk.ok("--log", "json", "connect", "acme")
    assert codes
    assert codes[0] not in typed.out + typed.err


@on_one_fresh
def test_without_a_key_nobody_is_asked(desk: Desk, fresh: Ledger) -> None:
    """The tokens could not be kept: that is said before the consent, not after it."""
    opened: list[str] = []
    desk.browser = opened.append
    file = desk.folder / "arsync.toml"
    file.write_text(
        file.read_text("utf-8").replace("[practice]\n", '[practice]\nkey = "env:ARSYNC_NO_KEY"\n')
    )
    typed = desk.gives(2, "connect", "acme")
    assert "arsync.toml:2: practice.key: the environment variable ARSYNC_NO_KEY is not set" in typed.err
    assert opened == []
