"""A policy file becomes a Policy. Pure: it takes the text; the reader of the file stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import TypeVar

import msgspec

from arsync.errors import FixSettings
from arsync.files import Table, nearest, parse_toml
from arsync.policy.load_limits import VALUE_KEYS, Known, place, read_values, several, whole_days
from arsync.policy.load_people import (
    plain_address,
    read_contacts,
    read_customers,
    read_invoices,
    read_segments,
    segment_names,
)  # fmt: skip
from arsync.policy.load_steps import read_ladders, read_steps
from arsync.policy.profiles import FLOOR_DAYS, FLOOR_HOURS, common_hours
from arsync.policy.rules import Override, Policy
from arsync.policy.value_words import hours_words, parse_closed, weekday_words

# The keys that a house policy can lock. "steps" locks every choice of a ladder with them.
LOCKABLE = (
    "min_gap_days", "send_on", "minimum", "payments_expected_every", "hours", "holidays", "customer_holidays",
    "closed", "caps", "call_rest_days", "profile", "debt", "contacts", "steps", "segments", "customers",
    "invoices",
)  # fmt: skip
POLICY_KEYS = ("name", *LOCKABLE, "ladders", "locked")
_LOCKED_WITH = {"ladder": "steps", "ladders": "steps"}

Entry = TypeVar("Entry")


def load_policy(
    text: str, name: str, house: Policy | None = None, *, address: Callable[[str], str] = plain_address
) -> Policy:
    """The policy of a file's text; ``name`` is how messages call the file. Raises FixSettings.

    What the file leaves out is as in the ``house`` policy, key by key, and without one as built in.
    Contacts, ladders, customers and invoices are added to the house's by their names, segments come after
    its own; one of the same name takes the place of the house's. ``address`` gives an address as a mail
    server takes it, or raises ValueError.
    """
    table = Table(parse_toml(text, name))
    table.only(POLICY_KEYS)
    base = Policy("", ()) if house is None else house
    known = Known(
        ladders=[*base.ladders, *_keys(table, "ladders")],
        segments=[*(segment.name for segment in base.segments), *segment_names(table)],
        address=address,
    )
    policy = _read(table, base, known, inherits=house is not None)
    if house is not None:
        _keep_locks(table, house)
    _within_floors(policy)
    return policy


def _keys(table: Table, key: str) -> list[str]:
    found = table.table(key)
    return [] if found is None else list(found.values)


def _read(table: Table, base: Policy, known: Known, *, inherits: bool) -> Policy:
    values = read_values(table, known)
    ladders = read_ladders(table, known)
    segments = read_segments(table, known)
    again = {segment.name for segment in segments}
    changes: dict[str, object] = {key: getattr(values, key) for key in VALUE_KEYS if key != "ladder"}
    changes |= {
        "name": table.maybe_text("name") if inherits else table.text("name", '"standard"'),
        "steps": read_steps(table, known) if "steps" in table.values or not inherits else None,
        "payments_expected_every": whole_days(table, "payments_expected_every", most=3650),
        "customer_holidays": _truth(table, "customer_holidays"),
        "closed": _closed(table),
        "debt": table.maybe_text("debt"),
        "contacts": {**base.contacts, **read_contacts(table, known)},
        "ladders": {**base.ladders, **ladders},
        "segments": (*(each for each in base.segments if each.name not in again), *segments),
        "customers": _over(base.customers, read_customers(table, known)),
        "invoices": _over(base.invoices, read_invoices(table, known)),
    }
    if not inherits:
        changes["locked"] = _locked(table)
    sources = dict(_sources(table))
    kept = {key: where for key, where in base.sources.items() if not _replaced(key, sources)}
    return msgspec.structs.replace(
        base,
        **{key: value for key, value in changes.items() if value is not None},
        sources={**kept, **sources},
        inherited=frozenset(kept),
    )


def _replaced(key: str, sources: Mapping[str, str]) -> bool:
    """Whether a value of the house policy is gone: one of the file itself, or a step of a ladder of it."""
    ladder = "steps" if key.startswith("steps.") else key.rpartition(".")[0]
    return key in sources or (ladder in sources and ladder.partition(".")[0] in ("steps", "ladders"))


def _over(base: Mapping[str, Entry], own: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries by name in any case; those of its own take the place of the house's."""
    names = {name.casefold() for name in own}
    return {**{name: entry for name, entry in base.items() if name.casefold() not in names}, **own}


