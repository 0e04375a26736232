"""A simulator's WSGI application behind the session's own transport: no socket, everything else as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class InProcess(BaseAdapter):
    """Answers a session's requests by an application. ``before`` is called with each request's number,
    counted from 0 since ``number`` was last set to it; ``now`` is the service's clock."""

    def __init__(self, application: Application, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._application, self._now = application, now
        self._shape = HTTPAdapter()
        self.number = 0
        self.before: Callable[[int], None] = lambda number: None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        self.before(self.number)
        self.number += 1
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        pieces: list[bytes] = []
        try:
            for piece in self._application(_environ(request), lambda *head: begun.append(head[:2])):
                pieces.append(piece)
        except ConnectionError as error:  # the simulator dropped the connection, before or within its answer
            if begun:
                raise requests.exceptions.ChunkedEncodingError(error) from None
            raise requests.exceptions.ConnectionError(error) from None
        [(status, headers)] = begun
        answer = HTTPResponse(
            body=BytesIO(b"".join(pieces)),
            headers=dict([("Date", format_datetime(self._now(), usegmt=True)), *headers]),
            status=int(status.split()[0]),
            preload_content=False,
        )
        return self._shape.build_response(request, answer)

    def close(self) -> None:
        self._shape.close()


class _Wire:
    """What a simulator does to its end of a connection, to reset it."""

    def setsockopt(self, *option: object) -> None:
        """Nothing lingers."""

    def close(self) -> None:
        """Nothing is open."""


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(str(request.url))
    body = request.body or b""
    if isinstance(body, str):
        body = body.encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(url.path),
        "QUERY_STRING": url.query,
        "REQUEST_URI": url.path + (f"?{url.query}" if url.query else ""),
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(len(body)),
        "werkzeug.socket": _Wire(),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key == "ACCEPT_ENCODING":
            continue  # packing and unpacking prove nothing here
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = text
    return environ
