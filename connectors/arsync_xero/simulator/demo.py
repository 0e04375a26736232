"""The demonstration company: an invented supplier to bakeries whose ledger shows each kind of decision."""

from __future__ import annotations

from datetime import date, timedelta

from .clock import Clock
from .company import Company
from .records import Person

TENANT = "3b7e5c52-5f0a-4c0e-9f6b-7f5a2f9d1e01"


def demo_company(today: date, clock: Clock | None = None) -> Company:
    """Harbour Mill Supplies Ltd, in GBP with one customer in EUR; all dates hang on `today`."""
    company = Company(tenant=TENANT, name="Harbour Mill Supplies Ltd", clock=clock)
    contacts = _contacts(company)
    _plain_debts(company, contacts, today)
    _special_cases(company, contacts, today)
    return company


def _contacts(company: Company) -> dict[str, str]:
    """The customers and one supplier by a short name."""
    add = company.add_contact
    return {
        "crumb": add(
            "Crumb & Co",
            "accounts@crumbandco.example",
            first_name="Ivy",
            last_name="Marsh",
            city="Leeds",
            region="England",
            country="United Kingdom",
            groups=("Retail",),
        ),
        "quay": add(
            "Quayside Bakery",
            "office@quayside-bakery.example",
            persons=[
                Person("Nell", "Pike", "nell@quayside-bakery.example", include_in_emails=True),
                Person("Tom", "Fell", "tom@quayside-bakery.example", include_in_emails=False),
            ],
            payment_days=30,
            city="Leith",
            region="Scotland",
            country="United Kingdom",
            groups=("Wholesale", "Key accounts"),
        ),
        "boulangerie": add(
            "Boulangerie du Port",
            "compta@boulangerie-du-port.example",
            currency="EUR",
            city="Saint-Malo",
            country="France",
            groups=("Wholesale",),
        ),
        "oven": add("Old Oven Tearooms"),
        "rye": add("Rye Lane Sandwiches", "hello@ryelane.example", country="England", groups=("Retail",)),
        "tin": add("Tin Loaf Ltd", "bills@tinloaf.example", city="Hamburg", country="Germany"),
        "scone": add(
            "Scone & Sons", "ledger@sconeandsons.example", city="Oban", country="Scotland", groups=("Retail",)
        ),
        "pasty": add("Pasty Harbour", "accounts@pastyharbour.example", city="Truro", country="UK"),
        "closed": add("Shut Shop Cafe", "shut@shutshop.example"),
        "mill": add("Upstream Grain Growers", "sales@upstreamgrain.example"),
    }


def _plain_debts(company: Company, contacts: dict[str, str], today: date) -> None:
    """One invoice for each stage from not yet due to long overdue, and one customer with several."""

    def owed(who: str, amount: str, overdue: int, currency: str | None = None, rate: str = "1") -> None:
        due = today - timedelta(days=overdue)
        company.add_invoice(
            contacts[who], amount, due - timedelta(days=30), due, currency=currency, rate=rate
        )

    owed("crumb", "184.20", -3)
    owed("crumb", "96.00", 0)
    owed("rye", "312.45", 2)
    owed("tin", "540.00", 9)
    owed("quay", "268.80", 16)
    owed("pasty", "1250.00", 35)
    owed("scone", "2480.75", 65)
    owed("boulangerie", "720.00", 9, "EUR", "1.17")
    owed("boulangerie", "415.50", 35, "EUR", "1.17")
    owed("boulangerie", "150.00", 16)


def _special_cases(company: Company, contacts: dict[str, str], today: date) -> None:
    """What must hold a message back, and what must not be taken for a receivable."""

    def ago(days: int) -> date:
        return today - timedelta(days=days)

    company.add_invoice(contacts["oven"], "88.00", ago(50), ago(20), reference="no e-mail address")
    covered = company.add_contact("Flourish Kitchen", "pay@flourish.example")
    company.add_invoice(covered, "230.00", ago(45), ago(15))
    company.add_overpayment(covered, "260.00", on=ago(10), reference="paid twice")
    part = company.add_invoice(contacts["tin"], "600.00", ago(52), ago(22))
    company.pay(part, "250.00", on=ago(5))
    promised = company.add_invoice(contacts["rye"], "405.00", ago(42), ago(12))
    company.expect(promised, today + timedelta(days=4))
    company.add_draft(contacts["crumb"], "75.00", ago(1), today + timedelta(days=29))
    company.void(company.add_invoice(contacts["quay"], "199.00", ago(60), ago(30)))
    company.add_bill(contacts["mill"], "1800.00", ago(40), ago(10), number="UG-7731")
    company.archive(contacts["closed"])
    company.add_invoice(contacts["pasty"], "64.00", ago(20), None, reference="no due date")
    small = company.add_contact("Penny Bun Kiosk", "kiosk@pennybun.example")
    company.add_invoice(small, "18.40", ago(55), ago(25))
