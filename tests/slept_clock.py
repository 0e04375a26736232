"""A clock that nobody waits for: it passes where somebody sleeps, and where a test sets it."""

from __future__ import annotations

from datetime import datetime, timedelta


class SleptClock:
    """Stands still but for what is slept, or for what a test does to it. ``slept`` are the seconds of each
    sleep."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)
