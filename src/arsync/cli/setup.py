"""Commands that set up: init, connect, disconnect."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from arsync.cli.books import open_desk, practice_option
from arsync.cli.saying import clean, say, table, tell
from arsync.errors import FixSettings
from arsync.opening import clock_from
from arsync.practice import FILE
from arsync.practice_init import drafted_book, write_practice
from arsync.runs.connect import connect as ask_for_access
from arsync.runs.disconnect import Disconnected, Outcome
from arsync.runs.disconnect import disconnect as withdraw_access


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--csv",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draft a book from this CSV or XLSX file, or folder of files.",
)
def init(folder: Path, file: Path | None) -> None:
    """Write a commented arsync.toml, a standard policy and the templates' folder.

    With --csv a book is filled in as the file shows: its columns, dates, amounts and currency. What was
    found is shown first. Files that are there already stay as they are.
    """
    _, replaced = clock_from(os.environ)
    if replaced:
        say(replaced)
    book, tables = _drafted(file, folder) if file is not None else ("", "")
    for path in write_practice(folder, tables):
        tell(f"wrote {path}")
    if book:
        tell(f"next: look through [books.{book}] in arsync.toml, then `arsync sync {book}` and `arsync plan`")
    else:
        tell("next: fill in arsync.toml, then `arsync connect BOOK` and `arsync sync`")


def _drafted(file: Path, folder: Path) -> tuple[str, str]:
    """The name of a book drafted from a file, and its tables; what was found in the file is shown.

    Raises FixSettings where the folder is a practice already; the tables are then shown as well.
    """
    from arsync.connector.registry import find_drafting

    draft = find_drafting("csv")(file, folder)
    tell(f"In {file}:")
    table(
        ["", "found in", "such as", "means"],
        [(each.name, each.at or "not found", " · ".join(each.samples), each.means) for each in draft.found],
    )
    for note in draft.notes:
        tell(clean(note, 400))
    tell()
    tables = drafted_book("csv", draft)
    practice = folder / FILE
    if practice.exists():
        for line in tables.splitlines():
            tell(line)
        raise FixSettings(f"{practice} is there already and was left as it is; add the lines above to it")
    return draft.book, tables


@click.command()
@click.argument("book")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@practice_option
@click.pass_context
def connect(ctx: click.Context, book: str, no_browser: bool, practice: Path | None) -> None:
    """Ask for access to a book's company (OAuth 2 consent), where it takes any, and check that it works.

    Prints the address to open and waits on a loopback address for the answer, ten minutes at most.
    """

    def show(address: str) -> None:
        say("open this address and grant access to the company:")
        click.echo(address)
        sys.stdout.flush()  # a program that reads this waits for the address
        if not no_browser:
            ctx.obj.browser(address)

    def paste() -> str:
        text: str = click.prompt("paste the address that the browser was sent to", err=True, hide_input=True)
        return text

    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "connect", letters=False)
        tenant = ask_for_access(opened, show, paste)
    zone = tenant.timezone or "no time zone told"
    how = "is connected to" if opened.source.app else "needs nobody's consent; it is the book of"
    tell(f"{book} {how} {clean(tenant.name)} ({tenant.currency}, {zone}); next: `arsync sync {book}`")
    for warning in tenant.warnings:
        say(f"{book}: {warning}")


_AFTER: Mapping[Outcome, str] = {
    "none-needed": "needs nobody's consent; there is nothing to withdraw",
    "not-connected": "is not connected; there is nothing to withdraw",
    "withdrawn": "is disconnected: the access was withdrawn and the tokens were forgotten",
    "left": "is disconnected and its tokens were forgotten; the consent itself goes on for {others} of the "
    "same user and app, so it was not withdrawn",
    "not-accepted": "is disconnected: its tokens were not accepted any more and were forgotten. If the app "
    "is still among the accounting system's connected apps, end it there",
    "ends-there": "is disconnected here: its token was forgotten, and runs out by itself. The app needs "
    "nobody's consent; end it in the vendor's developer portal",
    "forgotten": "is disconnected here alone: the tokens were forgotten, and nobody was asked. End the "
    "access in the accounting system's own list of connected apps",
}


@click.command()
@click.argument("book")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option("--local", is_flag=True, help="Only forget the tokens; ask the accounting system nothing.")
@practice_option
@click.pass_context
def disconnect(ctx: click.Context, book: str, yes: bool, local: bool, practice: Path | None) -> None:
    """Withdraw the access to a book's company at the accounting system, and forget its tokens.

    The book's ledger and history stay. Nothing is synced, sent or noted until `arsync connect BOOK`.
    """
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "disconnect", letters=False)
        if not yes:
            _ask_first(book)
        done = withdraw_access(opened, local=local)
    tell(f"{book} {_AFTER[done.outcome].format(others=_others(done))}")


def _ask_first(book: str) -> None:
    if not sys.stdin.isatty():
        raise FixSettings("nobody can be asked here; add --yes", where="disconnect")
    if not click.confirm(f"Withdraw the access to the company of {book}?", err=True):
        raise click.exceptions.Abort


def _others(done: Disconnected) -> str:
    return "another organisation" if done.others == 1 else f"{done.others} other organisations"
