"""The story of an invoice or a customer: what happened, what holds it, what comes next and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from arsync.ledger import Invoice
from arsync.money import plain
from arsync.policy.dates import Dated, dates
from arsync.policy.model import Facts, HoldOrder, Message, Plan
from arsync.policy.plan import plan
from arsync.policy.promises import CREDIT, Fate, judge
from arsync.policy.rules import StepKind
from arsync.policy.when import when_words
from arsync.runs.book import Book
from arsync.runs.people import find_one
from arsync.runs.planning import read_facts, staleness
from arsync.store.families import family, payer_of
from arsync.store.holds import Match
from arsync.store.invoices import invoices_of, invoices_of_customer
from arsync.store.messages import ended_today
from arsync.store.story import Event, events


class NextStep(msgspec.Struct, frozen=True):
    """A step to come, if nobody pays: the policy's words for its day, why it comes on this one, and where
    what decided that stands. ``to`` are the addressees of a message."""

    step: str
    does: StepKind
    on: date
    to: tuple[str, ...]
    when: str
    why: str
    source: str


class InvoiceStory(msgspec.Struct, frozen=True):
    """One invoice today: a sentence that says where it stands, and the steps still to come."""

    invoice: Invoice
    now: str
    next: tuple[NextStep, ...]


class HoldStory(msgspec.Struct, frozen=True):
    """A hold that somebody put and that stands. ``on`` is the number of the invoice, or the name of the
    customer that is asked; ``fate`` what became of a promise so far."""

    on: str
    order: HoldOrder
    fate: Fate | None


class Story(msgspec.Struct, frozen=True):
    """What there is to tell about an invoice or a customer on a day. ``billed_to`` is the id and the
    name of the parent who is asked in the customer's place, where there is one."""

    book: str
    as_of: date
    about: Match
    billed_to: tuple[str, str] | None
    invoices: tuple[InvoiceStory, ...]
    holds: tuple[HoldStory, ...]
    events: tuple[Event, ...]


def explain(book: Book, what: str) -> Story:
    """The story of an invoice (by number or id) or a customer (by name or id), that of a parent with
    what is billed to it. Raises FixSettings for one that the book does not know."""
    match = find_one(book, what)
    today = book.today
    payer = payer_of(book.store, book.name, match.customer_id)
    if match.target == "invoice":
        found = list(invoices_of(book.store, book.name, [match.id]).values())
        past = events(book.store, book.name, invoice_ids=[match.id])
    else:
        whose = [match.id] if payer else family(book.store, book.name, [match.id])
        every = [it for id_ in whose for it in invoices_of_customer(book.store, book.name, id_)]
        found = [invoice for invoice in every if invoice.owed > 0]
        past = events(
            book.store, book.name, customer_id=match.id, invoice_ids=[invoice.id for invoice in every]
        )
    past = _with_numbers(book, past)
    facts = read_facts(book, today, [payer[0] if payer else match.customer_id], stale=staleness(book, today))
    now = plan(book.name, facts, book.policy, today)
    planned = {message.id for message in now.messages}
    ended = [it for it in ended_today(book.store, book.name, today) if it.id not in planned]
    now = msgspec.structs.replace(now, messages=(*now.messages, *ended))
    coming = dates(book.name, facts, book.policy, today)
    stories = tuple(
        InvoiceStory(it, _now(it, now), tuple(map(_next_step, coming.get(it.id, ())))) for it in found
    )
    holds = tuple(_holds(facts, found, today))
    return Story(book.name, today, match, payer, stories, holds, tuple(past))


def _next_step(dated: Dated) -> NextStep:
    item = dated.happening.item
    message = isinstance(item, Message)
    return NextStep(
        step=dated.line.step or item.step,
        does="message" if isinstance(item, Message) else item.does,
        on=dated.happening.on,
        to=item.to if message else (),
        when=when_words(item.offset if dated.line.offset is None else dated.line.offset),
        why=dated.why,
        source=dated.source,
    )


def _holds(facts: Facts, invoices: Iterable[Invoice], today: date) -> Iterator[HoldStory]:
    """The holds on these invoices, and on whoever is asked for them."""
    owed = {debt.id: debt.open for debt in facts.debts}
    payers = {debt.id: debt.customer_id for debt in facts.debts}

    def told(on: str, order: HoldOrder, payer: str, *, whole: bool) -> HoldStory:
        """``whole``: on all that the customer owes, so that credit nobody has applied counts too."""
        if order.reason != "promised" or not order.lines:
            return HoldStory(on, order, None)
        counts = whole or any(id_ == CREDIT for id_, _ in order.lines)
        credit = facts.unapplied.get((payer, order.currency), 0) if counts else 0
        return HoldStory(on, order, judge(order, owed, today, credit=credit).fate)

    asked: dict[str, None] = {}
    for invoice in invoices:
        payer = payers.get(invoice.id, invoice.customer_id)
        asked[payer] = None
        for order in facts.invoice_holds.get(invoice.id, ()):
            yield told(invoice.number or invoice.id, order, payer, whole=False)
    for payer in asked:
        name = facts.debtors[payer].name if payer in facts.debtors else payer
        for order in facts.customer_holds.get(payer, ()):
            yield told(name, order, payer, whole=True)


def _with_numbers(book: Book, past: list[Event]) -> list[Event]:
    """A note on an invoice is told with that invoice's number."""
    noted = {event.invoice_id for event in past if event.what.startswith("note") and event.invoice_id}
    known = invoices_of(book.store, book.name, noted)
    return [
        msgspec.structs.replace(event, detail=event.detail.replace("on the invoice", f"on invoice {number}"))
        if event.invoice_id in noted and (number := known[event.invoice_id].number)
        else event
        for event in past
    ]


def _now(invoice: Invoice, plan: Plan) -> str:
    """One sentence on where an invoice stands in today's plan."""
    if invoice.owed <= 0:
        return _settled(invoice)
    for hold in plan.holds:
        if any(id_ == invoice.id for id_, _ in hold.invoices):
            until = f"; a message could leave on {hold.until}" if hold.until else ""
            owner = f"; {hold.owner} deals with it" if hold.owner else ""
            return f"held as {hold.reason}: {hold.detail}{until}{owner}"
    for message in plan.messages:
        for line in message.lines:
            if line.invoice_id == invoice.id and line.step and message.status not in ("sent", "withdrawn"):
                return f"takes the step '{line.step}' in message {message.id}, which is {message.status}"
    for task in plan.tasks:
        if any(line.invoice_id == invoice.id and line.step for line in task.lines):
            return f"is in the task {task.id} ({task.step}), which waits for a person"
    for coming in plan.upcoming:
        if coming.invoice_id == invoice.id:
            return f"waits for '{coming.step}' on {coming.on}"
    return "is not in today's plan"


def _settled(invoice: Invoice) -> str:
    return {
        "in-force": "is paid or credited in full; nothing is chased",
        "draft": "is a draft; drafts are not chased",
        "voided": "was voided; nothing is owed",
        "deleted": "was deleted in the accounting system; nothing is owed",
        "closed": "is no longer among the open invoices of the accounting system",
    }[invoice.status]


def owed_words(invoice: Invoice) -> str:
    """What is owed on an invoice, with the full amount where part of it was paid."""
    owed = f"{plain(invoice.owed, invoice.currency)} {invoice.currency}"
    part = "" if invoice.owed == invoice.total else f" of {plain(invoice.total, invoice.currency)}"
    return f"{owed}{part}"
