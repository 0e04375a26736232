"""The seam itself: a request has an end, a body a size, an address stays, a certificate has to be good, and
an idempotency key is not used beyond its life."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
import requests

from arsync.connector import Http, Wait, receiving
from arsync.connector import http as seam
from arsync.errors import TryLater
from arsync.testing.listener import Listener
from arsync.testing.wire import Reply, Request
from slept_clock import SleptClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://api.example/things?secret=word"
# Self-signed, for localhost and 127.0.0.1.
CERTIFICATE = Path(__file__).parents[1] / "mail" / "catcher.pem"


def fine(answer: requests.Response) -> Wait | None:
    return None if answer.status_code == 200 else Wait("busy", 20.0)


def http_to(url: str, clock: SleptClock | None = None) -> closing[Http]:
    clock = clock or SleptClock(NOON)
    return closing(Http(server=url, clock=clock, sleep=clock.sleep))


@contextmanager
def listening(
    answer: Callable[[Request], Reply], clock: SleptClock | None = None
) -> Iterator[tuple[Http, str]]:
    with closing(Listener(answer)) as listener, http_to(listener.url, clock) as http:
        yield http, listener.url


@contextmanager
def dripping(head: bytes, drop: bytes, drops: int) -> Iterator[str]:
    """A server that sends a head, and then some bytes again and again, a hundredth of a second apart."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

        def drip(connection: socket.socket) -> None:
            with connection:
                connection.recv(65536)
                try:
                    connection.sendall(head)
                    for _ in range(drops):
                        connection.sendall(drop)
                        if over.wait(0.01):
                            return
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (OK + b"Content-Length: 300\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (OK, b"X-Drop: 1\r\n"),
        (b"", b"H"),
    ],
    ids=["body", "chunks", "headers", "status line"],
)
@pytest.mark.parametrize("into", [None, BytesIO()])
def test_a_drip_comes_to_an_end(
    monkeypatch: pytest.MonkeyPatch, head: bytes, drop: bytes, into: BytesIO | None
) -> None:
    """No pause between two bytes is long, and all of them would take three seconds."""
    monkeypatch.setattr(seam, "REQUEST_SECONDS", 0.2)
    with dripping(head, drop, 300) as server, http_to(server) as http:
        with pytest.raises(TryLater, match="no answer in time"):
            http.call("GET", URL, verdict=fine, into=into)
        assert http.meter.calls == seam.ATTEMPTS
        with pytest.raises(TryLater, match="no answer in time"):
            http.token_call(URL, {}, None)


def test_an_app_with_a_character_that_was_pasted_along() -> None:
    """The token service says that it does not know it; nothing breaks before."""
    said: list[str] = []

    def answer(request: Request) -> Reply:
        said.append(request.headers["Authorization"])
        return Reply(401, (), b"{}")

    with listening(answer) as (http, _):
        http.token_call(URL, {}, ("id\u2013", "se\u200bcret"))
    assert said == ["Basic " + b64encode("id\u2013:se\u200bcret".encode()).decode()]


