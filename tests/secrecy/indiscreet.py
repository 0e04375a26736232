"""A service that quotes, in its refusals and its nonsense, all that it was sent and all that it knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from arsync.testing.listener import Listener
from arsync.testing.wire import Reply, Request

HTML, JSON, XML = "text/html; charset=utf-8", "application/json", "application/xml"


class Gossip(NamedTuple):
    """An answer; ``{told}`` in its body, and in its headers, is what the service knows."""

    name: str
    status: int
    kind: str
    body: str
    headers: tuple[tuple[str, str], ...] = ()


_PAGE = "<!doctype html><html><head><title>{told}</title></head><body><pre>{told}</pre></body></html>"
_OAUTH = '{"error": "{told}", "error_description": "{told}"}'
_INTUIT = '{"Fault": {"Error": [{"Message": "{told}", "Detail": "{told}", "code": "%s"}], "type": "X"}}'
_XERO = '{"Type": "ValidationException", "Message": "{told}", "Detail": "{told}", "Title": "{told}"}'
GOSSIP = (
    Gossip("400 OAuth", 400, JSON, _OAUTH),
    Gossip("400 Intuit", 400, JSON, _INTUIT % "2010"),
    Gossip("400 Xero", 400, JSON, _XERO),
    Gossip("400 page", 400, HTML, _PAGE),
    Gossip("401 Intuit", 401, JSON, _INTUIT.lower() % "3200"),
    Gossip("401 page", 401, HTML, _PAGE, (("WWW-Authenticate", 'Bearer error="{told}"'),)),
    Gossip("403 Xero", 403, JSON, _XERO),
    Gossip("404 page", 404, HTML, _PAGE),
    Gossip("429 XML", 429, XML, "<Fault><Error code='3001'><Message>{told}</Message></Error></Fault>"),
    Gossip("500 Intuit", 500, JSON, _INTUIT % "10000"),
    Gossip("503 page", 503, HTML, _PAGE, (("Retry-After", "{told}"),)),
    Gossip("200 page", 200, HTML, _PAGE),
    Gossip("200 Intuit", 200, JSON, _INTUIT % "{told}"),
    Gossip(
        "200 odd",
        200,
        JSON,
        '{"access_token": {"{told}": 1}, "QueryResponse": "{told}", "Invoices": "{told}"}',
    ),
    Gossip("200 cut", 200, JSON, '{"QueryResponse": {"Invoice": [{"DocNumber": "{told}", "Id": '),
    Gossip("302", 302, HTML, _PAGE, (("Location", "https://elsewhere.example/?{told}"),)),
)


class Indiscreet:
    """Between arsync and a simulated service; ``url`` is where it listens. Nothing is changed until it
    gossips. ``extra`` is what the service knows besides what it is asked; ``told`` counts what it told."""

    def __init__(self, address: str, extra: str) -> None:
        parts = urlsplit(address)
        self._host, self._port, self._extra = parts.hostname or "", parts.port or 80, extra
        self._gossip: Gossip | None = None
        self._where: Callable[[str], bool] = lambda path: True
        self.told = 0
        self._listener = Listener(self._answer)
        self.url = self._listener.url

    def close(self) -> None:
        self._listener.close()

    @contextmanager
    def gossiping(self, gossip: Gossip, where: Callable[[str], bool] = lambda path: True) -> Iterator[None]:
        """Each request whose path fits is answered so."""
        self._gossip, self._where, self.told = gossip, where, 0
        try:
            yield
        finally:
            self._gossip = None

    def _answer(self, request: Request) -> Reply:
        if self._gossip is None or not self._where(request.path):
            return self._forwarded(request)
        self.told += 1
        sent = request.headers.get("Authorization", "")
        told = f"{sent} {request.target} {request.body.decode('utf-8', 'replace')} {self._extra}"
        inside = json.dumps(told)[1:-1] if self._gossip.kind == JSON else told
        line = told.encode("ascii", "replace").decode().replace("\r", " ").replace("\n", " ")
        headers = tuple((name, text.replace("{told}", line[:2000])) for name, text in self._gossip.headers)
        body = self._gossip.body.replace("{told}", inside).encode()
        return Reply(self._gossip.status, (("Content-Type", self._gossip.kind), *headers), body)

    def _forwarded(self, request: Request) -> Reply:
        connection = HTTPConnection(self._host, self._port, timeout=30)
        try:
            headers = {name: text for name, text in request.headers.items() if name.lower() != "connection"}
            connection.request(request.method, request.target, request.body or None, headers)
            answer = connection.getresponse()
            body = answer.read()
            skipped = ("content-length", "transfer-encoding", "connection")
            kept = tuple((name, text) for name, text in answer.getheaders() if name.lower() not in skipped)
            return Reply(answer.status, kept, body)
        finally:
            connection.close()
