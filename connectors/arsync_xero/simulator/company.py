"""One simulated organisation that can be changed while the service runs, from any thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from .books import locked
from .records import Amount, BookError, Contact, Credit, Invoice, Person, money
from .settling import Settling

_MOST_PERSONS = 5
_OPEN_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")


class ContactFields(TypedDict, total=False):
    """What a contact may have besides name, e-mail and persons."""

    first_name: str
    last_name: str
    account_number: str
    contact_number: str
    phone: str
    city: str
    region: str
    country: str
    currency: str | None
    payment_days: int | None
    groups: tuple[str, ...]


class ContactEdit(ContactFields, total=False):
    """What can be changed on a contact."""

    name: str
    email: str | None
    persons: Iterable[Person | Mapping[str, Any]]


class InvoiceExtras(TypedDict, total=False):
    """Fields that go on an invoice as they are."""

    reference: str
    expected: date | None
    planned: date | None
    sent_to_contact: bool
    has_attachments: bool
    branding_theme_id: str | None
    repeating_invoice_id: str | None
    line: str


class Company(Settling):
    """An organisation with its verbs; an invoice is named by InvoiceID or InvoiceNumber."""

    @locked
    def add_contact(
        self,
        name: str,
        email: str | None = None,
        persons: Iterable[Person | Mapping[str, Any]] = (),
        **fields: Unpack[ContactFields],
    ) -> str:
        """A new active contact; the name must be free among active contacts."""
        self._expect_free_name(name)
        contact = Contact(id=self.new_id("contact"), name=name, email=email, updated_ms=0, **fields)
        contact.persons = _persons(persons)
        self.names[name] = contact
        self.touch(contact)
        return contact.id

    @locked
    def edit_contact(self, ref: str, **fields: Unpack[ContactEdit]) -> None:
        """Change a contact's fields; a new name shows on its documents without moving them."""
        contact = self.contact(ref)
        if "name" in fields and fields["name"] != contact.name:
            self._expect_free_name(fields["name"])
            self.names.pop(contact.name, None)
            self.names[fields["name"]] = contact
        for key, value in fields.items():
            if key not in ContactEdit.__annotations__:
                raise TypeError(f"a contact has no field {key}")
            setattr(contact, key, _persons(value) if key == "persons" else value)  # type: ignore[arg-type]
        self.touch(contact)

    @locked
    def archive(self, ref: str) -> None:
        """Archive a contact: lists leave it out unless includeArchived is asked for."""
        contact = self.contact(ref)
        contact.status = "ARCHIVED"
        self.touch(contact)

    @locked
    def gdpr(self, ref: str) -> None:
        """Mark a contact as one who asked for their data to be erased."""
        contact = self.contact(ref)
        contact.status = "GDPRREQUEST"
        self.touch(contact)

    @locked
    def merge(self, ref: str, into: str) -> None:
        """Merge a contact into another: its documents move there, and it stays archived with a pointer."""
        source, target = self.contact(ref), self.contact(into)
        if source is target:
            raise BookError("a contact cannot be merged into itself")
        documents: tuple[Invoice | Credit, ...] = (*source.invoices, *source.credits)
        target.invoices += source.invoices
        target.credits += source.credits
        source.invoices, source.credits = [], []
        source.status, source.merged_to = "ARCHIVED", target.id
        for document in documents:
            document.contact = target
            self.touch(document)
        self.touch(source)
        self.touch(target)

    @locked
    def switch_reminders(self, *, enabled: bool) -> None:
        """Let the service send reminders of its own, or not."""
        self.reminders_enabled = enabled

    @locked
    def add_invoice(
        self,
        contact: str,
        amount: Amount,
        issued: date,
        due: date | None = None,
        number: str | None = None,
        currency: str | None = None,
        status: str = "AUTHORISED",
        *,
        type: str = "ACCREC",  # noqa: A002 the vendor's field
        rate: Amount = 1,
        tax: Amount = 0,
        updated: datetime | None = None,
        **extras: Unpack[InvoiceExtras],
    ) -> str:
        """A new document over `amount` including tax; returns its id.

        A sales invoice's number is unique; one is given when none is named. `rate` is units of the
        document's currency for one unit of the base currency, `updated` a last change in the past.
        """
        if status not in _OPEN_STATUSES:
            raise BookError(f"a document begins as one of {', '.join(_OPEN_STATUSES)}, not {status}")
        owner, total = self.contact(contact), money(amount)
        invoice = Invoice(
            id=self.new_id("invoice"),
            type=type,
            number=self._number(type, number),
            contact=owner,
            status=status,
            issued=issued,
            due=due,
            total=total,
            tax=money(tax),
            currency=currency or self.currency,
            rate=Decimal(rate),
            updated_ms=int(updated.timestamp()) * 1000 if updated else 0,
            amount_due=total,
            **extras,
        )
        owner.invoices.append(invoice)
        if invoice.number:
            self.numbers.setdefault(invoice.number, invoice)
        self.touch(invoice, moved=updated is None)
        return invoice.id

    def add_bill(
        self, contact: str, amount: Amount, issued: date, due: date | None = None, number: str | None = None
    ) -> str:
        """A supplier's bill (ACCPAY), which a reader of receivables must leave out."""
        return self.add_invoice(contact, amount, issued, due, number, type="ACCPAY")

    def add_draft(
        self, contact: str, amount: Amount, issued: date, due: date | None = None, number: str | None = None
    ) -> str:
        """A sales invoice that is not yet in force."""
        return self.add_invoice(contact, amount, issued, due, number, status="DRAFT")

    @locked
    def approve(self, ref: str) -> None:
        """Bring a draft or submitted document into force."""
        invoice = self.invoice(ref)
        if invoice.status not in ("DRAFT", "SUBMITTED"):
            raise BookError(f"{invoice.number} is {invoice.status}")
        invoice.status = "AUTHORISED"
        self.touch(invoice)

    @locked
    def void(self, ref: str, *, keep_amount: bool = True) -> None:
        """Void a document in force; `keep_amount` leaves AmountDue as it was, so that nobody trusts it."""
        invoice = self.invoice(ref)
        if invoice.status != "AUTHORISED":
            raise BookError(f"{invoice.number} is {invoice.status}; only AUTHORISED documents can be voided")
        if invoice.settled_in_part:
            raise BookError("payments and credits must be removed before an invoice can be voided")
        invoice.status = "VOIDED"
        if not keep_amount:
            invoice.amount_due = money(0)
        self.touch(invoice)

    @locked
    def delete(self, ref: str) -> None:
        """Delete a draft or submitted document; one in force can only be voided."""
        invoice = self.invoice(ref)
        if invoice.status not in ("DRAFT", "SUBMITTED"):
            raise BookError(f"{invoice.number} is {invoice.status}; only drafts can be deleted")
        invoice.status = "DELETED"
        self.touch(invoice)

    @locked
    def redate(self, ref: str, due: date | None) -> None:
        """Change the due date; on a part-paid document the service leaves UpdatedDateUTC as it was.

        Source: developer.xero.com, "Requests and responses", on If-Modified-Since.
        """
        invoice = self.invoice(ref)
        invoice.due = due
        self.touch(invoice, moved=not invoice.settled_in_part)

    @locked
    def expect(self, ref: str, on: date | None) -> None:
        """Set or clear the date on which a customer's payment (or our own, for a bill) is expected."""
        invoice = self.invoice(ref)
        if invoice.type == "ACCREC":
            invoice.expected = on
        else:
            invoice.planned = on
        self.touch(invoice)

    @locked
    def mark_sent(self, ref: str) -> None:
        """Mark as sent to the contact; silent on part-paid documents, as with the due date."""
        invoice = self.invoice(ref)
        invoice.sent_to_contact = True
        self.touch(invoice, moved=not invoice.settled_in_part)

    @locked
    def renumber(self, ref: str, number: str) -> None:
        """Give an invoice another number."""
        invoice = self.invoice(ref)
        if number in self.numbers:
            raise BookError("Invoice # must be unique.")
        if self.numbers.get(invoice.number) is invoice:
            del self.numbers[invoice.number]
        invoice.number = number
        self.numbers[number] = invoice
        self.touch(invoice)

    def _number(self, kind: str, number: str | None) -> str:
        if number is None:
            prefix = "INV" if kind == "ACCREC" else "BILL"
            number = f"{prefix}-{self.count(prefix):04d}"
        if kind == "ACCREC" and number in self.numbers:
            raise BookError("Invoice # must be unique.")
        return number

    def _expect_free_name(self, name: str) -> None:
        holder = self.names.get(name)
        if holder is not None and holder.status == "ACTIVE":
            raise BookError(
                f"The contact name {name} is already assigned to another contact."
                " The contact name must be unique across all active contacts."
            )


def _persons(values: Iterable[Person | Mapping[str, Any]]) -> tuple[Person, ...]:
    persons = tuple(Person.of(value) for value in values)
    if len(persons) > _MOST_PERSONS:
        raise BookError(f"a contact has at most {_MOST_PERSONS} contact persons")
    return persons
