"""Plays a history: a company that changes, a book that is pulled, and the two compared.

The connector, the store and the use cases are the real ones, on a real SQLite file. The book is
compared whenever a pull has come to its end and nothing has happened in the company since that pull
began; and at the end, where whatever could lag behind has to have caught up.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path

from buckets import check_aging
from truth import Books, differences, ledger_rows, stored
from vocabulary import Event, History, LookAgain, Pull, Step, Wait, among
from world import BOOK, World

from arsync.connector import Receivables, Source
from arsync.errors import ArsyncError
from arsync.ledger.tie_out import tie_out
from arsync.policy.rules import Policy
from arsync.runs.book import Book, Progress, silent
from arsync.runs.send import read_again
from arsync.runs.sync import SyncReport, sync
from arsync.store import Store
from arsync.store.leases import claim, release
from arsync.store.past import ledger_now
from arsync.store.reading import BookState, book_state
from arsync.writing import load_templates

A_WHILE = 15 * 60  # seconds: longer than any overlap of two pulls
A_DAY_AND_MORE = 25 * 3600
_TEMPLATES = load_templates(None)


class Killed(Exception):
    """The process of a pull ended between two pages."""


class NotTheSame(AssertionError):
    """The book is not what the company's own records say."""


class Engine:
    """One company with one book."""

    def __init__(self, world: World, store: Store) -> None:
        self.world, self.store = world, store
        store.book(BOOK, world.connector)
        self._source: Source | None = None
        self.happened = 0  # how much has happened in the company
        self._at_begin = 0  # ...when the pull under way, or the last one, began
        self.compared = 0
        self._small = True  # pages are as small as the setting says
        world.before = lambda number: None

    def step(self, step: Step) -> None:
        match step:
            case Wait(seconds):
                self.world.clock.go(seconds)
            case Pull():
                self.pull(step)
            case LookAgain(customers):
                self.look_again(customers)
            case _:
                self.happen(step)

    def happen(self, event: Event | Wait) -> None:
        if isinstance(event, Wait):
            self.world.clock.go(event.seconds)
        elif self.world.act(event):
            self.happened += 1
            self.world.changed()

    # A pull --------------------------------------------------------------------------------------

    def pull(self, step: Pull) -> SyncReport | None:
        """A sync as the step has it. Gives back its report if it came to its end undisturbed."""
        world, before = self.world, self.happened
        ahead = sorted(step.meanwhile, key=lambda each: each[0])
        pages = 0

        def meanwhile(number: int) -> None:
            while ahead and ahead[0][0] <= number:
                self.happen(ahead.pop(0)[1])

        def stored_page(text: str) -> None:
            nonlocal pages
            pages += 1
            world.page_stored(pages)
            if pages == step.killed:
                raise Killed

        world.before = meanwhile
        if step.mishap is not None:
            world.strike(step.mishap)
        if step.full or self.state().pulling is None:
            self._at_begin = self.happened
            world.pull_begins(full=step.full)
        world.requests_from_0()
        report = SyncReport(book=BOOK)
        try:
            self._sync(step.full, stored_page, report)
        except Killed:
            pass
        except ArsyncError as error:
            disturbed = step.mishap is not None or self.happened > before or not world.readable
            if not disturbed:
                raise NotTheSame(f"a pull that nothing disturbed did not end: {error}") from error
        finally:
            world.before = lambda number: None
            world.well()
        if not report.complete:
            return None
        world.pull_ended(full=report.full)
        if self.happened == self._at_begin:
            self.compare()
        return report

    def _sync(self, full: bool, progress: Progress, report: SyncReport) -> None:
        book = self._book(progress)
        held = claim(self.store, BOOK, command="sync", at=self.world.ours())
        try:
            with self.world.sizes() if self._small else nullcontext():
                sync(book, held, full=full, report=report)
        finally:
            release(self.store, held, outcome="", at=self.world.ours())

    # Comparing -----------------------------------------------------------------------------------

    def compare(self, *, strictly: bool = False) -> None:
        """The book against the company; ``strictly``: nothing may lag behind any more."""
        seen = stored(self.store, BOOK)
        told = self.world.books() if strictly else self.world.expected(seen)
        self.world.excuse(told, seen)
        found = differences(told, seen)
        if found:
            raise NotTheSame("\n".join(found))
        check_aging(self.store, BOOK, self.world.ours().astimezone(self.world.zone).date(), seen)
        self.compared += 1

    def look_again(self, numbers: Sequence[int]) -> None:
        """Read some customers again, as right before sending: of these the book is then right."""
        if not self.state().complete or not self.world.readable:
            return  # nothing is sent from half a pull
        book = self._book()
        seen = stored(self.store, BOOK)
        people = sorted(seen.people)
        customers = sorted({each for number in numbers if (each := among(people, number)) is not None})
        held = claim(self.store, BOOK, command="send", at=self.world.ours())
        try:
            with self.world.sizes(looking=True):
                snapshot = read_again(book, held, customers)
        finally:
            release(self.store, held, outcome="", at=self.world.ours())
        told, now = self.world.books(), stored(self.store, BOOK)
        asked = {id_ for id_, owed in seen.invoices.items() if owed.customer in customers}
        asked -= {each.id for each in snapshot.rejects}  # these stand as they stood, and nothing is sent
        found = differences(_of(told, asked, customers), _of(now, asked, customers))
        if found:
            raise NotTheSame("read again: " + "\n".join(found))
        self.world.looked_again(seen, asked, customers)

    # The end -------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Whatever was cut is finished, the day's sweep comes, and two full pulls change nothing."""
        world = self.world
        world.well()
        world.make_readable()
        if world.whisper():
            self.happened += 1
            world.changed()
        world.clock.go(A_DAY_AND_MORE)
        if self.state().pulling is not None:
            self._complete(Pull())  # the rest of an earlier one
        self._complete(Pull())
        self.compare(strictly=True)
        self._small = False
        world.clock.go(A_WHILE)
        self._complete(Pull(full=True))
        self.compare(strictly=True)
        self._tie_out()
        before = ledger_rows(self.store, BOOK)
        world.clock.go(A_WHILE)
        self._counted(self._complete(Pull(full=True)))
        after = ledger_rows(self.store, BOOK)
        written = [
            f"{table}: {row}" for table in before for row in after[table] if row not in before[table]
        ] + [f"{table} without {row}" for table in before for row in before[table] if row not in after[table]]
        if written:
            raise NotTheSame("a full pull of what had not changed wrote:\n" + "\n".join(written))

    def _tie_out(self) -> None:
        """The system's own aged receivables, where it has some, agree with the book's. They know what is
        owed by an invoice that cannot be understood, and the book does not."""
        source = self._book().source
        if isinstance(source, Receivables) and self.world.ties_out and not self.world.books().unread:
            today = self.world.ours().astimezone(self.world.zone).date()
            with self.world.sizes():
                theirs = source.aged_receivables(today)
            own = ledger_now(self.store, BOOK, today)
            found = tie_out(own.invoices, own.credits, theirs)
            if found.differences or found.unrated:
                raise NotTheSame(f"the book does not tie out: {found.differences} {found.unrated}")

    def _complete(self, step: Pull) -> SyncReport:
        report = self.pull(step)
        if report is None:
            raise NotTheSame("a pull that nothing disturbed did not end")
        return report

    def _counted(self, report: SyncReport) -> None:
        """All that was read was stored or rejected, and nothing was read twice."""
        read, there = (report.invoices, report.credits, report.rejects), self.world.rows_to_read()
        if read != there:
            raise NotTheSame(f"read {read} invoices, credits and rejects; there are {there}")

    def state(self) -> BookState:
        state = book_state(self.store, BOOK)
        assert state is not None
        return state

    def _book(self, progress: Progress = silent) -> Book:
        if self._source is None or not self.world.setting.daemon:
            self._source = self.world.source()
        world = self.world
        return Book(
            name=BOOK,
            store=self.store,
            source=self._source,
            http=world.kit.http,
            tokens=world.kit.tokens,
            policy=Policy("standard", ()),
            templates=_TEMPLATES,
            clock=world.ours,
            zone=world.zone,
            automatic=False,
            sender="ar@acme.example",
            reply_to=None,
            notes="none",
            language="en",
            mail=None,
            command="sync",
            progress=progress,
        )


