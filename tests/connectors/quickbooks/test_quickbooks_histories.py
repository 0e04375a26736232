"""Any history, with the pull cut anywhere: what is stored at its end is what the company holds.

``ARSYNC_HISTORIES`` is how many are drawn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quickbooks_desk import NOON, TODAY, Clock, Desk, Ledger

from arsync.connector import TokenPair
from arsync_quickbooks import decode, keyset
from arsync_quickbooks import query as statements
from arsync_quickbooks import simulator as sim
from arsync_quickbooks.simulator import cdc
from arsync_quickbooks.simulator.fault import Fault

HISTORIES = int(os.environ.get("ARSYNC_HISTORIES", "60"))
_DECIMALS = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}


class World:
    """A company and the acts of its people, each chosen by a number or two."""

    def __init__(self, realm: str, *, multicurrency: bool) -> None:
        self.books = sim.Company(realm, "Acme", multicurrency=multicurrency, clock=Clock(NOON))
        self.currencies = list(_DECIMALS) if multicurrency else ["USD"]
        for currency, rate in (("EUR", "1.08"), ("JPY", "0.0067"), ("KWD", "3.25")):
            self.books.set_rate(currency, rate)
        for n in range(4):
            currency = self.currencies[n % len(self.currencies)]
            self.books.add_customer(f"Customer {n}", f"ap@customer{n}.example", currency=currency)

    def act(self, name: str, one: int, other: int) -> None:
        """What the service refuses does not happen."""
        with suppress(Fault):
            getattr(self, f"_{name}")(one, other)

    def _pick(self, rows: Any, number: int) -> str | None:
        ids = sorted(rows, key=int)
        return ids[number % len(ids)] if ids else None

    def _money(self, customer: str, number: int) -> Decimal:
        currency = self.books.customers[customer]["CurrencyRef"]["value"]
        return Decimal(number % 90 + 10).scaleb(-_DECIMALS[currency])

    def _customer(self, number: int) -> str:
        return self._pick(self.books.customers, number) or ""

    def _invoice(self, number: int) -> str | None:
        return self._pick([k for k, v in self.books.invoices.items() if v["Balance"]], number)

    def _bill(self, one: int, other: int) -> None:
        who = self._customer(one)
        due = TODAY + timedelta(days=other % 90 - 60)
        self.books.add_invoice(who, self._money(who, other), due - timedelta(days=30), due)

    def _memo(self, one: int, other: int) -> None:
        who = self._customer(one)
        self.books.add_credit_memo(who, self._money(who, other), date(2026, 1, 5))

    def _money_in(self, one: int, other: int) -> None:
        who = self._customer(one)
        day = TODAY + timedelta(days=other % 400 - 200)
        self.books.add_payment(who, self._money(who, other), day)

    def _journal(self, one: int, other: int) -> None:
        who = self._customer(one)
        self.books.add_journal(who, self._money(who, other) * (1 if other % 3 else -1), date(2026, 1, 5))

    def _pay(self, one: int, other: int) -> None:
        if (invoice := self._invoice(one)) is not None:
            who = self.books.invoices[invoice]["CustomerRef"]["value"]
            self.books.pay(invoice, None if other % 2 else self._money(who, other))

    def _apply(self, one: int, other: int) -> None:
        """Some credit to some invoice, as far as either goes."""
        invoice = self._invoice(one)
        memo = self._pick([k for k, v in self.books.credit_memos.items() if v["Balance"]], other)
        money = self._pick([k for k, v in self.books.payments.items() if v["UnappliedAmt"]], other)
        entry = self._pick(self.books.journal_entries, other)
        if invoice is None:
            return
        who = self.books.invoices[invoice]["CustomerRef"]["value"]
        if other % 3 == 0 and memo is not None:
            self.books.apply_credit(memo, invoice)
        elif other % 3 == 1 and money is not None:
            self.books.apply_payment(money, invoice)
        elif entry is not None:
            self.books.apply_journal(entry, invoice, self._money(who, 0))

    def _bounce(self, one: int, other: int) -> None:
        if (payment := self._pick(self.books.payments, one)) is not None:
            self.books.delete_payment(payment) if other % 2 else self.books.void_payment(payment)

    def _end(self, one: int, other: int) -> None:
        if (invoice := self._pick(self.books.invoices, one)) is not None:
            self.books.delete(invoice) if other % 2 else self.books.void(invoice)

    def _edit(self, one: int, other: int) -> None:
        invoice = self._invoice(one)
        if invoice is None:
            return
        if other % 3 == 0:
            self.books.redate(invoice, TODAY + timedelta(days=other % 50) if other % 2 else None)
        elif other % 3 == 1:
            self.books.renumber(invoice, f"R-{other}")
        else:
            self.books.edit_invoice(invoice, bcc=f"file{other}@acme.example")

    def _person(self, one: int, other: int) -> None:
        who, parent = self._customer(one), self._customer(0)
        if other % 3 == 0:
            self.books.edit_customer(who, active=other % 2 == 0)
        elif other % 3 == 1:
            self.books.edit_customer(who, email=f"ap{other}@acme.example")
        elif who != parent:
            self.books.edit_customer(who, parent=parent, bill_with_parent=other % 2 == 0)

    def _merge(self, one: int, other: int) -> None:
        self.books.merge_customers(self._customer(one), self._customer(other))

    def _wait(self, one: int, other: int) -> None:
        self.books.advance(seconds=(0, 1, 59, 400)[one % 4] + other % 2)

    def truth(self) -> dict[str, object]:
        """What is open, left, and who is there."""
        books = self.books
        return {
            "invoices": {
                id_: (
                    row["DocNumber"],
                    row["CustomerRef"]["value"],
                    row["CurrencyRef"]["value"],
                    row["TotalAmt"],
                    row["Balance"],
                    row.get("DueDate"),
                    row.get("BillEmailBcc", {}).get("Address"),
                    "" if row["CurrencyRef"]["value"] == "USD" else str(row["ExchangeRate"]),
                )
                for id_, row in books.invoices.items()
                if row["Balance"]
            },
            "credits": dict(self._credits()),
            "customers": {
                id_: (
                    row["DisplayName"],
                    row.get("ParentRef", {}).get("value"),
                    row["BillWithParent"] and "ParentRef" in row,
                    row["Active"],
                    row["PrimaryEmailAddr"]["Address"],
                )
                for id_, row in books.customers.items()
            },
        }

    def _credits(self) -> Iterator[tuple[tuple[str, str], tuple[str, Decimal]]]:
        for kind, view, left in (
            ("credit-note", self.books.credit_memos, "Balance"),
            ("payment", self.books.payments, "UnappliedAmt"),
        ):
            for id_, row in view.items():
                if row[left]:
                    yield (kind, id_), (row["CustomerRef"]["value"], row[left])
        for id_ in self.books.journal_entries:
            record = self.books.find("JournalEntry", int(id_))
            assert record is not None
            for who, share in record.shares.items():
                if share < 0:
                    yield ("journal", f"{id_}:{who}"), (str(who), -share)


def told(ledger: Ledger) -> dict[str, object]:
    """The same of what was stored."""

    def amount(units: int, currency: str) -> Decimal:
        return Decimal(units).scaleb(-_DECIMALS[currency])

    return {
        "invoices": {
            it.id: (
                it.number,
                it.customer_id,
                it.currency,
                amount(it.total, it.currency),
                amount(it.owed, it.currency),
                it.due_on.isoformat() if it.due_on else None,
                ", ".join(it.bcc) or None,
                it.rate,
            )
            for it in ledger.invoices.values()
            if it.owed
        },
        "credits": {
            key: (it.customer_id, amount(it.remaining, it.currency))
            for key, it in ledger.credits.items()
            if it.remaining
        },
        "customers": {
            it.id: (it.name, it.parent_id, it.bills_parent, it.active, it.emails[0])
            for it in ledger.customers.values()
        },
    }


ACTS = ("bill", "memo", "money_in", "journal", "pay", "apply", "bounce", "end", "edit", "person", "merge")
numbers = st.integers(0, 1000)
acts = st.tuples(st.sampled_from([*ACTS, "bill", "pay", "wait", "wait"]), numbers, numbers)
# After each page the acts that happen before the next, and whether the pull is cut there.
cuts = st.lists(st.tuples(st.lists(acts, max_size=4), st.booleans()), max_size=12)


@pytest.fixture(scope="module")
def connect() -> Iterator[Callable[[World], Desk]]:
    """A service with pages of 7 rows, to which each history brings a company of its own."""
    first = sim.Company("1", "First", clock=Clock(NOON))
    simulator = sim.QuickBooksSimulator([first], clock=Clock(NOON), limits=sim.Limits.off())
    with pytest.MonkeyPatch.context() as patch, simulator.serve() as server:
        for module in (keyset, statements, decode):
            patch.setattr(module, "MOST_ROWS", 7)
        patch.setattr(cdc, "MOST_OBJECTS", 7)

        def joined(world: World) -> Desk:
            simulator.companies[world.books.realm] = world.books
            granted = simulator.grant(world.books.realm)
            pair = TokenPair(
                access=granted["access_token"],
                refresh=granted["refresh_token"],
                expires_at=NOON + timedelta(days=3000),
            )
            return Desk(world.books.realm, server.url, Clock(NOON), pair)

        yield joined


@settings(max_examples=HISTORIES, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans(), st.lists(acts, max_size=30), cuts)
def test_any_history_ends_as_the_company_stands(
    connect: Callable[[World], Desk],
    multicurrency: bool,
    past: list[tuple[str, int, int]],
    meanwhile: list[tuple[list[tuple[str, int, int]], bool]],
) -> None:
    world = World("77", multicurrency=multicurrency)
    for act in past:
        world.act(*act)
    world.books.advance(days=2)
    desk, ledger = connect(world), Ledger()
    pages = desk.source.pull(None)
    for happens, cut in meanwhile:
        page = next(pages, None)
        if page is not None:
            ledger.take(page)
        for act in happens:
            world.act(*act)
        desk.clock.now = world.books.now()
        if page is None or cut:
            pages = desk.connect().pull(ledger.cursor)
    for page in pages:
        ledger.take(page)
    # What a merge moved is seen when everything has been read once more.
    for _ in range(3):
        world.books.advance(seconds=900)
        desk.clock.now = world.books.now()
        ledger.pull(desk.connect())
    # A merged customer whose tombstone was cut off stays, with nothing on its account.
    ledger.customers = {id_: it for id_, it in ledger.customers.items() if id_ in world.books.customers}
    assert told(ledger) == world.truth()
    assert ledger.rejects == []
    aged = desk.source.aged_receivables(world.books.today())
    items = [item for balance in aged for item in balance.items]
    assert {item.id: item.amount for item in items if item.kind == "invoice"} == ledger.owed()
    assert {(item.kind, item.id): -item.amount for item in items if item.amount < 0} == ledger.left()
    assert {each.customer_id: each.amount for each in aged if each.amount} == {
        id_: int(row["Balance"].scaleb(_DECIMALS[row["CurrencyRef"]["value"]]))
        for id_, row in world.books.customers.items()
        if row["Balance"]
    }
    desk.http.close()
