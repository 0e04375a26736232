"""Commands that set up: init, connect."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from arsync.cli.books import open_desk, practice_option
from arsync.cli.saying import clean, say, tell
from arsync.practice_init import write_practice
from arsync.runs.connect import connect as ask_for_access


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path())
def init(folder: Path) -> None:
    """Write a commented arsync.toml, a standard policy and the templates' folder."""
    for path in write_practice(folder):
        tell(f"wrote {path}")
    tell("next: fill in arsync.toml, then `arsync connect BOOK` and `arsync sync`")


@click.command()
@click.argument("book")
@click.option("--no-browser", is_flag=True, help="Only print the address to open.")
@practice_option
@click.pass_context
def connect(ctx: click.Context, book: str, no_browser: bool, practice: Path | None) -> None:
    """Ask for access to a book's company (OAuth 2 consent).

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
        tenant = ask_for_access(desk.one(book, "connect"), show, paste)
    zone = tenant.timezone or "no time zone told"
    tell(
        f"{book} is connected to {clean(tenant.name)} ({tenant.currency}, {zone}); next: `arsync sync {book}`"
    )
    for warning in tenant.warnings:
        say(f"{book}: {warning}")
