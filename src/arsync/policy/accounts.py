"""What each customer owes in each currency, with everything that decides about it on a day. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import NamedTuple

import msgspec

from arsync.policy.calendar import Calendar
from arsync.policy.caps import Restraint
from arsync.policy.holds import Agreed, Ground
from arsync.policy.in_force import InForce
from arsync.policy.ladder import days_after, gap_end
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.rules import Channel, Policy
from arsync.policy.standing import Ladder, Standing, stand
from arsync.policy.terms import terms

NOTHING: frozenset[Channel] = frozenset()
LAST_DAY = date.max


class Gap(NamedTuple):
    """The first day that keeps the gap to the customer's last message: as it binds today, and as it
    will bind on later days, when a message of today in another currency counts too."""

    today: date | None
    later: date | None


NO_GAP = Gap(None, None)


class Regime(msgspec.Struct, frozen=True, eq=False):
    """What customers share for whom the same policy is in force. ``restrained`` tells that contacts with
    them are counted, ``closed`` why nothing is sent to them today."""

    policy: Policy
    calendar: Calendar
    ladder: Ladder
    restrained: bool
    closed: str | None


class Account(msgspec.Struct, eq=False):
    """What one customer owes in one currency. ``restraint`` is the customer's in all of them.

    ``last`` is the day of the last message. While it is decided, ``held`` and ``waiting`` grow: what is
    held by itself, and with the customer, for which the day is told once all is decided.
    """

    debtor: Debtor
    currency: str
    regime: Regime
    standings: list[Standing]
    gap: Gap
    last: date | None
    unapplied: int
    opted_out: frozenset[Channel]
    restraint: Restraint | None
    held: dict[Ground, list[Debt]] = {}
    waiting: list[tuple[Sequence[Ground], Sequence[Standing]]] = []


class Regimes:
    """The policies in force, found once for all customers and days alike. ``alike`` tells that one policy
    holds for every customer and invoice as it stands."""

    def __init__(self, policy: Policy, facts: Facts) -> None:
        self._in_force = InForce(policy, facts)
        self._stale, self._zone = facts.stale is not None, facts.zone
        self._for_invoices = bool(
            policy.invoices
            or any(segment.where.of_invoices for segment in policy.segments)
            or any(step.at_least or step.only_for or step.not_for for step in policy.every_step)
        )
        self.alike = not self._for_invoices and self._in_force.customer(Debtor("", "")) is policy
        self.policy = policy

    def debtor(self, debtor: Debtor) -> Debtor:
        """The customer with what the policy knows better."""
        return debtor if self.alike else self._in_force.debtor(debtor)

    def of(self, debtor: Debtor, day: Day) -> Regime:
        """The regime of a customer, as of a day."""
        policy = self.policy if self.alike else self._in_force.customer(debtor)
        there = policy.hours is not None or policy.customer_holidays
        key = id(policy), (debtor.country, debtor.subdivision) if there else None, debtor.zones
        if (known := day.regimes.get(key)) is None:
            calendar = Calendar(policy, debtor, self._zone)
            known = day.regimes[key] = Regime(
                policy=policy,
                calendar=calendar,
                ladder=self.ladder(policy, day),
                restrained=bool(policy.caps) or policy.call_rest_days > 0,
                closed=calendar.why_closed(day.today),
            )
        return known

    def shared(self, day: Day) -> Regime | None:
        """The regime of every customer whose time zone is not known, where they all have one."""
        if not self.alike or self.policy.hours is not None or self.policy.customer_holidays:
            return None
        return self.of(Debtor("", ""), day)

    def ladder_of(self, debtor: Debtor, regime: Regime, debt: Debt, day: Day) -> Ladder:
        """The ladder of one invoice."""
        if not self._for_invoices:
            return regime.ladder
        policy = self._in_force.debt(debtor, debt, regime.policy)
        return regime.ladder if policy is regime.policy else self.ladder(policy, day)

    def ladder(self, policy: Policy, day: Day) -> Ladder:
        """The ladder of a policy, as of a day."""
        if (known := day.ladders.get(id(policy))) is None:
            known = day.ladders[id(policy)] = Ladder(policy, day.today, stale=self._stale)
        return known


class Day:
    """What was found for a day. Each value holds on to the policy whose id is its key."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.regimes: dict[tuple[int, tuple[str, str] | None, tuple[str, ...]], Regime] = {}
        self.ladders: dict[int, Ladder] = {}


