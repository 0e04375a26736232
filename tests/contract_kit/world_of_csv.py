"""A file in a folder as a world for the contract."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

from arsync.errors import FixSettings, TryLater
from arsync.ledger import CreditKind
from arsync.testing import World
from arsync.testing.desk import BOOK

DOCUMENT = ("id", "number", "customer_id", "customer", "email", "issued", "due", "currency", "total", "open")
HEADINGS = (*DOCUMENT, "country", "region", "group")


class FilesWorld(World):
    abilities = frozenset({"credits", "currencies", "places", "breakdowns"})
    connector = "csv"
    currency, tenant, unknown, page_rows = "EUR", BOOK, "r999", 1000
    currencies = {"USD": None, "JPY": None, "KWD": None}  # noqa: RUF012 - a file tells no rates
    breakdowns = {"no file": (FixSettings, TryLater), "no headings": (FixSettings, TryLater)}  # noqa: RUF012
    connection = {  # noqa: RUF012
        "path": "list.csv",
        "company": "Alder Ltd",
        "currency": "EUR",
        "date_format": "YYYY-MM-DD",
        "columns": {name: name for name in HEADINGS},
    }

    def start(self) -> None:
        self.path = self.folder / "list.csv"
        self.people: dict[str, tuple[str, str]] = {}
        self.foreign: dict[str, str] = {}
        self.places: dict[str, dict[str, str]] = {}
        self.rows: dict[str, dict[str, str]] = {}
        self.says: dict[str, str] = {}
        self.made = 0
        self.save()

    def save(self) -> None:
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(HEADINGS)
            csv.writer(file).writerows(map(self.cells, self.rows))

    def cells(self, id_: str) -> list[str]:
        row = self.rows[id_]
        name, email = self.people[row["customer_id"]]
        cells = {
            **row,
            "id": id_,
            "customer": name,
            "email": email,
            **self.places.get(row["customer_id"], {}),
        }
        return [self.says.get(cell, cell) for cell in (cells.get(each, "") for each in HEADINGS)]

    def everything(self) -> object:
        return self.path.read_bytes()

    def add_customer(self, name: str, email: str) -> str:
        id_ = f"c{len(self.people) + 1}"
        self.people[id_] = (name, email)
        return id_

    def add_foreign_customer(self, name: str, email: str, currency: str) -> str:
        id_ = self.add_customer(name, email)
        self.foreign[id_] = currency
        return id_

    def set_email(self, customer: str, email: str) -> None:
        self.people[customer] = (self.people[customer][0], email)
        self.save()

    def settle(self, customer: str, country: str, subdivision: str) -> None:
        self.places.setdefault(customer, {}).update(country=country, region=subdivision)
        self.save()

    def join(self, customer: str, group: str) -> None:
        self.places.setdefault(customer, {}).update(group=group)
        self.save()

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        return self.add(customer, amount, due, number)

    def add_credit(self, customer: str, amount: Decimal, kind: CreditKind) -> str:
        return self.add(customer, -amount, None, f"CN-{len(self.rows)}")

    def pay(self, invoice: str, amount: Decimal) -> None:
        self.rows[invoice]["open"] = str(Decimal(self.rows[invoice]["open"]) - amount)
        self.save()

    def use_credit(self, credit: str, invoice: str, amount: Decimal) -> None:
        self.pay(invoice, amount)
        self.pay(credit, -amount)
        if not Decimal(self.rows[credit]["open"]):
            self.remove(credit)

    def remove(self, invoice: str) -> None:
        del self.rows[invoice]
        self.save()

    def break_down(self, name: str) -> None:
        if name == "no file":
            self.path.unlink()
        else:
            self.path.write_text("Nothing to see here\n")

    def say(self, plain: str, real: str) -> None:
        # A file of another encoding than it seems is a matter of the connector's own tests.
        self.says[plain] = real.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self.save()

    def add(self, customer: str, amount: Decimal, due: date | None, number: str) -> str:
        self.made += 1
        id_ = f"r{self.made:04}"
        self.rows[id_] = {
            "number": number,
            "customer_id": customer,
            "issued": self.clock().date().isoformat(),
            "due": due.isoformat() if due else "",
            "currency": self.foreign.get(customer, ""),
            "total": str(amount),
            "open": str(amount),
        }
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(self.cells(id_))
        return id_
