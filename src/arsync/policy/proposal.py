"""What a go-live would do, in figures: where old debts join, by age, and which way of joining fits. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from statistics import median_low

import msgspec

from arsync.ledger.aging import days_overdue
from arsync.policy.joining import Joined, JoinMode, Place, places
from arsync.policy.model import Debt
from arsync.policy.rules import Policy

# Debts overdue by more days than this are very old: many are settled, disputed or time-barred by then.
VERY_OLD = 365
# From a median age above this on, a first reminder is late for most of what is overdue.
LATE = 60
NOT_DUE, NO_DUE_DATE = "not due", "no due date"
BANDS = (NOT_DUE, "1-30", "31-60", "61-90", "91-365", "over 365", NO_DUE_DATE)
LEFT_OUT, NO_STEP = "left out", "no step left"


class Row(msgspec.Struct, frozen=True):
    """Debts of one age band in one currency that join at one step (or are left out); minor units."""

    band: str
    joins: str
    currency: str
    debts: int
    customers: int
    amount: int


class Suggestion(msgspec.Struct, frozen=True):
    """A way of joining that fits the ages of what is overdue, with its reason."""

    how: JoinMode
    leave_out_older: int | None
    reason: str


def band(days: int | None) -> str:
    """The age band of a debt that many days overdue."""
    if days is None:
        return NO_DUE_DATE
    if days <= 0:
        return NOT_DUE
    return BANDS[-2] if days > VERY_OLD else BANDS[min((days - 1) // 30 + 1, 4)]


def rows(joined: Joined, policy: Policy, today: date) -> tuple[Row, ...]:
    """Where everything that is open joins, the youngest first and in the order of the ladder."""
    found: dict[tuple[int, int, str, str], list[Debt]] = defaultdict(list)
    for place in places(joined, policy, today):
        offset = place.step.offset if place.step else 10**6
        at = BANDS.index(band(place.days))
        found[at, offset, _words(place), place.debt.currency].append(place.debt)
    return tuple(
        Row(BANDS[at], words, currency, len(debts), len({it.customer_id for it in debts}), _sum(debts))
        for (at, _, words, currency), debts in sorted(found.items())
    )


def _words(place: Place) -> str:
    if place.step is not None:
        return place.step.name
    return LEFT_OUT if place.out else NO_STEP


def _sum(debts: Iterable[Debt]) -> int:
    return sum([debt.open for debt in debts])


def suggestion(debts: Iterable[Debt], today: date) -> Suggestion:
    """The way of joining that fits what is overdue today."""
    ages = [days for debt in debts if (days := days_overdue(debt.due_on, today)) is not None and days > 0]
    if not ages:
        return Suggestion("start", None, "nothing is overdue yet")
    old = sum(1 for days in ages if days > VERY_OLD)
    rest = [days for days in ages if days <= VERY_OLD]
    leave = VERY_OLD if old else None
    why = [f"{old} of {len(ages)} overdue debts are older than a year: look at them before anybody is asked"]
    if not rest:
        return Suggestion("start", leave, why[0])
    middle = median_low(rest)
    others = "the others are" if old else "what is overdue is"
    if middle > LATE:
        how: JoinMode = "match"
        reason = (
            f"half of {'the others' if old else 'what is overdue'} is {middle} days late or more, where a "
            "first reminder reads as if nobody had looked"
        )
    else:
        how, reason = "start", f"{others} {middle} days late in the middle, so a first reminder fits"
    return Suggestion(how, leave, "; ".join([*(why if old else []), reason]))
