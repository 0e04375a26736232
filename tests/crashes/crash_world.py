"""A practice with one book on a simulated service and a real mail server, that can be put back as it was.

Each scene is built once: a company with customers, a book connected to it, and everything up to the command
that is to be disturbed. Before each case the folder, the service and the mail catcher are put back to it.
"""

from __future__ import annotations

import copy
import re
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from crash_processes import PATIENCE, Child, Zygote
from loop_browser import load

from arsync.sandbox import MailCatcher
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import Limits, QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import Rules, XeroSimulator
from arsync_xero.simulator.limits import Limits as XeroLimits
from free_port import free_port

BOOK = "acme"
REALM, TENANT = "1234567890", "11111111-2222-4333-8444-555555555555"
FIRST_DAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday, and so is the day two weeks later
LATER = timedelta(days=14)
CURRENCY = {"quickbooks": "USD", "xero": "GBP"}

POLICY = """\
name = "test"
min_gap_days = 5
minimum = { USD = "25.00", GBP = "25.00" }
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "a call"
when = "10 days after due"
does = "task"
[[steps]]
name = "second reminder"
when = "30 days after due"
"""
PRACTICE = """\
[practice]
name = "Test"
[mail]
server = "{smtp}"
[books.acme]
connector = "{vendor}"
policy = "policy.toml"
sending = "{sending}"
from = "Accounts <ar@acme.example>"
timezone = "UTC"
golive = "start"
notes = "both"
[books.acme.connection]
{company}
client_id = "env:ARSYNC_TEST_ID"
client_secret = "env:ARSYNC_TEST_SECRET"
redirect_uri = "http://localhost:{port}/callback"
server = "{url}"
"""


class Now:
    """The one clock of services, mail catcher and commands."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Snapshot:
    """Everything outside the commands' processes, at one moment."""

    at: datetime
    folder: Path
    company: dict[str, Any]
    tokens: dict[str, Any]
    caught: list[Any]


