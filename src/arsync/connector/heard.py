"""Each request as a log line: its way, its path without the query, what came back, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from arsync.logs import Log

# Told the status and the size of the answer, once it is whole.
Answered = Callable[[int, int], None]
Heard = Callable[[str, str], AbstractContextManager[Answered]]


@contextmanager
def unheard(*_: str) -> Iterator[Answered]:
    """Nobody listens."""
    yield lambda *_: None


class Calls:
    """Writes a ``call`` line for each request. ``attempt`` counts requests for one path in a row of which
    each came because the one before got no answer or a refusal."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._refused: tuple[str, str] | None = None
        self._attempt = 1

    @contextmanager
    def __call__(self, method: str, path: str) -> Iterator[Answered]:
        self._attempt = self._attempt + 1 if self._refused == (method, path) else 1
        answer: list[int] = []
        started = time.monotonic()
        try:
            yield lambda status, size: answer.extend((status, size))
        finally:
            status, size = answer or (None, 0)
            self._refused = (method, path) if status is None or status >= 400 else None
            self._log(
                "call",
                method=method,
                path=path,
                status=status,
                ms=round((time.monotonic() - started) * 1000),
                attempt=self._attempt,
                bytes=size,
            )
