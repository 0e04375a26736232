"""Faults on demand: which request goes wrong, how often, and in which way."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

KINDS = {
    "429-minute": "429 with Retry-After, X-Rate-Limit-Problem: minute",
    "429-day": "429 with a Retry-After of hours, X-Rate-Limit-Problem: day",
    "429-concurrent": "429 without Retry-After, X-Rate-Limit-Problem: concurrent",
    "429-appminute": "429 with Retry-After, X-Rate-Limit-Problem: appminute",
    "401-expired": "401 as for an expired token",
    "403-forbidden": "403 as for a disconnected organisation",
    "500": "500 in JSON; remembered under an Idempotency-Key like any answer of the API",
    "503-html": "503 with a page of HTML",
    "400-empty": "400 without a body",
    "400-html": "400 with a page of HTML",
    "200-html": "200 with a page of HTML",
    "200-with-fault": "200 with the body of an API error",
    "date-ahead": "the real answer, with a Date header that is an hour late",
    "date-behind": "the same, an hour early",
    "malformed-json": "the real answer, damaged, with a matching length",
    "cut-off-body": "the real answer, of which half is sent before the connection closes",
    "reset-before-commit": "the connection closes, nothing was done",
    "reset-after-commit": "the request is carried out, then the connection closes without an answer",
    "silent": "no answer for `seconds`, then the connection closes; nothing was done",
    "silent-after-commit": "carried out, then no answer for `seconds`",
    "slow-drip": "the real answer in small pieces, spread over `seconds`",
    "delay": "the real answer after `seconds`, counted as in flight meanwhile",
}
_LONGEST = 60.0


@dataclass(slots=True, eq=False)
class Fault:
    """One rule; `hits` is how often it has struck. `release` ends every wait it causes."""

    kind: str
    path: re.Pattern[str]
    method: str | None
    times: int | None
    after: int
    seconds: float
    retry_after: int | None
    hits: int = 0
    passed: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        """Wait no longer, now and later."""
        self.released.set()

    def strikes(self, method: str, target: str) -> bool:
        """Whether this request goes wrong; counts it either way."""
        if self.method not in (None, method) or not self.path.search(target):
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        if self.passed < self.after:
            self.passed += 1
            return False
        self.hits += 1
        return True


class Faults:
    """The rules in force, tried in the order in which they were added."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: str,
        *,
        path_regex: str = r"^/api\.xro/",
        method: str | None = None,
        times: int | None = 1,
        after: int = 0,
        seconds: float = 5.0,
        retry_after: int | None = None,
    ) -> Fault:
        """Let requests whose path and query match fail, after the first `after`, at most `times`.

        `times` None is for ever. `seconds` (at most 60) is for the kinds that take time. Without
        `retry_after` a minute's limit says 60 and a day's 73,451 seconds.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault {kind}; there are {', '.join(KINDS)}")
        fault = Fault(
            kind=kind,
            path=re.compile(path_regex),
            method=method,
            times=times,
            after=after,
            seconds=min(seconds, _LONGEST),
            retry_after=retry_after,
        )
        with self._lock:
            self._rules.append(fault)
        return fault

    def clear(self) -> None:
        """All well again, also for those who wait."""
        self.release()
        with self._lock:
            self._rules.clear()

    def release(self) -> None:
        """End every wait, because the service closes."""
        with self._lock:
            for fault in self._rules:
                fault.release()

    def take(self, method: str, target: str) -> Fault | None:
        """The fault that strikes this request, if any."""
        with self._lock:
            return next((fault for fault in self._rules if fault.strikes(method, target)), None)
