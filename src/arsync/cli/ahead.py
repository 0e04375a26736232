"""Commands that look ahead and back: calendar, replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from arsync.cli import ahead_shapes as shapes
from arsync.cli.books import (
    books_argument,
    day_option,
    json_option,
    open_desk,
    practice_option,
    warn_incomplete,
    warn_not_live,
)
from arsync.cli.saying import clean, long_day, say, table, tell, tell_json
from arsync.cli.shapes import count, listed
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.forecast import Happening
from arsync.policy.history import Counted, Escalated, Heard
from arsync.policy.model import Message
from arsync.policy.rules import Policy
from arsync.policy.words import hold_words
from arsync.practice import Practice, load_house_policy, read_policy
from arsync.runs.ahead import Ahead
from arsync.runs.ahead import ahead as look_ahead
from arsync.runs.book import Book
from arsync.runs.replay import Replayed, replay_policy
from arsync.store import Claim

MOST_DAYS = 3650
NAMED = 10  # customers of each kind that are named; --json lists all


@click.command()
@books_argument
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=60,
    show_default=True,
    help="How many days, today among them.",
)
@json_option
@practice_option
@click.pass_context
def calendar(
    ctx: click.Context, books: tuple[str, ...], days: int, as_json: bool, practice: Path | None
) -> None:
    """Show what will be sent to whom, and what people will have to do, day by day, if nobody pays and
    everything is approved and done on its day. Changes nothing."""

    def work(book: Book, _: Claim | None) -> Ahead:
        found = look_ahead(book, days)
        warn_incomplete(book)
        warn_not_live(book)
        if not as_json:
            _tell_calendar(found)
        return found

    with open_desk(ctx, practice) as desk:
        found, status = desk.each(books, "calendar", work)
    if as_json:
        tell_json([shapes.calendar_shape(it) for it in found])
    ctx.exit(status)


def _tell_calendar(found: Ahead) -> None:
    tell(
        f"{found.book}: from {long_day(found.first)} to {long_day(found.last)}, if nobody pays and "
        "everything is approved and done on its day"
    )
    for on, some in groupby(found.happenings, key=lambda it: it.on):
        day = list(some)
        tell(f"  {long_day(on)}: {_sum_words(day)}")
        for happening in day:
            _tell_happening(happening)
    if not found.happenings:
        tell("  nothing")
    else:
        tell(f"  in all {_sum_words(found.happenings, amounts=False)}")
    for hold in found.left_out:
        numbers = listed(number or id_ for id_, number in hold.invoices)
        tell(f"  left out  {clean(hold.customer_name)}: {numbers}")
        tell(f"            {hold.reason}: {hold_words(hold)}")
    if found.bound:
        tell(f"  left out  {listed(found.bound)}: in messages in doubt or failed; see `arsync resolve`")


def _tell_happening(happening: Happening) -> None:
    item = happening.item
    kind = "message" if isinstance(item, Message) else item.does
    amount = f"{plain(item.total - item.held_back, item.currency)} {item.currency}"
    tell(f"    {kind:<8}{clean(item.customer_name)}: {item.step}, {amount}")
    taking = listed(clean(line.number or line.invoice_id) for line in item.lines if line.step)
    others = sum(line.step is None for line in item.lines)
    also = f"; lists {others} more" if others else ""
    whom = f" to {listed(map(clean, item.to + item.cc))}" if kind == "message" else ""
    tell(f"            {taking}{also}{whom}")


def _sum_words(happened: Sequence[Happening], *, amounts: bool = True) -> str:
    """'2 messages about 1,300.00 USD, 1 call'."""
    kinds = Counter("message" if isinstance(it.item, Message) else it.item.does for it in happened)
    sums = shapes.asked(happened)
    about = ", ".join(f"{plain(amount, currency)} {currency}" for currency, amount in sorted(sums.items()))
    parts = [
        count(kinds[kind], kind) + (f" about {about}" if kind == "message" and amounts else "")
        for kind in ("message", "call", "letter", "task")
        if kinds[kind]
    ]
    return ", ".join(parts)


@click.command()
@click.argument("book")
@click.option(
    "--policy",
    "policy_file",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The policy file to try.",
)
@click.option("--from", "first", required=True, metavar="DATE", help="The first day.")
@click.option("--to", "last", metavar="DATE", help="The last day; today when left out.")
@json_option
@practice_option
@click.pass_context
def replay(
    ctx: click.Context,
    book: str,
    policy_file: Path,
    first: str,
    last: str | None,
    as_json: bool,
    practice: Path | None,
) -> None:
    """Run another policy over the book's past and show the difference to the policy it has.

    Both are run by the same rules: what happened before the first day stands, and from then on all that
    is planned counts as sent and done on its day. Changes nothing.
    """
    from_on, to_on = day_option(first, "--from"), day_option(last, "--to")
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "replay", letters=False)
        found = replay_policy(opened, _policy(desk.practice, policy_file), from_on, to_on)
        warn_incomplete(opened)
    if found.first < found.began:
        say(
            f"{found.book}: the book begins on {found.began}; earlier days are worked out from what was open "
            "on that day and from the dates of payments: invoices that were settled by then may be missing"
        )
    if as_json:
        tell_json(shapes.replay_shape(found))
    else:
        _tell_replay(found)


def _policy(practice: Practice, file: Path) -> Policy:
    """The policy of a file as a book would have it, over the house policy. A name is that of a file in
    the working folder, else in the practice's. Raises FixSettings."""
    path = next((it for it in (file, practice.folder / file) if it.is_file()), None)
    if path is None:
        there = sorted(str(it.relative_to(practice.folder)) for it in practice.folder.glob("policies/*.toml"))
        hint = f"; in the practice's folder there are: {', '.join(there)}" if there else ""
        raise FixSettings(f"there is no file {file}{hint}", where="--policy")
    if practice.policy is not None and path.resolve() == practice.policy.resolve():
        return read_policy(path)
    return read_policy(path, load_house_policy(practice))


