"""One pass over a book: sync, plan, send what is approved or automatic, note."""

from __future__ import annotations

import msgspec

from arsync.errors import ArsyncError, FixSettings, Refused, TryLater
from arsync.mail import MailLoginRefused, MailServerUnavailable
from arsync.policy.model import Plan
from arsync.runs.book import Book
from arsync.runs.golive import Confirmed, enter
from arsync.runs.note import NoteReport, write_notes
from arsync.runs.own_data import StrangersData
from arsync.runs.planning import make_plan, release, show_tasks
from arsync.runs.reconcile import compare_again
from arsync.runs.review import Verdict, review
from arsync.runs.send import send
from arsync.runs.send_report import SendReport
from arsync.runs.sent_copies import Found, settle_doubts
from arsync.runs.strangers import StrangeMarks
from arsync.runs.sync import SyncReport, sync
from arsync.store import Claim


class RunReport(msgspec.Struct, kw_only=True):
    """What a run did, step by step; a step that was not reached is None. ``plan`` is what it decided,
    before it sent anything."""

    book: str
    found: Found = msgspec.field(default_factory=Found)  # what the folder of sent mail told
    sync: SyncReport | None = None
    golive: Confirmed | None = None  # None too while nobody has let the book go live
    review: tuple[Verdict, ...] = ()  # promises and agreements that were decided
    plan: Plan | None = None
    send: SendReport | None = None
    note: NoteReport | None = None

    @property
    def needs_person(self) -> bool:
        return any(part is not None and part.needs_person for part in (self.send, self.note))


def run(book: Book, claim: Claim, *, report: RunReport | None = None) -> RunReport:
    """The whole pass. It may be called twice, late, or after a crash: it changes nothing twice.

    Raises at the first step that cannot be done; the steps before it stand and are told in
    ``report``, and nothing is sent on half a pull.
    """
    report = report or RunReport(book=book.name)
    settle_doubts(book, claim, report.found, ask=False)
    report.sync = SyncReport(book=book.name)
    sync(book, claim, thrifty=True, report=report.sync)
    late: ArsyncError | None = None
    try:
        compare_again(book, claim)
    except (TryLater, Refused) as error:
        # Who was held stays held; the rest of the book goes on.
        late = ArsyncError(f"customers held as unreconciled were not compared again and stay held: {error}")
    report.review = review(book, claim)
    report.golive = enter(book, claim)
    if report.golive:
        settle_doubts(book, claim, report.found)
    report.plan = decided = make_plan(book)
    if report.golive:  # a task that was shown stays, and until then all may still change
        show_tasks(book, claim, decided.tasks)
    if report.golive and book.automatic:
        release(book, [m for m in decided.messages if m.status == "planned"], claim)
    report.send = SendReport(book=book.name, found=report.found)
    try:
        send(book, claim, report=report.send)
    except (MailServerUnavailable, MailLoginRefused, StrangeMarks, StrangersData, FixSettings) as error:
        late = error  # the notes of earlier messages are owed all the same
    report.note = NoteReport(book=book.name)
    write_notes(book, claim, report=report.note)
    if late is not None:
        raise late
    return report
