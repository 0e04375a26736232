"""Whether money seems to come in without being recorded: the last payment against the book's rhythm. Pure.

A reminder about a paid invoice is written where payments lie in the bank and not yet in the accounting
system. Neither QuickBooks nor Xero tells every bank line that waits to be reconciled, so the sign
taken is the silence: no payment for clearly longer than this book is ever without one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import msgspec

HORIZON = 180  # days before the last payment from which the rhythm is taken
FEWEST_DAYS = 6  # with payments, and
SHORTEST_SPAN = 28  # days from the first to the last of them: less is no rhythm
LEAST_AGE = 7  # days; no book is stale before

Cause = Literal["not-synced", "not-recorded"]


class Stale(msgspec.Struct, frozen=True):
    """A book in which payments look unrecorded.

    ``age`` is the days since ``last_on``, the day of the last payment; ``usual`` the days within which
    one is expected: by the book's own rhythm, or where ``told`` by the policy file. ``synced_on`` is
    the day of the last sync that came to its end.
    """

    last_on: date
    age: int
    usual: int
    told: bool
    cause: Cause
    synced_on: date | None

    @property
    def detail(self) -> str:
        """What is wrong, with its figures, and what the bookkeeper can do about it."""
        expected = (
            f"the policy expects one within {_days(self.usual)}"
            if self.told
            else f"pauses here are usually no longer than {_days(self.usual)}"
        )
        if self.cause == "not-recorded":
            remedy = (
                f"the sync of {self.synced_on} found none since: record what came in or reconcile the "
                "bank feed in the accounting system, then run `arsync sync`"
            )
        elif self.synced_on is None:
            remedy = "the book was never synced to the end: run `arsync sync`"
        else:
            remedy = f"the book was last synced on {self.synced_on}: run `arsync sync`"
        return (
            f"the last payment is of {self.last_on}, {_days(self.age)} ago, and {expected}; {remedy}; "
            "where such a pause is ordinary, say so with payments_expected_every in the policy file"
        )


def freshness(
    paid_on: Iterable[date], *, synced_on: date | None, today: date, after: int | None = None
) -> Stale | None:
    """What makes the book stale on ``today``; None while it is fresh or cannot be judged.

    ``paid_on`` are the days on which money came in, in any order: at least those of the `HORIZON` days
    up to the last of them, however long ago that is. Days after today do not count yet. A book is
    stale once the last is more than twice the usual pause ago, and a week at least. ``after`` is the
    days that the policy file allows in place of that, 0 for never stale. Without a payment, and
    without a rhythm where ``after`` is not told, nothing is judged.

    Nobody records payments at a weekend: a limit that ends there ends on Monday, and Saturday and
    Sunday are judged as the Friday before.
    """
    known = {day for day in paid_on if day <= today}
    usual = usual_pause(known) if after is None else after
    if not known or not usual:
        return None
    allowed = max(2 * usual, LEAST_AGE - 1) if after is None else usual
    last = max(known)
    end = _end(last, allowed)
    if _working(today) <= end:
        return None
    # Where the book was fresh as of the last sync, or that sync is as old itself as no payment may be,
    # all may be recorded by now.
    unread = synced_on is None or _working(synced_on) <= end or _working(today) > _end(synced_on, allowed)
    cause: Cause = "not-synced" if unread else "not-recorded"
    return Stale(last, (today - last).days, usual, after is not None, cause, synced_on)


def usual_pause(paid_on: Collection[date]) -> int | None:
    """The longest pause between two days with payments, in days, that is usual in this book; None
    where there are too few to tell.

    Of ten pauses one, and of twenty or more two, are taken for exceptions (holidays, a feed that was
    forgotten before) and left out; a pause that comes three times in half a year is usual.
    """
    days = sorted(set(paid_on))
    days = [day for day in days if (days[-1] - day).days <= HORIZON]
    if len(days) < FEWEST_DAYS or (days[-1] - days[0]).days < SHORTEST_SPAN:
        return None
    pauses = sorted((later - earlier).days for earlier, later in pairwise(days))
    return pauses[-1 - min(len(pauses) // 10, 2)]


def _end(start: date, days: int) -> date:
    """The last day of a limit; Monday where that is at a weekend."""
    end = start + timedelta(days=days)
    return end + timedelta(days=7 - end.weekday() if end.weekday() > 4 else 0)


def _working(day: date) -> date:
    """The day itself, for a Saturday or Sunday the Friday before."""
    return day - timedelta(days=max(day.weekday() - 4, 0))


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
