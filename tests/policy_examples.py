"""A plain policy, a customer and an invoice, and what is in force for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from arsync.policy.in_force import InForce
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.rules import Policy, Step

VALUES = (
    "min_gap_days", "send_on", "minimum", "hours", "holidays", "caps", "call_rest_days", "profile",
)  # fmt: skip
FIRST, SECOND = Step("first", 1, "first"), Step("second", 10, "second")
LATE = Step("late", 20, "late")
PLAIN = Policy("plain", (FIRST, SECOND))
CUSTOMER = Debtor("7", "Norrland Joinery", ("a@n.example",), groups=("Trade",), country="SE")
INVOICE = Debt("i1", "INV-1", "7", "GBP", date(2027, 1, 1), 50000)


def facts(**fields: Any) -> Facts:
    return Facts(debts=(), debtors={}, **fields)


def resolve(policy: Policy, debtor: Debtor = CUSTOMER, debt: Debt | None = None, **more: Any) -> Policy:
    in_force = InForce(policy, facts(**more))
    found = in_force.customer(debtor)
    return found if debt is None else in_force.debt(debtor, debt, found)
