"""HTTP on loopback: HTTP/1.1 with connections that stay open, and that can be broken on purpose."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .mishaps import Dropped


class _Connections:
    """The connections that are open now, with their threads, so that none outlives the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, socket.socket] = {}

    def entered(self, connection: socket.socket) -> None:
        with self._lock:
            self._open[threading.current_thread()] = connection

    def left(self) -> None:
        with self._lock:
            self._open.pop(threading.current_thread(), None)

    def close(self) -> None:
        with self._lock:
            pending = dict(self._open)
            for connection in pending.values():
                # the reading side alone: an answer under way may still go out
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    continue
        for thread in pending:
            thread.join(timeout=5)


def _handler(connections: _Connections) -> type[WSGIRequestHandler]:
    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet for headers and a short body

        def setup(self) -> None:
            connections.entered(self.request)
            super().setup()

        def finish(self) -> None:
            try:
                super().finish()
            except OSError:  # the caller went away with an answer half sent
                self.rfile.close()
            finally:
                connections.left()

        def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
            """Say nothing: the simulator keeps its own log of calls."""

        def run_wsgi(self) -> None:
            # werkzeug's own closes every connection, and drains the socket into the next request
            if self.headers.get("Expect", "").lower() == "100-continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                self.wfile.flush()
            self.environ = environ = self.make_environ()
            stream = environ["wsgi.input"]
            chunked = environ.get("wsgi.input_terminated", False)
            size = int(environ.get("CONTENT_LENGTH") or 0)
            environ["wsgi.input"] = BytesIO(stream.read() if chunked else stream.read(size))
            try:
                self._answer(self.server.app(environ, self._start_response))
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def _start_response(self, status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
            code, _, phrase = status.partition(" ")
            if any(name == "Date" for name, _ in headers):
                self.send_response_only(int(code), phrase)
            else:
                self.send_response(int(code), phrase)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()

        def _answer(self, pieces: Iterable[bytes]) -> None:
            try:
                for piece in pieces:
                    self.wfile.write(piece)
                    self.wfile.flush()
            except Dropped:
                self.wfile.flush()
                raise

    return Handler


class RunningServer:
    """The server in its thread: ``url``, and ``close()``, also as a context manager."""

    def __init__(self, app: Any, host: str, port: int, closing: threading.Event) -> None:
        self._connections = _Connections()
        self._closing = closing
        closing.clear()
        self._server: BaseWSGIServer = make_server(
            host, port, app, threaded=True, request_handler=_handler(self._connections)
        )
        self.host = host
        self.port: int = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """Stop answering and let go of every connection."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._connections.close()

    def __enter__(self) -> RunningServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