class Accounts:
    """The accounts of a day, under the terms of that day. ``facts`` are those terms' own."""

    def __init__(self, facts: Facts, regimes: Regimes, today: date) -> None:
        settled = terms(facts, today)
        self.facts, self.today = settled.facts, today
        self._regimes, self._day = regimes, Day(today)
        self._agreed = _with_owners(settled.agreed, facts) if settled.agreed else {}
        self._contacted: dict[str, list[tuple[str, date]]] = {}
        for (customer, currency), day in facts.contacted.items():
            self._contacted.setdefault(customer, []).append((currency, day))
        self._restraints: dict[str, Restraint] = {}
        self._customers: dict[str, tuple[Debtor, Regime]] = {}
        self._shared = regimes.shared(self._day)

    def __iter__(self) -> Iterator[Account]:
        """Where contacts are counted, those of one customer come one after the other."""
        facts, agreed, today, regimes = self.facts, self._agreed, self.today, self._regimes
        groups: dict[tuple[str, str], list[Standing]] = defaultdict(list)
        ladder = regimes.ladder(regimes.policy, self._day)
        alike = regimes.alike
        for debt in facts.debts:
            if not alike:
                ladder = regimes.ladder_of(*self._customer(debt.customer_id), debt, self._day)
            standing = stand(facts, agreed.get(debt.id) if agreed else None, ladder, debt, today)
            groups[debt.customer_id, debt.currency].append(standing)
        found: Iterable[tuple[tuple[str, str], list[Standing]]] = groups.items()
        if self._shared is None or self._shared.restrained:
            found = sorted(found, key=itemgetter(0))
        for (customer_id, currency), standings in found:
            yield self._account(customer_id, currency, standings)

    def _customer(self, customer_id: str) -> tuple[Debtor, Regime]:
        debtor = self.facts.debtors.get(customer_id) or Debtor(customer_id, customer_id)
        if self._shared is not None and not debtor.zones:
            return debtor, self._shared
        if (known := self._customers.get(customer_id)) is None:
            debtor = self._regimes.debtor(debtor)
            known = self._customers[customer_id] = debtor, self._regimes.of(debtor, self._day)
        return known

    def _account(self, customer_id: str, currency: str, standings: list[Standing]) -> Account:
        facts = self.facts
        debtor, regime = self._customer(customer_id)
        if len(standings) > 1:
            standings.sort(key=_by_due_date)
        gap, last = NO_GAP, None
        if (contacted := self._contacted.get(customer_id)) is not None:
            gap, last = self._gap(regime.policy, contacted, currency)
        return Account(
            debtor,
            currency,
            regime,
            standings,
            gap,
            last,
            facts.unapplied.get((customer_id, currency), 0),
            facts.opted_out.get(customer_id, NOTHING) if facts.opted_out else NOTHING,
            self._restraint(customer_id, regime.policy) if regime.restrained else None,
        )

    def _gap(self, policy: Policy, contacted: list[tuple[str, date]], currency: str) -> tuple[Gap, date]:
        """The gap to the last message, and its day."""
        last, also_today = contacted[0][1], False
        for _, day in contacted:
            if day > last:
                last = day
            if day == self.today:
                also_today = True
        end = later = gap_end(policy, contacted, currency, self.today)
        if also_today:
            later = gap_end(policy, contacted, currency, days_after(self.today, 1))
        return Gap(end, later), last

    def _restraint(self, customer_id: str, policy: Policy) -> Restraint:
        if (known := self._restraints.get(customer_id)) is None:
            contacts = self.facts.contacts.get(customer_id, ())
            known = self._restraints[customer_id] = Restraint(policy, contacts, self.today)
        return known


def _with_owners(agreed: Mapping[str, tuple[str, date | None]], facts: Facts) -> dict[str, Agreed]:
    """What agreements hold, with who deals with each. An invoice of several has the owner of the last one."""
    made = sorted(facts.agreements, key=lambda it: (it.agreed_on, it.id))
    owners = {id_: it.owner for it in made for id_, _ in it.lines if it.owner}
    return {id_: (detail, last, owners.get(id_, "")) for id_, (detail, last) in agreed.items()}


def _by_due_date(standing: Standing) -> tuple[date, str, str]:
    debt = standing.debt
    return debt.due_on or LAST_DAY, debt.number, debt.id
