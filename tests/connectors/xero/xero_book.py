"""A Xero source with everything it is given, over the simulator's socket or over the vendor's addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from arsync.connector import ConnectionSettings, Http, Kit, Page, TokenPair, Tokens
from arsync.ledger import Credit, Customer, Invoice, Payment
from arsync_xero import XeroSource, connect
from arsync_xero.simulator import Company, SandboxClock, XeroSimulator

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TENANT = "0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11"


class MemoryStore:
    """The tokens of one book."""

    def __init__(self, pair: TokenPair | None = None) -> None:
        self.pair = pair

    def load(self) -> TokenPair | None:
        return self.pair

    def save(self, pair: TokenPair) -> None:
        self.pair = pair

    def prove(self, access: str) -> None:
        """The token before the last one is kept all the same, for tests to look at."""

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()


class Unlimited:
    """A budget that lets everything through, and counts."""

    def __init__(self) -> None:
        self.taken = 0

    def try_acquire(self, name: str = "", weight: int = 1) -> bool:
        self.taken += weight
        return True


def settings_of(table: dict[str, Any], book: str = "acme") -> ConnectionSettings:
    return ConnectionSettings(
        book,
        table,
        where=lambda key: f"arsync.toml ({key})",
        reveal=lambda key, reference: reference.replace("env:", "revealed-"),
    )


class Desk(SimpleNamespace):
    """A source with the store, budget, clock and list of sleeps behind it."""

    source: XeroSource
    kit: Kit
    store: MemoryStore
    budget: Unlimited
    sleeps: list[float]
    paced: list[tuple[str, int]]


def desk_of(
    *,
    clock: Callable[[], datetime],
    pair: TokenPair | None = None,
    store: MemoryStore | None = None,
    server: str | None = None,
    **more: Any,
) -> Desk:
    sleeps: list[float] = []
    paced: list[tuple[str, int]] = []
    budget = Unlimited()
    http = Http(server=server, clock=clock, sleep=sleeps.append)

    def pace(
        tenant: str, *, per_minute: int, per_second: int | None = None, allowance: object = None
    ) -> Unlimited:
        paced.append((tenant, per_minute))
        return budget

    store = store or MemoryStore(pair)
    kit = Kit(http=http, tokens=Tokens("acme", store, clock), pace=pace, clock=clock)
    table = {"tenant": TENANT, "client_id": "env:ID", "client_secret": "env:SECRET", **more}
    source = connect(settings_of(table), kit)
    return Desk(source=source, kit=kit, store=store, budget=budget, sleeps=sleeps, paced=paced)


class Town(SimpleNamespace):
    """A company in a running simulator, and a desk that reads it."""

    company: Company
    simulator: XeroSimulator
    clock: SandboxClock
    url: str
    desk: Desk

    @property
    def source(self) -> XeroSource:
        return self.desk.source

    def another_process(self) -> XeroSource:
        """A source that shares nothing with the first but the tokens."""
        desk = desk_of(clock=self.clock, store=self.desk.store, server=self.url, tenant=self.company.tenant)
        self.others.append(desk)
        return desk.source


class Shelf:
    """What a store makes of the pages of a pull: the latest of each record, closed where unmentioned."""

    def __init__(self) -> None:
        self.invoices: dict[str, Invoice] = {}
        self.customers: dict[str, Customer] = {}
        self.credits: dict[tuple[str, str], Credit] = {}
        self.payments: dict[str, Payment] = {}
        self.cursor: str | None = None
        self._mentioned: set[object] = set()

    def take(self, pages: Iterable[Page]) -> list[Page]:
        """Store the pages that come; those that do not come (a killed process) are not stored."""
        taken = []
        for page in pages:
            taken.append(page)
            self.invoices |= {each.id: each for each in page.invoices}
            self.customers |= {each.id: each for each in page.customers}
            self.credits |= {(each.kind, each.id): each for each in page.credits}
            self.payments |= {each.id: each for each in page.payments}
            self._mentioned |= {each.id for each in page.invoices}
            self._mentioned |= {(each.kind, each.id) for each in page.credits}
            self.cursor = page.cursor
            if page.last:
                if page.full:
                    self.invoices = {i: each for i, each in self.invoices.items() if i in self._mentioned}
                    self.credits = {i: each for i, each in self.credits.items() if i in self._mentioned}
                self._mentioned = set()
        return taken

    def owed(self) -> dict[str, int]:
        return {each.id: each.owed for each in self.invoices.values() if each.owed}

    def unapplied(self) -> dict[str, int]:
        return {each.id: each.remaining for each in self.credits.values() if each.remaining}


def truly_owed(company: Company) -> dict[str, int]:
    """What the simulated company is owed, in minor units of a currency with two decimals."""
    return {
        each.id: int(each.amount_due * 100)
        for each in company.invoices.values()
        if each.type == "ACCREC" and each.status == "AUTHORISED"
    }


def truly_paid(company: Company) -> dict[str, int]:
    """The payments of sales invoices that stand, in minor units of a currency with two decimals."""
    return {
        each.id: int(each.amount * 100)
        for each in company.payments.values()
        if each.invoice.type == "ACCREC" and each.status == "AUTHORISED"
    }


def truly_unapplied(company: Company) -> dict[str, int]:
    return {
        each.id: int(each.remaining * 100)
        for each in company.credits.values()
        if each.status == "AUTHORISED" and each.type.startswith(("ACCREC", "RECEIVE"))
    }
