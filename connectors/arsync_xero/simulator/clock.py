"""The simulator's time: a clock that can be pushed forward while the service runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Returns the current instant, with an offset."""


def _wall() -> datetime:
    return datetime.now(UTC)


class SandboxClock:
    """The instant of the base clock plus whatever has been added with `advance`."""

    def __init__(self, base: Clock | None = None) -> None:
        self._base = base or _wall
        self._offset = timedelta()
        self._lock = threading.Lock()

    @classmethod
    def over(cls, base: Clock | None) -> SandboxClock:
        """The clock itself when it can already be advanced, otherwise a new one over it."""
        return base if isinstance(base, SandboxClock) else cls(base)

    def __call__(self) -> datetime:
        return self._base().astimezone(UTC) + self._offset

    def advance(self, *, seconds: float = 0, days: float = 0) -> datetime:
        """Push time forward; a service never sees time go back, so negative steps are refused."""
        step = timedelta(seconds=seconds, days=days)
        if step < timedelta():
            raise ValueError("the clock only goes forward")
        with self._lock:
            self._offset += step
        return self()

    def seconds(self) -> float:
        """Seconds since 1970, UTC."""
        return self().timestamp()

    def milliseconds(self) -> int:
        """Whole milliseconds since 1970, UTC."""
        now = self()
        return int(now.timestamp()) * 1000 + now.microsecond // 1000
