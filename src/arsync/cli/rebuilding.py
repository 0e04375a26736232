"""The command that restores what was sent from the notes in the accounting system: rebuild."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from arsync.cli.books import json_option, open_desk, practice_option
from arsync.cli.saying import clean, say, table, tell, tell_json
from arsync.cli.shapes import count, iso
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.runs.book import Book
from arsync.runs.rebuild import Findings, apply, look
from arsync.store import Claim

_SHOWN = 20
_NOT_TOLD = (
    "notes tell of messages and of what was held; calls and letters, tasks that were closed, promises, "
    "agreements and offers of discounts, and what people wrote for themselves are not in them: enter again "
    "what matters"
)


@click.command()
@click.argument("book")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be restored; change nothing.")
@json_option
@practice_option
@click.pass_context
def rebuild(
    ctx: click.Context, book: str, yes: bool, dry_run: bool, as_json: bool, practice: Path | None
) -> None:
    """Restore what was sent, and which steps were taken, from the notes in the accounting system: after the
    database was lost, or when another installation has written to the same customers.

    What is known already stays. What the notes do not tell for certain is paused until a person has looked.
    With --json nothing is restored without --yes.
    """
    if yes and dry_run:
        raise FixSettings("there is either --yes or --dry-run", where="--dry-run")

    def work(opened: Book, lease: Claim | None) -> Findings:
        assert lease is not None
        found = look(opened, lease)
        if not as_json:
            _tell(opened, found)
        if not dry_run and _is_news(found) and (yes or (not as_json and _agreed(book))):
            apply(opened, lease, found)
        if not as_json:
            _tell_end(opened, found, dry_run=dry_run)
        return found

    with open_desk(ctx, practice) as desk:
        results, status = desk.each([book], "rebuild", work, claimed=True)
    if as_json and results:
        tell_json(_shape(results[0]))
    # Where another process works on the book nothing was restored, and what comes next counts on it.
    ctx.exit(status or (0 if results else 1) or int(any(it.waits for it in results)))


def _is_news(found: Findings) -> bool:
    return bool(found.messages or found.waits or found.new_notes)


def _agreed(book: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return click.confirm(f"Restore this in the book {book}?", err=True)


def _tell(book: Book, found: Findings) -> None:
    tell(
        f"{book.name}: {count(found.notes, 'note')} found in {count(found.looked_at, 'place')}, "
        f"{found.holds} of them about holds"
    )
    if not found.messages and not found.waits:
        new = f"; {count(found.new_notes, 'note')} more stand than it knew of" if found.new_notes else ""
        tell(f"{book.name}: nothing has left that this database does not know{new}")
        return
    tell(f"{book.name}: {count(len(found.messages), 'message')} left with {count(found.steps, 'step')}")
    table(
        ("day", "message", "customer", "step", "total", "", "steps"),
        [
            (
                day,
                it.id,
                it.customer_name,
                it.step,
                plain(it.total, it.currency),
                it.currency,
                sum(1 for line in it.lines if line.step is not None),
            )
            for it, day in found.messages[-_SHOWN:]
        ],
        right=(4, 6),
    )
    if len(found.messages) > _SHOWN:
        tell(f"  and {len(found.messages) - _SHOWN} before these; --json lists all")
    if found.testimony.unknown:
        say(
            f"{book.name}: they name {count(found.testimony.unknown, 'invoice')} that this database does not "
            "know (any more): paid long ago, deleted, or renumbered"
        )
    for wait in found.waits:
        say(f"{book.name}: pauses {wait.target} {clean(wait.target_id)}: {clean(wait.why, 300)}")


def _tell_end(book: Book, found: Findings, *, dry_run: bool) -> None:
    if not found.done:
        if _is_news(found):
            asks = "" if dry_run else "; say --yes to restore it"
            say(f"{book.name}: nothing was changed{asks}")
        return
    if not found.messages and not found.waits:
        return
    tell(f"{book.name}: restored {count(len(found.messages), 'message')} and {count(found.steps, 'step')}")
    if found.waits:
        tell(
            f"{book.name}: {len(found.waits)} paused: look at each, then "
            f"`arsync release {book.name} invoice:ID` (or customer:ID)"
        )
    say(f"{book.name}: {_NOT_TOLD}")
    if not book.live and book.golive is None:
        say(f"{book.name}: nothing leaves it before it goes live again: `arsync golive {book.name}`")
    tell(f"next: `arsync plan {book.name}`")


def _shape(found: Findings) -> dict[str, Any]:
    return {
        "book": found.book,
        "notes": found.notes,
        "places": found.looked_at,
        "holds": found.holds,
        "messages": [
            {
                "id": it.id,
                "day": iso(day),
                "customer": {"id": it.customer_id, "name": it.customer_name},
                "to": list(it.to),
                "step": it.step,
                "currency": it.currency,
                "total": plain(it.total, it.currency),
                "invoices": [
                    {"id": line.invoice_id, "number": line.number, "step": line.step, "round": line.round}
                    for line in it.lines
                ],
            }
            for it, day in found.messages
        ],
        "paused": [
            {"target": it.target, "id": it.target_id, "reason": it.why, "until": iso(it.until)}
            for it in found.waits
        ],
        "unknown_invoices": found.testimony.unknown,
        "restored": found.done,
    }
