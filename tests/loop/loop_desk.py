"""A practice folder on real sockets, and the two accounting systems behind one set of verbs.

`Desk.type` carries out a command line in this process, `Desk.start` in one of its own. A `Ledger` is a
simulated company of either vendor: what people do in it is said the same way for both.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests

from arsync.cli import Invocation, cli, told
from arsync.sandbox import MailCatcher
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import XeroSimulator

MONDAY = date(2026, 11, 23)

# For a test to which the two vendors are alike: the fixture `ledger` and what is built on it, once.
on_one_vendor = pytest.mark.parametrize("ledger", ["quickbooks"], indirect=True)

POLICY = """\
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
    """A practice folder with what it talks to. ``naps`` are the waits that commands took, in seconds."""

    folder: Path
    now: Now
    catcher: MailCatcher
    smtp: str
    naps: list[float] = field(default_factory=list)
    browser: Callable[[str], None] = lambda address: None

    def type(self, *line: str) -> Typed:
        """Type a command line in the practice's folder."""
        out, err = io.StringIO(), io.StringIO()
        os.environ["ARSYNC_NOW"] = self.now().isoformat()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = told(
                    lambda: cli.main(
                        list(line),
                        prog_name="arsync",
                        standalone_mode=False,
                        obj=Invocation(self.folder, self.browser),
                    )
                )
        finally:
            del os.environ["ARSYNC_NOW"]
        typed = Typed(status, out.getvalue(), err.getvalue())
        assert "Traceback" not in typed.err, typed.err
        assert "arsync hit a fault" not in typed.err, typed.err
        return typed

    def ok(self, *line: str) -> Typed:
        """Type a command line that has to succeed."""
        return self.gives(0, *line)

    def gives(self, status: int, *line: str) -> Typed:
        """Type a command line that has to end with this exit status."""
        typed = self.type(*line)
        assert typed.status == status, (
            f"arsync {' '.join(line)} gave {typed.status}, not {status}:\n{typed.out}\n{typed.err}"
        )
        return typed

    def start(self, *line: str, **environ: str) -> subprocess.Popen[str]:
        """The same command line in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "arsync", *line],
            cwd=self.folder,
            env={**os.environ, "ARSYNC_NOW": self.now().isoformat(), **environ},
            stdin=subprocess.PIPE,
            start_new_session=True,  # no terminal to ask on
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def plan(self, book: str = "acme") -> dict[str, Any]:
        plan: dict[str, Any] = self.ok("plan", book, "--json").json[0]
        return plan

    def message(self, book: str = "acme") -> dict[str, Any]:
        """The one message of the plan."""
        [message] = self.plan(book)["messages"]
        found: dict[str, Any] = message
        return found

    def approved(self, book: str = "acme") -> dict[str, Any]:
        """The one message of the plan, released."""
        message = self.message(book)
        self.ok("approve", book, message["id"])
        return message

    def next_step(self, number: str, book: str = "acme") -> str:
        """The step that comes next for an invoice, as its story tells it."""
        story = self.ok("explain", book, number, "--json").json
        step: str = story["invoices"][0]["next"][0]["step"]
        return step

    @property
    def mail(self) -> list[EmailMessage]:
        return [caught.message for caught in self.catcher.messages]

    def text(self, number: int = 0) -> str:
        """The plain text of a mail that was caught."""
        body = self.mail[number].get_body(("plain",))
        assert body is not None
        content: str = body.get_content()
        return content.replace("\r\n", "\n")

    def policy(self, text: str) -> None:
        (self.folder / "policy.toml").write_text(text, "utf-8")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the practice's database, as a person who looks inside sees them."""
        with contextlib.closing(sqlite3.connect(self.folder / "arsync.db")) as connection:
            return connection.execute(sql, values).fetchall()

    def practice(
        self,
        books: dict[str, dict[str, str]],
        *,
        sending: str = "approve",
        extra: str = "",
        zone: str = "UTC",
    ) -> None:
        """Write arsync.toml for these books; each gives its connector and its connection."""
        text = f'[practice]\nname = "Test"\n[mail]\nserver = "{self.smtp}"\n'
        for name, book in books.items():
            keys = [(key, value) for key, value in book.items() if key != "connector"]
            connection = "".join(f'{key} = "{value}"\n' for key, value in keys)
            timezone = f'timezone = "{zone}"\n' if zone else ""
            text += (
                f'[books.{name}]\nconnector = "{book["connector"]}"\npolicy = "policy.toml"\n'
                f'sending = "{sending}"\nfrom = "Accounts <ar@{name}.example>"\n{timezone}{extra}'
                f"[books.{name}.connection]\n{connection}"
            )
        (self.folder / "arsync.toml").write_text(text, "utf-8")


