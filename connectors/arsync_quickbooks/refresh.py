"""The state right now of a few invoices and customers, read before a message leaves."""

from __future__ import annotations

from collections.abc import Sequence

from arsync.connector import FoundNote, Snapshot
from arsync_quickbooks import decode, found_notes, mapping, query
from arsync_quickbooks.customer_types import CustomerTypes
from arsync_quickbooks.mapping import Mapped
from arsync_quickbooks.reading import Reading

# Customers in one report's address; with ids of 20 digits it stays below 2,100 characters.
CUSTOMERS_AT_ONCE = 80


def snapshot(reading: Reading, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
    """Two calls for up to 200 invoices and customers, one report for 80 customers, and one call where a
    customer is of a type.

    Ids that do not come back do not exist any more. Raises rather than leave one unread.
    """
    read_at = reading.kit.clock()
    mapped = Mapped()
    currencies: set[str] = set()
    notes: list[FoundNote] = []
    types = CustomerTypes(reading.client)
    for entity, ids, condition in (
        ("Invoice", invoice_ids, ()),
        ("Customer", customer_ids, (query.WITH_INACTIVE,)),
    ):
        for some in query.chunks(ids):
            answer = reading.client.rows(query.select(entity, query.id_in(some), *condition))
            rows, _ = decode.query(answer.content, entity)
            currencies |= mapping.currencies(rows)
            notes += found_notes.on_rows(rows, answer.content)
            home = reading.home if mapping.names_no_currency(rows) else None
            mapped.take(mapping.records(rows, home, types=types.of(rows)))
    # Ids are numbers; what is none names no customer, and would ask the report for all of them.
    known = [id_ for id_ in customer_ids if id_.isascii() and id_.isdigit()]
    for some in query.chunks(known, CUSTOMERS_AT_ONCE):
        found = reading.credits(currencies, some)
        wanted = set(some)
        mapped.credits += [credit for credit in found.credits if credit.customer_id in wanted]
        mapped.rejects += found.rejects
    return Snapshot(
        customers=mapped.customers,
        invoices=mapped.invoices,
        credits=mapped.credits,
        rejects=mapped.rejects,
        notes=notes,
        read_at=read_at,
    )
