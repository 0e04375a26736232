"""Whether a book has fallen silent: how often it is usually worked on, and how long it may now be left.

Nobody notices what does not happen. A book's own past tells its rhythm: on which weekdays it is synced,
and how long the longest break before a day's work usually is. Days on which it never is do not count, so
that a daily run from Monday to Friday is not missed on Saturday. All is pure; instants are aware.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

# How far back a rhythm is looked for, from the last complete sync on.
WEEKS = timedelta(weeks=8)
# From so many breaks on they are a rhythm.
BREAKS = 3
# No book is silent before; a longer break than usual is let pass up to so much more of it.
LEAST, SPARE, PART = timedelta(hours=6), timedelta(hours=2), 10
# What holds for a book that has no rhythm yet.
UNKNOWN = timedelta(days=7)
EVERY_DAY = frozenset(range(7))
_DAY = timedelta(days=1)

Source = Literal["set", "learned", "unknown"]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long a book may be left. ``allowed`` is counted on ``weekdays`` only (0 is Monday), by the
    clock on the wall there."""

    allowed: timedelta
    weekdays: frozenset[int]
    source: Source

    def over_at(self, last: datetime, zone: ZoneInfo) -> datetime:
        """The instant from which a book is silent whose last complete sync was at ``last``."""
        at, left = _local(last, zone), self.allowed
        while True:
            midnight = _midnight(at)
            if at.weekday() in self.weekdays:
                if at + left <= midnight:
                    return (at + left).replace(tzinfo=zone)
                left -= midnight - at
            at = midnight


def rhythm(beats: Sequence[datetime], zone: ZoneInfo) -> Rhythm:
    """The rhythm that complete syncs of the past have had, the newest of them last."""
    local = sorted({_local(beat, zone) for beat in beats})
    near = [at for at in local if at >= local[-1] - WEEKS]  # of nothing, nothing
    weekdays = _worked_on(near) if len({at.date() for at in near}) > BREAKS else frozenset()
    if not weekdays:
        return _seldom(local)
    longest: dict[date, timedelta] = {}
    for before, at in pairwise(near):
        longest[at.date()] = max(longest.get(at.date(), timedelta()), _between(before, at, weekdays))
    return _allowing(list(longest.values()), weekdays)


def _seldom(local: Sequence[datetime]) -> Rhythm:
    """The rhythm of a book that keeps no weekdays: say, once a month."""
    breaks = [at - before for before, at in pairwise(local)][-12:]
    if len(breaks) < BREAKS or sum(breaks, timedelta()) < _DAY * BREAKS:  # one busy day is no rhythm
        return Rhythm(UNKNOWN, EVERY_DAY, "unknown")
    return _allowing(breaks, EVERY_DAY)


def _allowing(breaks: Sequence[timedelta], weekdays: frozenset[int]) -> Rhythm:
    """Usual is what nine breaks in ten do not exceed: the tenth may have been an outage."""
    usual = sorted(breaks)[-(-len(breaks) * 9 // 10) - 1]
    return Rhythm(max(LEAST, usual + max(SPARE, usual / PART)), weekdays, "learned")


def _worked_on(near: Sequence[datetime]) -> frozenset[int]:
    """The weekdays on at least half of which the book was synced. Of a weekday that has not come yet,
    Monday to Friday are believed to be such days, and the weekend is not."""
    first, last = near[0].date(), near[-1].date()
    worked = {at.date() for at in near}
    came: dict[int, list[bool]] = {}
    for number in range((last - first).days + 1):
        day = first + _DAY * number
        came.setdefault(day.weekday(), []).append(day in worked)
    kept = {weekday for weekday, days in came.items() if sum(days) * 2 >= len(days)}
    if kept and (last - first).days < 6:
        kept |= set(range(5)) - came.keys()
    return frozenset(kept)


def _between(start: datetime, end: datetime, weekdays: frozenset[int]) -> timedelta:
    """The time from one to the other that lies on these weekdays."""
    total = timedelta()
    while start < end:
        until = min(_midnight(start), end)
        if start.weekday() in weekdays:
            total += until - start
        start = until
    return total


def _midnight(at: datetime) -> datetime:
    return datetime.combine(at.date() + _DAY, datetime.min.time())


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    """The clock on the wall: a run at eight is at eight also when the clocks have changed."""
    return at.astimezone(zone).replace(tzinfo=None)
