"""What happens in a world, and what is owed after it: the truth that a connector is held against."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from arsync.ledger import Allocation, CreditKind, Payment
from arsync.money import decimal
from arsync.testing.world import World

# Between two things that people do; the stamps of most services are whole seconds.
BETWEEN_SECONDS = 1.0
A_WHILE_SECONDS = 900.0
DAY_SECONDS = 86400.0
_FEW = 20


class Debt(msgspec.Struct):
    """An invoice as it stands, in minor units; ``gone`` once it was voided or deleted."""

    customer: str
    currency: str
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
        self.received: dict[str, Payment] = {}
        self._foreign: dict[str, str] = {}

    def customer(self, name: str, currency: str | None = None) -> str:
        """A new customer with an address, billed in another currency where one is named; returns the id."""
        self._pass()
        email = f"{name.split()[0].lower()}@customers.example"
        if currency is None:
            id_ = self.world.add_customer(name, email)
        else:
            id_ = self.world.add_foreign_customer(name, email, currency)
            self._foreign[id_] = currency
        self.names[id_], self.emails[id_] = name, email
        return id_

    def currency(self, customer: str) -> str:
        """The currency of a customer's invoices and credits."""
        return self._foreign.get(customer, self.world.currency)

    def invoice(self, customer: str, units: int, *, due: int = 0) -> str:
        """A new invoice, due so many days from today; returns the id."""
        self._pass()
        number = f"K-{len(self.debts) + 1001}"
        currency = self.currency(customer)
        id_ = self.world.add_invoice(customer, decimal(units, currency), self.today(due), number)
        self.debts[id_] = Debt(customer, currency, number, units, units)
        return id_

    def today(self, days: int = 0) -> date:
        """The day, or one so many days later."""
        return self.world.clock().date() + timedelta(days=days)

    def pay(self, invoice: str, units: int | None = None) -> None:
        """Pay all of an invoice, or a part."""
        self._pass()
        debt = self.debts[invoice]
        paid = debt.open if units is None else units
        self.world.pay(invoice, decimal(paid, debt.currency))
        debt.open -= paid

    def receive(self, invoice: str, units: int | None = None, *, days_ago: int) -> str:
        """Money that came in some days ago, for all of an invoice or a part ("payments"); returns the id."""
        self._pass()
        debt, day = self.debts[invoice], self.today(-days_ago)
        paid = debt.open if units is None else units
        id_ = self.world.receive(invoice, decimal(paid, debt.currency), day)
        debt.open -= paid
        self.received[id_] = Payment(
            id=id_,
            customer_id=debt.customer,
            currency=debt.currency,
            amount=paid,
            paid_on=day,
            allocations=(Allocation(invoice, paid),),
        )
        return id_

    def take_back(self, payment: str) -> None:
        """A payment bounces ("payments")."""
        self._pass()
        self.world.take_back(payment)
        for paid in self.received.pop(payment).allocations:
            self.debts[paid.invoice_id].open += paid.amount

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

    def settle(self, customer: str, country: str, subdivision: str = "") -> None:
        """Give a customer an address in a country, in worlds that know places."""
        if "places" in self.world.abilities:
            self._pass()
            self.world.settle(customer, country, subdivision)

    def join(self, customer: str, group: str) -> None:
        """Put a customer into a group, in worlds that know places."""
        if "places" in self.world.abilities:
            self._pass()
            self.world.join(customer, group)

    def credit(self, customer: str, units: int, kind: CreditKind = "credit-note") -> str | None:
        """A credit note or another credit, in worlds that know credits."""
        if "credits" not in self.world.abilities:
            return None
        self._pass()
        id_ = self.world.add_credit(customer, decimal(units, self.currency(customer)), kind)
        self.credits[id_] = (customer, units)
        return id_

    def each_credit(self, customer: str, units: int) -> list[str | None]:
        """A credit of each kind that there is."""
        return [self.credit(customer, units, kind) for kind in self.world.credit_kinds]

    def use(self, credit: str | None, invoice: str, units: int) -> None:
        """Apply a part of a credit, in worlds that know credits."""
        if credit is None:
            return
        self._pass()
        self.world.use_credit(credit, invoice, decimal(units, self.debts[invoice].currency))
        customer, left = self.credits[credit]
        self.credits[credit] = (customer, left - units)
        self.debts[invoice].open -= units

    def wait(self, *, days: int = 0) -> None:
        """A quarter of an hour goes by, or some days."""
        self.world.clock.advance(seconds=days * DAY_SECONDS or A_WHILE_SECONDS)

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

    def street(self) -> list[str]:
        """So many customers, each with an invoice and a credit, that the source needs more than one page for
        them, if it has pages. Returns the ids."""
        rows = self.world.page_rows
        people = [self.customer(f"Row {number}") for number in range(_FEW if rows is None else rows + 3)]
        for number, who in enumerate(people):
            self.invoice(who, 2000 + number)
            self.credit(who, 100 + number, self.world.credit_kinds[-1])
        return people

    def spoil(self, units: int) -> None:
        """From now on this amount, where it is told, is one that no currency can hold exactly."""
        text = str(decimal(units, self.world.currency))
        self.world.say(text, text + ("5" if "." in text else ".5"))

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

    def net(self) -> dict[tuple[str, str], int]:
        """What each customer owes in each currency less what is left of credits, where that is not zero."""
        sums: dict[tuple[str, str], int] = {}
        for debt in self.debts.values():
            key = (debt.customer, debt.currency)
            sums[key] = sums.get(key, 0) + debt.owed
        for who, left in self.credits.values():
            key = (who, self.currency(who))
            sums[key] = sums.get(key, 0) - left
        return {key: units for key, units in sums.items() if units}

    def _pass(self) -> None:
        self.world.clock.advance(seconds=BETWEEN_SECONDS)
