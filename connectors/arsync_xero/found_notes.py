"""What stands in the history of invoices and contacts, and which invoices were settled lately.

Xero gives the history of one document a call, the newest record first.
https://developer.xero.com/documentation/api/accounting/historyandnotes
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import requests

from arsync.connector import FoundNote
from arsync.errors import Refused
from arsync.ledger import Invoice
from arsync_xero import decode
from arsync_xero.client import XeroClient, decoded
from arsync_xero.decode import Documents
from arsync_xero.reading import pages

Target = Literal["invoice", "customer"]
_MARK = "[arsync:"
# A day begins up to fourteen hours before the UTC day of its name.
_EARLIER = timedelta(hours=14)


def marks(client: XeroClient, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
    """A call for each. Records without a mark of ours are left out: they are other people's business."""
    targets: tuple[tuple[Target, Sequence[str]], ...] = (("invoice", invoice_ids), ("customer", customer_ids))
    for target, ids in targets:
        for id_ in dict.fromkeys(ids):
            try:
                texts: list[str] = decoded(decode.history, client.history(target, id_))
            except Refused as error:
                if error.code != "404":
                    raise
                continue
            yield FoundNote(target, id_, "\n".join(text for text in reversed(texts) if _MARK in text))


def settled(client: XeroClient, documents: Documents, since: date) -> list[Invoice]:
    """Sales invoices that were paid, voided or deleted, of those changed since: a call for each thousand."""
    start = datetime(since.year, since.month, since.day, tzinfo=UTC) - _EARLIER

    def ask(number: int) -> requests.Response:
        return client.invoices(page=number, statuses=["PAID", "VOIDED", "DELETED"], since=start)

    found: dict[str, Invoice] = {}
    for page in pages(ask, documents.invoices):
        found |= {it.id: it for it in page.records}
    return list(found.values())
