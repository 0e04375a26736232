"""Rule 6: every reason for which an invoice or a customer is not chased now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from arsync.money import plain
from arsync.policy.model import HOLD_REASONS, Debt, Debtor, Facts, HoldOrder, Reason
from arsync.policy.rules import Policy

# A reason, its detail, and for an invoice's reason the last day it stands, where that is known.
Ground = tuple[Reason, str, date | None]


def invoice_reasons(facts: Facts, debt: Debt, *, done: bool, today: date) -> tuple[Ground, ...]:
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
                found.append(("promised", f"the accounting system expects payment on {expected}", expected))
            elif matching:
                found.append(_ordered(matching))
    if debt.due_on is None:
        found.append(("no-due-date", "the invoice has no due date", None))
    elif done:
        found.append(("ladder-done", "no step of the policy is left", None))
    return tuple(found)


def customer_reasons(
    policy: Policy,
    debtor: Debtor,
    currency: str,
    total: int,
    unapplied: int,
    *,
    today: date,
    gap: date | None,
    last: date | None,
    sending: bool,
) -> list[Ground]:
    """Every reason for which this customer is held in this currency, in order of precedence.

    ``gap`` is the first day that keeps the gap to the last message, which was on ``last``. A task
    (``sending`` False) needs no address and no sending day. The days on which the last two reasons
    end hang on the steps that are ready, so they are not told here.
    """
    found: list[Ground] = no_address(debtor) if sending else []
    if unapplied >= total:
        owed, credit = plain(total, currency), plain(unapplied, currency)
        found.append(
            ("credit-covers", f"unapplied credit of {credit} {currency} covers the {owed} owed", None)
        )
    minimum = policy.minimum.get(currency)
    if minimum is not None and total - unapplied < minimum:
        net, least = plain(total - unapplied, currency), plain(minimum, currency)
        found.append(("below-minimum", f"{net} {currency} is below the minimum of {least}", None))
    if gap is not None and gap > today:
        detail = f"the last message was on {last}, and the gap is {max(policy.min_gap_days, 1)} days"
        found.append(("too-soon", detail, None))
    if sending and today.weekday() not in policy.send_on:
        found.append(("not-a-sending-day", f"{today:%A} is not a sending day", None))
    return found


def doubts(facts: Facts, customer_id: str, currency: str, *, firm: bool) -> list[Ground]:
    """The reasons that lie in the figures themselves. What is not firm may go on with stale ones."""
    found: list[Ground] = []
    differs = facts.unreconciled.get((customer_id, currency), facts.unreconciled.get((customer_id, "")))
    if differs is not None:
        found.append(("unreconciled", differs, None))
    if firm and facts.stale is not None:
        found.append(("stale-data", facts.stale, None))
    return found


def no_address(debtor: Debtor) -> list[Ground]:
    """The reason `no-address`, where there is none to write to."""
    if debtor.to:
        return []
    if debtor.bad:
        shown = ", ".join(repr(bad[:60]) for bad in debtor.bad[:3])
        return [("no-address", f"no usable e-mail address: {shown}", None)]
    return [("no-address", "no e-mail address in the accounting system", None)]


def first(grounds: Sequence[Ground]) -> Ground:
    """The one that is told, its detail naming the others."""
    reason, detail, until = grounds[0]
    if len(grounds) > 1:
        detail += "; also " + ", ".join(other for other, _, _ in grounds[1:])
    return reason, detail, until


def _ordered(orders: Sequence[HoldOrder]) -> Ground:
    """Orders of one reason as one: the longest of them counts, and its note comes first."""
    orders = sorted(orders, key=lambda order: (order.until or date.max, order.note), reverse=True)
    reason = orders[0].reason
    words = {
        "excluded": "left out of chasing",
        "disputed": "the customer disputes it",
        "promised": "payment was promised",
        "paused": "chasing is paused",
    }[reason]
    ends = [order.until for order in orders if order.until is not None]
    last = max(ends) if len(ends) == len(orders) else None
    note = next((order.note for order in orders if order.note), "")
    return reason, words + (f" up to {last}" if last else "") + (f": {note}" if note else ""), last
