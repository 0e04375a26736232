"""Exchange rates as the ledger keeps them: home currency for one unit of the document's. Pure.

Xero gives a document's CurrencyRate in one direction for all documents. That it is foreign units for one
unit of the base currency is how it is known to behave and not what its pages say in so many words, so a
connection may turn it round; both directions are never mixed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

Direction = Literal["foreign-per-base", "base-per-foreign"]

# Beyond these a rate is no rate: 10^12 units of one currency for one of another, 40 digits.
_MOST_PLACES, _LONGEST = 12, 40


def rate_of(rate: Decimal | None, direction: Direction) -> str:
    """The rate as a text, exact; empty for 1 (the base currency) and for what is no positive number."""
    if rate is None or not rate.is_finite() or rate <= 0 or rate == 1:
        return ""
    if abs(rate.adjusted()) > _MOST_PLACES or len(rate.as_tuple().digits) > _LONGEST:
        return ""
    text = format(rate, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"1/{text}" if direction == "foreign-per-base" else text