def _sources(table: Table) -> Iterator[tuple[str, str]]:
    """Where each value stands; what has a name one by one."""
    for key in table.values:
        if key in ("contacts", "ladders", "customers", "invoices"):
            of = table.table(key)
            for name in of.values if of is not None else ():
                assert of is not None
                yield f"{key}.{name}", place(of, name)
                if key == "ladders" and (ladder := of.table(name)) is not None:
                    yield from _named(ladder, "steps", f"{key}.{name}")
        elif key == "segments":
            yield from _named(table, "segments", "segments")
        elif key != "name":
            yield key, place(table, key)
    yield from _named(table, "steps", "steps")


def _named(table: Table, key: str, prefix: str) -> Iterator[tuple[str, str]]:
    return ((f"{prefix}.{each.values['name']}", each.file.where(each.path)) for each in table.tables(key))


def _truth(table: Table, key: str) -> bool | None:
    value = table.values.get(key)
    if value is not None and not isinstance(value, bool):
        raise table.mistyped(key, "true or false")
    return value


def _closed(table: Table) -> tuple[tuple[date, date], ...] | None:
    days = several(table, "closed", '["2026-12-24 to 2027-01-03"]', parse_closed)
    return None if days is None else tuple(sorted(days))


def _locked(table: Table) -> frozenset[str]:
    """The keys that no book may set."""
    keys = table.texts("locked", '["min_gap_days", "steps"]') or []
    for key in keys:
        if key not in LOCKABLE:
            raise table.wrong(
                "locked",
                f"{key!r} cannot be locked; {nearest(key, LOCKABLE)}allowed: {', '.join(LOCKABLE)}",
            )
    return frozenset(keys)


def _keep_locks(table: Table, house: Policy) -> None:
    """Refuse a key that the house policy has locked, at whatever level of the file it stands."""
    if "locked" in table.values:
        raise table.wrong("locked", "only the house policy locks keys ([practice] policy in arsync.toml)")
    for each in (
        table,
        *table.tables("segments"),
        *_entries(table, "customers"),
        *_entries(table, "invoices"),
    ):
        for key in each.values:
            if _LOCKED_WITH.get(key, key) in house.locked:
                raise each.wrong(
                    key,
                    f"is locked by the house policy ({house.sources['locked']}); take it out here, or unlock "
                    f'"{_LOCKED_WITH.get(key, key)}" there',
                )


def _entries(table: Table, key: str) -> Iterator[Table]:
    of = table.table(key)
    for name in of.values if of is not None else ():
        entry = of.table(name) if of is not None else None
        if entry is not None:
            yield entry


def _within_floors(policy: Policy) -> None:
    """Refuse hours and days that leave nothing beside the floors of a profile (`arsync.policy.profiles`)."""
    overrides: list[Override] = [
        *(segment.values for segment in policy.segments),
        *(terms.values for terms in policy.customers.values()),
    ]
    profiles = {policy.profile, *(each.profile for each in overrides)} - {None}
    if not profiles:
        return
    levels: list[Policy | Override] = [policy, *overrides]
    for level in levels:
        if level.hours is not None and common_hours(level.hours) is None:
            problem = f"{hours_words(level.hours)} lies outside {hours_words(FLOOR_HOURS)}"
            raise _nothing_left(level.sources, "hours", problem, profiles)
        if level.send_on is not None and not level.send_on & FLOOR_DAYS:
            problem = f"{weekday_words(level.send_on)} lies outside {weekday_words(FLOOR_DAYS)}"
            raise _nothing_left(level.sources, "send_on", problem, profiles)


def _nothing_left(
    sources: Mapping[str, str], key: str, problem: str, profiles: Collection[str | None]
) -> FixSettings:
    kinds = ", ".join(sorted(f'"{profile}"' for profile in profiles))
    return FixSettings(
        f"{problem}, which is when the profiles of this policy ({kinds}) let a message leave; "
        "nothing would ever be sent",
        where=sources.get(key),
        key=key,
    )
