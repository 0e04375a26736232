"""What a plan is decided from, and what it is made of. Pure.

Amounts are minor units, dates are calendar dates of the book, gaps and offsets are days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from arsync.policy.rules import Behaviour, Channel, Offer, StepKind

MessageStatus = Literal["planned", "approved", "sent", "in-doubt", "failed", "withdrawn"]
# In order of precedence: first those of an invoice, then those of a customer in a currency.
HoldReason = Literal[
    "excluded", "insolvency", "lawyer", "hardship", "complaint", "disputed", "promised", "paused"
]
InvoiceReason = HoldReason | Literal["agreed", "no-due-date", "ladder-done"]
CustomerReason = Literal[
    "unreconciled",
    "stale-data",
    "no-address",
    "opted-out",
    "credit-covers",
    "below-minimum",
    "too-soon",
    "too-many-contacts",
    "not-a-sending-day",
]
Reason = InvoiceReason | CustomerReason
# The reasons a person may give (`arsync hold --reason`), in order of precedence.
HOLD_REASONS: tuple[HoldReason, ...] = (
    "excluded", "insolvency", "lawyer", "hardship", "complaint", "disputed", "promised", "paused",
)  # fmt: skip
# Those that are about the customer, whatever invoice they came up with.
CUSTOMER_HOLDS = frozenset({"insolvency", "lawyer", "hardship", "complaint"})
REASONS: tuple[Reason, ...] = (
    *HOLD_REASONS, "agreed", "no-due-date", "ladder-done",
    "unreconciled", "stale-data",
    "no-address", "opted-out", "credit-covers", "below-minimum", "too-soon", "too-many-contacts",
    "not-a-sending-day",
)  # fmt: skip


class Debt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An open invoice, as the plan needs it. ``open`` is above zero.

    ``disputed`` and ``not_due`` (under an agreement) are parts of ``open`` that are not asked for now;
    ``round`` counts the instalments, each of which climbs the ladder anew from its own due date.
    """

    id: str
    number: str
    customer_id: str
    currency: str
    due_on: date | None
    open: int
    promised_on: date | None = None
    disputed: int = 0
    not_due: int = 0
    round: int = 1

    @property
    def asked(self) -> int:
        """What of it is asked for now."""
        return self.open - self.disputed - self.not_due


class Debtor(msgspec.Struct, frozen=True, gc=False):
    """A customer with the addresses a message would go to; ``bad`` are those that are no addresses.

    ``bcc`` get a copy that no other addressee learns of; none of them is in ``to`` or ``cc``.
    ``country`` is ISO 3166 alpha-2 and ``subdivision`` what follows it ("ENG"), empty where not known.
    ``zones`` are the IANA time zones it may be in; none where nothing tells: then it is where the book is.
    """

    id: str
    name: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    country: str = ""
    subdivision: str = ""
    zones: tuple[str, ...] = ()


class HoldOrder(msgspec.Struct, frozen=True, gc=False):
    """A hold that a person has put on an invoice or a customer. ``until`` is the last day it stands; of a
    promise the day that was promised, after which ``grace`` days pass before it counts as broken.

    ``amount`` is the part that is disputed, or what was promised, in ``currency``; None for all.
    ``lines`` are the open amounts by invoice when a promise was made. ``put_on`` is the day it was put.
    """

    reason: HoldReason
    until: date | None = None
    note: str = ""
    owner: str = ""
    amount: int | None = None
    currency: str = ""
    grace: int = 0
    put_on: date | None = None
    lines: tuple[tuple[str, int], ...] = ()


class Instalment(msgspec.Struct, frozen=True, gc=False):
    """One part of an instalment plan: so much by that day."""

    due_on: date
    amount: int


