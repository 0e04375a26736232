"""One company's books, and what people do in them.

Every method is what a person could do in the company's own screens; each may be called from any thread while
the service answers. Ids are text, as on the wire. Amounts are text, integers or Decimals, never floats.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from . import customers, journals, payments, sales, wire
from .amounts import exact
from .change import Change
from .fields import CUSTOMER_FIELDS, SALES_FIELDS, wire_fields
from .records import Record, Table
from .settings import TERMS
from .shapes import shape
from .views import RecordsView

Amount = str | int | Decimal
KINDS = (
    "Customer",
    "CustomerType",
    "Invoice",
    "CreditMemo",
    "Payment",
    "JournalEntry",
    "Term",
    "Attachable",
)


class Company:
    """A QuickBooks Online company.

    ``clock`` gives the present as an aware UTC datetime; without one it is the machine's.
    ``aging_from_txn_date`` and ``payments_enabled`` are the company's preferences; ``tells_timezone`` says
    whether CompanyInfo carries its DefaultTimeZone, which the schema has and answers often lack.
    """

    def __init__(
        self,
        realm: str,
        name: str,
        country: str = "US",
        currency: str = "USD",
        multicurrency: bool = False,
        timezone: str = "America/Los_Angeles",
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.realm = realm
        self.name = name
        self.country = country
        self.currency = currency
        self.multicurrency = multicurrency
        self.timezone = timezone
        self.aging_from_txn_date = False
        self.payments_enabled = False
        self.tells_timezone = True
        self.rates: dict[str, Decimal] = {}
        self.sent: list[tuple[str, str]] = []
        """Invoices that the service itself mailed: the invoice's id and the address."""
        self.lock = threading.RLock()
        self.names: dict[str, Record] = {}
        """Customers by case-folded DisplayName: no two may share one."""
        self.replies: dict[str, tuple[int, bytes]] = {}
        """Stored answers by requestid."""
        self.failing_items = 0
        """So many of the next items of batches fail with a fault of the service's own."""
        self.tables = {kind: Table(kind) for kind in KINDS}
        self._clock = clock or (lambda: datetime.now(UTC))
        self._offset = timedelta()
        self._next = {
            "transaction": 101,
            "Customer": 1,
            "CustomerType": 5000000000000001201,
            "Term": 1,
            "Attachable": 5000000000000500001,
        }
        self.next_number = 1001
        self.born = self.epoch()
        for term in TERMS:
            self.store(Record("Term", self.new_id("Term"), self.born, self.born, dict(term)))

    # ---- time

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def now(self) -> datetime:
        """The present, UTC."""
        return self._clock() + self._offset

    def epoch(self) -> int:
        """The present in whole seconds since the epoch."""
        return int(self.now().timestamp())

    def today(self) -> date:
        """The calendar date where the company is."""
        return self.now().astimezone(self.zone).date()

    def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        """Move this company's clock forward."""
        with self.lock:
            self._offset += timedelta(days=days, seconds=seconds)

    # ---- storage, for the modules of the simulator

    def new_id(self, kind: str) -> int:
        """Transactions share one sequence of ids; names, terms and attachments have their own."""
        key = kind if kind in self._next else "transaction"
        self._next[key] += 1
        return self._next[key] - 1

    def store(self, record: Record) -> Record:
        self.tables[record.kind].add(record)
        return record

    def find(self, kind: str, record_id: int) -> Record | None:
        return self.tables[kind].rows.get(record_id)

    @contextmanager
    def change(self) -> Iterator[Change]:
        """One act: everything touched gets the same time, and customers' balances follow."""
        with self.lock:
            change = Change(self.epoch(), self.tables)
            try:
                yield change
            except BaseException:
                change.undo()
                raise
            change.settle()

    def encoded(self, record: Record) -> bytes:
        """The object's JSON."""
        if record.encoded is None:
            record.encoded = wire.encode(shape(self, record))
        return record.encoded

    # ---- what tests look at

    @property
    def invoices(self) -> RecordsView:
        """The invoices in force by id, each as the service would show it, amounts as Decimals."""
        return RecordsView(self, "Invoice")

    @property
    def customers(self) -> RecordsView:
        return RecordsView(self, "Customer")

    @property
    def payments(self) -> RecordsView:
        return RecordsView(self, "Payment")

    @property
    def credit_memos(self) -> RecordsView:
        return RecordsView(self, "CreditMemo")

    @property
    def journal_entries(self) -> RecordsView:
        return RecordsView(self, "JournalEntry")

    @property
    def attachables(self) -> RecordsView:
        return RecordsView(self, "Attachable")

    # ---- what people do

    def invoice(self, what: str) -> Record:
        """The invoice with this id, or else with this number; ``KeyError`` if there is none."""
        rows = self.tables["Invoice"].rows
        if what.isdigit() and int(what) in rows:
            return rows[int(what)]
        for record in rows.values():
            if record.body.get("DocNumber") == what:
                return record
        raise KeyError(f"no invoice with id or number {what!r}")

    def _get(self, kind: str, record_id: str) -> Record:
        record = self.find(kind, int(record_id)) if record_id.isdigit() else None
        if record is None:
            raise KeyError(f"no {kind} with id {record_id!r}")
        return record

    def add_customer(self, name: str, email: str | None = None, **fields: Any) -> str:
        """A new customer; returns its id.

        Fields: the vendor's own names (``Notes=...``) or ``active``, ``parent`` (an id: makes it a job),
        ``bill_with_parent``, ``currency``, ``notes``, ``company_name``, ``phone``, ``address`` (the vendor's
        BillAddr), ``type`` (a customer type's id); ``created`` (a datetime).
        """
        given = {"DisplayName": name, **wire_fields(CUSTOMER_FIELDS, {"email": email, **fields})}
        with self.lock:
            return str(customers.create(self, given).id)

    def edit_customer(self, customer: str, **fields: Any) -> None:
        """Change a customer's fields: those of ``add_customer``, and ``name`` and ``email``."""
        with self.lock:
            customers.revise(self, self._get("Customer", customer), wire_fields(CUSTOMER_FIELDS, fields))

    def add_customer_type(self, name: str) -> str:
        """A new type that customers can be of; returns its id."""
        with self.lock:
            now = self.epoch()
            body = {"Name": name, "Active": True}
            return str(self.store(Record("CustomerType", self.new_id("CustomerType"), now, now, body)).id)

    def merge_customers(self, customer: str, into: str) -> None:
        """Make a customer one with another, which gets all that stood on the first."""
        with self.lock:
            customers.merge(self, self._get("Customer", customer), self._get("Customer", into))

    def add_invoice(
        self,
        customer: str,
        amount: Amount,
        issued: date,
        due: date | None,
        number: str | None = None,
        currency: str | None = None,
        **fields: Any,
    ) -> str:
        """A new invoice; returns its id. Without ``number`` it takes the company's next one; ``""`` is none.

        Fields: the vendor's own names or ``email``, ``cc``, ``bcc``, ``note`` (PrivateNote), ``memo``,
        ``rate`` (home units for one of the currency), ``online_payment``, ``term`` (a Term's id), ``created``
        (a datetime).
        """
        with self.lock:
            return str(
                sales.book(self, "Invoice", customer, amount, issued, due, number, currency, fields).id
            )

    def add_credit_memo(
        self,
        customer: str,
        amount: Amount,
        issued: date,
        number: str | None = None,
        currency: str | None = None,
        **fields: Any,
    ) -> str:
        """A new credit memo, applied to nothing yet; returns its id."""
        with self.lock:
            return str(
                sales.book(self, "CreditMemo", customer, amount, issued, None, number, currency, fields).id
            )

    def pay(self, invoice: str, amount: Amount | None = None, on: date | None = None) -> str:
        """A payment for an invoice, by default for all that is open; returns the payment's id."""
        with self.lock:
            record = self.invoice(invoice)
            paid = record.balance if amount is None else exact(amount, record.currency)
            return str(payments.pay(self, record, paid, on or self.today()).id)

    def add_payment(self, customer: str, amount: Amount, on: date | None = None) -> str:
        """Money on account, applied to nothing; returns the payment's id."""
        with self.lock:
            payer = self._get("Customer", customer)
            return str(payments.receive(self, payer, exact(amount, payer.currency), on or self.today()).id)

    def apply_credit(self, memo: str, invoice: str, amount: Amount | None = None) -> str:
        """Apply a credit memo to an invoice; returns the id of the payment of 0 that joins the two."""
        with self.lock:
            credit, debt = self._get("CreditMemo", memo), self.invoice(invoice)
            used = min(credit.balance, debt.balance) if amount is None else exact(amount, debt.currency)
            return str(payments.join(self, credit, debt, used, self.today()).id)

    def apply_journal(self, journal: str, invoice: str, amount: Amount) -> str:
        """Apply a journal entry in the customer's favour to an invoice; returns the joining payment's id."""
        with self.lock:
            credit, debt = self._get("JournalEntry", journal), self.invoice(invoice)
            return str(payments.join(self, credit, debt, exact(amount, debt.currency), self.today()).id)

    def apply_payment(self, payment: str, invoice: str, amount: Amount | None = None) -> None:
        """Apply money on account to an invoice."""
        with self.lock:
            money, debt = self._get("Payment", payment), self.invoice(invoice)
            used = min(money.balance, debt.balance) if amount is None else exact(amount, debt.currency)
            payments.apply_more(self, money, debt, used)

    def delete_payment(self, payment: str) -> None:
        """Delete a payment, as when it bounces: what it paid is open again."""
        with self.lock:
            payments.delete(self, self._get("Payment", payment))

    def void_payment(self, payment: str) -> None:
        """Void a payment: it stays, with nothing on it, and what it paid is open again."""
        with self.lock:
            payments.void(self, self._get("Payment", payment))

    def void(self, invoice: str) -> None:
        """Void an invoice: it stays, with nothing on it."""
        with self.lock:
            sales.void(self, self.invoice(invoice))

    def delete(self, invoice: str) -> None:
        """Delete an invoice; what was applied to it becomes unapplied."""
        with self.lock:
            sales.delete(self, self.invoice(invoice), unlink=True)

    def redate(self, invoice: str, due: date | None) -> None:
        """Change an invoice's due date."""
        self.edit_invoice(invoice, DueDate=due.isoformat() if due else None)

    def renumber(self, invoice: str, number: str) -> None:
        """Change an invoice's number."""
        self.edit_invoice(invoice, DocNumber=number)

    def annotate(self, invoice: str, note: str) -> None:
        """Write an invoice's PrivateNote, over what stood there."""
        self.edit_invoice(invoice, PrivateNote=note)

    def edit_invoice(self, invoice: str, **fields: Any) -> None:
        """Change an invoice's fields: those of ``add_invoice``."""
        with self.lock:
            sales.revise(self, self.invoice(invoice), wire_fields(SALES_FIELDS, fields))

    def add_journal(self, customer: str, amount: Amount, on: date, number: str | None = None) -> str:
        """A journal entry on receivables; a negative amount is in the customer's favour. Returns its id."""
        with self.lock:
            return str(journals.book(self, self._get("Customer", customer), amount, on, number).id)

    def set_rate(self, currency: str, rate: Amount) -> None:
        """Home units for one unit of the currency, for transactions from now on."""
        self.rates[currency] = Decimal(rate)

    def restamp(self, kind: str, record_id: str, created: datetime | None, updated: datetime | None) -> None:
        """Set an object's MetaData times, to build a history."""
        with self.lock:
            record = self._get(kind, record_id)
            record.created = record.created if created is None else int(created.timestamp())
            record.updated = record.updated if updated is None else int(updated.timestamp())
            record.encoded = None
            self.tables[kind].add(record)
