"""A company of any size, built fast and always the same for the same seed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from .amounts import currency_ref
from .company import Company
from .records import Body, Record

_WORDS = (
    "Amber Birch Coral Delta Ember Fern Grove Hazel Indigo Jasper Kestrel Larch Mistral Nettle Osprey".split()
)
_TRADES = (
    "Bakery Clinic Designs Engineering Foods Gardens Homes Imports Joinery Kitchens Logistics Media".split()
)
_TOWNS = "Alder Brook Cliff Dale Easton Ford Glen Hythe".split()
_WORK = (
    ("1", "Services", "Consultation and preparation of drawings as agreed"),
    ("2", "Design", "Design work, two rounds of changes included"),
    ("3", "Materials", "Materials at cost with delivery to site"),
)
_UNTAXED = {"value": "NON"}
_MEMO = {"value": "Thank you for your business and have a great day!"}


def large_company(invoices: int, customers: int, today: date, seed: int = 0) -> Company:
    """Open invoices spread over the customers, due from 120 days ago to 30 days ahead of ``today``.

    CreateTimes rise by 0, 1 or 2 seconds from one to the next, so some are shared; the last lie a day before
    ``today``. The clock stands at noon UTC of ``today``.
    """
    now = datetime.combine(today, time(12), UTC)
    company = Company("4620816999", "Large Trading Co", clock=lambda: now)
    chance = random.Random(seed)  # noqa: S311 - a company must come out the same every time
    steps = [chance.choice((0, 1, 1, 1, 2)) for _ in range(customers + invoices)]
    moment = int((now - timedelta(days=1)).timestamp()) - sum(steps)
    payers: list[Record] = []
    for index in range(customers):
        moment += steps[index]
        payers.append(_customer(company, index, moment, chance))
    company.tables["Customer"].extend(payers)
    company.names.update((payer.body["DisplayName"].casefold(), payer) for payer in payers)
    booked: list[Record] = []
    for index in range(invoices):
        moment += steps[customers + index]
        payer = payers[index] if index < customers else chance.choice(payers)
        booked.append(_invoice(company, payer, today, moment, chance))
    company.tables["Invoice"].extend(booked)
    return company


def _customer(company: Company, index: int, moment: int, chance: random.Random) -> Record:
    name = f"{chance.choice(_WORDS)} {chance.choice(_TRADES)} {index + 1}"
    address = {
        "Id": str(index + 2),
        "Line1": f"{chance.randint(1, 999)} {chance.choice(_WORDS)} Street",
        "City": chance.choice(_TOWNS),
        "Country": "USA",
        "CountrySubDivisionCode": "CA",
        "PostalCode": f"9{chance.randint(1000, 9999)}",
    }
    body: Body = {
        "DisplayName": name,
        "CompanyName": name,
        "GivenName": chance.choice(_WORDS),
        "PrimaryEmailAddr": {"Address": f"accounts{index + 1}@customer.example"},
        "PrimaryPhone": {"FreeFormNumber": f"(555) 555-{chance.randint(1000, 9999)}"},
        "BillAddr": address,
        "ShipAddr": address,
        "CurrencyRef": currency_ref("USD"),
    }
    return Record("Customer", company.new_id("Customer"), moment, moment, body, currency="USD")


def _invoice(company: Company, payer: Record, today: date, moment: int, chance: random.Random) -> Record:
    due = today - timedelta(days=chance.randint(-30, 120))
    lines = [_line(position, chance) for position in range(3)]
    total: Decimal = sum((line["Amount"] for line in lines), Decimal(0))
    body: Body = {
        "DocNumber": str(company.next_number),
        "TxnDate": (due - timedelta(days=30)).isoformat(),
        "Line": lines,
        "CustomerMemo": _MEMO,
        "BillAddr": payer.body["BillAddr"],
        "ShipAddr": payer.body["ShipAddr"],
        "SalesTermRef": {"value": "3", "name": "Net 30"},
        "DueDate": due.isoformat(),
        "BillEmail": payer.body["PrimaryEmailAddr"],
        "CustomerRef": {"value": str(payer.id)},
    }
    company.next_number += 1
    payer.balance += total
    payer.updated = moment
    return Record(
        "Invoice",
        company.new_id("Invoice"),
        moment,
        moment,
        body,
        customer=payer,
        currency="USD",
        total=total,
        balance=total,
    )


def _line(position: int, chance: random.Random) -> dict[str, Any]:
    item, name, description = _WORK[position]
    price = Decimal(chance.randint(1000, 90000)).scaleb(-2)
    return {
        "Id": str(position + 1),
        "LineNum": position + 1,
        "Description": description,
        "Amount": price,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {
            "ItemRef": {"value": item, "name": name},
            "UnitPrice": price,
            "Qty": 1,
            "TaxCodeRef": _UNTAXED,
        },
    }
