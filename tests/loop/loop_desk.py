"""A practice folder on real sockets: commands are typed there, and what came of them is looked at.

`Desk.type` carries out a command line in this process, `Desk.start` in one of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from loop_browser import load

from arsync.cli import Invocation, cli, told
from arsync.connector import TokenPair
from arsync.sandbox import MailCatcher
from arsync.store import Store
from arsync.store.tokens import BookTokens

MONDAY = date(2026, 11, 23)

# For a test to which the two vendors are alike: the fixture `ledger` and what is built on it, once.
on_one_vendor = pytest.mark.parametrize("ledger", ["quickbooks"], indirect=True)
# The same for the fixture `fresh`.
on_one_fresh = pytest.mark.parametrize("fresh", ["quickbooks"], indirect=True)

LADDER = """\
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
"""
POLICY = f"""\
name = "test"
min_gap_days = 5
send_on = ["mon", "tue", "wed", "thu", "fri"]
minimum = {{ USD = "25.00", GBP = "25.00" }}
{LADDER}[[steps]]
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
    """A practice folder with what it talks to. ``naps`` are the waits that commands took, in seconds;
    ``skew`` is how far the clock of the commands is off from that of the services."""

    folder: Path
    now: Now
    catcher: MailCatcher
    smtp: str
    naps: list[float] = field(default_factory=list)
    browser: Callable[[str], None] = lambda address: None
    skew: timedelta = timedelta()

    def type(self, *line: str) -> Typed:
        """Type a command line in the practice's folder."""
        out, err = io.StringIO(), io.StringIO()
        os.environ["ARSYNC_NOW"] = (self.now() + self.skew if self.skew else self.now()).isoformat()
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

    def unpaced(self) -> None:
        """The calls of this minute are forgotten: weeks pass in a test within one."""
        for path in (self.folder / "arsync.db-locks").glob("limits.db*"):
            path.unlink()

    def policy(self, text: str) -> None:
        (self.folder / "policy.toml").write_text(text, "utf-8")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the practice's database, as a person who looks inside sees them."""
        with contextlib.closing(sqlite3.connect(self.folder / "arsync.db")) as connection:
            return connection.execute(sql, values).fetchall()

    def opened(self) -> Store:
        """The practice's database as another process has it open."""
        return Store.open(self.folder / "arsync.db")

    def tokens(self, book: str = "acme") -> TokenPair:
        """The tokens of a book, as the next command would read them."""
        with self.opened() as store:
            pair = BookTokens(store, book).load()
        assert pair is not None
        return pair

    def practice(
        self,
        books: dict[str, dict[str, str]],
        *,
        sending: str = "approve",
        extra: str = "",
        zone: str = "UTC",
        golive: str | None = "start",
    ) -> None:
        """Write arsync.toml for these books; each gives its connector and its connection. With ``golive``
        None nothing leaves them before their go-live is confirmed."""
        text = f'[practice]\nname = "Test"\n[mail]\nserver = "{self.smtp}"\n'
        for name, book in books.items():
            keys = [(key, value) for key, value in book.items() if key != "connector"]
            connection = "".join(f'{key} = "{value}"\n' for key, value in keys)
            timezone = f'timezone = "{zone}"\n' if zone else ""
            live = f'golive = "{golive}"\n' if golive else ""
            text += (
                f'[books.{name}]\nconnector = "{book["connector"]}"\npolicy = "policy.toml"\n'
                f'sending = "{sending}"\nfrom = "Accounts <ar@{name}.example>"\n{timezone}{live}{extra}'
                f"[books.{name}.connection]\n{connection}"
            )
        (self.folder / "arsync.toml").write_text(text, "utf-8")


def consent(address: str) -> None:
    """The browser of a person who agrees."""
    threading.Thread(target=load, args=(address,), daemon=True).start()
