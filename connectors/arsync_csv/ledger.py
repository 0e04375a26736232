"""Rows become records: each an invoice, a credit, or a reject with its line and reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date

import msgspec

from arsync.connector import groups_of, place_of
from arsync.ledger import Credit, Customer, Entity, Invoice, InvoiceStatus, Reject, addresses_of
from arsync.money import NotMoney, minor, plain
from arsync_csv.amounts import Point, amount, currencies_of
from arsync_csv.cells import Cell, Line, NotUnderstood, is_blank, raw_text, text_of, verbatim
from arsync_csv.days import day
from arsync_csv.headings import is_sum
from arsync_csv.statuses import Meaning, meaning_of
from arsync_csv.tables import Table

_BELOW_ZERO = "-\u2212\u2013("
Record = Invoice | Credit | Reject
_STATUS: dict[Meaning, InvoiceStatus] = {
    "open": "in-force", "paid": "in-force", "draft": "draft", "void": "voided",
}  # fmt: skip


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How cells are read. ``currency`` is that of rows that name none; ``layout`` is the format of
    dates, ``point`` the sign before decimals, ``statuses`` are the settings' own words."""

    currency: str
    layout: str
    point: Point
    statuses: dict[str, str]


class Ledger(msgspec.Struct, frozen=True):
    """``rows`` in the order of the files, one record each; ``customers`` beside the position of the
    first row that is theirs, in that order."""

    rows: Sequence[Record]
    customers: Sequence[tuple[int, Customer]]


def ledger(tables: Sequence[Table], reading: Reading) -> Ledger:
    """The records of all rows. Empty rows and sums of other rows are none.

    An invoice is known by its own id, or else by its customer and its number; a customer by its number,
    or else by its name, whatever the case and the spaces.
    """
    rows: list[Record] = []
    lines: dict[str, str] = {}
    owners: dict[str, _Owner] = {}
    unnumbered: dict[str, int] = {}
    for table in tables:
        for line in table.rows:
            if is_blank(line.cells):
                continue
            row = _Row(table, line, f"{table.name} line" if len(tables) > 1 else "line")
            if row.is_total:
                continue
            record = _record(row, reading)
            if isinstance(record, Credit) and not record.number:
                # Payments without a number: the second of one day is not the first once more.
                unnumbered[record.id] = unnumbered.get(record.id, 0) + 1
                record = msgspec.structs.replace(record, id=f"{record.id} {unnumbered[record.id]}")
            if record.id in lines:
                why = f"the invoice {row.number[:40]} of this customer stands on {lines[record.id]} already"
                record = row.reject(f"{record.id} ({row.place})", why)
            elif record.id is not None:
                lines[record.id] = row.place
            if not isinstance(record, Reject):
                owners.setdefault(record.customer_id, _Owner(len(rows), row.customer_name)).hear(row)
            rows.append(record)
    return Ledger(rows, [(each.first, each.customer(id_)) for id_, each in owners.items()])


class _Owner(msgspec.Struct):
    """A customer as its rows tell it: the name of the first, the country of the first that tells one, the
    addresses and the groups of all."""

    first: int
    name: str
    emails: list[str] = []
    cc: list[str] = []
    groups: list[str] = []
    place: tuple[str, str] = ("", "")

    def hear(self, row: _Row) -> None:
        """What a row tells of its customer."""
        self.emails.append(row.text("email"))
        self.cc.append(row.text("cc"))
        self.groups += row.text("group").split(";")
        if not self.place[0]:
            self.place = place_of(row.text("country"), row.text("region"))

    def customer(self, id_: str) -> Customer:
        return Customer(
            id=id_,
            name=self.name,
            emails=addresses_of(dict.fromkeys(self.emails)),
            cc=addresses_of(dict.fromkeys(self.cc)),
            country=self.place[0],
            subdivision=self.place[1],
            groups=groups_of(dict.fromkeys(self.groups)),
        )


