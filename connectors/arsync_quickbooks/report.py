"""Reading the aging report: the only place that shows everything on a customer's account. Pure.

Titles are in the company's language and the order of columns is not promised, so columns are found
by key, in ColType or in the MetaData's ColKey, and only data rows are read, never headers or sums.
A column that is missing is an error: a credit that cannot be seen is a customer chased for money
that is not owed.
Source: developer.intuit.com, "AR aging detail"; the cell of the transaction's type carries its id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

import msgspec

from arsync_quickbooks.wire import typed

T = TypeVar("T")

NAME = "AgedReceivableDetail"
# A report of more than 400,000 cells ends early with this sentence instead of an error.
_CUT = b"Unable to display more data"
_CORE = ("txn_type", "cust_name")
NUMBER = "doc_num"

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
    header: msgspec.Raw = msgspec.Raw()
    summary: msgspec.Raw = msgspec.Raw()

    @property
    def is_data(self) -> bool:
        return self.type in (None, "Data") and not bytes(self.header) and not bytes(self.summary)


class _Header(msgspec.Struct, rename="pascal"):
    currency: str | None = None


class Report(msgspec.Struct, rename="pascal"):
    header: _Header
    columns: _Columns
    rows: _Rows


class Line(msgspec.Struct, gc=False):
    """An open item: ``amount`` in the currency it was agreed in, below zero where it lowers the account.

    ``what`` is the transaction with the word for its kind, ``who`` the customer.
    """

    raw: msgspec.Raw
    what: Cell
    who: Cell
    currency: str
    amount: Decimal
    number: str
    on: date | None


class Odd(msgspec.Struct, gc=False):
    """A row that cannot be read, and why."""

    raw: msgspec.Raw
    reason: str


class Table:
    """A report's rows, one after the other, each decoded by itself: a large company's has a hundred
    thousand of them. ``home`` is the currency of its sums."""

    def __init__(self, report: Report, *, foreign: bool, home: Callable[[], str]) -> None:
        self._at = _places(report.columns.column, foreign=foreign)
        self._rows = report.rows.row or ()
        self.home = report.header.currency or home()

    def __iter__(self) -> Iterator[Line | Odd]:
        for raw, cells in _data(self._rows):
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


def read(body: bytes, make: Callable[[Table], T], *, foreign: bool, home: Callable[[], str]) -> T:
    """What ``make`` makes of the report's rows. ``home`` is asked where the report names no currency.

    Raises Unreadable, TryLater for an answer that was damaged on its way, and what ``make`` raises.
    """
    if _CUT in body:
        raise Cut("it is too long")
    try:
        return _read(body, make, foreign=foreign, home=home)
    except Unreadable:
        # Names that are not UTF-8 are mended; a second copy of a report that is large is made only then.
        mended = body.decode("utf-8", "replace").encode()
        if mended == body:
            raise
    return _read(mended, make, foreign=foreign, home=home)


def _read(body: bytes, make: Callable[[Table], T], *, foreign: bool, home: Callable[[], str]) -> T:
    _, report = typed(body, Report)
    if report is None:
        raise Unreadable("it is not of the shape that a report has")
    try:
        return make(Table(report, foreign=foreign, home=home))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable("it is not of the shape that a report has") from None


def _places(found: Sequence[_Column], *, foreign: bool) -> dict[str, int]:
    """Where each column stands. Raises Unreadable where one that is needed cannot be found."""
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
    return places


def _keys(column: _Column) -> set[str]:
    meta = {m.value.casefold() for m in column.meta_data or () if m.name == "ColKey" and m.value}
    return meta | {(column.col_type or "").casefold()}


def _data(rows: Sequence[msgspec.Raw]) -> Iterator[tuple[msgspec.Raw, list[Cell]]]:
    """The data rows, however deep."""
    for raw in rows:
        row = _ROW.decode(raw)
        if row.rows is not None and row.rows.row:
            yield from _data(row.rows.row)
        elif row.col_data is not None and row.is_data:
            yield raw, row.col_data


def _line(raw: msgspec.Raw, cells: Sequence[Cell], at: Mapping[str, int], home: str) -> Line | None:
    """The open item of a row; None for a row that says nothing. Raises ValueError."""

    def cell(name: str) -> Cell:
        place = at.get(name, len(cells))
        return cells[place] if place < len(cells) else _EMPTY

    own, of_home = cell("foreign_open_bal").value, cell("subt_open_bal").value
    currency = cell("currency").value or home
    text = own or (of_home if currency == home else None)
    who, what = cell("cust_name"), cell("txn_type")
    if not text:
        if who.id is None and what.id is None:
            return None
        raise ValueError("it has no open balance")
    amount = _amount(text)
    number = cell(NUMBER).value or ""
    return Line(raw, what, who, currency, amount, number, _date(cell("tx_date").value))


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


_ROW = msgspec.json.Decoder(_Row)
_EMPTY = Cell()
