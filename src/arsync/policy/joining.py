"""Go-live: where the debts that are old already join the ladder. Pure.

`start`: each at the bottom, as any debt does (rule 2). `match`: as far up as its age has come, with no
letter before, but never at the last message of its ladder nor behind it: nobody's first letter is the
last notice. `skip`: what is overdue is left out until a person takes it back. What is not overdue joins
as it falls due, whatever the mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec

from arsync.ledger.aging import days_overdue
from arsync.policy.in_force import InForce
from arsync.policy.ladder import days_after, next_step
from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Taken
from arsync.policy.rules import Policy, Step

JoinMode = Literal["start", "match", "skip"]
MODES: tuple[JoinMode, ...] = ("start", "match", "skip")
# Who owns the holds that a go-live puts.
OWNER = "go-live"


class Join(msgspec.Struct, frozen=True):
    """An overdue invoice that joins above the bottom: at ``step``, ``passed`` being those below it."""

    debt: Debt
    step: Step
    passed: tuple[Step, ...]


class Joined(msgspec.Struct, frozen=True):
    """A book as it would be live: its facts, what joins above the bottom, and what is left out."""

    facts: Facts
    joins: tuple[Join, ...]
    left_out: tuple[Debt, ...]


def join(
    facts: Facts, policy: Policy, today: date, how: JoinMode, *, leave_out_older: int | None = None
) -> Joined:
    """The book as it would be if it went live ``today``.

    With ``leave_out_older`` what is overdue by more than so many days is left out, whatever the mode.
    Steps that were taken are never taken back, and what a person has excluded for good stays so.
    """
    joins: list[Join] = []
    left_out: list[Debt] = []
    for debt, ladder in _overdue(facts, policy, today):
        age = days_overdue(debt.due_on, today) or 0
        if how == "skip" and debt.id in facts.taken:
            continue  # it is on its way already: the book is live anew, after it was rebuilt
        if how == "skip" or (leave_out_older is not None and age > leave_out_older):
            if not _excluded(facts, debt):
                left_out.append(debt)
        elif how == "match" and (found := _matching(ladder, debt, facts.taken.get(debt.id), today)):
            joins.append(found)
    if not joins and not left_out:
        return Joined(facts, (), ())
    taken = {it.debt.id: Taken(it.passed[-1].name, it.passed[-1].offset) for it in joins}
    holds: dict[str, tuple[HoldOrder, ...]] = {
        debt.id: (*facts.invoice_holds.get(debt.id, ()), left_out_order(today)) for debt in left_out
    }
    return Joined(
        msgspec.structs.replace(
            facts, taken={**facts.taken, **taken}, invoice_holds={**facts.invoice_holds, **holds}
        ),
        tuple(joins),
        tuple(left_out),
    )


def left_out_order(on: date) -> HoldOrder:
    """The hold on an invoice that a go-live on that day leaves out."""
    note = f"overdue before go-live on {on}; left out"
    return HoldOrder("excluded", note=note, owner=OWNER, put_on=on)


class Place(msgspec.Struct, frozen=True):
    """Where an open invoice stands once the book is live. ``step`` is the one it takes next; None where it
    is left out or excluded (``out``), has no due date, or has no step left."""

    debt: Debt
    days: int | None  # overdue; 0 or less is not overdue, None without a due date
    step: Step | None
    out: bool = False


def places(joined: Joined, policy: Policy, today: date) -> Iterator[Place]:
    """The place of every open invoice."""
    facts = joined.facts
    for debt, ladder in _ladders(facts, policy):
        days = days_overdue(debt.due_on, today)
        if _excluded(facts, debt):
            yield Place(debt, days, None, out=True)
        elif debt.due_on is None:
            yield Place(debt, None, None)
        else:
            yield Place(debt, days, next_step(ladder, debt.due_on, facts.taken.get(debt.id), today))


def _ladders(facts: Facts, policy: Policy) -> Iterator[tuple[Debt, Policy]]:
    """Each debt with the policy, and so the ladder, that is in force for it."""
    in_force = InForce(policy, facts)
    bases: dict[str, tuple[Debtor, Policy]] = {}
    for debt in facts.debts:
        if (known := bases.get(debt.customer_id)) is None:
            debtor = facts.debtors.get(debt.customer_id) or Debtor(debt.customer_id, debt.customer_id)
            known = bases[debt.customer_id] = debtor, in_force.customer(debtor)
        yield debt, in_force.debt(known[0], debt, known[1])


def _overdue(facts: Facts, policy: Policy, today: date) -> Iterator[tuple[Debt, Policy]]:
    for debt, ladder in _ladders(facts, policy):
        if debt.due_on is not None and today > debt.due_on:
            yield debt, ladder


def _matching(ladder: Policy, debt: Debt, taken: Taken | None, today: date) -> Join | None:
    """Where an overdue debt joins by its age; None where that is where it stands anyway."""
    assert debt.due_on is not None
    standing = next_step(ladder, debt.due_on, taken, today)
    if standing is None:
        return None
    start = ladder.steps.index(standing)
    letters = [at for at, step in enumerate(ladder.steps) if step.does == "message"]
    come = [
        at for at in letters[:-1] if at > start and days_after(debt.due_on, ladder.steps[at].offset) <= today
    ]
    if not come:
        return None
    return Join(debt, ladder.steps[come[-1]], ladder.steps[start : come[-1]])


def _excluded(facts: Facts, debt: Debt) -> bool:
    """A hold on the invoice itself leaves it out and has no end."""
    orders = facts.invoice_holds.get(debt.id, ())
    return any(order.reason == "excluded" and order.until is None for order in orders)
