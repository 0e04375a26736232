"""The command that lets a new book send: golive."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from arsync.cli.books import json_option, open_desk, practice_option
from arsync.cli.saying import clean, long_day, say, table, tell, tell_json
from arsync.cli.shapes import addressees, count, iso, listed
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.first_wave import Hearer
from arsync.policy.joining import MODES, JoinMode
from arsync.policy.proposal import Suggestion
from arsync.runs.book import Book
from arsync.runs.golive import Confirmed, Joining, Proposal, Reminding, confirm, propose
from arsync.store import Claim
from arsync.store.golive import live

_SHOWN = 20


@click.command()
@click.argument("book")
@click.option("--join", "how", type=click.Choice(MODES), help="Where what is overdue joins the ladder.")
@click.option(
    "--leave-out-older",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Leave out what is overdue by more days than this.",
)
@click.option(
    "--per-day", type=click.IntRange(min=1), metavar="N", help="Write to at most N customers a day at first."
)
@click.option(
    "--confirm", "confirmed", is_flag=True, help="Let the book go live; without it nothing changes."
)
@click.option(
    "--despite-reminders",
    is_flag=True,
    help="Confirm although the accounting system sends reminders of its own, or cannot be asked.",
)
@json_option
@practice_option
@click.pass_context
def golive(
    ctx: click.Context,
    book: str,
    how: str | None,
    leave_out_older: int | None,
    per_day: int | None,
    confirmed: bool,
    despite_reminders: bool,
    as_json: bool,
    practice: Path | None,
) -> None:
    """Show where the old debts of a new book would join the ladder and who would hear first; with
    --confirm, let it send. Nothing is approved or sent before.

    start: at the first step, whatever the age. match: as far up as the age has come, but never at the
    last letter. skip: what is overdue today is left out; `arsync release` takes an invoice back.
    """
    if how == "skip" and leave_out_older is not None:
        raise FixSettings("skip leaves out all that is overdue already", where="--leave-out-older")
    results: list[Confirmed | Proposal] = []

    def work(opened: Book, lease: Claim | None) -> None:
        joining = Joining(
            how=cast(JoinMode | None, how) or opened.golive or "start",
            leave_out_older=leave_out_older,
            per_day=per_day,
        )
        known = live(opened.store, opened.name)
        if known.on is not None:
            results.append(Confirmed(book=opened.name, live=known, before=True))
        elif confirmed:
            results.append(confirm(opened, joining, despite_reminders=despite_reminders, claim=lease))
        else:
            results.append(propose(opened, joining))

    with open_desk(ctx, practice) as desk:
        _, status = desk.each([book], "golive", work, claimed=confirmed, letters=True)
    if not results:
        ctx.exit(status or 1)  # also where another process works on the book: it is not live by that
    [result] = results
    if isinstance(result, Confirmed):
        tell_json(confirmed_shape(result)) if as_json else _tell_confirmed(result)
    else:
        tell_json(proposal_shape(result)) if as_json else _tell_proposal(result)
    ctx.exit(status)


def say_entered(entered: Confirmed | None) -> None:
    """What a go-live that the practice file had decided beforehand has done just now."""
    if entered is not None and not entered.before and (words := _done(entered)):
        say(f'{entered.book}: it is live from today on, by golive = "{entered.live.how}": {words}')


def _tell_confirmed(done: Confirmed) -> None:
    if done.before:
        tell(f"{done.book}: it is live since {done.live.on} ({done.live.how}); nothing was changed")
        return
    words = _done(done)
    tell(f"{done.book}: it is live from {done.live.on} on ({done.live.how}){': ' + words if words else ''}")
    tell(f"next: `arsync plan {done.book}` shows who hears what today")


def _done(done: Confirmed) -> str:
    words = [
        f"{count(done.joins, 'debt')} joined above the first step" if done.joins else "",
        f"{count(done.left_out, 'debt')} left out" if done.left_out else "",
        f"{count(done.paused, 'customer')} of the first wave kept for a later day" if done.paused else "",
    ]
    return ", ".join(filter(None, words))


def _tell_proposal(made: Proposal) -> None:
    tell(f"{made.book}: if it goes live on {long_day(made.as_of)}, old debts joining with {_flags(made)}")
    tell()
    table(
        ("overdue", "joins at", "debts", "customers", "amount", ""),
        [
            (it.band, it.joins, it.debts, it.customers, plain(it.amount, it.currency), it.currency)
            for it in made.rows
        ],
        right=(2, 3, 4),
    )
    tell()
    for mode in made.modes:
        joins = ", ".join(f"{debts} {step}" for step, debts in mode.joins) or "nothing is overdue"
        chosen = "*" if mode.how == made.joining.how else " "
        tell(f"{chosen} {mode.how:<6} {joins}; {count(mode.hearers, 'customer')} in the first wave")
    tell()
    _tell_wave(made)
    for hold in made.unreachable[:_SHOWN]:
        numbers = listed(number or id_ for id_, number in hold.invoices)
        tell(f"cannot be written to: {clean(hold.customer_name)} ({numbers}): {hold.detail}")
    if len(made.unreachable) > _SHOWN:
        tell(f"  and {len(made.unreachable) - _SHOWN} more; --json lists all")
    if made.held:
        tell("held: " + ", ".join(f"{number} {reason}" for reason, number in made.held))
    _tell_reminding(made.reminding)
    tell(f"suggested: {_words(made.suggestion)}, because {made.suggestion.reason}")
    if made.decided:
        tell(
            f'golive = "{made.decided}" in the practice file makes it live with the next run, send or approve'
        )
    tell(f"nothing was changed; `arsync golive {made.book} {_flags(made)} --confirm` makes it live")


def _tell_wave(made: Proposal) -> None:
    if not made.wave:
        tell("first wave: nobody would hear from you yet")
        return
    last = max(it.on for it in made.wave)
    new = sum(1 for it in made.wave if not it.known)
    first = min(it.on for it in made.wave)
    span = f"from {first} to {last}" if made.joining.per_day and first < last else f"by {last}"
    hearing = count(len(made.wave), "customer")
    tell(f"first wave: {hearing} would hear from you {span}, {new} of them for the first time")
    table(
        ("day", "customer", "step", "amount", "", "to"),
        [
            (
                it.on,
                it.customer_name,
                each.step,
                plain(each.total, each.currency),
                each.currency,
                addressees(each),
            )
            for it in made.wave[:_SHOWN]
            for each in it.messages
        ],
        right=(3,),
    )
    if len(made.wave) > _SHOWN:
        tell(f"  and {len(made.wave) - _SHOWN} more; --json lists all")


def _tell_reminding(found: Reminding) -> None:
    if found.on:
        say(
            "the accounting system sends reminders of its own: customers would be chased twice. Switch them "
            "off there first",
        )
    elif found.on is None:
        say(
            f"whether the accounting system sends reminders of its own cannot be told ({found.why}); look "
            "under its invoice or sales settings"
        )


def _words(it: Suggestion) -> str:
    older = f" --leave-out-older {it.leave_out_older}" if it.leave_out_older else ""
    return f"--join {it.how}{older}"


def _flags(made: Proposal) -> str:
    it = made.joining
    older = f" --leave-out-older {it.leave_out_older}" if it.leave_out_older else ""
    return f"--join {it.how}{older}" + (f" --per-day {it.per_day}" if it.per_day else "")


def confirmed_shape(done: Confirmed) -> dict[str, Any]:
    """Of a book that is live: since when, and what was written just now."""
    return {
        "book": done.book,
        "live_on": iso(done.live.on),
        "join": done.live.how,
        "reminders": done.live.reminders,
        "joined": done.joins,
        "left_out": done.left_out,
        "paused": done.paused,
        "changed": not done.before,
    }


def proposal_shape(made: Proposal) -> dict[str, Any]:
    """What going live would do. ``live_on`` is null."""
    return {
        "book": made.book,
        "as_of": iso(made.as_of),
        "live_on": None,
        "join": made.joining.how,
        "leave_out_older": made.joining.leave_out_older,
        "per_day": made.joining.per_day,
        "decided": made.decided,
        "reminders": made.reminding.on,
        "debts": [
            {
                "overdue": it.band,
                "joins": it.joins,
                "currency": it.currency,
                "debts": it.debts,
                "customers": it.customers,
                "amount": plain(it.amount, it.currency),
            }
            for it in made.rows
        ],
        "modes": [{"join": it.how, "overdue": dict(it.joins), "first_wave": it.hearers} for it in made.modes],
        "first_wave": [_hearer(it) for it in made.wave],
        "no_address": [{"id": it.customer_id, "name": it.customer_name} for it in made.unreachable],
        "held": dict(made.held),
        "suggested": {
            "join": made.suggestion.how,
            "leave_out_older": made.suggestion.leave_out_older,
            "reason": made.suggestion.reason,
        },
    }


def _hearer(it: Hearer) -> dict[str, Any]:
    return {
        "customer": {"id": it.customer_id, "name": it.customer_name},
        "on": iso(it.on),
        "first_time": not it.known,
        "messages": [
            {
                "step": each.step,
                "currency": each.currency,
                "total": plain(each.total, each.currency),
                "to": list(each.to),
            }
            for each in it.messages
        ],
    }
