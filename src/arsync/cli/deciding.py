"""Commands of people: approve, hold, release, resolve, done."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import cast

import click

from arsync.cli.books import day_option, open_desk, practice_option
from arsync.cli.saying import clean, say, tell
from arsync.cli.shapes import count
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.model import HOLD_REASONS
from arsync.runs import people
from arsync.runs.planning import approve_messages, close
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
        chosen = approve_messages(desk.one(book, "approve"), messages, everything=everything)
    released = [message for message in chosen if message.status == "planned"]
    for message in chosen:
        amount = f"{plain(message.total, message.currency)} {message.currency}"
        already = "" if message.status == "planned" else "was approved before, "
        tell(f"approved {message.id}: {already}{message.step} to {clean(message.customer_name)}, {amount}")
    tell(f"{count(len(released), 'message')} released" + ("; `arsync send` delivers" if released else ""))


@click.command()
@click.argument("book")
@click.argument("what")
@click.option("--reason", type=click.Choice(HOLD_REASONS), required=True)
@click.option("--until", metavar="DATE", help="The last day on which it stands; without one, until released.")
@click.option("--note", default="", metavar="TEXT", help="A few words for whoever reads the plan.")
@practice_option
@click.pass_context
def hold(
    ctx: click.Context, book: str, what: str, reason: str, until: str | None, note: str, practice: Path | None
) -> None:
    """Stop chasing WHAT: an invoice number or id, or a customer's name or id."""
    day = day_option(until, "--until")
    with open_desk(ctx, practice) as desk:
        held = people.hold(
            desk.one(book, "hold", letters=False),
            what,
            reason=cast(people.HoldReason, reason),
            until=day,
            note=clean(note, 500),
        )
    end = f" through {day}" if day else f" until `arsync release {book} {shlex.quote(what)}`"
    tell(f"{held.match.target} {clean(held.match.label)} is held as {reason}{end}")
    for message in held.leaving:
        say(f"message {message} about it is being sent this moment and cannot be called back")


@click.command()
@click.argument("book")
@click.argument("what")
@practice_option
@click.pass_context
def release(ctx: click.Context, book: str, what: str, practice: Path | None) -> None:
    """Take back the holds that were put on WHAT; the chase goes on where it stood."""
    with open_desk(ctx, practice) as desk:
        match, released = people.release(desk.one(book, "release", letters=False), what)
    reasons = ", ".join(order.reason for order in released)
    tell(f"{match.target} {clean(match.label)} is no longer held ({reasons})")


@click.command()
@click.argument("book")
@click.argument("message")
@click.argument("verdict", type=click.Choice(["sent", "not-sent", "drop"]))
@practice_option
@click.pass_context
def resolve(ctx: click.Context, book: str, message: str, verdict: str, practice: Path | None) -> None:
    """Settle a MESSAGE that is in doubt or failed.

    sent: it did leave; its steps are taken and its notes are owed. not-sent: it did not; it goes back
    to approved, and the next send reads the debt again and delivers it. drop: it is given up; its
    steps are passed over and the ladder goes on with the next ones.
    """
    with open_desk(ctx, practice) as desk:
        settled = people.settle(desk.one(book, "resolve", letters=False), message, cast(Verdict, verdict))
    words = {
        "sent": "counts as sent; its notes are owed",
        "not-sent": "is approved again; `arsync send` delivers it",
        "drop": "is dropped; its steps are passed over",
    }
    tell(f"message {settled.message.id} to {clean(settled.message.customer_name)} {words[verdict]}")


@click.command()
@click.argument("book")
@click.argument("task")
@click.option("--note", default="", metavar="TEXT", help="What came of it.")
@practice_option
@click.pass_context
def done(ctx: click.Context, book: str, task: str, note: str, practice: Path | None) -> None:
    """Close a TASK: a person has done it, and its steps are taken."""
    with open_desk(ctx, practice) as desk:
        closed = close(desk.one(book, "done", letters=False), task, clean(note, 500))
    invoices = ", ".join(clean(line.number or line.invoice_id) for line in closed.lines if line.step)
    tell(f"task {closed.id} is done: {closed.step} for {clean(closed.customer_name)} ({invoices})")
