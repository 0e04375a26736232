"""Agreements: where one stands by what is owed since, and what a new one may look like. Pure.

What was paid is how far the debt of the agreement's invoices fell since it was made. Amounts are minor units.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal

import msgspec

from arsync.money import plain
from arsync.policy.ladder import days_after
from arsync.policy.model import Agreement, Instalment

# covered: not paid, but the customer has unapplied credit that would make up for it.
State = Literal["standing", "covered", "kept", "broken", "lapsed"]
BASIS = 10_000


class Standing(msgspec.Struct, frozen=True):
    """Where an agreement stands on a day.

    ``paid`` is what came since, no less than 0. Of instalments, ``at`` is the place (from 0) of the first
    that is not covered, None where all are; ``asked`` is what is missing of it, and of each later one that
    is due by now. ``left`` is what is still owed of all.
    """

    state: State
    paid: int
    left: int
    at: int | None = None
    asked: int = 0


def stand(agreement: Agreement, owed: Mapping[str, int], today: date, *, credit: int = 0) -> Standing:
    """Where it stands; ``owed`` is what is open now by invoice, ``credit`` what the customer has unapplied.

    Money that nobody has applied yet breaks no agreement and lets no settlement lapse, but it settles
    nothing either: somebody has to apply it first. What is paid by the first look after the last day counts
    as paid in time, for the day on which the accounting system learns of a payment is often a later one.
    """
    then = sum([amount for _, amount in agreement.lines])
    left = sum([owed.get(id_, 0) for id_, _ in agreement.lines])
    paid = max(then - left, 0)
    if agreement.kind == "instalments":
        return _instalments(agreement, paid, left, today, credit)
    if paid >= agreement.amount:
        return Standing("kept", paid, left)
    if paid + credit >= agreement.amount:
        return Standing("covered", paid, left)
    open_ = agreement.until is None or today <= agreement.until
    return Standing("standing" if open_ else "lapsed", paid, left)


def _instalments(agreement: Agreement, paid: int, left: int, today: date, credit: int) -> Standing:
    at = uncovered(agreement.instalments, paid)
    if at is None:
        return Standing("kept", paid, left)
    late = uncovered(agreement.instalments, paid + credit)
    if late is not None:
        end = days_after(agreement.instalments[late].due_on, agreement.broken_after)
        if today >= end:
            return Standing("broken", paid, left, at)
    due = [it.amount for n, it in enumerate(agreement.instalments) if n <= at or it.due_on <= today]
    return Standing("standing", paid, left, at, sum(due) - paid)


def uncovered(instalments: Sequence[Instalment], paid: int) -> int | None:
    """The place of the first instalment that ``paid`` does not cover, from 0; None where it covers all."""
    sum_ = 0
    for place, it in enumerate(instalments):
        sum_ += it.amount
        if sum_ > paid:
            return place
    return None


def lay(asked: int, free: Sequence[int]) -> list[int]:
    """An amount laid on debts in their order, each taking what it can."""
    laid = []
    for room in free:
        laid.append(min(asked, room))
        asked -= laid[-1]
    return laid


def discounted(amount: int, basis_points: int) -> int:
    """An amount less a discount, rounded down: whoever pays what the letter says has paid enough."""
    return amount * (BASIS - basis_points) // BASIS


# New ones ------------------------------------------------------------------------------------

_EVERY = re.compile(r"(\d{1,4}) *(day|week|month)s?", re.IGNORECASE)


class Interval(msgspec.Struct, frozen=True):
    """What lies between two instalments."""

    count: int
    unit: Literal["day", "month"]


def interval(text: str) -> Interval:
    """'1 month', '2 weeks' or '7 days'. Raises ValueError."""
    found = _EVERY.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise ValueError(f"{text[:40]!r} is not an interval such as '1 month', '2 weeks' or '7 days'")
    count, unit = int(found[1]), found[2].lower()
    return (
        Interval(count, "month") if unit == "month" else Interval(count * (7 if unit == "week" else 1), "day")
    )


def split(total: int, count: int, first: date, every: Interval) -> tuple[Instalment, ...]:
    """A total in equal instalments; what does not divide evenly is added to the last.

    Months keep the first one's day of the month, or take the last day of a shorter one: 31 January,
    28 February, 31 March. Raises ValueError where the calendar ends before the last, or where there is
    less than one minor unit for each.
    """
    if count < 1 or total < count:
        raise ValueError(f"it cannot be parted into {count} instalments")
    each = total // count
    days = [_later(first, every, number) for number in range(count)]
    return tuple(
        Instalment(day, each if number < count - 1 else total - each * (count - 1))
        for number, day in enumerate(days)
    )


def _later(first: date, every: Interval, times: int) -> date:
    try:
        if every.unit == "day":
            return date.fromordinal(first.toordinal() + every.count * times)
        months = first.month - 1 + every.count * times
        year, month = first.year + months // 12, months % 12 + 1
        return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        raise ValueError("the calendar ends before the last instalment") from None


def fault(agreement: Agreement, today: date) -> str | None:
    """What is wrong with a new agreement about debts as they are today; None where nothing is."""
    owed = sum([amount for _, amount in agreement.lines])
    total = f"{plain(owed, agreement.currency)} {agreement.currency}"
    if not owed:
        return "nothing is open"
    if agreement.kind == "instalments":
        return _fault_of_instalments(agreement, owed, total, today)
    amount = f"{plain(agreement.amount, agreement.currency)} {agreement.currency}"
    if agreement.amount <= 0:
        return f"{amount} settles nothing; the amount has to be above zero"
    if agreement.amount >= owed:
        return f"{amount} is no less than the {total} owed"
    if agreement.until is None:
        return "it needs a last day on which that is enough"
    return f"{agreement.until} is past" if agreement.until < today else None


def _fault_of_instalments(agreement: Agreement, owed: int, total: str, today: date) -> str | None:
    parts = agreement.instalments
    if not parts:
        return "it needs an instalment at least"
    if any(it.amount <= 0 for it in parts):
        return "every instalment has to be above zero"
    if parts[0].due_on < today:
        return f"the first instalment is due on {parts[0].due_on}, which is past"
    for one, next_ in pairwise(parts):
        if next_.due_on <= one.due_on:
            return f"the instalment of {next_.due_on} does not come after that of {one.due_on}"
    if (promised := sum([it.amount for it in parts])) != owed:
        sum_ = f"{plain(promised, agreement.currency)} {agreement.currency}"
        return f"the instalments make {sum_}, and {total} is owed"
    if agreement.grace < 0 or agreement.broken_after <= agreement.grace:
        return (
            f"it would be broken after {agreement.broken_after} days, "
            f"within the {agreement.grace} days of grace of an instalment"
        )
    return None
