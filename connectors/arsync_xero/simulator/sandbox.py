"""The door of ``arsync sandbox`` and ``arsync demo``: one organisation, served and described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from .company import Company
from .demo import demo_company
from .service import XeroSimulator
from .serving import Server

ZONE = ZoneInfo("Europe/London")  # where the demonstration organisation is
PAID = Decimal("312.45")  # what Rye Lane Sandwiches owe in the demonstration


@dataclass(frozen=True)
class Sandbox:
    """A served organisation. ``connection`` is what a book's connection says of it, secrets apart."""

    company: Company
    simulator: XeroSimulator
    server: Server

    title = "Xero"
    client_id = "sandbox-client"
    client_secret = "sandbox-secret"  # noqa: S105 - made up
    book = "harbour"

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def connection(self) -> Mapping[str, str]:
        return {"tenant": self.company.tenant}

    def someone_pays(self) -> tuple[str, str]:
        """A customer with an overdue invoice pays it in full: its number, and a sentence."""
        owed = next(each for each in self.company.invoices.values() if each.amount_due == PAID)
        self.company.pay(owed.id)
        return owed.number, f"{owed.contact.name} pays invoice {owed.number}"

    def notes(self) -> list[tuple[str, str]]:
        """What stands in the history of contacts and invoices now: (where, text)."""
        documents = [(f"contact {each.name}", each.id) for each in self.company.contacts.values()]
        documents += [(f"invoice {each.number}", each.id) for each in self.company.invoices.values()]
        return [(where, note.details) for where, id_ in documents for note in self.company.history(id_)]

    def close(self) -> None:
        self.server.close()


def sandbox(*, clock: Callable[[], datetime], host: str, port: int) -> Sandbox:
    """Serve the demonstration organisation; port 0 takes a free one. Raises OSError when a port is taken."""
    company = demo_company(clock().astimezone(ZONE).date(), clock)
    simulator = XeroSimulator([company])
    return Sandbox(company, simulator, simulator.serve(host, port))
