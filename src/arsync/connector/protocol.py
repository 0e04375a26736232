"""The door for connectors: what one gives and what it is given.

An entry point in the group ``arsync.connectors`` names a function ``connect(settings, kit)`` that
returns a ``Source`` without touching the network. What a connector can do more is told by the
protocols that its source fits (``NoteSink`` and others). Data problems are values (``Reject``); faults of the
service are raised as the errors of ``arsync.errors``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

from arsync.connector.allowance import Allowance
from arsync.connector.http import Budget, Http
from arsync.connector.oauth import OAuthApp, Tokens
from arsync.connector.settings import ConnectionSettings
from arsync.ledger import AgedBalance, Credit, CreditKind, Customer, Gone, Invoice, Payment, Reject


class Tenant(msgspec.Struct, frozen=True, kw_only=True):
    """The company behind a book, as the accounting system tells.

    ``timezone`` is an IANA name or None where the vendor does not tell. ``warnings`` are sentences
    for the bookkeeper, such as the vendor's own reminders being switched on.
    """

    id: str
    name: str
    currency: str
    timezone: str | None = None
    warnings: tuple[str, ...] = ()


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some records and the cursor from which the pull goes on after them; both are stored together.

    ``last`` is the only proof of completeness; there is exactly one last page, at the end. A ``full``
    pull mentions every open invoice and every credit that is left, so that what it does not mention
    can be closed once its last page has come. ``rows`` is the number of rows that the service sent
    for this page, each of which is in the page as a record or as a reject (or repeats an earlier one).
    ``repeats`` marks a page that may bring again, unchanged, what was read before (an overlap): only
    what differs counts as news. ``afresh`` marks the first page of a full pull that could not go on
    after the cursor it was given: what earlier pages of that pull have mentioned does not count.
    ``all_of`` names kinds of credits of which this page has all that are left: others are used up.
    ``payments`` are those that are cheap to read along, for their dates; none has to be there.
    """

    customers: Sequence[Customer] = ()
    invoices: Sequence[Invoice] = ()
    credits: Sequence[Credit] = ()
    payments: Sequence[Payment] = ()
    gone: Sequence[Gone] = ()
    rejects: Sequence[Reject] = ()
    cursor: str
    full: bool
    last: bool = False
    rows: int = 0
    repeats: bool = False
    afresh: bool = False
    all_of: tuple[CreditKind, ...] = ()


class FoundNote(msgspec.Struct, frozen=True):
    """What stands as notes on one invoice or customer: the whole text, with what people wrote around, the
    oldest first; empty where no mark of arsync's (`[arsync:...]`) stands in it."""

    target: Literal["invoice", "customer"]
    target_id: str
    text: str = ""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The state right now of the invoices and customers asked for, read before a message leaves.

    ``credits`` are all credits with something remaining of the customers asked for: one of theirs
    that is not here is used up. An invoice asked for that is in none of the fields does not exist
    any more. ``notes`` are what stands on them where that came along; None where it takes calls of
    its own (`NoteReader`).
    """

    customers: Sequence[Customer] = ()
    invoices: Sequence[Invoice] = ()
    credits: Sequence[Credit] = ()
    rejects: Sequence[Reject] = ()
    notes: Sequence[FoundNote] | None = None
    read_at: datetime


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be put into the accounting system, on one invoice or on one customer.

    ``text`` is one line and holds ``mark``. ``key`` is the idempotency key of this note (a UUID
    text of 36 characters), fixed before the first attempt.
    """

    target: Literal["invoice", "customer"]
    target_id: str
    mark: str
    text: str
    key: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one note. ``error`` None: it stands there (now, or already before).

    ``retry`` tells whether another run should try again; else a person has to look.
    """

    target: Literal["invoice", "customer"]
    target_id: str
    mark: str
    error: str | None = None
    retry: bool = False


class Pace(Protocol):
    """Makes the rate budget of a tenant, shared by all processes of the practice. With an ``allowance``
    its calls are counted too, and kept within what a day and a month give."""

    def __call__(
        self,
        tenant: str,
        *,
        per_minute: int,
        per_second: int | None = None,
        allowance: Allowance | None = None,
    ) -> Budget: ...


class Kit(msgspec.Struct, frozen=True, kw_only=True):
    """What a connector is given; it opens nothing itself. ``clock`` gives the UTC instant."""

    http: Http
    tokens: Tokens
    pace: Pace
    clock: Callable[[], datetime]


@runtime_checkable
class Source(Protocol):
    """One company's ledger, read-only."""

    @property
    def app(self) -> OAuthApp | None:
        """How this vendor grants access; used by ``arsync connect``. None: nobody has to be asked."""
        ...

    def check(self) -> Tenant:
        """Ask the service who it is. Raises the errors of ``arsync.errors``."""
        ...

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """The changes since ``cursor``, or everything open for None. Resumes after any page's cursor."""
        ...

    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        """The state right now; batches as the vendor allows. Raises rather than leave one unread."""
        ...


@runtime_checkable
class Receivables(Protocol):
    """A source whose accounting system has aged receivables of its own, to compare a book with."""

    def aged_receivables(self, as_of: date) -> Sequence[AgedBalance]:
        """What each customer owes by the accounting system's own figures; customers at zero may be left
        out. ``as_of`` is the book's day; what bears a later date is in the figures all the same."""
        ...


@runtime_checkable
class NoteSink(Protocol):
    """A source into which notes can be written back."""

    def write(self, notes: Sequence[Note]) -> Sequence[Receipt]:
        """Write each note once: one whose mark already stands there is not written again.

        One receipt a note. Raises TryLater, Reconnect where nothing more can be done now; notes
        without a receipt are then still owed.
        """
        ...


@runtime_checkable
class Allowed(Protocol):
    """A source whose vendor gives so many calls and no more."""

    @property
    def allowance(self) -> Allowance:
        """What the vendor gives, by the book's settings."""
        ...


@runtime_checkable
class NoteReader(Protocol):
    """A source that finds notes again: after the database was lost, or beside another installation."""

    def marks(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
        """What stands on these, one by one as it is read, also where there is nothing; what does not exist
        any more is left out. Raises rather than leave one unread: what came before stands."""
        ...

    def settled(self, since: date) -> Sequence[Invoice]:
        """The invoices that are not owed (any more) and were changed on that day or later: notes may stand
        on them that no open one has. Rows that cannot be understood are left out."""
        ...


@runtime_checkable
class ReminderSettings(Protocol):
    """A source whose accounting system tells whether it chases customers on its own."""

    def reminders(self) -> bool | None:
        """Whether the accounting system itself reminds customers now; None where it does not tell."""
        ...


@runtime_checkable
class Scoped(Protocol):
    """A source whose consent may allow less than is needed."""

    def missing_scopes(self) -> tuple[str, ...] | None:
        """What the consent lacks, by the vendor's names; None where it does not tell."""
        ...


@runtime_checkable
class Leaves(Protocol):
    """A source whose vendor connects companies one by one, all of them under one consent."""

    def leave(self) -> int:
        """End the connection to this company alone. Gives how many other companies the consent serves:
        it must not be revoked while there are any."""
        ...


class Connect(Protocol):
    """The entry point's target. Must not touch the network."""

    def __call__(self, settings: ConnectionSettings, kit: Kit) -> Source: ...
