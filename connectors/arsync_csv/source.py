"""The source: what arsync asks of a connector, answered from files.

Nothing here waits on a network and nobody has to be asked for access. A file tells no changes, so each
pull reads everything, unless the files are as they were; they are small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from arsync.connector import ConnectionSettings, Kit, Page, Snapshot, Tenant
from arsync.ledger import Credit, Customer, Invoice, Reject
from arsync_csv import options
from arsync_csv.folder import digest_of, read_files
from arsync_csv.ledger import Ledger, Record, ledger
from arsync_csv.reading import Settled, settle
from arsync_csv.tables import read_table

ROWS = 1000


class Cursor(msgspec.Struct, frozen=True):
    """Where a pull stands: the state of the files it reads, and the next row; None when all are read."""

    digest: str
    row: int | None


def connect(settings: ConnectionSettings, kit: Kit) -> FileSource:
    """The entry point. Raises FixSettings for what is wrong in the settings; opens no file."""
    return FileSource(settings, options.read(settings), kit)


class FileSource:
    """The receivables of one company in a file, or a folder of files. It has no notes to write to."""

    def __init__(self, settings: ConnectionSettings, chosen: options.Options, kit: Kit) -> None:
        self._settings, self._options, self._kit = settings, chosen, kit
        self._known: tuple[str, Ledger, Settled] | None = None

    @property
    def app(self) -> None:
        """Nobody has to grant access to a file."""
        return

    def check(self) -> Tenant:
        """Reads the files, so that what is wrong with them is said. A file does not tell whose it is: the
        company goes by the name of its book."""
        _, known, settled = self._read()
        return Tenant(
            id=self._settings.book,
            name=self._options.company,
            currency=self._options.currency,
            timezone=self._options.timezone,
            warnings=(*settled.warnings, *_told(known)),
        )

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Everything, a thousand rows a page; one empty page where the files are as the cursor knows
        them. A pull goes on in the middle only in the very same files, else it starts over."""
        before = _parsed(cursor)
        digest, known, _ = self._read()
        same = before is not None and before.digest == digest
        if before is not None and same and before.row is None:
            yield Page(cursor=_text(before), full=False, last=True)
            return
        start = before.row if before is not None and same and before.row is not None else 0
        for row in range(start, max(len(known.rows), start + 1), ROWS):
            last = row + ROWS >= len(known.rows)
            after = Cursor(digest, None if last else row + ROWS)
            yield _page(known, row, _text(after), last=last, afresh=cursor is not None and row == 0)

    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        """The files as they are now."""
        read_at = self._kit.clock()
        _, known, _ = self._read()
        invoices, customers = set(invoice_ids), set(customer_ids)
        return Snapshot(
            customers=[each for _, each in known.customers if each.id in customers],
            invoices=[each for each in known.rows if isinstance(each, Invoice) and each.id in invoices],
            credits=[
                each
                for each in known.rows
                if isinstance(each, Credit) and each.customer_id in customers and each.remaining
            ],
            rejects=[each for each in known.rows if isinstance(each, Reject)],
            read_at=read_at,
        )

    def _read(self) -> tuple[str, Ledger, Settled]:
        """The files' state and records, worked out anew only where the files are not as they were."""
        files = read_files(self._settings, self._options)
        digest = digest_of(files, self._options)
        if self._known is None or self._known[0] != digest:
            tables = [read_table(self._settings, self._options, file) for file in files]
            settled = settle(self._settings, self._options, tables)
            self._known = digest, ledger(tables, settled.reading), settled
        return self._known


def _page(known: Ledger, row: int, cursor: str, *, last: bool, afresh: bool) -> Page:
    rows: Sequence[Record] = known.rows[row : row + ROWS]
    return Page(
        customers=_customers(known, row),
        invoices=[each for each in rows if isinstance(each, Invoice)],
        credits=[each for each in rows if isinstance(each, Credit)],
        rejects=[each for each in rows if isinstance(each, Reject)],
        rows=len(rows),
        cursor=cursor,
        full=True,
        last=last,
        afresh=afresh,
    )


def _customers(known: Ledger, row: int) -> list[Customer]:
    """The customers whose first row is on this page: each comes once."""
    return [customer for first, customer in known.customers if row <= first < row + ROWS]


def _told(known: Ledger) -> list[str]:
    rejects = [each for each in known.rows if isinstance(each, Reject)]
    if not rejects:
        return []
    return [f"{len(rejects)} of {len(known.rows)} rows cannot be understood; the first: {rejects[0].reason}"]


def _text(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()


def _parsed(text: str | None) -> Cursor | None:
    """The cursor in the text; None, for a pull of everything, where it is none of ours."""
    if text is None:
        return None
    try:
        cursor = msgspec.json.decode(text, type=Cursor)
    except msgspec.DecodeError:
        return None
    return cursor if cursor.row is None or cursor.row >= 0 else None
