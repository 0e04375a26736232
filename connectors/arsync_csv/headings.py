"""Which column is which: where the headings of a list stand, and what each may mean."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from functools import cache

from arsync_csv.cells import Cell, text_of
from arsync_csv.words import plain, words

# What a row can tell, in words for people.
FIELDS = {
    "number": "the invoice's number",
    "id": "what your system knows the invoice by, where that is not its number",
    "customer": "the customer's name",
    "customer_id": "the customer's number in your system",
    "email": "where letters go; several addresses may stand in one cell",
    "cc": "who gets a copy",
    "issued": "the day of the invoice",
    "due": "the day it is to be paid by",
    "open": "what is left to pay; below zero it is a credit",
    "total": "what the invoice was made out over",
    "paid": "what was paid of it; needed where nothing tells what is left",
    "currency": "its currency, a code such as EUR",
    "status": "whether it is open, paid, a draft or void",
    "promised": "the day on which the customer promised to pay",
    "country": "the customer's country, as a code or a name",
    "region": "the state, region or province, as a code or a name",
    "group": "what kind of customer it is; several are separated by semicolons",
}

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_DEEPEST = 40  # how many rows may stand above the headings: a report's title, its date, its filters
_SECOND_BEST = 100


def heading_row(rows: Sequence[Sequence[Cell]], wanted: Container[str]) -> tuple[int, int]:
    """Where the headings stand: the position of the row with the most wanted ones, and how many they
    are. Where there is none, the first row that could be one."""
    best, most = 0, 0
    likely: int | None = None
    for index, cells in enumerate(rows[:_DEEPEST]):
        names = {plain(text_of(cell)) for cell in cells if text_of(cell)}
        if likely is None and len(names) > 1:
            likely = index
        found = sum(1 for name in names if name in wanted)
        if found > most:
            best, most = index, found
    return (best, most) if most else (likely or 0, 0)


@cache
def known_headings() -> frozenset[str]:
    """Every heading that is known, in any language."""
    return frozenset(
        name for languages in words().headings.values() for names in languages.values() for name in names
    )


def candidates(headings: Sequence[str]) -> dict[str, list[str]]:
    """The headings that may be meant by each field, the likeliest first. One heading may be a
    candidate for several fields."""
    return {field: _ranked(field, headings) for field in FIELDS}


def guess(found: dict[str, list[str]]) -> dict[str, str]:
    """One heading a field, and each heading for one field, from the candidates."""
    chosen: dict[str, str] = {}
    for place in range(max(map(len, found.values()), default=0)):
        for field, names in found.items():
            if field not in chosen and place < len(names) and names[place] not in chosen.values():
                chosen[field] = names[place]
    return chosen


def is_sum(cells: Sequence[Cell]) -> bool:
    """Whether the first text of a row says that it is a sum of other rows."""
    first = plain(next((text_of(cell) for cell in cells if text_of(cell)), ""))
    return any(
        first == word or first.startswith(f"{word} ") or first.endswith(f" {word}")
        for listed in words().sums.values()
        for word in listed
    )


def _ranked(field: str, headings: Sequence[str]) -> list[str]:
    ranks = {name: rank for names in words().headings[field].values() for rank, name in enumerate(names)}
    ranked: dict[str, int] = {}
    for heading in headings:
        whole, inner = plain(heading), plain(_ASIDE.sub("", heading))
        if whole in ranks:
            ranked[heading] = ranks[whole]
        elif inner in ranks:
            ranked[heading] = ranks[inner] + _SECOND_BEST
    return sorted(ranked, key=lambda heading: ranked[heading])
