"""A simulated company as a history sees it, whatever the accounting system: acts in, truth out."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from in_process import InProcess
from truth import Books, Owed
from vocabulary import CURRENCIES, ZONES, Event, Mishap, Setting

from arsync.connector import ConnectionSettings, Http, Kit, Source, TokenPair, Tokens
from arsync.connector.registry import find

BOOK = "acme"
# ISO 4217, said once more: the truth is not worked out by the code that it is to judge.
DECIMALS = {"JPY": 0, "KWD": 3}


def units(amount: Decimal, currency: str) -> int:
    """Minor units of an amount that the company has, which is always whole in them."""
    scaled = amount.scaleb(DECIMALS.get(currency, 2))
    assert scaled == int(scaled), (amount, currency)
    return int(scaled)


def amount_of(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-DECIMALS.get(currency, 2))


class Clock:
    """The service's time, which only a history moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Unlimited:
    """A rate budget that lets everything through."""

    def try_acquire(self, name: str = "", weight: int = 1) -> bool:
        return True


class KeptTokens:
    """A token pair that lasts: what happens to tokens has tests of its own."""

    def __init__(self, pair: TokenPair) -> None:
        self.pair = pair

    def load(self) -> TokenPair | None:
        return self.pair

    def save(self, pair: TokenPair) -> None:
        self.pair = pair

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()


@contextmanager
def sized(package: str, **sizes: object) -> Iterator[None]:
    """The sizes of pages and the like, named by constants, in all modules of a package that use them."""
    with_it = [(module, name) for module in _modules(package) for name in sizes if name in vars(module)]
    assert {name for _, name in with_it} == set(sizes), "a size has another name now"
    before = [(module, name, getattr(module, name)) for module, name in with_it]
    for module, name in with_it:
        setattr(module, name, sizes[name])
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


_connect = cache(find)  # by its entry point, as in a practice


@cache
def _modules(package: str) -> list[ModuleType]:
    """All modules of a package, loaded: one that came later would keep the sizes of another history."""
    root = import_module(package)
    found = pkgutil.walk_packages(root.__path__, f"{package}.")
    return [root, *(import_module(each.name) for each in found)]


class World:
    """A company of one accounting system, with its service and its clock.

    ``before`` is called with the number of each request of a pull, right before it is answered.
    """

    connector: ClassVar[str]
    mishaps: ClassVar[tuple[str, ...]] = ()

    def __init__(self, setting: Setting, folder: Path) -> None:
        self.setting, self.folder = setting, folder
        self.clock = Clock()
        self.home = CURRENCIES[setting.home % len(CURRENCIES)]
        self.zone = ZoneInfo(ZONES[setting.zone % len(ZONES)])
        self.before: Callable[[int], None] = lambda number: None
        self._wire: InProcess | None = None
        self._numbers = 0
        self._states: dict[str, set[Owed]] = {}
        self.kit = self._kit()

    # What the engine asks ------------------------------------------------------------------------

    def ours(self) -> datetime:
        """Our own machine's time."""
        return self.clock() - timedelta(seconds=self.setting.skew)

    def sizes(self, *, looking: bool = False) -> AbstractContextManager[None]:
        """Makes the pages as small as the setting says, while it lasts."""
        raise NotImplementedError

    def connection(self) -> dict[str, Any]:
        """What ``[books.acme.connection]`` says."""
        raise NotImplementedError

    def act(self, event: Event) -> bool:
        """Do something in the company; False where it could not be done."""
        raise NotImplementedError

    def books(self) -> Books:
        """What is owed now, from the company's own records."""
        raise NotImplementedError

    def application(self) -> Any:
        """The service as a WSGI application; None where there is none."""
        return None

    def tokens(self) -> TokenPair:
        return TokenPair(access="", refresh=None, expires_at=datetime(2100, 1, 1, tzinfo=UTC))

    def strike(self, mishap: Mishap) -> None:
        """From now on requests go wrong, as the mishap says."""

    def well(self) -> None:
        """Nothing goes wrong any more, and whatever is half done is finished."""

    @property
    def readable(self) -> bool:
        """Whether a reading can succeed at all."""
        return True

    @property
    def ties_out(self) -> bool:
        """Whether the system's own figures are as exact as its documents."""
        return True

    def source(self) -> Source:
        """The connector, as another process opens it."""
        return _connect(self.connector)(self._settings(), self.kit)

    def requests_from_0(self) -> None:
        """The requests of what follows are counted from 0."""
        if self._wire is not None:
            self._wire.number = 0

    def page_stored(self, pages: int) -> None:
        """A page of a pull is in the store."""

    def make_readable(self) -> None:
        """Whatever kept a pull from succeeding is put right."""

    def whisper(self) -> bool:
        """Change whatever can be changed without the service telling of it; False where nothing can."""
        return False

    def rows_to_read(self) -> tuple[int, int, int]:
        """How many invoices, credits and rejects a full pull reads, as a sync reports them."""
        told = self.books()
        return len(told.invoices), len(told.credits), len(told.unread)

    # What the book may not know yet --------------------------------------------------------------

    def changed(self) -> None:
        """Something has happened: what was readable up to now is remembered."""
        for id_, owed in self.books().invoices.items():
            self._states.setdefault(id_, set()).add(owed)

    def pull_begins(self, *, full: bool) -> None:
        """A pull begins, which is not the rest of an earlier one."""

    def pull_ended(self, *, full: bool) -> None:
        """That pull has come to its end."""

    def looked_again(self, seen: Books, invoices: Collection[str], customers: Collection[str]) -> None:
        """These were read again; ``seen`` was the book before."""

    def expected(self, seen: Books) -> Books:
        """What the book has to show now, where ``seen`` is what it does."""
        return self.books()

    def excuse(self, told: Books, seen: Books) -> None:
        """An invoice that cannot be understood stands in the book as it last could be, or not at all."""
        for id_ in told.unread:
            if seen.invoices.get(id_) in self._states.get(id_, ()):
                told.invoices[id_] = seen.invoices[id_]

    # For the worlds ------------------------------------------------------------------------------

    def today(self) -> date:
        return self.clock().astimezone(self.zone).date()

    def day(self, offset: int | None) -> date | None:
        return None if offset is None else self.today() + timedelta(days=offset)

    def number(self) -> int:
        """A number that nothing has had yet."""
        self._numbers += 1
        return self._numbers

    def _kit(self) -> Kit:
        http = Http(server="http://service.example", clock=self.ours, sleep=lambda seconds: self.clock.go(1))
        application = self.application()
        if application is not None:
            self._wire = InProcess(application, self.clock)
            self._wire.before = self._request
            http._session.mount("http://", self._wire)
        return Kit(
            http=http,
            tokens=Tokens(BOOK, KeptTokens(self.tokens()), self.ours),
            pace=lambda tenant, *, per_minute, per_second=None, allowance=None: Unlimited(),
            clock=self.ours,
        )

    def _request(self, number: int) -> None:
        self.clock.go(self.setting.latency)
        self.before(number)

    def _settings(self) -> ConnectionSettings:
        return ConnectionSettings(
            BOOK,
            self.connection(),
            where=lambda key: f"arsync.toml ({key})",
            reveal=lambda key, reference: reference.removeprefix("env:"),
            folder=self.folder,
        )

    def close(self) -> None:
        self.kit.http.close()
