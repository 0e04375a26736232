"""The first wave: who hears from a book when it goes live, and how that is spread over days. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from arsync.policy.calendar import Calendar
from arsync.policy.in_force import InForce
from arsync.policy.joining import OWNER
from arsync.policy.ladder import days_after
from arsync.policy.model import Debtor, Facts, HoldOrder, Message
from arsync.policy.plan import PASSING, plan
from arsync.policy.rules import Policy

ONE_DAY = timedelta(days=1)


class Hearer(msgspec.Struct, frozen=True):
    """A customer who would hear of overdue debts or of one that falls due, in one message a currency.

    ``on`` is the day; ``known`` tells that a message reached the customer before. ``later`` is set where
    spreading moves the day: the customer is paused up to and including the day before.
    """

    customer_id: str
    customer_name: str
    messages: tuple[Message, ...]
    on: date
    known: bool
    later: bool = False

    @property
    def overdue(self) -> bool:
        """Whether anything it would hear of is overdue; what is not yet waits for no wave."""
        return any((line.days_overdue or 0) > 0 for it in self.messages for line in it.lines)


def first_wave(book: str, facts: Facts, policy: Policy, today: date) -> list[Hearer]:
    """Who would hear from a book that went live ``today``, on the first day on which each could.

    The most money comes first. Amounts in different currencies are never compared: the largest debt of
    each currency comes before the second largest of any.
    """
    made = plan(book, facts, policy, today)
    found = [(today, message) for message in made.messages if message.status in ("planned", "approved")]
    waiting: dict[date, set[str]] = defaultdict(set)
    for hold in made.holds:
        if hold.reason in PASSING and hold.until is not None:
            waiting[hold.until].add(hold.customer_id)
    heard = {message.customer_id for _, message in found}
    for on, customers in sorted(waiting.items()):
        customers -= heard
        heard |= customers
        theirs = [debt for debt in facts.debts if debt.customer_id in customers]
        later = plan(book, msgspec.structs.replace(facts, debts=theirs), policy, on)
        found += [(on, message) for message in later.messages]
    return _by_money(found, {customer for customer, _ in facts.contacted})


def _by_money(found: Iterable[tuple[date, Message]], known: set[str]) -> list[Hearer]:
    ranks: dict[str, int] = {}
    by_currency: dict[str, list[Message]] = defaultdict(list)
    by_customer: dict[str, list[tuple[date, Message]]] = defaultdict(list)
    for on, message in found:
        by_currency[message.currency].append(message)
        by_customer[message.customer_id].append((on, message))
    for messages in by_currency.values():
        messages.sort(key=lambda it: (-asked(it), it.customer_id))
        for rank, message in enumerate(messages):
            ranks[message.customer_id] = min(rank, ranks.get(message.customer_id, rank))
    hearers = [
        Hearer(id_, told[0][1].customer_name, tuple(it for _, it in told), told[0][0], id_ in known)
        for id_, told in by_customer.items()
    ]
    return sorted(hearers, key=lambda it: (ranks[it.customer_id], it.messages[0].currency, it.customer_id))


def asked(message: Message) -> int:
    """What a message asks for, after the credit that stands beside it."""
    return message.total - message.held_back - message.unapplied


def spread(wave: Sequence[Hearer], facts: Facts, policy: Policy, per_day: int) -> list[Hearer]:
    """The wave with at most ``per_day`` customers a day, those that come first in it first, each on a
    day on which it may be written to.

    Who hears only of what is not overdue yet keeps its day, for by a later one it would be; such
    customers take up places of theirs.
    """
    in_force = InForce(policy, facts)
    places: dict[date, int] = defaultdict(int)
    for it in wave:
        if not it.overdue:
            places[it.on] += 1
    searched: dict[tuple[object, ...], date] = {}  # days fill up only, so no search begins anew
    placed = []
    for it in wave:
        if not it.overdue:
            placed.append(it)
            continue
        debtor = in_force.debtor(
            facts.debtors.get(it.customer_id) or Debtor(it.customer_id, it.customer_name)
        )
        own = in_force.customer(debtor)
        calendar = Calendar(own, debtor, facts.zone)
        key = id(own), debtor.country, debtor.subdivision, debtor.zones, it.on
        on = searched.get(key, it.on)
        while places[on] >= per_day and on < date.max:
            on = calendar.first(days_after(on, 1))
        searched[key] = on
        places[on] += 1
        placed.append(it if on == it.on else msgspec.structs.replace(it, on=on, later=True))
    return placed


def pause_order(hearer: Hearer, today: date) -> HoldOrder:
    """The hold that keeps a customer back until its day in the wave; it ends by itself."""
    note = f"first wave: from {hearer.on} on"
    return HoldOrder("paused", hearer.on - ONE_DAY, note, OWNER, put_on=today)
