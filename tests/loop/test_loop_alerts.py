"""[alerts]: somebody is told when a book falls silent or fails, once, and once when it is over."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks

from free_port import free_port

CANARY = "Zanzibar Canary Ltd"


class Listener:
    """A monitor on the network: keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answers = 200
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                listener.heard.append((self.path, self.rfile.read(length)))
                self.send_response(listener.answers)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def on(self, path: str) -> list[Any]:
        return [json.loads(body) if body else None for where, body in self.heard if where == path]

    @property
    def alerts(self) -> list[tuple[str, str, bool]]:
        """Book, trouble, and whether it is over, of all that came to the webhook."""
        found = [alert for body in self.on("/hook/s3cret") for alert in body["alerts"]]
        return [(alert["book"], alert["what"], alert["over"]) for alert in found]


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, args=(0.01,))
    thread.start()
    yield listener
    listener.server.shutdown()
    thread.join()
    listener.server.server_close()


def ask_for(desk: Desk, **keys: str) -> None:
    """Write the table [alerts]."""
    file = desk.folder / "arsync.toml"
    text, _, _ = file.read_text("utf-8").partition("[alerts]\n")
    lines = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
    file.write_text(f"{text}[alerts]\n{lines}", "utf-8")


@pytest.fixture
def watched(desk: Desk, quickbooks: QuickBooks, listener: Listener) -> Listener:
    """The book is synced, may be left for 26 hours, and a webhook is told else."""
    quickbooks.invoice(quickbooks.customer(CANARY, "pay@canary.example"), "8642097.07", number="CANARY-1")
    ask_for(desk, webhook=f"{listener.url}/hook/s3cret", silent_after="26 hours")
    desk.ok("sync")
    return listener


def test_silence_is_told_once_and_once_when_it_is_over(desk: Desk, watched: Listener) -> None:
    desk.now.go(days=2)
    desk.gives(1, "status", "--alert")
    desk.gives(1, "status", "--alert")
    assert watched.alerts == [("acme", "silent", False)]
    desk.ok("sync")
    desk.ok("status", "--alert")
    desk.ok("status", "--alert")
    assert watched.alerts == [("acme", "silent", False), ("acme", "silent", True)]
    desk.now.go(days=2)
    desk.gives(1, "status", "--alert")
    assert watched.alerts[2:] == [("acme", "silent", False)]


def test_status_alone_tells_nobody(desk: Desk, watched: Listener) -> None:
    desk.now.go(days=2)
    desk.gives(1, "status")
    assert watched.heard == []


def test_what_a_webhook_gets(desk: Desk, watched: Listener) -> None:
    desk.now.go(days=2)
    desk.gives(1, "status", "--alert")
    [body] = watched.on("/hook/s3cret")
    assert set(body) == {"practice", "at", "text", "alerts"}
    [alert] = body["alerts"]
    assert set(alert) == {"book", "what", "over", "since", "text", "command"}
    assert (body["practice"], body["at"]) == ("Test", "2026-11-25T08:00:00Z")
    assert (alert["since"], alert["command"]) == ("2026-11-23T08:00:00Z", "arsync run acme")
    assert body["text"] == f"acme: {alert['text']}"


def test_each_run_tells_of_all_books(desk: Desk, both: tuple[Ledger, Ledger], listener: Listener) -> None:
    """A run of one book tells that the other is silent."""
    desk.ok("sync")
    ask_for(desk, webhook=f"{listener.url}/hook/s3cret", silent_after="26 hours")
    desk.now.go(days=2)
    desk.ok("run", "acme")
    assert listener.alerts == [("birch", "silent", False)]
    desk.ok("run")
    assert listener.alerts[1:] == [("birch", "silent", True)]


def test_a_failed_run_is_told_without_any_customer(
    desk: Desk, quickbooks: QuickBooks, watched: Listener
) -> None:
    """Refused addresses and the failure itself are told in words that name nobody."""
    desk.ok("approve", "acme", "--all")
    desk.catcher.refuse("*", 550, f"5.1.1 {CANARY} is not here")
    desk.gives(1, "run")
    assert watched.alerts == [("acme", "not-delivered", False)]
    raw = b"".join(body for _, body in watched.heard).decode()
    for secret in (CANARY, "canary.example", "8642097", "8,642,097", "CANARY-1", "s3cret"):
        assert secret not in raw


