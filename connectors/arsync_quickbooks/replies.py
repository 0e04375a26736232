"""Answers other than pages: the company, its preferences, places for notes, results of a batch. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from arsync.connector import loosely
from arsync_quickbooks.rows import CompanyRow, NoteRow, PreferencesRow, TypeRow
from arsync_quickbooks.wire import unreadable, whole

_type_rows = msgspec.json.Decoder(list[TypeRow | None] | None)
_any_rows = msgspec.json.Decoder(list[dict[str, msgspec.Raw] | None] | None)
_text = msgspec.json.Decoder(str)
_NOTED = {"Invoice": "PrivateNote", "Customer": "Notes"}


class _Company(msgspec.Struct, rename="pascal"):
    company_info: CompanyRow


class _Preferences(msgspec.Struct, rename="pascal"):
    preferences: PreferencesRow


class _AnyQuery(msgspec.Struct, rename="pascal"):
    query_response: dict[str, msgspec.Raw]


class _Target(msgspec.Struct, rename="pascal"):
    invoice: NoteRow | None = None
    customer: NoteRow | None = None


class _Targets(msgspec.Struct, rename="pascal"):
    invoice: list[NoteRow] | None = None
    customer: list[NoteRow] | None = None


class _TargetQuery(msgspec.Struct, rename="pascal"):
    query_response: _Targets


class BatchItem(msgspec.Struct, rename="pascal"):
    """The result of one item of a batch: the record as it now is, or a fault."""

    b_id: str = msgspec.field(name="bId")
    invoice: NoteRow | None = None
    customer: NoteRow | None = None
    fault: Any = None


class _Batch(msgspec.Struct, rename="pascal"):
    batch_item_response: list[BatchItem]


def company(body: bytes) -> CompanyRow:
    return whole(body, _Company).company_info


def preferences(body: bytes) -> PreferencesRow:
    return whole(body, _Preferences).preferences


def customer_types(body: bytes) -> dict[str, str]:
    """The names of a query's customer types by their ids. Raises TryLater for the answer to another one."""
    found = whole(body, _AnyQuery).query_response
    if found and "CustomerType" not in found:
        raise unreadable()
    rows = loosely(_type_rows, found.get("CustomerType", msgspec.Raw())) or []
    return {
        str(row.id): row.name
        for row in rows
        if row is not None and isinstance(row.name, str) and isinstance(row.id, str | int)
    }


def target(body: bytes, entity: str) -> NoteRow | None:
    """One invoice or customer, read by its id."""
    reply = whole(body, _Target)
    return reply.invoice if entity == "Invoice" else reply.customer


def targets(body: bytes, entity: str) -> list[NoteRow]:
    """Invoices or customers of a query, as places for notes."""
    reply = whole(body, _TargetQuery).query_response
    return (reply.invoice if entity == "Invoice" else reply.customer) or []


def standing(body: bytes, entity: str) -> dict[str, str]:
    """What stands as notes on the invoices or customers of a query, by id, whatever else is odd about them.
    Raises TryLater for the answer to another query."""
    found = whole(body, _AnyQuery).query_response
    if entity not in found:
        if found:
            raise unreadable()
        return {}
    rows = loosely(_any_rows, found[entity])
    if rows is None:
        raise unreadable()
    texts = {}
    for row in rows:
        id_ = None if row is None else loosely(_text, row.get("Id", msgspec.Raw()))
        if row is not None and id_ is not None:
            texts[id_] = loosely(_text, row.get(_NOTED[entity], msgspec.Raw())) or ""
    return texts


def batch(body: bytes) -> dict[str, BatchItem]:
    """The results of a batch by the item's name; the service promises no order."""
    return {item.b_id: item for item in whole(body, _Batch).batch_item_response}
