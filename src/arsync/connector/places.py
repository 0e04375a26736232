"""Where a customer is, as codes: from the words that stand in an address. Pure.

Accounting systems keep countries as they were typed: a code of two letters, one of three, a name in
whatever language. What is not understood is left empty: an address is never a reason to refuse a customer.
Names are those of CLDR (by way of Babel); names of subdivisions those of the package holidays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

# What people write and CLDR does not list, without spaces and marks.
_COUNTRIES = {
    "america": "US",
    "bosnia": "BA",
    "britain": "GB",
    "burma": "MM",
    "capeverde": "CV",
    "czechrepublic": "CZ",
    "eire": "IE",
    "el": "GR",  # in VAT numbers
    "emirates": "AE",
    "greatbritain": "GB",
    "holland": "NL",
    "hongkong": "HK",
    "irishrepublic": "IE",
    "ivorycoast": "CI",
    "korea": "KR",
    "ksa": "SA",
    "macao": "MO",
    "macau": "MO",
    "macedonia": "MK",
    "na": "",  # "n/a" far more often than Namibia
    "palestine": "PS",
    "peoplesrepublicofchina": "CN",
    "prc": "CN",
    "republicofireland": "IE",
    "republicofkorea": "KR",
    "russianfederation": "RU",
    "swaziland": "SZ",
    "turkey": "TR",
    "uae": "AE",
    "unitedstatesofamerica": "US",
}
_NATIONS = {"england": "ENG", "northernireland": "NIR", "scotland": "SCT", "wales": "WLS"}  # of GB
# Codes of CLDR's that are no countries, or parts of one.
_NO_COUNTRY = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
# Read before each territory's own languages, which are many.
_FIRST_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
_LONGEST = 80
_CODE = re.compile(r"[A-Z0-9]{1,3}")


@lru_cache(maxsize=16384)
def place_of(country: str, region: str = "") -> tuple[str, str]:
    """The ISO 3166 codes of a country and of its subdivision (``"GB", "SCT"``), each empty where the words
    do not tell it. Without a country there is no subdivision; one that is written as a code is kept."""
    folded = _folded(country)
    code = "GB" if folded in _NATIONS else _country(folded)
    if not code:
        return "", ""
    return code, _subdivision(code, region.strip()) or (_NATIONS.get(folded, "") if code == "GB" else "")


def _folded(text: str) -> str:
    """Small letters and digits alone, without accents and without an article: "The U.K." is "uk"."""
    if len(text) > _LONGEST:
        return ""
    letters = (c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else " " for c in letters).split()
    return "".join(words[1:] if words[:1] == ["the"] else words)


@lru_cache(maxsize=4096)
def _country(folded: str) -> str:
    if not folded or folded.isdigit():
        return ""
    if folded in _COUNTRIES:
        return _COUNTRIES[folded]
    if folded.isascii() and folded.isalpha() and len(folded) in (2, 3):
        return _by_code(folded.upper())
    for names in (_names(language) for language in _FIRST_LANGUAGES):
        if folded in names:
            return names[folded]
    return _own_names().get(folded, "")


def _by_code(code: str) -> str:
    """A code of two letters, one of three, or one that was in use once (UK)."""
    if code in _codes():
        return code
    from babel.core import get_global

    meant = get_global("territory_aliases").get(code, ())
    return meant[0] if len(meant) == 1 and meant[0] in _codes() else ""


@cache
def _codes() -> frozenset[str]:
    return frozenset(_territories("en"))


def _territories(language: str) -> dict[str, str]:
    """The names of all countries in a language, by code; empty for one that CLDR does not have."""
    from babel import Locale, UnknownLocaleError

    try:
        listed = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return {}
    return {
        code: name
        for code, name in listed.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }


@cache
def _names(language: str) -> dict[str, str]:
    return {_folded(name): code for code, name in _territories(language).items()}


@cache
def _own_names() -> dict[str, str]:
    """Each country by its names in the languages that are spoken there officially."""
    from babel.languages import get_official_languages

    by_language: dict[str, list[str]] = {}
    for code in sorted(_codes()):
        for language in get_official_languages(code, regional=True, de_facto=True):
            by_language.setdefault(language, []).append(code)
    found: dict[str, str] = {}
    for language, codes in by_language.items():
        names = _territories(language)
        for code in codes:
            if code in names:
                found.setdefault(_folded(names[code]), code)
    found.pop("", None)
    return found


def _subdivision(country: str, region: str) -> str:
    region = region.removeprefix(f"{country}-")  # US-CA
    if _CODE.fullmatch(region):
        return region
    folded = _folded(region)
    if not folded:
        return ""
    if country == "GB" and folded in _NATIONS:
        return _NATIONS[folded]
    return _subdivisions(country).get(folded, "")


@cache
def _subdivisions(country: str) -> dict[str, str]:
    """Codes by code and by name. Of countries whose holidays are the same everywhere there are none."""
    return {_folded(word): code for word, code in _listed(country) if _CODE.fullmatch(code)}


def _listed(country: str) -> Iterator[tuple[str, str]]:
    import holidays

    try:
        found = holidays.country_holidays(country, years=())
    except NotImplementedError:
        return
    yield from ((code, code) for code in found.subdivisions)
    yield from found.subdivisions_aliases.items()
