"""The one seam through which every connector talks HTTP.

Here and nowhere else: time-outs, gzip, retries that obey the service's wait, the tenant's rate
budget, replacing the vendor's hosts by a book's own ``server``, counting of calls and bytes, and
turning the network's faults into ``arsync.errors``. A text made here never holds a body, a token
or a query string.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO, Any, Literal, Protocol
from urllib.parse import urlsplit, urlunsplit

import msgspec
import requests
import tenacity

from arsync.connector.heard import Heard, unheard
from arsync.connector.patience import Moment, Transport
from arsync.connector.receiving import host_of, receive, unreached
from arsync.connector.turns import turn_of
from arsync.errors import ArsyncError, TryLater, UsedUp

CONNECT_SECONDS, READ_SECONDS = 5.0, 65.0
# From the first byte of a request to the last of its answer: the vendors' own time-out is 120 seconds.
REQUEST_SECONDS = 130.0
ATTEMPTS = 4
# A wait that the service asks for and that is longer than this ends the book's run instead.
LONGEST_WAIT = timedelta(seconds=90)
# No limit of a minute or a day ends later than this; an odd header would keep all processes from a company
# for as long as it says.
LONGEST_TOLD = timedelta(days=1)


class Budget(Protocol):
    """Lets a call through, after a wait if need be (a pyrate-limiter Limiter is one)."""

    def try_acquire(self, name: str = ..., weight: int = ...) -> object: ...


class Wait(msgspec.Struct, frozen=True):
    """A connector's verdict on an answer: throttled or failing for now. ``seconds`` None: not told.
    ``throttled``: the wait is for all calls to the tenant, whoever makes them."""

    problem: str
    seconds: float | None = None
    throttled: bool = False


# A connector's reading of an answer: None is fine, Wait may be tried again, an error is final.
Verdict = Callable[[requests.Response], Wait | ArsyncError | None]
# "read" and "keyed" (a write under the vendor's idempotency key) may be repeated; "once" may not.
Repeat = Literal["read", "keyed", "once"]


class Meter(msgspec.Struct):
    """What a run has cost: API calls, token calls, and bytes received as they came over the wire."""

    calls: int = 0
    token_calls: int = 0
    bytes: int = 0


class Told(msgspec.Struct, frozen=True):
    """Two clocks at one moment: ``there`` is the service's, by the Date header of an answer (RFC 9110,
    section 6.6.1), ``here`` this machine's own. Both are UTC."""

    there: datetime
    here: datetime


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
        self.told: Told | None = None  # by the last answer that had a date
        self.heard: Heard = unheard  # of each request
        # A write's bytes are sent inside of it; where it raises as it is entered, none are.
        self.writing: Moment = nullcontext
        self._session = requests.Session()
        # A book's requests go where its settings say, with its own tokens: no proxy address,
        # .netrc entry or cookie of the machine has a say in that.
        self._session.trust_env = False
        self._session.verify = True
        self._transport = Transport()
        self._session.mount("https://", self._transport)
        self._session.mount("http://", self._transport)

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
        key_life: timedelta | None = None,
    ) -> requests.Response:
        """One API request, repeated where ``repeat`` and the verdict allow it.

        ``renew`` gives headers that are asked for anew at each attempt (the bearer token). ``key_life``
        is how long after its first attempt a write may be repeated under its idempotency key; the
        service forgets the key at some time, and the write would be done twice. ``into`` is
        a file for a body that may be too large to be held: each attempt empties it and writes the
        body into it, and the answer's ``content`` is no more than the first ``BEGINNING`` bytes, for
        the verdict too. Raises TryLater when the attempts are used up, or the service asks for a
        longer wait; else what the verdict says.
        """
        key = _KeyAge(self._clock, key_life)

        def attempt() -> requests.Response:
            if budget is not None:
                budget.try_acquire("read" if repeat == "read" else "write")
            fresh = {**(headers or {}), **(renew() if renew else {})}
            if not key.lasts():
                raise self._later(Wait(f"{host_of(self.place(url))} could not be asked again in time"))
            self.meter.calls += 1
            with turn_of(budget, reading=repeat == "read") as turn:
                before = self.meter.bytes
                with self._transport.inside(nullcontext if repeat == "read" else self.writing):
                    answer = self._ask(
                        method, url, headers=fresh, params=params, data=data, repeat=repeat, into=into
                    )
                outcome = verdict(answer)
                turn.answered(answer.headers, self.meter.bytes - before, good=outcome is None)
                if isinstance(outcome, UsedUp):
                    turn.used_up(outcome.at)
                elif isinstance(outcome, Wait) and outcome.throttled:
                    turn.throttled(outcome.seconds or 0.0)
            if isinstance(outcome, ArsyncError):
                raise outcome
            if outcome is not None:
                raise _Again(outcome) if repeat != "once" else self._later(outcome)
            return answer

        try:
            return self._retrying(key)(attempt)
        except _Again as again:
            raise self._later(again.wait) from None

    def token_call(
        self,
        url: str,
        form: Mapping[str, str],
        auth: tuple[str, str] | None,
        *,
        headers: Mapping[str, str] | None = None,
        as_json: bool = False,
    ) -> requests.Response:
        """A request to a token service; never repeated (a rotation must not happen twice unseen)."""
        self.meter.token_calls += 1
        target, sent = self.place(url), {**(headers or {}), "Accept": "application/json"}
        body: dict[str, Any] = {"json": dict(form)} if as_json else {"data": dict(form)}
        # In UTF-8, or the library breaks over a character that was pasted along (RFC 6749 knows ASCII alone).
        basic = auth and (auth[0].encode(), auth[1].encode())
        try:
            return self._exchange("POST", target, None, auth=basic, headers=sent, **body)
        except requests.RequestException as error:
            raise self._later(Wait(unreached(target, error))) from None

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
        body = data.encode() if isinstance(data, str) else data
        try:
            answer = self._exchange(method, target, into, headers=headers, params=params, data=body)
        except requests.RequestException as error:
            wait = Wait(unreached(target, error))
            raise _Again(wait) if repeat != "once" else self._later(wait) from None
        self.told = _told(answer) or self.told
        self.meter.bytes += _size(answer)
        return answer

    def _exchange(
        self, method: str, target: str, into: IO[bytes] | None, **request: Any
    ) -> requests.Response:
        with self.heard(method, urlsplit(target).path) as answered:
            answer = self._whole(method, target, into, **request)
            answered(answer.status_code, _size(answer))
        return answer

    def _whole(self, method: str, target: str, into: IO[bytes] | None, **request: Any) -> requests.Response:
        """One request and the whole of its answer. Raises TryLater for an answer that is none."""
        self._transport.ends = time.monotonic() + REQUEST_SECONDS
        answer = self._session.request(
            method,
            target,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            allow_redirects=False,
            stream=True,
            **request,
        )
        receive(answer, into)
        return answer

    def _retrying(self, key: _KeyAge) -> tenacity.Retrying:
        pause = tenacity.wait_exponential_jitter(initial=1, max=20)

        def wait(state: tenacity.RetryCallState) -> float:
            asked = _wait_of(state)
            return pause(state) if asked.seconds is None else asked.seconds

        def too_long(state: tenacity.RetryCallState) -> bool:
            return (_wait_of(state).seconds or 0) > LONGEST_WAIT.total_seconds()

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Again),
            stop=lambda state: (
                state.attempt_number >= ATTEMPTS or too_long(state) or not key.lasts(state.upcoming_sleep)
            ),
            wait=wait,
            sleep=self._sleep,
            reraise=True,
        )

    def _later(self, wait: Wait) -> TryLater:
        at = self._clock() + timedelta(seconds=wait.seconds) if wait.seconds is not None else None
        tail = f"; it asks to wait until {at:%Y-%m-%d %H:%M} UTC" if at else "; try again later"
        return TryLater(wait.problem + tail, at=at)


