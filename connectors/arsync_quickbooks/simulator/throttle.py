"""The service's limits for one company.

https://developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """Calls for one company; None is no limit. ``style`` is the answer's: a kind of ``mishaps``.

    The recorded answers are XML, whatever was asked for.
    """

    per_second: int | None = 10
    per_minute: int | None = 500
    batches_per_minute: int | None = 40
    style: str = "429-xml"
    retry_after: int | None = None

    @classmethod
    def off(cls) -> Limits:
        """No limits."""
        return cls(None, None, None)


@dataclass
class Throttle:
    """Counts calls over sliding windows of real time: a simulated clock that stands still must not block."""

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def admits(self, realm: str, *, batch: bool) -> bool:
        """Whether one more call fits; if so it is counted."""
        now = self.clock()
        windows = [("second", self.limits.per_second, 1.0), ("minute", self.limits.per_minute, 60.0)]
        if batch:
            windows.append(("batches", self.limits.batches_per_minute, 60.0))
        with self._lock:
            counted = []
            for name, most, seconds in windows:
                if most is None:
                    continue
                times = self._seen.setdefault((realm, name), deque())
                while times and times[0] <= now - seconds:
                    times.popleft()
                if len(times) >= most:
                    return False
                counted.append(times)
            for times in counted:
                times.append(now)
        return True
