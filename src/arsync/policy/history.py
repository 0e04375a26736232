"""Two policies over one past: what each would have done, and the difference. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import msgspec

from arsync.policy.changes import Change
from arsync.policy.course import Course
from arsync.policy.forecast import Happening, happenings
from arsync.policy.ladder import firm_steps
from arsync.policy.model import Facts, Message
from arsync.policy.rules import Policy, StepKind

Kind = Literal["firm", "task"]


class History(msgspec.Struct, frozen=True):
    """A book from the day ``start`` on: its facts at the end of that day, but for the steps and contacts,
    which are those of the day before; and what changed on later days, in their order."""

    start: date
    facts: Facts
    changes: tuple[Change, ...]


class Counted(msgspec.Struct, frozen=True):
    """How often a step was taken to a customer in a month (its first day), under either policy."""

    month: date
    step: str
    does: StepKind
    now: int
    new: int


class Heard(msgspec.Struct, frozen=True):
    """How many messages a customer would have had under either policy."""

    customer_id: str
    customer_name: str
    now: int
    new: int


class Escalated(msgspec.Struct, frozen=True):
    """The first firm message to a customer, or the first task about it, under either policy; None where
    there was none."""

    customer_id: str
    customer_name: str
    kind: Kind
    now: date | None
    new: date | None

    @property
    def sooner(self) -> bool:
        """Whether it comes earlier under the new policy, or only there."""
        return self.new is not None and (self.now is None or self.new < self.now)


class Difference(msgspec.Struct, frozen=True):
    """What another policy changes. Of the pairs the first is the policy of now, the second the new one.

    ``fewer`` and ``more`` are the customers that hear less or more, the greatest difference first;
    ``earlier`` and ``later`` those escalated at another time, by that day under the new policy or else
    under that of now.
    """

    messages: tuple[int, int]
    tasks: tuple[int, int]
    written_to: tuple[int, int]
    steps: tuple[Counted, ...]
    fewer: tuple[Heard, ...]
    more: tuple[Heard, ...]
    earlier: tuple[Escalated, ...]
    later: tuple[Escalated, ...]


def replay(book: str, history: History, policy: Policy, last: date) -> list[Happening]:
    """All that this policy would have done from the history's first day up to and with ``last``."""
    course = Course(book, history.facts, policy, history.start)
    return happenings(course.days(last, history.changes))


def difference(
    now: Iterable[Happening], new: Iterable[Happening], policies: tuple[Policy, Policy]
) -> Difference:
    """The difference between what two policies would have done in the same time."""
    one, other = _Done(now, policies[0]), _Done(new, policies[1])
    heard = [
        Heard(id_, _name(id_, one, other), one.messages[id_], other.messages[id_])
        for id_ in one.messages.keys() | other.messages.keys()
        if one.messages[id_] != other.messages[id_]
    ]
    heard.sort(key=lambda it: (-abs(it.new - it.now), it.customer_name.casefold(), it.customer_id))
    escalated = [
        Escalated(*key, kind, one.firsts.get((key[0], kind)), other.firsts.get((key[0], kind)))
        for id_, kind in one.firsts.keys() | other.firsts.keys()
        if (key := (id_, _name(id_, one, other)))
        and one.firsts.get((id_, kind)) != other.firsts.get((id_, kind))
    ]
    escalated.sort(key=lambda it: (it.new or it.now or date.max, it.customer_name.casefold(), it.kind))
    return Difference(
        messages=(one.messages.total(), other.messages.total()),
        tasks=(one.tasks, other.tasks),
        written_to=(len(one.messages), len(other.messages)),
        steps=tuple(
            Counted(*key, one.steps[key], other.steps[key]) for key in _in_order(one.steps, other.steps)
        ),
        fewer=tuple(it for it in heard if it.new < it.now),
        more=tuple(it for it in heard if it.new > it.now),
        earlier=tuple(it for it in escalated if it.sooner),
        later=tuple(it for it in escalated if not it.sooner),
    )


class _Done:
    """What one policy would have done, counted."""

    def __init__(self, happened: Iterable[Happening], policy: Policy) -> None:
        self.messages: Counter[str] = Counter()
        self.tasks = 0
        self.steps: Counter[tuple[date, str, StepKind]] = Counter()
        self.firsts: dict[tuple[str, Kind], date] = {}
        self.names: dict[str, str] = {}
        firm = firm_names(policy)
        for on, item in ((it.on, it.item) for it in happened):
            id_ = item.customer_id
            self.names[id_] = item.customer_name
            message = isinstance(item, Message)
            does: StepKind = "message" if isinstance(item, Message) else item.does
            self.steps[on.replace(day=1), item.step, does] += 1
            if message:
                self.messages[id_] += 1
            else:
                self.tasks += 1
            if not message or item.step in firm:
                self.firsts.setdefault((id_, "firm" if message else "task"), on)


def firm_names(policy: Policy) -> frozenset[str]:
    """The names of the firm steps of all its ladders."""
    ladders = (policy.steps, *policy.ladders.values())
    return frozenset().union(*(firm_steps(msgspec.structs.replace(policy, steps=it)) for it in ladders))


def _name(id_: str, one: _Done, other: _Done) -> str:
    return one.names.get(id_) or other.names[id_]


def _in_order(
    one: Mapping[tuple[date, str, StepKind], int], other: Mapping[tuple[date, str, StepKind], int]
) -> list[tuple[date, str, StepKind]]:
    return sorted(one.keys() | other.keys())
