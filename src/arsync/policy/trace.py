"""Where each value in force comes from: the level that decides it, and file and line. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from arsync.policy.in_force import OWN_STEPS, VALUES, InForce
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.profiles import PERSONS
from arsync.policy.rules import CustomerTerms, Policy
from arsync.policy.value_words import words

# The values of a policy in the order in which they are told.
KEYS = (
    "profile", "min_gap_days", "send_on", "hours", "holidays", "customer_holidays", "closed", "caps",
    "call_rest_days", "minimum", "payments_expected_every", "debt",
)  # fmt: skip
# What is known of a customer by the policy file alone.
OF_CUSTOMER = ("to", "group", "country", "subdivision", "timezone")


class Traced(msgspec.Struct, frozen=True):
    """A value in words. ``level`` is "built in", "practice", "book", "segment NAME", "customer", "invoice"
    or "profile NAME" (a floor); ``source`` is file and line, empty where nobody wrote it."""

    key: str
    value: str
    level: str
    source: str


def trace(policy: Policy, facts: Facts, debtor: Debtor, debt: Debt | None = None) -> list[Traced]:
    """Every value in force for a customer, or for one of its invoices, with what decides it."""
    in_force = InForce(policy, facts)
    terms = in_force.terms(debtor)
    resolved = in_force.customer(debtor)
    chosen = {key: (getattr(policy, key), *_base(policy, key)) for key in KEYS}
    ladder = _ladder(policy)
    for level, override in in_force.levels(debtor, debt):
        for key in VALUES:
            if (value := getattr(override, key)) is not None:
                chosen[key] = value, level, override.sources.get(key, "")
        if override.ladder is not None:
            ladder = Traced("ladder", override.ladder, level, override.sources.get("ladder", ""))
    if terms.debt is not None:
        chosen["debt"] = terms.debt, "customer", terms.values.sources.get("debt", "")
    for key in KEYS:
        if (held := getattr(resolved, key)) != chosen[key][0]:
            chosen[key] = held, f"profile {resolved.profile}", ""
    return [
        *(Traced(key, words(key, value), level, source) for key, (value, level, source) in chosen.items()),
        *_contacts(policy, terms if resolved.profile not in PERSONS else CustomerTerms()),
        ladder,
        *_of_customer(terms),
    ]


def trace_book(policy: Policy) -> list[Traced]:
    """What a policy says of everybody whom nothing below it speaks of."""
    values = [Traced(key, words(key, getattr(policy, key)), *_base(policy, key)) for key in KEYS]
    return [*values, *_contacts(policy, CustomerTerms()), _ladder(policy)]


def _base(policy: Policy, key: str) -> tuple[str, str]:
    """The level of a value of the policy as a whole, and its source."""
    if key not in policy.sources:
        return "built in", ""
    return "practice" if key in policy.inherited else "book", policy.sources[key]


def _ladder(policy: Policy) -> Traced:
    return Traced("ladder", OWN_STEPS, *_base(policy, "steps"))


def _contacts(policy: Policy, terms: CustomerTerms) -> Iterator[Traced]:
    for role, address in {**policy.contacts, **terms.contacts}.items():
        key = f"contacts.{role}"
        if role in terms.contacts:
            yield Traced(key, address, "customer", terms.values.sources.get(key, ""))
        else:
            yield Traced(key, address, *_base(policy, key))


def _of_customer(terms: CustomerTerms) -> Iterator[Traced]:
    for key in OF_CUSTOMER:
        if value := getattr(terms, key):
            yield Traced(key, words(key, value), "customer", terms.values.sources.get(key, ""))
