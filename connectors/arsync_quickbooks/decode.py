"""Answers as bytes become typed rows; what does not fit becomes a reject or an error, never a gap. Pure.

A page is decoded in one go. Only where that fails is it taken row by row, so that one row that does
not fit costs itself and not the page. An answer of another shape than the one asked for is TryLater:
a page that lies must not look like the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from arsync.connector import NOT_JSON
from arsync.ledger import Reject
from arsync.ledger.records import Entity
from arsync_quickbooks import faults, instants
from arsync_quickbooks.query import MOST_ROWS
from arsync_quickbooks.rows import (
    CreditMemoRow,
    CustomerRow,
    InvoiceRow,
    JournalEntryRow,
    PaymentRow,
    Row,
)
from arsync_quickbooks.wire import typed, unreadable, whole

Slot = Row | Reject

# QuickBooks' entities and what they are in the ledger.
ENTITY: Mapping[str, Entity] = {
    "Invoice": "invoice",
    "Customer": "customer",
    "CreditMemo": "credit",
    "Payment": "credit",
    "JournalEntry": "credit",
}
_SHAPE: Mapping[str, type[Row]] = {
    "Invoice": InvoiceRow,
    "Customer": CustomerRow,
    "CreditMemo": CreditMemoRow,
    "Payment": PaymentRow,
    "JournalEntry": JournalEntryRow,
}


class Rows:
    """One entity's rows of an answer, in the service's order; ``raw`` gives a row's own text."""

    def __init__(self, entity: str, slots: list[Slot], raw: Callable[[int], str]) -> None:
        self.entity, self.slots, self.raw = entity, slots, raw

    def __len__(self) -> int:
        return len(self.slots)


class Changes(msgspec.Struct):
    """A change data capture answer: the rows of each entity that changed, and the server's time."""

    groups: list[Rows]
    time: str | None

    @property
    def objects(self) -> int:
        return sum(map(len, self.groups))


class _Group(msgspec.Struct):
    invoices: list[InvoiceRow] | None = msgspec.field(name="Invoice", default=None)
    customers: list[CustomerRow] | None = msgspec.field(name="Customer", default=None)
    credit_memos: list[CreditMemoRow] | None = msgspec.field(name="CreditMemo", default=None)
    payments: list[PaymentRow] | None = msgspec.field(name="Payment", default=None)
    journal_entries: list[JournalEntryRow] | None = msgspec.field(name="JournalEntry", default=None)
    upper_fault: Any = msgspec.field(name="Fault", default=None)
    lower_fault: Any = msgspec.field(name="fault", default=None)
    start: int | None = msgspec.field(name="startPosition", default=None)
    size: int | None = msgspec.field(name="maxResults", default=None)
    matches: int | None = msgspec.field(name="totalCount", default=None)

    def all(self) -> dict[str, list[Slot] | None]:
        found: list[Any] = [
            self.invoices,
            self.customers,
            self.credit_memos,
            self.payments,
            self.journal_entries,
        ]
        return dict(zip(_SHAPE, found, strict=True))


class _Query(msgspec.Struct, rename="pascal"):
    query_response: _Group
    time: str | int | None = msgspec.field(name="time", default=None)


class _RawQuery(msgspec.Struct, rename="pascal"):
    query_response: dict[str, msgspec.Raw]
    time: str | int | None = msgspec.field(name="time", default=None)


class _Part(msgspec.Struct, rename="pascal"):
    query_response: list[_Group]


class _Capture(msgspec.Struct):
    parts: list[_Part] = msgspec.field(name="CDCResponse")
    time: str | int | None = None


class _RawPart(msgspec.Struct, rename="pascal"):
    query_response: list[dict[str, msgspec.Raw]]


class _RawCapture(msgspec.Struct):
    parts: list[_RawPart] = msgspec.field(name="CDCResponse")
    time: str | int | None = None


class _Name(msgspec.Struct, rename="pascal"):
    id: str | int | None = None


