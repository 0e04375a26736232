"""The accounting system as a connector's author plays it for the contract."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from arsync.connector import ConnectionSettings, Kit, Source, TokenPair
from arsync.connector.registry import find
from arsync.errors import ArsyncError
from arsync.ledger import CreditKind

if TYPE_CHECKING:
    from arsync.testing.wire import Wire

# http: it is asked over the network. oauth: by tokens that are renewed. notes: its source is a NoteSink.
# credits: it knows money that is not applied to an invoice. payments: its pulls tell on which dates money
# came in. figures: its source is a Receivables. currencies: it bills in others than its own. places: it
# knows where customers are and in which groups. reminders: its source is a ReminderSettings. marks: its
# source is a NoteReader. breakdowns: it can be broken in ways of its own.
Ability = Literal[
    "http",
    "oauth",
    "notes",
    "credits",
    "payments",
    "figures",
    "currencies",
    "places",
    "reminders",
    "marks",
    "breakdowns",
]
Target = Literal["invoice", "customer"]

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Clock:
    """An instant (UTC) that stands still until it is pushed forward."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def advance(self, *, seconds: float = 0.0) -> None:
        self._now += timedelta(seconds=seconds)


class World(ABC):
    """One company in an accounting system: a simulator on loopback, a folder of files, whatever it takes.

    The contract makes a world for each of its tests, with an empty folder of the test's own, and calls
    ``start``; then the company has no customer and no invoice. All methods are what people do in the
    accounting system itself, behind the connector's back. ``self.clock`` is the time of the world and of
    the connector; it moves only when the contract moves it. Amounts are exact Decimals with the digits of
    their currency, texts are plain ASCII.
    """

    abilities: ClassVar[frozenset[Ability]]
    """What the source can do. Laws about anything else are not collected; a source that uses the network,
    tokens, notes, payments, figures, places, reminders or marks without declaring it breaks a law of its
    own."""
    connector: ClassVar[str] = ""
    """The name of its entry point."""
    currency: ClassVar[str]
    """The company's own currency."""
    tenant: ClassVar[str]
    """The id by which ``check`` has to name the company."""
    unknown: ClassVar[str]
    """A well-formed id that no customer and no invoice has."""
    page_rows: ClassVar[int | None]
    """The most rows that the source gives in one page; None where everything comes in one."""
    note_targets: ClassVar[tuple[Target, ...]] = ("invoice", "customer")
    """What a note can be written on."""
    credit_kinds: ClassVar[tuple[CreditKind, ...]] = ("credit-note",)
    """The kinds of credit that people can make there ("credits"), credit notes first."""
    currencies: ClassVar[Mapping[str, Decimal | None]] = {}
    """Currencies in which it bills beside its own ("currencies"), with the worth of one unit in its own
    currency; None where its documents tell no rate."""
    breakdowns: ClassVar[Mapping[str, tuple[type[ArsyncError], ...]]] = {}
    """Ways of this system's own in which it fails, and the errors that each may become."""

    wire: Wire
    """Stands between the connector and ``address``; set by the contract, for worlds with "http"."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()

    def start(self) -> None:  # noqa: B027 - not every world has something to open
        """Open what has to be open."""

    def stop(self) -> None:  # noqa: B027
        """Close it again."""

    @property
    @abstractmethod
    def connection(self) -> Mapping[str, Any]:
        """The book's ``[books.NAME.connection]``, without ``server``; secrets as references."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """What stands behind the references in ``connection``."""
        return {}

    @property
    def address(self) -> str:
        """Where the simulated service answers ("http"); the paths are those of the real one."""
        raise NotImplementedError

    def tokens(self) -> TokenPair | None:
        """The tokens of a book that was just connected ("oauth"); None where it needs no consent."""
        raise NotImplementedError

    def connect(self, settings: ConnectionSettings, kit: Kit) -> Source:
        """The connector, by the door through which arsync itself finds it."""
        return find(self.connector)(settings, kit)

    @abstractmethod
    def everything(self) -> object:
        """A value that stays equal as long as nobody changes anything in the accounting system."""

    @abstractmethod
    def add_customer(self, name: str, email: str) -> str:
        """A new customer; returns the id."""

    def add_foreign_customer(self, name: str, email: str, currency: str) -> str:
        """A new customer whose invoices and credits are all in one of ``currencies``; returns the id."""
        raise NotImplementedError

    @abstractmethod
    def set_email(self, customer: str, email: str) -> None:
        """Give a customer another address."""

    def settle(self, customer: str, country: str, subdivision: str) -> None:
        """Give a customer an address ("places"): an ISO 3166 code, or words that name no country, and a
        subdivision's code where it is not empty. It may stand there in other words."""
        raise NotImplementedError

    def join(self, customer: str, group: str) -> None:
        """Put a customer into one group, whose name stands there as it is ("places")."""
        raise NotImplementedError

    def switch_reminders(self, *, enabled: bool) -> None:
        """Let the accounting system send reminders of its own, or not ("reminders")."""
        raise NotImplementedError

    @abstractmethod
    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        """A new invoice in force in the customer's currency, issued today; returns the id."""

    @abstractmethod
    def pay(self, invoice: str, amount: Decimal) -> None:
        """Money for an invoice: all that is open of it, or a part."""

    @abstractmethod
    def remove(self, invoice: str) -> None:
        """Void or delete an unpaid invoice, whichever is usual there: it is not owed any more."""

    def receive(self, invoice: str, amount: Decimal, day: date) -> str:
        """Money for an invoice that came in on an earlier day and is entered now ("payments"); returns the
        payment's id."""
        raise NotImplementedError

    def take_back(self, payment: str) -> None:
        """A payment is taken back, as when it bounces: what it paid is open again ("payments")."""
        raise NotImplementedError

    def add_credit(self, customer: str, amount: Decimal, kind: CreditKind) -> str:
        """A credit of one of ``credit_kinds`` that is applied to nothing yet ("credits"); returns the id."""
        raise NotImplementedError

    def use_credit(self, credit: str, invoice: str, amount: Decimal) -> None:
        """Apply a part or all of a credit to an invoice of the same customer ("credits")."""
        raise NotImplementedError

    def note(self, target: Target, target_id: str) -> str:
        """All that stands as notes on an invoice or customer, in one text ("notes")."""
        raise NotImplementedError

    def break_down(self, name: str) -> None:
        """From now on it fails in this one of ``breakdowns``."""
        raise NotImplementedError

    def say(self, plain: str, real: str) -> None:
        """From now on it says ``real`` wherever it would say ``plain`` to a connector.

        So it says what no simulator would let itself be told: hostile texts, amounts that are none. In a text
        U+DC80 to U+DCFF are bytes that are not UTF-8 (Python's ``errors="surrogateescape"`` writes them so).
        A world with "http" need not do this: the wire does, for services that speak JSON with amounts in
        units of the currency.
        """
        self.wire.say(plain, real)
