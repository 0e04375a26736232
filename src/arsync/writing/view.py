"""The one frozen view of a message: text, HTML and note are made from it and from nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from arsync.ledger.records import Invoice
from arsync.policy.agreements import discounted
from arsync.policy.model import Message, Task
from arsync.writing.plain_text import plain_line


class LetterLine(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice in a letter. Amounts are minor units; ``days_overdue`` is negative before the due date
    and None without one.

    ``disputed`` and ``not_due`` are parts of ``open`` that the letter does not ask for. ``instalment``
    tells that it is paid in instalments; ``due_on`` is then that of the instalment. ``step`` is the one
    it takes with the letter, None where it is only listed; ``round`` counts instalments from 2 on.
    """

    number: str
    issued_on: date | None
    due_on: date | None
    days_overdue: int | None
    total: int
    open: int
    disputed: int = 0
    not_due: int = 0
    instalment: bool = False
    step: str | None = None
    round: int = 1

    @property
    def asked(self) -> int:
        """What of it the letter asks for."""
        return self.open - self.disputed - self.not_due


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """A message as its letter shows it, texts as the accounting system has them.

    Amounts are minor units of ``currency``; ``today`` is the book's date. ``company`` is whose book it
    is, ``sender_name`` may be empty, ``reply_to`` is an address. ``language`` is a locale such as "en"
    or "fr_CA"; one that is unknown is read as English. ``discount`` is in basis points (200 is 2 %) off
    what is asked for, if that is paid up to ``discount_until``. With ``opt_out`` the letter tells how to
    hear no more by e-mail; with ``first_letter`` nobody has written to this customer from the book before.
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
    discount: int = 0
    discount_until: date | None = None
    opt_out: bool = False
    first_letter: bool = False

    @property
    def total(self) -> int:
        """The sum of the open amounts."""
        return sum(line.open for line in self.lines)

    @property
    def disputed(self) -> int:
        """What of the total is in dispute."""
        return sum(line.disputed for line in self.lines)

    @property
    def not_due(self) -> int:
        """What of the total is not due yet under an agreement."""
        return sum(line.not_due for line in self.lines)

    @property
    def net(self) -> int:
        """What the letter asks for: the total less what is held back and less the credit, at least 0."""
        return max(0, self.total - self.disputed - self.not_due - self.unapplied)

    @property
    def discounted(self) -> int:
        """What is enough in place of ``net`` while the discount is offered: there is none on instalments,
        and the credit is taken off first."""
        whole = sum(line.asked for line in self.lines if not line.instalment)
        rest = max(0, whole - self.unapplied)
        return self.net - rest + discounted(rest, self.discount)

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
    opt_out: bool = False,
    first_letter: bool = False,
) -> LetterView:
    """The view of a planned message. ``invoices`` by id tell what the plan does not need: the date of
    issue and the full amount. Open amounts are the message's own."""
    offer = message.offer if isinstance(message, Message) else None
    lines = []
    for line in message.lines:
        invoice = invoices.get(line.invoice_id)
        lines.append(
            LetterLine(
                number=line.number if plain_line(line.number) else line.invoice_id,
                issued_on=invoice.issued_on if invoice else None,
                due_on=line.due_on,
                days_overdue=line.days_overdue,
                total=invoice.total if invoice else line.open,
                open=line.open,
                disputed=line.disputed,
                not_due=line.not_due,
                instalment=line.round > 1 or line.not_due > 0,
                step=line.step,
                round=line.round,
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
        discount=offer.basis_points if offer else 0,
        discount_until=message.offer_until if isinstance(message, Message) else None,
        opt_out=opt_out,
        first_letter=first_letter,
    )
