"""What happens in a world, and what is owed after it: the truth that a connector is held against."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from arsync.money import decimal
from arsync.testing.world import World

# Between two things that people do; the stamps of most services are whole seconds.
BETWEEN_SECONDS = 1.0
A_WHILE_SECONDS = 900.0
_FEW = 20


class Debt(msgspec.Struct):
    """An invoice as it stands, in minor units; ``gone`` once it was voided or deleted."""

    customer: str
    number: str
    total: int
    open: int
    gone: bool = False

    @property
    def owed(self) -> int:
        return 0 if self.gone else self.open


class Scene:
    """People's work in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names: dict[str, str] = {}
        self.emails: dict[str, str] = {}
        self.debts: dict[str, Debt] = {}
        self.credits: dict[str, tuple[str, int]] = {}

    def customer(self, name: str) -> str:
        """A new customer with an address; returns the id."""
        self._pass()
        email = f"{name.split()[0].lower()}@customers.example"
        id_ = self.world.add_customer(name, email)
        self.names[id_], self.emails[id_] = name, email
        return id_

    def invoice(self, customer: str, units: int, *, due: int = 0) -> str:
        """A new invoice, due so many days from today; returns the id."""
        self._pass()
        number = f"K-{len(self.debts) + 1001}"
        day = self.world.clock().date() + timedelta(days=due)
        id_ = self.world.add_invoice(customer, decimal(units, self.world.currency), day, number)
        self.debts[id_] = Debt(customer, number, units, units)
        return id_

    def pay(self, invoice: str, units: int | None = None) -> None:
        """Pay all of an invoice, or a part."""
        self._pass()
        debt = self.debts[invoice]
        paid = debt.open if units is None else units
        self.world.pay(invoice, decimal(paid, self.world.currency))
        debt.open -= paid

    def remove(self, invoice: str) -> None:
        """Void or delete it."""
        self._pass()
        self.world.remove(invoice)
        self.debts[invoice].gone = True

    def move(self, customer: str, email: str) -> None:
        """Give a customer another address."""
        self._pass()
        self.world.set_email(customer, email)
        self.emails[customer] = email

    def credit(self, customer: str, units: int) -> str | None:
        """A credit note, in worlds that know credits."""
        if "credits" not in self.world.abilities:
            return None
        self._pass()
        id_ = self.world.add_credit(customer, decimal(units, self.world.currency))
        self.credits[id_] = (customer, units)
        return id_

    def use(self, credit: str | None, invoice: str, units: int) -> None:
        """Apply a part of a credit, in worlds that know credits."""
        if credit is None:
            return
        self._pass()
        self.world.use_credit(credit, invoice, decimal(units, self.world.currency))
        customer, left = self.credits[credit]
        self.credits[credit] = (customer, left - units)
        self.debts[invoice].open -= units

    def wait(self) -> None:
        """A quarter of an hour goes by."""
        self.world.clock.advance(seconds=A_WHILE_SECONDS)

    def shop(self) -> list[str]:
        """A small company: two customers and four open invoices, whose ids are returned, and a credit."""
        alder, birch = self.customer("Aldertree Bakery"), self.customer("Birchwood Cycles")
        invoices = [
            self.invoice(alder, 12050, due=-40),
            self.invoice(birch, 8800, due=-3),
            self.invoice(alder, 40000, due=0),
            self.invoice(birch, 999, due=30),
        ]
        self.credit(birch, 1500)
        return invoices

    def crowd(self) -> list[str]:
        """So many invoices that the source needs more than one page for them, if it has pages."""
        who, rows = self.customer("Cedar Crowd Catering"), self.world.page_rows
        return [self.invoice(who, 1000 + number) for number in range(_FEW if rows is None else rows + 3)]

    def owed(self) -> dict[str, int]:
        """What is open by invoice, of those of which something is."""
        return {id_: debt.owed for id_, debt in self.debts.items() if debt.owed}

    def left(self, customers: list[str] | None = None) -> dict[str, int]:
        """What is left of credits, of all customers or of these."""
        return {
            id_: units
            for id_, (who, units) in self.credits.items()
            if units and (customers is None or who in customers)
        }

    def _pass(self) -> None:
        self.world.clock.advance(seconds=BETWEEN_SECONDS)
