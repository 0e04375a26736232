"""A caller at the desk of the simulated QuickBooks: one company with a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import requests

from arsync_quickbooks.simulator import Company, Limits, QuickBooksSimulator, RunningServer

REALM = "4620816365"
NOON = datetime(2026, 3, 10, 20, 0, tzinfo=UTC)
"""1 p.m. in Los Angeles, 10 March 2026 (daylight time began two days before)."""
TODAY = date(2026, 3, 10)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


class Clock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **step: float) -> None:
        self.now += timedelta(**step)


class Desk:
    """Speaks to the server over HTTP; answers are decoded with exact numbers."""

    def __init__(
        self, company: Company, sim: QuickBooksSimulator, server: RunningServer, clock: Clock
    ) -> None:
        self.company = company
        self.sim = sim
        self.url = server.url
        self.clock = clock
        self.session = requests.Session()
        self.tokens = sim.grant(company.realm)
        self.session.headers.update(
            {"Authorization": f"Bearer {self.tokens['access_token']}", "Accept": "application/json"}
        )
        self.base = f"{server.url}/v3/company/{company.realm}"

    def get(self, path: str, **params: str) -> requests.Response:
        return self.session.get(f"{self.base}/{path}", params=params, timeout=60)

    def post(self, path: str, given: object, **params: str) -> requests.Response:
        return self.session.post(
            f"{self.base}/{path}",
            data=json.dumps(given),
            params=params,
            headers={"Content-Type": "application/json"},
            timeout=60,
        )

    def ask(self, statement: str) -> requests.Response:
        return self.session.post(
            f"{self.base}/query",
            data=statement.encode(),
            headers={"Content-Type": "application/text"},
            timeout=60,
        )

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The objects a statement yields."""
        answer = exact(self.ask(statement))["QueryResponse"]
        lists = [value for value in answer.values() if isinstance(value, list)]
        return lists[0] if lists else []

    def ids(self, statement: str) -> list[str]:
        return [row["Id"] for row in self.rows(statement)]

    def control(self, verb: str, **given: object) -> requests.Response:
        return requests.post(f"{self.url}/_sandbox/{verb}", json=given, timeout=60)


def exact(response: requests.Response) -> Any:
    """The body with Decimals."""
    return json.loads(response.content, parse_float=Decimal, parse_int=Decimal)


def refusal(response: requests.Response) -> tuple[int, str]:
    """Status and code of a Fault."""
    return response.status_code, response.json()["Fault"]["Error"][0]["code"]


@contextmanager
def open_desk(company: Company | None = None, **options: Any) -> Iterator[Desk]:
    clock = Clock()
    books = company or Company(realm=REALM, name="Acme Studio LLC", clock=clock)
    sim = QuickBooksSimulator([books], limits=options.pop("limits", Limits.off()), **options)
    with sim.serve() as server:
        desk = Desk(books, sim, server, clock)
        with desk.session:
            yield desk
