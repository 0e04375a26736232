"""The bytes of an answer become records, rejects and what the answer says of its page. Pure.

A page is decoded in one go; only where one of its rows does not fit is it taken row by row, so that
one row that cannot be understood becomes a reject and the others go on. An answer without the list
that was asked for is none: it raises NotAnAnswer and never looks like an empty page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import field

from arsync.ledger import Credit, CreditKind, Customer, Entity, Invoice, Payment, Reject
from arsync_xero.instants import NotADate, instant
from arsync_xero.mapping import REASONS, Owing, to_credit, to_customer, to_invoice, to_owing, to_payment
from arsync_xero.rates import Direction
from arsync_xero.rows import (
    ContactRow,
    CreditNoteRow,
    InvoiceRow,
    OverpaymentRow,
    OwingRow,
    PaymentRow,
    PrepaymentRow,
)

Row = TypeVar("Row")
Record = TypeVar("Record", Invoice, Customer, Credit, Payment, Owing)


# What decoding raises but for bytes that are not UTF-8: those are mended in the whole answer.
_MISSHAPEN = (msgspec.DecodeError, RecursionError)


class NotAnAnswer(ValueError):
    """Bytes that are not what was asked for, whatever their status said."""


class Pagination(msgspec.Struct, rename="camel", gc=False):
    page: int = 0
    page_size: int = 0
    page_count: int = 0
    item_count: int = 0

    @property
    def expected(self) -> int:
        """How many rows this page has to hold."""
        return max(0, min(self.page_size, self.item_count - (self.page - 1) * self.page_size))

    @property
    def more(self) -> bool:
        return self.page < self.page_count or self.page * self.page_size < self.item_count


class Listing(msgspec.Struct, Generic[Record]):
    """One page of a list. ``rows`` counts what the service sent for us: records and rejects."""

    records: list[Record]
    rejects: list[Reject]
    rows: int
    raw_rows: int
    pagination: Pagination | None
    at: datetime | None  # the service's own clock


# What a list that may not be read holds.
NOTHING: Listing[Any] = Listing([], [], 0, 0, None, None)


class _Answer(msgspec.Struct):
    pagination: Pagination | None = None
    at: Any = field(name="DateTimeUTC", default=None)


# null stands for an empty list elsewhere in Xero's answers; here it would hide a page, and is refused.
class _Invoices(_Answer, Generic[Row], kw_only=True):
    rows: list[Row] = field(name="Invoices")


class _Contacts(_Answer, Generic[Row], kw_only=True):
    rows: list[Row] = field(name="Contacts")


class _CreditNotes(_Answer, Generic[Row], kw_only=True):
    rows: list[Row] = field(name="CreditNotes")


class _Overpayments(_Answer, Generic[Row], kw_only=True):
    rows: list[Row] = field(name="Overpayments")


class _Prepayments(_Answer, Generic[Row], kw_only=True):
    rows: list[Row] = field(name="Prepayments")


class _Payments(_Answer, Generic[Row], kw_only=True):
    rows: list[Row] = field(name="Payments")


class Reader(Generic[Record]):
    """Reads the lists of one endpoint."""

    def __init__(
        self,
        entity: Entity,
        answer: Any,
        row: Any,
        id_name: str,
        to_record: Callable[[Any], Record | None],
    ) -> None:
        self._entity: Entity = entity
        self._whole = msgspec.json.Decoder(answer[row])
        self._split = msgspec.json.Decoder(answer[msgspec.Raw])
        self._row = msgspec.json.Decoder(row)
        self._id_name = id_name
        self._to_record: Callable[[Any], Record | None] = to_record

    def read(self, body: bytes) -> Listing[Record]:
        """The page. Raises NotAnAnswer."""
        try:
            answer = self._whole.decode(body)
        except _MISSHAPEN:
            return self._row_by_row(body)
        records: list[Record] = []
        to_record, keep = self._to_record, records.append
        faults: list[tuple[int, str]] = []
        skipped = 0
        for index, row in enumerate(answer.rows):
            try:
                record = to_record(row)
            except REASONS as reason:
                faults.append((index, _sentence(reason)))
            else:
                if record is None:
                    skipped += 1
                else:
                    keep(record)
        # The raw text of a row is only cut out where a reject needs it.
        raws = self._split.decode(body).rows if faults else []
        rejects = [self._reject(raws[index], reason) for index, reason in faults]
        return _listing(answer, records, rejects, skipped)

    def _row_by_row(self, body: bytes) -> Listing[Record]:
        try:
            answer = self._split.decode(body)
        except _MISSHAPEN as error:
            raise NotAnAnswer(f"an answer that is no list of {self._entity}s") from error
        records: list[Record] = []
        rejects: list[Reject] = []
        skipped = 0
        for raw in answer.rows:
            try:
                record = self._to_record(self._row.decode(raw))
            except (*_MISSHAPEN, *REASONS) as reason:
                rejects.append(self._reject(raw, _sentence(reason)))
            else:
                if record is None:
                    skipped += 1
                else:
                    records.append(record)
        return _listing(answer, records, rejects, skipped)

    def _reject(self, raw: msgspec.Raw, reason: str) -> Reject:
        try:
            row = msgspec.json.decode(raw)
        except _MISSHAPEN:  # say, a number that no float holds
            row = None
        found = row.get(self._id_name) if isinstance(row, dict) else None
        return Reject(
            entity=self._entity,
            id=found if isinstance(found, str) and found else None,
            reason=reason,
            raw=bytes(raw).decode("utf-8", "replace"),
        )


def _listing(answer: Any, records: list[Record], rejects: list[Reject], skipped: int) -> Listing[Record]:
    count = len(answer.rows)
    return Listing(records, rejects, count - skipped, count, answer.pagination, _clock(answer.at))


def _clock(value: object) -> datetime | None:
    try:
        return instant(value) if isinstance(value, str) else None
    except NotADate:
        return None


def _sentence(reason: BaseException) -> str:
    if isinstance(reason, ArithmeticError):
        return "an amount out of all range"
    return str(reason).replace("`", "")


CONTACTS: Reader[Customer] = Reader("customer", _Contacts, ContactRow, "ContactID", to_customer)
PAYMENTS: Reader[Payment] = Reader("payment", _Payments, PaymentRow, "PaymentID", to_payment)


class Documents:
    """The readers of documents with a rate, of which the connection knows the direction."""

    def __init__(self, direction: Direction) -> None:
        def credits_(answer: Any, row: Any, id_name: str, kind: CreditKind) -> Reader[Credit]:
            return Reader("credit", answer, row, id_name, lambda each: to_credit(each, kind, direction))

        self.invoices: Reader[Invoice] = Reader(
            "invoice", _Invoices, InvoiceRow, "InvoiceID", lambda each: to_invoice(each, direction)
        )
        self.credit_notes = credits_(_CreditNotes, CreditNoteRow, "CreditNoteID", "credit-note")
        self.overpayments = credits_(_Overpayments, OverpaymentRow, "OverpaymentID", "overpayment")
        self.prepayments = credits_(_Prepayments, PrepaymentRow, "PrepaymentID", "prepayment")


def owing(base: str) -> Reader[Owing]:
    """Reads contacts for their balances, in the organisation's base currency."""
    return Reader("customer", _Contacts, OwingRow, "ContactID", lambda each: to_owing(each, base))


