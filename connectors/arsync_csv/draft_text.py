"""The connection of a drafted book as TOML, with what else it could be in comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from arsync.home_paths import at_home
from arsync_csv.cells import text_of
from arsync_csv.deduce import Shown
from arsync_csv.guessing import Guess
from arsync_csv.headings import FIELDS
from arsync_csv.statuses import is_known_status
from arsync_csv.tables import cells_of, quoted


def connection(guess: Guess, path: Path, folder: Path, name: str, files: int) -> str:
    """The lines below ``[books.NAME.connection]``, and the tables below those."""
    lines = [
        f"path = {quoted(_place(path, folder))}",
        *_files(path, files),
        "# The company's name as its customers know it: it stands in the letters.",
        f"company = {quoted(_company(folder))}",
        "# The currency of rows that name none.",
        f"currency = {quoted(guess.currency)}" if guess.currency else '#currency = "EUR"',
        "# How dates are written: YYYY or YY, MM or MMM (a month's name), DD, and the signs between them.",
        *_choice("date_format", guess.layouts, "DD/MM/YYYY"),
        "# The sign before the decimals of amounts.",
        *_choice("decimal", guess.points, "."),
        *_dialect(guess),
        "",
        "# Which column is which: the headings as they stand in the file.",
        f"[books.{name}.connection.columns]",
        *_columns(guess),
        *_statuses(guess, name),
    ]
    return "\n".join(lines) + "\n"


def _place(path: Path, folder: Path) -> str:
    """As the practice file says it: relative where the file is in the practice's folder."""
    whole = at_home(path).absolute()
    try:
        return whole.relative_to(folder.expanduser().absolute()).as_posix()
    except ValueError:
        return whole.as_posix()


def _company(folder: Path) -> str:
    name = folder.absolute().name
    return name if re.search(r"\w", name) and name.isprintable() else "My company"


def _files(path: Path, files: int) -> list[str]:
    if not path.is_dir():
        return []
    together = '# "newest": each file is a later state of the list; "together": all of them make it up.'
    return [together, ("" if files > 1 else "#") + 'files = "newest"']


def _choice(key: str, shown: Shown, example: str) -> list[str]:
    """The setting as the file shows it; where it does not, what is possible, in comments."""
    if shown.way is not None:
        return [f"{key} = {quoted(shown.way)}"]
    return [f"#{key} = {quoted(way)}" for way in shown.ways or (example,)]


def _dialect(guess: Guess) -> Iterator[str]:
    if guess.opened.delimiter is None:
        yield "# The worksheet; without this line the first one:"
        yield '#sheet = "Sheet1"'
        return
    yield "# The sign between cells."
    yield f"delimiter = {quoted(guess.opened.delimiter)}"
    if guess.opened.encoding == "cp1252":
        yield "# The file is not UTF-8; this is what older programs on Windows write."
        yield 'encoding = "cp1252"'


def _columns(guess: Guess) -> Iterator[str]:
    for field, means in FIELDS.items():
        if field in guess.chosen:
            yield f"{field} = {quoted(guess.chosen[field])}"
        else:
            yield f'#{field} = "..."  # {means}'
        for other in guess.others[field]:
            yield f"#{field} = {quoted(other)}"
    if guess.unused:
        yield f"# Headings without a use: {', '.join(map(quoted, guess.unused))}"


def _statuses(guess: Guess, name: str) -> Sequence[str]:
    """The words of the status column that are not known, for a person to say what they mean."""
    texts = dict.fromkeys(text_of(cell) for cell in cells_of([guess.table], ["status"]))
    unknown = [text for text in texts if not is_known_status(text)][:20]
    if not unknown:
        return ()
    return (
        "",
        '# What the words of the status column mean: "open", "paid", "draft" or "void".',
        f"[books.{name}.connection.statuses]",
        *(f'#{quoted(text)} = "open"' for text in unknown),
    )
