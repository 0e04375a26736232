"""Dates by a format such as DD/MM/YYYY, and none by guessing."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache, lru_cache

from arsync_csv.cells import Cell, NotUnderstood

# The formats that are tried where the settings name none.
USUAL = (
    "YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD", "YYYYMMDD", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY",
    "MM-DD-YYYY", "DD.MM.YYYY", "DD/MM/YY", "MM/DD/YY", "DD-MM-YY", "MM-DD-YY", "DD.MM.YY",
    "DD MMM YYYY", "DD. MMM YYYY", "DD-MMM-YYYY", "DD-MMM-YY", "MMM DD, YYYY", "MMM DD YYYY",
)  # fmt: skip
_TOKEN = re.compile("YYYY|YY|MMM|MM|DD")
_TIME = r"(?:[T ]\d{1,2}:\d{2}.*)?"
_EARLIEST, _LATEST = 1970, 2199
# The months in English, German, French, Spanish, Italian and Dutch, without accents.
_NAMES = (
    "january januar janner janvier enero gennaio januari",
    "february februar fevrier febrero febbraio februari",
    "march marz mars marzo maart mrt",
    "april avril abril aprile",
    "may mai mayo maggio mei",
    "june juni juin junio giugno",
    "july juli juillet julio luglio",
    "august aout agosto augustus",
    "september septembre septiembre settembre setiembre",
    "october oktober octobre octubre ottobre",
    "november novembre noviembre",
    "december dezember decembre diciembre dicembre",
)


def day(cell: Cell, layout: str) -> date | None:
    """The day in a cell, None for an empty one; a time behind it is left out. Raises NotUnderstood."""
    if isinstance(cell, date):
        return _likely(cell, cell.isoformat())
    if not isinstance(cell, str):
        raise NotUnderstood(f"{cell:f} is a number and not a date")
    text = " ".join(cell.split())
    return _day(text, layout) if text else None


def is_layout(layout: str) -> bool:
    """Whether it names a year, a month and a day, once each."""
    initials = sorted(token[0] for token in _TOKEN.findall(layout))
    return initials == ["D", "M", "Y"] and not re.search(r"\w", _TOKEN.sub("", layout))


@lru_cache(maxsize=4096)
def _day(text: str, layout: str) -> date:
    found = _pattern(layout).fullmatch(text)
    if not found:
        raise NotUnderstood(f"{text[:40]!r} is not a date written {layout}")
    parts = found.groupdict()
    year = int(parts["YYYY"]) if "YYYY" in parts else 2000 + int(parts["YY"])
    month = int(parts["MM"]) if "MM" in parts else _month(parts["MMM"])
    try:
        return _likely(date(year, month, int(parts["DD"])), text)
    except ValueError:
        raise NotUnderstood(f"{text[:40]!r} is not a date written {layout}") from None


@cache
def _pattern(layout: str) -> re.Pattern[str]:
    # Without signs between them, the parts can only be told by their length.
    short = "{2}" if layout.isalnum() else "{1,2}"
    shapes = {
        "YYYY": "[0-9]{4}", "YY": "[0-9]{2}", "MM": f"[0-9]{short}", "DD": f"[0-9]{short}",
        "MMM": r"[^\W\d_]{3,}\.?",
    }  # fmt: skip
    parts = re.split(f"({_TOKEN.pattern})", layout)
    written = (f"(?P<{part}>{shapes[part]})" if part in shapes else re.escape(part) for part in parts)
    return re.compile("".join(written) + _TIME)


def _month(name: str) -> int:
    """The month that a name, or its first letters, can only mean."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalpha())
    months = {
        month
        for month, names in enumerate(_NAMES, 1)
        for known in names.split()
        if known == plain or (known.startswith(plain) and len(plain) >= 3)
    }
    if len(months) != 1:
        raise NotUnderstood(f"{name[:20]!r} is not a month")
    return months.pop()


def _likely(found: date, text: str) -> date:
    if not _EARLIEST <= found.year <= _LATEST:
        raise NotUnderstood(f"{text[:40]!r} is not a likely date")
    return found
