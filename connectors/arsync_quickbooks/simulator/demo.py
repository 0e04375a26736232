"""A small company that tells a story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from .company import Company

REALM = "4620816365"


def demo_company(today: date, clock: Callable[[], datetime] | None = None) -> Company:
    """A design studio whose books hold, relative to ``today``, one of every case a chaser of debts meets.

    Due in 3 days, today, 2, 9, 16, 35 and 65 days overdue; several overdue invoices of one customer; no
    address; a credit memo that covers the debt; a part-paid invoice; two addresses in one field; a debt too
    small to chase; a job billed with its parent; an inactive customer; a paid and a voided invoice; a note by
    a person.
    """
    studio = Company(REALM, "Juniper & Pine Studio", clock=clock)

    def bill(customer: str, amount: str, overdue: int, **fields: object) -> str:
        due = today - timedelta(days=overdue)
        return studio.add_invoice(customer, amount, due - timedelta(days=30), due, **fields)  # type: ignore[arg-type]

    def at(city: str, region: str, country: str = "USA") -> dict[str, str]:
        return {"City": city, "CountrySubDivisionCode": region, "Country": country}

    retail, hotels = studio.add_customer_type("Retail"), studio.add_customer_type("Hospitality")
    heron = studio.add_customer(
        "Heron Lane Bakery", "accounts@heronlane.example", address=at("Alder", "OR"), type=retail
    )
    bill(heron, "480.00", -3, memo="Spring menu boards")
    cedar = studio.add_customer("Cedar Street Books", "owner@cedarstreetbooks.example", type=retail)
    bill(cedar, "1150.00", 0)
    lumen = studio.add_customer("Lumen Yoga", "hello@lumenyoga.example", company_name="Lumen Yoga LLC")
    bill(lumen, "325.50", 2)
    harbor = studio.add_customer(
        "Harbor & Finch Hotels", "ap@harborfinch.example", address=at("Monterey", "CA"), type=hotels
    )
    bill(harbor, "2400.00", 9, email="ap@harborfinch.example")
    bill(harbor, "860.00", 16, email="ap@harborfinch.example")
    bill(
        harbor,
        "1975.25",
        35,
        email="ap@harborfinch.example",
        note="Spoke to Dana on Monday, will check with her boss",
    )
    quarry = studio.add_customer(
        "Quarry Road Cycles", "pay@quarryroad.example", address=at("Munich", "BY", "DEU"), type=retail
    )
    bill(quarry, "5200.00", 65)
    maple = studio.add_customer("Maple Court Dental")
    bill(maple, "740.00", 16)
    tern = studio.add_customer(
        "Tern Coffee Roasters", "books@terncoffee.example", address=at("Leith", "SCT", "GBR"), type=hotels
    )
    bill(tern, "300.00", 9)
    studio.add_credit_memo(tern, "350.00", today - timedelta(days=4), memo="Reprint of labels")
    alder = studio.add_customer(
        "Alder Valley Theatre", "office@aldervalley.example, treasurer@aldervalley.example"
    )
    part = bill(alder, "1800.00", 16)
    studio.pay(part, "600.00", today - timedelta(days=10))
    plume = studio.add_customer("Plume Stationery", "plume@plumestationery.example")
    bill(plume, "18.40", 35)
    group = studio.add_customer("Brightwater Group", "payables@brightwater.example")
    pier = studio.add_customer("Pier Nine Renovation", parent=group, bill_with_parent=True)
    bill(pier, "3120.00", 9)
    former = studio.add_customer("Old Mill Antiques", "shop@oldmill.example")
    paid = bill(former, "95.00", 65)
    studio.pay(paid, on=today - timedelta(days=40))
    studio.edit_customer(former, active=False)
    voided = bill(lumen, "325.50", 9)
    studio.void(voided)
    settled = bill(cedar, "640.00", 35)
    studio.pay(settled, on=today - timedelta(days=30))
    return studio
