"""The door of ``arsync sandbox`` and ``arsync demo``: one company, served and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from .app import QuickBooksSimulator
from .company import Company
from .demo import demo_company
from .server import RunningServer

ZONE = ZoneInfo("America/Los_Angeles")  # where the demonstration company is
PAID = Decimal("325.50")  # what Lumen Yoga owes in the demonstration


@dataclass(frozen=True)
class Sandbox:
    """A served company. ``connection`` is what a book's connection says of it, secrets apart."""

    company: Company
    simulator: QuickBooksSimulator
    server: RunningServer

    title = "QuickBooks Online"
    client_id = "sandbox-client"
    client_secret = "sandbox-secret"  # noqa: S105 - made up
    book = "juniper"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def connection(self) -> Mapping[str, str]:
        return {"company": self.company.realm}

    def someone_pays(self) -> tuple[str, str]:
        """A customer with an overdue invoice pays it in full: its number, and a sentence."""
        owed = next(
            row for row in self.company.invoices.values() if row["TotalAmt"] == row["Balance"] == PAID
        )
        self.company.pay(owed["DocNumber"])
        return owed["DocNumber"], f"{owed['CustomerRef']['name']} pays invoice {owed['DocNumber']}"

    def notes(self) -> list[tuple[str, str]]:
        """What stands on invoices and customers now, where something does: (where, text)."""
        invoices = self.company.invoices.values()
        return [
            (f"invoice {row['DocNumber']}", row["PrivateNote"]) for row in invoices if row.get("PrivateNote")
        ]

    def close(self) -> None:
        self.server.close()


def sandbox(*, clock: Callable[[], datetime], host: str, port: int) -> Sandbox:
    """Serve the demonstration company; port 0 takes a free one. Raises OSError when a port is taken."""
    company = demo_company(clock().astimezone(ZONE).date(), clock)
    simulator = QuickBooksSimulator([company])
    return Sandbox(company, simulator, simulator.serve(host, port))
