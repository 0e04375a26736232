"""Commands that look: sync, plan, explain."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from arsync.cli import shapes
from arsync.cli.books import (
    books_argument,
    day_option,
    json_option,
    open_desk,
    practice_option,
    warn_consent,
    warn_incomplete,
    warn_not_live,
)
from arsync.cli.saying import clean, long_day, say, tell, tell_json
from arsync.cli.shapes import count
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.model import Plan, Task
from arsync.policy.rules import Policy
from arsync.policy.words import hold_words, message_words
from arsync.runs.aged import past_day
from arsync.runs.book import Book
from arsync.runs.explain import HoldStory, Story, owed_words
from arsync.runs.explain import explain as tell_story
from arsync.runs.planning import make_plan, past_plan
from arsync.runs.strangers import stopped
from arsync.runs.sync import SyncReport
from arsync.runs.sync import sync as pull
from arsync.store import Claim


@click.command()
@books_argument
@click.option("--full", is_flag=True, help="Pull everything that is open, not only what changed.")
@json_option
@practice_option
@click.pass_context
def sync(
    ctx: click.Context, books: tuple[str, ...], full: bool, as_json: bool, practice: Path | None
) -> None:
    """Pull what changed into the local books.

    A sync that was cut off goes on where it stopped. Only a complete full pull closes invoices that
    the accounting system no longer mentions.
    """
    reports: list[SyncReport] = []

    def work(book: Book, lease: Claim | None) -> SyncReport:
        assert lease is not None
        reports.append(SyncReport(book=book.name))
        return pull(book, lease, full=full, thrifty=True, report=reports[-1])

    with open_desk(ctx, practice) as desk:
        _, status = desk.each(books, "sync", work, claimed=True, after=warn_consent)
    if as_json:
        tell_json([shapes.sync_shape(report) for report in reports])
    else:
        for report in reports:
            tell_sync(report)
    ctx.exit(status)


def tell_sync(report: SyncReport) -> None:
    """One line on what a sync read, and the warnings of the accounting system."""
    if report.put_off:
        say(f"{report.book}: {report.put_off}")
    if not report.pages and not report.complete:
        return  # it was said why nothing could be read
    kind = "everything open" if report.full else "what changed"
    end = "" if report.complete else "; it did not come to its end and goes on with the next sync"
    tell(
        f"{report.book}: read {kind} in {count(report.pages, 'page')}: {count(report.invoices, 'invoice')}, "
        f"{count(report.customers, 'customer')}, {count(report.credits, 'credit')}, "
        f"{count(report.rejects, 'reject')}; {count(report.api_calls, 'API call')}, "
        f"{report.bytes:,} bytes{end}"
    )
    if report.rejects:
        say(
            f"{report.book}: {count(report.rejects, 'record')} could not be understood and cannot be chased; "
            f"`arsync rejects {report.book}` shows the reason and the raw text"
        )
    for warning in report.warnings:
        say(f"{report.book}: {warning}")


@click.command()
@books_argument
@click.option("--as-of", "as_of", metavar="DATE", help="A past day to look back at; today when left out.")
@json_option
@practice_option
@click.pass_context
def plan(
    ctx: click.Context, books: tuple[str, ...], as_of: str | None, as_json: bool, practice: Path | None
) -> None:
    """Show what a run would do now, and why; changes nothing.

    Of a past day it shows what left on it, and what the policy of today would have decided at its end.
    """
    day = day_option(as_of, "--as-of")

    def work(book: Book, _: Claim | None) -> Plan:
        made = make_plan(book) if day is None or day == book.today else _look_back(book, day)
        warn_incomplete(book)
        warn_not_live(book)
        if why := stopped(book):
            say(f"{book.name}: {why}", error=True)
        if not as_json:
            tell_plan(made, book.policy)
        return made

    with open_desk(ctx, practice) as desk:
        plans, status = desk.each(books, "plan", work, letters=True)
    if as_json:
        tell_json([shapes.plan_shape(made) for made in plans])
    ctx.exit(status)


def _look_back(book: Book, day: date) -> Plan:
    if day > book.today:
        raise FixSettings(
            f"{day} is to come, and nobody knows what is paid by then; today is {book.today} in the book "
            f"{book.name}. `arsync plan` lists the next steps under later",
            where="--as-of",
        )
    if warning := past_day(book, day):
        say(f"{book.name}: {warning}")
    return past_plan(book, day)


def tell_plan(plan: Plan, policy: Policy) -> None:
    """The plan as a bookkeeper reads it: messages, tasks, holds, and what comes next."""
    tell(f"{plan.book}: plan for {long_day(plan.as_of)}")
    for message in plan.messages:
        amount = shapes.amount_words(message)
        tell(f"  {message.status:<9} {message.id}  {clean(message.customer_name)}: {message.step}, {amount}")
        tell(f"            to {shapes.addressees(message)}")
        tell(f"            because {message_words(message, policy)}")
        if message.reason:
            tell(f"            {message.status}: {message.reason}")
    for task in plan.tasks:
        amount = shapes.amount_words(task)
        tell(f"  {task.does:<9} {task.id}  {clean(task.customer_name)}: {task.step}, {amount}")
        tell(f"            because {message_words(task, policy)}; {_closing(plan.book, task)}")
    said: set[str] = set()
    for hold in plan.holds:
        numbers = shapes.listed(number or id_ for id_, number in hold.invoices)
        tell(f"  held      {clean(hold.customer_name)}: {numbers}")
        words = hold_words(hold)
        # What is so of the whole book is long, and the same for each customer.
        tell(f"            {hold.reason}: {'as above' if words in said else words}")
        if hold.reason == "stale-data":
            said.add(words)
    _tell_upcoming(plan)
    planned = sum(1 for message in plan.messages if message.status == "planned")
    approved = sum(1 for message in plan.messages if message.status == "approved")
    waiting = f"{approved} approved, " if approved else ""
    tell(
        f"  {count(planned, 'message')} planned, {waiting}{count(len(plan.tasks), 'task')}, "
        f"{count(len(plan.holds), 'hold')}, {count(len(plan.upcoming), 'later step')}"
    )


def _closing(book: str, task: Task) -> str:
    """How a person deals with it."""
    if task.does == "call":
        return f"`arsync call {book} {task.id}` tells what to say and logs what came of it"
    before = "write the letter, then " if task.does == "letter" else ""
    return f"{before}close it with `arsync done {book} {task.id}`"


def _tell_upcoming(plan: Plan, most: int = 10) -> None:
    for coming in plan.upcoming[:most]:
        number = coming.number or coming.invoice_id
        tell(f"  later     {coming.on}  {clean(coming.customer_name)}: {number}, {coming.step}")
    if len(plan.upcoming) > most:
        tell(f"            and {len(plan.upcoming) - most} more; --json lists all")


@click.command()
@click.argument("book")
@click.argument("what")
@json_option
@practice_option
@click.pass_context
def explain(ctx: click.Context, book: str, what: str, as_json: bool, practice: Path | None) -> None:
    """Tell the story of WHAT, an invoice (number or id) or a customer (name or id): what happened,
    what holds it, what comes next and on which day."""
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "explain", letters=False)
        story = tell_story(opened, what)
        warn_not_live(opened)
    folder = f"{desk.practice.folder}/"  # files of the practice are told without it
    if as_json:
        tell_json(shapes.story_shape(story, folder))
    else:
        _tell_story(story, folder)


def _tell_story(story: Story, folder: str) -> None:
    about = story.about
    owner = "" if about.target == "customer" else f" of {clean(about.customer_name)}"
    tell(f"{story.book}: {about.target} {clean(about.label)}{owner}, as of {story.as_of}")
    if story.billed_to:
        tell(f"  billed to {clean(story.billed_to[1])}, who is asked for it")
    for event in story.events:
        source = f" [{event.source}]" if event.source else ""
        tell(f"  {event.day}  {event.what}{source}{': ' + event.detail if event.detail else ''}")
    if not story.events:
        tell("  nothing was sent or decided about it so far")
    for hold in story.holds:
        tell(f"  held: {clean(hold.on)} as {hold.order.reason}{_hold_words(hold)}")
    if not story.invoices:
        tell("  nothing is open")
    for item in story.invoices:
        invoice = item.invoice
        due = f"due {invoice.due_on}" if invoice.due_on else "without a due date"
        tell(f"  {clean(invoice.number or invoice.id)}: {owed_words(invoice)} open, {due}")
        tell(f"    now: {item.now}")
        for step in item.next:
            whom = f" to {shapes.listed(map(clean, step.to), most=2)}" if step.to else ""
            tell(f"    {step.on}  {step.step}{whom}: {step.why.replace(folder, '')}")


def _hold_words(hold: HoldStory) -> str:
    """Since and until when, about how much, whose it is, and what became of a promise."""
    order = hold.order
    parts = [
        f"since {order.put_on}" if order.put_on else "",
        f"about {plain(order.amount, order.currency)} {order.currency}" if order.amount is not None else "",
        f"up to {order.until}" if order.until else "without an end",
        f"with {shapes.count(order.grace, 'day')} of grace" if order.grace else "",
        f"the promise is {hold.fate}" if hold.fate else "",
        f"{clean(order.owner)} deals with it" if order.owner else "",
        clean(order.note),
    ]
    return "".join(f"; {part}" if at else f" {part}" for at, part in enumerate(filter(None, parts)))
