"""How often a customer may hear from us: caps on contacts, and the rest after a conversation. Pure.

A cap of "2 in 7 days" is kept when no 7 days in a row hold more than 2 contacts. Several contacts on one
day count each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from arsync.policy.ladder import days_after
from arsync.policy.model import Contact
from arsync.policy.rules import Cap, Policy, StepKind


def first_with_room(caps: Iterable[Cap], contacts: Sequence[date], day: date) -> date | None:
    """The first day from ``day`` on on which one more contact keeps every cap; None where none does.

    ``contacts`` are the days of those there were, in order; some may lie after ``day``.
    """
    while (full := _full(caps, contacts, day)) is not None:
        _, stretch, end = full
        if not stretch or end <= day:
            return None
        day = end
    return day


def why_full(caps: Iterable[Cap], contacts: Sequence[date], day: date) -> str | None:
    """Which contacts leave no room for one more on that day; None where there is room."""
    if (full := _full(caps, contacts, day)) is None:
        return None
    cap, stretch, _ = full
    allowed = f"at most {cap.contacts} contact{'' if cap.contacts == 1 else 's'} in {cap.days} days"
    return f"{allowed}; there were {', '.join(map(str, stretch))}" if stretch else allowed


def _full(
    caps: Iterable[Cap], contacts: Sequence[date], day: date
) -> tuple[Cap, Sequence[date], date] | None:
    """A cap that a contact on ``day`` would break, the contacts that fill it, and the first day after
    ``day`` on which they no longer do. All days up to that one are as full."""
    for cap in caps:
        if cap.contacts < 1:
            return cap, (), day
        for index in range(len(contacts) - cap.contacts, -1, -1):
            stretch = contacts[index : index + cap.contacts]
            if (day - stretch[0]).days >= cap.days:
                break  # those before are still longer ago
            if (max(stretch[-1], day) - min(stretch[0], day)).days < cap.days:
                return cap, stretch, days_after(stretch[0], cap.days)
    return None


class Restraint:
    """What the caps of a policy and its rest after a conversation leave room for with one customer.

    It grows with what a plan of the day makes of it: a message that is planned is taken to leave today;
    a call or a letter that is planned fills its place of today, but nobody knows on which day it is made.
    """

    def __init__(self, policy: Policy, contacts: Sequence[Contact], today: date) -> None:
        self._caps, self._rest_days, self.today = policy.caps, policy.call_rest_days, today
        self._known = sorted([contact.on for contact in contacts])
        self._leaving = self._filled = self._known
        self._conversation: date | None = None
        if self._rest_days:
            talks = [contact.on for contact in contacts if contact.conversation]
            self._conversation = max(talks, default=None)

    @property
    def leaves_today(self) -> bool:
        """Whether a message is planned today."""
        return self._leaving is not self._known

    def plan_message(self) -> None:
        """A message is planned today."""
        self._leaving = sorted([*self._leaving, self.today])
        self._filled = sorted([*self._filled, self.today])

    def plan_work(self) -> None:
        """A call or a letter is planned today."""
        self._filled = sorted([*self._filled, self.today])

    def why_not(self, does: StepKind) -> str | None:
        """Why this may not be done today beside what there was and what is planned; None where it may."""
        if does == "task":
            return None
        if does == "call" and (rested := self._rested()) is not None and rested > self.today:
            return (
                f"the last conversation was on {self._conversation}; no call for {self._rest_days} days after"
            )
        return why_full(self._caps, self._filled, self.today)

    def first(self, does: StepKind, day: date, *, leaving: bool) -> date | None:
        """The first day from ``day`` on, which is after today, on which there is room for this.
        ``leaving`` counts the messages that are planned today."""
        if does == "task":
            return day
        if does == "call" and (rested := self._rested()) is not None:
            day = max(day, rested)
        return first_with_room(self._caps, self._leaving if leaving else self._known, day)

    def _rested(self) -> date | None:
        """The first day for a call after the last conversation."""
        if self._conversation is None:
            return None
        return days_after(self._conversation, self._rest_days)
