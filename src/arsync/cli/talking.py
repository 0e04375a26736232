"""Commands about what customers say: call, complaint, opt-out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import cast

import click

from arsync.cli.books import (
    amount_option,
    day_option,
    json_option,
    open_desk,
    practice_option,
    warn_incomplete,
)
from arsync.cli.saying import clean, say, tell, tell_json
from arsync.cli.shapes import count, talk_shape
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.rules import Channel
from arsync.runs import talking
from arsync.runs.people import Held, login_name
from arsync.runs.situation import Talk
from arsync.writing.script import load_scripts

OUTCOMES = ("reached", "no-answer", "promised", "disputed")
note_option = click.option("--note", default="", metavar="TEXT", help="What was said, in a few words.")
owner_option = click.option("--owner", metavar="NAME", help="Who deals with it; else who is logged in.")


@click.command()
@click.argument("book")
@click.argument("what")
@click.option("--outcome", type=click.Choice(OUTCOMES), help="Log the call with what came of it.")
@click.option("--until", metavar="DATE", help="The day that was promised; of a dispute the last it is held.")
@click.option("--amount", metavar="AMOUNT", help='What was promised, or the part in dispute: "500.00 GBP".')
@click.option(
    "--grace", type=click.IntRange(0, 90), default=0, help="Days after a promise before it is broken."
)
@click.option("--task", metavar="TASK", help="The call task it was made for.")
@click.option("--incoming", is_flag=True, help="The customer called; it counts as no contact of ours.")
@note_option
@owner_option
@json_option
@practice_option
@click.pass_context
def call(
    ctx: click.Context,
    book: str,
    what: str,
    outcome: str | None,
    until: str | None,
    amount: str | None,
    grace: int,
    task: str | None,
    incoming: bool,
    note: str,
    owner: str | None,
    as_json: bool,
    practice: Path | None,
) -> None:
    """Show what to say in a call to WHAT, a customer, an invoice or a call task; with --outcome log the call.

    reached and no-answer say whether anybody was there. promised holds what was promised until its day,
    disputed what is in dispute. Whoever was reached has had the call: its open call tasks are closed.
    """
    came = _came(until, amount, grace)
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "call", letters=False)
        warn_incomplete(opened)
        if outcome is None:
            if came != talking.Came() or note:
                raise FixSettings("say what came of the call", where="--outcome")
            scripts = load_scripts(desk.practice.folder / "scripts")
            talk = talking.script(
                opened, scripts, what, task=task, caller=clean(owner or ""), incoming=incoming
            )
        else:
            logged = talking.log_call(
                opened,
                what,
                cast(talking.CallOutcome, outcome),
                came=came,
                note=clean(note, 500),
                owner=_owner(owner),
                task=task,
                incoming=incoming,
            )
    if outcome is not None:
        _tell_logged(book, outcome, logged)
    elif as_json:
        tell_json(talk_shape(talk))
    else:
        _tell_talk(talk, what)


@click.command()
@click.argument("book")
@click.argument("what")
@click.option("--note", required=True, metavar="TEXT", help="What the complaint is about.")
@owner_option
@practice_option
@click.pass_context
def complaint(
    ctx: click.Context, book: str, what: str, note: str, owner: str | None, practice: Path | None
) -> None:
    """Log a complaint about WHAT, an invoice or a customer. Its customer hears nothing until
    `arsync release` says that it is settled."""
    about = clean(note, 500).strip()
    if not about:
        raise FixSettings("say what the complaint is about", where="--note")
    with open_desk(ctx, practice) as desk:
        held = talking.complain(
            desk.one(book, "complaint", letters=False), what, note=about, owner=_owner(owner)
        )
    name = held.match.customer_name
    tell(
        f"the complaint of {clean(name)} is logged; it is left alone until "
        f"`arsync release {book} {shlex.quote(clean(held.match.label))}`"
    )
    _tell_leaving(held)


@click.command(name="opt-out")
@click.argument("book")
@click.argument("customer")
@click.argument("channel", type=click.Choice(["message", "call", "letter"]))
@click.option("--back", is_flag=True, help="The customer may hear by this channel again.")
@note_option
@owner_option
@practice_option
@click.pass_context
def opt_out(
    ctx: click.Context,
    book: str,
    customer: str,
    channel: str,
    back: bool,
    note: str,
    owner: str | None,
    practice: Path | None,
) -> None:
    """Record that CUSTOMER wants no messages, calls or letters. Steps of that kind are held from now on."""
    wanted = cast(Channel, channel)
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "opt-out", letters=False)
        if back:
            match, payer = talking.open_channel(opened, customer, wanted), ""
        else:
            match, payer = talking.close_channel(
                opened, customer, wanted, note=clean(note, 500), owner=_owner(owner)
            )
    now = "may hear by" if back else "hears nothing more by"
    tell(f"customer {clean(match.label)} {now} {channel}")
    if payer:
        say(f"{clean(match.label)} is billed to {clean(payer)}, who is asked for it and has not opted out")


def _owner(name: str | None) -> str:
    return clean(login_name() if name is None else name)


def _came(until: str | None, amount: str | None, grace: int) -> talking.Came:
    units, currency = amount_option(amount)
    return talking.Came(until=day_option(until, "--until"), amount=units, currency=currency, grace=grace)


def _tell_logged(book: str, outcome: str, logged: talking.Logged) -> None:
    name = clean(logged.customer)
    tell(f"the call to {name} is logged: {outcome}")
    if logged.against:
        say(f"{clean(logged.against, 300)}; as it was made, it counts")
    if logged.held is not None:
        match = logged.held.match
        order = logged.held.order
        until = "" if order.until is None else f" through {order.until}"
        grace = f" and {count(order.grace, 'day')} of grace" if until and order.grace else ""
        part = "" if order.amount is None else f" ({plain(order.amount, order.currency)} {order.currency})"
        tell(f"{match.target} {clean(match.label)} is held as {outcome}{part}{until}{grace}")
        _tell_leaving(logged.held)
    for task in logged.closed:
        tell(f"task {task.id} is done: {task.step}")
    for task in logged.waiting:
        say(f"task {task.id} ({task.step}) stays open; `arsync done {book} {task.id}` closes it")


def _tell_leaving(held: Held) -> None:
    for message in held.leaving:
        say(f"message {message} is being sent this moment and cannot be called back")


def _tell_talk(talk: Talk, what: str) -> None:
    """The situation, what to say, and the command for each outcome."""
    situation = talk.situation
    step = f", {situation.step}" if situation.step else ""
    tell(f"{talk.book}: a call to {clean(talk.customer_name)} ({situation.firmness}{step})")
    for asked in talk.to_ask:
        currency = asked.currency
        parts = [
            f"{plain(max(0, asked.total - asked.held_back - asked.unapplied), currency)} {currency} asked"
        ]
        parts += [
            f"{plain(amount, currency)} {words}"
            for amount, words in (
                (asked.total, "open"),
                (sum(line.disputed for line in asked.lines), "in dispute"),
                (sum(line.not_due for line in asked.lines), "not due under an agreement"),
                (asked.unapplied, "of credit not applied"),
            )
            if amount
        ]
        tell(f"  {', '.join(parts)}")
        for line in asked.lines:
            age = "" if line.days_overdue is None else f", {line.days_overdue} days overdue"
            number = clean(line.number or line.invoice_id)
            tell(f"    {number}: {plain(line.open, currency)} {currency}, due {line.due_on}{age}")
    for contact in situation.contacts:
        tell(f"  {contact.on}  {contact.what}: {clean(contact.detail, 200)}")
    if situation.kept or situation.broken:
        tell(f"  promises before: {situation.kept} kept, {situation.broken} not")
    for words, texts in (
        ("promised", situation.promises),
        ("disputed", situation.disputes),
        ("agreed", situation.agreements),
    ):
        for text in texts:
            tell(f"  {words}: {clean(text, 300)}")
    tell()
    for said in talk.text.splitlines():
        tell(f"  {said}" if said else "")
    tell()
    command = f"arsync call {talk.book} {shlex.quote(what)} --outcome"
    currency = talk.to_ask[0].currency
    tell("Then log it:")
    for ending in (
        "reached",
        "no-answer",
        f'promised --until DATE --amount "... {currency}"',
        f'disputed --note TEXT (of an invoice: --amount "... {currency}" for a part)',
    ):
        tell(f"  {command} {ending}")
