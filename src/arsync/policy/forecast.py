"""What will be sent to whom, and what people will be asked to do, if nobody pays. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from arsync.policy.course import Course
from arsync.policy.ladder import days_after
from arsync.policy.model import Facts, Message, Plan, Task
from arsync.policy.rules import Policy


class Happening(msgspec.Struct, frozen=True, gc=False):
    """A message that leaves, or a task that is done, on a day."""

    on: date
    item: Message | Task


def forecast(book: str, facts: Facts, policy: Policy, start: date, days: int) -> list[Happening]:
    """All that happens on ``days`` days from ``start`` on, in order of days and customers' names.

    ``facts`` are those of ``start`` and stay as they are, except for what these happenings themselves
    bring: steps taken and contacts. So what is held without an end never comes.
    """
    course = Course(book, facts, policy, start)
    return happenings(course.days(days_after(start, days - 1)))


def happenings(plans: Iterable[Plan]) -> list[Happening]:
    """The messages and tasks of these plans, each on its plan's day."""
    found: list[Happening] = []
    for made in plans:
        items: tuple[Message | Task, ...] = (*made.messages, *made.tasks)
        found += [Happening(made.as_of, item) for item in sorted(items, key=_by_customer)]
    return found


def _by_customer(item: Message | Task) -> tuple[str, str, str, bool, str]:
    return item.customer_name.casefold(), item.customer_id, item.currency, isinstance(item, Task), item.id
