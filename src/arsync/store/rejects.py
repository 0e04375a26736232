"""What could not be understood, as the book keeps it until a pull understands it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from arsync.ledger import Entity, Reject
from arsync.store.database import Row, Store
from arsync.store.queries import statements
from arsync.store.records import reject_id

_SQL = statements("rejects")


class KeptReject(msgspec.Struct, frozen=True):
    """A row with the reason why it is no record. ``id`` is the record's own, None where the row has
    none; ``seen_at`` is when it was first read as it stands."""

    entity: Entity
    id: str | None
    reason: str
    raw: str
    seen_at: datetime


def kept_rejects(store: Store, book: str) -> list[KeptReject]:
    """The rejects of a book, those that wait longest first."""
    return [_reject(row) for row in store.rows(_SQL["kept"], (book,))]


def _reject(row: Row) -> KeptReject:
    entity, id_, reason, raw, seen_at = row
    nameless = reject_id(Reject(entity=entity, id=None, reason=reason, raw=raw))
    return KeptReject(entity, None if id_ == nameless else id_, reason, raw, datetime.fromisoformat(seen_at))
