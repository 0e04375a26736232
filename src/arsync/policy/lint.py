"""Mistakes of a policy that its files alone show: every key is right, and still nobody meant it. Pure.

A finding that ``fails`` is one to mend; the others are remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from arsync.money import plain
from arsync.policy.in_force import OWN_STEPS
from arsync.policy.ladder import firm_steps
from arsync.policy.profiles import COMPANY_GAP, FLOOR_HOURS, PERSON_CAPS, PERSONS
from arsync.policy.rules import Override, Policy, Profile, Step
from arsync.policy.value_words import cap_words, hours_words
from arsync.policy.when import when_words

# The letters that ship, from the softest to the firmest; a ladder does not go back.
SHIPPED = ("heads-up", "first-reminder", "second-reminder", "firm-reminder", "final-notice")


class Finding(msgspec.Struct, frozen=True):
    """A mistake: its ``rule`` by name, ``where`` it stands (file and line, or a book), and what to do."""

    rule: str
    where: str
    problem: str
    fails: bool = True


def lint(policy: Policy) -> list[Finding]:
    """Everything that is wrong with a policy by itself, each once, in the order of its files."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in (
        *_segments(policy),
        *_ladders_used(policy),
        *_roles(policy),
        *(finding for name, each in _ladders(policy) for finding in _of_ladder(name, each)),
        *_gaps_of_levels(policy),
        *_looser_than_profiles(policy),
    ):
        found.setdefault((finding.rule, finding.problem), finding)
    return list(found.values())


