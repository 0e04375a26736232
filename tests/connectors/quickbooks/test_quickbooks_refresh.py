"""The state right now, before a message leaves."""

from __future__ import annotations

import re
from datetime import date

import pytest
from quickbooks_desk import NOON, TODAY, Clock, Serving

from arsync.errors import Refused, TryLater
from arsync_quickbooks import simulator as sim


@pytest.fixture
def shop(books: sim.Company) -> sim.Company:
    fern = books.add_customer("Fern Kitchens")
    other = books.add_customer("Other Ltd", active=False)
    for number in range(3):
        books.add_invoice(fern, "100.00", date(2026, 1, 5), None, str(number))
    books.add_invoice(other, "9.00", date(2026, 1, 5), None)
    books.add_credit_memo(fern, "30.00", date(2026, 1, 20))
    books.add_payment(fern, "55.50", date(2029, 1, 21))
    books.add_journal(fern, "-12.00", date(2026, 1, 22))
    books.add_payment(other, "1.00", date(2026, 1, 21))
    return books


def test_what_is_asked_for_as_it_is_now(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    shop.pay("0")
    shop.void("1")
    shop.delete("2")
    deleted = "103"
    found = desk.source.refresh(["101", "102", deleted, "101"], ["1"])
    assert {i.id: (i.open, i.status) for i in found.invoices} == {
        "101": (0, "in-force"),
        "102": (0, "voided"),
    }
    assert [c.id for c in found.customers] == ["1"]
    assert sorted((c.kind, c.remaining) for c in found.credits) == [
        ("credit-note", 3000),
        ("journal", 1200),
        ("payment", 5550),
    ]
    assert found.rejects == []
    assert found.read_at == NOON
    assert simulator.counts == {"query": 2, "report": 1}


def test_an_inactive_customer_is_read_too(shop: sim.Company, serving: Serving) -> None:
    _, desk = serving(shop)
    found = desk.source.refresh([], ["2"])
    assert [(c.name, c.active) for c in found.customers] == [("Other Ltd", False)]
    assert [c.remaining for c in found.credits] == [100]


def test_nothing_asked_is_nothing_called(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    found = desk.source.refresh([], [])
    assert (found.invoices, found.customers, found.credits) == ([], [], [])
    assert simulator.calls == []


def test_many_ids_are_asked_in_addresses_that_stay_short(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    ids = [str(n) for n in range(1, 451)]
    found = desk.source.refresh(ids, ids[:170])
    assert {i.id for i in found.invoices} == set(shop.invoices)
    assert simulator.counts == {"query": 4, "report": 3}
    assert sum(c.remaining for c in found.credits) == 3000 + 5550 + 1200 + 100


def test_a_value_cannot_leave_its_quotes(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    with pytest.raises(Refused):
        desk.source.refresh(["x\\') AND Balance > ('0"], [])
    (call,) = simulator.calls
    assert re.search(r"Id IN \('x\\\\\\'\) AND Balance > \(\\'0'\)", call.statement)


def test_foreign_customers_credits_are_not_converted(serving: Serving) -> None:
    books = sim.Company("77", "Acme GB", "GB", "GBP", multicurrency=True, clock=Clock(NOON))
    books.set_rate("EUR", "0.85")
    fleur = books.add_customer("Fleur", currency="EUR")
    books.add_payment(fleur, "10.01", TODAY)
    _, desk = serving(books)
    assert [(c.currency, c.remaining) for c in desk.source.refresh([], [fleur]).credits] == [("EUR", 1001)]


def test_credits_that_cannot_be_seen_are_an_error(
    shop: sim.Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arsync_quickbooks.simulator import reports

    monkeypatch.setitem(reports._TITLES, "subt_open_bal", "Offener Betrag")
    monkeypatch.setattr(reports, "_keys", lambda company, asked: ["tx_date", "txn_type", "cust_name"])
    simulator, desk = serving(shop)
    with pytest.raises(Refused, match="report cannot be read"):
        desk.source.refresh([], ["1"])
    assert simulator.counts["report"] == 2


def test_a_service_that_is_down_is_an_error(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    simulator.faults.add("503-html", "reports", times=None)
    with pytest.raises(TryLater):
        desk.source.refresh(["101"], ["1"])
