"""QuickBooks' timestamps as UTC instants in one fixed form, so that text compares like time. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from arsync.connector import http_date


def utc(text: str) -> str:
    """``2026-03-01T23:59:59-08:00`` as ``2026-03-02T07:59:59Z``; fractions of a second are cut.

    Recorded answers carry Pacific offsets. A stamp without an offset is read as UTC. Raises
    ValueError for anything that is not an ISO 8601 instant.
    """
    if len(text) == 25 and text[22:] == ":00":
        rest = text[13:19]
        if rest[0] == rest[3] == ":" and rest[1:3].isdecimal() and rest[4:].isdecimal():
            if rest[1:3] > "59" or rest[4:] > "59":
                raise ValueError("not an instant")
            # Whole-hour offsets leave minutes and seconds alone, and the stamps of a page share
            # few hours: the offset arithmetic is done once for each.
            return _hour(text[:13], text[19:]) + rest + "Z"
    return _exact(text)


def moved(instant: str, by: timedelta) -> str:
    """An instant of this module's form, moved by whole seconds."""
    return _text(datetime.fromisoformat(instant) + by)


def of_header(date_header: str | None) -> str | None:
    """The instant of an HTTP Date header, None where it is missing or unreadable."""
    at = http_date(date_header)
    return _text(at) if at else None


@lru_cache(maxsize=16384)
def _hour(hour: str, offset: str) -> str:
    return _exact(f"{hour}:00:00{offset}")[:13]


def _exact(text: str) -> str:
    at = datetime.fromisoformat(text)
    return _text(at if at.tzinfo else at.replace(tzinfo=UTC))


def _text(at: datetime) -> str:
    try:
        plain = at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    except OverflowError as error:
        raise ValueError("not an instant") from error
    return plain.isoformat() + "Z"
