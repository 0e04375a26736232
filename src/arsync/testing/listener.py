"""Sockets of the wire: one that answers, and one at which nobody does."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from arsync.testing.wire import Reply, Request

_HERE = "127.0.0.1"
_IDLE_SECONDS = 30.0
_POLL_SECONDS = 0.01


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for those who still answer
    answer: Callable[[Request], Reply]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """No more requests from those who keep their connection (an error's traceback may hold it)."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connector that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _IDLE_SECONDS
    server: _Server

    def answer(self) -> None:
        """One request and its answer, or a broken connection."""
        from arsync.testing.wire import Request

        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        try:
            reply = self.server.answer(request)
            self.send_response_only(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            promised = len(reply.body) if reply.promised is None else reply.promised
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()
            self.close_connection = self.close_connection or promised != len(reply.body)
        except ConnectionError:
            self._reset()

    def _reset(self) -> None:
        """Close with a reset instead of an orderly end."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The wire keeps its own log."""


for _verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_verb}", _Handler.answer)


class Listener:
    """Answers at ``url`` until it is closed."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self._server = _Server((_HERE, 0), _Handler)
        self._server.answer = answer
        self.url = f"http://{_HERE}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


class Refusing:
    """A port that is taken and at which nobody listens: the system refuses connections to it."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind((_HERE, 0))
        self.url = f"http://{_HERE}:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._socket.close()
