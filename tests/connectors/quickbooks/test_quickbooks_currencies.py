"""Amounts of every number of decimals, and rates as the vendor's own text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from quickbooks_desk import NOON, TODAY, Clock, Ledger, Serving
from test_quickbooks_mapping import INVOICE, mapped, page

from arsync_quickbooks import decode, mapping
from arsync_quickbooks import simulator as sim

JANUARY = date(2026, 1, 5)


def exchanged(text: str, *, currency: str = "EUR", home: str | None = "USD") -> str:
    """The rate that an invoice gets whose ExchangeRate is this JSON."""
    row = INVOICE | {"CurrencyRef": {"value": currency}, "ExchangeRate": "RATE"}
    body = page("Invoice", row).replace(b'"RATE"', text.encode())
    (found,) = mapping.records(decode.query(body, "Invoice")[0], home).invoices
    return found.rate


@pytest.mark.parametrize(
    "text", ["1.25", "1.2500", "0.0000654", "1", "110", "0.851234567890123456", "1.2300000000000000001"]
)
def test_a_rate_is_the_vendors_own_text(text: str) -> None:
    assert exchanged(text) == exchanged(f'"{text}"') == text


def test_a_rate_in_powers_of_ten_is_written_out() -> None:
    assert exchanged("6.54E-7") == "0.000000654"
    assert exchanged("1.5E+2") == "150"


@pytest.mark.parametrize(
    "text",
    [
        *("null", "true", "{}", "[1.25]", '""', '"NaN"', '"Infinity"', '"1,25"', '" 1.25"', '"1_0"'),
        *("0", "0.000", "-1.25", "1e999999999", "1e-999999999", "1." + "1" * 60, "9" * 200),
    ],
)
def test_what_is_no_rate_is_left_out_and_costs_no_invoice(text: str) -> None:
    assert exchanged(text) == ""


def test_there_is_no_rate_in_the_home_currency_or_while_that_is_not_known() -> None:
    assert exchanged("1.25", currency="USD") == ""
    assert exchanged("1.25", home=None) == ""
    assert mapped("Invoice", INVOICE, home="EUR").invoices[0].rate == ""


def test_credits_have_rates_too() -> None:
    row: dict[str, Any] = {
        "Id": "3",
        "CustomerRef": {"value": "1"},
        "CurrencyRef": {"value": "EUR"},
        "ExchangeRate": 0.85,
        "TxnDate": "2026-02-01",
        "TotalAmt": 70,
        "UnappliedAmt": 70,
        "RemainingCredit": 70,
    }
    for entity in ("CreditMemo", "Payment"):
        assert [credit.rate for credit in mapped(entity, row, home="GBP").credits] == ["0.85"]


def company() -> sim.Company:
    """Owed 12,000 yen, 1.255 dinars, 100.00 euros and 8.00 pounds, a credit of each but pounds."""
    books = sim.Company("77", "Acme GB", "GB", "GBP", multicurrency=True, clock=Clock(NOON))
    for code, rate, amount, credit in (
        ("JPY", "0.0052", "12000", "200"),
        ("KWD", "2.55", "1.255", "0.005"),
        ("EUR", "0.85", "100.00", "10.01"),
        ("GBP", "1", "8.00", None),
    ):
        books.set_rate(code, rate)
        who = books.add_customer(code, currency=code)
        books.add_invoice(who, amount, JANUARY, None)
        if credit is not None:
            books.add_credit_memo(who, credit, JANUARY)
            books.add_payment(who, credit, JANUARY)
            books.add_journal(who, f"-{credit}", JANUARY)
    books.advance(days=1)
    return books


def test_no_decimals_two_and_three(serving: Serving, ledger: Ledger) -> None:
    _, desk = serving(company())
    ledger.pull(desk.source)
    assert {i.currency: (i.total, i.open, i.rate) for i in ledger.invoices.values()} == {
        "JPY": (12000, 12000, "0.0052"),
        "KWD": (1255, 1255, "2.55"),
        "EUR": (10000, 10000, "0.85"),
        "GBP": (800, 800, ""),
    }
    left = sorted((c.currency, c.kind, c.remaining, c.rate) for c in ledger.credits.values())
    assert left == [  # the report tells no rate
        (code, kind, units, rate if kind == "credit-note" else "")
        for code, units, rate in (("EUR", 1001, "0.85"), ("JPY", 200, "0.0052"), ("KWD", 5, "2.55"))
        for kind in ("credit-note", "journal", "payment")
    ]


def test_the_home_currency_is_asked_for_once_and_known_from_then_on(serving: Serving, ledger: Ledger) -> None:
    books = company()
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    assert simulator.counts == {"query": 4, "settings": 1, "report": 1, "cdc": 1}
    books.advance(days=1)
    books.pay(next(iter(books.invoices)), "2000")
    before = len(simulator.calls)
    ledger.pull(desk.connect())
    assert len(simulator.calls) - before == 1
    assert sorted(i.rate for i in ledger.invoices.values()) == ["", "0.0052", "0.85", "2.55"]


def test_a_company_of_one_currency_is_not_asked_for_it(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    books.add_invoice(books.add_customer("Fern"), "100.00", JANUARY, None)
    books.advance(days=1)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    assert simulator.counts["settings"] == 0
    assert [i.rate for i in ledger.invoices.values()] == [""]


def test_a_company_owed_in_one_foreign_currency_alone_reads_its_report_once(
    serving: Serving, ledger: Ledger
) -> None:
    books = sim.Company("77", "Acme GB", "GB", "GBP", multicurrency=True, clock=Clock(NOON))
    who = books.add_customer("Fleur", currency="EUR")
    books.add_invoice(who, "100.00", JANUARY, None, rate="0.85")
    books.add_payment(who, "10.01", TODAY)
    books.advance(days=1)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    assert ledger.left() == {("payment", "102"): 1001}
    assert simulator.counts["report"] == 1
