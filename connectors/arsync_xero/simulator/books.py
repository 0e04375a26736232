"""The state of one organisation: its records, their order, and when each was last touched."""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

from .clock import Clock, SandboxClock
from .records import BookError, Contact, Credit, Email, Invoice, Note, Payment, Record
from .sorting import SortedIndex
from .timezones import today

P = ParamSpec("P")
R = TypeVar("R")
B = TypeVar("B", bound="Books")


def locked(method: Callable[Concatenate[B, P], R]) -> Callable[Concatenate[B, P], R]:
    """One change or one answer at a time."""

    @functools.wraps(method)
    def guarded(self: B, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return method(self, *args, **kwargs)

    return guarded


class Shelf:
    """The records of one endpoint with the two orders that Xero has indexes for."""

    def __init__(self) -> None:
        self.by_id: dict[str, Any] = {}
        self.id_order: SortedIndex[Any] = SortedIndex()
        self.update_order: SortedIndex[Any] = SortedIndex()

    def put(self, record: Record) -> None:
        """Add a record, or note that its time of update has changed."""
        if record.id not in self.by_id:
            self.by_id[record.id] = record
            self.id_order.put(record.id, (record.id,), record)
        self.update_order.put(record.id, (record.updated_ms, record.id), record)


class Books:
    """What one organisation holds, and the rules for what moves UpdatedDateUTC."""

    def __init__(
        self,
        tenant: str,
        name: str,
        country: str = "GB",
        currency: str = "GBP",
        timezone: str = "GMTSTANDARDTIME",
        clock: Clock | None = None,
        *,
        nulls: bool = False,
        email_limit: int = 1000,
        reminders_enabled: bool = False,
        balances_less_prepaid: bool = True,
        balances_in_base: bool = True,
    ) -> None:
        """An empty organisation.

        `nulls` makes some replies carry null where a text or list is empty, as the real service does
        now and then. `email_limit` is how many invoices the service itself mails in a UTC day (Xero:
        1,000 when paying, 20 in a trial, 0 in the demo company). `reminders_enabled` is the service's
        own reminder switch. The vendor's pages leave open whether a contact's balance is less by
        over- and prepayments that are not applied (`balances_less_prepaid`), and contradict each other on
        whether it is converted to the base currency (`balances_in_base`) or a plain sum: either can be
        had.
        """
        self.tenant = str(uuid.UUID(tenant))
        self.name = name
        self.country = country
        self.currency = currency
        self.timezone = timezone
        self.clock = SandboxClock.over(clock)
        self.nulls = nulls
        self.email_limit = email_limit
        self.reminders_enabled = reminders_enabled
        self.balances_less_prepaid = balances_less_prepaid
        self.balances_in_base = balances_in_base
        self.created_ms = self.clock.milliseconds()
        self.lock = threading.RLock()
        self.revision = 0
        self.shelves = {
            kind: Shelf()
            for kind in ("Invoices", "Contacts", "CreditNotes", "Overpayments", "Prepayments", "Payments")
        }
        self.notes: dict[str, list[Note]] = {}
        self.sent: list[Email] = []
        self.numbers: dict[str, Invoice] = {}
        self.names: dict[str, Contact] = {}
        self._counters: dict[str, int] = {}

    @property
    def invoices(self) -> Mapping[str, Invoice]:
        """Invoices and bills by id."""
        return MappingProxyType(self.shelves["Invoices"].by_id)

    @property
    def contacts(self) -> Mapping[str, Contact]:
        """Contacts by id, archived ones included."""
        return MappingProxyType(self.shelves["Contacts"].by_id)

    @property
    def payments(self) -> Mapping[str, Payment]:
        """Payments by id, deleted ones included."""
        return MappingProxyType(self.shelves["Payments"].by_id)

    @property
    def credits(self) -> Mapping[str, Credit]:
        """Credit notes, overpayments and prepayments by id."""
        merged: dict[str, Credit] = {}
        for kind in ("CreditNotes", "Overpayments", "Prepayments"):
            merged.update(self.shelves[kind].by_id)
        return MappingProxyType(merged)

    @property
    def emails(self) -> tuple[Email, ...]:
        """What the service itself has mailed, oldest first."""
        return tuple(self.sent)

    def history(self, doc_id: str) -> tuple[Note, ...]:
        """The notes written on a document or contact through the API, oldest first."""
        return tuple(self.notes.get(doc_id, ()))

    def today(self) -> date:
        """The civil date where the organisation is."""
        return today(self.clock(), self.timezone)

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        """Push the organisation's clock forward."""
        self.clock.advance(seconds=seconds, days=days)

    def invoice(self, ref: str) -> Invoice:
        """The invoice with this InvoiceID or InvoiceNumber; BookError when there is none."""
        found: Invoice | None = self.shelves["Invoices"].by_id.get(ref) or self.numbers.get(ref)
        if found is None:
            raise BookError(f"there is no invoice {ref}")
        return found

    def contact(self, ref: str) -> Contact:
        """The contact with this ContactID or name; BookError when there is none."""
        found: Contact | None = self.shelves["Contacts"].by_id.get(ref) or self.names.get(ref)
        if found is None:
            raise BookError(f"there is no contact {ref}")
        return found

    def credit(self, credit_id: str) -> Credit:
        """The credit note, overpayment or prepayment with this id; BookError when there is none."""
        for kind in ("CreditNotes", "Overpayments", "Prepayments"):
            found: Credit | None = self.shelves[kind].by_id.get(credit_id)
            if found is not None:
                return found
        raise BookError(f"there is no credit {credit_id}")

    def payment(self, payment_id: str) -> Payment:
        """The payment with this id; BookError when there is none."""
        found: Payment | None = self.shelves["Payments"].by_id.get(payment_id)
        if found is None:
            raise BookError(f"there is no payment {payment_id}")
        return found

    def new_id(self, kind: str) -> str:
        """The next id of a kind; the same company built twice has the same ids."""
        return str(uuid.uuid5(uuid.UUID(self.tenant), f"{kind}:{self.count(kind)}"))

    def count(self, kind: str) -> int:
        """The next number of a series, from 1."""
        self._counters[kind] = self._counters.get(kind, 0) + 1
        return self._counters[kind]

    def touch(self, record: Record, *, moved: bool = True) -> None:
        """Take in a change; `moved` is whether the service gives the record a new UpdatedDateUTC."""
        if moved:
            record.updated_ms = self.clock.milliseconds()
        self.revision += 1
        self.shelves[_shelf_of(record)].put(record)
        _forget_rows(record)
        if isinstance(record, Invoice | Credit):
            record.contact.encoded.clear()


def _forget_rows(record: Record) -> None:
    """Drop the encoded rows that show this record: its own and those of what names it."""
    record.encoded.clear()
    if isinstance(record, Contact):
        for invoice in record.invoices:
            _forget_rows(invoice)
        for credit in record.credits:
            credit.encoded.clear()
    elif isinstance(record, Invoice):
        for payment in record.payments:
            payment.encoded.clear()
        for part in record.allocations:
            part.credit.encoded.clear()


def _shelf_of(record: Record) -> str:
    if isinstance(record, Credit):
        return record.kind
    return f"{type(record).__name__}s"
