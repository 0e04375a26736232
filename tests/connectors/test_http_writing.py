"""The bytes of a write are sent in a moment that the caller gives, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from arsync.connector import Http
from arsync.connector.http import Repeat


class NotNow(Exception):
    pass


class Service:
    """Notes in which order requests come in, and what was noted beside them."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @contextmanager
    def moment(self) -> Iterator[None]:
        self.seen.append("begins")
        yield
        self.seen.append("is over")

    @contextmanager
    def refused(self) -> Iterator[None]:
        raise NotNow
        yield


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def http(service: Service) -> Iterator[Http]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            service.seen.append("a request")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        place = f"http://127.0.0.1:{server.server_address[1]}"
        made = Http(server=place, clock=lambda: datetime.now(UTC), sleep=lambda seconds: None)
        made.writing = service.moment
        yield made
        made.close()
        server.shutdown()


def put(http: Http, repeat: Repeat) -> requests.Response:
    return http.call(
        "PUT", "https://vendor.example/x", verdict=lambda answer: None, repeat=repeat, data="a note"
    )


@pytest.mark.parametrize("repeat", ["keyed", "once"])
def test_a_write_is_sent_inside_of_it(http: Http, service: Service, repeat: Repeat) -> None:
    """Once for each: the second goes over the connection of the first."""
    for number in (1, 2):
        put(http, repeat)
        assert service.seen.count("begins") == service.seen.count("is over") == number
        assert service.seen.count("a request") == number
    assert service.seen[0] == "begins"


def test_what_reads_is_not(http: Http, service: Service) -> None:
    put(http, "read")
    assert service.seen == ["a request"]


def test_where_it_is_refused_nothing_is_sent(http: Http, service: Service) -> None:
    put(http, "keyed")  # there is a connection already
    http.writing = service.refused
    with pytest.raises(NotNow):
        put(http, "keyed")
    http.writing = service.moment
    put(http, "keyed")
    assert service.seen.count("a request") == 2


def test_connecting_is_not_a_part_of_it(service: Service) -> None:
    """A service that cannot be reached keeps nobody waiting."""
    http = Http(server="http://127.0.0.1:9", clock=lambda: datetime.now(UTC), sleep=lambda seconds: None)
    http.writing = service.moment
    with pytest.raises(Exception, match="cannot be reached"):
        put(http, "once")
    http.close()
    assert service.seen == []
