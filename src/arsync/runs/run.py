"""One pass over a book: sync, plan, send what is approved or automatic, note."""

from __future__ import annotations

import msgspec

from arsync.policy.model import Plan
from arsync.runs.book import Book
from arsync.runs.note import NoteReport, write_notes
from arsync.runs.planning import make_plan, release, show_tasks
from arsync.runs.send import SendReport, send
from arsync.runs.sync import SyncReport, sync
from arsync.store import Claim


class RunReport(msgspec.Struct, kw_only=True):
    """What a run did, step by step. ``plan`` is what it decided, before it sent anything."""

    book: str
    sync: SyncReport
    plan: Plan
    send: SendReport
    note: NoteReport

    @property
    def needs_person(self) -> bool:
        return self.send.needs_person or bool(self.note.failed)


def run(book: Book, claim: Claim) -> RunReport:
    """The whole pass. It may be called twice, late, or after a crash: it changes nothing twice.

    Raises at the first step that cannot be done; the steps before it stand, and nothing is sent on
    half a pull.
    """
    synced = sync(book, claim)
    decided = make_plan(book)
    show_tasks(book, claim, decided.tasks)
    if book.automatic:
        release(book, [m for m in decided.messages if m.status == "planned"], claim)
    sent = send(book, claim)
    noted = write_notes(book, claim)
    return RunReport(book=book.name, sync=synced, plan=decided, send=sent, note=noted)
