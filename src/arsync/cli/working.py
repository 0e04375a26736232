"""Commands that do the work: send, note, run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from arsync.cli.books import (
    Desk,
    books_argument,
    json_option,
    open_desk,
    practice_option,
    warn_consent,
    warn_not_live,
)
from arsync.cli.looking import tell_sync
from arsync.cli.saying import clean, say, tell, tell_json
from arsync.cli.shapes import addressees, amount_words, count, listed, message_shape, sync_shape
from arsync.cli.starting import say_entered
from arsync.cli.watching import after_run
from arsync.policy.model import Message, Plan
from arsync.runs.book import Book
from arsync.runs.golive import enter
from arsync.runs.note import NoteReport, write_notes
from arsync.runs.run import RunReport
from arsync.runs.run import run as run_book
from arsync.runs.send import send as deliver
from arsync.runs.send_report import SendReport
from arsync.runs.sent_copies import Found
from arsync.store import Claim

Report = TypeVar("Report")


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def send(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """Deliver what is approved. Each debt is read again right before its message leaves."""

    def work(book: Book, lease: Claim, report: SendReport) -> None:
        say_entered(enter(book, lease))
        deliver(book, lease, report=report)

    with open_desk(ctx, practice) as desk:
        told = None if as_json else tell_send
        reports, status = _carry_out(desk, books, "send", SendReport, work, told, sends=True)
    if as_json:
        tell_json([_send_shape(report) for report in reports])
    ctx.exit(max([status, *(int(report.needs_person) for report in reports)]))


@click.command()
@books_argument
@click.option("--again", is_flag=True, help="Also those that were given up, once their cause is mended.")
@json_option
@practice_option
@click.pass_context
def note(
    ctx: click.Context, books: tuple[str, ...], again: bool, as_json: bool, practice: Path | None
) -> None:
    """Write the notes still owed into the accounting system."""

    def work(book: Book, lease: Claim, report: NoteReport) -> None:
        write_notes(book, lease, report=report, again=again)

    with open_desk(ctx, practice) as desk:
        told = None if as_json else tell_notes
        reports, status = _carry_out(desk, books, "note", NoteReport, work, told)
    if as_json:
        tell_json([_note_shape(report) for report in reports])
    ctx.exit(max([status, *(int(report.needs_person) for report in reports)]))


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def run(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """One pass over each book: sync, plan, send what is approved or automatic, note."""

    def work(book: Book, lease: Claim, report: RunReport) -> None:
        try:
            run_book(book, lease, report=report)
        finally:
            say_entered(report.golive)

    with open_desk(ctx, practice) as desk:
        told = None if as_json else _tell_run
        reports, status = _carry_out(desk, books, "run", RunReport, work, told, sends=True)
        code = max([status, *(int(report.needs_person) for report in reports)])
        after_run(desk, well=code == 0 and bool(reports))
    if as_json:
        tell_json([_run_shape(report) for report in reports])
    ctx.exit(code)


def _carry_out(
    desk: Desk,
    books: Sequence[str],
    command: str,
    fresh: Callable[..., Report],
    work: Callable[[Book, Claim, Report], object],
    tell: Callable[[Book, Report], None] | None,
    *,
    sends: bool = False,
) -> tuple[list[Report], int]:
    """The reports of the books that were worked on, and the exit status. A report is told also where
    the work broke off half way: what was sent or written by then has been sent or written."""
    reports: dict[str, Report] = {}

    def fill(book: Book, lease: Claim | None) -> None:
        assert lease is not None
        reports[book.name] = fresh(book=book.name)
        work(book, lease, reports[book.name])

    def after(book: Book) -> None:
        if sends:
            warn_not_live(book)
        if command == "run":
            warn_consent(book)
        if tell is not None and book.name in reports:
            tell(book, reports[book.name])

    _, status = desk.each(books, command, fill, claimed=True, sends=sends, after=after)
    return list(reports.values()), status


def _tell_run(book: Book, report: RunReport) -> None:
    if report.sync is not None:
        tell_sync(report.sync)
    for found in report.review:
        tell(
            f"{report.book}: {found.what.replace('-', ' ')}: {clean(found.label)}: {clean(found.detail, 300)}"
        )
    if report.plan is not None:
        tell(f"{report.book}: {decided_words(report.plan, automatic=book.automatic)}")
    if report.send is not None:
        tell_send(book, report.send)
    else:
        tell_found(report.book, report.found)
    if report.note is not None:
        tell_notes(book, report.note)


def decided_words(plan: Plan, *, automatic: bool) -> str:
    """One line on what the plan of a run decided, with what waits for a person."""
    planned = sum(1 for message in plan.messages if message.status == "planned")
    approved = sum(1 for message in plan.messages if message.status == "approved")
    ready = approved + planned if automatic else approved
    words = [f"{count(ready, 'message')} to send"]
    if planned and not automatic:
        words.append(f"{planned} to approve (`arsync approve {plan.book} --all`)")
    if plan.tasks:
        words.append(f"{count(len(plan.tasks), 'task')} (`arsync plan {plan.book}`)")
    doubts = Counter(hold.reason for hold in plan.holds if hold.reason in ("unreconciled", "stale-data"))
    shown = ", ".join(f"{number} {reason}" for reason, number in sorted(doubts.items()))
    why = f" ({shown}: `arsync plan {plan.book}` tells why)" if shown else ""
    words.append(count(len(plan.holds), "hold") + why)
    return "decided: " + ", ".join(words)


def tell_send(book: Book, report: SendReport) -> None:
    """A line for each message that left or did not, then the sum. A log has had an event for each."""
    tell_found(report.book, report.found)
    for message in report.sent:
        tell(f"{report.book}: sent {_about(message)} to {addressees(message)}")
    for message, why in report.withdrawn:
        tell(f"{report.book}: withdrawn {_about(message)}: {why}")
    for message, why in report.lapsed:
        tell(f"{report.book}: back to planned {_about(message)}: {why}; it needs a new approval")
    for message, until in report.later:
        say(
            f"{report.book}: {_about(message)} {later_words(until, book.clock())}; it stays approved",
            logged="",
        )
    for message, why in report.capped:
        say(f"{report.book}: not sent {_about(message)}: {why}; it stays approved", logged="")
    for message, why in report.waiting:
        say(
            f"{report.book}: not sent {_about(message)}: {why}; it stays approved and is tried again",
            error=True,
            logged="",
        )
    for message, why in report.refused:
        say(f"{report.book}: {_about(message)} was refused for {why}", error=True, logged="")
    for message, why in report.failed:
        say(
            f"{report.book}: failed {_about(message)}: {why}; mend the address, then "
            f"`arsync resolve {report.book} {message.id} not-sent` or drop it",
            error=True,
            logged="",
        )
    for message, why in report.in_doubt:
        say(
            f"{report.book}: in doubt {_about(message)}: {why}; look whether it left, then "
            f"`arsync resolve {report.book} {message.id} sent` (or not-sent, or drop)",
            error=True,
            logged="",
        )
    tell(f"{report.book}: {count(len(report.sent), 'message')} sent")


def tell_found(book: str, found: Found) -> None:
    """What the folder of sent mail told of messages in doubt, and what notes did not tell."""
    for wait in found.paused:
        say(
            f"{book}: pauses {wait.target} {clean(wait.target_id)}: {clean(wait.why, 300)}; look at it, then "
            f"`arsync release {book} {wait.target}:{clean(wait.target_id)}`",
            error=True,
            logged="",
        )
    for message in found.messages:
        tell(f"{book}: {_about(message)} counts as sent: its copy is in the sent folder")
    if found.problem:
        say(f"{book}: what is in doubt stays so: {found.problem}", error=True)


def later_words(until: datetime, now: datetime) -> str:
    """'waits until 09:00 in America/New_York', with the day where it is another than there now."""
    zone = getattr(until.tzinfo, "key", "UTC")
    same = until.date() == now.astimezone(until.tzinfo).date()
    day = "" if same else f" on {until:%A}, {until.day} {until:%B}"
    return f"waits until {until:%H:%M}{day} in {zone}"


def tell_notes(_: Book, report: NoteReport) -> None:
    """What became of the notes."""
    left = len(report.owed) + len(report.put_off)
    owed = f", {left} still owed" if left else ""
    tell(f"{report.book}: {count(report.written, 'note')} written{owed}")
    reasons: dict[str, list[str]] = {}
    for where, why in report.owed:
        reasons.setdefault(why, []).append(where)
    for why, places in reasons.items():
        say(f"{report.book}: still owed is the note on {listed(places)}: {why}", error=True, logged="")
    if report.put_off:
        say(f"{report.book}: {report.why}; {count(len(report.put_off), 'note')} left for a later run")
    for where, why in report.failed:
        say(f"{report.book}: the note on {where} cannot be written: {why}", error=True, logged="")


def _about(message: Message) -> str:
    amount = amount_words(message)
    return f"{message.id} ({message.step}, {clean(message.customer_name)}, {amount})"


def _send_shape(report: SendReport) -> dict[str, Any]:
    with_reasons = ("withdrawn", "lapsed", "capped", "waiting", "failed", "in_doubt", "refused")
    head = {
        "book": report.book,
        "sent": [message_shape(message) for message in report.sent],
        "later": [{"id": message.id, "until": until.isoformat()} for message, until in report.later],
    }
    return head | {
        name: [{"id": message.id, "reason": why} for message, why in getattr(report, name)]
        for name in with_reasons
    }


def _note_shape(report: NoteReport) -> dict[str, Any]:
    failed = [{"where": where, "reason": why} for where, why in report.failed]
    owed = len(report.owed) + len(report.put_off)
    return {"book": report.book, "written": report.written, "owed": owed, "failed": failed}


def _run_shape(report: RunReport) -> dict[str, Any]:
    """A step that the run did not come to is null."""
    return {
        "book": report.book,
        "sync": report.sync and sync_shape(report.sync),
        "send": report.send and _send_shape(report.send),
        "note": report.note and _note_shape(report.note),
    }
