"""What was asked of the simulator, for tests that count calls."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

_API = "/api.xro/2.0/"
_ID = re.compile(r"^[0-9a-fA-F-]{36}$|\d")


@dataclass(frozen=True, slots=True)
class Call:
    """One request and how it was answered; `status` is 0 when the connection was dropped."""

    at: datetime
    method: str
    target: str
    endpoint: str
    status: int
    tenant: str | None
    idempotency_key: str | None
    body: bytes

    @property
    def is_token(self) -> bool:
        """Whether this went to the identity service."""
        return self.endpoint.endswith(("token", "authorize", "revocation"))


class CallLog(Sequence[Call]):
    """All calls in order; thread-safe to read while the service runs."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, call: Call) -> None:
        """Note a call."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget what has been asked so far."""
        with self._lock:
            self._calls.clear()

    @property
    def api(self) -> list[Call]:
        """The calls that are not about tokens."""
        return [call for call in self if not call.is_token]

    @property
    def tokens(self) -> list[Call]:
        """The calls to the identity service."""
        return [call for call in self if call.is_token]

    @property
    def by_endpoint(self) -> Counter[str]:
        """How often each endpoint was called, such as `PUT Invoices/{id}/History`; tokens apart."""
        return Counter(call.endpoint for call in self.api)

    def to(self, endpoint: str) -> list[Call]:
        """The calls to one endpoint."""
        return [call for call in self if call.endpoint == endpoint]

    @overload
    def __getitem__(self, at: int) -> Call: ...
    @overload
    def __getitem__(self, at: slice) -> list[Call]: ...
    def __getitem__(self, at: int | slice) -> Call | list[Call]:
        with self._lock:
            return self._calls[at]

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))


def endpoint_of(method: str, path: str) -> str:
    """The name under which a call is counted: the path with ids replaced by `{id}`."""
    segments = path.removeprefix(_API).strip("/").split("/")
    named = [
        "{id}" if position and _ID.search(segment) else segment for position, segment in enumerate(segments)
    ]
    return f"{method} {'/'.join(named)}"
