"""The words of lists of invoices, from `words.toml`, and how words are compared."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

import msgspec

_NUMBER_SIGNS = re.compile(r"[#№]|\bn[°º]")


class Words(msgspec.Struct, frozen=True):
    """``headings`` by field and ``statuses`` by meaning, each by language; ``sums`` by language."""

    headings: dict[str, dict[str, list[str]]]
    statuses: dict[str, dict[str, list[str]]]
    sums: dict[str, list[str]]


@cache
def words() -> Words:
    text = (files("arsync_csv") / "words.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), type=Words)


def plain(text: str) -> str:
    """A text for comparison: small letters without accents and marks, and "no" for a number sign."""
    named = _NUMBER_SIGNS.sub(" no ", text.casefold())
    letters = (c for c in unicodedata.normalize("NFKD", named) if not unicodedata.combining(c))
    parts = "".join(c if c.isalnum() else " " for c in letters).split()
    return " ".join(parts) or " ".join(text.casefold().split())
