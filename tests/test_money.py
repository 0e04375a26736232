"""Exact money: digits by ISO 4217, round trips, and refusals in place of rounding."""

from __future__ import annotations

import decimal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync import money
from arsync.money import LARGEST, NotMoney, digits, minor, parse, plain, readable

CURRENCIES = st.sampled_from(["GBP", "USD", "EUR", "JPY", "KWD", "CLF", "HUF"])
UNITS = st.integers(-LARGEST, LARGEST)


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("GBP", 2), ("USD", 2), ("EUR", 2), ("CHF", 2),
        ("HUF", 2), ("COP", 2), ("IDR", 2),  # 2 by ISO 4217, though often shown without
        ("JPY", 0), ("KRW", 0), ("ISK", 0), ("CLP", 0), ("XOF", 0), ("VND", 0), ("UGX", 0),
        ("KWD", 3), ("BHD", 3), ("JOD", 3), ("TND", 3), ("IQD", 3), ("LYD", 3), ("OMR", 3),
        ("CLF", 4), ("UYW", 4), ("ZZZ", 2),
    ],
)  # fmt: skip
def test_digits(currency: str, expected: int) -> None:
    assert digits(currency) == expected


@pytest.mark.parametrize("currency", ["", "gbp", "GB", "GBPX", "G P", "1GB", "ＧＢＰ", "ÄBC"])
def test_what_is_no_currency_code_is_refused(currency: str) -> None:
    with pytest.raises(NotMoney, match="currency code"):
        digits(currency)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("25.00", "GBP", 2500),
        ("25", "GBP", 2500),
        ("25.0", "GBP", 2500),
        ("0.01", "GBP", 1),
        ("-0.01", "GBP", -1),
        ("-0.00", "GBP", 0),
        ("1.10", "USD", 110),  # 1.1 * 100 is 110.00000000000001 in binary
        ("1E+3", "EUR", 100_000),
        ("5.0000000000000000000000000000000000000000", "EUR", 500),
        ("120000", "JPY", 120_000),
        ("120000.00", "JPY", 120_000),
        ("1234.567", "KWD", 1_234_567),
        ("0.0001", "CLF", 1),
        ("10000000000000.00", "GBP", 10**15),
    ],
)
def test_minor_units(amount: str, currency: str, expected: int) -> None:
    assert minor(Decimal(amount), currency) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "why"),
    [
        ("0.001", "EUR", "more than 2 decimals"),
        ("1.005", "GBP", "more than 2 decimals"),
        ("0.5", "JPY", "more than 0 decimals"),
        ("1.2345", "KWD", "more than 3 decimals"),
        ("NaN", "GBP", "not an amount"),
        ("sNaN", "GBP", "not an amount"),
        ("Infinity", "GBP", "not an amount"),
        ("-Infinity", "GBP", "not an amount"),
        ("10000000000000.01", "GBP", "larger than any invoice"),
        ("-10000000000000.01", "GBP", "larger than any invoice"),
        ("1E+300", "GBP", "larger than any invoice"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(amount: str, currency: str, why: str) -> None:
    with pytest.raises(NotMoney, match=why):
        minor(Decimal(amount), currency)


@pytest.mark.parametrize(
    "amount",
    [
        "1.0000000000000000000000000000000001",  # 28 digits, the usual precision, would make it 1.00
        "0.9999999999999999999999999999999999",
        "1" + "0" * 200 + ".01",
        "1E-1000000",
        "1E-99999999",
        "1E+999999",
        "1E+99999999999",
    ],
)
def test_no_number_is_too_long_to_be_refused(amount: str) -> None:
    with pytest.raises(NotMoney):
        minor(Decimal(amount), "EUR")


def test_the_callers_own_precision_changes_nothing() -> None:
    with decimal.localcontext() as context:
        context.prec = 3
        assert minor(Decimal("12345.67"), "GBP") == 1_234_567
        assert plain(1_234_567, "GBP") == "12345.67"


@pytest.mark.parametrize("text", ["", "abc", "1,000.00", "£5", "1.2.3", "--1"])
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotMoney, match="not an amount"):
        parse(text, "GBP")


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(NotMoney) as refused:
        parse("x" * 10_000, "GBP")
    assert len(str(refused.value)) < 120


@pytest.mark.parametrize(
    ("units", "currency", "expected"),
    [
        (0, "GBP", "0.00"),
        (1, "GBP", "0.01"),
        (-1, "GBP", "-0.01"),
        (123_450, "GBP", "1234.50"),
        (0, "JPY", "0"),
        (-3, "JPY", "-3"),
        (250, "KWD", "0.250"),
        (1, "CLF", "0.0001"),
        (10**15, "GBP", "10000000000000.00"),
        (10**15, "JPY", "1000000000000000"),
    ],
)
def test_plain_has_the_currencys_own_decimals(units: int, currency: str, expected: str) -> None:
    assert plain(units, currency) == expected


@given(UNITS, CURRENCIES)
def test_plain_text_and_back(units: int, currency: str) -> None:
    text = plain(units, currency)
    assert parse(text, currency) == units
    assert len(text.partition(".")[2]) == digits(currency)
    assert "E" not in text


@given(UNITS, CURRENCIES)
def test_decimal_and_back(units: int, currency: str) -> None:
    assert minor(money.decimal(units, currency), currency) == units


@given(st.integers(10**27, 10**40), CURRENCIES)
def test_sums_beyond_any_invoice_are_written_in_full(units: int, currency: str) -> None:
    assert int(plain(units, currency).replace(".", "")) == units


@given(st.decimals(allow_nan=True, allow_infinity=True), CURRENCIES)
def test_minor_is_exact_or_refuses(amount: Decimal, currency: str) -> None:
    try:
        units = minor(amount, currency)
    except NotMoney:
        return
    assert Decimal(units) == amount * 10 ** digits(currency)


@pytest.mark.parametrize(
    ("units", "currency", "locale", "expected"),
    [
        (123_450, "GBP", "en", "£1,234.50"),
        (120_000, "JPY", "en", "¥120,000"),
        (1_234_567, "KWD", "en", "KWD1,234.567"),
        (123_450, "HUF", "en", "HUF1,234.50"),  # CLDR would hide the half forint
        (123_450, "EUR", "de", "1.234,50\xa0€"),
        (-123_450, "GBP", "en", "-£1,234.50"),
    ],
)
def test_readable_follows_the_locale_and_hides_no_digit(
    units: int, currency: str, locale: str, expected: str
) -> None:
    found = readable(units, currency, locale)
    assert found.replace("\xa0", "") == expected.replace(
        "\xa0", ""
    )  # a space more or less is the locale data's