def query(body: bytes, entity: str) -> tuple[Rows, str | None]:
    """A query's rows and the server's time. Raises TryLater for anything else."""
    body, reply = typed(body, _Query)
    if reply is not None:
        slots = reply.query_response.all()[entity] or []
        rows = Rows(entity, slots, lambda i: _raw_rows(whole(body, _RawQuery).query_response, entity)[i])
        group, time = reply.query_response, reply.time
    else:
        raw = whole(body, _RawQuery)
        rows, group, time = _one_by_one(raw.query_response, entity), _counts(raw.query_response), raw.time
    if not _whole_group(group, len(rows)):
        raise unreadable()
    return rows, _instant(time)


def changes(body: bytes) -> Changes:
    """A change data capture answer. Raises TryLater for another shape, or what a fault inside it says."""
    body, reply = typed(body, _Capture)
    if reply is not None:
        groups = list(_captured(body, reply))
        time, parts = reply.time, len(reply.parts)
    else:
        raw = whole(body, _RawCapture)
        groups = [
            _one_by_one(group, entity)
            for part in raw.parts
            for group in part.query_response
            for entity in _SHAPE
            if entity in _checked(group)
        ]
        time, parts = raw.time, len(raw.parts)
    if not parts:
        raise unreadable()
    return Changes(groups, _instant(time))


def _captured(body: bytes, reply: _Capture) -> Iterator[Rows]:
    for p, part in enumerate(reply.parts):
        for g, group in enumerate(part.query_response):
            fault = group.upper_fault or group.lower_fault
            if fault is not None:
                raise faults.error_of(faults.of_json(fault))
            found = group.all()
            if not _whole_group(group, sum(len(slots) for slots in found.values() if slots)):
                raise unreadable()
            for entity, slots in found.items():
                if slots:
                    yield Rows(entity, slots, _captured_raw(body, p, g, entity))


def _whole_group(group: _Group, rows: int) -> bool:
    """Whether as many rows came as the answer says of itself.

    ``maxResults`` is the number of rows in the page in every recorded answer. A page below the
    limit that announces more matches than it brings was cut on its way.
    """
    if group.size is not None and group.size != rows:
        return False
    told = group.matches is not None and rows < MOST_ROWS
    return not (told and (group.matches or 0) > (group.start or 1) - 1 + rows)


def _captured_raw(body: bytes, part: int, group: int, entity: str) -> Callable[[int], str]:
    def raw(i: int) -> str:
        return _raw_rows(whole(body, _RawCapture).parts[part].query_response[group], entity)[i]

    return raw


def _checked(group: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    for name in ("Fault", "fault"):
        inner = msgspec.json.decode(group[name]) if name in group else None
        if inner is not None:
            raise faults.error_of(faults.of_json(inner))
    return group


def _one_by_one(group: dict[str, msgspec.Raw], entity: str) -> Rows:
    """Each row for itself: one that does not fit is a reject in its place."""
    texts = _raw_rows(group, entity)
    return Rows(entity, [_slot(text, entity) for text in texts], texts.__getitem__)


def _slot(text: str, entity: str) -> Slot:
    try:
        return msgspec.json.decode(text, type=_SHAPE[entity])
    except NOT_JSON as error:
        return Reject(entity=ENTITY[entity], id=_id_in(text), reason=str(error), raw=text)


def _id_in(text: str) -> str | None:
    try:
        found = msgspec.json.decode(text, type=_Name).id
    except NOT_JSON:
        return None
    return None if found is None else str(found)


def _raw_rows(group: dict[str, msgspec.Raw], entity: str) -> list[str]:
    if entity not in group:
        return []
    try:
        rows = msgspec.json.decode(group[entity], type=list[msgspec.Raw] | None)
    except NOT_JSON:
        raise unreadable() from None
    return [bytes(row).decode("utf-8", "replace") for row in rows or []]


def _counts(group: dict[str, msgspec.Raw]) -> _Group:
    """The counters of a group whose rows did not all fit."""
    counters = {name: group[name] for name in ("startPosition", "maxResults", "totalCount") if name in group}
    return whole(msgspec.json.encode(counters), _Group)


def _instant(time: str | int | None) -> str | None:
    try:
        return instants.utc(time) if isinstance(time, str) else None
    except ValueError:
        return None
