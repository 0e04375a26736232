"""Reading the aging report: the only place that shows everything on a customer's account. Pure.

Titles are in the company's language and the order of columns is not promised, so columns are found
by key, in ColType or in the MetaData's ColKey, and only data rows are read, never headers or sums.
A column that is missing is an error: a credit that cannot be seen is a customer chased for money
that is not owed.
Source: developer.intuit.com, "AR aging detail"; the cell of the transaction's type carries its id.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Any, TypeVar

import msgspec

from arsync_quickbooks import faults
from arsync_quickbooks.streaming import OtherKind, Reader, mentions
from arsync_quickbooks.wire import typed, unreadable

T = TypeVar("T")

NAME = "AgedReceivableDetail"
# A report of more than 400,000 cells ends early with this sentence instead of an error.
_CUT = b"Unable to display more data"
_CORE = ("txn_type", "cust_name")
NUMBER = "doc_num"
_OTHER_SHAPE = "it is not of the shape that a report has"

# in the order in which a row's cells are taken
_TITLES: Mapping[str, tuple[str, ...]] = {
    "txn_type": ("transaction type", "type"),
    "cust_name": ("customer", "client", "customer name", "name"),
    "tx_date": ("date", "transaction date"),
    "doc_num": ("num", "no.", "number"),
    "subt_open_bal": ("open balance",),
    "foreign_open_bal": ("foreign open balance", "foreign currency open balance"),
    "currency": ("currency",),
}


class Unreadable(Exception):
    """The report is not one that can be read in full; the text says why."""


class Cut(Unreadable):
    """The report was too long for the service."""


class Cell(msgspec.Struct):
    value: str | None = None
    id: str | None = None


class _Meta(msgspec.Struct, rename="pascal"):
    name: str | None = None
    value: str | None = None


class _Column(msgspec.Struct, rename="pascal"):
    col_title: str | None = None
    col_type: str | None = None
    meta_data: list[_Meta] | None = None


class _Columns(msgspec.Struct, rename="pascal"):
    column: list[_Column]


class _Rows(msgspec.Struct, rename="pascal"):
    row: list[msgspec.Raw] | None = None


class _Row(msgspec.Struct, rename="pascal"):
    col_data: list[Cell] | None = None
    rows: _Rows | None = None
    type: str | None = msgspec.field(name="type", default=None)
    header: Any = msgspec.UNSET
    summary: Any = msgspec.UNSET

    @property
    def is_data(self) -> bool:
        return self.type in (None, "Data") and self.header is self.summary is msgspec.UNSET


class _Header(msgspec.Struct, rename="pascal"):
    currency: str | None = None


class Line(msgspec.Struct, gc=False):
    """An open item: ``amount`` in the currency it was agreed in, below zero where it lowers the account.

    ``what`` is the transaction with the word for its kind, ``who`` the customer.
    """

    raw: bytes
    what: Cell
    who: Cell
    currency: str
    amount: Decimal
    number: str
    on: date | None


class Odd(msgspec.Struct, gc=False):
    """A row that cannot be read, and why."""

    raw: bytes
    reason: str


class Table:
    """A report's rows, each read from the file when it is asked for: a large company's has a hundred
    thousand of them. ``home`` is the currency of its sums."""

    def __init__(self, file: IO[bytes], *, foreign: bool, home: Callable[[], str]) -> None:
        header, columns = _opening(Reader(file))
        self._file, self._at = file, _places(columns.column, foreign=foreign)
        self.home = header.currency or home()

    def __iter__(self) -> Iterator[Line | Odd]:
        for raw, cells in _data(Reader(self._file)):
            try:
                line = _line(raw, cells, self._at, self.home)
            except ValueError as error:
                yield Odd(raw, str(error))
            else:
                if line is not None:
                    yield line


def columns(*more: str, foreign: bool) -> str:
    """The columns to ask for: no more than decide something, so that a large company's report stays
    below the limit of cells and is held in little memory.

    ``foreign`` asks for the amounts in the transactions' own currencies (companies with several).
    """
    return ",".join((*_CORE, *_amounts(foreign=foreign), *more))


def _amounts(*, foreign: bool) -> tuple[str, ...]:
    return ("currency", "foreign_open_bal") if foreign else ("subt_open_bal",)


def read(file: IO[bytes], make: Callable[[Table], T], *, foreign: bool, home: Callable[[], str]) -> T:
    """What ``make`` makes of the rows of a report in a file. ``home`` is asked where the report names no
    currency.

    Raises Unreadable, TryLater for an answer that was damaged on its way, and what ``make`` raises.
    """
    if mentions(file, _CUT):
        raise Cut("it is too long")
    try:
        return _read(file, make, foreign=foreign, home=home)
    except RecursionError:  # it is nested deeper than any report
        raise unreadable() from None


def _read(file: IO[bytes], make: Callable[[Table], T], *, foreign: bool, home: Callable[[], str]) -> T:
    try:
        return make(Table(file, foreign=foreign, home=home))
    except (OtherKind, Unreadable) as error:
        reader = Reader(file)
        reader.skip()  # what is no JSON has no shape: it was damaged
        reader.finish()
        raise error if isinstance(error, Unreadable) else Unreadable(_OTHER_SHAPE) from None


def _places(found: Sequence[_Column], *, foreign: bool) -> tuple[int, ...]:
    """Where the column of each title stands. Raises Unreadable where one that is needed cannot be found."""
    places: dict[str, int] = {}
    for name, titles in _TITLES.items():
        keyed = [i for i, column in enumerate(found) if name in _keys(column)]
        titled = [
            i for i, column in enumerate(found) if (column.col_title or "").strip().casefold() in titles
        ]
        if keyed or titled:
            places[name] = (keyed or titled)[0]
    missing = [name for name in (*_CORE, *_amounts(foreign=foreign)) if name not in places]
    if missing:
        raise Unreadable(f"it has no column {', '.join(missing)}")
    return tuple(places.get(name, _NOWHERE) for name in _TITLES)


def _keys(column: _Column) -> set[str]:
    meta = {m.value.casefold() for m in column.meta_data or () if m.name == "ColKey" and m.value}
    return meta | {(column.col_type or "").casefold()}


def _opening(reader: Reader) -> tuple[_Header, _Columns]:
    """What is said of the rows, which may stand before it or behind."""
    found: dict[str, str] = {}
    for key in reader.members():
        if key not in ("Header", "Columns"):
            reader.skip()
            continue
        found[key] = reader.value()
        if len(found) == 2:
            return _shaped(found["Header"], _Header)[1], _shaped(found["Columns"], _Columns)[1]
    raise Unreadable(_OTHER_SHAPE)


def _data(reader: Reader) -> Iterator[tuple[bytes, list[Cell]]]:
    """The data rows, however deep, of a report that is read to its end."""
    has_rows = False
    for key in reader.members():
        if key == "Rows":
            has_rows = True
            yield from _leaves(reader)
        elif key.casefold() == "fault":
            if not reader.null():
                raise faults.error_of(faults.of_json(_shaped(reader.value(), dict)[1]))
        else:
            reader.skip()
    reader.finish()
    if not has_rows:
        raise Unreadable(_OTHER_SHAPE)


def _leaves(reader: Reader) -> Iterator[tuple[bytes, list[Cell]]]:
    """The data rows of a ``Rows`` object. An item that is small is looked at as a whole; one that has rows
    of its own, or is longer than a row can be, is gone into."""
    for key in reader.members():
        if key != "Row":
            reader.skip()
        elif not reader.null():
            for text in reader.items():
                raw, row = (b"", None) if text is None else _shaped(text, _Row)
                if row is None or (row.rows is not None and row.rows.row):
                    yield from _section(reader)
                elif row.col_data is not None and row.is_data:
                    yield raw, row.col_data


def _section(reader: Reader) -> Iterator[tuple[bytes, list[Cell]]]:
    """The data rows inside an item."""
    cells, leaves = False, 0
    for key in reader.members():
        if key == "Rows" and not reader.null():
            for leaf in _leaves(reader):
                leaves += 1
                yield leaf
        elif key != "Rows":
            cells = cells or key == "ColData"
            reader.skip()
    if cells and not leaves:
        raise Unreadable("it has a row that is too long to be one")


def _shaped(text: str, shape: type[T]) -> tuple[bytes, T]:
    """A value's text as ``shape``, and the text as it was read, mended where it had to be."""
    raw, value = typed(text.encode(), shape)
    if value is None:
        raise Unreadable(_OTHER_SHAPE)
    return raw, value


def _line(raw: bytes, cells: Sequence[Cell], at: Sequence[int], home: str) -> Line | None:
    """The open item of a row; None for a row that says nothing. Raises ValueError."""
    width = len(cells)
    what, who, day, number, of_home, own, named = [cells[i] if i < width else _EMPTY for i in at]
    currency = named.value or home
    text = own.value or (of_home.value if currency == home else None)
    if not text:
        if who.id is None and what.id is None:
            return None
        raise ValueError("it has no open balance")
    amount = _amount(text)
    return Line(raw, what, who, currency, amount, number.value or "", _date(day.value))


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError("its open balance is not an amount") from None
    if not amount.is_finite():
        raise ValueError("its open balance is not an amount")
    return amount


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


_EMPTY = Cell()
_NOWHERE = sys.maxsize
