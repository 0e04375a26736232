"""A practice on real sockets: simulated services, a real mail server, real SQLite, the real commands."""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import Limits, QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import Rules, XeroSimulator

from arsync.cli import Invocation, cli, told
from arsync.sandbox import MailCatcher

MONDAY = date(2026, 11, 23)

POLICY = """
name = "test"
min_gap_days = 5
send_on = ["mon", "tue", "wed", "thu", "fri"]
minimum = { USD = "25.00", GBP = "25.00" }
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
[[steps]]
name = "hand over"
when = "60 days after due"
does = "task"
"""


@dataclass
class Typed:
    """What a command line gave back."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Now:
    """The one clock of a test: services, mail catcher and commands see the same instant."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def go(self, *, days: float = 0, minutes: float = 0) -> None:
        self.at += timedelta(days=days, minutes=minutes)


@dataclass
class Desk:
    """A practice folder with what it talks to."""

    folder: Path
    now: Now
    catcher: MailCatcher
    services: dict[str, Any] = field(default_factory=dict)
    browser: Callable[[str], None] = lambda address: None

    def type(self, *line: str) -> Typed:
        """Type a command line in the practice's folder."""
        out, err = io.StringIO(), io.StringIO()
        os.environ["ARSYNC_NOW"] = self.now().isoformat()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = told(lambda: cli.main(
                    list(line), prog_name="arsync", standalone_mode=False, obj=Invocation(self.folder, self.browser)
                ))
        finally:
            del os.environ["ARSYNC_NOW"]
        return Typed(status, out.getvalue(), err.getvalue())

    def ok(self, *line: str) -> Typed:
        """Type a command line that has to succeed."""
        typed = self.type(*line)
        assert typed.status == 0, f"arsync {' '.join(line)} gave {typed.status}:\n{typed.out}\n{typed.err}"
        return typed

    def plan(self, book: str) -> dict[str, Any]:
        plan: dict[str, Any] = self.ok("plan", book, "--json").json[0]
        return plan

    @property
    def mail(self) -> list[EmailMessage]:
        return [caught.message for caught in self.catcher.messages]

    def policy(self, text: str) -> None:
        (self.folder / "policy.toml").write_text(text, "utf-8")


def practice_file(desk: Desk, smtp: str, books: dict[str, dict[str, str]], sending: str = "approve") -> None:
    """Write arsync.toml for these books; each gives its connector and its connection."""
    text = f'[practice]\nname = "Test"\n[mail]\nserver = "{smtp}"\n'
    for name, book in books.items():
        connection = "".join(f'{key} = "{value}"\n' for key, value in book.items() if key not in ("connector", "extra"))
        text += (
            f'[books.{name}]\nconnector = "{book["connector"]}"\npolicy = "policy.toml"\nsending = "{sending}"\n'
            f'from = "Accounts <ar@{name}.example>"\ntimezone = "UTC"\n{book.get("extra", "")}'
            f"[books.{name}.connection]\n{connection}"
        )
    (desk.folder / "arsync.toml").write_text(text, "utf-8")
    desk.policy(POLICY)


def consent(address: str) -> None:
    """The browser of a person who agrees."""
    threading.Thread(target=lambda: requests.get(address, timeout=20), daemon=True).start()


@pytest.fixture
def now() -> Now:
    return Now(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, now: Now) -> Iterator[Desk]:
    """An empty practice folder with a mail catcher, and a browser that consents."""
    catcher = MailCatcher(clock=now)
    with catcher.serve() as served:
        desk = Desk(tmp_path, now, catcher, browser=consent)
        desk.services["smtp"] = served.smtp_url
        yield desk


@pytest.fixture
def quickbooks(desk: Desk, now: Now) -> Iterator[QuickBooksCompany]:
    """An empty QuickBooks company behind the book `acme`, already connected."""
    company = QuickBooksCompany(realm="1234567890", name="Acme Studio LLC", clock=now)
    simulator = QuickBooksSimulator([company], limits=Limits.off())
    with simulator.serve() as server:
        desk.services["acme"] = simulator
        practice_file(desk, desk.services["smtp"], {"acme": quickbooks_book(company, server.url)})
        desk.ok("connect", "acme")
        yield company


@pytest.fixture
def xero(desk: Desk, now: Now) -> Iterator[XeroCompany]:
    """An empty Xero organisation behind the book `birch`, already connected."""
    company = XeroCompany(tenant="11111111-2222-4333-8444-555555555555", name="Birch Ltd", clock=now)
    simulator = XeroSimulator([company], rules=Rules().unlimited())
    with simulator.serve() as server:
        desk.services["birch"] = simulator
        practice_file(desk, desk.services["smtp"], {"birch": xero_book(company, server.url)})
        desk.ok("connect", "birch")
        yield company


def quickbooks_book(company: QuickBooksCompany, url: str) -> dict[str, str]:
    return {"connector": "quickbooks", "company": company.realm, **_app(url)}


def xero_book(company: XeroCompany, url: str) -> dict[str, str]:
    return {"connector": "xero", "tenant": company.tenant, **_app(url)}


def _app(url: str) -> dict[str, str]:
    os.environ["ARSYNC_TEST_ID"], os.environ["ARSYNC_TEST_SECRET"] = "sandbox-client", "sandbox-secret"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "client_id": "env:ARSYNC_TEST_ID",
        "client_secret": "env:ARSYNC_TEST_SECRET",
        "redirect_uri": f"http://localhost:{port}/callback",
        "server": url,
    }
