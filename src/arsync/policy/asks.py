"""Which facts a policy asks for beyond those every plan needs, so that no others are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from arsync.policy.profiles import PERSON_CALL_REST, PERSON_CAPS, PERSONS
from arsync.policy.rules import Override, Policy


class Asked(NamedTuple):
    """``contact_days`` are the days up to today of which contacts matter, 0 for none; ``with_behaviour``
    tells that a segment asks how customers have paid; ``written_to`` are the addresses by customer id or
    name that stand in the place of those on record."""

    contact_days: int
    with_behaviour: bool
    written_to: Mapping[str, Sequence[str]]


def asked(policy: Policy) -> Asked:
    """What the policy asks for at any of its levels, floors of profiles included."""
    levels: list[Policy | Override] = [
        policy,
        *(segment.values for segment in policy.segments),
        *(terms.values for terms in policy.customers.values()),
    ]
    days = [cap.days for level in levels for cap in level.caps or ()]
    days += [rest + 1 for level in levels if (rest := level.call_rest_days)]
    if any(level.profile in PERSONS for level in levels):
        days += [PERSON_CALL_REST + 1, *(cap.days for cap in PERSON_CAPS)]
    return Asked(
        contact_days=max(days, default=0),
        with_behaviour=any(segment.where.behaviour for segment in policy.segments),
        written_to={name: terms.to for name, terms in policy.customers.items() if terms.to},
    )
