"""Amounts as people write them, read exactly or not at all."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Literal

from arsync_csv.cells import Cell, NotUnderstood

Point = Literal[".", ","]
POINTS: tuple[Point, ...] = (".", ",")

_DOLLARS = frozenset("USD CAD AUD NZD SGD HKD TWD MXN CLP COP ARS BSD BBD BZD JMD TTD XCD FJD NAD".split())
_POUNDS = frozenset("GBP GIP FKP SHP EGP LBP SYP SDG SSP".split())
# What a mark beside an amount may stand for; three capital letters are a currency's own code.
_MARKS = {
    "€": frozenset({"EUR"}), "£": _POUNDS, "$": _DOLLARS, "US$": frozenset({"USD"}),
    "A$": frozenset({"AUD"}), "AU$": frozenset({"AUD"}), "C$": frozenset({"CAD"}),
    "CA$": frozenset({"CAD"}), "NZ$": frozenset({"NZD"}), "S$": frozenset({"SGD"}),
    "HK$": frozenset({"HKD"}), "R$": frozenset({"BRL"}), "¥": frozenset({"JPY", "CNY"}),
    "₹": frozenset({"INR"}), "₺": frozenset({"TRY"}), "₽": frozenset({"RUB"}), "₩": frozenset({"KRW"}),
    "₪": frozenset({"ILS"}), "₴": frozenset({"UAH"}), "zł": frozenset({"PLN"}), "Kč": frozenset({"CZK"}),
    "Ft": frozenset({"HUF"}), "lei": frozenset({"RON"}), "Fr.": frozenset({"CHF"}), "R": frozenset({"ZAR"}),
    "kr": frozenset({"SEK", "NOK", "DKK", "ISK"}), "kr.": frozenset({"DKK", "NOK", "SEK", "ISK"}),
}  # fmt: skip
_MARK = r"([^\W\d_]{1,3}\.|[^\d\s.,'’()+\-]{1,4})?"
_SIGN = r"([+\-])?"
_WRITTEN = re.compile(
    rf"{_SIGN} ?{_MARK} ?{_SIGN} ?((?:[.,]?[0-9])(?:[0-9.,'’ ]*[0-9])?) ?{_SIGN} ?{_MARK} ?{_SIGN}"
)
_MINUS = str.maketrans("\u2212\u2013\u2012", "---")


def amount(cell: Cell, point: Point, currency: str) -> Decimal:
    """The amount in a cell, as the currency's whole units with decimals.

    ``point`` is the sign before the decimals. Brackets and a minus on either side make it negative. A
    currency that stands beside the amount has to be the row's own. Raises NotUnderstood.
    """
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise NotUnderstood("a date stands where an amount should be")
    negative, figures, mark = _parted(cell)
    if mark and currency not in currencies_of(mark):
        raise NotUnderstood(f"the amount {cell.strip()[:40]!r} is not in {currency}, the currency of the row")
    value = number(figures, point)
    if value is None:
        raise NotUnderstood(f"{cell.strip()[:40]!r} is not an amount with {point!r} before its decimals")
    return -value if negative else value


def number(figures: str, point: Point) -> Decimal | None:
    """The number that figures with their marks make, None where they make none."""
    if not _figures(point).fullmatch(figures):
        return None
    return Decimal(re.sub(rf"[^0-9{re.escape(point)}]", "", figures).replace(point, "."))


def figures_of(text: str) -> str | None:
    """The figures of an amount without its sign and currency, None where it is no amount."""
    try:
        return _parted(text)[1]
    except NotUnderstood:
        return None


def mark_of(text: str) -> str | None:
    """The currency mark beside an amount, None where there is none."""
    try:
        return _parted(text)[2] or None
    except NotUnderstood:
        return None


def currencies_of(mark: str) -> frozenset[str]:
    """The currencies that a mark may stand for; none for one that is not known."""
    if re.fullmatch("[A-Z]{3}", mark):
        return frozenset({mark})
    return _MARKS.get(mark, frozenset())


def _parted(text: str) -> tuple[bool, str, str]:
    """Whether it is negative, its figures, and the mark beside them ("" for none)."""
    plain = " ".join(unicodedata.normalize("NFKC", text).translate(_MINUS).split())
    bracketed = plain.startswith("(") and plain.endswith(")")
    found = _WRITTEN.fullmatch(plain[1:-1].strip() if bracketed else plain)
    if not found:
        raise NotUnderstood(f"{text.strip()[:40]!r} is not an amount" if plain else "there is no amount")
    before, left, between, figures, behind, right, last = found.groups()
    signs = [sign for sign in (before, between, behind, last) if sign] + (["-"] if bracketed else [])
    if len(signs) > 1 or (left and right):
        raise NotUnderstood(f"{text.strip()[:40]!r} is not an amount")
    return signs == ["-"], figures, left or right or ""


@cache
def _figures(point: Point) -> re.Pattern[str]:
    """Groups of three with one and the same mark between them; for a decimal point also groups of two
    as in 12,34,567.00 (India)."""
    p, other = re.escape(point), re.escape("," if point == "." else ".")
    grouped = rf"[0-9]{{1,3}}([ '’{other}])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    indian = rf"[0-9]{{1,2}}(?:{other}[0-9]{{2}})+{other}[0-9]{{3}}"
    return re.compile(rf"(?:[0-9]+|{grouped}|{indian})(?:{p}[0-9]+)?|{p}[0-9]+")
