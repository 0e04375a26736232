"""A practice on real sockets: simulated services, a real mail server, real SQLite, the real commands.

Nothing of the product is replaced. The waits between two attempts are noted and cut short, so that a
service that is down for good costs a test no seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loop_desk import POLICY, Desk, Now, consent
from loop_ledgers import Ledger, Open, QuickBooks, Xero
from loop_restore import Keeper

from arsync.sandbox import MailCatcher
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import Limits, QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import Rules, XeroSimulator

REALM, TENANT = "1234567890", "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def now() -> Now:
    """Monday, 23 November 2026, eight in the morning."""
    return Now(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))


@pytest.fixture
def desk(tmp_path: Path, now: Now, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty practice folder with a mail catcher, and a browser that consents."""
    real_sleep = time.sleep
    catcher = MailCatcher(clock=now)
    with catcher.serve() as served:
        desk = Desk(tmp_path, now, catcher, served.smtp_url, browser=consent)

        def nap(seconds: float) -> None:
            desk.naps.append(seconds)
            real_sleep(min(seconds, 0.01))

        monkeypatch.setattr(time, "sleep", nap)
        # eight calls a second are the vendor's limit, which the simulator does not keep here either
        monkeypatch.setattr("arsync_quickbooks.client.CALLS_PER_SECOND", 100)
        desk.policy(POLICY)
        yield desk


@pytest.fixture
def open_ledger(desk: Desk, now: Now) -> Iterator[Open]:
    """Serves an empty company of a vendor as a book; ends all of them with the test."""
    with ExitStack() as stack:

        def serve(vendor: str, name: str = "acme", **company: object) -> Ledger:
            if vendor == "quickbooks":
                books = QuickBooksCompany(REALM, "Acme Studio LLC", clock=now, **company)
                quickbooks = QuickBooksSimulator([books], limits=Limits.off())
                url = stack.enter_context(quickbooks.serve()).url
                return QuickBooks(desk, name, url, quickbooks)
            organisation = XeroCompany(TENANT, "Acme Ltd", clock=now, **company)
            xero = XeroSimulator([organisation], rules=Rules().unlimited())
            return Xero(desk, name, stack.enter_context(xero.serve()).url, xero)

        yield serve


@pytest.fixture(params=["quickbooks", "xero"])
def fresh(request: pytest.FixtureRequest, open_ledger: Open) -> Ledger:
    """A book that is not connected yet."""
    ledger = open_ledger(request.param)
    ledger.write()
    return ledger


def _connected(ledger: Ledger) -> Ledger:
    ledger.write()
    ledger.desk.ok("connect", ledger.name)
    return ledger


@pytest.fixture(params=["quickbooks", "xero"])
def ledger(request: pytest.FixtureRequest, open_ledger: Open) -> Ledger:
    """The book ``acme`` of each vendor in turn, empty and connected."""
    return _connected(open_ledger(request.param))


@pytest.fixture
def quickbooks(open_ledger: Open) -> Ledger:
    """The book ``acme`` on QuickBooks, empty and connected."""
    return _connected(open_ledger("quickbooks"))


@pytest.fixture
def xero(open_ledger: Open) -> Ledger:
    """The book ``acme`` on Xero, empty and connected."""
    return _connected(open_ledger("xero"))


@pytest.fixture
def both(open_ledger: Open, desk: Desk) -> tuple[Ledger, Ledger]:
    """Two books, ``acme`` on QuickBooks and ``birch`` on Xero, connected."""
    pair = open_ledger("quickbooks", "acme"), open_ledger("xero", "birch")
    desk.practice({each.name: each.connection() for each in pair})
    for each in pair:
        desk.ok("connect", each.name)
    return pair


@pytest.fixture
def keeper(desk: Desk) -> Keeper:
    """Backs up, loses and restores the database of the desk."""
    return Keeper(desk)