class Agreement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was agreed with a customer about some invoices, in one currency.

    instalments: ``instalments`` in order of days; one that is more than ``grace`` days late is asked for on
    the ladder, and once one is ``broken_after`` days late the agreement is broken and the invoices go on
    where they stood. settlement and discount: if ``amount`` is paid up to ``until``, the rest is conceded.
    ``lines`` are the open amounts by invoice when it was agreed, oldest due date first. ``first_round`` is
    the round of its first instalment: above those of every plan that one of its invoices was under before.
    """

    id: str
    kind: Literal["instalments", "settlement", "discount"]
    customer_id: str
    currency: str
    agreed_on: date
    lines: tuple[tuple[str, int], ...]
    instalments: tuple[Instalment, ...] = ()
    grace: int = 0
    broken_after: int = 14
    amount: int = 0
    until: date | None = None
    note: str = ""
    owner: str = ""
    first_round: int = 2


class Contact(msgspec.Struct, frozen=True, gc=False):
    """A contact with a customer on a day of the book, in this book or another. ``conversation`` tells
    that somebody was reached by telephone."""

    on: date
    channel: Channel
    conversation: bool = False
    elsewhere: bool = False


class Taken(msgspec.Struct, frozen=True, gc=False):
    """The last step an invoice has taken: its name and, should the policy have lost it, its offset; and
    the day on which it was taken, for the dwell of the next."""

    step: str
    offset: int
    on: date | None = None


class Line(msgspec.Struct, frozen=True, gc=False):
    """An invoice in a message or task. ``step`` is the one it takes, None where it is only listed.
    ``disputed`` and ``not_due`` are parts of ``open`` that are not asked for; ``due_on`` is that of the
    instalment where ``round`` is above 1 or something is not due."""

    invoice_id: str
    number: str
    due_on: date | None
    open: int
    days_overdue: int | None
    step: str | None
    offset: int | None = None
    disputed: int = 0
    not_due: int = 0
    round: int = 1


class Message(msgspec.Struct, frozen=True, gc=False):
    """One communication to one customer, in one currency, about one or more invoices.

    ``total`` is the sum of the lines' open amounts, ``unapplied`` the customer's credit beside it.
    ``reason`` says why it was withdrawn or failed. ``bcc`` stand in no header and in no note.
    ``offer`` is the discount it offers, valid up to and on the day ``offer_until``.
    """

    id: str
    customer_id: str
    customer_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    step: str
    template: str
    offset: int
    currency: str
    total: int
    unapplied: int
    lines: tuple[Line, ...]
    status: MessageStatus = "planned"
    reason: str = ""
    bcc: tuple[str, ...] = ()
    offer: Offer | None = None
    offer_until: date | None = None

    @property
    def held_back(self) -> int:
        """What of the total is not asked for: disputed, or not due under an agreement."""
        return sum([line.disputed + line.not_due for line in self.lines])


class Task(msgspec.Struct, frozen=True, gc=False):
    """Work for a person about one customer in one currency; its steps are taken when it is closed."""

    id: str
    customer_id: str
    customer_name: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    step: str
    offset: int
    currency: str
    total: int
    unapplied: int
    lines: tuple[Line, ...]
    bcc: tuple[str, ...] = ()
    does: StepKind = "task"

    @property
    def held_back(self) -> int:
        """What of the total is not asked for: disputed, or not due under an agreement."""
        return sum([line.disputed + line.not_due for line in self.lines])


class Hold(msgspec.Struct, frozen=True, gc=False):
    """Why some invoices of a customer are not chased now. ``until`` is the first day on which a
    message could leave, where that is known."""

    customer_id: str
    customer_name: str
    invoices: tuple[tuple[str, str], ...]  # (id, number)
    reason: Reason
    detail: str
    until: date | None
    owner: str = ""


class Upcoming(msgspec.Struct, frozen=True, gc=False):
    """The next step of an open invoice and the first day on which it could be taken."""

    invoice_id: str
    number: str
    customer_id: str
    customer_name: str
    step: str
    on: date


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a plan is decided from, besides the policy and the day.

    ``unapplied`` is credit by (customer, currency). ``invoice_holds`` and ``customer_holds`` are by
    id. ``taken`` is by invoice. ``contacted`` is the last day a message reached a customer, by
    (customer, currency); messages in doubt count, for they may have. ``approved`` are messages that
    were released; ``bound`` are invoices in a message that is in doubt or failed and waits for a
    person. ``open_tasks`` are the (invoice, step) pairs of tasks that were shown already.

    ``stale`` says why payments look unrecorded, None while they do not. ``unreconciled`` says how the
    figures of a customer differ from the accounting system's, by (customer, currency); the currency ''
    stands for all of them.

    ``rounds`` are the last steps taken by (invoice, round) in rounds above the first. ``contacts`` are by
    customer those of the last year, in order of days, where the policy has a cap or a rest after calls.
    ``opted_out`` are by customer the channels it wants to hear nothing by. ``agreements`` are those that
    are in force. ``behaviour`` is by customer, where a segment asks for it. ``zone`` is the book's.
    """

    debts: Sequence[Debt]
    debtors: Mapping[str, Debtor]
    unapplied: Mapping[tuple[str, str], int] = {}
    invoice_holds: Mapping[str, Sequence[HoldOrder]] = {}
    customer_holds: Mapping[str, Sequence[HoldOrder]] = {}
    taken: Mapping[str, Taken] = {}
    contacted: Mapping[tuple[str, str], date] = {}
    approved: Sequence[Message] = ()
    bound: frozenset[str] = frozenset()
    open_tasks: frozenset[tuple[str, str]] = frozenset()
    stale: str | None = None
    unreconciled: Mapping[tuple[str, str], str] = {}
    rounds: Mapping[tuple[str, int], Taken] = {}
    contacts: Mapping[str, Sequence[Contact]] = {}
    opted_out: Mapping[str, frozenset[Channel]] = {}
    agreements: Sequence[Agreement] = ()
    behaviour: Mapping[str, frozenset[Behaviour]] = {}
    zone: str = "UTC"


class Plan(msgspec.Struct, frozen=True):
    """What a run would send on a day, what it holds back and why, and what comes later."""

    book: str
    as_of: date
    messages: tuple[Message, ...]
    tasks: tuple[Task, ...]
    holds: tuple[Hold, ...]
    upcoming: tuple[Upcoming, ...]
