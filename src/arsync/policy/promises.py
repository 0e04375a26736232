"""Promises to pay: kept, kept in part, still open or broken, by what is owed since. Pure.

What counts is how far the debt fell, not which payment did it: an invoice that was credited, voided or
written off owes as little as one that was paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from arsync.money import plain
from arsync.policy.ladder import days_after
from arsync.policy.model import HoldOrder

Fate = Literal["open", "kept", "part kept", "broken"]
# In the lines of a promise: the unapplied credit that the customer had when it promised, below zero.
CREDIT = ""


class Judged(msgspec.Struct, frozen=True):
    """What became of a promise. ``promised`` and ``came`` are minor units; ``came`` is no less than 0 and
    may be more than was promised. ``last`` is the last day on which it holds, None where no day ends it;
    ``over`` tells that it holds no more."""

    fate: Fate
    promised: int
    came: int
    last: date | None
    over: bool


def judge(order: HoldOrder, owed: Mapping[str, int], today: date, *, credit: int = 0) -> Judged:
    """What became of a promise with lines by ``today``.

    ``owed`` is what is open now, by invoice; one that is not in it owes nothing. ``credit`` is what the
    customer has unapplied now: what it gained since the promise counts as paid, and what it had then
    (the line `CREDIT`) does not. Without an amount all of the lines were promised.

    It is open through its day and the ``grace`` after it, and then broken; part kept if something came.
    Once kept it holds through its day, however early the money came: what else is owed waits for that
    day too. A promise without a day holds until it is kept or somebody releases it.
    """
    then = sum([amount for _, amount in order.lines])
    now = sum([owed.get(id_, 0) for id_, _ in order.lines]) - credit
    came = max(then - now, 0)
    promised = then if order.amount is None else order.amount
    if came >= promised:
        return Judged("kept", promised, came, order.until, order.until is None or today > order.until)
    if order.until is None:
        return Judged("open", promised, came, None, over=False)
    last = days_after(order.until, order.grace)
    if today <= last:
        return Judged("open", promised, came, last, over=False)
    return Judged("part kept" if came else "broken", promised, came, last, over=True)


def words(order: HoldOrder, judged: Judged) -> str:
    """What was promised for which day, and what came of it so far."""
    if not order.currency:  # all of it, in whatever currencies
        promised = "all of it"
        came = "part of it came"
    else:
        promised = f"{plain(judged.promised, order.currency)} {order.currency}"
        came = f"{plain(judged.came, order.currency)} of it came"
    day = f" by {order.until}" if order.until else ""
    if judged.fate == "kept":
        came = "it came"
    elif not judged.came:
        came = "nothing came yet" if judged.fate == "open" else "nothing came"
    return f"{promised}{day}, {came}"
