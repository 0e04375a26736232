"""What a file's columns mean and how it is written, as far as the file shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from arsync.connector import place_of
from arsync.errors import FixSettings
from arsync_csv.amounts import currencies_of, figures_of, mark_of
from arsync_csv.cells import Line, text_of
from arsync_csv.days import USUAL
from arsync_csv.deduce import Shown
from arsync_csv.folder import File, listed, steady
from arsync_csv.headings import candidates, guess, heading_row, known_headings
from arsync_csv.reading import DAYS, MONEY, layouts, points, readable_day
from arsync_csv.tables import Opened, Table, cells_of, open_file
from arsync_csv.text import NoText

OPTION = "--csv"


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about a file. ``chosen`` is the heading of each field, ``others`` are further
    candidates, ``unused`` the headings that are left."""

    table: Table
    opened: Opened
    chosen: dict[str, str]
    others: dict[str, list[str]]
    unused: Sequence[str]
    layouts: Shown
    points: Shown
    currency: str | None


def look(path: Path) -> tuple[Guess, int]:
    """What the file shows, or the newest of a folder, and how many files there are. Raises FixSettings."""
    try:
        files = listed(path) if path.is_dir() else [path]
        if not files:
            raise FixSettings(f"there is no CSV or XLSX file in {path}", where=OPTION)
        newest = max(files, key=lambda each: each.stat().st_mtime_ns)
        return guess_of(File(newest.name, steady(newest))), len(files)
    except OSError as error:
        raise FixSettings(f"{path} cannot be read: {error.strerror}", where=OPTION) from None


def guess_of(file: File) -> Guess:
    """What one file shows. Raises FixSettings where no heading of it is known."""
    try:
        opened = open_file(file, known_headings())
    except NoText as error:
        raise FixSettings(f"{file.name}: {error}; save it as UTF-8", where=OPTION) from None
    at, known = heading_row([line.cells for line in opened.lines[:60]], known_headings())
    if not known:
        raise FixSettings(
            f"no heading of {file.name} is known; write a row of headings such as Invoice number, Customer, "
            "Due date, Balance into it, or the mapping into arsync.toml by hand",
            where=OPTION,
        )
    headings = [text_of(cell) for cell in opened.lines[at].cells]
    rows = opened.lines[at + 1 :]
    found = {
        field: [each for each in names if _fits(field, rows, headings.index(each))]
        for field, names in candidates([each for each in headings if each]).items()
    }
    chosen = guess(found)
    table = Table(
        name=file.name,
        columns={field: headings.index(heading) for field, heading in chosen.items()},
        width=len(headings),
        rows=rows,
    )
    taken = set(chosen.values())
    return Guess(
        table=table,
        opened=opened,
        chosen=chosen,
        others={field: [each for each in names if each not in taken] for field, names in found.items()},
        unused=[each for each in headings if each and each not in taken],
        layouts=layouts([table]),
        points=points([table]),
        currency=_currency(table, headings),
    )


def _fits(field: str, rows: Sequence[Line], place: int) -> bool:
    """Whether most of what stands in a column can be what the field is."""
    cells = [line.cells[place] for line in rows if place < len(line.cells) and text_of(line.cells[place])]
    if field in DAYS:
        good = sum(1 for cell in cells if any(readable_day(text_of(cell), each) for each in USUAL))
    elif field in MONEY:
        good = sum(1 for cell in cells if figures_of(text_of(cell)))
    elif field == "country":
        good = sum(1 for cell in cells if place_of(text_of(cell))[0])
    elif field in ("email", "cc"):
        good = sum(1 for cell in cells if "@" in text_of(cell))
    else:
        good = len(cells)
    return 2 * good >= len(cells)


def _currency(table: Table, headings: Sequence[str]) -> str | None:
    """The currency that is named most often: in its column, beside amounts, or in the headings."""
    named = Counter(text_of(cell).upper() for cell in cells_of([table], ["currency"]))
    marks = Counter(mark for cell in cells_of([table], MONEY) if (mark := mark_of(text_of(cell))))
    for mark, _ in [*named.most_common(), *marks.most_common()]:
        meant = currencies_of(mark)
        if len(meant) == 1 or mark == "£":
            return "GBP" if mark == "£" else next(iter(meant))
    # Most money fields' headings are words; a code stands in brackets: Betrag (EUR).
    codes = [code for heading in headings for code in re.findall(r"[(\[]([A-Z]{3})[)\]]", heading)]
    return codes[0] if codes else None
