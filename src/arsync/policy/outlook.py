"""The first day on which an invoice could take its next step, if nothing else changes. Pure.

Nobody pays, no hold is put or released, and nothing leaves: what changes is the day. With it holds end,
steps come, caps have room again, and promises and agreements turn; the last of these change what is asked
for, so they are looked at under the terms of each day on which they may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import msgspec

from arsync.policy.accounts import Account, Accounts, Regimes
from arsync.policy.holds import UNLISTED, unreachable
from arsync.policy.ladder import days_after, next_step, step_day
from arsync.policy.model import Agreement, Debt, Facts
from arsync.policy.rules import Step
from arsync.policy.standing import Standing
from arsync.policy.turns import Turns

# A step and the first day for it; None where no day is left for it.
Coming = tuple[Step, date | None]


class Outlook:
    """Looks ahead from today. ``facts`` are those before any terms are worked into them."""

    def __init__(self, facts: Facts, regimes: Regimes, today: date) -> None:
        self._facts, self._regimes, self._today = facts, regimes, today
        self._tomorrow = days_after(today, 1)
        self._turns = Turns(facts, today)
        self._later: dict[tuple[str, date], dict[str, Standing]] = {}
        self._debts: dict[str, Debt] = {}
        self._owed_by: dict[str, list[str]] = defaultdict(list)
        self._agreed: dict[str, list[Agreement]] = defaultdict(list)

    def upcoming(self, account: Account, standing: Standing) -> Coming:
        """The next step of an invoice that nothing holds, and its day. What holds the customer whatever
        the day, as a missing address does, is not looked at."""
        assert standing.step is not None
        assert standing.day is not None
        if not self._turns:
            found = _within(account, standing, self._tomorrow, leaving=False, reached=False)
        else:
            found = self._coming(account, standing, self._tomorrow, reached=False)
        return found or (standing.step, None)

    def free(self, account: Account, standing: Standing, *, leaving: bool = False) -> date | None:
        """The first day after today on which a held invoice could take a step; None where nobody can tell,
        or where none comes. ``leaving`` takes the messages of today's plan as gone."""
        found = self._coming(account, standing, self._tomorrow, leaving=leaving)
        return None if found is None else found[1]

    def enough(self, account: Account, ready: Sequence[Standing]) -> date | None:
        """The first day after today on which one of the ready invoices could take a step, though what is
        asked for is too little today: others of the account are listed once they are overdue, once a hold
        on them ends, or with a step of their own. None where it stays too little."""
        minimum = account.regime.policy.minimum.get(account.currency, 0)
        needed = account.unapplied + max(minimum, 1)
        if sum([standing.debt.open for standing in account.standings]) < needed:
            return None
        turns = {day for standing in account.standings for day in self._turns.of(standing.debt)}
        days = turns.union(*(_joins(standing) for standing in account.standings))
        standings: Iterable[Standing] = account.standings
        for day in sorted(day for day in days if day > self._today):
            if day in turns:
                standings = self._standings(account, day).values()
            if sum([s.debt.asked for s in standings if _listed(s, day)]) < needed:
                continue
            found = [self._coming(account, standing, day) for standing in ready]
            return min([it[1] for it in found if it is not None and it[1] is not None], default=None)
        return None

    def _coming(
        self,
        account: Account,
        standing: Standing,
        start: date,
        *,
        leaving: bool = False,
        reached: bool = True,
    ) -> Coming | None:
        """Under the terms of each stretch of days in turn, until one has a day for a step."""
        turns = self._turns.of(standing.debt) if self._turns else ()
        if not turns:
            return _within(account, standing, start, leaving=leaving, reached=reached)
        found: Coming | None = None
        for begin, end in zip((self._today, *turns), (*turns, None), strict=True):
            if begin > self._today:
                known = self._standings(account, begin).get(standing.debt.id)
                if known is None:
                    continue
                standing = known
            within = _within(account, standing, max(start, begin), leaving=leaving, reached=reached)
            if within is None:
                continue
            step, day = within
            if day is not None and (end is None or day < end):
                return within
            found = found or (step, None)
        return found

    def _standings(self, account: Account, day: date) -> dict[str, Standing]:
        """The invoices of an account under the terms of a later day."""
        debtor, currency = account.debtor.id, account.currency
        key = debtor, day
        if key not in self._later:
            accounts = Accounts(self._facts_of(debtor), self._regimes, day)
            self._later[key] = {
                s.debt.id: s for it in accounts if it.debtor.id == debtor for s in it.standings
            }
        return {id_: s for id_, s in self._later[key].items() if s.debt.currency == currency}

    def _facts_of(self, customer_id: str) -> Facts:
        """The facts of one customer, with every debt that its terms are judged by."""
        facts = self._facts
        if not self._debts:
            for debt in facts.debts:
                self._debts[debt.id] = debt
                self._owed_by[debt.customer_id].append(debt.id)
            for agreement in facts.agreements:
                for id_, _ in agreement.lines:
                    self._agreed[id_].append(agreement)
        own = set(self._owed_by[customer_id])
        agreements = list({it.id: it for id_ in own for it in self._agreed.get(id_, ())}.values())
        invoice_holds = {id_: facts.invoice_holds[id_] for id_ in own if id_ in facts.invoice_holds}
        customer_holds = {id_: o for id_ in (customer_id,) if (o := facts.customer_holds.get(id_))}
        lines = [
            *(it.lines for it in agreements),
            *(
                o.lines
                for held in (invoice_holds, customer_holds)
                for orders in held.values()
                for o in orders
            ),
        ]
        judged = own.union(id_ for each in lines for id_, _ in each if id_ in self._debts)
        return msgspec.structs.replace(
            facts,
            contacted={},  # the gap is the same in all terms
            debts=[self._debts[id_] for id_ in judged],
            invoice_holds=invoice_holds,
            customer_holds=customer_holds,
            agreements=agreements,
        )


