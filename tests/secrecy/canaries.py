"""A practice whose secrets and customers are canaries, at an indiscreet service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from indiscreet import Indiscreet
from loop_desk import POLICY, Desk, Now, consent
from loop_ledgers import Ledger, QuickBooks, Xero

from arsync.sandbox import MailCatcher
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import Limits, QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import Rules, XeroSimulator

SECRET, PASSWORD = "canary-client-secret-7d1f", "canary-mail-password-93ab"
NAME, OTHER = "Canaria Quillfeather", "Zebedee Canarywharf"
EMAIL, OTHER_EMAIL = "canaria@quillfeather.example", "zebedee@canarywharf.example"
AMOUNT, NUMBER = "7913579246.35", "CANARY-1001"
PEOPLE = (NAME, OTHER, EMAIL, OTHER_EMAIL, AMOUNT, "7,913,579,246.35", "791357924635")


class Stage(NamedTuple):
    """A book of one vendor, connected, with two customers who owe, and what lies between."""

    desk: Desk
    ledger: Ledger
    service: Indiscreet

    def rest(self) -> None:
        """What asked for patience has had it, and the minute's calls are not used up."""
        self.desk.now.go(minutes=5)
        for each in (self.desk.folder / "arsync.db-locks").glob("limits.db*"):
            each.unlink()

    def secrets(self) -> list[str]:
        """What nobody may ever be shown: all that the service has issued, too."""
        tokens = self.ledger.simulator.tokens
        issued = [*tokens._access, *tokens._refresh]
        holder = tokens if isinstance(self.ledger, QuickBooks) else self.ledger.simulator.identity
        codes = list(holder._codes)
        key = self.desk.folder / "arsync.key"
        keys = key.read_text("utf-8").split() if key.exists() else []
        return [SECRET, PASSWORD, *issued, *codes, *keys]


def pieces(secret: str) -> set[str]:
    """Parts of a secret that tell too much of it."""
    if len(secret) < 24:
        return {secret}
    return {secret[:16], secret[len(secret) // 2 :][:16], secret[-16:]}


def found(text: str, canaries: list[str] | tuple[str, ...]) -> list[str]:
    """The canaries of which a text holds a part."""
    return [each for each in canaries if any(piece in text for piece in pieces(each))]


@contextmanager
def staged(vendor: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    now = Now(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    real_sleep = time.sleep
    patch.setattr(time, "sleep", lambda seconds: real_sleep(min(seconds, 0.002)))
    patch.setattr("arsync_quickbooks.client.CALLS_PER_SECOND", 100)
    patch.setenv("CANARY_PASSWORD", PASSWORD)
    patch.delenv("ARSYNC_DEBUG", raising=False)
    catcher = MailCatcher(clock=now)
    with ExitStack() as stack:
        served = stack.enter_context(catcher.serve(login=("ar", PASSWORD)))
        desk = Desk(folder, now, catcher, served.smtp_url, browser=consent)
        desk.policy(POLICY)
        ledger, service = _served(vendor, desk, stack)
        desk.practice({"acme": {**ledger.connection(), "server": service.url}})
        patch.setenv("ARSYNC_TEST_SECRET", SECRET)
        _with_login(desk)
        desk.ok("connect", "acme")
        ledger.invoice(ledger.customer(NAME, EMAIL), AMOUNT, number=NUMBER)
        ledger.invoice(ledger.customer(OTHER, OTHER_EMAIL), AMOUNT, overdue=12, number="CANARY-1002")
        desk.ok("sync")
        yield Stage(desk, ledger, service)


def _with_login(desk: Desk) -> None:
    file = desk.folder / "arsync.toml"
    login = f'server = "{desk.smtp}"\nusername = "ar"\npassword = "env:CANARY_PASSWORD"\n'
    file.write_text(file.read_text("utf-8").replace(f'server = "{desk.smtp}"\n', login, 1), "utf-8")


def _served(vendor: str, desk: Desk, stack: ExitStack) -> tuple[Ledger, Indiscreet]:
    knows = f"client_secret={SECRET} {' '.join(PEOPLE)}"
    if vendor == "quickbooks":
        company = QuickBooksCompany("1234567890", "Acme Studio LLC", clock=desk.now)
        quickbooks = QuickBooksSimulator([company], client_secret=SECRET, limits=Limits.off())
        url = stack.enter_context(quickbooks.serve()).url
        ledger: Ledger = QuickBooks(desk, "acme", url, quickbooks)
    else:
        organisation = XeroCompany("11111111-2222-4333-8444-555555555555", "Acme Ltd", clock=desk.now)
        xero = XeroSimulator([organisation], client_secret=SECRET, rules=Rules().unlimited())
        url = stack.enter_context(xero.serve()).url
        ledger = Xero(desk, "acme", url, xero)
    service = Indiscreet(url, knows)
    stack.callback(service.close)
    return ledger, service
