"""The command of the morning: worklist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from arsync.cli.books import books_argument, json_option, open_desk, practice_option
from arsync.cli.saying import clean, say, table, tell, tell_json
from arsync.cli.shapes import count
from arsync.money import plain
from arsync.policy.priority import Item, in_order
from arsync.runs.book import Book
from arsync.runs.worklist import worklist as waiting_in
from arsync.store import Claim


@click.command()
@books_argument
@click.option("--owner", metavar="NAME", help="Only what this person deals with.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The first N items only.")
@json_option
@practice_option
@click.pass_context
def worklist(
    ctx: click.Context,
    books: tuple[str, ...],
    owner: str | None,
    limit: int | None,
    as_json: bool,
    practice: Path | None,
) -> None:
    """List what waits for a person over all books, the most money at risk and the oldest first.

    Promises that are due, disputes growing old, calls to make, addresses that bounce, messages in doubt,
    customers whose figures differ, consents that end soon: each with the command that deals with it.
    """

    def work(book: Book, _: Claim | None) -> list[Item]:
        return waiting_in(book)

    with open_desk(ctx, practice) as desk:
        found, status = desk.each(books, "worklist", work)
    items = in_order(item for each in found for item in each)
    if owner is not None:
        items = [item for item in items if item.owner.casefold() == owner.casefold()]
    left = len(items) - limit if limit is not None else 0
    shown = items[:limit]
    if as_json:
        tell_json([_shape(item) for item in shown])
    elif shown:
        table(
            ["at risk", "days", "book", "what", "deal with it"],
            [(_money(item), item.days or "", item.book, _what(item), item.command) for item in shown],
            right=(1,),
        )
    else:
        tell("nothing waits for a person")
    if left > 0:
        say(f"{count(left, 'more item')}; without --limit all are shown")
    ctx.exit(status)


def _what(item: Item) -> str:
    who = (
        f"{clean(item.customer_name)}: " if item.customer_name and item.customer_name not in item.what else ""
    )
    owner = f" - {clean(item.owner)}" if item.owner else ""
    return f"{item.kind}: {who}{clean(item.what, 300)}{owner}"


def _money(item: Item) -> str:
    return ", ".join(
        f"{plain(units, currency)} {currency}" for currency, units in sorted(item.amounts.items())
    )


def _shape(item: Item) -> dict[str, Any]:
    return {
        "book": item.book,
        "kind": item.kind,
        "what": item.what,
        "customer": item.customer_id and {"id": item.customer_id, "name": item.customer_name},
        "amounts": {currency: plain(units, currency) for currency, units in sorted(item.amounts.items())},
        "days": item.days,
        "owner": item.owner or None,
        "command": item.command,
    }
