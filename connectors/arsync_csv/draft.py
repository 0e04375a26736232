"""A book drafted from a file, for `arsync init --csv`: what was found, and what to write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from arsync.connector import Draft, Found
from arsync.ledger import Credit, Invoice, Reject
from arsync_csv.amounts import Point
from arsync_csv.cells import Line, text_of
from arsync_csv.deduce import Shown
from arsync_csv.draft_text import connection
from arsync_csv.guessing import Guess, look
from arsync_csv.headings import FIELDS
from arsync_csv.ledger import Reading, ledger
from arsync_csv.tables import ENOUGH, quoted

_SAMPLES = 3
_LONGEST_NAME = 40


def draft(path: Path, folder: Path) -> Draft:
    """The entry point. Reads the file, or the newest of a folder; writes nothing. Raises FixSettings."""
    guess, files = look(path)
    name = _name(path)
    return Draft(
        book=name,
        connection=connection(guess, path, folder, name, files),
        found=[_found(guess, field) for field in FIELDS],
        notes=[*_written(guess), *_doubts(guess), *_outcome(guess)],
    )


def _name(path: Path) -> str:
    """A name for the book, from that of the file."""
    plain = unicodedata.normalize("NFKD", path.absolute().stem).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "-", plain).lower()[:_LONGEST_NAME]
    return name.strip("-") or "book"


def _found(guess: Guess, field: str) -> Found:
    place = guess.table.columns.get(field)
    samples = [] if place is None else _samples(guess.table.rows, place)
    return Found(name=field, means=FIELDS[field], at=guess.chosen.get(field, ""), samples=samples)


def _samples(rows: Sequence[Line], place: int) -> list[str]:
    texts = (text_of(line.cells[place]) for line in rows if place < len(line.cells))
    return list(dict.fromkeys(text for text in texts if text))[:_SAMPLES]


def _written(guess: Guess) -> list[str]:
    """How the file is written, as far as it shows."""
    settings = (
        ("date_format", guess.layouts.way),
        ("decimal", guess.points.way),
        ("delimiter", guess.opened.delimiter),
        ("currency", guess.currency),
    )
    told = [f"{key} = {quoted(value)}" for key, value in settings if value is not None]
    return [f"It is written so: {'; '.join(told)}"]


def _doubts(guess: Guess) -> list[str]:
    """What a person has to decide before the first sync."""
    notes = []
    for names in ENOUGH:
        if not any(name in guess.chosen for name in names):
            notes.append(f"no column was found for {FIELDS[names[0]]}: name its heading under columns")
    if guess.layouts.way is None:
        notes.append(f"dates {_ways(guess.layouts)}: choose date_format")
    if guess.points.way is None:
        notes.append(f"amounts {_ways(guess.points)}: choose decimal")
    if guess.currency is None:
        notes.append("no currency was found: fill in currency")
    return notes


def _ways(shown: Shown) -> str:
    if not shown.ways:
        return "are not all written in one way"
    return f"can all be read both as {' and as '.join(shown.ways[:2])}"


def _outcome(guess: Guess) -> list[str]:
    """What the rows come to with the guess, where it leaves no doubt."""
    layout, point, currency = guess.layouts.way, guess.points.way, guess.currency
    if not all(any(name in guess.chosen for name in names) for names in ENOUGH):
        return []
    if layout is None or point is None or currency is None:
        return []
    reading = Reading(currency=currency, layout=layout, point=cast(Point, point), statuses={})
    rows = ledger([guess.table], reading).rows
    counts = {kind: sum(isinstance(row, kind) for row in rows) for kind in (Invoice, Credit, Reject)}
    note = f"rows: {len(rows)}; invoices: {counts[Invoice]}; credits: {counts[Credit]}"
    rejects = [row for row in rows if isinstance(row, Reject)]
    if not rejects:
        return [note]
    return [f"{note}; not understood: {len(rejects)}, the first at {rejects[0].reason}"]