class Ledger:
    """A company of either vendor in the book ``acme`` (or another), changed as people change it."""

    connector = ""
    currency = ""

    def __init__(self, desk: Desk, name: str, url: str) -> None:
        self.desk, self.name, self.url = desk, name, url

    def connection(self) -> dict[str, str]:
        raise NotImplementedError

    def write(self, *, sending: str = "approve", extra: str = "", zone: str = "UTC") -> None:
        """A practice file with this book alone."""
        self.desk.practice({self.name: self.connection()}, sending=sending, extra=extra, zone=zone)

    def due(self, overdue: int) -> date:
        return self.desk.now().date() - timedelta(days=overdue)

    def _app(self) -> dict[str, str]:
        os.environ["ARSYNC_TEST_ID"], os.environ["ARSYNC_TEST_SECRET"] = "sandbox-client", "sandbox-secret"
        return {
            "connector": self.connector,
            "client_id": "env:ARSYNC_TEST_ID",
            "client_secret": "env:ARSYNC_TEST_SECRET",
            "redirect_uri": f"http://localhost:{free_port()}/callback",
            "server": self.url,
        }


class QuickBooks(Ledger):
    """A QuickBooks company."""

    connector, currency = "quickbooks", "USD"

    def __init__(self, desk: Desk, name: str, url: str, simulator: QuickBooksSimulator) -> None:
        super().__init__(desk, name, url)
        self.simulator = simulator
        self.company: QuickBooksCompany = next(iter(simulator.companies.values()))

    def connection(self) -> dict[str, str]:
        return {**self._app(), "company": self.company.realm}

    def customer(self, name: str, email: str | None = "pay@lumen.example", **fields: Any) -> str:
        return self.company.add_customer(name, email, **fields)

    def invoice(
        self, customer: str, amount: str, overdue: int = 2, number: str | None = None, **fields: Any
    ) -> str:
        due = self.due(overdue)
        return self.company.add_invoice(customer, amount, due - timedelta(days=30), due, number, **fields)

    def pay(self, invoice: str, amount: str | None = None) -> None:
        self.company.pay(invoice, amount)

    def void(self, invoice: str) -> None:
        self.company.void(invoice)

    def credit(self, customer: str, amount: str) -> None:
        self.company.add_credit_memo(customer, amount, self.desk.now().date())

    def redate(self, invoice: str, due: date) -> None:
        self.company.redate(invoice, due)

    def email(self, customer: str, address: str | None) -> None:
        self.company.edit_customer(customer, email=address)

    def enlarge(self, invoice: str, amount: str) -> None:
        """The invoice is made out over another amount."""
        self.company.edit_invoice(
            invoice,
            Line=[
                {
                    "Amount": Decimal(amount),
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
                }
            ],
        )

    def vanish(self, invoice: str) -> None:
        """Gone without a trace, as no changes ever tell."""
        with self.company.lock:
            table, record = self.company.tables["Invoice"], self.company.invoice(invoice)
            table.discard(record)

    def notes(self, invoice: str, customer: str) -> tuple[list[str], list[str]]:
        """The lines on the invoice, and those on the customer."""
        record = self.company.invoices[str(self.company.invoice(invoice).id)]
        on_invoice = record.get("PrivateNote", "")
        return on_invoice.splitlines(), self.company.customers[customer].get("Notes", "").splitlines()

    def open(self) -> dict[str, str]:
        """What is open in the company, by number."""
        rows = self.company.invoices.values()
        return {row["DocNumber"]: f"{row['Balance']:.2f}" for row in rows if row["Balance"]}

    def strike(
        self, kind: str, *, after: int = 0, times: int | None = 1, path: str = "^/v3/", **more: Any
    ) -> Any:
        return self.simulator.faults.add(kind, path, times=times, after=after, **more)

    def well(self) -> None:
        self.simulator.faults.clear()

    def calls(self) -> int:
        return len(self.simulator.calls)

    def token_calls(self) -> int:
        return sum(1 for call in self.simulator.token_calls if call.endpoint == "token")

    def expire(self) -> None:
        self.simulator.expire_access_tokens()

    def revoke(self, refresh: str) -> None:
        self.simulator.tokens.revoke(refresh)


