"""What a whole file shows about the way it is written, where one cell alone does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

Way = TypeVar("Way", bound=str)


class Shown(msgspec.Struct, frozen=True):
    """``ways`` are those by which every text can be read (what none reads is left out of account), in
    the order they were given. ``alike``: they read every text as the same, so that any will do."""

    ways: tuple[str, ...]
    alike: bool

    @property
    def way(self) -> str | None:
        """The one to read by, None where the file does not tell."""
        return self.ways[0] if self.ways and (self.alike or len(self.ways) == 1) else None


def shown(texts: Iterable[str], ways: Sequence[Way], read: Callable[[str, Way], object | None]) -> Shown:
    """By which of some ways all texts can be read; ``read`` gives None where one cannot be read so."""
    readings: list[dict[Way, object]] = []
    possible = list(ways)
    for text in dict.fromkeys(texts):
        values = {way: value for way in ways if (value := read(text, way)) is not None}
        if values:
            readings.append(values)
            possible = [way for way in possible if way in values]
    alike = all(len({values[way] for way in possible}) <= 1 for values in readings)
    return Shown(tuple(possible), alike)
