"""The organisation's time zone: Xero names it in the Windows style, upper case and without spaces."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

_IANA = {
    "GMTSTANDARDTIME": "Europe/London",
    "WEUROPESTANDARDTIME": "Europe/Berlin",
    "ROMANCESTANDARDTIME": "Europe/Paris",
    "EASTERNSTANDARDTIME": "America/New_York",
    "CENTRALSTANDARDTIME": "America/Chicago",
    "MOUNTAINSTANDARDTIME": "America/Denver",
    "PACIFICSTANDARDTIME": "America/Los_Angeles",
    "AUSEASTERNSTANDARDTIME": "Australia/Sydney",
    "EAUSTRALIASTANDARDTIME": "Australia/Brisbane",
    "NEWZEALANDSTANDARDTIME": "Pacific/Auckland",
    "SINGAPORESTANDARDTIME": "Asia/Singapore",
    "TOKYOSTANDARDTIME": "Asia/Tokyo",
}


def zone(name: str) -> tzinfo:
    """The zone of a Windows-style name; UTC for a name the simulator has no need of."""
    iana = _IANA.get(name)
    return ZoneInfo(iana) if iana else UTC


def today(now: datetime, name: str) -> date:
    """The civil date in that zone at this instant."""
    return now.astimezone(zone(name)).date()
