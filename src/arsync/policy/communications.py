"""What is made of the invoices that are ready: a message or a task, and what it lists. Pure.

Rules 4, 5 and 7 of 'What a run decides', and ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from operator import attrgetter

import msgspec

from arsync.policy.accounts import Account
from arsync.policy.approval import lapsed
from arsync.policy.holds import UNLISTED
from arsync.policy.ladder import days_after, identity, step_key
from arsync.policy.model import Line, Message, Task
from arsync.policy.profiles import PERSONS
from arsync.policy.rules import Step
from arsync.policy.standing import Standing


def lines(account: Account, *, work: bool) -> tuple[Line, ...]:
    """Rule 4: the ready invoices, and every other overdue one that is not kept out by a hold. ``work`` has
    those that are ready for a call, a letter or a task; else they are those that are ready for a message."""
    found = []
    for standing in account.standings:
        step = standing.step
        if standing.ready and step is not None and (step.does != "message") is work:
            found.append(_line(standing, step))
        elif (standing.days or 0) > 0 and not (
            standing.held and UNLISTED.intersection([ground.reason for ground in standing.held])
        ):
            found.append(_line(standing, None))
    return tuple(found)


def message(
    book: str,
    account: Account,
    ready: Sequence[Standing],
    listed: tuple[Line, ...],
    today: date,
    approved: Message | None,
    offered: Collection[str] = (),
) -> Message:
    """The message of the ready invoices. What was approved for the customer keeps its approval as long as
    that stands (rule 7). ``offered`` are invoices for which an earlier letter's discount stands: another
    offer beside it would take back what was promised."""
    debtor, step = account.debtor, _furthest(ready)
    offer = None if any(line.invoice_id in offered for line in listed) else step.offer
    made = Message(
        id=identity(book, debtor.id, account.currency, _steps(listed)),
        customer_id=debtor.id,
        customer_name=debtor.name,
        to=debtor.to,
        cc=_copies(account, step) if step.cc else debtor.cc,
        step=step.name,
        template=step.template,
        offset=step.offset,
        currency=account.currency,
        total=sum([line.open for line in listed]),
        unapplied=account.unapplied,
        lines=listed,
        bcc=debtor.bcc,
        offer=offer,
        offer_until=None if offer is None else days_after(today, offer.days),
    )
    if approved is None or lapsed(approved, made) is not None or _on_another_ladder(approved, ready):
        return made
    # With fewer steps it keeps its id; with others it must not use up the id of those it left.
    kept = set(_steps(listed)) <= set(_steps(approved.lines))
    return msgspec.structs.replace(made, id=approved.id if kept else made.id, status="approved")


def _on_another_ladder(approved: Message, ready: Iterable[Standing]) -> bool:
    """Whether an invoice has left the ladder whose step was released: the days of two ladders do not tell
    which of their steps is the firmer."""
    released = {line.invoice_id: line.step for line in approved.lines if line.step is not None}
    for standing in ready:
        before = released.get(standing.debt.id)
        if before is not None and all(before != step.name for step in standing.ladder.policy.steps):
            return True
    return False


def task(book: str, account: Account, ready: Sequence[Standing], listed: tuple[Line, ...]) -> Task:
    """The task of the ready invoices."""
    debtor, step = account.debtor, _furthest(ready)
    return Task(
        id=identity(book, debtor.id, account.currency, _steps(listed)),
        customer_id=debtor.id,
        customer_name=debtor.name,
        to=debtor.to,
        cc=debtor.cc,
        step=step.name,
        offset=step.offset,
        currency=account.currency,
        total=sum([line.open for line in listed]),
        unapplied=account.unapplied,
        lines=listed,
        bcc=debtor.bcc,
        does=step.does,
    )


def _furthest(ready: Sequence[Standing]) -> Step:
    if len(ready) == 1 and (only := ready[0].step) is not None:
        return only
    return max([s.step for s in ready if s.step], key=attrgetter("offset"))


def _copies(account: Account, step: Step) -> tuple[str, ...]:
    """The customer's own copies, then those of the step. An address that gets the message anyhow is not
    named again. To a natural person's debt only the company's own people are let in on, by their roles."""
    debtor, policy = account.debtor, account.regime.policy
    found = list(debtor.cc)
    known = {address.casefold() for address in (*debtor.to, *debtor.cc, *debtor.bcc)}
    for role in step.cc:
        address = policy.contacts.get(role)
        if address is None and "@" in role and policy.profile not in PERSONS:
            address = role
        if address is not None and address.casefold() not in known:
            known.add(address.casefold())
            found.append(address)
    return tuple(found)


def _line(standing: Standing, step: Step | None) -> Line:
    debt = standing.debt
    name, offset = (step.name, step.offset) if step else (None, None)
    if debt.round == 1 and not debt.disputed and not debt.not_due:
        return Line(debt.id, debt.number, debt.due_on, debt.open, standing.days, name, offset)
    return Line(
        debt.id,
        debt.number,
        debt.due_on,
        debt.open,
        standing.days,
        name,
        offset,
        debt.disputed,
        debt.not_due,
        debt.round,
    )


def _steps(listed: Iterable[Line]) -> list[tuple[str, str]]:
    return [
        (line.invoice_id, line.step if line.round == 1 else step_key(line.step, line.round))
        for line in listed
        if line.step is not None
    ]
