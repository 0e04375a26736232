"""Call limits: a minute, a day and five at a time per organisation, and a minute for the whole app.

The windows are fixed and begin with the first call in them (developer.xero.com, "API limits").
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .clock import SandboxClock
from .reply import Refused, too_many
from .rules import Rules

_MINUTE, _DAY = 60, 86_400


@dataclass(slots=True)
class Window:
    """Calls made in the current window of `length` seconds."""

    length: int
    begun: float = 0.0
    made: int = 0

    def roll(self, now: float) -> None:
        """Begin a new window when the current one is over."""
        if now >= self.begun + self.length:
            self.begun, self.made = now, 0

    def left(self, limit: int | None, default: int) -> int:
        """Calls left, for the headers."""
        return max((default if limit is None else limit) - self.made, 0)


class Meter:
    """Counts the calls to one organisation."""

    def __init__(self) -> None:
        self.minute = Window(_MINUTE)
        self.day = Window(_DAY)
        self.in_flight = 0


class Limits:
    """Counts calls and refuses those above a limit."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._meters: dict[str, Meter] = {}
        self._app = Window(_MINUTE)

    @contextmanager
    def slot(self, tenant: str, rules: Rules) -> Iterator[None]:
        """The time of one call. Raises Refused with 429 when a limit is reached."""
        with self._lock:
            meter = self._meters.setdefault(tenant, Meter())
            self._admit(meter, rules)
            meter.in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                meter.in_flight -= 1

    def in_flight(self, tenant: str) -> int:
        """How many calls to an organisation are being answered now."""
        with self._lock:
            meter = self._meters.get(tenant)
            return meter.in_flight if meter else 0

    def headers(self, tenant: str, rules: Rules) -> dict[str, str]:
        """What is left of each limit, as on every reply."""
        with self._lock:
            meter = self._meters.get(tenant) or Meter()
            self._roll(meter)
            return {
                "X-DayLimit-Remaining": str(meter.day.left(rules.per_day, 5000)),
                "X-MinLimit-Remaining": str(meter.minute.left(rules.per_minute, 60)),
                "X-AppMinLimit-Remaining": str(self._app.left(rules.app_per_minute, 10_000)),
            }

    def _roll(self, meter: Meter) -> float:
        now = self._clock.seconds()
        for window in (meter.minute, meter.day, self._app):
            window.roll(now)
        return now

    def _admit(self, meter: Meter, rules: Rules) -> None:
        now = self._roll(meter)
        for problem, window, limit in (
            ("day", meter.day, rules.per_day),
            ("minute", meter.minute, rules.per_minute),
            ("appminute", self._app, rules.app_per_minute),
        ):
            if limit is not None and window.made >= limit:
                wait = int(window.begun + window.length - now) + 1
                raise Refused(too_many(problem, wait))
        if rules.concurrent is not None and meter.in_flight >= rules.concurrent:
            raise Refused(too_many("concurrent", None))
        for window in (meter.minute, meter.day, self._app):
            window.made += 1
