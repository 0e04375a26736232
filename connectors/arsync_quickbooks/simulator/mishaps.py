"""Mishaps on demand: what a service and a network do on a bad day.

=====================  =======================================================================================
kind                   what the caller meets
=====================  =======================================================================================
429-json               too many requests, as a JSON Fault 3001
429-xml                the same as XML, as recorded
403-throttle           the older throttle: status 403, XML, code 3001
401-expired            a 401 in its lower-case shape, though the token is good
500                    a JSON SystemFault 10000
503-html               a page of a proxy
malformed-json         200 and a body that is cut, with a matching length
cut-off-body           200, half of the promised body, then the connection closes
reset-before-commit    the connection is reset; nothing was done
reset-after-commit     the connection is reset; what was asked has been done
silent                 no answer for ``seconds``, then the connection closes
slow-drip              the answer arrives in pieces over ``seconds``
200-with-fault         status 200 with a ``Fault``
200-with-fault-lower   status 200 with a lower-case ``fault``
date-ahead             the answer, with a Date header that is an hour late
date-behind            the same, an hour early
=====================  =======================================================================================

With ``commit`` what was asked is done nevertheless, before a kind that otherwise does nothing.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from . import fault, wire
from .reply import HTML, XML, Reply

KINDS = frozenset(
    (
        "429-json 429-xml 403-throttle 401-expired 500 503-html malformed-json cut-off-body "
        "reset-before-commit reset-after-commit silent slow-drip 200-with-fault 200-with-fault-lower "
        "date-ahead date-behind"
    ).split()
)
# Whether the server closes is looked up this often while an answer waits.
_LOOK_SECONDS = 0.05
_PAGE = b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"


class Dropped(ConnectionError):
    """The connection is gone; there is no answer."""


@dataclass
class Rule:
    """One mishap: it passes over the first ``after`` matching requests and strikes the next ``times``.
    ``release`` ends every wait that it causes."""

    kind: str
    path_regex: str = "^/v3/"
    method: str | None = None
    body_regex: str | None = None
    times: int | None = 1
    after: int = 0
    seconds: float = 1.0
    retry_after: int | None = None
    commit: bool = False
    fault: fault.Fault | None = None
    seen: int = 0
    hits: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Wait no longer, now and later."""
        self.released.set()

    def wait(self, seconds: float, closing: threading.Event) -> None:
        """For so long, unless it is released or the server closes."""
        end = time.monotonic() + seconds
        while not closing.is_set() and (left := end - time.monotonic()) > 0:
            if self.released.wait(min(left, _LOOK_SECONDS)):
                return

    def matches(self, method: str, path: str, body: bytes) -> bool:
        if self.method is not None and self.method.upper() != method:
            return False
        if re.search(self.path_regex, path) is None:
            return False
        text = body.decode("utf-8", "replace")
        return self.body_regex is None or re.search(self.body_regex, text) is not None


@dataclass
class FaultRules:
    """The rules in force; the first that matches a request strikes."""

    rules: list[Rule] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    """Set when the server closes, so that a silent answer does not hold it up."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        kind: str,
        path_regex: str = "^/v3/",
        method: str | None = None,
        times: int | None = 1,
        after: int = 0,
        *,
        body_regex: str | None = None,
        seconds: float = 1.0,
        retry_after: int | None = None,
        commit: bool = False,
        fault: fault.Fault | None = None,
    ) -> Rule:
        """A mishap for requests whose path with query, and whose body, match; ``times=None`` is for ever.

        By default it strikes API calls alone, not those for tokens. ``fault`` replaces the Fault that the
        kinds ``500`` and ``200-with-fault`` show. ``ValueError`` for an unknown kind. The rule returned
        counts its ``hits``.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known: {', '.join(sorted(KINDS))}")
        rule = Rule(kind, path_regex, method, body_regex, times, after, seconds, retry_after, commit, fault)
        with self._lock:
            self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """No more mishaps, also for those who wait."""
        with self._lock:
            for rule in self.rules:
                rule.release()
            self.rules.clear()

    def strike(self, method: str, path: str, body: bytes) -> Rule | None:
        """The rule for this request, counted; None if it goes through unharmed."""
        with self._lock:
            for rule in self.rules:
                if rule.times is not None and rule.hits >= rule.times:
                    continue
                if not rule.matches(method, path, body):
                    continue
                rule.seen += 1
                if rule.seen > rule.after:
                    rule.hits += 1
                    return rule
        return None


def perform(
    rule: Rule,
    answer: Callable[[], Reply],
    connection: socket.socket,
    closing: threading.Event,
    now: datetime,
) -> Reply:
    """What the caller meets instead of ``answer()``; raises ``Dropped`` where it meets nothing."""
    if rule.kind == "reset-after-commit" or rule.commit:
        answer()
    if rule.kind.startswith("reset"):
        _reset(connection)
    if rule.kind == "silent":
        rule.wait(rule.seconds, closing)
        raise Dropped("silent")
    if rule.kind.startswith("date-"):
        reply, hour = answer(), timedelta(hours=1 if rule.kind == "date-ahead" else -1)
        reply.headers["Date"] = format_datetime(now.astimezone(UTC) + hour, usegmt=True)
        return reply
    if rule.kind in ("malformed-json", "cut-off-body", "slow-drip"):
        return _spoilt(rule, answer(), closing)
    return canned(rule.kind, now, rule.retry_after, rule.fault)


def canned(
    kind: str, now: datetime, retry_after: int | None = None, shown: fault.Fault | None = None
) -> Reply:
    """An error answer of this kind."""
    if kind == "503-html":
        reply = Reply(503, _PAGE, HTML)
    elif kind in ("429-xml", "403-throttle"):
        refusal = fault.throttled(int(kind[:3]))
        reply = Reply(refusal.status, refusal.xml(now).encode(), XML)
    elif kind.startswith("200"):
        refusal = shown or fault.server_error()
        lower = kind.endswith("lower")
        reply = Reply(200, wire.encode(refusal.lower_body(now) if lower else refusal.body(now)))
    else:
        refusal = {
            "429-json": fault.throttled(),
            "401-expired": fault.expired("AB0simulated"),
            "500": shown or fault.server_error(),
        }[kind]
        reply = Reply(refusal.status, wire.encode(refusal.body(now)), "application/json")
    if retry_after is not None:
        reply.headers["Retry-After"] = str(retry_after)
    return reply


def _reset(connection: socket.socket) -> None:
    """Close with a reset instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise Dropped("reset")


def _spoilt(rule: Rule, reply: Reply, closing: threading.Event) -> Reply:
    if rule.kind == "malformed-json":
        reply.body = reply.body[: len(reply.body) * 2 // 3]
    elif rule.kind == "cut-off-body":
        reply.pieces = _half(reply)
    else:
        reply.pieces = _dripping(reply, rule, closing)
    return reply


def _half(reply: Reply) -> Iterator[bytes]:
    yield reply.body[: len(reply.body) // 2]
    raise Dropped("cut off")


def _dripping(reply: Reply, rule: Rule, closing: threading.Event) -> Iterator[bytes]:
    pieces = 10
    size = max(1, -(-len(reply.body) // pieces))
    for start in range(0, len(reply.body), size):
        rule.wait(rule.seconds / pieces, closing)
        if closing.is_set():
            raise Dropped("closing")
        yield reply.body[start : start + size]
