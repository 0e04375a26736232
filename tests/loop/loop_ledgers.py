"""The two accounting systems behind one set of verbs: a simulated company of either vendor as a book.

What people do in a company is said the same way for both, and so is what goes wrong with its service.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from loop_desk import Desk

from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import QuickBooksSimulator
from arsync_xero.simulator import Company as XeroCompany
from arsync_xero.simulator import XeroSimulator
from free_port import free_port


class Ledger:
    """A company of either vendor in the book ``acme`` (or another), changed as people change it."""

    connector = ""
    currency = ""

    def __init__(self, desk: Desk, name: str, url: str) -> None:
        self.desk, self.name, self.url = desk, name, url

    def connection(self) -> dict[str, str]:
        raise NotImplementedError

    def write(
        self,
        *,
        sending: str = "approve",
        extra: str = "",
        zone: str = "UTC",
        golive: str | None = "start",
    ) -> None:
        """A practice file with this book alone."""
        self.desk.practice(
            {self.name: self.connection()}, sending=sending, extra=extra, zone=zone, golive=golive
        )

    def due(self, overdue: int) -> date:
        return self.desk.now().date() - timedelta(days=overdue)

    def _app(self) -> dict[str, str]:
        os.environ["ARSYNC_TEST_ID"], os.environ["ARSYNC_TEST_SECRET"] = "sandbox-client", "sandbox-secret"
        return {
            "connector": self.connector,
            "client_id": "env:ARSYNC_TEST_ID",
            "client_secret": "env:ARSYNC_TEST_SECRET",
            "redirect_uri": f"http://localhost:{free_port()}/callback",
            "server": self.url,
        }


class QuickBooks(Ledger):
    """A QuickBooks company."""

    connector, currency = "quickbooks", "USD"

    def __init__(self, desk: Desk, name: str, url: str, simulator: QuickBooksSimulator) -> None:
        super().__init__(desk, name, url)
        self.simulator = simulator
        self.company: QuickBooksCompany = next(iter(simulator.companies.values()))

    def connection(self) -> dict[str, str]:
        return {**self._app(), "company": self.company.realm}

    def customer(self, name: str, email: str | None = "pay@lumen.example", **fields: Any) -> str:
        return self.company.add_customer(name, email, **fields)

    def invoice(
        self, customer: str, amount: str, overdue: int = 2, number: str | None = None, **fields: Any
    ) -> str:
        due = self.due(overdue)
        return self.company.add_invoice(customer, amount, due - timedelta(days=30), due, number, **fields)

    def pay(self, invoice: str, amount: str | None = None) -> None:
        self.company.pay(invoice, amount)

    def void(self, invoice: str) -> None:
        self.company.void(invoice)

    def credit(self, customer: str, amount: str) -> None:
        self.company.add_credit_memo(customer, amount, self.desk.now().date())

    def redate(self, invoice: str, due: date) -> None:
        self.company.redate(invoice, due)

    def email(self, customer: str, address: str | None) -> None:
        self.company.edit_customer(customer, email=address)

    def enlarge(self, invoice: str, amount: str) -> None:
        """The invoice is made out over another amount."""
        self.company.edit_invoice(
            invoice,
            Line=[
                {
                    "Amount": Decimal(amount),
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
                }
            ],
        )

    def vanish(self, invoice: str) -> None:
        """Gone without a trace, as no changes ever tell."""
        with self.company.lock:
            table, record = self.company.tables["Invoice"], self.company.invoice(invoice)
            table.discard(record)

    def delete_payment_unmarked(self, payment: str, invoice: str) -> None:
        """The invoice is owed again, and its time of change stays as it was."""
        with self.company.lock:
            record = self.company.invoice(invoice)
            before = record.updated
            self.company.delete_payment(payment)
            record.updated, record.encoded = before, None
            self.company.tables["Invoice"].changed()

    def notes(self, invoice: str, customer: str) -> tuple[list[str], list[str]]:
        """The lines on the invoice, and those on the customer."""
        record = self.company.invoices[str(self.company.invoice(invoice).id)]
        on_invoice = record.get("PrivateNote", "")
        return on_invoice.splitlines(), self.company.customers[customer].get("Notes", "").splitlines()

    def open(self) -> dict[str, str]:
        """What is open in the company, by number."""
        rows = self.company.invoices.values()
        return {row["DocNumber"]: f"{row['Balance']:.2f}" for row in rows if row["Balance"]}

    def strike(
        self, kind: str, *, after: int = 0, times: int | None = 1, path: str = "^/v3/", **more: Any
    ) -> Any:
        return self.simulator.faults.add(kind, path, times=times, after=after, **more)

    def well(self) -> None:
        self.simulator.faults.clear()

    def calls(self) -> int:
        return len(self.simulator.calls)

    def token_calls(self) -> int:
        return sum(1 for call in self.simulator.token_calls if call.endpoint == "token")

    def expire(self) -> None:
        self.simulator.expire_access_tokens()

    def revoke(self, refresh: str) -> None:
        self.simulator.tokens.revoke(refresh)

    def disown(self, refresh: str) -> None:
        """The service knows nothing of a token that it has issued."""
        del self.simulator.tokens._refresh[refresh]


class Xero(Ledger):
    """A Xero organisation."""

    connector, currency = "xero", "GBP"

    def __init__(self, desk: Desk, name: str, url: str, simulator: XeroSimulator) -> None:
        super().__init__(desk, name, url)
        self.simulator = simulator
        self.company: XeroCompany = next(iter(simulator.companies.values()))

    def connection(self) -> dict[str, str]:
        return {**self._app(), "tenant": self.company.tenant}

    def customer(self, name: str, email: str | None = "pay@lumen.example") -> str:
        return self.company.add_contact(name, email)

    def invoice(
        self, customer: str, amount: str, overdue: int = 2, number: str | None = None, **fields: Any
    ) -> str:
        due = self.due(overdue)
        return self.company.add_invoice(customer, amount, due - timedelta(days=30), due, number, **fields)

    def pay(self, invoice: str, amount: str | None = None) -> None:
        self.company.pay(invoice, amount)

    def void(self, invoice: str) -> None:
        self.company.void(invoice)  # its AmountDue stays as it was

    def credit(self, customer: str, amount: str) -> None:
        self.company.add_overpayment(customer, amount)

    def redate(self, invoice: str, due: date) -> None:
        self.company.redate(invoice, due)

    def email(self, customer: str, address: str | None) -> None:
        self.company.edit_contact(customer, email=address)

    def enlarge(self, invoice: str, amount: str) -> None:
        with self.company.lock:
            record = self.company.invoice(invoice)
            record.total = record.amount_due = Decimal(amount)
            self.company.touch(record)

    def vanish(self, invoice: str) -> None:
        """It leaves the list of open ones, and nothing tells that it changed."""
        with self.company.lock:
            record = self.company.invoice(invoice)
            record.status, record.amount_due = "PAID", Decimal("0.00")
            self.company.touch(record, moved=False)

    def delete_payment_unmarked(self, payment: str, invoice: str) -> None:
        with self.company.lock:
            record = self.company.invoice(invoice)
            before = record.updated_ms
            self.company.delete_payment(payment)
            record.updated_ms = before

    def notes(self, invoice: str, customer: str) -> tuple[list[str], list[str]]:
        on_invoice = self.company.history(self.company.invoice(invoice).id)
        on_customer = self.company.history(self.company.contact(customer).id)
        return [each.details for each in on_invoice], [each.details for each in on_customer]

    def open(self) -> dict[str, str]:
        rows = self.company.invoices.values()
        return {row.number: f"{row.amount_due:.2f}" for row in rows if row.status == "AUTHORISED"}

    def strike(
        self, kind: str, *, after: int = 0, times: int | None = 1, path: str = r"^/api\.xro/", **more: Any
    ) -> Any:
        return self.simulator.faults.add(kind, path_regex=path, times=times, after=after, **more)

    def well(self) -> None:
        self.simulator.faults.clear()

    def calls(self) -> int:
        return len(self.simulator.calls.api)

    def token_calls(self) -> int:
        return len(self.simulator.calls.to("POST connect/token"))

    def expire(self) -> None:
        self.simulator.expire_access_tokens()

    def revoke(self, refresh: str) -> None:
        self.simulator.tokens.revoke(refresh)

    def disown(self, refresh: str) -> None:
        """The service knows nothing of a token that it has issued."""
        del self.simulator.tokens._refresh[refresh]


# Serves an empty company: `open_ledger("xero", "birch", timezone=...)`.
Open = Callable[..., Ledger]
