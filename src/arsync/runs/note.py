"""Write the notes still owed into the accounting system. Rule 9 of 'What a run decides'."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from arsync.connector import Note, NoteSink, Receipt
from arsync.errors import ArsyncError, UsedUp
from arsync.runs.book import Book
from arsync.runs.digest import digest, fitting
from arsync.store import Claim
from arsync.store.leases import holding, renew
from arsync.store.notes import give_back, owe_again, owed, receipts, take
from arsync.writing.note import marked

# Two calls a note at a call a second, which is Xero's pace: far within a lease, also with waits between.
TOGETHER = 60


class NoteReport(msgspec.Struct, kw_only=True):
    """What became of the notes. ``owed`` are left for the next run, ``failed`` are given up: (where, why).
    ``put_off`` are owed too, because the vendor's calls run short, which ``why`` tells; they need nobody."""

    book: str
    written: int = 0
    owed: list[tuple[str, str]] = []
    failed: list[tuple[str, str]] = []
    put_off: list[str] = []
    why: str = ""

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
    Where the vendor's calls of the day run short, notes are written together, and what does not fit stays
    owed for another day.
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
    # A run that slept past its lease writes no more: another one has written these notes meanwhile.
    book.http.writing = partial(holding, book.store, claim)
    waiting = _thrifty(book, claim, waiting, report)
    for start in range(0, len(waiting), TOGETHER):
        notes = waiting[start : start + TOGETHER]
        take(book.store, claim, notes)
        try:
            answers = book.source.write(notes)
        except UsedUp as error:
            give_back(book.store, claim)
            _put_off(report, waiting[start:], str(error))
            return report
        except ArsyncError:
            give_back(book.store, claim)
            raise
        receipts(book.store, claim, answers, at=book.clock(), day=book.today)
        renew(book.store, claim)
        short = _short_of_calls(book, answers)
        for answer in answers:
            _report(book, answer, report, put_off=short)
        book.progress(f"notes: {report.written} written")
        if short:
            _put_off(report, waiting[start + TOGETHER :], short)
            return report
    return report


def _thrifty(book: Book, claim: Claim, waiting: list[Note], report: NoteReport) -> list[Note]:
    """The notes that there are calls for; where they run short, several become one."""
    course = book.course()
    if course.spare is None:
        return waiting
    if course.day:
        digest(book, claim)
        waiting = owed(book.store, book.name)
    fit, rest = fitting(waiting, course.spare)
    _put_off(report, rest, course.why)
    return fit


def _short_of_calls(book: Book, answers: Sequence[Receipt]) -> str:
    """Why notes of these stay owed, where it is the day's calls that were used up; else empty."""
    if not any(answer.retry for answer in answers):
        return ""
    course = book.course()
    return course.why if course.kind == "stop" else ""


def _put_off(report: NoteReport, notes: Sequence[Note], why: str) -> None:
    if notes:
        report.put_off += [f"{note.target} {note.target_id}" for note in notes]
        report.why = why


def _report(book: Book, answer: Receipt, report: NoteReport, *, put_off: str) -> None:
    event = "note-written" if answer.error is None else "note-owed" if answer.retry else "note-failed"
    book.log(event, message=marked(answer.mark), target=answer.target)
    where = f"{answer.target} {answer.target_id}"
    if answer.error is None:
        report.written += 1
    elif not answer.retry:
        report.failed.append((where, answer.error))
    elif put_off:
        report.put_off.append(where)
        report.why = put_off
    else:
        report.owed.append((where, answer.error))
