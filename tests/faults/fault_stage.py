"""One company of either vendor, and the state of the practice before each command, to go back to at will.

The services, the mail server and the commands are those of the loop's desk: real sockets, real SQLite.
Time stands still, so that what a command leaves behind is the same each time, to the letter.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fault_kinds import COMMANDS, ENDPOINTS, Endpoint
from loop_desk import Desk, Now, Typed, consent
from loop_ledgers import Ledger, QuickBooks, Xero

from arsync.connector import http
from arsync.sandbox import MailCatcher
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import Limits, QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import Rules, XeroSimulator

# Not of what came to be, but of how: a second run leaves another trace here, and so does a note that was
# refused at first.
_TRACES = {"runs", "tokens", "alerts", "_sqlite_migrations", "sqlite_stat1", "sqlite_sequence"}
_TRACING_COLUMNS = {"fence", "holder", "lease_until", "seq", "attempts", "proof"}
State = dict[str, Any]

# One step: each letter that a policy may send is tried out by each command that sends.
POLICY = """\
name = "test"
send_on = ["mon"]
minimum = { USD = "25.00", GBP = "25.00" }
[[steps]]
name = "first reminder"
when = "1 day after due"
"""


@dataclass
class Done:
    """What a command came to: the state after it, and the requests by endpoint."""

    state: State
    asked: Counter[str]
    typed: Typed


@dataclass
class Stage:
    """A vendor's company with its book. ``expired``: the access token has to be renewed first."""

    vendor: str
    expired: bool
    folder: Path
    stack: ExitStack
    now: Now = field(default_factory=lambda: Now(datetime(2026, 11, 23, 7, 0, tzinfo=UTC)))

    def __post_init__(self) -> None:
        self.catcher = MailCatcher(clock=self.now)
        served = self.stack.enter_context(self.catcher.serve())
        self.desk = Desk(self.folder, self.now, self.catcher, served.smtp_url, browser=consent)
        self.desk.policy(POLICY)
        self.ledger = self._served()
        self.ledger.write(extra='notes = "both"\n')
        self._asked: list[str] = []
        self._meddled: set[str] = set()
        self.desk.type("worklist")  # makes the database, which takes longer than all the rest of `connect`
        self._databases = {"connect": self._database()}
        self._fill()
        self.ledger.simulator.before = self._before
        self._baselines: dict[str, Done] = {}

    # what is there ----------------------------------------------------------------------------------

    def _served(self) -> Ledger:
        if self.vendor == "quickbooks":
            books = QuickBooksCompany("1234567890", "Acme Studio LLC", clock=self.now)
            quickbooks = QuickBooksSimulator([books], limits=Limits.off())
            url = self.stack.enter_context(quickbooks.serve()).url
            return QuickBooks(self.desk, "acme", url, quickbooks)
        organisation = XeroCompany("11111111-2222-4333-8444-555555555555", "Acme Ltd", clock=self.now)
        xero = XeroSimulator([organisation], rules=Rules().unlimited())
        return Xero(self.desk, "acme", self.stack.enter_context(xero.serve()).url, xero)

    def _fill(self) -> None:
        """Seven in the morning: two customers, synced. A while later much has changed."""
        ledger, desk = self.ledger, self.desk
        lumen = ledger.customer("Lumen Yoga")
        tern = ledger.customer("Tern Coffee", "pay@tern.example")
        for number in ("1001", "1002", "1003"):
            ledger.invoice(lumen, "120.00", number=number)
        ledger.invoice(tern, "90.00", overdue=40, number="1004")
        ledger.pay("1002", "20.00")
        ledger.credit(tern, "10.00")
        if isinstance(ledger, QuickBooks):
            ledger.company.edit_customer(lumen, type=ledger.company.add_customer_type("Gold"))
        desk.ok("connect", "acme")
        self._databases["first"] = self._database()
        desk.ok("sync")
        self._databases["changes"] = self._database()
        self.now.go(minutes=25)
        ledger.pay("1003")
        ledger.pay("1001", "30.00")
        ledger.invoice(tern, "75.50", overdue=3, number="1005")
        ledger.credit(lumen, "5.00")
        if isinstance(ledger, QuickBooks):
            ledger.company.edit_customer(tern, type=ledger.company.add_customer_type("Silver"))
            ledger.company.add_journal(tern, "-2.00", self.now().date())
        desk.ok("sync")
        desk.ok("approve", "acme", "--all")
        self._databases["send"] = self._database()
        desk.ok("send")
        self._databases["note"] = self._databases["reconcile"] = self._database()
        self._bare = self._written()
        desk.ok("note")
        self._noted = self._written()
        self._put_database("first")
        desk.ok("sync")
        self._databases["rebuild"] = self._database()

    def _database(self) -> bytes:
        return (self.folder / "arsync.db").read_bytes()

    # going back -------------------------------------------------------------------------------------

    def restore(self, command: str) -> None:
        """The practice and the services as they were before the command."""
        self.ledger.well()
        self.morning_after()
        self._put_database(command)
        self.catcher.clear()
        self._write_back(self._noted if command == "rebuild" else self._bare)
        self._asked.clear()
        self._meddled.clear()
        if self.expired:
            self.ledger.expire()

    def _put_database(self, command: str) -> None:
        for each in self.folder.glob("arsync.db*"):
            if each.is_file():
                each.unlink()
        (self.folder / "arsync.db").write_bytes(self._databases[command])
        (self.folder / "arsync.db").chmod(0o600)

    def morning_after(self) -> None:
        """Limits are over, and the service has forgotten its idempotency keys."""
        shutil.rmtree(self.folder / "arsync.db-locks", ignore_errors=True)
        if isinstance(self.ledger, Xero):
            self.ledger.simulator._idempotency._kept.clear()
            self.ledger.simulator.limits._meters.clear()

    def _written(self) -> dict[Any, Any]:
        """What stands in the records over there where notes go."""
        if isinstance(self.ledger, Xero):
            return {id_: list(notes) for id_, notes in self.ledger.company.notes.items()}
        tables = self.ledger.company.tables
        records = [record for kind in ("Invoice", "Customer") for record in tables[kind].rows.values()]
        return {record: (record.body, record.updated, record.token) for record in records}

    def _write_back(self, written: dict[Any, Any]) -> None:
        if isinstance(self.ledger, Xero):
            self.ledger.company.notes.clear()
            self.ledger.company.notes.update({id_: list(notes) for id_, notes in written.items()})
            return
        company = self.ledger.company
        with company.lock:
            company.replies.clear()
            for record, (body, updated, token) in written.items():
                record.body, record.updated, record.token, record.encoded = body, updated, token, None
            for table in company.tables.values():
                table.changed()

    # running ----------------------------------------------------------------------------------------

    def _before(self, method: str, path: str, body: bytes) -> None:
        """Counts each request; and a colleague writes on what is about to be written on, once."""
        text = body.decode("utf-8", "replace")
        if "/connect/oauth2" in path or "/connect/authorize" in path:
            return  # the person's browser
        endpoint = endpoint_of(self.vendor, method, path, text)
        self._asked.append(endpoint)
        if endpoint == "batch" and isinstance(self.ledger, QuickBooks):
            for word, entity in (("PrivateNote", "Invoice"), ('"Notes"', "Customer")):
                if word in text and entity not in self._meddled:
                    self._meddled.add(entity)
                    if entity == "Invoice":
                        self.ledger.company.annotate("1001", "Dana called")
                    else:
                        self.ledger.company.edit_customer(self._first_customer(), notes="Pays late")

    def _first_customer(self) -> str:
        return next(iter(self.ledger.company.customers))

    def type(self, command: str, *more: str) -> Done:
        """The command, once."""
        before = len(self._asked)
        typed = self.desk.type(*COMMANDS[command], *more)
        return Done(self.state(), Counter(self._asked[before:]), typed)

    def baseline(self, command: str) -> Done:
        """What the command comes to where nothing goes wrong."""
        if command not in self._baselines:
            self.restore(command)
            done = self.type(command)
            assert done.typed.status == 0, done.typed.err
            self._baselines[command] = done
        return self._baselines[command]

    def strike(self, endpoint: Endpoint, kind: str, times: int | None, more: dict[str, Any]) -> Any:
        """Let the requests to an endpoint go wrong."""
        faults = self.ledger.simulator.faults
        if self.vendor == "quickbooks":
            return faults.add(kind, endpoint.path, endpoint.method, times, body_regex=endpoint.body, **more)
        return faults.add(kind, path_regex=endpoint.path, method=endpoint.method, times=times, **more)

    @contextlib.contextmanager
    def impatient(self, endpoint: Endpoint, rule: Any, times: int | None) -> Iterator[None]:
        """Our own time-outs are cut for the requests that the fault is to meet, and for no other: those have
        as long as a busy machine may take. None is made again before the service has taken in the first."""
        whole, left = http.Http._whole, [times]

        def cut(self: http.Http, method: str, target: str, into: Any, **request: Any) -> Any:
            body = request.get("data") or b""
            text = body.decode() if isinstance(body, bytes) else ""
            if left[0] == 0 or not endpoint.takes(method, urlsplit(target).path, text):
                return whole(self, method, target, into, **request)
            left[0] = None if left[0] is None else left[0] - 1
            hits = rule.hits
            try:
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(http, "READ_SECONDS", 0.15)
                    patch.setattr(http, "REQUEST_SECONDS", 0.3)
                    return whole(self, method, target, into, **request)
            finally:
                deadline = time.monotonic() + 60
                while rule.hits == hits:
                    assert time.monotonic() < deadline, "the fault was not met"
                    time.sleep(0.001)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(http.Http, "_whole", cut)
            yield
        assert left[0] in (None, 0), "no request was cut"

    # looking ----------------------------------------------------------------------------------------

    def state(self, *, without: tuple[str, ...] = ()) -> State:
        """What counts: the database but for its traces and the columns ``without``, the notes over there, and
        the mails that left."""
        return {
            **self._tables(without),
            "notes there": self._notes(),
            "mails": sorted((str(m["To"]), str(m["Subject"]), str(m["Message-ID"])) for m in self.desk.mail),
        }

    def _tables(self, without: tuple[str, ...]) -> State:
        with contextlib.closing(sqlite3.connect(self.folder / "arsync.db")) as connection:
            names = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            return {name: _rows(connection, name, without) for name in names if name not in _TRACES}

    def _notes(self) -> list[tuple[str, str]]:
        if isinstance(self.ledger, Xero):
            written = self.ledger.company.notes.items()
            return sorted((id_, each.details) for id_, notes in written for each in notes)
        company = self.ledger.company
        found = [(f"invoice {id_}", row.get("PrivateNote", "")) for id_, row in company.invoices.items()]
        found += [(f"customer {id_}", row.get("Notes", "")) for id_, row in company.customers.items()]
        return sorted((where, text) for where, text in found if text)


def endpoint_of(vendor: str, method: str, path: str, body: str) -> str:
    """The name of the endpoint that a request went to; its path where the matrix knows none."""
    return next((e.name for e in ENDPOINTS[vendor] if e.takes(method, path, body)), f"{method} {path}")


def _rows(connection: sqlite3.Connection, table: str, without: tuple[str, ...]) -> list[str]:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    kept = ", ".join(f'"{name}"' for name in columns if name not in {*_TRACING_COLUMNS, *without})
    rows = (repr(row) for row in connection.execute(f"SELECT {kept} FROM {table}"))
    return sorted(row for row in rows if "'note-failed'" not in row)