class Xero(Ledger):
    """A Xero organisation."""

    connector, currency = "xero", "GBP"

    def __init__(self, desk: Desk, name: str, url: str, simulator: XeroSimulator) -> None:
        super().__init__(desk, name, url)
        self.simulator = simulator
        self.company: XeroCompany = next(iter(simulator.companies.values()))

    def connection(self) -> dict[str, str]:
        return {**self._app(), "tenant": self.company.tenant}

    def customer(self, name: str, email: str | None = "pay@lumen.example") -> str:
        return self.company.add_contact(name, email)

    def invoice(
        self, customer: str, amount: str, overdue: int = 2, number: str | None = None, **fields: Any
    ) -> str:
        due = self.due(overdue)
        return self.company.add_invoice(customer, amount, due - timedelta(days=30), due, number, **fields)

    def pay(self, invoice: str, amount: str | None = None) -> None:
        self.company.pay(invoice, amount)

    def void(self, invoice: str) -> None:
        self.company.void(invoice)  # its AmountDue stays as it was

    def credit(self, customer: str, amount: str) -> None:
        self.company.add_overpayment(customer, amount)

    def redate(self, invoice: str, due: date) -> None:
        self.company.redate(invoice, due)

    def email(self, customer: str, address: str | None) -> None:
        self.company.edit_contact(customer, email=address)

    def enlarge(self, invoice: str, amount: str) -> None:
        with self.company.lock:
            record = self.company.invoice(invoice)
            record.total = record.amount_due = Decimal(amount)
            self.company.touch(record)

    def vanish(self, invoice: str) -> None:
        """It leaves the list of open ones, and nothing tells that it changed."""
        with self.company.lock:
            record = self.company.invoice(invoice)
            record.status, record.amount_due = "PAID", Decimal("0.00")
            self.company.touch(record, moved=False)

    def notes(self, invoice: str, customer: str) -> tuple[list[str], list[str]]:
        on_invoice = self.company.history(self.company.invoice(invoice).id)
        on_customer = self.company.history(self.company.contact(customer).id)
        return [each.details for each in on_invoice], [each.details for each in on_customer]

    def open(self) -> dict[str, str]:
        rows = self.company.invoices.values()
        return {row.number: f"{row.amount_due:.2f}" for row in rows if row.status == "AUTHORISED"}

    def strike(
        self, kind: str, *, after: int = 0, times: int | None = 1, path: str = r"^/api\.xro/", **more: Any
    ) -> Any:
        return self.simulator.faults.add(kind, path_regex=path, times=times, after=after, **more)

    def well(self) -> None:
        self.simulator.faults.clear()

    def calls(self) -> int:
        return len(self.simulator.calls.api)

    def token_calls(self) -> int:
        return len(self.simulator.calls.to("POST connect/token"))

    def expire(self) -> None:
        self.simulator.expire_access_tokens()

    def revoke(self, refresh: str) -> None:
        self.simulator.tokens.revoke(refresh)


# Serves an empty company: `open_ledger("xero", "birch", timezone=...)`.
Open = Callable[..., Ledger]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def consent(address: str) -> None:
    """The browser of a person who agrees."""
    threading.Thread(target=lambda: requests.get(address, timeout=20), daemon=True).start()
