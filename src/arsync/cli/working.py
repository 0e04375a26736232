"""Commands that do the work: send, note, run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from arsync.cli.books import books_argument, json_option, open_desk, practice_option
from arsync.cli.looking import tell_sync
from arsync.cli.saying import clean, say, tell, tell_json
from arsync.cli.shapes import count, message_shape, sync_shape
from arsync.money import plain
from arsync.policy.model import Message, Plan
from arsync.runs.book import Book
from arsync.runs.note import NoteReport, write_notes
from arsync.runs.run import RunReport
from arsync.runs.run import run as run_book
from arsync.runs.send import SendReport
from arsync.runs.send import send as deliver
from arsync.store import Claim


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def send(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """Deliver what is approved. Each debt is read again right before its message leaves."""

    def work(book: Book, lease: Claim | None) -> SendReport:
        assert lease is not None
        return deliver(book, lease)

    with open_desk(ctx, practice) as desk:
        reports, status = desk.each(
            books, "send", work, claimed=True, sends=True, after=_unless(as_json, tell_send)
        )
    if as_json:
        tell_json([_send_shape(report) for report in reports])
    ctx.exit(max([status, *(int(report.needs_person) for report in reports)]))


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def note(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """Write the notes still owed into the accounting system."""

    def work(book: Book, lease: Claim | None) -> NoteReport:
        assert lease is not None
        return write_notes(book, lease)

    with open_desk(ctx, practice) as desk:
        reports, status = desk.each(books, "note", work, claimed=True, after=_unless(as_json, tell_notes))
    if as_json:
        tell_json([_note_shape(report) for report in reports])
    ctx.exit(max([status, *(int(bool(report.failed)) for report in reports)]))


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def run(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """One pass over each book: sync, plan, send what is approved or automatic, note."""

    def work(book: Book, lease: Claim | None) -> RunReport:
        assert lease is not None
        return run_book(book, lease)

    with open_desk(ctx, practice) as desk:
        reports, status = desk.each(
            books, "run", work, claimed=True, sends=True, after=_unless(as_json, _tell_run)
        )
    if as_json:
        tell_json([_run_shape(report) for report in reports])
    ctx.exit(max([status, *(int(report.needs_person) for report in reports)]))


def _unless(as_json: bool, telling: Any) -> Any:
    return None if as_json else telling


def _tell_run(book: Book, report: RunReport) -> None:
    tell_sync(report.sync)
    tell(f"{report.book}: {decided_words(report.plan, automatic=book.automatic)}")
    tell_send(book, report.send)
    tell_notes(book, report.note)


def decided_words(plan: Plan, *, automatic: bool) -> str:
    """One line on what the plan of a run decided, with what waits for a person."""
    planned = sum(1 for message in plan.messages if message.status == "planned")
    waits = "" if automatic or not planned else f" (waiting: `arsync approve {plan.book} --all`)"
    tasks = f"; tasks: `arsync plan {plan.book}`" if plan.tasks else ""
    return (
        f"decided {count(planned, 'message')}{waits}, {count(len(plan.tasks), 'task')}, "
        f"{count(len(plan.holds), 'hold')}{tasks}"
    )


def tell_send(_: Book, report: SendReport) -> None:
    """A line for each message that left or did not, then the sum."""
    for message in report.sent:
        addressees = ", ".join(map(clean, message.to + message.cc))
        tell(f"{report.book}: sent {_about(message)} to {addressees}")
    for message, why in report.withdrawn:
        tell(f"{report.book}: withdrawn {_about(message)}: {why}")
    for message, why in report.lapsed:
        tell(f"{report.book}: back to planned {_about(message)}: {why}; it needs a new approval")
    for message, why in report.waiting:
        say(
            f"{report.book}: not sent {_about(message)}: {why}; it stays approved and is tried again",
            error=True,
        )
    for message, why in report.refused:
        say(f"{report.book}: {_about(message)} was refused for {why}", error=True)
    for message, why in report.failed:
        say(
            f"{report.book}: failed {_about(message)}: {why}; mend the address, then "
            f"`arsync resolve {report.book} {message.id} not-sent` or drop it",
            error=True,
        )
    for message, why in report.in_doubt:
        say(
            f"{report.book}: in doubt {_about(message)}: {why}; look whether it left, then "
            f"`arsync resolve {report.book} {message.id} sent` (or not-sent, or drop)",
            error=True,
        )
    tell(f"{report.book}: {count(len(report.sent), 'message')} sent")


def tell_notes(_: Book, report: NoteReport) -> None:
    """What became of the notes."""
    owed = f", {report.owed} still owed" if report.owed else ""
    tell(f"{report.book}: {count(report.written, 'note')} written{owed}")
    for where, why in report.failed:
        say(f"{report.book}: the note on {where} cannot be written: {why}", error=True)


def _about(message: Message) -> str:
    amount = f"{plain(message.total, message.currency)} {message.currency}"
    return f"{message.id} ({message.step}, {clean(message.customer_name)}, {amount})"


def _send_shape(report: SendReport) -> dict[str, Any]:
    with_reasons = ("withdrawn", "lapsed", "waiting", "failed", "in_doubt", "refused")
    return {"book": report.book, "sent": [message_shape(message) for message in report.sent]} | {
        name: [{"id": message.id, "reason": why} for message, why in getattr(report, name)]
        for name in with_reasons
    }


def _note_shape(report: NoteReport) -> dict[str, Any]:
    failed = [{"where": where, "reason": why} for where, why in report.failed]
    return {"book": report.book, "written": report.written, "owed": report.owed, "failed": failed}


def _run_shape(report: RunReport) -> dict[str, Any]:
    return {
        "book": report.book,
        "sync": sync_shape(report.sync),
        "send": _send_shape(report.send),
        "note": _note_shape(report.note),
    }
