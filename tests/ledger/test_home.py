"""The home currency: both vendors' directions, exact until the one rounding of a book."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.ledger import Credit, Invoice
from arsync.ledger.home import half_up, home_balance, rounded_parts, worth

DAY = date(2027, 3, 10)


def invoice(
    open_: int, currency: str = "USD", rate: str = "", due: date | None = DAY, **more: Any
) -> Invoice:
    values = {"id": "i", "number": "1", "customer_id": "c", "currency": currency, "total": 10**9}
    return Invoice(**{**values, "open": open_, "rate": rate, "due_on": due, **more})


@pytest.mark.parametrize(
    ("rate", "currency", "home", "of_a_minor_unit"),
    [
        ("", "GBP", "GBP", Fraction(1)),
        ("1.25", "EUR", "USD", Fraction(5, 4)),  # QuickBooks: dollars for a euro
        ("1/0.8", "EUR", "USD", Fraction(5, 4)),  # Xero: euros for a dollar
        ("1/3", "EUR", "USD", Fraction(1, 3)),  # no end as a decimal, exact all the same
        ("0.0067", "JPY", "USD", Fraction(67, 100)),  # a yen has no decimals: 0.67 cents
        ("3.25", "KWD", "USD", Fraction(325, 1000)),  # a fils is a thousandth
        ("150", "USD", "JPY", Fraction(3, 2)),
        ("", "EUR", "USD", None),
        ("0", "EUR", "USD", None),
        ("1/0", "EUR", "USD", None),
        ("-2", "EUR", "USD", None),
        ("nonsense", "EUR", "USD", None),
    ],
)
def test_what_one_minor_unit_is_worth(
    rate: str, currency: str, home: str, of_a_minor_unit: Fraction | None
) -> None:
    assert worth(rate, currency, home) == of_a_minor_unit


def test_the_two_directions_are_not_mixed_up() -> None:
    """ERPNext's case: 100 USD at 80 are 8,000 rupees; read the other way round they would be 1.25."""
    assert home_balance([invoice(10000, "USD", "80")], [], "INR", DAY).balance.open == 800000
    assert home_balance([invoice(10000, "USD", "1/80")], [], "INR", DAY).balance.open == 125


def test_a_book_is_rounded_once() -> None:
    """Three debts of a third of a cent each are one cent; rounded one by one they would be none."""
    thirds = [invoice(1, "EUR", "1/3") for _ in range(3)]
    assert home_balance(thirds, [], "USD", DAY).balance.open == 1


def test_halves_are_rounded_up_and_away_from_zero() -> None:
    assert [half_up(Fraction(n, 2)) for n in (1, 3, -1, -3)] == [1, 2, -1, -2]


def test_buckets_hold_what_is_of_their_age() -> None:
    owed = [
        invoice(10000, "EUR", "1.1"),
        invoice(20000, "EUR", "1/0.5", date(2027, 3, 1)),
        invoice(500, "USD", "", date(2026, 1, 1)),
    ]
    credit = Credit(id="n", kind="payment", customer_id="c", currency="EUR", remaining=1000, rate="1.1")
    found = home_balance(owed, [credit], "USD", DAY)
    assert found.balance.buckets == (11000, 40000, 0, 0, 500)
    assert (found.balance.unapplied, found.balance.net) == (1100, 50400)
    assert found.unrated == {}


def test_what_has_no_rate_is_counted_and_left_out() -> None:
    found = home_balance([invoice(100, "EUR"), invoice(100, "EUR"), invoice(7)], [], "USD", DAY)
    assert (found.balance.open, found.unrated) == (7, {"EUR": 2})


def test_what_is_not_owed_is_not_in_it() -> None:
    assert home_balance([invoice(100, status="voided")], [], "USD", DAY).balance.open == 0


@given(st.lists(st.fractions(0, 10**6), min_size=1, max_size=6))
def test_rounded_parts_sum_to_the_rounded_sum(parts: list[Fraction]) -> None:
    rounded = rounded_parts(parts)
    assert sum(rounded) == half_up(sum(parts, Fraction(0)))
    assert all(abs(whole - part) < 1 for whole, part in zip(rounded, parts, strict=True))
