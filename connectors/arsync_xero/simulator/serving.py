"""The socket: HTTP/1.1 with connections that stay open, one thread each, no log."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .mishaps import DropConnection

_POLL_SECONDS = 0.02


class Handler(WSGIRequestHandler):
    """Serves requests one after the other on a connection.

    werkzeug closes every connection after one answer because an application may leave a body unread; the
    simulator always reads it whole, so its connections can stay.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    live: set[socket.socket]

    def setup(self) -> None:
        super().setup()
        self.live.add(self.connection)

    def finish(self) -> None:
        self.live.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def run_wsgi(self) -> None:
        """One request and its answer."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            begun.append((status, headers))

        application: Callable[..., Any] = self.server.app
        try:
            for piece in application(self.make_environ(), start_response):
                if begun:
                    self._head(*begun.pop())
                self.wfile.write(piece)
        except (DropConnection, OSError):
            self.close_connection = True

    def _head(self, status: str, headers: list[tuple[str, str]]) -> None:
        code, _, reason = status.partition(" ")
        if any(name == "Date" for name, _ in headers):
            self.send_response_only(int(code), reason)
        else:
            self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 the base class's name
        """Nothing: the call log tells more."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing, as above."""


class Server:
    """A running simulator; `url` is its root. Close it, or use it in a `with`."""

    def __init__(self, app: Any, host: str, port: int, before_close: Callable[[], None]) -> None:
        self._live: set[socket.socket] = set()
        self._before_close = before_close
        handler = type("Handler", (Handler,), {"live": self._live})
        self._server: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=handler)
        self.port = self._server.port
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="xero-simulator", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop answering, drop what is open, and give the port back."""
        self._before_close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection in list(self._live):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