def _of(books: Books, invoices: set[str], customers: Sequence[str]) -> Books:
    return Books(
        {id_: owed for id_, owed in books.invoices.items() if id_ in invoices},
        {key: left for key, left in books.credits.items() if left.customer in customers},
        {id_: person for id_, person in books.people.items() if id_ in customers},
    )


def play(kind: type[World], history: History) -> int:
    """Play a history from an empty book on. Raises NotTheSame, naming each difference; gives back how
    often the book was compared."""
    with _workshop() as folder:
        world = kind(history.setting, folder)
        try:
            with Store.open(folder / "arsync.db") as store:
                engine = Engine(world, store)
                for step in history.steps:
                    engine.step(step)
                engine.settle()
                return engine.compared
        finally:
            world.close()


@contextmanager
def _workshop() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="history-", dir=_fast()))
    try:
        shutil.copy(_empty(), folder / "arsync.db")
        yield folder
    finally:
        shutil.rmtree(folder)


@cache
def _fast() -> str | None:
    """A folder in memory, where the system has one: what a commit costs on a disk proves nothing here."""
    memory = Path("/dev/shm")  # Linux's own
    return str(memory) if os.access(memory, os.W_OK) else None


def tidy() -> None:
    """Remove what was kept from history to history."""
    if _empty.cache_info().currsize:
        shutil.rmtree(_empty().parent)
        _empty.cache_clear()


@cache
def _empty() -> Path:
    """A database with its tables and nothing in them, made once."""
    path = Path(tempfile.mkdtemp(prefix="history-tables-", dir=_fast())) / "arsync.db"
    Store.open(path).close()
    return path