def _tell_replay(found: Replayed) -> None:
    it = found.difference
    tell(
        f"{found.book}: policy {clean(found.new_policy)!r} in the place of {clean(found.policy)!r}, from "
        f"{found.first} to {found.last}"
    )
    tell(f"  messages: {_change_words(*it.messages)}")
    tell(f"  customers written to: {_change_words(*it.written_to)}")
    tell(f"  calls, letters and tasks: {_change_words(*it.tasks)}")
    tell(f"  {count(found.sent, 'message')} did leave in that time")
    _tell_steps(it.steps)
    _tell_escalated("earlier", it.earlier)
    _tell_escalated("later", it.later)
    _tell_heard("less", it.fewer)
    _tell_heard("more", it.more)


def _change_words(now: int, new: int) -> str:
    """'412 in the place of 453, 41 fewer'."""
    if now == new:
        return f"{new:,}, as many as now"
    more = f"{new - now:,} more" if new > now else f"{now - new:,} fewer"
    return f"{new:,} in the place of {now:,}, {more}"


def _tell_steps(steps: Sequence[Counted]) -> None:
    rows = [
        (f"{it.month:%Y-%m}", it.step, it.does, f"{it.now:,}", f"{it.new:,}", f"{it.new - it.now:+,}")
        for it in steps
        if it.now != it.new
    ]
    if rows:
        tell()
        table(("month", "step", "does", "now", "new", "difference"), rows, right=(3, 4, 5))


def _tell_escalated(when: str, escalated: Sequence[Escalated]) -> None:
    if not escalated:
        return
    customers = len({it.customer_id for it in escalated})
    tell(f"  {count(customers, 'customer')} would have been escalated {when}:")
    for it in escalated[:NAMED]:
        what = "the first firm message" if it.kind == "firm" else "the first call, letter or task"
        if it.new is None:
            words = f"{what} of {it.now} not at all"
        else:
            words = f"{what} on {it.new}, " + (f"not on {it.now}" if it.now else "now never")
        tell(f"    {clean(it.customer_name)}: {words}")
    _tell_rest(len(escalated))


def _tell_heard(how: str, heard: Sequence[Heard]) -> None:
    if not heard:
        return
    tell(f"  {count(len(heard), 'customer')} would have heard {how}:")
    for it in heard[:NAMED]:
        tell(f"    {clean(it.customer_name)}: {count(it.new, 'message')}, not {it.now:,}")
    _tell_rest(len(heard))


def _tell_rest(number: int) -> None:
    if number > NAMED:
        tell(f"    and {number - NAMED:,} more; --json lists all")
