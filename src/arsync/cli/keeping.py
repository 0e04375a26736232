"""Commands that keep the database: backup, restore."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from arsync.cli.books import practice_option
from arsync.cli.saying import say, table, tell
from arsync.cli.shapes import count
from arsync.cli.status_words import size_words
from arsync.errors import FixSettings
from arsync.home_paths import at_home
from arsync.opening import clock_from
from arsync.practice import Practice, find_practice, load_practice
from arsync.runs.backup import BookRestored, Restored, back_up, look, missing
from arsync.runs.backup import restore as bring_back
from arsync.runs.book import Clock
from arsync.runs.restored import reason_of
from arsync.store import Store
from arsync.store.backup import BookInside


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Keep the newest N in the folder of backups; older ones are deleted.",
)
@practice_option
@click.pass_context
def backup(ctx: click.Context, file: Path | None, keep: int | None, practice: Path | None) -> None:
    """Copy the database while everything goes on, to FILE or to a dated name in the folder `backups`.

    Nothing that is there already is overwritten. The copy has the tokens in it, encrypted; the key to them
    is not in it: keep `arsync.key` in another place.
    """
    settings, clock = _practice(ctx, practice)
    with Store.open(settings.database, create=False) as store:
        made = back_up(store, None if file is None else at_home(file), keep=keep, at=clock())
    inside = made.inside
    tell(f"backed up to {inside.path}, {size_words(inside.size)}")
    _tell_books(inside.books)
    for path in made.deleted:
        tell(f"deleted {path}")
    say(
        "the tokens in it are encrypted, and their key is not in it: keep the key in another place. The "
        "customers' data in it is readable; `arsync restore` brings it back"
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@practice_option
@click.pass_context
def restore(ctx: click.Context, file: Path, yes: bool, practice: Path | None) -> None:
    """Bring the backup FILE back. What is in place is kept aside, and what it knows beyond is taken over.

    Where that is not known, whatever may have left since the backup is in doubt until a person settles it:
    nothing is sent twice.
    """
    settings, clock = _practice(ctx, practice)
    inside = look(settings, at_home(file))
    made = f", made at {inside.made_at:%Y-%m-%d %H:%M} UTC" if inside.made_at else ""
    tell(f"{inside.path}, {size_words(inside.size)}{made}")
    _tell_books(inside.books)
    for name in missing(settings, inside):
        say(f"{name}: the backup does not know this book; what left it since it began will be in doubt")
    if not yes:
        _ask(settings)
    done = bring_back(settings, inside, at=clock())
    _tell_restored(done)
    ctx.exit(int(any(book.asks or (book.known and book.known.in_doubt) for book in done.books)))


def _practice(ctx: click.Context, practice: Path | None) -> tuple[Practice, Clock]:
    """The practice's settings and the clock; its database stays closed, for it may be damaged."""
    folder = find_practice(practice or ctx.obj.practice, os.environ, Path.cwd())
    settings = load_practice(folder)
    clock, replaced = clock_from(os.environ)
    if replaced:
        say(replaced)
    return settings, clock


def _ask(settings: Practice) -> None:
    if not sys.stdin.isatty():
        raise FixSettings("nothing was changed; say it to bring the backup back unasked", where="--yes")
    if not click.confirm(f"Put it in the place of {settings.database}?", err=True):
        raise click.Abort


def _tell_books(books: tuple[BookInside, ...]) -> None:
    headings = ["book", "connector", "synced at", "open invoices", "messages sent"]
    rows = [
        (
            it.name,
            it.connector,
            f"{it.synced_at:%Y-%m-%d %H:%M} UTC" if it.synced_at else "never",
            it.open_invoices,
            it.sent,
        )
        for it in books
    ]
    table(headings, rows, right=(3, 4))


def _tell_restored(done: Restored) -> None:
    tell(f"restored from {done.inside.path}")
    if done.aside is not None:
        tell(f"what was in place is kept as {done.aside}")
    if done.why_unread:
        say(f"{done.why_unread} in its place, so nothing was taken over from it")
    for name in done.strange:
        say(f"{name}: this book of the backup is not in arsync.toml; add it there, or let it rest")
    for book in done.books:
        if book.name not in done.strange:
            _tell_book(book, done)


def _tell_book(book: BookRestored, done: Restored) -> None:
    name, known = book.name, book.known
    if known is not None:
        words = [
            count(known.sent, "message") + " sent" if known.sent else "",
            count(known.in_doubt, "message") + " in doubt" if known.in_doubt else "",
            count(known.failed, "message") + " failed" if known.failed else "",
            count(known.steps, "step") if known.steps else "",
            count(known.notes, "note") if known.notes else "",
            count(known.contacts, "contact") if known.contacts else "",
            count(known.holds, "hold") if known.holds else "",
            count(known.agreements, "agreement") if known.agreements else "",
            count(known.opt_outs, "opt-out") if known.opt_outs else "",
        ]
        found = ", ".join(filter(None, words)) or "nothing"
        tell(f"{name}: known since the backup and taken over: {found}")
        if known.holds_again:
            say(f"{name}: {count(known.holds_again, 'hold')} that had been released since stand again")
        if known.went_live:
            say(
                f"{name}: it went live since, which is not taken over: nothing leaves it before it goes live "
                f"again; look at `arsync golive {name}`"
            )
    else:
        say(f"{name}: access may have to be asked for anew: `arsync connect {name}` if the next sync says so")
    if not book.asks:
        tell(f"{name}: all that left is known; next: `arsync run {name}`, which first reads everything")
        return
    if book.doubts:
        released = count(book.doubts, "message")
        say(f"{name}: {released} that had been approved {reason_of(done.window)}")
    tell(
        f"{name}: what left since the backup is not known. Next: `arsync run {name}` reads everything and "
        "puts in doubt whatever may have left; nothing of that is sent. Look in the sent mail, then "
        f"`arsync resolve {name} MESSAGE sent` (or not-sent); if nothing left since, "
        f"`arsync resolve {name} restored not-sent`"
    )
