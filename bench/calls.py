"""How many calls to the accounting system things take.

``python -m bench.calls VENDOR INVOICES CUSTOMERS FOLDER`` tells them, of a book made in FOLDER. The
service and the syncs share one clock, which goes on by a quarter of an hour between two of them.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from bench import practice
from bench.children import tell
from bench.service import built

if TYPE_CHECKING:
    from arsync.runs.book import Book

SYNCS_A_DAY = 96
# Invoices that are read again before messages about them leave, and their customers.
REREAD, REREAD_CUSTOMERS = 1000, 200


def main(vendor: str, invoices: int, customers: int, folder: Path) -> None:
    simulator, connection = built(vendor, invoices, customers)
    company = next(iter(simulator.companies.values()))
    start, gone = datetime.now(UTC), [timedelta()]
    with simulator.serve() as server:
        practice.write(folder, vendor, server.url, connection)
        practice.typed(folder, "connect", practice.BOOK)
        with practice.opened(folder, "sync", lambda: start + gone[0]) as book:
            first = _synced(book())
            day = 0
            for _ in range(SYNCS_A_DAY):
                gone[0] += timedelta(minutes=15)
                company.advance(seconds=15 * 60) if vendor == "quickbooks" else simulator.advance(seconds=900)
                day += _synced(book())
            tell(initial=first, day=day, reread=_reread(book()), tie_out=_tied_out(book()))


def _synced(book: Book) -> int:
    from arsync.runs.sync import sync
    from arsync.store.leases import claim, release

    lease = claim(book.store, book.name, command="sync", at=book.clock())
    report = sync(book, lease)
    release(book.store, lease, outcome="done", at=book.clock(), api_calls=report.api_calls, bytes_=0)
    return report.api_calls


def _reread(book: Book) -> int:
    """The state right now of a thousand invoices and two hundred customers."""
    rows = book.store.rows("SELECT id FROM invoices WHERE open > 0 ORDER BY id")
    owners = book.store.rows("SELECT DISTINCT customer_id FROM invoices WHERE open > 0 ORDER BY 1")
    invoices = [id_ for (id_,) in islice(rows, REREAD)]
    book.source.refresh(invoices, [id_ for (id_,) in islice(owners, REREAD_CUSTOMERS)])
    return book.http.meter.calls


def _tied_out(book: Book) -> int:
    from arsync.connector import Receivables

    assert isinstance(book.source, Receivables)
    book.source.aged_receivables(book.today)
    return book.http.meter.calls


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