def _ladders(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """The policy with each of its ladders as its steps, and the ladder's name; '' is the main one."""
    for name, steps in (("", policy.steps), *policy.ladders.items()):
        yield name, msgspec.structs.replace(policy, steps=steps)


def _gaps_of_levels(policy: Policy) -> Iterator[Finding]:
    """A gap of a segment or a customer, held against the ladder that it climbs."""
    for whose, values in _levels(policy):
        if values.min_gap_days not in (None, policy.min_gap_days):
            ladder = "" if values.ladder in (None, OWN_STEPS) else values.ladder or ""
            of_level = _with(policy, values)
            yield from _within_the_gap(f" (for {whose})", ladder, of_level)
            yield from _out_of_reach(f" (for {whose})", ladder, of_level)


def _with(policy: Policy, values: Override) -> Policy:
    """The policy with the ladder and the gap of a level; a ladder it does not know leaves it as it is."""
    ladder = values.ladder
    steps = policy.steps if ladder in (None, OWN_STEPS) else policy.ladders.get(ladder or "", policy.steps)
    gap = policy.min_gap_days if values.min_gap_days is None else values.min_gap_days
    return msgspec.structs.replace(policy, steps=steps, min_gap_days=gap)


def _levels(policy: Policy) -> Iterator[tuple[str, Override]]:
    for segment in policy.segments:
        yield f"segment {segment.name!r}", segment.values
    for name, terms in policy.customers.items():
        yield f"customer {name!r}", terms.values
    for name, values in policy.invoices.items():
        yield f"invoice {name!r}", values


def _of_ladder(ladder: str, policy: Policy) -> Iterator[Finding]:
    whose = f" (ladder {ladder!r})" if ladder else ""
    yield from _within_the_gap(whose, ladder, policy)
    yield from _out_of_reach(whose, ladder, policy)
    yield from _softer_after_firmer(whose, ladder, policy)
    where = policy.sources.get(f"ladders.{ladder}" if ladder else "steps", "")
    if policy.steps and policy.steps[-1].does == "message":
        last = policy.steps[-1].name
        yield Finding(
            "ladder-end",
            where,
            f"the ladder ends with the message {last!r}{whose}; nobody is told to take over after it. "
            'A last step that does = "task" puts it on a list',
            fails=False,
        )


def _within_the_gap(whose: str, ladder: str, policy: Policy) -> Iterator[Finding]:
    """Two messages of one invoice whose days lie closer together than the gap: the second never leaves on
    the day that its step names."""
    messages = [step for step in policy.steps if step.does == "message"]
    for before, after in pairwise(messages):
        apart = after.offset - before.offset
        if apart < policy.min_gap_days:
            heads_up = before.offset <= 0 < after.offset
            yield Finding(
                "within-the-gap",
                _where(policy, ladder, after),
                f"{after.name!r} comes {apart} day{'' if apart == 1 else 's'} after {before.name!r}{whose}, "
                f"and min_gap_days is {policy.min_gap_days}: it leaves {policy.min_gap_days - apart} "
                f"day{'' if policy.min_gap_days - apart == 1 else 's'} after its own day where both are sent",
                # Whom a heads-up reached hears of the first reminder a few days later: nothing is lost.
                fails=not heads_up,
            )


def _out_of_reach(whose: str, ladder: str, policy: Policy) -> Iterator[Finding]:
    """A step up to the due date is passed over once the invoice is overdue: where the steps before it
    push it past the due date, nobody ever gets it."""
    earliest: int | None = None
    since_message: int | None = None
    for step in policy.steps:
        day = step.offset
        if earliest is not None:
            day = max(day, earliest + step.dwell_days)
        if step.does == "message" and since_message is not None:
            day = max(day, since_message + max(policy.min_gap_days, 1))
        if step.offset <= 0 < day:
            yield Finding(
                "unreachable",
                _where(policy, ladder, step),
                f"{step.name!r} ({when_words(step.offset)}) is never taken{whose}: the step before it and "
                f"the days between put it {when_words(day)}, when it is passed over",
            )
            continue
        if both := step.only_for & step.not_for:
            yield Finding(
                "unreachable",
                _where(policy, ladder, step),
                f"{step.name!r} is only_for and not_for {min(both)!r}{whose}: no invoice takes it",
            )
            continue
        earliest = day
        if step.does == "message":
            since_message = day


def _softer_after_firmer(whose: str, ladder: str, policy: Policy) -> Iterator[Finding]:
    firm = firm_steps(policy)
    for before, after in pairwise(policy.steps):
        ranked = before.template in SHIPPED and after.template in SHIPPED
        if before.name in firm and after.name not in firm:
            why = "is firm, and the next one is not"
        elif (
            ranked
            and before.does == after.does == "message"
            and SHIPPED.index(before.template) > SHIPPED.index(after.template)
        ):
            why = f"sends {before.template!r}, which is firmer than {after.template!r}"
        else:
            continue
        yield Finding(
            "softer-after-firmer",
            _where(policy, ladder, after),
            f"{before.name!r} {why}{whose}: {after.name!r} would sound as if nothing had been said before",
        )


def _segments(policy: Policy) -> Iterator[Finding]:
    """Segments that nobody can be in."""
    for segment in policy.segments:
        where = segment.where
        for currency, least in where.at_least.items():
            below = where.below.get(currency)
            if below is not None and below <= least:
                yield Finding(
                    "unreachable",
                    policy.sources.get(f"segments.{segment.name}", ""),
                    f"no invoice is in the segment {segment.name!r}: nothing is at_least "
                    f"{plain(least, currency)} and below {plain(below, currency)} {currency}",
                )


def _ladders_used(policy: Policy) -> Iterator[Finding]:
    used = {values.ladder for _, values in _levels(policy)}
    for name in policy.ladders:
        if name not in used:
            yield Finding(
                "unreachable",
                policy.sources.get(f"ladders.{name}", policy.sources.get("ladders", "")),
                f'nobody climbs the ladder {name!r}: write ladder = "{name}" in a segment, a customer or '
                "an invoice, or take it out",
            )


def _roles(policy: Policy) -> Iterator[Finding]:
    """Copies for a role that has an address for nobody."""
    known = {*policy.contacts, *(role for terms in policy.customers.values() for role in terms.contacts)}
    every = [("", step) for step in policy.steps]
    every += [(name, step) for name, steps in policy.ladders.items() for step in steps]
    for ladder, step in every:
        for role in step.cc:
            if "@" not in role and role not in known:
                yield Finding(
                    "missing-fallback",
                    _where(policy, ladder, step),
                    f"{step.name!r} sends a copy to {role!r}, and no address is known for it: write "
                    f'{role} = "..." under [contacts], which serves where a customer has none of its own',
                )
            elif "@" not in role and role not in policy.contacts:
                yield Finding(
                    "missing-fallback",
                    _where(policy, ladder, step),
                    f"{step.name!r} sends a copy to {role!r}, which only some customers have; the others' "
                    "copies go to nobody",
                    fails=False,
                )


def _looser_than_profiles(policy: Policy) -> Iterator[Finding]:
    """Values that a profile's floor overrules: whoever wrote them expects something else."""
    whole = Override(
        min_gap_days=policy.min_gap_days,
        hours=policy.hours,
        caps=policy.caps or None,
        profile=policy.profile,
        sources=policy.sources,
    )
    for whose, values in (("this policy", whole), *_levels(policy)):
        profile = values.profile or policy.profile
        if profile is None:
            continue
        gap = values.min_gap_days
        if profile == "company" and gap is not None and gap < COMPANY_GAP:
            yield _looser(values, "min_gap_days", whose, str(gap), profile, str(COMPANY_GAP))
        hours = values.hours
        if hours is not None and (hours[0] < FLOOR_HOURS[0] or hours[1] > FLOOR_HOURS[1]):
            yield _looser(values, "hours", whose, hours_words(hours), profile, hours_words(FLOOR_HOURS))
        for cap in (values.caps or ()) if profile in PERSONS else ():
            for least in PERSON_CAPS:
                if cap.days == least.days and cap.contacts > least.contacts:
                    yield _looser(values, "caps", whose, cap_words(cap), profile, cap_words(least))


def _looser(values: Override, key: str, whose: str, given: str, profile: Profile, floor: str) -> Finding:
    return Finding(
        "below-profile",
        values.sources.get(key, ""),
        f"{key} of {whose} is {given}, and the profile {profile!r} keeps to {floor} whatever is written here",
    )


def _where(policy: Policy, ladder: str, step: Step) -> str:
    whole = f"ladders.{ladder}" if ladder else "steps"
    return policy.sources.get(f"{whole}.{step.name}", policy.sources.get(whole, ""))
