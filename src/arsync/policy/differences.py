"""What a policy says otherwise than another, value by value. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from arsync.policy.in_force import VALUES
from arsync.policy.rules import CustomerTerms, Override, Policy, Step
from arsync.policy.trace import KEYS, OF_CUSTOMER
from arsync.policy.value_words import step_words, where_words, words


class Difference(msgspec.Struct, frozen=True):
    """A value by its place ("steps.final notice", "customers.Norrland Joinery.hours") as the house has
    it and as the book has it, in words; None where one of them says nothing. ``source`` is where the
    book's stands, or for what the book took away, the house's."""

    key: str
    house: str | None
    book: str | None
    source: str


def differences(house: Policy, book: Policy) -> list[Difference]:
    """Everything that the book's policy says otherwise than the house's, in the order of the values."""
    theirs, own = dict(_told(house)), dict(_told(book))
    found = []
    for key in dict.fromkeys((*own, *theirs)):
        was, now = theirs.get(key), own.get(key)
        if (was and was[0]) != (now and now[0]):
            source = (now or was or ("", ""))[1]
            found.append(Difference(key, was and was[0], now and now[0], source))
    return found


def override_words(override: Override) -> dict[str, str]:
    """The values of a segment, customer or invoice in words, by key."""
    own = ((key, getattr(override, key)) for key in ("ladder", *VALUES))
    return {key: words(key, value) for key, value in own if value is not None}


def _told(policy: Policy) -> Iterator[tuple[str, tuple[str, str]]]:
    """Every value of the policy in words, with its source, by its place."""
    sources = policy.sources
    for key in KEYS:
        yield key, (words(key, getattr(policy, key)), sources.get(key, ""))
    for role, address in policy.contacts.items():
        yield f"contacts.{role}", (address, sources.get(f"contacts.{role}", ""))
    yield from _steps("steps", policy.steps, sources)
    for name, steps in policy.ladders.items():
        yield from _steps(f"ladders.{name}", steps, sources)
    for segment in policy.segments:
        key = f"segments.{segment.name}"
        yield f"{key}.where", (where_words(segment.where), sources.get(key, ""))
        yield from _values(key, segment.values)
    for name, terms in policy.customers.items():
        yield from _customer(f"customers.{name}", terms)
    for number, override in policy.invoices.items():
        yield from _values(f"invoices.{number}", override)


def _steps(
    prefix: str, steps: tuple[Step, ...], sources: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    for step in steps:
        key = f"{prefix}.{step.name}"
        yield key, (step_words(step), sources.get(key, ""))


def _values(prefix: str, override: Override) -> Iterator[tuple[str, tuple[str, str]]]:
    for key, value in override_words(override).items():
        yield f"{prefix}.{key}", (value, override.sources.get(key, ""))


def _customer(prefix: str, terms: CustomerTerms) -> Iterator[tuple[str, tuple[str, str]]]:
    sources = terms.values.sources
    yield from _values(prefix, terms.values)
    for key in ("debt", *OF_CUSTOMER):
        if value := getattr(terms, key):
            yield f"{prefix}.{key}", (words(key, value), sources.get(key, ""))
    for role, address in terms.contacts.items():
        yield f"{prefix}.contacts.{role}", (address, sources.get(f"contacts.{role}", ""))
