"""The floors of each kind of debtor: they hold whatever the other values say, the stricter counts. Pure.

They are a judgement inside the public rules named here, chosen so that one default keeps all of them at
once; they are no legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from arsync.policy.rules import Cap, Policy, Profile

# Every profile. US Regulation F (12 CFR 1006.6) takes 8:00 to 21:00 where the consumer is as convenient,
# Massachusetts (940 CMR 7.04) binds creditors to the same; Quebec's collectors end at 20:00 and rest on
# Sundays and holidays; the ACCC/ASIC guideline on debt collection (RG 96) keeps contacts at a workplace to
# 9:00 to 17:00 on weekdays and leaves out national public holidays. Office hours on weekdays keep them all.
FLOOR_HOURS = (9 * 60, 17 * 60)
FLOOR_DAYS = frozenset(range(5))
# Natural persons. RG 96: at most 3 contacts a week and 10 a month; Massachusetts: 2 in 7 days; Ontario
# (R.R.O. 1990, Reg. 74): 3 in 7 days after the first conversation.
PERSON_CAPS = (Cap(2, 7), Cap(8, 30))
# Natural persons. Regulation F (12 CFR 1006.14(b)(2)): no call within 7 days after a conversation.
PERSON_CALL_REST = 7
# Companies: no public rule counts; one message in three days is courtesy.
COMPANY_GAP = 3

PERSONS: frozenset[Profile] = frozenset({"sole-trader", "consumer"})


def held_to(policy: Policy) -> Policy:
    """The policy within the floors of its profile; itself where it has none.

    Hours or sending days that have nothing in common with the floor's give way to them.
    """
    if policy.profile is None:
        return policy
    person = policy.profile in PERSONS
    return msgspec.structs.replace(
        policy,
        hours=common_hours(policy.hours) or FLOOR_HOURS,
        send_on=policy.send_on & FLOOR_DAYS or FLOOR_DAYS,
        customer_holidays=True,
        caps=strictest((*policy.caps, *PERSON_CAPS)) if person else policy.caps,
        call_rest_days=max(policy.call_rest_days, PERSON_CALL_REST) if person else policy.call_rest_days,
        min_gap_days=policy.min_gap_days if person else max(policy.min_gap_days, COMPANY_GAP),
    )


def common_hours(hours: tuple[int, int] | None) -> tuple[int, int] | None:
    """What these hours have in common with the floor's; None for nothing."""
    if hours is None:
        return FLOOR_HOURS
    start, end = max(hours[0], FLOOR_HOURS[0]), min(hours[1], FLOOR_HOURS[1])
    return (start, end) if start < end else None


def strictest(caps: Iterable[Cap]) -> tuple[Cap, ...]:
    """The caps that are not kept already by keeping another: those of as few contacts in as many days.
    The shortest stretch comes first."""
    kept: list[Cap] = []
    for cap in sorted(set(caps), key=lambda cap: (cap.contacts, -cap.days)):
        if not any(other.days >= cap.days for other in kept):  # in as few contacts, for so they are sorted
            kept.append(cap)
    return tuple(sorted(kept, key=lambda cap: (cap.days, cap.contacts)))
