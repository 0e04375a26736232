"""Currencies and exact amounts."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

ZERO = Decimal(0)

_WHOLE = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THOUSANDTHS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_NAMES = {
    "AUD": "Australian Dollar",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "JPY": "Japanese Yen",
    "KWD": "Kuwaiti Dinar",
    "NZD": "New Zealand Dollar",
    "USD": "United States Dollar",
}


def decimals(currency: str) -> int:
    """How many decimals the currency has (ISO 4217)."""
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2


def currency_ref(currency: str) -> dict[str, str]:
    """The currency as a reference with its English name."""
    return {"value": currency, "name": _NAMES.get(currency, currency)}


def exact(value: object, currency: str) -> Decimal:
    """The amount with no more decimals than its currency has; ``ValueError`` otherwise.

    A float is refused: it has lost the amount already.
    """
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise ValueError(f"an amount is text, an integer or a Decimal, not {value!r}")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"not an amount: {value!r}") from None
    if not amount.is_finite() or amount != round(amount, decimals(currency)):
        raise ValueError(f"not an amount in {currency}: {value!r}")
    return amount


def at_rate(amount: Decimal, rate: Decimal, home: str) -> Decimal:
    """The amount in the home currency."""
    return (amount * rate).quantize(Decimal(1).scaleb(-decimals(home)))


def printed(amount: Decimal, currency: str) -> str:
    """An amount in a report: always with the currency's decimals."""
    return format(amount.quantize(Decimal(1).scaleb(-decimals(currency))), "f")
