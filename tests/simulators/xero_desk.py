"""A running Xero simulator with a client's session at hand, at a fixed hour that only moves when told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import requests

from arsync_xero.simulator import Company, Rules, SandboxClock, Server, XeroSimulator

TENANT = "0d4a4a52-3c5e-4e0e-8f36-5f0b1f4e9a11"
TODAY = date(2026, 11, 22)
NOON_MS = 1_795_348_800_250
"""22 November 2026, 12:00:00.250 UTC, where every clock here begins."""


def frozen_company(**options: Any) -> Company:
    clock = SandboxClock(lambda: datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC))
    return Company(tenant=TENANT, name="Bench Ltd", clock=clock, **options)


class Desk:
    """A client's session: `get("Invoices", page=1)` and so on below the API's root."""

    def __init__(self, simulator: XeroSimulator, server: Server) -> None:
        self.simulator = simulator
        self.url = server.url
        self.http = requests.Session()
        tenant = next(iter(simulator.companies))
        self.http.headers.update({"Accept": "application/json", "xero-tenant-id": tenant})
        self.sign_in()

    def sign_in(self, *scopes: str) -> dict[str, Any]:
        tokens = self.simulator.grant(scopes or None)
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", 60)
        return self.http.request(method, f"{self.url}/api.xro/2.0/{path}", **options)

    def get(self, path: str, headers: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
        return self.send("GET", path, params=parameters, headers=headers)

    def invoices(self, headers: dict[str, str] | None = None, **parameters: Any) -> list[dict[str, Any]]:
        reply = self.get("Invoices", headers, **parameters)
        assert reply.status_code == 200, reply.text
        return reply.json()["Invoices"]

    def numbers(self, headers: dict[str, str] | None = None, **parameters: Any) -> list[str]:
        return [row["InvoiceNumber"] for row in self.invoices(headers, **parameters)]

    def note(self, path: str, *texts: str, key: str | None = None) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else None
        body = {"HistoryRecords": [{"Details": text} for text in texts]}
        return self.send("PUT", f"{path}/History", json=body, headers=headers)


@contextmanager
def desk_of(*companies: Company, rules: Rules | None = None) -> Iterator[Desk]:
    simulator = XeroSimulator(companies, rules=rules or Rules().unlimited())
    with simulator.serve() as server:
        desk = Desk(simulator, server)
        with desk.http:
            yield desk
    assert simulator.crashes == []
