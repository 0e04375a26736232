"""Countries, their parts, their public holidays and time zones, as a settings file names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from arsync.errors import FixSettings
from arsync.files import Table, nearest

_CODE = re.compile(r"[A-Z]{2}")
# Codes of the CLDR that ISO 3166-1 has assigned to no country.
_NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
_PART = re.compile(r"[A-Z0-9]{1,3}")


def timezone(table: Table, key: str = "timezone") -> str | None:
    """A time zone of the IANA list, or None where the key is left out. Raises FixSettings."""
    name = table.maybe_text(key)
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        zones = {zone.lower(): zone for zone in available_timezones()}
        near = nearest(name, zones)
        for lower in zones:
            near = near.replace(f"'{lower}'", f"'{zones[lower]}'")
        raise table.wrong(
            key, f"{name!r} is not a time zone; {near}allowed: a name of the IANA list such as Europe/London"
        ) from None
    return name


def checked_country(table: Table, key: str, code: str) -> str:
    """The country of an ISO 3166 code of two letters. Raises FixSettings for any other text."""
    countries = _countries()
    if code in countries:
        return code
    raise table.wrong(
        key,
        f"{code!r} is not a country; {_meant(code, countries)}allowed: an ISO 3166 code of two letters "
        "such as GB",
    )


def subdivision(table: Table, country: str | None) -> str | None:
    """The part of the customer's country, such as "SCT". Raises FixSettings.

    Where the public holidays of that country are known by its parts, it has to be one of them.
    """
    code = table.maybe_text("subdivision")
    if code is None:
        return None
    if not _PART.fullmatch(code):
        raise table.wrong(
            "subdivision",
            f"{code!r} is no part of a country; allowed: what ISO 3166-2 has after the hyphen, as ENG",
        )
    parts = _holidays().get(country or "", ())
    if parts and code not in parts:
        raise table.wrong("subdivision", _no_part(code, country or "", parts))
    return code


def holidays(table: Table) -> tuple[str, ...] | None:
    """Countries with or without a part ("GB-ENG") whose public holidays are known. Raises FixSettings."""
    places = table.texts("holidays", '["GB-ENG"]')
    if places is None:
        return None
    if not places:
        return ()
    known = _holidays()
    for place in places:
        country, hyphen, part = place.partition("-")
        checked_country(table, "holidays", country)
        if country not in known:
            raise table.wrong("holidays", f"the public holidays of {country} are not known to this program")
        if hyphen and part not in known[country]:
            raise table.wrong("holidays", _no_part(part, country, known[country]))
    if len(set(places)) < len(places):
        raise _twice(table, "holidays", places)
    return tuple(places)


def _twice(table: Table, key: str, words: list[str]) -> FixSettings:
    word = next(word for word in words if words.count(word) > 1)
    return table.wrong(key, f"{word!r} stands there twice")


def _no_part(part: str, country: str, parts: Iterable[str]) -> str:
    known = sorted(parts)
    near = get_close_matches(part.upper(), known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    allowed = ", ".join(known) or "none: leave it out"
    return f"{part!r} is not a part of {country} with public holidays of its own; {hint}allowed: {allowed}"


@cache
def _holidays() -> Mapping[str, frozenset[str]]:
    """The countries whose public holidays are known, each with its parts."""
    from holidays import list_supported_countries  # late: only for policies that name places

    found = list_supported_countries(include_aliases=False)
    return {code: frozenset(parts) for code, parts in found.items() if _CODE.fullmatch(code)}


@cache
def _countries() -> Mapping[str, str]:
    """The countries' English names by their codes."""
    from babel import Locale  # late: likewise

    names = Locale("en").territories
    return {code: name for code, name in names.items() if _CODE.fullmatch(code) and code not in _NO_COUNTRIES}


def _meant(text: str, countries: Mapping[str, str]) -> str:
    """The code that was probably meant: by case, by an alias such as UK, or by the country's name."""
    from babel.core import get_global

    upper = text.strip().upper()
    if upper in countries:
        return f"did you mean {upper!r}? "
    aliases = get_global("territory_aliases").get(upper)
    if aliases and aliases[0] in countries:
        return f"did you mean {aliases[0]!r}? "
    by_name = {name.casefold(): code for code, name in countries.items()}
    near = get_close_matches(text.casefold(), by_name, n=1, cutoff=0.75)
    return f"did you mean {by_name[near[0]]!r}? " if near else ""
