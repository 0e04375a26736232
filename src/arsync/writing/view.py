"""The one frozen view of a message: text, HTML and note are made from it and from nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from arsync.ledger.records import Invoice
from arsync.policy.model import Message, Task


class LetterLine(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice in a letter. ``total`` and ``open`` are minor units; ``days_overdue`` is negative
    before the due date and None without one."""

    number: str
    issued_on: date | None
    due_on: date | None
    days_overdue: int | None
    total: int
    open: int


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its letter shows it, texts as the accounting system has them.

    Amounts are minor units of ``currency``; ``today`` is the book's date. ``company`` is whose book it
    is, ``sender_name`` may be empty, ``reply_to`` is an address. ``language`` is a locale such as "en"
    or "fr_CA"; one that is unknown is read as English.
    """

    customer_name: str
    company: str
    sender_name: str
    sender_address: str
    reply_to: str
    step: str
    lines: tuple[LetterLine, ...]
    currency: str
    unapplied: int
    today: date
    language: str = "en"

    @property
    def total(self) -> int:
        """The sum of the open amounts."""
        return sum(line.open for line in self.lines)

    @property
    def net(self) -> int:
        """What remains after the unapplied credit, at least 0."""
        return max(0, self.total - self.unapplied)

    @property
    def oldest_days(self) -> int:
        """The days since the oldest due date, 0 where nothing is overdue."""
        return max([0, *(line.days_overdue or 0 for line in self.lines)])


def letter_view(
    message: Message | Task,
    invoices: Mapping[str, Invoice],
    *,
    company: str,
    sender_name: str,
    sender_address: str,
    reply_to: str | None,
    today: date,
    language: str = "en",
) -> LetterView:
    """The view of a planned message. ``invoices`` by id tell what the plan does not need: the date of
    issue and the full amount. Open amounts are the message's own."""
    lines = []
    for line in message.lines:
        invoice = invoices.get(line.invoice_id)
        lines.append(
            LetterLine(
                number=line.number or line.invoice_id,
                issued_on=invoice.issued_on if invoice else None,
                due_on=line.due_on,
                days_overdue=line.days_overdue,
                total=invoice.total if invoice else line.open,
                open=line.open,
            )
        )
    return LetterView(
        customer_name=message.customer_name,
        company=company,
        sender_name=sender_name,
        sender_address=sender_address,
        reply_to=reply_to or sender_address,
        step=message.step,
        lines=tuple(lines),
        currency=message.currency,
        unapplied=message.unapplied,
        today=today,
        language=language,
    )
