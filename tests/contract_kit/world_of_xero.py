"""Xero's simulator, on a socket of its own, as a world for the contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from arsync.connector import TokenPair
from arsync.errors import Refused, TryLater
from arsync.ledger import CreditKind
from arsync.testing import World
from arsync.testing.world import Target
from arsync_xero.simulator import Company, Rules, XeroSimulator


class XeroWorld(World):
    abilities = frozenset(
        "http oauth notes credits payments figures currencies places reminders marks breakdowns".split()
    )
    connector = "xero"
    currency = "GBP"
    tenant = "0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11"
    unknown = "00000000-0000-4000-8000-000000000001"
    page_rows = 1000
    credit_kinds = ("credit-note", "overpayment", "prepayment")
    # Xero keeps two decimals of every currency: none with three is here.
    currencies = {"USD": Decimal("0.8"), "JPY": Decimal("0.005")}  # noqa: RUF012
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
        self.foreign: dict[str, str] = {}

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

    def add_foreign_customer(self, name: str, email: str, currency: str) -> str:
        contact = self.add_customer(name, email)
        self.foreign[contact] = currency
        return contact

    def set_email(self, customer: str, email: str) -> None:
        self.company.edit_contact(customer, email=email)

    def settle(self, customer: str, country: str, subdivision: str) -> None:
        words = {
            "DE": ("Deutschland", "Bayern"),
            "US": ("United States", "California"),
            "GB": ("Scotland", ""),
            "FR": ("France", ""),
            "JP": ("Japan", ""),
        }
        name, region = words.get(country, (country, subdivision))
        self.company.edit_contact(customer, country=name, region=region)

    def join(self, customer: str, group: str) -> None:
        self.company.edit_contact(customer, groups=(group,))

    def switch_reminders(self, *, enabled: bool) -> None:
        self.company.switch_reminders(enabled=enabled)

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        currency, rate = self.money_of(customer)
        today = self.company.today()
        return self.company.add_invoice(customer, amount, today, due, number, currency, rate=rate)

    def pay(self, invoice: str, amount: Decimal) -> None:
        self.company.pay(invoice, amount)

    def remove(self, invoice: str) -> None:
        self.company.void(invoice)

    def receive(self, invoice: str, amount: Decimal, day: date) -> str:
        return self.company.pay(invoice, amount, day)

    def take_back(self, payment: str) -> None:
        self.company.delete_payment(payment)

    def add_credit(self, customer: str, amount: Decimal, kind: CreditKind) -> str:
        add = {
            "credit-note": self.company.add_credit_note,
            "overpayment": self.company.add_overpayment,
            "prepayment": self.company.add_prepayment,
        }[kind]
        currency, rate = self.money_of(customer)
        return add(customer, amount, currency=currency, rate=rate)

    def use_credit(self, credit: str, invoice: str, amount: Decimal) -> None:
        self.company.allocate(credit, invoice, amount)

    def note(self, target: Target, target_id: str) -> str:
        return "\n".join(each.details for each in self.company.history(target_id))

    def money_of(self, customer: str) -> tuple[str, Decimal]:
        """A customer's currency, and how much of it is one of the company's: so Xero tells rates."""
        currency = self.foreign.get(customer)
        return (currency, 1 / self.currencies[currency]) if currency else (self.currency, Decimal(1))

    def break_down(self, name: str) -> None:
        self.simulator.faults.add(name, times=None)