def test_a_webhook_that_fails_fails_no_run(desk: Desk, watched: Listener) -> None:
    """One sentence without its path, and the next run tries again."""
    desk.now.go(days=2)
    watched.answers = 500
    typed = desk.gives(1, "status", "--alert")
    assert "the alerts' webhook at 127.0.0.1 answered 500; the next run tries again" in typed.err
    assert "s3cret" not in typed.err + typed.out
    watched.answers = 204
    desk.gives(1, "status", "--alert")
    assert watched.alerts == [("acme", "silent", False)] * 2
    ask_for(desk, webhook=f"http://127.0.0.1:{free_port()}/hook/s3cret", silent_after="1 hour")
    desk.now.go(minutes=90)
    typed = desk.ok("run")  # synced again: the silence is over, and that cannot be told
    assert "cannot be reached" in typed.err
    assert "s3cret" not in typed.err + typed.out


def test_a_webhook_that_says_nothing_holds_no_run(
    desk: Desk, quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its silence is waited for as long as it is allowed to, here half a second."""
    monkeypatch.setattr("arsync.runs.alert_ways.WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        ask_for(desk, heartbeat=f"http://127.0.0.1:{mute.getsockname()[1]}/beat")
        typed = desk.ok("run")
    assert "the heartbeat's address at 127.0.0.1 cannot be reached" in typed.err


def test_an_alert_by_mail(desk: Desk, quickbooks: QuickBooks) -> None:
    ask_for(desk, mail="Owner <owner@hartley.example>", silent_after="26 hours")
    desk.ok("sync")
    desk.now.go(days=2)
    desk.gives(1, "status", "--alert")
    [caught] = desk.catcher.messages
    assert caught.rcpt_tos == ("owner@hartley.example",)
    assert caught.message["Subject"] == "arsync: acme needs you"
    assert caught.message["From"] == "Accounts <ar@acme.example>"
    assert "acme: it is silent" in desk.text()
    assert "arsync run acme" in desk.text()
    desk.ok("run")
    assert [message["Subject"] for message in desk.mail][1:] == ["arsync: a trouble of acme is over"]


def test_the_mail_names_another_sender(desk: Desk, quickbooks: QuickBooks) -> None:
    ask_for(desk, mail="owner@hartley.example", **{"from": "Robot <robot@hartley.example>"})
    desk.gives(1, "status", "--alert")  # it was never synced
    assert desk.mail[0]["From"] == "Robot <robot@hartley.example>"


def test_a_heartbeat_after_each_run_that_went_well(
    desk: Desk, quickbooks: QuickBooks, listener: Listener
) -> None:
    ask_for(desk, heartbeat=f"{listener.url}/beat")
    desk.ok("run")
    assert listener.on("/beat") == [None]
    quickbooks.strike("500", times=None)
    desk.gives(1, "run")
    assert listener.on("/beat") == [None]


def test_the_address_may_be_a_secret(
    desk: Desk, quickbooks: QuickBooks, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for(desk, heartbeat="env:ARSYNC_TEST_BEAT")
    typed = desk.ok("run")
    assert "alerts.heartbeat" in typed.err
    assert "ARSYNC_TEST_BEAT is not set" in typed.err
    monkeypatch.setenv("ARSYNC_TEST_BEAT", f"{listener.url}/beat")
    desk.ok("run")
    assert listener.on("/beat") == [None]
    monkeypatch.setenv("ARSYNC_TEST_BEAT", "http://hooks.example/t0ken")
    typed = desk.ok("run")
    assert "plain http can be read on its way" in typed.err
    assert "t0ken" not in typed.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('webhook = "http://hooks.example/x"', "plain http can be read on its way"),
        ('webhook = "ftp://hooks.example/x"', "this is not a web address"),
        ('heartbeat = "hooks.example"', "this is not a web address"),
        ('heartbeat = "https://h/ x"', "this is not a web address"),
        ('silent_after = "26"', "allowed: from 1 hour to 60 days"),
        ('silent_after = "0 hours"', "allowed: from 1 hour to 60 days"),
        ('silent_after = "61 days"', "allowed: from 1 hour to 60 days"),
        ("silent_after = 26", "a text in quotes"),
        ('mail = "nobody"', "alerts.mail"),
        ('webhok = "https://hooks.example/x"', "did you mean 'webhook'?"),
    ],
)
def test_a_table_that_is_wrong(desk: Desk, quickbooks: QuickBooks, line: str, told: str) -> None:
    file = desk.folder / "arsync.toml"
    file.write_text(f"{file.read_text('utf-8')}[alerts]\n{line}\n", "utf-8")
    typed = desk.gives(2, "status")
    assert told in typed.err
    assert "arsync.toml:" in typed.err


def test_alerts_by_mail_need_a_mail_server(desk: Desk, quickbooks: QuickBooks) -> None:
    file = desk.folder / "arsync.toml"
    text = file.read_text("utf-8").replace(f'[mail]\nserver = "{desk.smtp}"\n', "")
    file.write_text(f'{text}[alerts]\nmail = "owner@hartley.example"\n', "utf-8")
    assert "write the table [mail]" in desk.gives(2, "status").err
