"""Rule 6: every reason for which an invoice or a customer is not chased now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from arsync.money import plain
from arsync.policy.model import HOLD_REASONS, Debt, Debtor, Facts, HoldOrder, HoldReason, Reason
from arsync.policy.rules import Channel, Policy, StepKind


class Ground(NamedTuple):
    """A reason and its detail; for an invoice's reason the last day it stands, where that is known, and
    who deals with it."""

    reason: Reason
    detail: str
    last: date | None = None
    owner: str = ""


# The words for what an agreement holds, the last day on which it does, and who deals with it.
Agreed = tuple[str, date | None, str]

# Invoices that are held for one of these are not even listed in a message about others.
UNLISTED: frozenset[Reason] = frozenset({*HOLD_REASONS, "agreed"})

ORDERED: dict[HoldReason, str] = {
    "excluded": "left out of chasing",
    "insolvency": "the customer is insolvent",
    "lawyer": "the customer's lawyer speaks for it",
    "hardship": "the customer is in hardship",
    "complaint": "a complaint is open",
    "disputed": "the customer disputes it",
    "promised": "payment was promised",
    "paused": "chasing is paused",
}

# What a channel that is closed is called.
CHANNELS: dict[Channel, str] = {"message": "messages", "call": "calls", "letter": "letters"}


def invoice_reasons(
    facts: Facts, debt: Debt, *, done: bool, today: date, agreed: Agreed | None = None
) -> tuple[Ground, ...]:
    """Every reason for which this invoice itself is held, in order of precedence.

    ``done`` tells that no step is left. An order stands through its ``until`` day, and so does a
    payment that the accounting system expects: who promised to pay on a day has that day to pay.
    """
    found: list[Ground] = []
    orders: Sequence[HoldOrder] = ()
    if facts.invoice_holds or facts.customer_holds:
        orders = [
            order
            for order in (
                *facts.invoice_holds.get(debt.id, ()),
                *facts.customer_holds.get(debt.customer_id, ()),
            )
            if order.until is None or today <= order.until
        ]
    expected = debt.promised_on if debt.promised_on is not None and today <= debt.promised_on else None
    if orders or expected:
        for reason in HOLD_REASONS:
            matching = [order for order in orders if order.reason == reason]
            if reason == "promised" and expected and all(o.until and o.until < expected for o in matching):
                detail = f"the accounting system expects payment on {expected}"
                found.append(Ground("promised", detail, expected))
            elif matching:
                found.append(_ordered(matching))
    if agreed is not None:
        found.append(Ground("agreed", *agreed))
    if debt.due_on is None:
        found.append(Ground("no-due-date", "the invoice has no due date"))
    elif done:
        found.append(Ground("ladder-done", "no step of the policy is left"))
    return tuple(found)


def customer_reasons(
    policy: Policy,
    debtor: Debtor,
    does: StepKind,
    currency: str,
    asked: int,
    unapplied: int,
    *,
    today: date,
    gap: date | None,
    last: date | None,
    opted_out: frozenset[Channel],
    full: str | None,
    closed: str | None,
) -> list[Ground]:
    """Every reason for which this customer is held in this currency, in order of precedence.

    ``asked`` is the total less what of it is not asked for. ``gap`` is the first day that keeps the gap
    to the last message, which was on ``last``. ``full`` and ``closed`` say why it may not be contacted
    again today, and why nothing is sent. The days on which the last three reasons end hang on the steps
    that are ready, so they are not told here.
    """
    found = unreachable(debtor, does, opted_out) if opted_out or not debtor.to else []
    if unapplied >= asked:
        owed, credit = plain(asked, currency), plain(unapplied, currency)
        found.append(
            Ground("credit-covers", f"unapplied credit of {credit} {currency} covers the {owed} owed")
        )
    minimum = policy.minimum.get(currency)
    if minimum is not None and asked - unapplied < minimum:
        net, least = plain(asked - unapplied, currency), plain(minimum, currency)
        found.append(Ground("below-minimum", f"{net} {currency} is below the minimum of {least}"))
    if gap is not None and gap > today:
        detail = f"the last message was on {last}, and the gap is {max(policy.min_gap_days, 1)} days"
        found.append(Ground("too-soon", detail))
    if full is not None:
        found.append(Ground("too-many-contacts", full))
    if closed is not None:
        found.append(Ground("not-a-sending-day", closed))
    return found


def unreachable(debtor: Debtor, does: StepKind, opted_out: frozenset[Channel]) -> list[Ground]:
    """The reasons for which a customer cannot be reached, or does not want to be, in this way. A task
    needs neither an address nor a channel."""
    found = no_address(debtor) if does == "message" and not debtor.to else []
    if opted_out and does != "task" and does in opted_out:
        found.append(Ground("opted-out", f"the customer wants no {CHANNELS[does]}"))
    return found


def doubts(facts: Facts, customer_id: str, currency: str, *, firm: bool) -> list[Ground]:
    """The reasons that lie in the figures themselves. What is not firm may go on with stale ones."""
    found: list[Ground] = []
    differs = facts.unreconciled.get((customer_id, currency), facts.unreconciled.get((customer_id, "")))
    if differs is not None:
        found.append(Ground("unreconciled", differs))
    if firm and facts.stale is not None:
        found.append(Ground("stale-data", facts.stale))
    return found


def no_address(debtor: Debtor) -> list[Ground]:
    """The reason `no-address`."""
    if debtor.bad:
        shown = ", ".join(repr(bad[:60]) for bad in debtor.bad[:3])
        return [Ground("no-address", f"no usable e-mail address: {shown}")]
    return [Ground("no-address", "no e-mail address in the accounting system")]


def first(grounds: Sequence[Ground]) -> Ground:
    """The one that is told, its detail naming the others."""
    told = grounds[0]
    if len(grounds) > 1:
        others = ", ".join(dict.fromkeys([other.reason for other in grounds[1:]]))
        told = told._replace(detail=f"{told.detail}; also {others}")
    return told


def _ordered(orders: Sequence[HoldOrder]) -> Ground:
    """Orders of one reason as one: the longest of them counts, and its note comes first."""
    orders = sorted(orders, key=lambda it: (it.until or date.max, it.note, it.owner), reverse=True)
    reason = orders[0].reason
    ends = [order.until for order in orders if order.until is not None]
    last = max(ends) if len(ends) == len(orders) else None
    note = next((order.note for order in orders if order.note), "")
    owner = next((order.owner for order in orders if order.owner), "")
    detail = ORDERED[reason] + (f" up to {last}" if last else "") + (f": {note}" if note else "")
    return Ground(reason, detail, last, owner)
