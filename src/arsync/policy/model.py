"""The values of the policy: a ladder of steps and its limits, and what a plan is made of. Pure.

Amounts are minor units, dates are calendar dates of the book, gaps and offsets are days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

StepKind = Literal["message", "task"]
MessageStatus = Literal["planned", "approved", "sent", "in-doubt", "failed", "withdrawn"]
# In order of precedence: first those of an invoice, then those of a customer in a currency.
InvoiceReason = Literal["excluded", "disputed", "promised", "paused", "no-due-date", "ladder-done"]
CustomerReason = Literal[
    "unreconciled",
    "stale-data",
    "no-address",
    "credit-covers",
    "below-minimum",
    "too-soon",
    "not-a-sending-day",
]
Reason = InvoiceReason | CustomerReason
# The reasons a person may give (`arsync hold --reason`), in order of precedence.
HOLD_REASONS = ("excluded", "disputed", "promised", "paused")
REASONS: tuple[Reason, ...] = (
    "excluded", "disputed", "promised", "paused", "no-due-date", "ladder-done",
    "unreconciled", "stale-data",
    "no-address", "credit-covers", "below-minimum", "too-soon", "not-a-sending-day",
)  # fmt: skip
EVERY_DAY = frozenset(range(7))


class Step(msgspec.Struct, frozen=True, gc=False):
    """One rung: ``offset`` days after the due date (negative before it, 0 on it).

    ``firm`` steps wait while payments look unrecorded; None where the step's place decides
    (`arsync.policy.ladder.firm_steps`).
    """

    name: str
    offset: int
    template: str
    does: StepKind = "message"
    firm: bool | None = None


class Policy(msgspec.Struct, frozen=True):
    """A ladder of steps in order of their days, and the limits around it.

    ``send_on`` are weekdays (Monday 0); ``minimum`` is in minor units by currency.
    ``payments_expected_every`` is in days, 0 for never; None where the book's own rhythm tells it.
    """

    name: str
    steps: tuple[Step, ...]
    min_gap_days: int = 5
    send_on: frozenset[int] = EVERY_DAY
    minimum: Mapping[str, int] = {}
    payments_expected_every: int | None = None


class Debt(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An open invoice, as the plan needs it. ``open`` is above zero."""

    id: str
    number: str
    customer_id: str
    currency: str
    due_on: date | None
    open: int
    promised_on: date | None = None


class Debtor(msgspec.Struct, frozen=True, gc=False):
    """A customer with the addresses a message would go to; ``bad`` are those that are no addresses.

    ``bcc`` get a copy that no other addressee learns of; none of them is in ``to`` or ``cc``.
    """

    id: str
    name: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()


class HoldOrder(msgspec.Struct, frozen=True, gc=False):
    """A hold that a person has put on an invoice or a customer. ``until`` is the last day it stands."""

    reason: Literal["excluded", "disputed", "promised", "paused"]
    until: date | None = None
    note: str = ""


class Taken(msgspec.Struct, frozen=True, gc=False):
    """The last step an invoice has taken: its name and, should the policy have lost it, its offset."""

    step: str
    offset: int


class Line(msgspec.Struct, frozen=True, gc=False):
    """An invoice in a message or task. ``step`` is the one it takes, None where it is only listed."""

    invoice_id: str
    number: str
    due_on: date | None
    open: int
    days_overdue: int | None
    step: str | None
    offset: int | None = None


class Message(msgspec.Struct, frozen=True, gc=False):
    """One communication to one customer, in one currency, about one or more invoices.

    ``total`` is the sum of the lines' open amounts, ``unapplied`` the customer's credit beside it.
    ``reason`` says why it was withdrawn or failed. ``bcc`` stand in no header and in no note.
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


class Hold(msgspec.Struct, frozen=True, gc=False):
    """Why some invoices of a customer are not chased now. ``until`` is the first day on which a
    message could leave, where that is known."""

    customer_id: str
    customer_name: str
    invoices: tuple[tuple[str, str], ...]  # (id, number)
    reason: Reason
    detail: str
    until: date | None


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


class Plan(msgspec.Struct, frozen=True):
    """What a run would send on a day, what it holds back and why, and what comes later."""

    book: str
    as_of: date
    messages: tuple[Message, ...]
    tasks: tuple[Task, ...]
    holds: tuple[Hold, ...]
    upcoming: tuple[Upcoming, ...]
