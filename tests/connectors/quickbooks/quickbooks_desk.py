"""A book at work against a QuickBooks that is played or simulated, and a small store for its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any

from arsync.connector import ConnectionSettings, Http, Kit, Page, TokenPair, Tokens
from arsync.ledger import Credit, Customer, Gone, Invoice, Payment, Reject
from arsync_quickbooks import Company, connect
from arsync_quickbooks import simulator as sim

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class MemoryStore:
    def __init__(self, pair: TokenPair | None) -> None:
        self.pair = pair

    def load(self) -> TokenPair | None:
        return self.pair

    def save(self, pair: TokenPair) -> None:
        self.pair = pair

    def prove(self, access: str) -> None:
        """The token before the last one is kept all the same, for tests to look at."""

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()


class Bucket:
    def __init__(self) -> None:
        self.taken = 0

    def try_acquire(self, name: str = "", weight: int = 1) -> object:
        self.taken += weight
        return True


class Desk:
    """A book at work: its source, and what its kit saw."""

    def __init__(self, realm: str, server: str | None, clock: Clock, pair: TokenPair) -> None:
        self.clock, self.realm = clock, realm
        self.slept: list[float] = []
        self.buckets: dict[str, Bucket] = {}
        self.rates: dict[str, tuple[int, int | None]] = {}
        self.store = MemoryStore(pair)
        self.http = Http(server=server, clock=clock, sleep=self.slept.append)
        self.kit = Kit(
            http=self.http,
            tokens=Tokens("acme", self.store, clock),
            pace=self._pace,
            clock=clock,
        )
        self.source = self.connect()

    def _pace(
        self, tenant: str, *, per_minute: int, per_second: int | None = None, allowance: object = None
    ) -> Bucket:
        self.rates[tenant] = (per_minute, per_second)
        return self.buckets.setdefault(tenant, Bucket())

    def connect(self, **more: object) -> Company:
        table = {"company": self.realm, "client_id": "env:ID", "client_secret": "env:SECRET", **more}
        secrets = {"env:ID": "sandbox-client", "env:SECRET": "sandbox-secret"}
        settings = ConnectionSettings(
            "acme", table, where=lambda key: "arsync.toml:9", reveal=lambda key, ref: secrets[ref]
        )
        return connect(settings, self.kit)


class Ledger:
    """What a store would hold after the pages it was given: what is older never replaces what is newer,
    and a full pull's last page closes what that pull has not mentioned."""

    def __init__(self) -> None:
        self.customers: dict[str, Customer] = {}
        self.invoices: dict[str, Invoice] = {}
        self.credits: dict[tuple[str, str], Credit] = {}
        self.payments: dict[str, Payment] = {}
        self.rejects: list[Reject] = []
        self.pages = 0
        self.cursor: str | None = None
        self.lasts = 0
        self._seen: set[tuple[str, str]] = set()

    def take(self, page: Page) -> None:
        if page.afresh:
            self._seen = set()
        for customer in page.customers:
            _put(self.customers, customer.id, customer)
        for invoice in page.invoices:
            _put(self.invoices, invoice.id, invoice)
        for credit in page.credits:
            _put(self.credits, (credit.kind, credit.id), credit)
        there = {(credit.kind, credit.id) for credit in page.credits}
        self.credits = {k: v for k, v in self.credits.items() if k[0] not in page.all_of or k in there}
        for payment in page.payments:
            _put(self.payments, payment.id, payment)
        for gone in page.gone:
            self._drop(gone)
        if page.full:
            self._seen |= {("invoice", i.id) for i in page.invoices} | {(c.kind, c.id) for c in page.credits}
        if page.last:
            self.lasts += 1
            if page.full:
                self.invoices = {k: v for k, v in self.invoices.items() if ("invoice", k) in self._seen}
                self.credits = {k: v for k, v in self.credits.items() if k in self._seen}
            self._seen = set()
        self.rejects += page.rejects
        self.pages += 1
        self.cursor = page.cursor

    def _drop(self, gone: Gone) -> None:
        if gone.entity == "invoice":
            self.invoices.pop(gone.id, None)
        elif gone.entity == "credit":
            self.credits.pop((gone.kind or "", gone.id), None)
        elif gone.entity == "customer":
            self.customers.pop(gone.id, None)

    def pull(self, source: Company) -> list[Page]:
        pages = []
        for page in source.pull(self.cursor):
            self.take(page)
            pages.append(page)
        return pages

    def owed(self) -> dict[str, int]:
        return {i.id: i.owed for i in self.invoices.values() if i.owed}

    def left(self) -> dict[tuple[str, str], int]:
        return {key: c.remaining for key, c in self.credits.items() if c.remaining}


def _put(rows: dict[Any, Any], key: object, record: Any) -> None:
    known = rows.get(key)
    if known is None or not record.updated_at or record.updated_at >= known.updated_at:
        rows[key] = record


def pair_of(access: str = "access-token-one", refresh: str = "refresh-one") -> TokenPair:
    return TokenPair(access=access, refresh=refresh, expires_at=NOON + timedelta(days=30))


def units(company: sim.Company, kinds: Sequence[str] = ("Invoice",)) -> dict[str, int]:
    """What the simulator says is open, in cents, of the kinds whose balance it shows."""
    view = {"Invoice": company.invoices, "CreditMemo": company.credit_memos}
    found = {}
    for kind in kinds:
        for id_, shown in view[kind].items():
            if cents := int(shown["Balance"] * 100):
                found[id_] = cents
    return found


Serving = Callable[[sim.Company], tuple[sim.QuickBooksSimulator, Desk]]
