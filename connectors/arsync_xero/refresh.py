"""The state right now of some invoices and customers, read just before a message leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from arsync.connector import Snapshot
from arsync.errors import TryLater
from arsync.ledger import Credit, Customer, Invoice, Reject
from arsync_xero import decode
from arsync_xero.client import ALL_STATUSES, IDS, XeroClient, decoded
from arsync_xero.cursor import Cursor
from arsync_xero.decode import Documents, Listing
from arsync_xero.pull import Pull


def refresh(
    client: XeroClient, documents: Documents, invoice_ids: Sequence[str], customer_ids: Sequence[str]
) -> Snapshot:
    """40 invoices or contacts a call, and the credits that are left in three calls for all of them."""
    read_at = client.now()
    customers: list[Customer] = []
    rejects: list[Reject] = []
    invoices: list[Invoice] = []
    for ids in _batches(invoice_ids):
        found = _whole(documents.invoices, client.invoices(ids=ids))
        if missing := set(ids) - _told(found):
            # By ids Xero gives an invoice of any status. Should it leave some status out by default,
            # it would look as if the invoice did not exist: so that is asked in so many words.
            rest = client.invoices(ids=sorted(missing), statuses=ALL_STATUSES)
            more = _whole(documents.invoices, rest)
            invoices += more.records
            rejects += more.rejects
        invoices += found.records
        rejects += found.rejects
    for ids in _batches(customer_ids):
        contacts = _whole(decode.CONTACTS, client.contacts(ids=ids))
        customers += contacts.records
        rejects += contacts.rejects
    left: list[Credit] = []
    if wanted := set(customer_ids):
        for page in Pull(client, documents).pages(Cursor(full=True, stage="credit-notes", start=read_at)):
            left += [each for each in page.credits if each.customer_id in wanted and each.remaining > 0]
            rejects += page.rejects
    return Snapshot(customers=customers, invoices=invoices, credits=left, rejects=rejects, read_at=read_at)


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    unique = list(dict.fromkeys(ids))
    return (unique[at : at + IDS] for at in range(0, len(unique), IDS))


def _whole(reader: Any, answer: Any) -> Listing[Any]:
    """An answer that holds all that it tells of; there is one page, for its size is above IDS."""
    listing: Listing[Any] = decoded(reader.read, answer)
    if listing.pagination is not None and listing.raw_rows < listing.pagination.item_count:
        raise TryLater("Xero left out some of the records it was asked for; try again later")
    return listing


def _told(listing: Listing[Any]) -> set[str | None]:
    return {record.id for record in listing.records} | {reject.id for reject in listing.rejects}