class World:
    """One vendor's company, its service, the mail catcher and the practice's folder."""

    def __init__(self, vendor: str, zygote: Zygote, place: Path, stack: ExitStack) -> None:
        self.vendor, self.zygote, self.place = vendor, zygote, place
        self.folder = place / "practice"
        self.folder.mkdir()
        self.now = Now(FIRST_DAY)
        self.catcher = MailCatcher(clock=self.now)
        self._mail = stack.enter_context(self.catcher.serve())
        self.company: Any
        self.simulator: Any
        if vendor == "quickbooks":
            self.company = QuickBooksCompany(REALM, "Acme Studio LLC", clock=self.now)
            self.simulator = QuickBooksSimulator([self.company], limits=Limits.off())
        else:
            self.company = XeroCompany(TENANT, "Acme Ltd", clock=self.now)
            self.simulator = XeroSimulator([self.company], rules=Rules().unlimited())
        self._service = stack.enter_context(self.simulator.serve())
        self.url, self._redirects = self._service.url, free_port()
        (self.folder / "policy.toml").write_text(POLICY, "utf-8")
        self.sending("automatic")

    def sending(self, how: str) -> None:
        """Write the practice file: "approve" or "automatic"."""
        key, value = ("company", REALM) if self.vendor == "quickbooks" else ("tenant", TENANT)
        text = PRACTICE.format(
            port=self._redirects,
            smtp=self._mail.smtp_url,
            vendor=self.vendor,
            sending=how,
            company=f'{key} = "{value}"',
            url=self.url,
        )
        (self.folder / "arsync.toml").write_text(text, "utf-8")

    # ---- commands

    def start(
        self,
        *line: str,
        trap: dict[str, Any] | None = None,
        cwd: Path | None = None,
        **more: Any,
    ) -> Child:
        """A command in a process of its own; ``more`` as in ``zygote``."""
        env = {
            "ARSYNC_NOW": self.now().isoformat(),
            "ARSYNC_DEBUG": "1",  # a fault of arsync's own ends a child with its traceback
            "ARSYNC_TEST_ID": "sandbox-client",
            "ARSYNC_TEST_SECRET": "sandbox-secret",
        }
        return self.zygote.start(*line, cwd=cwd or self.folder, env=env, trap=trap, **more)

    def do(self, *line: str, **more: Any) -> Child:
        """A command that comes to its own end, without a fault of arsync's own."""
        done = self.start(*line, **more).wait()
        assert done.status in (0, 1, 2), done
        return done

    def ok(self, *line: str, **more: Any) -> Child:
        done = self.do(*line, **more)
        assert done.status == 0, done
        return done

    def connect(self) -> None:
        """The consent of a person."""
        asking = self.start("connect", BOOK, "--no-browser")
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(r"^http\S+", asking.out, re.MULTILINE)):
            asking.zygote.look()
            assert asking.status is None, asking
            assert time.monotonic() < deadline, asking
        load(found[0])
        assert asking.wait().status == 0, asking

    # ---- people in the company

    def customer(self, name: str, email: str) -> str:
        added = self.company.add_customer if self.vendor == "quickbooks" else self.company.add_contact
        given: str = added(name, email)
        return given

    def invoice(self, customer: str, amount: str, number: str, overdue: int = 2) -> None:
        due: date = self.now().date() - timedelta(days=overdue)
        self.company.add_invoice(customer, amount, due - timedelta(days=30), due, number)

    # ---- put back

    def keep(self, name: str) -> Snapshot:
        """What is, to come back to. Nothing may be at work."""
        kept = self.place / name
        shutil.copytree(self.folder, kept, ignore=shutil.ignore_patterns("*-locks"))
        company, tokens = self._copied(self.company), self._copied(self.simulator.tokens)
        return Snapshot(self.now.at, kept, company, tokens, self.catcher.messages)

    def back(self, to: Snapshot) -> None:
        self.zygote.kill_all()
        self.quiet()
        self.simulator.faults.clear()
        self.catcher.heal()
        self.catcher._messages[:] = to.caught
        shutil.rmtree(self.folder)
        shutil.copytree(to.folder, self.folder)
        self.now.at = to.at
        for mine, kept in ((self.company, to.company), (self.simulator.tokens, to.tokens)):
            mine.__dict__.clear()
            mine.__dict__.update(self._copied(kept))
        if self.vendor == "xero":
            self.simulator._idempotency._kept.clear()
            # A day of calls for each case: what Xero tells is left would run short for the later ones.
            self.simulator.limits = XeroLimits(self.simulator.limits._clock)

    def _copied(self, it: Any) -> dict[str, Any]:
        state = it if isinstance(it, dict) else it.__dict__
        shared: list[Any] = [self.now, self.company]
        shared += [getattr(self.simulator, "clock", self.now), getattr(self.company, "clock", self.now)]
        shared += [each for each in state.values() if type(each).__name__ in ("RLock", "lock")]
        copied: dict[str, Any] = copy.deepcopy(state, {id(each): each for each in shared})
        return copied

    def quiet(self) -> None:
        """What processes have sent is taken in; those that are frozen may keep a connection to each."""
        mail: Collection[object] = self._mail._smtp._controller._alive
        service = self._service._connections._open if self.vendor == "quickbooks" else self._service._live
        deadline = time.monotonic() + PATIENCE
        while max(len(mail), len(service)) > self.zygote.frozen:
            assert time.monotonic() < deadline
            time.sleep(0.001)

    # ---- what came of it

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "arsync.db")) as connection:
            return connection.execute(sql, values).fetchall()

    def mails(self) -> Counter[str]:
        """How often each Message-ID was taken by the mail server."""
        return Counter(str(caught.message["Message-ID"]) for caught in self.catcher.messages)

    def notes(self) -> list[tuple[str, str]]:
        """The lines that stand on invoices and customers: (number or name, line)."""
        if self.vendor == "quickbooks":
            found = [(row["DocNumber"], row.get("PrivateNote", "")) for row in self.company.invoices.values()]
            found += [(row["DisplayName"], row.get("Notes", "")) for row in self.company.customers.values()]
            return sorted((where, line) for where, text in found for line in text.splitlines())
        records = [(each.number, each.id) for each in self.company.invoices.values()]
        records += [(each.name, each.id) for each in self.company.contacts.values()]
        return sorted(
            (where, each.details)
            for where, id_ in records
            for each in self.company.history(id_)
            if "[arsync:" in each.details
        )

    def dump(self, without: Collection[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Everything in the database but what is in these tables."""
        names = {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {name: sorted(self.rows(f'SELECT * FROM "{name}"'), key=repr) for name in names - {*without}}
