"""How the cells of a file are to be read: as the settings say, else as the whole file shows beyond doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, cast

from arsync.connector import ConnectionSettings
from arsync_csv.amounts import POINTS, Point, figures_of, number
from arsync_csv.cells import NotUnderstood
from arsync_csv.days import USUAL, day
from arsync_csv.deduce import Shown, shown
from arsync_csv.ledger import Reading
from arsync_csv.options import Options
from arsync_csv.tables import Table, cells_of

DAYS, MONEY = ("issued", "due", "promised"), ("open", "total", "paid")


class Settled(NamedTuple):
    """``warnings`` tell the bookkeeper what was found out and not written down."""

    reading: Reading
    warnings: Sequence[str]


def settle(settings: ConnectionSettings, options: Options, tables: Sequence[Table]) -> Settled:
    """Raises FixSettings where dates or amounts have two readings and nothing tells which is meant."""
    warnings = [table.warning for table in tables if table.warning]
    layout, point = options.date_format, options.decimal
    if layout is None:
        found = layouts(tables)
        layout = found.way
        if layout is None:
            raise settings.wrong("date_format", f"{_doubt('dates', found)}; write how they are meant")
        if len(found.ways) == 1:
            warnings.append(
                f'dates are read as {layout}, as the file shows; date_format = "{layout}" makes it sure'
            )
    if point is None:
        found = points(tables)
        if found.way is None:
            raise settings.wrong(
                "decimal", f"{_doubt('amounts', found)}; write what stands before their decimals"
            )
        point = found.way
    reading = Reading(
        currency=options.currency,
        layout=layout,
        point=cast(Point, point),
        statuses=options.statuses,
    )
    return Settled(reading, warnings)


def layouts(tables: Sequence[Table]) -> Shown:
    """The formats by which all dates can be read."""
    return shown(_texts(tables, DAYS), USUAL, readable_day)


def points(tables: Sequence[Table]) -> Shown:
    """The signs before decimals by which all amounts can be read."""
    return shown(_texts(tables, MONEY), POINTS, _number)


def readable_day(text: str, layout: str) -> date | None:
    """The day in a text, None where it is not written so."""
    try:
        return day(text, layout)
    except NotUnderstood:
        return None


def _texts(tables: Sequence[Table], fields: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in cells_of(tables, fields) if isinstance(cell, str) and cell.strip()]


def _number(text: str, point: Point) -> Decimal | None:
    figures = figures_of(text)
    return None if figures is None else number(figures, point)


def _doubt(what: str, found: Shown) -> str:
    if not found.ways:
        return f"the {what} of the file are not all written in one way"
    return f"all {what} of the file can be read both as {' and as '.join(found.ways[:2])}"
