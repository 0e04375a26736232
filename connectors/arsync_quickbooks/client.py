"""The transport: python-quickbooks' client with its one network function replaced by our HTTP seam.

Its request building (addresses, query body, minor version, request ids) is used. Its models are not:
they write fields they were never given (a sparse update of a payment would remove its allocations),
show a deleted invoice as a paid one, drop UTC offsets and cost two to four times the decoding.
Loading this module loads the SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from os import SEEK_END
from typing import IO, Any

import requests
from quickbooks.client import QuickBooks

from arsync.connector import Allowance, Budget, Kit, OAuthApp, Turn, Wait, retry_after, turn_of
from arsync.errors import ArsyncError
from arsync_quickbooks import faults

# The only one that still exists: since 1 August 2025 all minor versions up to 74 answer as 75.
MINOR_VERSION = 75
CALLS_PER_SECOND = 8  # the service lets 10 through
BATCHES_PER_MINUTE = 35  # the service lets 40 through


class _Accepted:
    """Given back to the SDK in place of an answer, so that it does not parse a page a second time."""

    status_code = 200
    text = "{}"


class _Both:
    """A call that counts against two budgets; its turn is the second's."""

    def __init__(self, first: Budget, second: Budget) -> None:
        self._first, self._second = first, second

    def try_acquire(self, name: str = "call", weight: int = 1) -> object:
        self._first.try_acquire(name, weight)
        return self._second.try_acquire(name, weight)

    def turn(self, *, reading: bool) -> AbstractContextManager[Turn]:
        return turn_of(self._second, reading=reading)


class Client(QuickBooks):  # type: ignore[misc]
    """Requests to one company, one at a time; each gives the answer as it came, checked for faults."""

    def __init__(
        self,
        *,
        company_id: str,
        minorversion: int,
        sandbox: bool,
        app: OAuthApp,
        kit: Kit,
        per_minute: int,
        allowance: Allowance,
    ) -> None:
        self.company_id, self.minorversion, self.sandbox = company_id, minorversion, sandbox
        self._app, self._kit = app, kit
        self._calls = kit.pace(
            allowance.tenant, per_minute=per_minute, per_second=CALLS_PER_SECOND, allowance=allowance
        )
        batches = kit.pace(f"{allowance.tenant}-batch", per_minute=BATCHES_PER_MINUTE)
        self._batches = _Both(batches, self._calls)
        self._answer: requests.Response | None = None
        self._into: IO[bytes] | None = None

    def rows(self, statement: str) -> requests.Response:
        """A query's page."""
        self.query(statement)
        return self._taken()

    def changed(self, entities: str, since: str) -> requests.Response:
        """Change data capture; ``since`` is an instant with its Z."""
        self.change_data_capture(entities, since)
        return self._taken()

    def report(self, name: str, options: Mapping[str, str], into: IO[bytes]) -> None:
        """A report's body, written into a file: the longest answer there is."""
        self._into = into
        try:
            self.get_report(name, qs=dict(options))
        finally:
            self._answer = self._into = None

    def single(self, entity: str, record_id: str) -> requests.Response:
        """One record by its id (``entity`` in the address's lower case)."""
        self.get_single_object(entity, record_id)
        return self._taken()

    def preferences(self) -> requests.Response:
        self.get(f"{self.api_url}/company/{self.company_id}/preferences")
        return self._taken()

    def batch(self, body: bytes, request_id: str) -> requests.Response:
        """A batch of writes under an idempotency key. The SDK's own batch call cannot send one."""
        url = f"{self.api_url}/company/{self.company_id}/batch"
        self.make_request("POST", url, body, request_id=request_id)
        return self._taken()

    def process_request(
        self, request_type: str, url: str, headers: Any = "", params: Any = "", data: Any = ""
    ) -> Any:
        """The SDK's one way to the network, through the kit's. Keeps the answer for the caller above."""
        keyed = "requestid" in (params or {})
        reading = request_type == "GET" or url.endswith("/query")
        access = _Access(self._app, self._kit, self._into)
        self._answer = self._kit.http.call(
            request_type,
            url,
            verdict=access.verdict,
            repeat="keyed" if keyed else "read" if reading else "once",
            budget=self._batches if url.endswith("/batch") else self._calls,
            headers=headers or {},
            params={key: str(value) for key, value in (params or {}).items()},
            data=data or None,
            renew=access.renew,
            into=self._into,
        )
        return _Accepted

    def _taken(self) -> requests.Response:
        answer, self._answer = self._answer, None
        assert answer is not None
        return answer


class _Access:
    """The bearer token through the attempts of one call: a refused one is renewed once. ``into`` is the
    file that the body is written into, where it is one."""

    def __init__(self, app: OAuthApp, kit: Kit, into: IO[bytes] | None) -> None:
        self._app, self._kit, self._into = app, kit, into
        self._sent: str | None = None
        self._refused: str | None = None

    def renew(self) -> Mapping[str, str]:
        self._sent = self._kit.tokens.access(self._app, self._kit.http, refused=self._refused)
        return {"Authorization": f"Bearer {self._sent}"}

    def verdict(self, answer: requests.Response) -> Wait | ArsyncError | None:
        body = answer.content  # in a file: its beginning, and a fault is no longer than that
        fault = faults.found(body)
        if answer.status_code == 200 and fault is None and faults.complete(body, self._end(body)):
            self._kit.tokens.accepted(self._sent)
            return None
        result = faults.outcome(
            answer.status_code,
            fault,
            request_id=request_id(answer),
            wait=retry_after(answer, self._kit.clock()),
        )
        expired = answer.status_code == 401 or (fault is not None and fault.code == faults.EXPIRED)
        revoked = fault is not None and fault.code in faults.REVOKED
        if expired and not revoked and self._refused is None:
            self._refused = self._sent
            return Wait("QuickBooks did not accept the access token", 0.0)
        return result

    def _end(self, body: bytes) -> bytes:
        if self._into is None:
            return body
        self._into.seek(-min(faults.ENDS, self._into.seek(0, SEEK_END)), SEEK_END)
        return self._into.read()


def request_id(answer: requests.Response) -> str | None:
    """Intuit's id of a request, for a support case."""
    value: str = answer.headers.get("intuit_tid") or answer.headers.get("Intuit-Tid") or ""
    return value[:64] if value and value.isascii() and value.isprintable() else None