class _Row:
    """A row by the names of its fields. ``place`` says where it stands."""

    def __init__(self, table: Table, line: Line, where: str) -> None:
        self.fields, self._width, self.line = table.columns, table.width, line
        self.place = f"{where} {line.number}"

    def cell(self, field: str) -> Cell:
        place = self.fields.get(field, -1)
        return self.line.cells[place] if 0 <= place < len(self.line.cells) else ""

    def text(self, field: str) -> str:
        return text_of(self.cell(field))

    def has(self, field: str) -> bool:
        return bool(self.text(field))

    @property
    def problem(self) -> str | None:
        """Why the cells are not to be trusted, if they are not."""
        if self.line.problem is not None:
            return self.line.problem
        beyond = [cell for cell in self.line.cells[self._width :] if text_of(cell)]
        if beyond:
            return f"it has more cells than the {self._width} headings: a delimiter inside a text?"
        return None

    @property
    def is_total(self) -> bool:
        """Whether it is a sum of other rows: it has no dates, and its first text says so."""
        if self.line.problem is not None or self.has("issued") or self.has("due"):
            return False
        return not (self.number and self.customer_id) and is_sum(self.line.cells)

    @property
    def number(self) -> str:
        return verbatim(self.cell("number")) or verbatim(self.cell("id"))

    @property
    def customer_name(self) -> str:
        return verbatim(self.cell("customer")) or self.text("customer_id")

    @property
    def customer_id(self) -> str:
        name = unicodedata.normalize("NFKC", self.text("customer")).casefold()
        return self.text("customer_id") or " ".join(name.split())

    @property
    def id(self) -> str | None:
        """The record's id, None where customer or number is missing."""
        if self.line.problem is not None or not self.customer_id:
            return None
        number = self.text("number")
        return self.text("id") or (f"{self.customer_id}/{number}" if number else None)

    @property
    def entity(self) -> Entity:
        """What a row is that could not be read: one with a minus or brackets is likely a credit."""
        written = self.text("open") or self.text("total")
        return "credit" if any(sign in written for sign in _BELOW_ZERO) else "invoice"

    def reject(self, id_: str, reason: str) -> Reject:
        raw = raw_text(self.line.cells)
        return Reject(entity=self.entity, id=id_, reason=f"{self.place}: {reason}", raw=raw)


def _record(row: _Row, reading: Reading) -> Record:
    try:
        if row.problem:
            raise NotUnderstood(row.problem)
        return _understood(row, reading)
    except (NotUnderstood, NotMoney) as error:
        # Without an id of its own the row goes by its place: it must not keep all other invoices from
        # being closed, as a reject that might be any of them would.
        return row.reject(row.id or row.place, str(error))


def _understood(row: _Row, reading: Reading) -> Invoice | Credit:
    if not row.customer_id:
        raise NotUnderstood("it names no customer")
    currency = _currency(row, reading)
    state = meaning_of(row.text("status"), reading.statuses)
    total, left = _amounts(row, reading, currency, state)
    issued = _day(row, "issued", reading)
    if left < 0 or (left == 0 and total < 0):
        return Credit(
            id=row.id or f"{row.customer_id}/{issued or 'credit'}",
            kind="credit-note",
            customer_id=row.customer_id,
            currency=currency,
            remaining=-left if state == "open" else 0,
            number=row.number,
            issued_on=issued,
        )
    if row.id is None:
        raise NotUnderstood("it has no invoice number")
    return Invoice(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        currency=currency,
        total=total,
        open=left,
        issued_on=issued,
        due_on=_day(row, "due", reading),
        status=_STATUS[state],
        promised_on=_day(row, "promised", reading),
    )


def _currency(row: _Row, reading: Reading) -> str:
    written = row.text("currency")
    if not written:
        return reading.currency
    meant = currencies_of(written.upper()) or currencies_of(written)
    if len(meant) != 1:
        raise NotUnderstood(f"{written[:20]!r} is not the code of a currency such as EUR")
    [currency] = meant
    return currency


def _amounts(row: _Row, reading: Reading, currency: str, state: Meaning) -> tuple[int, int]:
    """What it was made out over and what is left of it, in minor units."""
    total = _money(row, "total", reading, currency)
    left = _money(row, "open", reading, currency)
    if left is None:
        left = _left(row, reading, currency, state, total)
    elif state == "paid" and left != 0:
        raise NotUnderstood(f"it is marked as paid, and {plain(left, currency)} is left to pay")
    if total is None:
        return left, left
    if left > max(total, 0):
        raise NotUnderstood(
            f"{plain(left, currency)} is left to pay of {plain(total, currency)}: more than it was"
        )
    return total, left


def _left(row: _Row, reading: Reading, currency: str, state: Meaning, total: int | None) -> int:
    """What is left where no cell says so."""
    if state != "open":
        return 0
    if "open" in row.fields or total is None:
        raise NotUnderstood("nothing says what is left to pay")
    return total - (_money(row, "paid", reading, currency) or 0)


def _money(row: _Row, field: str, reading: Reading, currency: str) -> int | None:
    if not row.has(field):
        return None
    try:
        return minor(amount(row.cell(field), reading.point, currency), currency)
    except (NotUnderstood, NotMoney) as error:
        raise NotUnderstood(f"{field}: {error}") from None


def _day(row: _Row, field: str, reading: Reading) -> date | None:
    try:
        return day(row.cell(field), reading.layout)
    except NotUnderstood as error:
        raise NotUnderstood(f"{field}: {error}") from None
