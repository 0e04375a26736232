"""The days on which a message may leave, and the hours: where the company is, and where the customer is.

A day is a day of the book. Of the customer's own days those count that fall into it: when it is Friday
noon in London it is Saturday in Auckland. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import msgspec

from arsync.policy.model import Debtor
from arsync.policy.rules import Policy

ONE_DAY = timedelta(days=1)
# How far ahead an open day is looked for. Without one in all that time there is none.
HORIZON = 3 * 366
# Instants near the end of the calendar cannot be told in every time zone; no hours are kept then.
LAST_YEAR = 9990
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
# A country that nobody told, and the CLDR's code for one that nobody knows, which has zones of the sea.
UNKNOWN = ("", "ZZ")
# In order: holidays are told in the first of these that is known for the country.
LANGUAGES = ("en_GB", "en_US")

Span = tuple[float, float]  # from one instant up to another, in seconds since the epoch


class _Rules(msgspec.Struct, frozen=True):
    """Everything that days and hours hang on; customers for whom it is the same share one calendar.

    ``zones`` are those the customer may be in, empty where only the book's days count.
    """

    send_on: frozenset[int]
    hours: tuple[int, int] | None
    holidays: tuple[str, ...]
    closed: tuple[tuple[date, date], ...]
    zone: str
    country: str
    subdivision: str
    zones: tuple[str, ...]


class Calendar:
    """The sending days and hours of a policy for one customer of a book in the time zone ``zone``.

    A day is open when it is one of the sending days, no holiday of the policy's and within none of the
    company's days off, and when with hours, the customer's holidays or its time zone some time of it is
    within the hours on a sending day of the customer's own that is no holiday there. A customer that may
    be in several time zones is written to when that holds in all of them. Without hours a day there counts
    where it is that day for at least half of the book's: an hour past midnight makes no Tuesday of a Monday.
    """

    def __init__(self, policy: Policy, debtor: Debtor, zone: str) -> None:
        # Of a country with many time zones nobody knows the day there: without hours the book's counts.
        there = policy.hours is not None or policy.customer_holidays or len(debtor.zones) == 1
        kept = policy.customer_holidays
        self._days = _calendar(
            _Rules(
                send_on=policy.send_on,
                hours=policy.hours,
                holidays=policy.holidays,
                closed=policy.closed,
                zone=zone,
                country=debtor.country if kept else "",
                subdivision=debtor.subdivision if kept else "",
                zones=(debtor.zones or zones_of(debtor.country) or (zone,)) if there else (),
            )
        )

    @property
    def zone_there(self) -> str:
        """A time zone that the customer may be in; the book's where only its days count."""
        return self._days.zone_there

    def open(self, day: date) -> bool:
        """Whether a message may leave on this day at all."""
        return self._days.open(day)

    def first(self, day: date) -> date:
        """The first open day from ``day`` on; the last day of the calendar where there is none."""
        return self._days.first(day)

    def why_closed(self, day: date) -> str | None:
        """What closes this day, in words; None where it is open."""
        return self._days.why_closed(day)

    def may_leave(self, at: datetime) -> datetime | None:
        """From which instant on a message may leave that is ready ``at``, in the book's time: None for
        at once. `NEVER` where no instant is found."""
        return self._days.may_leave(at)


