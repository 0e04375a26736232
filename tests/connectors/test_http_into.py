"""Bodies that are written into a file: the same calls, bytes, retries and faults as without one."""

from __future__ import annotations

import errno
import gc
import gzip
import random
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from typing import IO

import pytest
import requests

from arsync.connector import Http, Wait
from arsync.connector.receiving import BEGINNING
from arsync.errors import ArsyncError, Refused, TryLater
from arsync.testing.listener import Listener
from arsync.testing.wire import Reply, Request

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG = bytes(random.Random(0).choices(b"abcdefgh\n", k=3 * BEGINNING + 7))
PACKED = gzip.compress(LONG)


class Service:
    """Gives its replies in turn; the last one from then on."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.slept: list[float] = []
        self._listener = Listener(self._answer)
        self.http = Http(server=self._listener.url, clock=lambda: NOON, sleep=self.slept.append)

    def _answer(self, request: Request) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def call(self, into: IO[bytes] | None, *replies: Reply) -> requests.Response:
        self.replies = list(replies)
        return self.http.call("GET", "https://api.example/report", verdict=verdict, into=into)

    def close(self) -> None:
        self.http.close()
        self._listener.close()


def verdict(answer: requests.Response) -> Wait | ArsyncError | None:
    if answer.status_code == 200 and not answer.content.startswith(b"fault"):
        return None
    return Wait("busy", 1.0) if answer.status_code in (200, 503) else Refused("no")


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


def reply(
    body: bytes, status: int = 200, *, packing: tuple[tuple[str, str], ...] = (), promised: int | None = None
) -> Reply:
    return Reply(status, packing, body, promised)


GZIP = (("Content-Encoding", "gzip"),)
GOOD = reply(LONG)


@pytest.mark.parametrize("good", [GOOD, reply(PACKED, packing=GZIP)])
def test_the_file_has_it_all_and_the_answer_its_beginning(service: Service, good: Reply) -> None:
    file = BytesIO()
    answer = service.call(file, good)
    assert file.getvalue() == LONG
    assert answer.content == LONG[:BEGINNING]
    assert service.http.meter.bytes == len(good.body)


def test_of_a_short_body_the_answer_has_everything(service: Service) -> None:
    file = BytesIO()
    assert service.call(file, reply(b"short")).content == b"short"
    assert file.getvalue() == b"short"


@pytest.mark.parametrize(
    "bad",
    [
        reply(LONG[:-5], promised=len(LONG)),
        reply(PACKED[:-9000], packing=GZIP, promised=len(PACKED)),
        reply(b"not packed at all", packing=GZIP),
        reply(LONG + LONG, 503),
        reply(b"fault" + LONG),
    ],
    ids=["cut off", "cut off and packed", "badly packed", "busy", "busy with 200"],
)
def test_what_may_be_tried_again_is_and_leaves_nothing_behind(service: Service, bad: Reply) -> None:
    file = BytesIO()
    service.call(None, bad, GOOD)
    without = (service.http.meter.calls, service.http.meter.bytes, len(service.slept))
    service.call(file, bad, GOOD)
    assert without[0] == 2
    assert (service.http.meter.calls, service.http.meter.bytes, len(service.slept)) == tuple(
        2 * each for each in without
    )
    assert file.getvalue() == LONG


def test_a_body_that_is_always_cut_off_ends_the_run(service: Service) -> None:
    with pytest.raises(TryLater, match="cut off"):
        service.call(BytesIO(), reply(LONG[:-5], promised=len(LONG)))
    assert service.http.meter.calls == 4


def test_a_refusal_is_final(service: Service) -> None:
    with pytest.raises(Refused):
        service.call(BytesIO(), reply(LONG, 400), GOOD)
    assert service.http.meter.calls == 1


class Full(BytesIO):
    """A file on a disk with room for 100,000 bytes."""

    def write(self, block: bytes) -> int:  # type: ignore[override]
        if self.tell() + len(block) > 100_000:
            raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/else")
        return super().write(block)


@pytest.fixture
def _others_swept() -> None:
    """What earlier tests left to the collector is theirs, and no longer there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.mark.usefixtures("_others_swept")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_disk_that_is_full_is_said_and_not_tried_again(service: Service) -> None:
    with pytest.raises(ArsyncError) as caught:
        service.call(Full(), GOOD)
    assert str(caught.value) == "the answer cannot be held in a temporary file: No space left on device"
    assert service.http.meter.calls == 1
    del caught
    gc.collect()  # a connection that was not closed would be told of here
    assert service.call(None, GOOD).content == LONG


class Waiting(BaseHTTPRequestHandler):
    """Sends half of the body, and the rest once some of it has been written."""

    written: threading.Event

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(LONG)))
        self.end_headers()
        self.wfile.write(LONG[: 2 * BEGINNING])
        self.wfile.flush()
        if self.written.wait(timeout=60):
            self.wfile.write(LONG[2 * BEGINNING :])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


class Telling(BytesIO):
    """Tells of the first bytes that are written into it."""

    def write(self, block: bytes) -> int:  # type: ignore[override]
        Waiting.written.set()
        return super().write(block)


def test_a_body_is_written_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Waiting, "written", threading.Event(), raising=False)
    with HTTPServer(("127.0.0.1", 0), Waiting) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        http = Http(server=url, clock=lambda: NOON, sleep=lambda seconds: None)
        file = Telling()
        http.call("GET", "https://api.example/report", verdict=verdict, repeat="once", into=file)
        http.close()
        thread.join()
    assert file.getvalue() == LONG
