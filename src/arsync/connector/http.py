"""The one seam through which every connector talks HTTP.

Here and nowhere else: time-outs, gzip, retries that obey the service's wait, the tenant's rate
budget, replacing the vendor's hosts by a book's own ``server``, counting of calls and bytes, and
turning the network's faults into ``arsync.errors``. A text made here never holds a body, a token
or a query string.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO, Literal, Protocol
from urllib.parse import urlsplit, urlunsplit

import msgspec
import requests
import tenacity

from arsync.errors import ArsyncError, TryLater

CONNECT_SECONDS, READ_SECONDS = 5.0, 65.0
ATTEMPTS = 4
# A wait that the service asks for and that is longer than this ends the book's run instead.
LONGEST_WAIT = timedelta(seconds=90)
# No service means more than this; a day limit ends within a day.
LONGEST_TOLD = timedelta(days=31)
# Bytes of a body in a file that its answer still shows; all of what a service says of a fault.
BEGINNING = 65536


class Budget(Protocol):
    """Lets a call through, after a wait if need be (a pyrate-limiter Limiter is one)."""

    def try_acquire(self, name: str = ..., weight: int = ...) -> object: ...


class Wait(msgspec.Struct, frozen=True):
    """A connector's verdict on an answer: throttled or failing for now. ``seconds`` None: not told."""

    problem: str
    seconds: float | None = None


# A connector's reading of an answer: None is fine, Wait may be tried again, an error is final.
Verdict = Callable[[requests.Response], Wait | ArsyncError | None]
# "read" and "keyed" (a write under the vendor's idempotency key) may be repeated; "once" may not.
Repeat = Literal["read", "keyed", "once"]


class Meter(msgspec.Struct):
    """What a run has cost: API calls, token calls, and bytes received as they came over the wire."""

    calls: int = 0
    token_calls: int = 0
    bytes: int = 0


class _Again(Exception):
    def __init__(self, wait: Wait) -> None:
        self.wait = wait


class Http:
    """Requests of one book. ``server`` replaces scheme and host of every address, paths unchanged."""

    def __init__(
        self,
        *,
        server: str | None = None,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._server, self._clock, self._sleep = server, clock, sleep
        self.meter = Meter()
        self._session = requests.Session()
        # A book's requests go where its settings say, with its own tokens: no proxy address,
        # .netrc entry or cookie of the machine has a say in that.
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def place(self, url: str) -> str:
        """Where a vendor's address is really asked: the same, or the book's own server."""
        if self._server is None:
            return url
        here, there = urlsplit(self._server), urlsplit(url)
        return urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))

    def call(
        self,
        method: str,
        url: str,
        *,
        verdict: Verdict,
        repeat: Repeat = "read",
        budget: Budget | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: bytes | str | None = None,
        renew: Callable[[], Mapping[str, str]] | None = None,
        into: IO[bytes] | None = None,
    ) -> requests.Response:
        """One API request, repeated where ``repeat`` and the verdict allow it.

        ``renew`` gives headers that are asked for anew at each attempt (the bearer token). ``into`` is
        a file for a body that may be too large to be held: each attempt empties it and writes the
        body into it, and the answer's ``content`` is no more than the first ``BEGINNING`` bytes, for
        the verdict too. Raises TryLater when the attempts are used up, or the service asks for a
        longer wait; else what the verdict says.
        """

        def attempt() -> requests.Response:
            if budget is not None:
                budget.try_acquire("call")
            fresh = {**(headers or {}), **(renew() if renew else {})}
            self.meter.calls += 1
            answer = self._ask(method, url, headers=fresh, params=params, data=data, repeat=repeat, into=into)
            outcome = verdict(answer)
            if isinstance(outcome, ArsyncError):
                raise outcome
            if outcome is not None:
                raise _Again(outcome) if repeat != "once" else self._later(outcome)
            return answer

        try:
            return self._retrying()(attempt)
        except _Again as again:
            raise self._later(again.wait) from None

    def token_call(
        self, url: str, form: Mapping[str, str], auth: tuple[str, str] | None
    ) -> requests.Response:
        """A request to a token service; never repeated (a rotation must not happen twice unseen)."""
        self.meter.token_calls += 1
        try:
            return self._session.post(
                self.place(url),
                data=dict(form),
                auth=auth,
                headers={"Accept": "application/json"},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TryLater(f"{_host(self.place(url))} cannot be reached ({_fault(error)})") from None

    def _ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        data: bytes | str | None,
        repeat: Repeat,
        into: IO[bytes] | None,
    ) -> requests.Response:
        target = self.place(url)
        try:
            answer = self._session.request(
                method,
                target,
                headers=headers,
                params=params,
                data=data.encode() if isinstance(data, str) else data,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=into is not None,
            )
            if into is not None:
                _pour(answer, into)
        except requests.RequestException as error:
            wait = Wait(f"{_host(target)} cannot be reached ({_fault(error)})")
            raise _Again(wait) if repeat != "once" else self._later(wait) from None
        self.meter.bytes += answer.raw.tell() if answer.raw is not None else len(answer.content)
        return answer

    def _retrying(self) -> tenacity.Retrying:
        pause = tenacity.wait_exponential_jitter(initial=1, max=20)

        def wait(state: tenacity.RetryCallState) -> float:
            asked = _wait_of(state)
            return pause(state) if asked.seconds is None else asked.seconds

        def too_long(state: tenacity.RetryCallState) -> bool:
            return (_wait_of(state).seconds or 0) > LONGEST_WAIT.total_seconds()

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=lambda state: state.attempt_number >= ATTEMPTS or too_long(state),
            wait=wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _later(self, wait: Wait) -> TryLater:
        at = self._clock() + timedelta(seconds=wait.seconds) if wait.seconds is not None else None
        tail = f"; it asks to wait until {at:%Y-%m-%d %H:%M} UTC" if at else "; try again later"
        return TryLater(wait.problem + tail, at=at)


def retry_after(answer: requests.Response, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, in either of its forms (RFC 9110 10.2.3)."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_TOLD.total_seconds())
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_TOLD.total_seconds())


def _pour(answer: requests.Response, into: IO[bytes]) -> None:
    """Write a body into a file as it comes; the answer keeps its beginning."""
    with answer:
        try:
            into.seek(0)
            into.truncate()
            for block in answer.iter_content(BEGINNING):
                into.write(block)
            into.seek(0)
            answer._content = into.read(BEGINNING)  # requests has no public way to keep a part
        except requests.RequestException:
            raise
        except OSError as error:
            problem = error.strerror or "of an unknown fault"
            raise ArsyncError(f"the answer cannot be held in a temporary file: {problem}") from None


def _wait_of(state: tenacity.RetryCallState) -> Wait:
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, _Again) else Wait("")


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _fault(error: requests.RequestException) -> str:
    """A word for a network fault; the library's own text may hold the address with its query."""
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was not accepted"
    if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "its answer was cut off"
    return "no connection"
