"""Commands for people who look inside: rejects, export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from arsync.cli.books import books_argument, json_option, open_desk, practice_option, warn_incomplete
from arsync.cli.saying import clean, say, tell, tell_json
from arsync.cli.shapes import count
from arsync.runs.book import Book
from arsync.runs.export import Exported
from arsync.runs.export import export as write_sheets
from arsync.store import Claim
from arsync.store.columns import instant
from arsync.store.rejects import KeptReject, kept_rejects

# Characters of a raw text that a terminal shows; --json gives all of it.
RAW_SHOWN = 1_000


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def rejects(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """List what could not be understood, with the reason and the raw text.

    Such a record is not chased. It is mended in the accounting system, or reported to the author of the
    connector; the next sync that understands it takes it off this list.
    """

    def work(book: Book, _: Claim | None) -> list[dict[str, Any]]:
        warn_incomplete(book)
        kept = kept_rejects(book.store, book.name)
        if not as_json:
            _tell_rejects(book, kept)
        return [_reject_shape(book.name, reject) for reject in kept]

    with open_desk(ctx, practice) as desk:
        found, status = desk.each(books, "rejects", work)
    if as_json:
        tell_json([shape for each in found for shape in each])
    ctx.exit(status)


def _tell_rejects(book: Book, kept: list[KeptReject]) -> None:
    if not kept:
        tell(f"{book.name}: there are no rejects; everything that was read was understood")
        return
    tell(f"{book.name}: {count(len(kept), 'record')} could not be understood and cannot be chased")
    for reject in kept:
        since = reject.seen_at.astimezone(book.zone)
        id_ = f" {clean(reject.id)}" if reject.id else " without an id"
        tell(f"  {reject.entity}{id_}, since {since:%Y-%m-%d %H:%M}")
        tell(f"    {clean(reject.reason, RAW_SHOWN)}")
        tell(f"    {clean(reject.raw, RAW_SHOWN)}")


def _reject_shape(book: str, reject: KeptReject) -> dict[str, Any]:
    return {
        "book": book,
        "entity": reject.entity,
        "id": reject.id,
        "reason": reject.reason,
        "raw": reject.raw,
        "seen_at": instant(reject.seen_at),
    }


@click.command()
@click.argument("book")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@practice_option
@click.pass_context
def export(ctx: click.Context, book: str, folder: Path, practice: Path | None) -> None:
    """Write what a book knows into the folder DIR as aging.csv, invoices.csv, messages.csv and notes.csv,
    and as one workbook BOOK.xlsx with these four sheets.

    DIR is made if need be; files of these names are replaced, nothing else in it is touched.
    """

    def work(opened: Book, _: Claim | None) -> Exported:
        warn_incomplete(opened)
        return write_sheets(opened, folder)

    with open_desk(ctx, practice) as desk:
        done, status = desk.each([book], "export", work)
    for each in done:
        _tell_exported(book, each)
    ctx.exit(status)


def _tell_exported(book: str, done: Exported) -> None:
    for path, rows in done.files.items():
        tell(f"{book}: wrote {path}: {count(rows, 'row')}")
    if done.lacks is None:
        tell(f"{book}: wrote {done.workbook}: the same as sheets of a workbook")
        return
    say(f'{book}: no workbook was written; it needs the package {done.lacks}: pip install "arsync[xlsx]"')
    if done.workbook.exists():
        say(f"{book}: {done.workbook} is of an earlier export")
