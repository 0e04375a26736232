"""What comes next for an invoice if nothing changes: the rest of its ladder with its days. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from arsync.policy.ladder import days_after, first_sending_day, next_step
from arsync.policy.model import Taken
from arsync.policy.rules import Policy, Step


class Coming(msgspec.Struct, frozen=True):
    """A step and the first day on which it could be taken; ``why`` names what decides that day."""

    step: Step
    on: date
    why: str


def schedule(policy: Policy, due_on: date, taken: Taken | None, start: date) -> Iterator[Coming]:
    """The steps still to come, each on the earliest day the rules allow from ``start`` on, if nobody
    pays and each is taken on its day. A task is taken when a person closes it; its day counts here."""
    gap = max(policy.min_gap_days, 1)
    day, late = start, "is past; it is caught up"
    while (step := next_step(policy, due_on, taken, day)) is not None:
        own = days_after(due_on, step.offset)
        on, why = (own, f"its day is {own}") if own >= day else (day, f"its day {own} {late}")
        if step.does == "message" and (sending := first_sending_day(policy, on)) != on:
            on, why = sending, f"{why}; {on:%A} is not a sending day"
        if on > due_on and step.offset <= 0:
            day = days_after(due_on, 1)  # overdue by then: the step is passed over as soon as it is
            continue
        yield Coming(step, on, why)
        taken = Taken(step.name, step.offset)
        day = on
        if step.does == "message":
            day, late = days_after(on, gap), f"is less than {gap} days after the step before"
