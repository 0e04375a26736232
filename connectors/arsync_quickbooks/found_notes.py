"""What stands as notes on invoices and customers, and which invoices were settled lately.

Both come by query: an invoice's private note and a customer's notes are fields of theirs, and whatever was
written or paid moved their time of change. Source: developer.intuit.com, "Data queries", API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from arsync.connector import FoundNote
from arsync.ledger import Invoice
from arsync_quickbooks import decode, instants, keyset, mapping, memo, query, replies
from arsync_quickbooks.reading import Reading
from arsync_quickbooks.rows import InvoiceRow

Target = Literal["invoice", "customer"]
# A day begins up to fourteen hours before the UTC day of its name.
_EARLIER = timedelta(hours=14)


def marks(reading: Reading, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
    """Two hundred invoices or customers a call."""
    places: tuple[tuple[Target, str, Sequence[str], tuple[str, ...]], ...] = (
        ("invoice", "Invoice", invoice_ids, ()),
        ("customer", "Customer", customer_ids, (query.WITH_INACTIVE,)),
    )
    for target, entity, ids, condition in places:
        for some in query.chunks(ids):
            answer = reading.client.rows(query.select(entity, query.id_in(some), *condition))
            found = replies.standing(answer.content, entity)
            yield from _notes(target, {id_: found[id_] for id_ in some if id_ in found})


def on_rows(rows: decode.Rows, body: bytes) -> Iterator[FoundNote]:
    """The notes on what was read for another reason, out of the same answer."""
    if rows.entity == "Invoice":
        slots = (slot for slot in rows.slots if isinstance(slot, InvoiceRow))
        yield from _notes("invoice", {slot.id: slot.private_note or "" for slot in slots if slot.id})
    elif memo.MARK.encode() in body:
        yield from _notes("customer", replies.standing(body, rows.entity))


def _notes(target: Target, texts: Mapping[str, str]) -> Iterator[FoundNote]:
    for id_, text in texts.items():
        yield FoundNote(target, id_, text if memo.MARK in text else "")


def settled(reading: Reading, since: date) -> list[Invoice]:
    """Invoices at zero that were changed since: a call for each thousand."""
    mark = keyset.Mark(at=instants.moved(f"{since.isoformat()}T00:00:00Z", -_EARLIER))
    found: dict[str, Invoice] = {}
    following: keyset.Mark | None = mark
    while following is not None:
        changed = f"MetaData.LastUpdatedTime >= {query.literal(following.at)}"
        statement = query.select(
            "Invoice", "Balance = '0'", changed, order="MetaData.LastUpdatedTime", start=following.pos
        )
        rows, _ = decode.query(reading.client.rows(statement).content, "Invoice")
        home = reading.home if mapping.names_no_currency(rows) or mapping.tells_rate(rows) else None
        found |= {it.id: it for it in mapping.records(rows, home).invoices}
        following = keyset.after(following, rows.slots, "last_updated_time")
    return list(found.values())
