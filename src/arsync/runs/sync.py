"""Pull what changed into the store, page by page."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from arsync.errors import BrokenConnector
from arsync.runs.book import Book
from arsync.store import Claim
from arsync.store.pull import Stored, begin_changes, begin_full, still_bounced, store_page
from arsync.store.refreshed import snapshot_in, tenant_in


class SyncReport(msgspec.Struct, kw_only=True):
    """What one sync read. ``api_calls`` leaves token calls out; ``bytes`` are as they came over the wire.
    ``put_off``: nothing was read, because the vendor's calls run short; a sentence without its end."""

    book: str
    customers: int = 0
    invoices: int = 0
    credits: int = 0
    rejects: int = 0
    api_calls: int = 0
    bytes: int = 0
    complete: bool = False
    pages: int = 0
    full: bool = False
    warnings: tuple[str, ...] = ()
    put_off: str = ""


def sync(
    book: Book,
    claim: Claim,
    *,
    full: bool = False,
    thrifty: bool = False,
    report: SyncReport | None = None,
) -> SyncReport:
    """One pull: what changed since the last, or everything open (``full``, and the first time).

    A pull that was cut off goes on after the last page that was stored. Raises what the connector
    raises; what was pulled stays and is counted in ``report``, and the book counts as incomplete
    until a pull comes to its end. ``thrifty``: a sync that nobody waits for is left for later where the
    vendor's calls of the day run short; before a letter leaves, its debt is read again all the same.
    """
    report = report or SyncReport(book=book.name)
    if thrifty and not full and (why := _too_soon(book)):
        report.put_off = why
        return report
    try:
        _pull(book, claim, report, full=full)
    finally:
        report.api_calls, report.bytes = book.http.meter.calls, book.http.meter.bytes
    return report


def _pull(book: Book, claim: Claim, report: SyncReport, *, full: bool) -> None:
    state = book.state()
    first = state.tenant is None
    if first or book.source.app is None:  # where there is no service, asking who it is costs nothing
        tenant = book.source.check()
        tenant_in(book.store, claim, tenant)
        report.warnings = tenant.warnings if first else ()
    cursor = None if full else state.cursor
    sweeping = state.pulling == "full" and cursor is not None
    if not sweeping:
        (begin_full if cursor is None else begin_changes)(book.store, claim)
        sweeping = cursor is None
    seen = {cursor}
    for page in book.source.pull(cursor):
        if report.complete:
            raise BrokenConnector(f"the connector of {book.name} went on after its last page")
        if page.cursor in seen and not page.last:
            raise BrokenConnector(f"the connector of {book.name} repeated a page's cursor")
        seen = {page.cursor}  # one step back is enough: a loop comes back to where it just was
        # The connector itself found that changes are not enough, or that it has to start over.
        if page.full and (page.afresh or not sweeping):
            begin_full(book.store, claim)
            sweeping = True
        stored = store_page(book.store, claim, page, at=book.clock(), today=book.today, zone=book.zone)
        report.pages += 1
        report.customers += stored.customers
        report.invoices += stored.invoices
        report.credits += stored.credits
        report.rejects += stored.rejects
        report.full, report.complete = sweeping, page.last
        _log_page(book, report, stored)
        book.progress(
            f"page {report.pages}: {report.invoices:,} invoices, {report.customers:,} customers, "
            f"{report.credits:,} credits"
        )
    if not report.complete:
        raise BrokenConnector(f"the connector of {book.name} ended without a last page")
    if invoices := still_bounced(book.store, book.name):
        _look_again(book, claim, invoices)


def _too_soon(book: Book) -> str:
    """Why this sync is left for later, and until when; empty where it is not. What was never read, or
    not to its end, is read."""
    state, now = book.state(), book.clock()
    if not state.complete or state.synced_at is None:
        return ""
    course = book.course()
    if course.kind == "as usual":
        return ""
    until = course.until if course.kind == "stop" else state.synced_at + course.every
    if course.kind == "thin" and not state.synced_at <= now < state.synced_at + course.every:
        return ""
    when = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "until the service gives more"
    return f"{course.why}; this sync is left for later, {when} (`arsync sync {book.name} --full` reads now)"


def _log_page(book: Book, report: SyncReport, stored: Stored) -> None:
    book.log(
        "page",
        number=report.pages,
        customers=stored.customers,
        invoices=stored.invoices,
        credits=stored.credits,
        rejects=stored.rejects,
        last=report.complete,
    )


def _look_again(book: Book, claim: Claim, invoices: Sequence[str]) -> None:
    """A payment was taken back, and nothing was told of its invoices: no vendor promises that they count
    as changed. What is owed on them is asked for, by the next sync if this one cannot."""
    snapshot = book.source.refresh(invoices, ())
    snapshot_in(book.store, claim, snapshot, invoices, (), today=book.today, zone=book.zone)
