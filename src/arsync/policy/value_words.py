"""The values of a policy in words, as they stand in a policy file: read and written. Pure.

Each `parse_...` raises ValueError with what is allowed and, where it can be made out, the nearest reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from arsync.money import plain
from arsync.policy.rules import Cap, Offer, Step, Where
from arsync.policy.when import when_words

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_CONTACTS = 99
MOST_CAP_DAYS = 365  # contacts are looked up for a year back
MOST_OFFER_DAYS = 365

_HOURS = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))? ?(am|pm)?", re.IGNORECASE)
_CAP = re.compile(r"([0-9]{1,5}) in ([0-9]{1,5}) days?")
_LOOSE_CAP = re.compile(r"\D*([0-9]{1,2})\b[^0-9]*?(?:([0-9]{1,3})\b *)?(day|week|month)?s?", re.IGNORECASE)
_UNITS = {"day": 1, "week": 7, "month": 30}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OFFER = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?% within ([0-9]{1,5}) days?")


def parse_hours(text: str) -> tuple[int, int]:
    """Minutes after midnight, from and up to, of "09:00-17:00"; the day ends at 24:00."""
    found = _HOURS.fullmatch(text)
    allowed = 'allowed: hours of one day such as "09:00-17:00"'
    if found is None:
        reading = _near_hours(text)
        hint = f'did you mean "{hours_words(reading)}"? ' if reading else ""
        raise ValueError(f"{text!r} are no hours; {hint}{allowed}")
    hours = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if hours[0] is None or hours[1] is None:
        raise ValueError(f"{text!r} is no time of day; {allowed}")
    if hours[0] >= hours[1]:
        raise ValueError(f"{text!r} ends before it begins; {allowed}")
    return hours[0], hours[1]


def _minutes(hour: str, minute: str) -> int | None:
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and at <= 24 * 60 else None


def _near_hours(text: str) -> tuple[int, int] | None:
    times = []
    for hour, minute, half in _CLOCK.findall(text):
        of_half = int(hour) % 12 + 12 * (half.lower() == "pm") if half else int(hour)
        times.append(_minutes(str(of_half), minute or "0"))
    if len(times) != 2 or times[0] is None or times[1] is None or times[0] >= times[1]:
        return None
    return times[0], times[1]


def hours_words(hours: tuple[int, int]) -> str:
    """The inverse of `parse_hours`."""
    return "-".join(f"{at // 60:02}:{at % 60:02}" for at in hours)


def parse_cap(text: str) -> Cap:
    """A cap of "2 in 7 days"."""
    found = _CAP.fullmatch(text)
    allowed = 'allowed: "N in N days" such as "2 in 7 days"'
    if found is None:
        near = _LOOSE_CAP.fullmatch(text)
        days = 0 if near is None else int(near[2] or 1) * _UNITS.get((near[3] or "day").lower(), 1)
        known = near is not None and (near[2] or near[3]) and int(near[1]) and 0 < days <= MOST_CAP_DAYS
        hint = f'did you mean "{cap_words(Cap(int(near[1]), days))}"? ' if near is not None and known else ""
        raise ValueError(f"{text!r} is not a cap; {hint}{allowed}")
    contacts, days = int(found[1]), int(found[2])
    if not 1 <= contacts <= MOST_CONTACTS:
        raise ValueError(f"{contacts} contacts are out of bounds; allowed: 1 to {MOST_CONTACTS}")
    if not 1 <= days <= MOST_CAP_DAYS:
        raise ValueError(f"{days} days are out of bounds; allowed: 1 to {MOST_CAP_DAYS}")
    return Cap(contacts, days)


def cap_words(cap: Cap) -> str:
    """The inverse of `parse_cap`."""
    return f"{cap.contacts} in {cap.days} day{'' if cap.days == 1 else 's'}"


def parse_closed(text: str) -> tuple[date, date]:
    """The first and the last day of "2026-12-24 to 2027-01-03", or of one day."""
    parts = text.split(" to ")
    allowed = 'allowed: a day such as "2026-12-24", or "2026-12-24 to 2027-01-03"'
    if len(parts) > 2 or not all(map(_DAY.fullmatch, parts)):
        raise ValueError(f"{text!r} are no days; {allowed}")
    try:
        first, last = date.fromisoformat(parts[0]), date.fromisoformat(parts[-1])
    except ValueError:
        raise ValueError(f"{text!r} names a day that no calendar has; {allowed}") from None
    if first > last:
        raise ValueError(f"{text!r} ends before it begins; {allowed}")
    return first, last


def closed_words(days: tuple[date, date]) -> str:
    """The inverse of `parse_closed`."""
    return f"{days[0]}" if days[0] == days[1] else f"{days[0]} to {days[1]}"


def parse_offer(text: str) -> Offer:
    """A discount of "2% within 7 days"."""
    found = _OFFER.fullmatch(text)
    allowed = 'allowed: "N% within N days" such as "2% within 7 days"'
    if found is None:
        raise ValueError(f"{text!r} is not an offer; {allowed}")
    points, days = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0")), int(found[3])
    if points == 0:
        raise ValueError(f"{text!r} offers nothing; {allowed}")
    if not 1 <= days <= MOST_OFFER_DAYS:
        raise ValueError(f"{days} days are out of bounds; allowed: 1 to {MOST_OFFER_DAYS}")
    return Offer(points, days)


def offer_words(offer: Offer) -> str:
    """The inverse of `parse_offer`."""
    whole, part = divmod(offer.basis_points, 100)
    share = f"{whole}.{part:02}".rstrip("0").rstrip(".") if part else f"{whole}"
    return f"{share}% within {offer.days} day{'' if offer.days == 1 else 's'}"


def weekday_words(days: frozenset[int]) -> str:
    """ "mon tue wed" in the order of the week."""
    return "every day" if len(days) == 7 else " ".join(WEEKDAYS[day] for day in sorted(days))


def amount_words(amounts: Mapping[str, int]) -> str:
    """Amounts by currency: "25.00 EUR, 25.00 GBP"."""
    return ", ".join(f"{plain(units, currency)} {currency}" for currency, units in sorted(amounts.items()))


def words(key: str, value: Any) -> str:
    """The value of a key of a policy in words; "none" where it says nothing."""
    match key:
        case "min_gap_days" | "call_rest_days":
            return f"{value} day{'' if value == 1 else 's'}"
        case "payments_expected_every":
            every = "never judged" if value == 0 else f"{value} day{'' if value == 1 else 's'}"
            return "the book's own rhythm" if value is None else every
        case "send_on":
            return weekday_words(value)
        case "hours":
            return "any" if value is None else hours_words(value)
        case "customer_holidays":
            return "yes" if value else "no"
        case "minimum":
            return amount_words(value) or "none"
        case "caps":
            return ", ".join(map(cap_words, value)) or "none"
        case "closed":
            return ", ".join(map(closed_words, value)) or "none"
        case "holidays" | "to":
            return ", ".join(value) or "none"
        case _:
            return "none" if value is None else str(value)


def step_words(step: Step) -> str:
    """A step on one line: "10 days after due: message second-reminder, offers 2% within 7 days"."""
    does = f"{step.does} {step.template}" if step.does == "message" else step.does
    return ", ".join([f"{when_words(step.offset)}: {does}", *step_conditions(step)])


def step_conditions(step: Step) -> list[str]:
    """What else a step says, in words."""
    found = []
    if step.firm is not None:
        found.append("firm" if step.firm else "not firm")
    if step.dwell_days:
        found.append(f"not within {words('min_gap_days', step.dwell_days)} of the step before")
    if step.at_least:
        found.append(f"from {amount_words(step.at_least)} on")
    if step.only_for:
        found.append(f"only for {_listed(step.only_for)}")
    if step.not_for:
        found.append(f"not for {_listed(step.not_for)}")
    if step.cc:
        found.append(f"copy to {' and '.join(step.cc)}")
    if step.offer is not None:
        found.append(f"offers {offer_words(step.offer)}")
    return found


def where_words(where: Where) -> str:
    """The conditions of a segment: "group wholesale or retail, country GB"."""
    found = [
        f"{name} {_listed(values)}"
        for name, values in (
            ("currency", where.currencies),
            ("group", where.groups),
            ("country", where.countries),
            ("debt", where.debts),
            ("profile", where.profiles),
            ("behaviour", where.behaviour),
        )
        if values
    ]
    if where.at_least:
        found.append(f"at least {amount_words(where.at_least)}")
    if where.below:
        found.append(f"below {amount_words(where.below)}")
    return ", ".join(found)


def _listed(names: Iterable[str]) -> str:
    return " or ".join(sorted(names))
