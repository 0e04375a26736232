"""What a foreign document is worth: one direction for the whole book, and never both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xero_book import NOW, Shelf, Town, settings_of

from arsync.errors import FixSettings
from arsync.ledger.home import worth
from arsync_xero import options
from arsync_xero.rates import rate_of

TODAY = NOW.date()
Build = Callable[..., Town]


@pytest.mark.parametrize(
    ("told", "per_base", "per_foreign"),
    [
        ("0.8", "1/0.8", "0.8"),
        ("1.170000", "1/1.17", "1.17"),
        ("150", "1/150", "150"),
        ("1E+2", "1/100", "100"),
        ("0.0000062", "1/0.0000062", "0.0000062"),
        ("1", "", ""),  # the base currency
        ("1.000000", "", ""),
        (None, "", ""),
        ("0", "", ""),
        ("-1.25", "", ""),
        ("NaN", "", ""),
        ("sNaN", "", ""),
        ("Infinity", "", ""),
        ("1E+999999", "", ""),
        ("1E-999999", "", ""),
    ],
)
def test_a_rate_is_kept_as_it_was_told(told: str | None, per_base: str, per_foreign: str) -> None:
    rate = None if told is None else Decimal(told)
    assert rate_of(rate, "foreign-per-base") == per_base
    assert rate_of(rate, "base-per-foreign") == per_foreign


@given(st.decimals(min_value="0.000001", max_value="1000000", places=6))
def test_a_rate_loses_nothing_on_its_way(rate: Decimal) -> None:
    text = rate_of(rate, "foreign-per-base")
    assert worth(text, "USD", "GBP") == (None if rate == 1 else 1 / Fraction(rate))
    text = rate_of(rate, "base-per-foreign")
    assert worth(text, "USD", "GBP") == (None if rate == 1 else Fraction(rate))


@pytest.mark.parametrize(
    ("more", "invoice", "credit"),
    [
        ({}, "1/1.25", "1/0.5"),
        ({"currency_rate": "foreign-per-base"}, "1/1.25", "1/0.5"),
        ({"currency_rate": "base-per-foreign"}, "1.25", "0.5"),
    ],
)
def test_the_connection_says_which_direction_it_is(
    town: Build, more: dict[str, str], invoice: str, credit: str
) -> None:
    built = town(**more)
    company = built.company
    who = company.add_contact("Quai du Pain")
    company.add_invoice(who, "50.00", date(2026, 1, 5), currency="EUR", rate="1.25")
    company.add_invoice(who, "20.00", date(2026, 1, 5))
    company.add_credit_note(who, "4.00", currency="EUR", rate="0.5")
    company.add_overpayment(who, "5.00", currency="EUR", rate="0.5")
    company.add_prepayment(who, "6.00", currency="EUR", rate="0.5")
    company.add_prepayment(who, "7.00")
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    assert {(each.currency, each.rate) for each in shelf.invoices.values()} == {("EUR", invoice), ("GBP", "")}
    assert {(each.currency, each.rate) for each in shelf.credits.values()} == {("EUR", credit), ("GBP", "")}
    snapshot = built.source.refresh(list(shelf.invoices), [who])
    assert {each.id: each.rate for each in snapshot.invoices} == {
        each.id: each.rate for each in shelf.invoices.values()
    }
    assert {each.id: each.rate for each in snapshot.credits} == {
        each.id: each.rate for each in shelf.credits.values()
    }


def test_another_direction_is_a_mistake() -> None:
    table = {"tenant": "0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11", "client_id": "env:ID"}
    with pytest.raises(FixSettings, match="currency_rate"):
        options.read(settings_of({**table, "currency_rate": "both"}))
