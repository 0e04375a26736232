"""The organisation's time zone: Xero squeezes the Windows names ("NEWZEALANDSTANDARDTIME"). Pure."""

from __future__ import annotations

import re
from functools import cache

# Names that Windows has retired and Xero still lists.
_RETIRED = {"KAMCHATKASTANDARDTIME": "Asia/Kamchatka", "MIDATLANTICSTANDARDTIME": "Etc/GMT+2"}


def iana(name: str | None) -> str | None:
    """The IANA name of a zone as Xero names it, or None for one that is not known."""
    return _zones().get(_squeezed(name)) if name else None


def _squeezed(name: str) -> str:
    # The plus stays: Xero has UTC+12 beside UTC11, which is UTC-11.
    return re.sub(r"[^A-Z0-9+]", "", name.upper())


@cache
def _zones() -> dict[str, str]:
    from tzlocal.windows_tz import win_tz  # CLDR's table of Windows zones

    return {_squeezed(name): zone for name, zone in win_tz.items()} | _RETIRED
