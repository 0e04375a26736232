"""The values of a policy: ladders of steps, the limits around them, and whom they are for. Pure.

Amounts are minor units, gaps and offsets are days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

Channel = Literal["message", "call", "letter"]
# What a step does. A call, a letter and a task are work for a person; the first two are contacts too.
StepKind = Literal["message", "call", "letter", "task"]
Profile = Literal["company", "sole-trader", "consumer"]
Behaviour = Literal["new", "usually-late", "pays-after-first-reminder"]
EVERY_DAY = frozenset(range(7))


class Cap(msgspec.Struct, frozen=True, gc=False):
    """At most so many ``contacts`` with one customer in any ``days`` days in a row, over all invoices,
    channels and books of the practice."""

    contacts: int
    days: int


class Offer(msgspec.Struct, frozen=True, gc=False):
    """A discount for early payment that a message offers: ``basis_points`` (200 is 2 %) off what it asks
    for, if that is paid within ``days`` days of the message."""

    basis_points: int
    days: int


class Step(msgspec.Struct, frozen=True, gc=False):
    """One rung: ``offset`` days after the due date (negative before it, 0 on it).

    ``firm`` steps wait while payments look unrecorded; None where the step's place decides
    (`arsync.policy.ladder.firm_steps`). ``dwell_days`` pass at least since the invoice's step before.
    An invoice that a condition leaves out passes the step over: ``at_least`` is by currency what of it is
    asked for; ``only_for`` and ``not_for`` name segments, and ``not_for`` may name "disputed": an invoice
    of which a part is in dispute. ``cc`` are roles or addresses that get a copy of this step's message.
    """

    name: str
    offset: int
    template: str
    does: StepKind = "message"
    firm: bool | None = None
    dwell_days: int = 0
    at_least: Mapping[str, int] = {}
    only_for: frozenset[str] = frozenset()
    not_for: frozenset[str] = frozenset()
    cc: tuple[str, ...] = ()
    offer: Offer | None = None


class Where(msgspec.Struct, frozen=True, gc=False):
    """The conditions of a segment; all that are set have to hold. ``currencies``, ``at_least`` and
    ``below`` (open amounts by currency, in minor units) look at the invoice, the others at the customer."""

    currencies: frozenset[str] = frozenset()
    at_least: Mapping[str, int] = {}
    below: Mapping[str, int] = {}
    groups: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()  # ISO 3166 alpha-2
    debts: frozenset[str] = frozenset()  # kinds of debt: rent, medical, tuition, loan ...
    profiles: frozenset[Profile] = frozenset()
    behaviour: frozenset[Behaviour] = frozenset()

    @property
    def of_invoices(self) -> bool:
        """Whether it looks at the invoice; such a segment may choose the ladder and nothing else."""
        return bool(self.currencies or self.at_least or self.below)


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Values that a segment, a customer or an invoice has of its own; None where it has none.

    Those of an invoice, and of a segment that looks at invoices, are ``ladder`` alone. ``sources`` tells
    by key where each stands ("policies/acme.toml:12").
    """

    ladder: str | None = None
    min_gap_days: int | None = None
    send_on: frozenset[int] | None = None
    minimum: Mapping[str, int] | None = None
    hours: tuple[int, int] | None = None
    holidays: tuple[str, ...] | None = None
    caps: tuple[Cap, ...] | None = None
    call_rest_days: int | None = None
    profile: Profile | None = None
    sources: Mapping[str, str] = {}


class Segment(msgspec.Struct, frozen=True):
    """A named condition with the values of those it holds for. Of several, the one that stands last in
    the file decides each value."""

    name: str
    where: Where
    values: Override


class CustomerTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy file says of one customer: values of its own, and what the accounting system does
    not know of it. ``contacts`` are addresses by role; ``to`` stands in the place of its addresses."""

    values: Override = Override()
    to: tuple[str, ...] = ()
    contacts: Mapping[str, str] = {}
    group: str | None = None
    country: str | None = None
    subdivision: str | None = None
    timezone: str | None = None
    debt: str | None = None


class Policy(msgspec.Struct, frozen=True):
    """A ladder of steps in order of their days, and the limits around it.

    ``send_on`` are weekdays (Monday 0); ``minimum`` is in minor units by currency.
    ``payments_expected_every`` is in days, 0 for never; None where the book's own rhythm tells it.
    ``hours`` are minutes after midnight where the customer is, from and up to; None for any.
    ``holidays`` are countries with subdivisions ("GB-ENG") on whose public holidays nothing leaves;
    with ``customer_holidays`` those of the customer's own country count too; ``closed`` are the company's
    own days off, first and last. No call is made for ``call_rest_days`` after a conversation.
    ``profile`` is the kind of debtor, whose floors hold whatever the other values say
    (`arsync.policy.profiles`). ``contacts`` are addresses by role for all customers.

    ``segments``, ``customers`` (by id or name), ``invoices`` (by id or number) and the named ``ladders``
    are what `arsync.policy.in_force` resolves: the policy in force for one customer or invoice has none.
    ``sources`` tells by key where each value stands: for what has a name by that too ("contacts.owner",
    "steps.final notice", "ladders.gentle", "ladders.gentle.final notice"); ``inherited`` are those of
    these keys that come from the practice's house policy, ``locked`` those that it lets nobody else set.
    """

    name: str
    steps: tuple[Step, ...]
    min_gap_days: int = 5
    send_on: frozenset[int] = EVERY_DAY
    minimum: Mapping[str, int] = {}
    payments_expected_every: int | None = None
    hours: tuple[int, int] | None = None
    holidays: tuple[str, ...] = ()
    customer_holidays: bool = False
    closed: tuple[tuple[date, date], ...] = ()
    caps: tuple[Cap, ...] = ()
    call_rest_days: int = 0
    profile: Profile | None = None
    debt: str | None = None
    contacts: Mapping[str, str] = {}
    ladders: Mapping[str, tuple[Step, ...]] = {}
    segments: tuple[Segment, ...] = ()
    customers: Mapping[str, CustomerTerms] = {}
    invoices: Mapping[str, Override] = {}
    sources: Mapping[str, str] = {}
    inherited: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()

    @property
    def every_step(self) -> tuple[Step, ...]:
        """The steps of all its ladders."""
        return (*self.steps, *(step for ladder in self.ladders.values() for step in ladder))
