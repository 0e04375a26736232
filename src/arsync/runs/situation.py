"""What somebody who calls a customer has to know: what is asked, what was said before, and what to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.in_force import InForce
from arsync.policy.ladder import firm_steps
from arsync.policy.model import CUSTOMER_HOLDS, Agreement, Debt, Debtor, Facts, HoldOrder, Line, Plan, Task
from arsync.policy.profiles import PERSONS
from arsync.policy.rules import Policy, Step
from arsync.policy.terms import terms
from arsync.runs.book import Book
from arsync.runs.letters import message_view
from arsync.runs.planning import read_facts
from arsync.store.messages import messages
from arsync.store.story import Event, events
from arsync.writing import Templates
from arsync.writing.script import Firmness, PastContact, Situation, script_text

# Contacts that a script shows.
LAST = 5
_HOW = {"sent": "message", "called": "call", "letter": "letter"}


class Talk(msgspec.Struct, frozen=True):
    """A call to be made: the situation in figures, and the words for it. ``to_ask`` has one task-like sum a
    currency, of what is asked for."""

    book: str
    as_of: date
    customer_id: str
    customer_name: str
    tasks: tuple[Task, ...]
    to_ask: tuple[Task, ...]
    situation: Situation
    text: str


def prepare(
    book: Book, scripts: Templates, plan: Plan, customer_id: str, tasks: Sequence[Task], *, caller: str = ""
) -> Talk:
    """What to say to a customer, about its call ``tasks`` where there are any, else about all that is due.

    Raises FixSettings where nothing is to be asked for, and for a script that is wrong.
    """
    found = read_facts(book, plan.as_of, [customer_id], stale=None)
    facts = terms(found, plan.as_of).facts
    debtor = facts.debtors.get(customer_id) or Debtor(customer_id, customer_id)
    in_force = InForce(book.policy, facts)
    debtor, policy = in_force.debtor(debtor), in_force.customer(debtor)
    to_ask = tuple(tasks) or tuple(_due(plan, facts, debtor))
    if not to_ask:
        why = _why_nothing(plan, customer_id)
        raise FixSettings(f"there is nothing to ask {debtor.name} for in the book {book.name}{why}")
    step = tasks[0].step if tasks else _last_step(facts, to_ask)
    past = events(book.store, book.name, customer_id=customer_id)
    situation = Situation(
        debts=tuple(message_view(book, each, plan.as_of) for each in to_ask),
        step=step,
        firmness=firmness(policy, step),
        consumer=policy.profile in PERSONS,
        caller=caller,
        contacts=_contacts(book, past),
        kept=sum(event.what == "promise-kept" for event in past),
        broken=sum(event.what in ("promise-broken", "promise-part-kept") for event in past),
        promises=tuple(_orders(found, customer_id, "promised")),
        disputes=tuple(_orders(found, customer_id, "disputed")),
        agreements=tuple(agreement_words(it) for it in facts.agreements if it.customer_id == customer_id),
    )
    text = script_text(scripts, situation, _template(policy, step))
    return Talk(book.name, plan.as_of, customer_id, debtor.name, tuple(tasks), to_ask, situation, text)


def firmness(policy: Policy, step: str) -> Firmness:
    """How firm a call is: as the step is, and on the last one that is firm a last attempt."""
    if step not in firm_steps(policy):
        return "friendly"
    return "final" if policy.steps[-1].name == step else "firm"


def _template(policy: Policy, name: str) -> str:
    step: Step | None = next((it for it in policy.steps if it.name == name), None)
    return step.template if step is not None and step.does == "call" else ""


def _last_step(facts: Facts, to_ask: Sequence[Task]) -> str:
    """The furthest step that one of these invoices has taken."""
    asked = [line.invoice_id for task in to_ask for line in task.lines]
    taken = [facts.taken[id_] for id_ in asked if id_ in facts.taken]
    return max(taken, key=lambda it: it.offset).step if taken else ""


def _due(plan: Plan, facts: Facts, debtor: Debtor) -> Iterator[Task]:
    """What is past its due date and nobody holds, one sum a currency."""
    held = {id_ for hold in plan.holds if hold.reason in _KEEPS_FROM_ASKING for id_, _ in hold.invoices}
    mine = [it for it in facts.debts if it.customer_id == debtor.id and it.asked > 0 and it.id not in held]
    overdue = [it for it in mine if it.due_on is not None and it.due_on < plan.as_of]
    for currency in sorted({it.currency for it in overdue}):
        lines = tuple(_line(it, plan.as_of) for it in overdue if it.currency == currency)
        yield Task(
            id="",
            customer_id=debtor.id,
            customer_name=debtor.name,
            to=(),
            cc=(),
            step="",
            offset=0,
            currency=currency,
            total=sum(line.open for line in lines),
            unapplied=facts.unapplied.get((debtor.id, currency), 0),
            lines=lines,
            does="call",
        )


_KEEPS_FROM_ASKING = CUSTOMER_HOLDS | {"excluded", "disputed", "promised", "agreed", "paused"}


def _line(debt: Debt, today: date) -> Line:
    days = None if debt.due_on is None else (today - debt.due_on).days
    return Line(
        debt.id,
        debt.number,
        debt.due_on,
        debt.open,
        days,
        None,
        disputed=debt.disputed,
        not_due=debt.not_due,
        round=debt.round,
    )


def _why_nothing(plan: Plan, customer_id: str) -> str:
    reasons = {hold.reason for hold in plan.holds if hold.customer_id == customer_id}
    kept = ", ".join(sorted(reasons & _KEEPS_FROM_ASKING))
    return f"; it is held ({kept})" if kept else ": nothing of it is overdue"


def _contacts(book: Book, past: Sequence[Event]) -> tuple[PastContact, ...]:
    """The last ones, the oldest first; of a message its step and the addresses."""
    last = [event for event in past if event.what in _HOW][-LAST:]
    sources = [event.source for event in last if event.source]
    steps = {it.message.id: f"{it.message.step} " for it in messages(book.store, book.name, ids=sources)}
    return tuple(
        PastContact(event.day, _HOW[event.what], steps.get(event.source or "", "") + event.detail)
        for event in last
    )


def _orders(facts: Facts, customer_id: str, reason: str) -> Iterator[str]:
    """What is promised or disputed now, in words."""
    for order in facts.customer_holds.get(customer_id, ()):
        if order.reason == reason:
            yield _order_words("all", order)
    for debt in facts.debts:
        for order in facts.invoice_holds.get(debt.id, ()):
            if order.reason == reason and debt.customer_id == customer_id:
                yield _order_words(debt.number or debt.id, order)


def _order_words(what: str, order: HoldOrder) -> str:
    """'INV-7: 500.00 GBP by 2026-12-01; two boxes were missing'."""
    amount = "" if order.amount is None else f" {plain(order.amount, order.currency)} {order.currency}"
    until = "" if order.until is None else f" {'by' if order.reason == 'promised' else 'until'} {order.until}"
    owner = f"{order.owner} deals with it" if order.owner else ""
    return "; ".join(filter(None, (f"{what}:{amount or ' all of it'}{until}", order.note, owner)))


def agreement_words(agreement: Agreement) -> str:
    """'instalments: 100.00 GBP by 2026-12-01, 50.00 GBP by 2027-01-01'."""
    parts = [(it.amount, it.due_on) for it in agreement.instalments]
    if not parts and agreement.until is not None:
        parts = [(agreement.amount, agreement.until)]
    shown = ", ".join(
        f"{plain(amount, agreement.currency)} {agreement.currency} by {on}" for amount, on in parts
    )
    return f"{agreement.kind}: {shown}" if shown else agreement.kind
