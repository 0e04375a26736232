"""Commands of people: approve, hold, release, resolve, done."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import click

from arsync.cli.books import amount_option, day_option, open_desk, practice_option
from arsync.cli.saying import clean, say, tell
from arsync.cli.shapes import amount_words, count
from arsync.cli.starting import say_entered
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.model import HOLD_REASONS, HoldOrder, HoldReason
from arsync.runs import people
from arsync.runs.golive import require_live
from arsync.runs.planning import approve_messages, close
from arsync.runs.restored import ask_what_left, asked_words, unsettled
from arsync.store.contacts import Outcome
from arsync.store.delivery import Verdict


@click.command()
@click.argument("book")
@click.argument("messages", nargs=-1, metavar="[MESSAGE]...")
@click.option("--all", "everything", is_flag=True, help="Release every planned message.")
@practice_option
@click.pass_context
def approve(
    ctx: click.Context, book: str, messages: tuple[str, ...], everything: bool, practice: Path | None
) -> None:
    """Release planned messages, by id or all of them. `arsync plan` shows them; `arsync send` delivers."""
    if bool(messages) == everything:
        raise FixSettings("name the messages to release, or say --all, not both; `arsync plan` shows them")
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "approve")
        say_entered(require_live(opened))
        asked = ask_what_left(opened)
        if asked:
            say(asked_words(opened.name, asked))
        chosen = approve_messages(opened, messages, everything=everything)
    released = [message for message in chosen if message.status == "planned"]
    for message in chosen:
        amount = amount_words(message)
        already = "" if message.status == "planned" else "was approved before, "
        tell(f"approved {message.id}: {already}{message.step} to {clean(message.customer_name)}, {amount}")
    tell(f"{count(len(released), 'message')} released" + ("; `arsync send` delivers" if released else ""))


@click.command()
@click.argument("book")
@click.argument("what")
@click.option("--reason", type=click.Choice(HOLD_REASONS), required=True)
@click.option(
    "--until",
    metavar="DATE",
    help="The last day on which it stands, of a promise the promised day; without one, until released.",
)
@click.option("--amount", metavar="AMOUNT", help='What was promised, or the part in dispute: "500.00 GBP".')
@click.option(
    "--grace",
    type=click.IntRange(0, 90),
    default=0,
    metavar="DAYS",
    help="Days after a promised day before the promise is broken.",
)
@click.option("--owner", metavar="NAME", help="Who deals with it; else who is logged in.")
@click.option("--note", default="", metavar="TEXT", help="A few words for whoever reads the plan.")
@practice_option
@click.pass_context
def hold(
    ctx: click.Context,
    book: str,
    what: str,
    reason: str,
    until: str | None,
    amount: str | None,
    grace: int,
    owner: str | None,
    note: str,
    practice: Path | None,
) -> None:
    """Stop chasing WHAT: an invoice number or id, or a customer's name or id.

    disputed with --amount leaves the rest of an invoice to be chased. promised ends by itself: the promise
    is kept or broken by what comes in up to its day and the --grace after it. insolvency, lawyer, hardship
    and complaint hold the customer also where an invoice is named.
    """
    day = day_option(until, "--until")
    units, currency = amount_option(amount)
    with open_desk(ctx, practice) as desk:
        held = people.hold(
            desk.one(book, "hold", letters=False),
            what,
            reason=cast(HoldReason, reason),
            until=day,
            note=clean(note, 500),
            owner=clean(people.login_name() if owner is None else owner),
            amount=units,
            currency=currency,
            grace=grace,
        )
    match, named = held.match, held.named
    if match.target != named.target:
        label = clean(named.label)
        say(f"{reason} is about the customer: all of {clean(match.label)} is held, not {label} alone")
    target = what if match == named else f"customer:{match.id}"
    ending = f"`arsync release {clean(book)} {shlex.quote(clean(target))}`"
    tell(f"{match.target} {clean(match.label)} is held as {_in_words(held.order, ending)}")
    if held.idle:
        say(f"nothing is owed on {match.target} {clean(match.label)} now")
    for message in held.leaving:
        say(f"message {message} about it is being sent this moment and cannot be called back")


def _in_words(order: HoldOrder, release: str) -> str:
    """A hold behind its reason: how much, until when, who deals with it, and how it ends."""
    amount = "" if order.amount is None else f" ({plain(order.amount, order.currency)} {order.currency})"
    owner = f"; {clean(order.owner)} deals with it" if order.owner else ""
    if order.until is None:
        paid = " or it is paid" if order.lines else ""
        return f"{order.reason}{amount} until {release}{paid}{owner}"
    grace = f" and {count(order.grace, 'day')} of grace" if order.grace else ""
    lasts = timedelta(days=order.grace + 1)
    if date.max - order.until < lasts:  # 9999-12-31 is what people write for "never"
        return f"{order.reason}{amount} through {order.until}{grace}{owner}, or until {release}"
    after = order.until + lasts
    if order.reason == "promised":
        end = f"by what comes in the promise is kept or broken, and the chase goes on by itself on {after}"
    else:
        end = f"it ends by itself on {after}"
    return f"{order.reason}{amount} through {order.until}{grace}{owner}; {end}, or before with {release}"


@click.command()
@click.argument("book")
@click.argument("what")
@click.option("--reason", type=click.Choice(HOLD_REASONS), help="This hold alone; without one, all of them.")
@practice_option
@click.pass_context
def release(ctx: click.Context, book: str, what: str, reason: str | None, practice: Path | None) -> None:
    """Take back the holds that were put on WHAT; the chase goes on where it stood."""
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "release", letters=False)
        match, released = people.release(opened, what, cast("HoldReason | None", reason))
    reasons = ", ".join(order.reason for order in released)
    tell(f"{match.target} {clean(match.label)} is no longer held ({reasons})")


@click.command()
@click.argument("book")
@click.argument("message")
@click.argument("verdict", type=click.Choice(["sent", "not-sent", "drop"]))
@practice_option
@click.pass_context
def resolve(ctx: click.Context, book: str, message: str, verdict: str, practice: Path | None) -> None:
    """Settle a MESSAGE that is in doubt or failed; `restored` for all that a restored backup left in doubt.

    sent: it did leave; its steps are taken and its notes are owed. not-sent: it did not; it goes back
    to approved, and the next send reads the debt again and delivers it. drop: it is given up; its
    steps are passed over and the ladder goes on with the next ones.
    """
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "resolve", letters=False)
        for each in unsettled(opened) if message == "restored" else [message]:
            settled = people.settle(opened, each, cast(Verdict, verdict))
            whom = clean(settled.message.customer_name)
            tell(f"message {settled.message.id} to {whom} {_settled_words(verdict, settled)}")


def _settled_words(verdict: str, settled: people.Settled) -> str:
    """What follows of a verdict."""
    match verdict:
        case "sent":
            return "counts as sent" + ("" if settled.asked and not settled.notes else "; its notes are owed")
        case "not-sent":
            return (
                "did not leave; it is planned anew"
                if settled.asked
                else "is approved again; `arsync send` delivers it"
            )
        case _:
            return "is dropped; its steps are passed over"


@click.command()
@click.argument("book")
@click.argument("task")
@click.option("--note", default="", metavar="TEXT", help="What came of it.")
@click.option(
    "--outcome",
    type=click.Choice(["reached", "no-answer"]),
    help="Of a call: whether somebody was reached, as is taken without it.",
)
@practice_option
@click.pass_context
def done(
    ctx: click.Context, book: str, task: str, note: str, outcome: str | None, practice: Path | None
) -> None:
    """Close a TASK: a person has done it, and its steps are taken.

    A call or a letter counts as a contact from now on. What came of a call besides, a promise or a
    dispute, is logged with `arsync call`, which closes its task as well.
    """
    with open_desk(ctx, practice) as desk:
        closed = close(
            desk.one(book, "done", letters=False),
            task,
            clean(note, 500),
            outcome=cast("Outcome | None", outcome),
            owner=clean(people.login_name()),
        )
    invoices = ", ".join(clean(line.number or line.invoice_id) for line in closed.lines if line.step)
    tell(f"task {closed.id} is done: {closed.step} for {clean(closed.customer_name)} ({invoices})")
