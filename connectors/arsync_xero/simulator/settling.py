"""Money and credit meet invoices: payments, credit notes, overpayments, prepayments, allocations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .books import Books, locked
from .records import ZERO, Allocation, Amount, BookError, Credit, Invoice, Payment, money

_CREDIT_TYPES = {
    "CreditNotes": "ACCRECCREDIT",
    "Overpayments": "RECEIVE-OVERPAYMENT",
    "Prepayments": "RECEIVE-PREPAYMENT",
}


class Settling(Books):
    """The part of a company that applies money; each step keeps AmountDue, AmountPaid and Status true."""

    @locked
    def pay(
        self,
        ref: str,
        amount: Amount | None = None,
        on: date | None = None,
        reference: str = "",
        *,
        batched: bool = False,
    ) -> str:
        """Pay an invoice or bill, wholly when no amount is given; returns the payment's id.

        `batched` makes it one of a deposit of several.
        """
        invoice = self.invoice(ref)
        value = invoice.amount_due if amount is None else money(amount)
        self._expect_room(invoice, value)
        payment = Payment(
            id=self.new_id("payment"),
            invoice=invoice,
            amount=value,
            on=on or self.today(),
            updated_ms=0,
            reference=reference,
            batched=batched,
        )
        invoice.payments.append(payment)
        invoice.amount_paid += value
        self.touch(payment)
        self._settle(invoice, payment.on)
        return payment.id

    def part_pay(self, ref: str, amount: Amount, on: date | None = None) -> str:
        """Pay a part of an invoice; returns the payment's id."""
        return self.pay(ref, amount, on)

    @locked
    def delete_payment(self, payment_id: str) -> None:
        """Take a payment back: it stays as DELETED and its invoice is owed again."""
        payment = self.payment(payment_id)
        if payment.status == "DELETED":
            raise BookError("the payment has been deleted already")
        payment.status = "DELETED"
        payment.invoice.amount_paid -= payment.amount
        self.touch(payment)
        self._settle(payment.invoice, payment.on)

    @locked
    def add_credit_note(
        self,
        contact: str,
        amount: Amount,
        *,
        issued: date | None = None,
        number: str | None = None,
        currency: str | None = None,
        rate: Amount = 1,
        reference: str = "",
        type: str = "ACCRECCREDIT",  # noqa: A002 the vendor's field
        status: str = "AUTHORISED",
    ) -> str:
        """A credit note, nothing of it used yet; returns its id."""
        if number is None:
            number = f"CN-{self.count('credit note number'):04d}"
        credit = self._new_credit("CreditNotes", contact, amount, issued, currency, rate, reference)
        credit.type, credit.number, credit.status = type, number, status
        self.touch(credit)
        return credit.id

    @locked
    def add_overpayment(
        self,
        contact: str,
        amount: Amount,
        *,
        on: date | None = None,
        currency: str | None = None,
        rate: Amount = 1,
        reference: str = "",
        type: str = "RECEIVE-OVERPAYMENT",  # noqa: A002 the vendor's field
    ) -> str:
        """Money received beyond what was owed; returns the overpayment's id."""
        credit = self._new_credit("Overpayments", contact, amount, on, currency, rate, reference)
        credit.type = type
        self.touch(credit)
        return credit.id

    @locked
    def add_prepayment(
        self,
        contact: str,
        amount: Amount,
        *,
        on: date | None = None,
        currency: str | None = None,
        rate: Amount = 1,
        reference: str = "",
        type: str = "RECEIVE-PREPAYMENT",  # noqa: A002 the vendor's field
    ) -> str:
        """Money received before the invoice; returns the prepayment's id."""
        credit = self._new_credit("Prepayments", contact, amount, on, currency, rate, reference)
        credit.type = type
        self.touch(credit)
        return credit.id

    @locked
    def allocate(self, credit_id: str, ref: str, amount: Amount | None = None, on: date | None = None) -> str:
        """Use a credit on an invoice, by default as much as fits; returns the allocation's id."""
        credit, invoice = self.credit(credit_id), self.invoice(ref)
        value = min(credit.remaining, invoice.amount_due) if amount is None else money(amount)
        if credit.status != "AUTHORISED" or not ZERO < value <= credit.remaining:
            raise BookError(f"the credit has {credit.remaining} left, not {value}")
        if (credit.contact, credit.currency) != (invoice.contact, invoice.currency):
            raise BookError("a credit can only be used on the same contact's invoices in the same currency")
        self._expect_room(invoice, value)
        allocation = Allocation(self.new_id("allocation"), credit, invoice, value, on or self.today())
        credit.allocations.append(allocation)
        invoice.allocations.append(allocation)
        credit.remaining -= value
        if not credit.remaining:
            credit.status = "PAID"
        invoice.amount_credited += value
        self.touch(credit)
        self._settle(invoice, allocation.on)
        return allocation.id

    def _new_credit(
        self,
        kind: str,
        contact: str,
        amount: Amount,
        issued: date | None,
        currency: str | None,
        rate: Amount,
        reference: str,
    ) -> Credit:
        owner, total = self.contact(contact), money(amount)
        credit = Credit(
            id=self.new_id(kind),
            kind=kind,
            type=_CREDIT_TYPES[kind],
            number="",
            contact=owner,
            status="AUTHORISED",
            issued=issued or self.today(),
            total=total,
            remaining=total,
            currency=currency or self.currency,
            rate=Decimal(rate),
            updated_ms=0,
            reference=reference,
        )
        owner.credits.append(credit)
        return credit

    def _expect_room(self, invoice: Invoice, value: Decimal) -> None:
        if invoice.status != "AUTHORISED":
            raise BookError(f"{invoice.number} is {invoice.status}; only AUTHORISED documents can be settled")
        if not ZERO < value <= invoice.amount_due:
            raise BookError(f"{value} does not fit the {invoice.amount_due} due on {invoice.number}")

    def _settle(self, invoice: Invoice, on: date) -> None:
        """Journals were posted, so the invoice moves, and its status follows what is due."""
        invoice.amount_due = invoice.total - invoice.amount_paid - invoice.amount_credited
        invoice.status = "AUTHORISED" if invoice.amount_due else "PAID"
        invoice.fully_paid_on = None if invoice.amount_due else on
        self.touch(invoice)
