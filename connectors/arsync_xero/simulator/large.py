"""A company of any size for measuring: open invoices over many customers, the same for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from .clock import Clock
from .company import Company

_TERMS = (14, 30, 30, 45, 60)


def large_company(
    invoices: int, customers: int, today: date, seed: int = 0, clock: Clock | None = None
) -> Company:
    """`invoices` AUTHORISED sales invoices spread over `customers`, due from 120 days ago to a month on.

    Nothing of it has changed since yesterday.
    """
    chance = random.Random(seed)  # noqa: S311 - test data, not secrets
    company = Company(
        tenant="6f2c1d1e-94a5-4b8f-8b67-3a1f4e0c9d20",
        name="Long Ledger Wholesale Ltd",
        clock=clock,
    )
    contacts = [
        company.add_contact(f"Customer {number:06d}", f"accounts@customer{number}.example")
        for number in range(1, customers + 1)
    ]
    yesterday = datetime.combine(today - timedelta(days=1), time(9, tzinfo=UTC))
    for contact in company.contacts.values():
        contact.updated_ms = int(yesterday.timestamp()) * 1000
        company.touch(contact, moved=False)
    for _ in range(invoices):
        terms = chance.choice(_TERMS)
        due = today - timedelta(days=chance.randint(-30, 120))
        issued = due - timedelta(days=terms)
        company.add_invoice(
            contacts[chance.randrange(customers)],
            Decimal(chance.randint(1_000, 500_000)) / 100,
            issued,
            due,
            updated=min(datetime.combine(issued, time(9, tzinfo=UTC)), yesterday),
        )
    return company
