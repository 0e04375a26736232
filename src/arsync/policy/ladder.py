"""The ladder: which step of an invoice comes next, and from which day on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256

from arsync.policy.model import Taken
from arsync.policy.rules import Policy, Step

ONE_DAY = timedelta(days=1)


def next_step(policy: Policy, due_on: date, taken: Taken | None, today: date) -> Step | None:
    """The step after the last one taken, or None when the ladder is done.

    Steps whose day is on or before the due date are passed over as soon as the invoice is overdue,
    so that no friendly heads-up arrives late. A step that the policy no longer names is placed by
    its day, so that an edited policy neither repeats nor restarts anything.
    """
    overdue = today > due_on
    for step in policy.steps[_position(policy, taken) :]:
        if not (overdue and step.offset <= 0):
            return step
    return None


def _position(policy: Policy, taken: Taken | None) -> int:
    if taken is None:
        return 0
    for index, step in enumerate(policy.steps):
        if step.name == taken.step:
            return index + 1
    return sum(1 for step in policy.steps if step.offset <= taken.offset)


def firm_steps(policy: Policy) -> frozenset[str]:
    """The names of the steps that are firm. Where the policy does not say, those up to the due date
    and the first after it are soft, and every later one is firm."""
    later = [step.name for step in policy.steps if step.offset > 0][1:]
    return frozenset(
        step.name for step in policy.steps if (step.name in later if step.firm is None else step.firm)
    )


def days_after(day: date, days: int) -> date:
    """The day ``days`` later. Where the calendar ends before it, its last day: books write
    9999-12-31 for "never", and one such date must not stop a plan."""
    try:
        return day + days * ONE_DAY
    except OverflowError:
        return date.max


def first_sending_day(policy: Policy, day: date) -> date:
    """The first day from ``day`` on that is one of the policy's sending days."""
    while day.weekday() not in policy.send_on and day < date.max:
        day += ONE_DAY
    return day


def step_day(step: Step, due_on: date, taken: Taken | None) -> date:
    """The first day of a step: its own after the due date or, where that is later, ``dwell_days`` after
    the step before."""
    own = days_after(due_on, step.offset)
    if not step.dwell_days or taken is None or taken.on is None:
        return own
    return max(own, days_after(taken.on, step.dwell_days))


def gap_end(policy: Policy, contacted: Iterable[tuple[str, date]], currency: str, today: date) -> date | None:
    """The first day on which a message in ``currency`` keeps the gap to the last that reached the
    customer; None if none did.

    ``contacted`` is (currency, day). Messages in two currencies that are ready on one day leave on
    that day, so a message of today in another currency does not count; one in the same currency
    always does, whatever the gap: a second run on the same day changes nothing.
    """
    last: date | None = None
    for of, day in contacted:
        if (last is None or day > last) and (day != today or of == currency):
            last = day
    return None if last is None else days_after(last, max(policy.min_gap_days, 1))


def step_key(step: str, round_: int) -> str:
    """The name of a step among all that an invoice takes: each instalment climbs the ladder anew."""
    return step if round_ == 1 else f"{step}#{round_}"


def identity(book: str, customer_id: str, currency: str, steps: Iterable[tuple[str, str]]) -> str:
    """The id of the message or task that takes these (invoice id, `step_key`) for a customer: the same
    from plan to plan, and no other message's. 48 bits in hexadecimal."""
    text = "\x1f".join([book, customer_id, currency, *map("\x1e".join, sorted(steps))])
    return sha256(text.encode()).hexdigest()[:12]