class _Days:
    """A calendar by its rules. What it found of a day it keeps."""

    def __init__(self, rules: _Rules) -> None:
        self._rules = rules
        self._zone = ZoneInfo(rules.zone)
        self._zones = [ZoneInfo(name) for name in rules.zones]
        self._plain = not (rules.zones or rules.holidays or rules.closed)
        self._known: dict[date, bool] = {}
        self._first: dict[date, date] = {}

    @property
    def zone_there(self) -> str:
        return self._rules.zones[0] if self._rules.zones else self._rules.zone

    def open(self, day: date) -> bool:
        if self._plain:
            return day.weekday() in self._rules.send_on
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._company_closed(day) is None and bool(self._spans(day))
        return known

    def first(self, day: date) -> date:
        known = self._first.get(day)
        if known is None:
            known = day
            for _ in range(HORIZON):
                if known == date.max or self.open(known):
                    break
                known += ONE_DAY
            else:
                known = date.max
            self._first[day] = known
        return known

    def why_closed(self, day: date) -> str | None:
        if self.open(day):
            return None
        if (company := self._company_closed(day)) is not None:
            return company
        closed = {there: why for zone in self._zones for there in self._dates(day, zone)
                  if (why := self._closed_there(there)) is not None}  # fmt: skip
        if closed:
            return " and ".join(closed[there] for there in sorted(closed))
        assert self._rules.hours is not None
        start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in self._rules.hours)
        where = "where the customer is"
        if len(self._zones) > 1:
            where = f"in all {len(self._zones)} time zones the customer may be in; the policy file can set it"
        return f"no time of the day is between {start} and {end} {where}"

    def may_leave(self, at: datetime) -> datetime | None:
        now = at.timestamp()
        day = at.astimezone(self._zone).date()
        for _ in range(HORIZON):
            if self.open(day):
                for start, end in self._spans(day):
                    if start <= now < end:
                        return None
                    if now < start:
                        return datetime.fromtimestamp(start, self._zone)
            if day == date.max:
                break
            day += ONE_DAY
        return NEVER

    # The company's side -----------------------------------------------------------------------

    def _company_closed(self, day: date) -> str | None:
        if day.weekday() not in self._rules.send_on:
            return f"{day:%A} is not a sending day"
        for first, last in self._rules.closed:
            if first <= day <= last:
                return f"closed from {_in_words(first)} to {_in_words(last)}"
        return next((why for place in self._rules.holidays if (why := _holiday(place, day))), None)

    # The customer's side ----------------------------------------------------------------------

    def _spans(self, day: date) -> list[Span]:
        """The times of this day of the book at which a message may leave, in order."""
        if day.year > LAST_YEAR:
            return [(NEVER.timestamp(), NEVER.timestamp() + 1)]
        spans = [_whole(day, self._zone)]
        for zone in self._zones:
            spans = _common(spans, self._there(day, zone))
        return spans

    def _there(self, day: date, zone: ZoneInfo) -> list[Span]:
        open_ = [there for there in self._dates(day, zone) if self._closed_there(there) is None]
        if self._rules.hours is not None:
            return [span for there in open_ for span in _within(there, self._rules.hours, zone)]
        start, end = _whole(day, self._zone)
        spans = _common([(start, end)], [_whole(there, zone) for there in open_])
        return [(from_, to) for from_, to in spans if (to - from_) * 2 >= end - start]

    def _dates(self, day: date, zone: ZoneInfo) -> list[date]:
        """The dates that it is there during this day of the book."""
        start, end = _whole(day, self._zone)
        first = datetime.fromtimestamp(start, zone).date()
        last = datetime.fromtimestamp(end - 1, zone).date()
        return [first + n * ONE_DAY for n in range((last - first).days + 1)]

    def _closed_there(self, there: date) -> str | None:
        if there.weekday() not in self._rules.send_on:
            return f"{there:%A} is not a sending day where the customer is"
        if not self._rules.country:
            return None
        return _holiday(f"{self._rules.country}-{self._rules.subdivision}".rstrip("-"), there)


@lru_cache(maxsize=4096)
def _calendar(rules: _Rules) -> _Days:
    return _Days(rules)


def _whole(day: date, zone: ZoneInfo) -> Span:
    """The instants from the first of a day up to the first of the next, as the clocks there have it."""
    first, next_ = (datetime.combine(it, time(), zone).timestamp() for it in (day, day + ONE_DAY))
    return first, next_


def _within(day: date, hours: tuple[int, int], zone: ZoneInfo) -> list[Span]:
    """When the clocks there show a time within the hours on that day: two spans where they are set back
    into the hours, and none of a time that they skip."""
    start, end = _whole(day, zone)
    midnight = datetime.combine(day, time(), UTC).timestamp()
    from_, to = (midnight + minutes * 60 for minutes in hours)
    return [
        span
        for (first, last), offset in _offsets(start, end, zone)
        if (span := (max(first, from_ - offset), min(last, to - offset))) and span[0] < span[1]
    ]


def _offsets(start: float, end: float, zone: ZoneInfo) -> list[tuple[Span, float]]:
    """What the clocks there are ahead of UTC, in seconds, from ``start`` up to ``end``; they are set once
    in that time at most."""
    before, after = _offset(start, zone), _offset(end - 1, zone)
    if before == after:
        return [((start, end), before)]
    low, high = int(start), int(end) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return [((start, high), before), ((high, end), after)]


def _offset(at: float, zone: ZoneInfo) -> float:
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    assert ahead is not None
    return ahead.total_seconds()


def _common(some: list[Span], others: list[Span]) -> list[Span]:
    """What two lists of spans, each in order, have in common."""
    return [
        (max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d)
    ]  # fmt: skip


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The IANA time zones of a country (ISO 3166 alpha-2) by the Unicode CLDR; none where it is not known."""
    if country in UNKNOWN:
        return ()
    from babel.core import get_global  # late: books without countries need no locale data

    return tuple(sorted(get_global("territory_zones").get(country, ())))


@lru_cache(maxsize=512)
def _holidays(place: str) -> Mapping[date, str]:
    """The public holidays of a country, or of a subdivision where it has any of its own."""
    from holidays import country_holidays

    country, _, subdivision = place.partition("-")
    for part in (subdivision or None, None):
        try:
            known = country_holidays(country, subdiv=part)
            language = next((it for it in LANGUAGES if it in known.supported_languages), None)
            return country_holidays(country, subdiv=part, language=language)
        except NotImplementedError:
            continue
    return {}


def _holiday(place: str, day: date) -> str | None:
    name = _holidays(place).get(day)
    return f"{day.day} {day:%B} is {name} ({place})" if name else None


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
