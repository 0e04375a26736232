"""A file as a table: its headings, and the rows below them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from arsync.connector import ConnectionSettings
from arsync.errors import TryLater
from arsync_csv import text, workbook
from arsync_csv.cells import Cell, Line, is_blank, text_of
from arsync_csv.folder import File
from arsync_csv.headings import FIELDS, candidates, guess, heading_row
from arsync_csv.options import Options
from arsync_csv.words import plain

# Of each of these a list of invoices needs one.
ENOUGH = (("number", "id"), ("customer", "customer_id"), ("open", "total"))


class Table(NamedTuple):
    """``columns`` gives the position of each field that the settings name. ``width`` is the number of
    cells up to the last heading. ``warning`` is for the bookkeeper."""

    name: str
    columns: Mapping[str, int]
    width: int
    rows: Sequence[Line]
    warning: str | None = None


class Opened(NamedTuple):
    """The lines of a file, taken apart, with what was found out about the way it is written."""

    lines: Sequence[Line]
    delimiter: str | None = None
    encoding: str | None = None


def read_table(settings: ConnectionSettings, options: Options, file: File) -> Table:
    """The table in a file. Raises FixSettings where its headings are not those of the settings, naming
    those found and the lines to write; and TryLater for a file that is half written."""
    wanted = {plain(heading) for heading in options.columns.values()}
    opened = _opened(settings, options, file, wanted)
    if all(is_blank(line.cells) for line in opened.lines):
        raise TryLater(f"{file.name} is empty; if nobody is writing it, export it again")
    at, _ = heading_row([line.cells for line in opened.lines[:60]], wanted)
    headings = [text_of(cell) for cell in opened.lines[at].cells]
    columns = {
        field: _position(settings, file, headings, field, heading)
        for field, heading in options.columns.items()
    }
    _check_enough(settings, file, headings, columns)
    width = max(index for index, heading in enumerate(headings) if heading) + 1
    warning = None
    if opened.encoding == "cp1252" and options.encoding is None:
        sure = 'encoding = "cp1252" makes it sure'
        warning = f"{file.name} is not UTF-8 and was read as Windows-1252; {sure}"
    return Table(file.name, columns, width, opened.lines[at + 1 :], warning)


def open_file(
    file: File,
    wanted: Container[str],
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> Opened:
    """A file taken apart into lines. Raises NoText, NoSheet, FixSettings and TryLater."""
    if workbook.is_workbook(file.content):
        return Opened(workbook.sheet_lines(file.content, sheet, file.name))
    written, encoding = text.decoded(file.content, encoding)
    delimiter = delimiter or text.delimiter_of(written, lambda rows: heading_row(rows, wanted)[1])
    return Opened(list(text.lines(written, delimiter, file.name)), delimiter, encoding)


def _opened(settings: ConnectionSettings, options: Options, file: File, wanted: Container[str]) -> Opened:
    try:
        return open_file(
            file,
            wanted,
            delimiter=options.delimiter,
            encoding=options.encoding,
            sheet=options.sheet,
        )
    except text.NoText as error:
        raise settings.wrong(
            "encoding", f"{file.name}: {error}; name the encoding it is written in"
        ) from None
    except workbook.NoSheet as error:
        raise settings.wrong("sheet", f"{file.name}: {error}") from None


def _position(
    settings: ConnectionSettings, file: File, headings: Sequence[str], field: str, heading: str
) -> int:
    found = [index for index, each in enumerate(headings) if plain(each) == plain(heading)]
    exact = [index for index in found if headings[index] == " ".join(heading.split())]
    found = exact or found
    if not found:
        raise settings.wrong(
            f"columns.{field}", f"{file.name} has no column {heading!r}; {_mapping(headings)}"
        )
    if len(found) > 1:
        raise settings.wrong(
            f"columns.{field}", f"{file.name} has {len(found)} columns {heading!r}; rename one"
        )
    return found[0]


def _check_enough(
    settings: ConnectionSettings, file: File, headings: Sequence[str], columns: Mapping[str, int]
) -> None:
    for names in ENOUGH:
        if not any(name in columns for name in names):
            missing = " or ".join(names)
            raise settings.wrong(
                "columns", f"nothing says which column of {file.name} is {missing}; {_mapping(headings)}"
            )


def _mapping(headings: Sequence[str]) -> str:
    """What to write: the headings found, and the likeliest mapping as lines for the practice file."""
    found = ", ".join(repr(heading) for heading in headings if heading) or "none"
    likely = guess(candidates(headings))
    lines = [f"{field} = {quoted(heading)}" for field, heading in likely.items()]
    wanted = (
        f"; write under columns: {'; '.join(lines)}" if lines else f"; fields to name: {', '.join(FIELDS)}"
    )
    return f"its headings are: {found}{wanted}"


def quoted(value: str) -> str:
    """A text as TOML writes it, on one line whatever it holds."""
    escapes = {'"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(c, c if c.isprintable() else f"\\U{ord(c):08X}") for c in value) + '"'


def cells_of(tables: Sequence[Table], fields: Sequence[str]) -> Iterator[Cell]:
    """What stands in some fields' columns, in all tables."""
    for table in tables:
        places = [table.columns[field] for field in fields if field in table.columns]
        for line in table.rows:
            if line.problem is None:
                yield from (line.cells[place] for place in places if place < len(line.cells))
