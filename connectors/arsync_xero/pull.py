"""Reading the ledger page by page: everything open, or what changed, and nothing slips through.

Not every change gives a record of Xero's a new stamp: a due date that is moved on a part-paid invoice
does not (developer.xero.com, "Requests and responses"), so no pull of changes ever tells of it. Once a
day such a pull becomes a sweep: it reads all open invoices and credits too, and says that it is full.

Every list is asked for in the order of its ids, which never change. A list of changes then only ever
gains rows while it is read, which repeats a row at worst. The list of open invoices also loses rows
(one is paid), and every later row moves up by one: the first row of the next page moves to the page
that was read already, and would be missing. Two things tell of such a seam: the number of items
changed from one page to the next, and the invoices that a read of what changed meanwhile shows to have
left the list between two pages. Each seam is then read once more by a page of another
size, which has rows of both sides in one answer.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import requests

from arsync.connector import Page
from arsync.errors import TryLater
from arsync.ledger import Invoice
from arsync_xero import decode
from arsync_xero.client import PAGE, XeroClient
from arsync_xero.cursor import OVERLAP, Cursor, Read, Seen, Stage
from arsync_xero.decode import Documents, Listing, Pagination
from arsync_xero.faults import Forbidden
from arsync_xero.instants import instant, stamp_of
from arsync_xero.reading import EMPTY, TWICE, read_page, sum_of_ids

# How many rows a seam is read on either side at least.
REACH = 200
# Seconds by which the stamp of a change and the service's clock may disagree.
SLACK = 5
MOST_ROUNDS = 5

_FIELD: dict[Stage, str] = {
    "contacts": "customers",
    "open": "invoices",
    "changes": "invoices",
    "meanwhile": "invoices",
    "payments": "payments",
}
_SEAMED = frozenset({"open", "credit-notes", "overpayments", "prepayments"})


class Pull:
    """The steps of a pull; all it knows between two of them is in the cursor."""

    def __init__(self, client: XeroClient, documents: Documents) -> None:
        self._client = client
        self._readers: dict[Stage, decode.Reader[Any]] = {
            "contacts": decode.CONTACTS,
            "open": documents.invoices,
            "changes": documents.invoices,
            "meanwhile": documents.invoices,
            "payments": decode.PAYMENTS,
            "credit-notes": documents.credit_notes,
            "overpayments": documents.overpayments,
            "prepayments": documents.prepayments,
        }

    def pages(self, cursor: Cursor, *, afresh: bool = False) -> Iterator[Page]:
        """The pages from there to the last. ``afresh``: an earlier cursor was of no use. Raises TryLater
        for an answer that cannot be right."""
        # What changed too fast for an earlier run may stand still by now.
        cursor = msgspec.structs.replace(cursor, rounds=0)
        while True:
            page, cursor = self._seam(cursor) if cursor.seams else self._page(cursor)
            yield msgspec.structs.replace(page, afresh=True) if afresh else page
            if page.last:
                return
            afresh = False

    def _page(self, cursor: Cursor) -> tuple[Page, Cursor]:
        begun = self._client.now()
        try:
            listing, at = self._read(cursor.stage, cursor.page, PAGE, cursor)
        except Forbidden:
            if cursor.stage != "payments":
                raise
            # What is owed does not hang on payments: a consent that does not extend to them is enough.
            return _emitted(cursor, msgspec.structs.replace(cursor.counted(), page=0), decode.NOTHING)
        if cursor.start is None:
            cursor = cursor.begun(at, begun)
        after = self._after(cursor.counted(), listing, at)
        if cursor.stage in ("changes", "meanwhile"):
            after = _counted(after, listing.records)
        if cursor.stage == "meanwhile":
            after = _with_departures(after, listing.records)
        return _emitted(cursor, after, listing)

    def _seam(self, cursor: Cursor) -> tuple[Page, Cursor]:
        stage: Stage = "open" if cursor.stage == "meanwhile" else cursor.stage
        number, size = straddling(cursor.seams[0])
        listing, _ = self._read(stage, number, size, cursor)
        if listing.pagination is None or listing.pagination.page_size != size:
            raise TryLater("Xero did not give a page of the size asked for; try again later")
        after = msgspec.structs.replace(cursor.counted(), seams=cursor.seams[1:])
        return _emitted(cursor, after, listing)

    def _read(self, stage: Stage, page: int, size: int, cursor: Cursor) -> tuple[Listing[Any], datetime]:
        """One page, and the service's time."""

        def ask() -> requests.Response:
            return self._asked(stage, page, size, cursor)

        listing, at = read_page(ask, self._readers[stage], page)
        return listing, at or self._client.now()

    def _asked(self, stage: Stage, page: int, size: int, cursor: Cursor) -> requests.Response:
        client = self._client
        since = None if cursor.full else cursor.credits_since
        match stage:
            case "contacts":
                all_of_them = cursor.full and not cursor.sweep
                since = None if all_of_them else cursor.contacts_since or cursor.since
                return client.contacts(page=page, size=size, since=since)
            case "open":
                return client.invoices(page=page, size=size, statuses=["AUTHORISED"])
            case "changes":
                # No filter by status: what was paid, voided or deleted has to come too.
                return client.invoices(page=page, size=size, since=cursor.since)
            case "meanwhile":
                assert cursor.start is not None
                return client.invoices(page=page, size=size, since=cursor.start - OVERLAP)
            case "payments":
                return client.payments(page=page, size=size, since=cursor.payments_since)
            case "credit-notes":
                return client.credit_notes(page=page, size=size, since=since)
            case "overpayments":
                return client.overpayments(page=page, size=size, since=since)
        return client.prepayments(page=page, size=size, since=since)

    def _after(self, cursor: Cursor, listing: Listing[Any], at: datetime) -> Cursor:
        """Where the pull stands when this page is stored."""
        told, before = listing.pagination, cursor.seen
        ids = sum_of_ids(listing)
        if before is not None and (listing.records or listing.rejects) and before.ids == ids:
            if told is not None and told.item_count != before.items:
                return _anew(cursor, cursor.stage)  # the list moved by just a page
            raise TryLater(TWICE)
        if told is None:
            more = _more_untold(cursor, listing)
            seen = Seen(None, PAGE, ids)
        else:
            more, seen = told.more, Seen(told.item_count, told.page_size, ids)
            if more and not listing.raw_rows:
                raise TryLater(EMPTY)
            if before is not None and _is_torn(before, told, cursor):
                return _anew(cursor, cursor.stage)
        seams, reads = cursor.seams, cursor.reads
        if cursor.full and cursor.stage in _SEAMED and before is not None and before.items != seen.items:
            seams = (*seams, (cursor.page - 1) * seen.size)
        if cursor.stage == "open":
            reads = (*reads, Read(cursor.page * seen.size, int(at.timestamp())))
        if cursor.stage == "payments":
            more = more and cursor.payments_since is not None  # of all that ever came, the newest do
            cursor = cursor if more else cursor.with_payments()
        return msgspec.structs.replace(
            cursor, page=cursor.page + 1 if more else 0, seen=seen, seams=seams, reads=reads
        )