class Connection(msgspec.Struct):
    """One organisation that the user has connected to the app."""

    id: str | None = None
    tenant: str | None = field(name="tenantId", default=None)
    name: str | None = field(name="tenantName", default=None)


class Organisation(msgspec.Struct):
    name: str | None = field(name="Name", default=None)
    currency: str | None = field(name="BaseCurrency", default=None)
    timezone: str | None = field(name="Timezone", default=None)


class ReminderSetting(msgspec.Struct):
    enabled: bool | str | None = field(name="Enabled", default=None)


class HistoryRecord(msgspec.Struct):
    details: str | None = field(name="Details", default=None)


class _Organisations(msgspec.Struct):
    rows: list[Organisation] = field(name="Organisations")


class _Reminders(msgspec.Struct):
    rows: list[ReminderSetting | None] | None = field(name="InvoiceReminders")


class _History(msgspec.Struct):
    rows: list[HistoryRecord | None] | None = field(name="HistoryRecords")


_connections = msgspec.json.Decoder(list[Connection])
_organisations = msgspec.json.Decoder(_Organisations)
_reminders = msgspec.json.Decoder(_Reminders)
_history = msgspec.json.Decoder(_History)


def connections(body: bytes) -> list[Connection]:
    """GET /connections. Raises NotAnAnswer."""
    return _plain(_connections, body, "an answer that is no list of connections")  # type: ignore[no-any-return]


def organisation(body: bytes) -> Organisation:
    """GET Organisation: the one that the tenant id names. Raises NotAnAnswer."""
    rows = _plain(_organisations, body, "an answer that is no organisation").rows
    if len(rows) != 1:
        raise NotAnAnswer(f"{len(rows)} organisations where one was asked for")
    return rows[0]  # type: ignore[no-any-return]


def reminds(body: bytes) -> bool | None:
    """GET InvoiceReminders/Settings: whether Xero sends reminders of its own, None where it does not tell.
    Raises NotAnAnswer."""
    rows = _plain(_reminders, body, "an answer that is no reminder setting").rows
    told = {str(row.enabled).lower() for row in rows or () if row is not None}
    return True if "true" in told else False if "false" in told else None


def history(body: bytes) -> list[str]:
    """GET or PUT .../History: the texts. Raises NotAnAnswer."""
    rows = _plain(_history, body, "an answer that is no history").rows
    return [row.details for row in rows or () if row is not None and row.details]


def _plain(decoder: Any, body: bytes, problem: str) -> Any:
    try:
        return decoder.decode(body)
    except _MISSHAPEN as error:
        raise NotAnAnswer(problem) from error
