"""The book against the accounting system's own aged receivables, customer by customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from msgspec.structs import replace

from arsync.connector import Receivables
from arsync.ledger import Invoice
from arsync.ledger.tie_out import TieOut, amounts_that_differ, tie_out
from arsync.runs.book import Book
from arsync.runs.sync import SyncReport, sync
from arsync.store import Claim
from arsync.store.differences import differences, put_differences, rejected_ids
from arsync.store.leases import renew
from arsync.store.past import Ledger, ledger_now
from arsync.store.refreshed import snapshot_in

# Customers whose invoices are read once more for the cause of a difference.
LOOKED_AT = 10
COMPARED_EVERY = timedelta(hours=1)
UNTOLD = (
    "each invoice that is open in the book has the same amount there: a credit, an invoice that is not open "
    "in the book or a rate of exchange makes the difference"
)


class ReconcileReport(msgspec.Struct, kw_only=True):
    """What a comparison found. ``outcome`` is None where the accounting system has no figures of its
    own, or where it was not reached; ``names`` are the customers'."""

    book: str
    as_of: date | None = None
    sync: SyncReport | None = None
    has_figures: bool = True
    outcome: TieOut | None = None
    names: dict[str, str] = {}

    def name(self, customer_id: str) -> str:
        return self.names.get(customer_id, customer_id)

    @property
    def needs_person(self) -> bool:
        return self.outcome is not None and bool(self.outcome.differences)


def reconcile(book: Book, claim: Claim, *, report: ReconcileReport | None = None) -> ReconcileReport:
    """Pull what changed, so that nothing differs only because it is news, and compare.

    Customers that do not tie out are held as `unreconciled` from now on, the others no more. Raises
    what the sync and the connector raise; then what was known of differences stays.
    """
    report = report or ReconcileReport(book=book.name)
    report.sync = SyncReport(book=book.name)
    sync(book, claim, report=report.sync)
    compare(book, claim, report)
    return report


def compare(book: Book, claim: Claim, report: ReconcileReport, *, causes: bool = True) -> None:
    """Compare a book that was just synced, and keep what differs; ``causes`` are looked for in the system
    where its figures do not tell them.

    Before a customer counts as different its credits are read again: a sync does not read them each time.
    """
    report.as_of = day = book.today
    if not isinstance(book.source, Receivables):
        report.has_figures = False
        return
    theirs = book.source.aged_receivables(day)
    renew(book.store, claim)
    rejected = rejected_ids(book.store, book.name)
    own = ledger_now(book.store, book.name, day)
    found = tie_out(own.invoices, own.credits, theirs, rejected=rejected)
    if found.differences:
        _credits_again(book, claim, sorted({it.customer_id for it in found.differences}))
        own = ledger_now(book.store, book.name, day)
        found = tie_out(own.invoices, own.credits, theirs, rejected=rejected)
    if causes and (dumb := [it.customer_id for it in found.differences if not it.causes][:LOOKED_AT]):
        told = _causes(book, dumb, own)
        differ = [
            replace(it, causes=told.get(it.customer_id, ())) if not it.causes else it
            for it in found.differences
        ]
        found = replace(found, differences=tuple(differ))
    report.outcome = found
    report.names = own.names
    put_differences(book.store, claim, found.differences, left_out=found.unrated, at=book.clock(), day=day)


def _credits_again(book: Book, claim: Claim, customers: Sequence[str]) -> None:
    snapshot = book.source.refresh((), customers)
    snapshot_in(book.store, claim, snapshot, (), customers, today=book.today, zone=book.zone)
    renew(book.store, claim)


def _causes(book: Book, customers: Sequence[str], own: Ledger) -> dict[str, tuple[str, ...]]:
    """Where the system gives sums alone, the customers' invoices as it has them now tell more."""
    theirs: dict[str, list[Invoice]] = {id_: [] for id_ in customers}
    for it in own.invoices:
        if it.customer_id in theirs:
            theirs[it.customer_id].append(it)
    now = book.source.refresh([it.id for mine in theirs.values() for it in mine], ())
    owed = {it.id: it.owed for it in now.invoices}
    return {
        id_: tuple(amounts_that_differ(mine, {it.id: owed.get(it.id, 0) for it in mine})) or (UNTOLD,)
        for id_, mine in theirs.items()
    }


def compare_again(book: Book, claim: Claim) -> None:
    """Compare once more, hourly at most, where customers are held for a difference that may be gone."""
    if not differences(book.store, book.name):
        return
    tied_at = book.state().tied_at
    if tied_at is None or book.clock() - tied_at >= COMPARED_EVERY:
        compare(book, claim, ReconcileReport(book=book.name), causes=False)
