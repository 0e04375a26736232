"""The wire between a connector and a simulated service: real sockets, and whatever can go wrong on them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import msgspec

from arsync.testing.faults import HTML, Fault
from arsync.testing.listener import Listener, Refusing

# Requests without an end, in a test where nothing of the kind is expected.
MOST_REQUESTS = 2000
_UPSTREAM_SECONDS = 30.0
# The header with which a request tells the wire its number and its fate.
LABEL = "X-Contract"
_OF_A_HOP = {LABEL.lower()} | frozenset(
    "connection keep-alive transfer-encoding content-length content-encoding accept-encoding host".split()
)


class Dropped(ConnectionError):
    """The connection is to be broken."""


class Request(msgspec.Struct, frozen=True):
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


class Reply(msgspec.Struct, frozen=True):
    """``promised`` is the length that the headers tell, where it is not that of the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    promised: int | None = None


class Exchange(msgspec.Struct, frozen=True):
    """A request, its answer (None: none came), and the access token that was stored when it arrived."""

    request: Request
    reply: Reply | None
    stored: str | None


class Wire:
    """A proxy on loopback. Faults strike API requests, never those for tokens (``token_paths``)."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self.token_paths: Collection[str] = ()
        self.stored: Callable[[], str | None] = lambda: None
        self.told: Callable[[], str] = lambda: ""
        self.exchanges: list[Exchange] = []
        self.said = 0
        """How many answers were changed by ``say``."""
        self._lock = threading.Lock()
        self._says: list[tuple[bytes, bytes]] = []
        self._released = threading.Event()
        self._serials = 0
        self.heal()
        self._refusing = Refusing()
        self._listener = Listener(self._answered)
        self.url = self._listener.url

    def close(self) -> None:
        self._released.set()
        self._listener.close()
        self._refusing.close()

    def say(self, plain: str, real: str) -> None:
        """In every answer from now on, JSON's text of ``plain`` is that of ``real``. Characters from U+DC80
        to U+DCFF are bytes that are not UTF-8 (as with Python's surrogateescape)."""
        if any("\udc80" <= char <= "\udcff" for char in real):
            text = json.dumps(real, ensure_ascii=False).encode("utf-8", "surrogateescape")
        else:
            text = json.dumps(real).encode()
        self._says.append((plain.encode(), text[1:-1]))

    def heal(self) -> None:
        """All is well again, and requests are counted from here."""
        self._fault: Fault | None = None
        self._victim: str | None = None
        self._after, self._times, self._hits = 0, MOST_REQUESTS, 0
        self._stuck_at: int | None = None
        self._played: Sequence[Exchange] | None = None
        self._healed = self._serials
        self.struck = False
        self.most, self.endless, self.strayed = MOST_REQUESTS, False, ""
        self.exchanges.clear()

    def strike(self, fault: Fault, *, after: int = 0, times: int = MOST_REQUESTS) -> None:
        """Let the API request after the first ``after`` fail, and with it at most ``times`` to the same path
        from then on. Other paths go on answering."""
        self.heal()
        self._fault, self._after, self._times = fault, after, times

    def stick(self, at: int) -> None:
        """From the ``at``-th API request on, every answer is the one to that request."""
        self.heal()
        self._stuck_at = at

    @contextmanager
    def replaying(self) -> Iterator[None]:
        """What was asked so far is answered once more, in the same order."""
        played = self.asked
        self.heal()
        self._played = played
        yield
        self._played = None

    # ---- the connector's side: where a request is about to leave

    def leaving(self, path: str) -> Fault | None:
        """A request leaves now; the fault that will strike it. Those for tokens neither count nor fail."""
        self.struck = False
        if path in self.token_paths:
            return None
        number = self.made
        self._serials += 1
        if self._fault is None or number < self._after:
            return None
        if self._victim is None:
            self._victim = path
        self.struck = path == self._victim and self._hits < self._times
        self._hits += self.struck
        return self._fault if self.struck else None

    @property
    def label(self) -> str:
        """What the request that leaves now tells the wire of itself."""
        return f"{self._serials - 1} {'struck' if self.struck else 'well'}"

    @property
    def nobody(self) -> str:
        """An address at which nobody listens."""
        return self._refusing.url

    @property
    def made(self) -> int:
        """How many API requests were made since all was well."""
        return self._serials - self._healed

    # ---- the service's side

    def _answered(self, request: Request) -> Reply:
        stored = self.stored()
        serial, _, state = request.headers.get(LABEL, "").partition(" ")
        is_token = request.path in self.token_paths
        number = int(serial or -1) - self._healed
        if number < 0 and not is_token:
            raise Dropped  # a straggler: its sender has long given up on it
        if number >= self.most:
            self.endless = True
            raise Dropped
        reply: Reply | None = None
        try:
            if is_token:
                reply = self._forwarded(request)
            else:
                reply = self._api(request, number, struck=state == "struck")
            return reply
        finally:
            with self._lock:
                self.exchanges.append(Exchange(request, reply, stored))

    @property
    def asked(self) -> list[Exchange]:
        """The API requests that arrived, in their order."""
        return [each for each in self.exchanges if each.request.path not in self.token_paths]

    def _api(self, request: Request, number: int, *, struck: bool) -> Reply:
        if self._played is not None:
            return self._again(request)
        if self._stuck_at is not None and number > self._stuck_at:
            return self._nth(self._stuck_at)
        if struck and self._fault is not None:
            return self._struck(request, self._fault)
        return self._forwarded(request)

    def _again(self, request: Request) -> Reply:
        """The recorded answer to a request that has to be the recorded one."""
        assert self._played is not None
        before = len(self.asked)
        if before < len(self._played):
            then = self._played[before]
            asked = (request.method, request.target, request.body)
            if asked == (then.request.method, then.request.target, then.request.body) and then.reply:
                return then.reply
        self.strayed = f"{request.method} {request.path}"
        raise Dropped

    def _nth(self, number: int) -> Reply:
        """The answer to the API request of that number."""
        reply = self.asked[number].reply
        if reply is None:
            raise Dropped
        return reply

    def _struck(self, request: Request, fault: Fault) -> Reply:
        if fault.act == "answer":
            headers = (("Content-Type", fault.kind), *fault.headers.items())
            return Reply(fault.status, headers, self._quoted(fault, request).encode())
        if fault.act == "silence":
            self._released.wait(_UPSTREAM_SECONDS)
            raise Dropped
        if fault.act == "reset":
            raise Dropped
        reply = self._forwarded(request)
        half = len(reply.body) // 2
        if fault.act == "cut-off":
            return msgspec.structs.replace(reply, body=reply.body[:half], promised=len(reply.body) or 2)
        if fault.act == "damage":
            return msgspec.structs.replace(reply, body=reply.body[:half] + b' " ' + reply.body[half:])
        raise Dropped

    def _quoted(self, fault: Fault, request: Request) -> str:
        told = f"{request.headers.get('Authorization', '')} {self.told()}"
        return fault.body.replace("{told}", told if fault.kind == HTML else json.dumps(told)[1:-1])

    def _forwarded(self, request: Request) -> Reply:
        """The service's own answer."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_A_HOP}
        connection = HTTPConnection(self._host, self._port, timeout=_UPSTREAM_SECONDS)
        try:
            body = request.body if request.body or request.method in ("POST", "PUT", "PATCH") else None
            connection.request(request.method, request.target, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            passed = tuple((k, v) for k, v in answer.getheaders() if k.lower() not in _OF_A_HOP)
            return Reply(answer.status, passed, self._said(content))
        except (OSError, HTTPException) as error:
            raise Dropped from error
        finally:
            connection.close()

    def _said(self, content: bytes) -> bytes:
        for plain, real in self._says:
            if plain in content:
                self.said += 1
                content = content.replace(plain, real)
        return content
