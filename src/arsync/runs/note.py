"""Write the notes still owed into the accounting system. Rule 9 of 'What a run decides'."""

from __future__ import annotations

import msgspec

from arsync.connector import NoteSink
from arsync.errors import ArsyncError
from arsync.runs.book import Book
from arsync.store import Claim
from arsync.store.leases import renew
from arsync.store.notes import give_back, owe_again, owed, receipts, take

# Two calls a note at a call a second, which is Xero's pace: far within a lease, also with waits between.
TOGETHER = 60


class NoteReport(msgspec.Struct, kw_only=True):
    """What became of the notes. ``owed`` are left for the next run, ``failed`` are given up: (where, why)."""

    book: str
    written: int = 0
    owed: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []

    @property
    def needs_person(self) -> bool:
        return bool(self.owed or self.failed)


def write_notes(
    book: Book, claim: Claim, *, report: NoteReport | None = None, again: bool = False
) -> NoteReport:
    """Write what is owed, oldest first. Raises what the connector raises; the rest stays owed, and
    ``report`` tells what was written before.

    A note is marked as being written before it is; a run that dies in between leaves it owed, and
    the connector looks for its mark before it writes again. ``again`` tries those too that were given up.
    """
    if again:
        owe_again(book.store, claim)
    report = report or NoteReport(book=book.name)
    waiting = owed(book.store, book.name)
    if not waiting:
        return report
    if not isinstance(book.source, NoteSink):
        raise ArsyncError(
            f'the connector of {book.name} cannot write notes; set notes = "none" for this book'
        )
    for start in range(0, len(waiting), TOGETHER):
        notes = waiting[start : start + TOGETHER]
        take(book.store, claim, notes)
        try:
            answers = book.source.write(notes)
        except ArsyncError:
            give_back(book.store, claim)
            raise
        receipts(book.store, claim, answers, at=book.clock(), day=book.today)
        renew(book.store, claim)
        for answer in answers:
            if answer.error is None:
                report.written += 1
            else:
                unwritten = report.owed if answer.retry else report.failed
                unwritten.append((f"{answer.target} {answer.target_id}", answer.error))
        book.progress(f"notes: {report.written} written")
    return report
