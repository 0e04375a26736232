"""Where one open invoice stands on a day: held, waiting for its step, or ready for it. Pure.

Rules 2 and 3 of 'What a run decides', and the part of rule 6 that is about an invoice by itself.
"""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.ledger.aging import days_overdue
from arsync.policy.holds import Agreed, Ground, invoice_reasons
from arsync.policy.ladder import firm_steps, next_step, step_day, step_key
from arsync.policy.model import Debt, Facts, Taken
from arsync.policy.rules import Policy, Step

NO_STEPS: frozenset[str] = frozenset()


# The next step and its day, and the days that the invoice is overdue.
Next = tuple[Step | None, date, int | None]


class Ladder:
    """The steps of a policy as they stand on a day. Most invoices share a due date and a last step, so what
    comes after is ``known`` by both once it was found. ``stalled`` are the steps held as `stale-data`."""

    def __init__(self, policy: Policy, today: date, *, stale: bool) -> None:
        self.policy, self._today = policy, today
        self.stalled = firm_steps(policy) if stale else NO_STEPS
        self.known: dict[tuple[date, Taken | None], Next] = {}

    def find(self, due_on: date, taken: Taken | None) -> Next:
        """What comes after the last step taken."""
        step = next_step(self.policy, due_on, taken, self._today)
        day = due_on if step is None else step_day(step, due_on, taken)
        found = self.known[due_on, taken] = step, day, days_overdue(due_on, self._today)
        return found


class Standing(msgspec.Struct, gc=False, eq=False):
    """An invoice on its way up the ladder. ``day`` is that of ``step``; ``ready`` tells that it has come
    and nothing holds the invoice by itself. ``bound`` is one in a message that waits for a person.
    ``shown`` is its step as a task that a person has seen."""

    debt: Debt
    ladder: Ladder
    days: int | None
    taken: Taken | None = None
    step: Step | None = None
    day: date | None = None
    ready: bool = False
    bound: bool = False
    held: tuple[Ground, ...] = ()
    shown: bool = False


def stand(facts: Facts, agreed: Agreed | None, ladder: Ladder, debt: Debt, today: date) -> Standing:
    """Where this invoice stands today on its ladder; ``agreed`` is what an agreement says of it."""
    due_on = debt.due_on
    if due_on is None:
        held = invoice_reasons(facts, debt, done=False, today=today, agreed=agreed)
        return Standing(debt, ladder, None, held=held)
    taken = facts.taken.get(debt.id) if debt.round == 1 else facts.rounds.get((debt.id, debt.round))
    step, day, days = ladder.known.get((due_on, taken)) or ladder.find(due_on, taken)
    held = (
        invoice_reasons(facts, debt, done=step is None, today=today, agreed=agreed)
        if step is None
        or agreed is not None
        or debt.promised_on is not None
        or debt.id in facts.invoice_holds
        or debt.customer_id in facts.customer_holds
        else ()
    )
    if step is None:
        return Standing(debt, ladder, days, taken, held=held)
    bound = debt.id in facts.bound
    shown = step.does != "message" and (debt.id, step_key(step.name, debt.round)) in facts.open_tasks
    ready = not held and not bound and today >= day
    return Standing(debt, ladder, days, taken, step, day, ready, bound, held, shown)