def test_a_connection_serves_the_next_request_with_its_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one request left of its time is not what the next one has."""
    with listening(lambda request: Reply(200, (), b"fine")) as (http, _):
        for seconds in (0.5, 60.0, 0.5):
            monkeypatch.setattr(seam, "REQUEST_SECONDS", seconds)
            assert http.call("GET", URL, verdict=fine).content == b"fine"


PACKED = (("Content-Encoding", "gzip"),)
LONG = bytes(3 * 1024 * 1024)


@pytest.mark.parametrize("reply", [Reply(200, (), LONG), Reply(200, PACKED, gzip.compress(LONG))])
@pytest.mark.parametrize("into", [None, BytesIO()])
def test_a_body_without_end_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, reply: Reply, into: BytesIO | None
) -> None:
    """Not even one that is small on the wire; and it is not asked for again."""
    monkeypatch.setattr(receiving, "LONGEST_BODY", 1024 * 1024)
    monkeypatch.setattr(receiving, "LONGEST_FILE", 2 * 1024 * 1024)
    with listening(lambda request: reply) as (http, _):
        with pytest.raises(TryLater, match=f"more than {1 if into is None else 2} MB"):
            http.call("GET", URL, verdict=fine, into=into)
        assert http.meter.calls == 1
        assert into is None or len(into.getvalue()) <= 2 * 1024 * 1024


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    """Neither with the token nor with the secret of the app."""
    gone: list[Request] = []

    def elsewhere(request: Request) -> Reply:
        gone.append(request)
        return Reply(200, (), b"{}")

    with closing(Listener(elsewhere)) as other:
        reply = Reply(status, (("Location", f"{other.url}/things"),), b"")
        with listening(lambda request: reply) as (http, url):
            with pytest.raises(TryLater) as caught:
                http.call("GET", URL, verdict=fine)
            with pytest.raises(TryLater):
                http.token_call(URL, {"refresh_token": "word"}, ("client", "secret"))
            assert http.meter.calls == 1
            assert f"{url.removeprefix('http://')} sends the request elsewhere (answer {status})" in str(
                caught.value
            )
            assert "word" not in str(caught.value)
    assert gone == []


class Counting(BaseHTTPRequestHandler):
    """Tells how many requests came."""

    came = 0

    def do_GET(self) -> None:
        Counting.came += 1
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - the base class's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def secure() -> Iterator[str]:
    """A server with a certificate that nobody vouches for; its address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    Counting.came = 0
    with HTTPServer(("127.0.0.1", 0), Counting) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_certificate_has_to_be_good(secure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says; the attempt is not repeated, and nothing was sent."""
    monkeypatch.setattr(seam, "CONNECT_SECONDS", 60.0)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(CERTIFICATE))
    with http_to(secure) as http:
        for ask in (
            lambda: http.call("GET", URL, verdict=fine),
            lambda: http.token_call(URL, {"refresh_token": "word"}, None),
        ):
            with pytest.raises(TryLater) as caught:
                ask()
            host = secure.removeprefix("https://")
            assert str(caught.value).startswith(f"{host} showed a certificate that is not good for it")
            assert "date" in str(caught.value)
        assert (http.meter.calls, Counting.came) == (1, 0)
        http._session.verify = str(CERTIFICATE)  # were it trusted, it would be good
        assert http.call("GET", URL, verdict=fine).status_code == 200


@pytest.mark.parametrize(
    ("life", "calls"),
    [(None, 4), (1000.0, 4), (60.0, 3), (41.0, 3), (40.0, 2), (20.0, 1), (5.0, 1)],
)
def test_a_key_is_not_used_beyond_its_life(life: float | None, calls: int) -> None:
    """Twenty seconds between two attempts: none is made when its key would be too old, and none is waited
    for in vain."""
    clock = SleptClock(NOON)
    key_life = None if life is None else timedelta(seconds=life)
    with listening(lambda request: Reply(503, (), b""), clock) as (http, _):
        with pytest.raises(TryLater, match="busy"):
            http.call("PUT", URL, verdict=fine, repeat="keyed", data=b"{}", key_life=key_life)
        assert http.meter.calls == calls
        assert clock.slept == [20.0] * (calls - 1)


@pytest.mark.parametrize("moment", ["sleeping", "pacing", "renewing"])
def test_a_machine_that_slept_does_not_use_an_old_key(moment: str) -> None:
    """Six minutes are gone between two attempts, wherever they went."""
    clock = SleptClock(NOON)
    attempts: list[str] = []

    def asleep(here: str) -> None:
        if here == moment and attempts:
            clock.at += timedelta(minutes=6)

    class Pace:
        def try_acquire(self, name: str = "call", weight: int = 1) -> None:
            asleep("pacing")

    def renew() -> dict[str, str]:
        asleep("renewing")
        return {}

    def answer(request: Request) -> Reply:
        attempts.append(request.method)
        return Reply(503, (), b"")

    clock.sleep = lambda seconds: asleep("sleeping")  # type: ignore[method-assign]
    with listening(answer, clock) as (http, _), pytest.raises(TryLater):
        http.call(
            "PUT", URL, verdict=fine, repeat="keyed", budget=Pace(), renew=renew, data=b"{}",
            key_life=timedelta(minutes=5),
        )  # fmt: skip
    assert attempts == ["PUT"]


def test_a_write_without_a_key_is_made_once() -> None:
    came: list[str] = []

    def answer(request: Request) -> Reply:
        came.append(request.method)
        raise ConnectionError

    with listening(answer) as (http, _), pytest.raises(TryLater):
        http.call("POST", URL, verdict=fine, repeat="once", data=b"{}")
    assert came == ["POST"]
