"""The command of the heartbeat: status; and what every run tells of itself when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from arsync import logs
from arsync.cli.books import Desk, books_argument, json_option, open_desk, practice_option
from arsync.cli.saying import say, tell_json
from arsync.cli.status_shapes import status_shape
from arsync.cli.status_words import MIN_FREE, tell_statuses
from arsync.connector.metering import Usage, usage
from arsync.errors import ArsyncError, FixSettings
from arsync.practice import alert_address, mail_server
from arsync.runs.alert_ways import Ways, beat
from arsync.runs.alerts import alert
from arsync.runs.status import BookStatus, book_status, broken_status
from arsync.store.status import disk_of


@click.command()
@books_argument
@click.option("--alert", "alerting", is_flag=True, help="Also tell new troubles as [alerts] says; for cron.")
@json_option
@practice_option
@click.pass_context
def status(
    ctx: click.Context, books: tuple[str, ...], alerting: bool, as_json: bool, practice: Path | None
) -> None:
    """Tell whether every book is alive: its last runs, doubts, access, budgets. Asks no service.

    Exit status: 0 all is well, 1 a book needs a person, 2 settings are wrong.
    """
    code = 0
    with open_desk(ctx, practice) as desk:
        found = statuses(desk, books)
        disk = disk_of(desk.store)
        if alerting and not _alert(desk, found):
            code = 1
        now = desk.clock()
    if as_json:
        tell_json(status_shape(found, disk, now))
    else:
        tell_statuses(found, disk)
    kinds = {trouble.kind for each in found for trouble in each.troubles}
    if kinds or disk.free < MIN_FREE:
        code = 1
    ctx.exit(2 if "settings" in kinds else code)


def statuses(desk: Desk, names: Sequence[str], *, decide: bool = True) -> list[BookStatus]:
    """How these books are doing, or all of them. A book whose settings are wrong does not hide the others."""
    chosen = desk.practice.chosen(names)
    after, found = desk.practice.alerts.silent_after, []
    used = _used(desk)
    for settings in chosen:
        try:
            book = desk.book(settings, "status")
        except FixSettings as error:
            found.append(broken_status(desk.store, settings, error, desk.clock(), after))
        else:
            found.append(book_status(book, silent_after=after, usage=used.get(book.name), decide=decide))
    return found


def _used(desk: Desk) -> dict[str, Usage]:
    try:
        return {it.book: it for it in usage(desk.store.locks, desk.clock())}
    except FixSettings:
        raise
    except ArsyncError as error:
        say(str(error))
        return {}


def after_run(desk: Desk, *, well: bool) -> None:
    """At the end of a run: tell new troubles of all books, and that the run went well. Whatever goes wrong
    here is said in a sentence; the run has done its work."""
    try:
        if desk.practice.alerts.webhook or desk.practice.alerts.mail:
            _alert(desk, statuses(desk, (), decide=False))
        if well and (address := alert_address(desk.practice, "heartbeat")):
            beat(address)
            logs.command_log()("heartbeat", told=True)
    except ArsyncError as error:
        say(str(error))


def _alert(desk: Desk, found: Sequence[BookStatus]) -> bool:
    """Whether everything could be told that had to be."""
    told = alert(desk.store, desk.practice.name, found, _ways(desk, found), desk.clock(), logs.command_log())
    for problem in told.problems:
        say(problem)
    return not told.problems


def _ways(desk: Desk, found: Sequence[BookStatus]) -> Ways:
    """Raises FixSettings. A mail's sender, where none is set, is that of the first book in trouble."""
    practice, alerts = desk.practice, desk.practice.alerts
    first = next((each.book for each in found if each.troubles), None) or next(iter(practice.books))
    return Ways(
        webhook=alert_address(practice, "webhook"),
        mail=mail_server(practice) if alerts.mail else None,
        to=alerts.mail,
        sender=alerts.sender or practice.books[first].sender,
    )
