"""A book at work in a world: everything that a connector is given, kept where a test can look at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter

from arsync.connector import (
    Allowance,
    ConnectionSettings,
    Http,
    Kit,
    NoteSink,
    Page,
    Source,
    TokenPair,
    Tokens,
)
from arsync.errors import ArsyncError
from arsync.testing.wire import LABEL, Wire
from arsync.testing.world import World

BOOK = "contract"
# More pages than any pull of the contract's small companies has.
MOST_PAGES = 200
# How long a service is waited for that is known not to answer.
_PATIENCE_SECONDS = 0.005


class Purse:
    """The tokens of a book, in memory (a ``TokenStore``). ``all`` are all that there have been."""

    def __init__(self, pair: TokenPair | None) -> None:
        self.pair, self.loads = pair, 0
        self.all = [pair] if pair else []
        self._lock = threading.RLock()

    def ready(self) -> None:
        """There is always room in memory."""

    def load(self) -> TokenPair | None:
        self.loads += 1
        return self.pair

    def save(self, pair: TokenPair) -> None:
        self.pair = pair
        self.all.append(pair)

    def prove(self, access: str) -> None:
        if self.pair is not None and self.pair.access == access:
            self.pair = msgspec.structs.replace(self.pair, proven=True, previous_refresh=None)

    def forget(self) -> None:
        self.pair = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self._lock:
            yield

    def stored(self) -> str | None:
        return self.pair.access if self.pair else None


class _Labelled(HTTPAdapter):
    """Labels requests as they leave, and does not wait a minute for an answer that will not come."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        wire, url = self._wire, request.url or ""
        fault = wire.leaving(urlsplit(url).path)
        request.headers[LABEL] = wire.label
        if fault is not None and fault.act == "silence":
            more["timeout"] = _PATIENCE_SECONDS
        if fault is not None and fault.act == "refuse":
            request.url = url.replace(wire.url, wire.nobody, 1)
        return super().send(request, *args, **more)


class Line(Http):
    """arsync's own HTTP seam, led through the wire."""

    def __init__(self, wire: Wire | None, world: World, waits: list[float]) -> None:
        super().__init__(server=wire.url if wire else None, clock=world.clock, sleep=waits.append)
        if wire is not None:
            self._session.mount("http://", _Labelled(wire))


class Bucket:
    """A rate budget that lets everything through."""

    def try_acquire(self, name: str = "call", weight: int = 1) -> object:
        return bool(name and weight)


class Desk:
    """One book. ``waits`` are the seconds that the connector was made to wait, none of which were."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waits: list[float] = []
        self.lines: list[Line] = []
        world.start()
        self._wire: Wire | None = None
        if "http" in world.abilities:
            self._wire = world.wire = Wire(world.address)
        self.purse = Purse(world.tokens() if "oauth" in world.abilities else None)
        if self._wire is not None:
            self._wire.stored = self.purse.stored
            self._wire.told = lambda: " ".join(sorted(self.secrets()))
            app = self.source().app if "oauth" in world.abilities else None
            if app is not None:
                self._wire.token_paths = {urlsplit(app.token_url).path}

    @property
    def wire(self) -> Wire:
        assert self._wire is not None, "this world declares no http"
        return self._wire

    def source(self) -> Source:
        """The connector as a new process would have it: it shares the tokens and nothing else."""
        line = Line(self._wire, self.world, self.waits)
        self.lines.append(line)
        clock = self.world.clock
        kit = Kit(http=line, tokens=Tokens(BOOK, self.purse, clock), pace=self._pace, clock=clock)
        return self.world.connect(self._settings(), kit)

    def sink(self) -> NoteSink:
        source = self.source()
        assert isinstance(source, NoteSink), "the world declares notes, but the source has no `write`"
        return source

    def pull(self, cursor: str | None) -> list[Page]:
        """All pages, read by a new process."""
        pages, error = self.attempt(lambda: self.source().pull(cursor))
        if error is not None:
            raise error
        return pages

    def attempt(self, pull: Callable[[], Iterator[Page]]) -> tuple[list[Page], ArsyncError | None]:
        """The pages that came, and the error that ended them. Other exceptions pass."""
        pages: list[Page] = []
        try:
            for page in islice(pull(), MOST_PAGES):
                pages.append(page)
        except ArsyncError as error:
            return pages, error
        assert len(pages) < MOST_PAGES, f"a pull of more than {MOST_PAGES} pages: it does not come to an end"
        return pages, None

    def api_calls(self) -> int:
        """How many API requests were made since the wire was healed."""
        return self.wire.made

    def expire(self) -> None:
        """The access token's time has come."""
        if self.purse.pair is not None:
            past = self.world.clock() - timedelta(seconds=1)
            self.purse.pair = msgspec.structs.replace(self.purse.pair, expires_at=past)

    def secrets(self) -> set[str]:
        """What no text may hold."""
        found = set(self.world.secrets.values())
        for pair in self.purse.all:
            found |= {pair.access, *([pair.refresh] if pair.refresh else [])}
        return found

    def close(self) -> None:
        for line in self.lines:
            line.close()
        if self._wire is not None:
            self._wire.close()
        self.world.stop()

    def _settings(self) -> ConnectionSettings:
        table = dict(self.world.connection)
        if self._wire is not None:
            table["server"] = self._wire.url
        secrets = self.world.secrets
        return ConnectionSettings(
            BOOK,
            table,
            where=lambda key: f"arsync.toml ({key})",
            reveal=lambda _, text: secrets[text],
            folder=self.world.folder,
        )

    def _pace(
        self,
        tenant: str,
        *,
        per_minute: int,
        per_second: int | None = None,
        allowance: Allowance | None = None,
    ) -> Bucket:
        del tenant, per_minute, per_second, allowance
        return Bucket()
