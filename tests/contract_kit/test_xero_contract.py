"""Xero's connector before the contract: by its entry point, against the simulator's socket."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from arsync.connector import TokenPair
from arsync.errors import Refused, TryLater
from arsync.testing import ConnectorContract, World
from arsync.testing.world import Target
from arsync_xero.simulator import Company, Rules, XeroSimulator


class XeroWorld(World):
    abilities = frozenset({"http", "oauth", "notes", "credits", "breakdowns"})
    connector = "xero"
    currency = "GBP"
    tenant = "0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11"
    unknown = "00000000-0000-4000-8000-000000000001"
    page_rows = 1000
    breakdowns = {"429-day": (TryLater,), "400-html": (Refused,), "400-empty": (Refused,)}  # noqa: RUF012
    connection = {"tenant": tenant, "client_id": "kit", "client_secret": "env:SECRET"}  # noqa: RUF012
    secrets = {"env:SECRET": "client-secret-of-the-kit"}  # noqa: RUF012

    def start(self) -> None:
        self.company = Company(self.tenant, "Hartley Joinery Ltd", clock=self.clock)
        self.simulator = XeroSimulator(
            [self.company],
            client_id="kit",
            client_secret=self.secrets["env:SECRET"],
            rules=Rules().unlimited(),
        )
        self.server = self.simulator.serve()

    def stop(self) -> None:
        self.server.close()
        assert self.simulator.crashes == []

    @property
    def address(self) -> str:
        return self.server.url

    def tokens(self) -> TokenPair:
        grant = self.simulator.grant()
        return TokenPair(
            access=str(grant["access_token"]),
            refresh=str(grant["refresh_token"]),
            expires_at=self.clock() + timedelta(minutes=30),
        )

    def everything(self) -> object:
        return self.company.revision, {id_: list(notes) for id_, notes in self.company.notes.items()}

    def add_customer(self, name: str, email: str) -> str:
        return self.company.add_contact(name, email)

    def set_email(self, customer: str, email: str) -> None:
        self.company.edit_contact(customer, email=email)

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        return self.company.add_invoice(customer, amount, self.company.today(), due, number)

    def pay(self, invoice: str, amount: Decimal) -> None:
        self.company.pay(invoice, amount)

    def remove(self, invoice: str) -> None:
        self.company.void(invoice)

    def add_credit(self, customer: str, amount: Decimal) -> str:
        return self.company.add_credit_note(customer, amount)

    def use_credit(self, credit: str, invoice: str, amount: Decimal) -> None:
        self.company.allocate(credit, invoice, amount)

    def note(self, target: Target, target_id: str) -> str:
        return "\n".join(each.details for each in self.company.history(target_id))

    def break_down(self, name: str) -> None:
        self.simulator.faults.add(name, times=None)


class TestXero(ConnectorContract):
    world = XeroWorld
