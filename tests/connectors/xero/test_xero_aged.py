"""What each contact owes by Xero's own figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import responses
from xero_book import NOW, Desk, Town

from arsync.connector import Receivables
from arsync.errors import TryLater
from arsync.ledger import AgedBalance, AgedItem
from arsync_xero.simulator import Company, SandboxClock

TODAY = NOW.date()
Build = Callable[..., Town]
API = "https://api.xero.com/api.xro/2.0"


def balances(built: Town) -> dict[str, AgedBalance]:
    """By the names of the contacts."""
    names = {id_: each.name for id_, each in built.company.contacts.items()}
    found = built.source.aged_receivables(TODAY)
    assert len({each.customer_id for each in found}) == len(found)
    return {names[each.customer_id]: each for each in found}


def furnished(town: Build) -> Town:
    """In GBP: Brook owes 150.00 less a credit note of 20.00 and has 7.00 prepaid; Castle owes 100.00 EUR
    at 1.25 and has overpaid 10.00 EUR at 0.8; Dale has 3.00 prepaid alone; Elm is archived and owes 5.00."""
    built = town()
    company = built.company
    brook, castle, dale, elm, fern = (
        company.add_contact(name) for name in ("Brook", "Castle", "Dale", "Elm", "Fern")
    )
    company.add_invoice(brook, "200.00", date(2026, 1, 5), date(2026, 2, 4), number="INV-1")
    company.part_pay("INV-1", "50.00")
    company.add_credit_note(brook, "20.00")
    company.add_prepayment(brook, "7.00", reference="R 1")
    company.add_invoice(castle, "100.00", date(2026, 1, 5), currency="EUR", rate="1.25")
    company.add_overpayment(castle, "10.00", currency="EUR", rate="0.8")
    company.add_prepayment(dale, "3.00")
    company.add_invoice(elm, "5.00", date(2026, 1, 5))
    company.archive(elm)
    company.add_invoice(fern, "9.00", date(2026, 1, 5), number="INV-9")
    company.pay("INV-9")
    company.add_bill(fern, "31.00", TODAY)
    company.add_overpayment(fern, "4.00", type="SPEND-OVERPAYMENT")
    return built


@pytest.mark.parametrize("less", [True, False])
def test_balances_and_what_is_apart_of_them(town: Build, less: bool) -> None:
    built = furnished(town)
    built.company.balances_less_prepaid = less
    found = balances(built)
    assert {name: (each.amount, each.apart) for name, each in found.items()} == {
        "Brook": (13000 - 700 * less, 700),
        "Castle": (8000 - 1250 * less, 1250),
        "Dale": (-300 * less, 300),
        "Elm": (500, 0),
    }
    assert {(each.home, each.currency) for each in found.values()} == {(True, "GBP")}
    [prepaid] = found["Brook"].items
    ids = {each.reference: each.id for each in built.company.credits.values()}
    assert prepaid == AgedItem(kind="prepayment", id=ids["R 1"], amount=-700, number="R 1")
    [overpaid] = found["Castle"].items
    assert (overpaid.kind, overpaid.amount) == ("overpayment", -1250)


def test_the_base_currency_is_asked_for_once(town: Build) -> None:
    built = furnished(town)
    source = built.source
    assert isinstance(source, Receivables)
    built.simulator.calls.clear()
    source.aged_receivables(TODAY)
    source.aged_receivables(TODAY)
    assert built.simulator.calls.by_endpoint == {
        "GET Organisation": 1,
        "GET Contacts": 2,
        "GET Overpayments": 2,
        "GET Prepayments": 2,
    }


def test_after_a_check_it_is_known(town: Build) -> None:
    built = furnished(town)
    built.source.check()
    built.simulator.calls.clear()
    built.source.aged_receivables(TODAY)
    assert built.simulator.calls.to("GET Organisation") == []


def test_the_direction_of_rates_is_that_of_the_connection(town: Build) -> None:
    built = town(currency_rate="base-per-foreign")
    who = built.company.add_contact("Castle")
    built.company.add_overpayment(who, "10.00", currency="EUR", rate="0.8")
    assert balances(built)["Castle"].apart == 800


@pytest.mark.parametrize(("base", "amount"), [("JPY", 1234), ("KWD", 1234_500)])
def test_currencies_without_and_with_three_decimals(town: Build, base: str, amount: int) -> None:
    clock = SandboxClock(lambda: NOW)
    company = Company("0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11", "Far Ltd", currency=base, clock=clock)
    who = company.add_contact("Castle")
    company.add_invoice(who, "1234.00" if base == "JPY" else "1234.50", TODAY)
    company.add_prepayment(who, "30.00", currency="USD", rate="0.75")
    company.balances_less_prepaid = False
    found = balances(town(company))["Castle"]
    assert (found.amount, found.apart) == (amount, 40 if base == "JPY" else 40_000)


def test_all_pages_of_contacts_are_read(town: Build) -> None:
    built = town()
    for number in range(2001):
        built.company.add_invoice(built.company.add_contact(f"Customer {number}"), "1.00", TODAY)
    built.simulator.calls.clear()
    found = built.source.aged_receivables(TODAY)
    assert sum(each.amount for each in found) == 200_100
    assert len(built.simulator.calls.to("GET Contacts")) == 3


ORGANISATION = {"Organisations": [{"Name": "Hartley", "BaseCurrency": "GBP"}]}


def contact(id_: str, outstanding: Any) -> dict[str, Any]:
    return {"ContactID": id_, "Balances": {"AccountsReceivable": {"Outstanding": outstanding}}}


def told(name: str, *rows: Any, page: int = 1, size: int = 1000, items: int | None = None) -> dict[str, Any]:
    items = len(rows) if items is None else items
    pagination = {"page": page, "pageSize": size, "pageCount": -(-items // size), "itemCount": items}
    return {"Status": "OK", "pagination": pagination, name: list(rows)}


def serve(mock: responses.RequestsMock, *contacts: dict[str, Any], overpaid: Any = ()) -> None:
    mock.get(f"{API}/Organisation", json=ORGANISATION)
    for answer in contacts:
        mock.get(f"{API}/Contacts", json=answer)
    mock.get(f"{API}/Overpayments", json=told("Overpayments", *overpaid))
    mock.get(f"{API}/Prepayments", json=told("Prepayments"))


@responses.activate
def test_what_is_no_balance_is_left_out(wire: Desk) -> None:
    rows = [
        contact("a", 10.005),  # a converted sum may have more decimals
        contact("b", 0),
        {"ContactID": "c"},
        {"ContactID": "d", "Balances": {"AccountsReceivable": None}},
        contact("e", None),
        contact("f", "1e999999"),
        contact("g", "many"),
        contact("h", -3.5),
    ]
    serve(responses.mock, told("Contacts", *rows))
    found = wire.source.aged_receivables(TODAY)
    assert {each.customer_id: each.amount for each in found} == {"a": 1001, "h": -350}
    [asked] = [call.request.params for call in responses.calls if "/Contacts" in call.request.url]
    assert asked["includeArchived"] == "true"
    assert "summaryOnly" not in asked


@responses.activate
def test_a_foreign_credit_without_its_rate_does_not_count(wire: Desk) -> None:
    row = {
        "OverpaymentID": "o-1",
        "Type": "RECEIVE-OVERPAYMENT",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": "a"},
        "CurrencyCode": "EUR",
        "RemainingCredit": 10,
    }
    serve(responses.mock, told("Contacts", contact("a", 5)), overpaid=[row])
    [found] = wire.source.aged_receivables(TODAY)
    assert (found.amount, found.apart, found.items) == (500, 0, ())


@responses.activate
def test_pages_that_lie_are_no_balances(wire: Desk) -> None:
    first = told("Contacts", contact("a", 5), size=1, items=2)
    serve(responses.mock, first, first)
    with pytest.raises(TryLater):
        wire.source.aged_receivables(TODAY)


@responses.activate
def test_an_empty_page_is_not_followed_by_others(wire: Desk) -> None:
    pagination = {"page": 1, "pageSize": 1000, "pageCount": 5, "itemCount": 0}
    serve(responses.mock, {"Status": "OK", "pagination": pagination, "Contacts": []})
    with pytest.raises(TryLater, match="empty"):
        wire.source.aged_receivables(TODAY)


@responses.activate
def test_pages_without_numbers_are_read_until_an_empty_one(wire: Desk) -> None:
    for rows in ([contact("a", 5)], [contact("b", 6)], []):
        responses.get(f"{API}/Contacts", json={"Status": "OK", "Contacts": rows})
    serve(responses.mock)
    assert sum(each.amount for each in wire.source.aged_receivables(TODAY)) == 1100


@responses.activate
def test_a_page_that_comes_twice_is_noticed(wire: Desk) -> None:
    serve(
        responses.mock,
        told("Contacts", contact("a", 5), size=1, items=3),
        told("Contacts", contact("a", 5), page=2, size=1, items=3),
    )
    with pytest.raises(TryLater, match="twice"):
        wire.source.aged_receivables(TODAY)


@responses.activate
def test_without_the_base_currency_there_is_nothing_to_tell(wire: Desk) -> None:
    responses.get(f"{API}/Organisation", json={"Organisations": [{"Name": "Hartley"}]})
    with pytest.raises(TryLater, match="currency"):
        wire.source.aged_receivables(TODAY)
