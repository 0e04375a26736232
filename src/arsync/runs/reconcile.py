"""The book against the accounting system's own aged receivables, customer by customer."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.connector import Receivables
from arsync.ledger.tie_out import Difference, TieOut, amounts_that_differ, tie_out
from arsync.runs.book import Book
from arsync.runs.sync import SyncReport, sync
from arsync.store import Claim
from arsync.store.differences import differences, put_differences, rejected_ids
from arsync.store.leases import renew
from arsync.store.past import Ledger, ledger_on

# Customers whose invoices are read once more for the cause of a difference.
LOOKED_AT = 10


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


def compare(book: Book, claim: Claim, report: ReconcileReport) -> None:
    """Compare a book that was just synced, and keep what differs."""
    report.as_of = day = book.today
    if not isinstance(book.source, Receivables):
        report.has_figures = False
        return
    theirs = book.source.aged_receivables(day)
    renew(book.store, claim)
    own = ledger_on(book.store, book.name, day)
    rejected = rejected_ids(book.store, book.name)
    found = tie_out(own.invoices, own.credits, theirs, rejected=rejected)
    told = [it if it.causes else _with_causes(book, it, own) for it in found.differences[:LOOKED_AT]]
    differ = (*told, *found.differences[LOOKED_AT:])
    report.outcome = msgspec.structs.replace(found, differences=differ)
    report.names = own.names
    put_differences(book.store, claim, report.outcome.differences, at=book.clock(), day=day)


def _with_causes(book: Book, difference: Difference, own: Ledger) -> Difference:
    """Where the system gives sums alone: the customer's invoices as the system has them now tell more."""
    mine = [it for it in own.invoices if it.customer_id == difference.customer_id]
    now = book.source.refresh([it.id for it in mine], [difference.customer_id])
    owed = {it.id: it.owed for it in now.invoices}
    causes = amounts_that_differ(mine, {it.id: owed.get(it.id, 0) for it in mine})
    if not causes:
        causes = [
            "each invoice of the book is open with the same amount there: one that the book does not have, a "
            "credit, or a rate of exchange makes the difference"
        ]
    return msgspec.structs.replace(difference, causes=tuple(causes))


def compare_again(book: Book, claim: Claim) -> None:
    """Compare once more where customers are held for a difference that may be gone by now."""
    if differences(book.store, book.name):
        compare(book, claim, ReconcileReport(book=book.name))