def straddling(offset: int) -> tuple[int, int]:
    """Number and size of a page that holds at least REACH rows (or all) before and behind a position."""
    if offset <= PAGE - REACH:
        return 1, PAGE
    for size in range(PAGE, 2 * REACH, -1):
        if REACH <= offset % size <= size - REACH:
            return offset // size + 1, size
    raise ValueError(f"no page lies across row {offset}")


def _emitted(cursor: Cursor, after: Cursor, listing: Listing[Any]) -> tuple[Page, Cursor]:
    onward = after.onward()
    following = onward or after.following()
    records: dict[str, Any] = {_FIELD.get(cursor.stage, "credits"): listing.records}
    page = Page(
        **records,
        rejects=listing.rejects,
        rows=listing.rows,
        cursor=following.text(),
        full=cursor.full,
        last=onward is None,
        repeats=not cursor.full or cursor.sweep or cursor.stage == "meanwhile" or bool(cursor.seams),
    )
    return page, following


def _more_untold(cursor: Cursor, listing: Listing[Any]) -> bool:
    """Whether to read on where the answer does not number its pages: until an empty page comes.

    Xero numbers the pages of every paged list; whether it does so for an empty one is not told
    (developer.xero.com, requests and responses), and a new organisation has to be read too.
    """
    if cursor.seen is not None and cursor.seen.items is not None:
        raise TryLater("Xero stopped numbering its pages; try again later")
    return listing.raw_rows > 0


def _is_torn(before: Seen, told: Pagination, cursor: Cursor) -> bool:
    """Whether so much moved between two pages that what was read of the list is worth nothing."""
    if told.page_size != before.size:
        return True
    moved = abs(told.item_count - before.items) if before.items is not None else 0
    return cursor.full and cursor.stage in _SEAMED and moved > REACH


def _anew(cursor: Cursor, stage: Stage) -> Cursor:
    if cursor.rounds >= MOST_ROUNDS:
        raise TryLater("Xero's list changes faster than it can be read; try again later")
    return cursor.again(stage)


def _counted(cursor: Cursor, invoices: Sequence[Invoice]) -> Cursor:
    """The sums over changed invoices, by which the next pull tells news from what the overlap repeats."""
    assert cursor.start is not None
    again_from = stamp_of(cursor.start - OVERLAP)
    changed, next_changed = cursor.changed, cursor.next_changed
    for each in invoices:
        text = f"{each.id} {each.updated_at} {each.status} {each.open} {each.customer_id}"
        mark = zlib.crc32(text.encode("utf-8", "replace"))
        changed += mark
        if not each.updated_at or each.updated_at >= again_from:
            next_changed += mark
    return msgspec.structs.replace(cursor, changed=changed, next_changed=next_changed)


def _with_departures(cursor: Cursor, invoices: Sequence[Invoice]) -> Cursor:
    """The seams at which invoices left the list of open ones while it was read."""
    reads, seams = list(cursor.reads), list(cursor.seams)
    if len(reads) < 2:
        return cursor
    first, last = reads[0].at - SLACK, reads[-1].at + SLACK
    for each in invoices:
        if each.owed or not each.updated_at:
            continue
        left_at = instant(each.updated_at).timestamp()
        if not first <= left_at <= last + 1:
            continue
        for index in range(len(reads) - 1):
            here, there = reads[index], reads[index + 1]
            if here.at - SLACK <= left_at <= there.at + SLACK + 1:
                reads[index] = msgspec.structs.replace(here, left=here.left + 1)
                if here.left == 0:
                    seams.append(here.offset)
                if here.left >= REACH:
                    return _anew(cursor, "open")
    return msgspec.structs.replace(cursor, reads=tuple(reads), seams=tuple(seams))
