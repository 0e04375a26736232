"""The story of an invoice or a customer: what happened, what holds it, what comes next and when."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.ledger import Invoice
from arsync.money import plain
from arsync.policy.model import Facts, Plan
from arsync.policy.schedule import schedule
from arsync.policy.when import when_words
from arsync.runs.book import Book
from arsync.runs.people import find_one
from arsync.runs.planning import make_plan, read_facts
from arsync.store.families import family, payer_of
from arsync.store.holds import Match
from arsync.store.invoices import invoices_of, invoices_of_customer
from arsync.store.story import Event, events


class NextStep(msgspec.Struct, frozen=True):
    """A step to come, if nobody pays: the policy's words for its day, and why it is this one."""

    step: str
    on: date
    when: str
    why: str


class InvoiceStory(msgspec.Struct, frozen=True):
    """One invoice today: a sentence that says where it stands, and the steps still to come."""

    invoice: Invoice
    now: str
    next: tuple[NextStep, ...]


class Story(msgspec.Struct, frozen=True):
    """What there is to tell about an invoice or a customer on a day. ``billed_to`` is the id and the
    name of the parent who is asked in the customer's place, where there is one."""

    book: str
    as_of: date
    about: Match
    billed_to: tuple[str, str] | None
    invoices: tuple[InvoiceStory, ...]
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
    plan, facts = make_plan(book), read_facts(book, today, [match.customer_id], stale=None)
    stories = tuple(
        InvoiceStory(invoice, _now(invoice, plan), _next(book, invoice, plan, facts)) for invoice in found
    )
    return Story(book.name, today, match, payer, stories, tuple(past))


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
            return f"held as {hold.reason}: {hold.detail}{until}"
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


def _next(book: Book, invoice: Invoice, plan: Plan, facts: Facts) -> tuple[NextStep, ...]:
    if invoice.owed <= 0 or invoice.due_on is None:
        return ()
    start = book.today
    for coming in plan.upcoming:
        if coming.invoice_id == invoice.id:
            start = coming.on
    for hold in plan.holds:
        if any(id_ == invoice.id for id_, _ in hold.invoices):
            if hold.until is None:
                return ()
            start = hold.until
    steps = schedule(book.policy, invoice.due_on, facts.taken.get(invoice.id), start)
    return tuple(NextStep(c.step.name, c.on, when_words(c.step.offset), c.why) for c in steps)


def owed_words(invoice: Invoice) -> str:
    """What is owed on an invoice, with the full amount where part of it was paid."""
    owed = f"{plain(invoice.owed, invoice.currency)} {invoice.currency}"
    part = "" if invoice.owed == invoice.total else f" of {plain(invoice.total, invoice.currency)}"
    return f"{owed}{part}"
