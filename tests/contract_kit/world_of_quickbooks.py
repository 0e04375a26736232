"""QuickBooks' simulator, on a socket of its own, as a world for the contract."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from arsync.connector import TokenPair
from arsync.errors import Refused, TryLater
from arsync.ledger import CreditKind
from arsync.testing import World
from arsync.testing.world import Target
from arsync_quickbooks.simulator import Company, Limits, QuickBooksSimulator


class QuickBooksWorld(World):
    abilities = frozenset(
        {
            "http",
            "oauth",
            "notes",
            "credits",
            "payments",
            "figures",
            "currencies",
            "places",
            "marks",
            "breakdowns",
        }
    )
    connector = "quickbooks"
    currency = "USD"
    tenant = "4620816365"
    unknown = "999999"
    page_rows = 1000
    credit_kinds = ("credit-note", "payment", "journal")
    currencies = {  # noqa: RUF012
        "EUR": Decimal("1.0825"),
        "JPY": Decimal("0.0067"),
        "KWD": Decimal("3.255"),
    }
    breakdowns = {  # noqa: RUF012
        "429-xml": (TryLater,),
        "403-throttle": (TryLater,),
        "200-with-fault": (TryLater, Refused),
        "200-with-fault-lower": (TryLater, Refused),
    }
    connection = {"company": tenant, "client_id": "kit", "client_secret": "env:SECRET"}  # noqa: RUF012
    secrets = {"env:SECRET": "client-secret-of-the-kit"}  # noqa: RUF012

    def start(self) -> None:
        self.company = Company(self.tenant, "Juniper Studio", clock=self.clock)
        self.simulator = QuickBooksSimulator(
            [self.company], client_id="kit", client_secret=self.secrets["env:SECRET"], limits=Limits.off()
        )
        self.server = self.simulator.serve()

    def stop(self) -> None:
        self.server.close()

    @property
    def address(self) -> str:
        return self.server.url

    def tokens(self) -> TokenPair:
        grant = self.simulator.grant(self.tenant)
        return TokenPair(
            access=grant["access_token"],
            refresh=grant["refresh_token"],
            expires_at=self.clock() + timedelta(seconds=grant["expires_in"]),
        )

    def everything(self) -> object:
        company = self.company
        kinds = (company.customers, company.invoices, company.payments, company.credit_memos)
        others = (company.journal_entries, company.attachables)
        return [dict(kind) for kind in (*kinds, *others)], list(company.sent)

    def add_customer(self, name: str, email: str) -> str:
        return self.company.add_customer(name, email)

    def add_foreign_customer(self, name: str, email: str, currency: str) -> str:
        self.company.multicurrency = True
        self.company.set_rate(currency, self.currencies[currency])
        return self.company.add_customer(name, email, currency=currency)

    def set_email(self, customer: str, email: str) -> None:
        self.company.edit_customer(customer, email=email)

    def settle(self, customer: str, country: str, subdivision: str) -> None:
        codes = {"DE": "DEU", "US": "USA", "GB": "GBR", "FR": "FRA", "JP": "JPN"}
        address = {"Country": codes.get(country, country), "CountrySubDivisionCode": subdivision}
        self.company.edit_customer(customer, address=address)

    def join(self, customer: str, group: str) -> None:
        self.company.edit_customer(customer, type=self.company.add_customer_type(group))

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        return self.company.add_invoice(customer, amount, self.company.today(), due, number)

    def pay(self, invoice: str, amount: Decimal) -> None:
        self.company.pay(invoice, amount)

    def remove(self, invoice: str) -> None:
        self.company.delete(invoice)

    def receive(self, invoice: str, amount: Decimal, day: date) -> str:
        return self.company.pay(invoice, amount, day)

    def take_back(self, payment: str) -> None:
        self.company.delete_payment(payment)

    def add_credit(self, customer: str, amount: Decimal, kind: CreditKind) -> str:
        today = self.company.today()
        if kind == "credit-note":
            return self.company.add_credit_memo(customer, amount, today)
        if kind == "payment":
            return self.company.add_payment(customer, amount, today)
        return f"{self.company.add_journal(customer, -amount, today)}:{customer}"

    def use_credit(self, credit: str, invoice: str, amount: Decimal) -> None:
        company, id_ = self.company, credit.partition(":")[0]
        use = company.apply_credit if credit in company.credit_memos else company.apply_payment
        (company.apply_journal if id_ != credit else use)(id_, invoice, amount)

    def note(self, target: Target, target_id: str) -> str:
        if target == "customer":
            return str(self.company.customers[target_id].get("Notes", ""))
        return str(self.company.invoices[target_id].get("PrivateNote", ""))

    def break_down(self, name: str) -> None:
        self.simulator.faults.add(name, times=None)