def retry_after(answer: requests.Response, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, in either of its forms (RFC 9110 10.2.3). An instant
    is one of the service's clock, by its Date header; ``now`` stands in where there is none."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_TOLD.total_seconds())
    at = http_date(text)
    if at is None:
        return None
    there = http_date(answer.headers.get("Date")) or now
    return min(max(0.0, (at - there).total_seconds()), LONGEST_TOLD.total_seconds())


def http_date(text: str | None) -> datetime | None:
    """The UTC instant of a header such as Date (RFC 9110, section 5.6.7); None where it is none."""
    try:
        at = parsedate_to_datetime(text or "")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _size(answer: requests.Response) -> int:
    """The bytes of a body as they came over the wire."""
    return answer.raw.tell() if answer.raw is not None else len(answer.content)


def _told(answer: requests.Response) -> Told | None:
    """The machine's own clock is compared, whatever replaces it for the run."""
    there = http_date(answer.headers.get("Date"))
    return Told(there=there, here=datetime.now(UTC)) if there else None


class _KeyAge:
    """How old an idempotency key is, from its first attempt on, by the clock that ran the longer way: a
    machine that slept stops one of them, and a person who sets the time moves the other."""

    def __init__(self, clock: Callable[[], datetime], life: timedelta | None) -> None:
        self._clock, self._life = clock, life
        self._begun: tuple[datetime, float] | None = None

    def lasts(self, wait: float = 0.0) -> bool:
        """Whether a request may be sent under it after so many seconds."""
        if self._life is None:
            return True
        if self._begun is None:
            self._begun = self._clock(), time.monotonic()
        at, ticks = self._begun
        age = max((self._clock() - at).total_seconds(), time.monotonic() - ticks)
        return age + wait < self._life.total_seconds()


def _wait_of(state: tenacity.RetryCallState) -> Wait:
    error = state.outcome.exception() if state.outcome else None
    return error.wait if isinstance(error, _Again) else Wait("")