def _within(
    account: Account, standing: Standing, start: date, *, leaving: bool, reached: bool
) -> Coming | None:
    """The step and its first day from ``start`` on, under the terms that the standing is of; None where
    the invoice is held and nobody knows for how long. A step that cannot be taken by the due date is
    passed over (rule 2)."""
    step, due_on, day = standing.step, standing.debt.due_on, standing.day
    if step is None or due_on is None or day is None:
        return None
    for ground in standing.held:
        if ground.last is None:
            return None
        start = max(start, days_after(ground.last, 1))
    gap = account.gap.later
    if leaving and account.restraint is not None and account.restraint.leaves_today:
        kept = max(account.regime.policy.min_gap_days, 1)
        gap = max(gap or start, days_after(account.restraint.today, kept))
    waits = start if gap is None or standing.shown else max(start, gap)
    found = _open_day(account, standing, step, max(waits, day), leaving, reached)
    if step.offset > 0 or (found is not None and found <= due_on):
        return step, found
    overdue = days_after(due_on, 1)
    after = next_step(standing.ladder.policy, due_on, standing.taken, overdue)
    if after is None or after is step:
        return step, None
    start = max(start, gap or start, overdue, step_day(after, due_on, standing.taken))
    return after, _open_day(account, standing, after, start, leaving, reached)


def _open_day(
    account: Account, standing: Standing, step: Step, day: date, leaving: bool, reached: bool
) -> date | None:
    """The first day from ``day`` on on which the calendar and the caps leave room for this step."""
    if reached and (
        step.name in standing.ladder.stalled or unreachable(account.debtor, step.does, account.opted_out)
    ):
        return None
    restraint = account.restraint
    while True:
        open_ = account.regime.calendar.first(day) if step.does == "message" else day
        if restraint is None:
            return None if open_ == date.max else open_
        free = restraint.first(step.does, open_, leaving=leaving)
        if free is None or free == date.max:
            return None
        if free == open_:
            return free
        day = free


# What is listed on a later day ---------------------------------------------------------------------


def _joins(standing: Standing) -> Iterator[date]:
    """The days from which on an invoice may be listed: the days after those that keep it out."""
    if standing.debt.due_on is not None:
        yield days_after(standing.debt.due_on, 1)
    if standing.day is not None:
        yield standing.day
    for ground in standing.held:
        if ground.last is not None:
            yield days_after(ground.last, 1)


def _listed(standing: Standing, day: date) -> bool:
    """Whether an invoice is listed on a day, if only for a step of its own."""
    holding = [ground for ground in standing.held if ground.last is None or day <= ground.last]
    if any(ground.reason in UNLISTED for ground in holding):
        return False
    if standing.debt.due_on is not None and day > standing.debt.due_on:
        return True
    return not holding and not standing.bound and standing.day is not None and day >= standing.day
