"""What to leave for later when calls run short, and where a month is heading. Pure.

The last calls of a day belong to the re-reading before a letter leaves; notes come next, and syncs
last, for what a sync would tell is read again before anything is sent anyway.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

# Below so many hundredths of a limit, a sync waits until the last complete one is so old.
_LADDER = (
    (10, timedelta(hours=4)),
    (15, timedelta(hours=2)),
    (20, timedelta(hours=1)),
)
# So many hundredths are kept for letters: no sync and no note spends them.
RESERVE = 5
_DAY = timedelta(days=1)


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """How to go on.

    "thin": a sync waits until the last complete one is ``every`` old, and notes are written together.
    "stop": no sync and no note now, ``until`` then, where that is known. ``spare`` are the calls that
    notes may take; None: as many as there are. ``why`` is a sentence without its end.
    """

    kind: Literal["as usual", "thin", "stop"] = "as usual"
    why: str = ""
    every: timedelta = timedelta(0)
    until: datetime | None = None
    spare: int | None = None
    day: bool = False  # it is the day that runs short, rather than the month


AS_USUAL = Course()


def course(
    *,
    day_left: int | None,
    day_limit: int | None,
    used_up_until: datetime | None = None,
    reads: int = 0,
    reads_limit: int | None = None,
    projected_reads: int = 0,
    now: datetime,
) -> Course:
    """The stricter of what the day and the month ask for.

    A month asks for thrift only where its reads would not last to its end: one that is nearly over may
    well have little left.
    """
    day = AS_USUAL
    if used_up_until is not None and now < used_up_until:
        why = f"the day's calls are used up until {used_up_until:%Y-%m-%d %H:%M} UTC"
        day = Course(kind="stop", why=why, until=used_up_until, spare=0, day=True)
    elif day_left is not None and day_limit:
        day = _of(day_left, day_limit, f"{day_left:,} of the day's {day_limit:,} calls are left", None)
    if day.kind != "stop" and reads_limit and projected_reads > reads_limit:
        left = max(reads_limit - reads, 0)
        why = f"{left:,} of the month's {reads_limit:,} reads are left"
        month = _of(left, reads_limit, why, next_month(now))
        if month.kind == "stop" or month.every > day.every:
            spare = None if month.kind == "thin" else 0
            return msgspec.structs.replace(month, spare=spare, day=False)
    return day


def _of(left: int, limit: int, why: str, renewed: datetime | None) -> Course:
    reserve = limit * RESERVE // 100
    if left <= reserve:
        why = f"{why}, which are kept for reading again before letters leave"
        return Course(kind="stop", why=why, until=renewed, spare=0, day=True)
    for hundredths, every in _LADDER:
        if left * 100 < limit * hundredths:
            return Course(kind="thin", why=why, every=every, spare=left - reserve, day=True)
    return AS_USUAL


def day_left(
    *,
    told: int | None,
    told_at: datetime | None,
    since: int,
    most: int,
    renewed_at: datetime | None,
    per_day: int | None,
    today: int,
    now: datetime,
) -> int | None:
    """The calls that are left of a day; None where nobody knows a limit.

    What the service ``told``, less the calls ``since``, holds for a day, or until it gives new ones
    (``renewed_at``); after that nothing of the new day is used as far as anybody knows, and its next
    answer tells. Where it never told, it is what ``per_day`` leaves after the calls of ``today``.
    """
    if told is None or told_at is None:
        return None if per_day is None else max(per_day - today, 0)
    renewed = renewed_at is not None and told_at < renewed_at <= now
    if told_at <= now < told_at + _DAY and not renewed:
        return max(told - since, 0)
    return max(most, per_day or 0)


def month_of(now: datetime) -> str:
    """The month of an instant, in UTC: "2026-11"."""
    return f"{now.astimezone(UTC):%Y-%m}"


def next_month(now: datetime) -> datetime:
    """When the next month begins, in UTC. Vendors do not tell in which zone their months are."""
    begun = _month_begun(now)
    return begun + timedelta(days=monthrange(begun.year, begun.month)[1])


def next_day(now: datetime) -> datetime:
    """When the next day begins, in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + _DAY


def projected(so_far: int, now: datetime, *, since: datetime | None = None) -> int:
    """What a count comes to by the end of its month in UTC, if it grows as it has.

    ``since`` is where counting began, where that is within the month. The first day counts as a whole
    one: an hour of it tells little of a month. A part of a unit counts as one.
    """
    begun, end = _month_begun(now), next_month(now)
    if since is not None and since > begun:
        begun = since
    if now <= begun:
        return so_far
    elapsed = max(now - begun, _DAY)
    left = max(end - max(now, begun + elapsed), timedelta(0))
    second = timedelta(seconds=1)
    return so_far - (-so_far * (left // second) // (elapsed // second))


def _month_begun(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
