"""Connections on which a request comes to an end, however slowly its answer drips, and on which a write's
bytes are sent in a moment that the caller gives.

A read time-out begins anew with each byte that arrives, so that a service that sends one a minute could
hold a run for ever. Here each read waits no longer than what is left of the request's time, for the lines
of the head as for the body.
"""

from __future__ import annotations

import io
import math
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# Gives a context manager: a moment in which something may be sent.
Moment = Callable[[], AbstractContextManager[None]]


class Transport(HTTPAdapter):
    """The transport of a session that makes one request at a time. ``ends`` is the instant of
    ``time.monotonic`` by which the one under way has its whole answer; after it reads time out. The bytes of
    a request, and not the connecting before or the waiting after, are sent inside of ``sending()``."""

    def __init__(self) -> None:
        self.ends = math.inf
        self.sending: Moment = nullcontext
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._pool(HTTPConnectionPool),
            "https": self._pool(HTTPSConnectionPool),
        }

    @contextmanager
    def inside(self, moment: Moment) -> Iterator[None]:
        """Requests that are made meanwhile are sent inside of such a moment."""
        self.sending = moment
        try:
            yield
        finally:
            self.sending = nullcontext

    def _pool(self, kind: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
        plain = kind.ConnectionCls

        def request(connection: Any, *args: Any, **options: Any) -> None:
            if connection.sock is None:
                connection.connect()
            with self.sending():
                plain.request(connection, *args, **options)

        ways = {"response_class": staticmethod(partial(_Response, self)), "request": request}
        connection = type("Connection", (plain,), ways)
        return type("Pool", (kind,), {"ConnectionCls": connection})


class _Response(HTTPResponse):
    """Reads its head and its body through ``_Reader``."""

    def __init__(self, transport: Transport, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(_Readable(transport, sock), *args, **options)  # type: ignore[arg-type]


class _Readable:
    """All that http.client wants of a socket that it reads from."""

    def __init__(self, transport: Transport, sock: socket.socket) -> None:
        self._transport, self._sock = transport, sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._transport, self._sock))


class _Reader(io.RawIOBase):
    def __init__(self, transport: Transport, sock: socket.socket) -> None:
        self._transport, self._sock = transport, sock
        self._longest = sock.gettimeout()
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._transport.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer did not come in time")
        self._sock.settimeout(min(left, math.inf if self._longest is None else self._longest))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
