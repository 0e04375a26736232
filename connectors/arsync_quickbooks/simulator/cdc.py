"""Change data capture.

Full objects changed since a time, a group for each entity asked for, in the order of their change; then what
was deleted. A thousand objects at most in the whole answer and no way to ask for the next: live objects take
their places first, so truncation loses deletions before anything else.
https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/change-data-capture
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from typing import TYPE_CHECKING

from . import fault, wire
from .records import Table, Tombstone

if TYPE_CHECKING:
    from .company import Company

MOST_OBJECTS = 1000
LOOK_BACK = timedelta(days=30)
_NOT_COVERED = frozenset({"journalcode", "taxagency", "timeactivity", "taxcode", "taxrate"})
_WITHOUT_RECORDS = frozenset(
    (
        "account bill billpayment budget class department deposit employee estimate item paymentmethod "
        "purchase purchaseorder refundreceipt salesreceipt transfer vendor vendorcredit"
    ).split()
)


def changes(company: Company, entities: str, since: str) -> bytes:
    """The JSON under ``CDCResponse``: Fault 2020 for a parameter left out, 500 for what is not supported."""
    if not entities:
        raise fault.missing("entities")
    if not since:
        raise fault.missing("changedSince")
    try:
        start = wire.read_instant(since, company.zone)
    except ValueError:
        raise fault.unsupported(f"cdc with changedSince date {since}") from None
    if start < (company.now() - LOOK_BACK).timestamp():
        raise fault.unsupported(f"cdc with changedSince date {since} which is older than fixed days")
    tables = [_table(company, name.strip()) for name in entities.split(",")]
    room = MOST_OBJECTS
    groups: list[list[bytes]] = []
    for table in tables:
        live = _live(company, table, start, room) if table is not None else []
        groups.append(live)
        room -= len(live)
    for table, group in zip(tables, groups, strict=True):
        if table is not None:
            gone = _deleted(table, start, room)
            group.extend(gone)
            room -= len(gone)
    shown = wire.array(_group(table, group) for table, group in zip(tables, groups, strict=True))
    return b'[{"QueryResponse":' + shown + b"}]"


def _table(company: Company, name: str) -> Table | None:
    lower = name.casefold()
    for kind, table in company.tables.items():
        if kind.casefold() == lower:
            return table
    if lower in _WITHOUT_RECORDS:
        return None
    if lower in _NOT_COVERED:
        raise fault.unsupported(f"cdc for entity {name}")
    raise fault.unsupported(f"cdc for unknown entity {name}")


def _live(company: Company, table: Table, start: float, room: int) -> list[bytes]:
    rows = table.by_updated()
    first = bisect_left(rows, start, key=lambda record: record.updated)
    return [company.encoded(record) for record in rows[first : first + room]]


def _deleted(table: Table, start: float, room: int) -> list[bytes]:
    gone = sorted((stone for stone in table.tombstones if stone.updated >= start), key=lambda s: s.updated)
    return [_tombstone(stone) for stone in gone[:room]]


def _tombstone(stone: Tombstone) -> bytes:
    return wire.encode(
        {
            "domain": "QBO",
            "status": "Deleted",
            "Id": str(stone.id),
            "MetaData": {"LastUpdatedTime": wire.stamp(stone.updated)},
        }
    )


def _group(table: Table | None, shown: list[bytes]) -> bytes:
    if table is None or not shown:
        return b"{}"
    size = b"%d" % len(shown)
    return wire.mapping(
        (
            (table.kind, wire.array(shown)),
            ("startPosition", b"1"),
            ("maxResults", size),
            ("totalCount", size),
        )
    )
