"""The note that goes back into the accounting system after delivery: one line with its mark. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from arsync import money
from arsync.writing.plain_text import plain_line
from arsync.writing.view import LetterLine, LetterView

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARK = re.compile(r"\[(?=arsync:)", re.IGNORECASE)


def mark(message_id: str) -> str:
    """The mark under which a note is found again: `[arsync:<message id>]`."""
    if not _ID.fullmatch(message_id):
        raise ValueError("a message id has letters, digits, - and _ only")
    return f"[arsync:{message_id}]"


def marked(mark_: str) -> str:
    """The message id in a mark; the inverse of `mark`."""
    return mark_.removeprefix("[arsync:").removesuffix("]")


def note_text(
    view: LetterView,
    message_id: str,
    to: Sequence[str],
    *,
    first: str | None = None,
    limit: int = 1000,
) -> str:
    """What a note says: date, step, addressees, invoices and amounts, and the mark, on one line.

    ``first`` is the number of the invoice the note stands on, named before the others. A text of more
    than ``limit`` characters names fewer invoices, then fewer addressees, and says how many it leaves
    out; the mark is always whole. Raises ValueError for a limit below 100.
    """
    if limit < 100:
        raise ValueError("a note needs room for at least 100 characters")
    ending = " " + mark(message_id)
    room = limit - len(ending)
    lines = sorted(view.lines, key=lambda line: line.number != first)  # stable: the rest keeps its order
    about = [_amounts(line, view.currency) for line in lines]
    addressees = [inert(address) for address in to]
    text = ""
    for named, listed in _fewer(len(addressees), min(len(about), room)):
        text = _sentence(view, _listed(addressees, named), _listed(about, listed))
        if len(text) <= room:
            break
    return plain_line(text, room) + ending


def _amounts(line: LetterLine, currency: str) -> str:
    """'INV-7 120.00', and what of it is asked for where that is less."""
    part = "" if line.asked == line.open else f" (asked {money.plain(line.asked, currency)})"
    return f"{inert(line.number)} {money.plain(line.open, currency)}{part}"


def _fewer(addressees: int, lines: int) -> list[tuple[int, int]]:
    """How many addressees and invoices are named, from all of them down to one each."""
    counts = [(addressees, count) for count in range(lines, 1, -1)]
    return counts + [(count, 1) for count in range(addressees, 1, -1)] + [(1, 1)]


def _sentence(view: LetterView, to: str, about: str) -> str:
    sums = f"total {money.plain(view.total, view.currency)} {view.currency}"
    if held_back := view.disputed + view.not_due:
        sums += f", asked {money.plain(view.total - held_back, view.currency)} {view.currency}"
    if view.unapplied > 0:
        sums += f", unapplied credit {money.plain(view.unapplied, view.currency)} {view.currency}"
    return f"{view.today.isoformat()} arsync: {inert(view.step)} to {to} about {about} ({sums})"


def _listed(parts: list[str], shown: int) -> str:
    left = len(parts) - shown
    return ", ".join(parts[:shown]) + (f" and {left} more" if left > 0 else "")


def inert(text: str) -> str:
    """Foreign text that neither acts nor passes for a mark of ours."""
    return _MARK.sub("(", plain_line(text))
