"""How values stand in columns: instants and days as ISO text, lists as lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime


def instant(moment: datetime) -> str:
    """An aware datetime as UTC text to the second, ending in Z: texts of instants sort as the instants do."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs its offset from UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def text_of(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def day_of(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def joined(values: Iterable[str]) -> str:
    """Single texts as lines; a line break inside one would make two of it and becomes a space."""
    return "\n".join(" ".join(value.splitlines()) for value in values)


def split(lines: str) -> tuple[str, ...]:
    return tuple(lines.split("\n")) if lines else ()


def pairs(refused: Mapping[str, str]) -> str:
    """Refused addressees, each with the server's words: ``address: words`` a line."""
    return joined(f"{address}: {words}" for address, words in refused.items())
