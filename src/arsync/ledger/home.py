"""The home currency: what foreign amounts are worth by the rates of their own documents. Pure.

The accounting systems tell a rate in opposite directions: QuickBooks the home currency for one
foreign unit ("1.25"), Xero the foreign units for one of the home currency ("1/0.8"). Both are kept
as they were told and are exact fractions here; nothing is rounded before a book's sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache

import msgspec

from arsync.ledger.aging import BUCKETS, AgingRow, bucket, days_overdue
from arsync.ledger.records import Credit, Invoice
from arsync.money import digits


class HomeBalance(msgspec.Struct, frozen=True):
    """A book's balance converted to its home currency. ``unrated`` counts the documents that are not
    in it, by currency, because the accounting system tells no rate for them."""

    balance: AgingRow
    unrated: dict[str, int]


@lru_cache(maxsize=4096)
def worth(rate: str, currency: str, home: str) -> Fraction | None:
    """Minor units of the home currency for one minor unit of another, exact; None without a
    rate that can be one."""
    if currency == home:
        return Fraction(1)
    if not rate:
        return None
    try:
        per_unit = 1 / Fraction(rate.removeprefix("1/")) if rate.startswith("1/") else Fraction(rate)
    except (ValueError, ZeroDivisionError):
        return None
    if per_unit <= 0:
        return None
    return per_unit * Fraction(int(10 ** digits(home)), int(10 ** digits(currency)))


def home_balance(
    invoices: Iterable[Invoice], credits_: Iterable[Credit], home: str, today: date
) -> HomeBalance:
    """The aged receivables of a whole book in its home currency, rounded once, halves up.

    The buckets are rounded so that they still sum to the rounded total.
    """
    buckets = [Fraction(0)] * len(BUCKETS)
    unapplied = Fraction(0)
    unrated: dict[str, int] = {}
    for invoice in invoices:
        if invoice.owed > 0:
            one = worth(invoice.rate, invoice.currency, home)
            if one is None:
                unrated[invoice.currency] = unrated.get(invoice.currency, 0) + 1
            else:
                at = BUCKETS.index(bucket(days_overdue(invoice.due_on, today)))
                buckets[at] += invoice.owed * one
    for credit in credits_:
        if credit.remaining:
            one = worth(credit.rate, credit.currency, home)
            if one is None:
                unrated[credit.currency] = unrated.get(credit.currency, 0) + 1
            else:
                unapplied += credit.remaining * one
    whole = rounded_parts(buckets)
    return HomeBalance(AgingRow("", home, whole, half_up(unapplied)), unrated)  # type: ignore[arg-type]


def half_up(amount: Fraction) -> int:
    """To the nearest whole unit, halves away from zero."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def rounded_parts(parts: Sequence[Fraction]) -> tuple[int, ...]:
    """Parts rounded so that their sum is the rounded sum: those with the largest remainder go up."""
    floors = [part.numerator // part.denominator for part in parts]
    missing = half_up(sum(parts, Fraction(0))) - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in by_remainder[:missing]:
        floors[i] += 1
    return tuple(floors)
