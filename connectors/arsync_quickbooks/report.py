"""Reading the aging report: the only place that shows every credit on a customer's account. Pure.

No query finds unapplied payments (UnappliedAmt cannot be queried) or what is left of a journal
entry; AgedReceivableDetail lists them all. Titles are in the company's language and the order of
columns is not promised, so columns are found by key, in ColType or in the MetaData's ColKey, and
only data rows are read, never headers or sums. A column or a row that is missing is an error: a
credit that cannot be seen is a customer chased for money that is not owed.
Source: developer.intuit.com, "AR aging detail"; the cell of the transaction's type carries its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

from arsync.ledger import Credit, Reject
from arsync.ledger.records import CreditKind
from arsync.money import minor
from arsync_quickbooks import instants
from arsync_quickbooks.wire import typed

NAME = "AgedReceivableDetail"
# A report of more than 400,000 cells ends early with this sentence instead of an error.
_CUT = b"Unable to display more data"
_CORE = ("txn_type", "cust_name")

_TITLES: Mapping[str, tuple[str, ...]] = {
    "txn_type": ("transaction type", "type"),
    "cust_name": ("customer", "client", "customer name", "name"),
    "tx_date": ("date", "transaction date"),
    "doc_num": ("num", "no.", "number"),
    "subt_open_bal": ("open balance",),
    "foreign_open_bal": ("foreign open balance", "foreign currency open balance"),
    "currency": ("currency",),
}
# The words of the languages that QuickBooks Online is offered in with this report; whatever else
# lowers a customer's account (a deposit, a cheque) is a ledger entry like a journal's.
_KINDS: Mapping[str, CreditKind] = {
    "payment": "payment",
    "paiement": "payment",
    "pago": "payment",
    "credit memo": "credit-note",
    "credit note": "credit-note",
    "note de crédit": "credit-note",
    "avoir": "credit-note",
    "nota de crédito": "credit-note",
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
    time: str | None = None


class _Report(msgspec.Struct, rename="pascal"):
    header: _Header
    columns: _Columns
    rows: _Rows


class Credits(msgspec.Struct):
    """What a report says is left of the customers' credits at ``time`` (an instant); ``home`` is the
    currency of its sums."""

    home: str | None
    time: str
    credits: list[Credit] = []
    rejects: list[Reject] = []


def columns(*, foreign: bool) -> str:
    """The columns to ask for: no more than decide something, so that a large company's report stays
    below the limit of cells and is held in little memory.

    ``foreign`` asks for the amounts in the transactions' own currencies (companies with several).
    """
    amounts = ("currency", "foreign_open_bal") if foreign else ("subt_open_bal",)
    return ",".join((*_CORE, *amounts))


def credits_of(body: bytes, *, foreign: bool, home: str | None, read_at: str) -> Credits:
    """All rows that lower a customer's account, one credit each.

    ``home`` serves where the report does not name its currency, ``read_at`` (an instant) where it
    does not tell its time. Raises Unreadable, or TryLater for an answer that was damaged on its way.
    """
    if _CUT in body:
        raise Cut("it is too long")
    try:
        return _read(body, foreign=foreign, home=home, read_at=read_at)
    except Unreadable:
        # Names that are not UTF-8 are mended; a second copy of a report that is large is made only then.
        mended = body.decode("utf-8", "replace").encode()
        if mended == body:
            raise
    return _read(mended, foreign=foreign, home=home, read_at=read_at)


def _read(body: bytes, *, foreign: bool, home: str | None, read_at: str) -> Credits:
    _, report = typed(body, _Report)
    if report is None:
        raise Unreadable("it is not of the shape that a report has")
    try:
        at = _places(report.columns.column, foreign=foreign)
        time = _instant(report.header.time) or read_at
        found = Credits(report.header.currency or home, time)
        parts: dict[tuple[str, str, str], Credit] = {}
        for raw, cells in _data(report.rows.row or ()):
            try:
                credit = _credit(cells, at, found.home, time)
            except ValueError as error:
                reject = Reject(entity="credit", id=None, reason=str(error), raw=bytes(raw).decode())
                found.rejects.append(reject)
                continue
            if credit is not None:
                key = (credit.kind, credit.id, credit.currency)
                parts[key] = _sum(parts[key], credit) if key in parts else credit
    except (msgspec.DecodeError, ValueError, UnicodeDecodeError):
        raise Unreadable("it is not of the shape that a report has") from None
    found.credits = list(parts.values())
    return found


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
    needed = (*_CORE, *(("currency", "foreign_open_bal") if foreign else ("subt_open_bal",)))
    missing = [name for name in needed if name not in places]
    if missing:
        raise Unreadable(f"it has no column {', '.join(missing)}")
    return places


def _keys(column: _Column) -> set[str]:
    meta = {m.value.casefold() for m in column.meta_data or () if m.name == "ColKey" and m.value}
    return meta | {(column.col_type or "").casefold()}


def _data(rows: Sequence[msgspec.Raw]) -> Iterator[tuple[msgspec.Raw, list[Cell]]]:
    """The data rows, however deep. Each is decoded by itself: one of a large company's reports has a
    hundred thousand of them and only a few are credits."""
    for raw in rows:
        row = msgspec.json.decode(raw, type=_Row)
        if row.rows is not None and row.rows.row:
            yield from _data(row.rows.row)
        elif row.col_data is not None and row.is_data:
            yield raw, row.col_data


def _credit(cells: Sequence[Cell], at: Mapping[str, int], home: str | None, time: str) -> Credit | None:
    """The credit of a row; None for a row that raises the account or says nothing."""

    def cell(name: str) -> Cell:
        place = at.get(name, len(cells))
        return cells[place] if place < len(cells) else Cell()

    own, of_home = cell("foreign_open_bal").value, cell("subt_open_bal").value
    currency = cell("currency").value or home
    if not currency:
        raise ValueError("neither the row nor the report names a currency")
    text = own or (of_home if currency == home else None)
    who, what = cell("cust_name"), cell("txn_type")
    if not text:
        if who.id is None and what.id is None:
            return None
        raise ValueError("it has no open balance")
    amount = _amount(text)
    if amount >= 0:
        return None
    if not who.id or not what.id:
        raise ValueError("it does not tell its customer and its transaction")
    kind = _KINDS.get((what.value or "").strip().casefold(), "journal")
    return Credit(
        # A journal entry may credit several customers: each one's share is a credit of its own.
        id=f"{what.id}:{who.id}" if kind == "journal" else what.id,
        kind=kind,
        customer_id=who.id,
        currency=currency,
        remaining=minor(-amount, currency),
        number=cell("doc_num").value or "",
        issued_on=_date(cell("tx_date").value),
        updated_at=time,
    )


def _sum(one: Credit, other: Credit) -> Credit:
    """Several lines of one entry on one customer's account."""
    return msgspec.structs.replace(one, remaining=one.remaining + other.remaining)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError("its open balance is not an amount") from None
    if not amount.is_finite():
        raise ValueError("its open balance is not an amount")
    return amount


def _instant(text: str | None) -> str | None:
    try:
        return instants.utc(text or "")
    except ValueError:
        return None


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
