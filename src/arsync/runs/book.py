"""A book at work: everything that its runs need, built once by the practice and handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from arsync.connector import Http, Source, Tokens
from arsync.connector.thrift import AS_USUAL, Course
from arsync.errors import ArsyncError
from arsync.logs import SILENT, Log
from arsync.mail import MailServer
from arsync.policy.joining import JoinMode
from arsync.policy.rules import Policy
from arsync.store import Store
from arsync.store.golive import live
from arsync.store.reading import BookState, book_state
from arsync.writing import Templates

if TYPE_CHECKING:
    from arsync.mail.sent_folder import SentFolder

Clock = Callable[[], datetime]


class Progress(Protocol):
    """Told what happens while it happens; a terminal may show it."""

    def __call__(self, text: str) -> None: ...


def silent(text: str) -> None:
    """A progress that is not shown."""


def as_usual() -> Course:
    """How a book goes on whose vendor gives as many calls as it likes."""
    return AS_USUAL


class HalfPulled(ArsyncError):
    """The last sync of a book did not come to its end; nothing may be decided on half a pull."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """One book with its parts. ``clock`` gives UTC instants, ``today`` is the book's own day.

    ``sender`` and ``reply_to`` are as they stand in the practice file; ``notes`` says where notes go:
    "invoice", "customer", "both" or "none". ``golive`` is how its old debts join the ladder where the
    practice file decides that beforehand. ``mentions`` are texts that any letter may say, and ``neighbours``
    the books by an address that they alone write from. ``course`` tells what to leave for later where the
    vendor's calls run short. ``sent_folder`` is where copies of sent mail may be found.
    """

    name: str
    store: Store
    source: Source
    http: Http
    tokens: Tokens
    policy: Policy
    templates: Templates
    clock: Clock
    zone: ZoneInfo
    automatic: bool
    sender: str
    reply_to: str | None
    notes: str
    language: str
    mail: MailServer | None
    command: str
    golive: JoinMode | None = None
    mentions: tuple[str, ...] = ()
    neighbours: Mapping[str, str] = field(default_factory=dict)
    sent_folder: SentFolder | None = None
    course: Callable[[], Course] = field(default=as_usual)
    progress: Progress = field(default=silent)
    log: Log = SILENT

    @property
    def today(self) -> date:
        return self.clock().astimezone(self.zone).date()

    @property
    def live(self) -> bool:
        """Whether its go-live was confirmed: nothing is approved, released or sent before."""
        return live(self.store, self.name).on is not None

    def state(self) -> BookState:
        state = book_state(self.store, self.name)
        assert state is not None, "the practice registers a book before it hands it in"
        return state

    def incomplete(self) -> str | None:
        """What is missing before anything can be decided, as the end of a sentence about the book."""
        state = self.state()
        if state.complete:
            return None
        never = state.synced_at is None and state.pulling is None
        if never:
            return "was never synced"
        if state.pulling is None and state.cursor is None:
            return "was restored from a backup and not synced since"
        return "has a sync that did not come to its end"

    def complete_state(self) -> BookState:
        """The book's state, once its last pull came to its end. Raises HalfPulled."""
        if problem := self.incomplete():
            raise HalfPulled(
                f"the book {self.name} {problem}: run `arsync sync {self.name}`; nothing is decided before"
            )
        return self.state()
