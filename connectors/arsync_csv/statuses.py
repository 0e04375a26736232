"""What the words mean that invoices' states go by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, cast

from arsync_csv.cells import NotUnderstood
from arsync_csv.words import plain, words

# "open": whatever is left of it is owed. "paid": nothing is. "draft" and "void" owe nothing, ever.
Meaning = Literal["open", "paid", "draft", "void"]
MEANINGS: tuple[Meaning, ...] = ("open", "paid", "draft", "void")


def meaning_of(text: str, named: Mapping[str, str]) -> Meaning:
    """What a state means; ``named`` are the settings' own words. An empty one is "open". Raises
    NotUnderstood for a word that is not known: it might say that nothing is owed."""
    word = plain(text)
    if not word:
        return "open"
    for own, meaning in named.items():
        if plain(own) == word:
            return cast(Meaning, meaning)
    if word not in _known():
        raise NotUnderstood(f"the status {text[:40]!r} is not known; say what it means under statuses")
    return _known()[word]


def is_known_status(text: str) -> bool:
    word = plain(text)
    return not word or word in _known()


@cache
def _known() -> dict[str, Meaning]:
    return {
        word: cast(Meaning, meaning)
        for meaning, languages in words().statuses.items()
        for listed in languages.values()
        for word in listed
    }
