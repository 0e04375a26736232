"""The limits of a policy file, at whatever level they stand: gaps, days, hours, amounts, caps, ladder."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from difflib import get_close_matches
from typing import NamedTuple, TypeVar, cast

from arsync import money
from arsync.files import Table, nearest
from arsync.policy.in_force import OWN_STEPS
from arsync.policy.load_places import holidays
from arsync.policy.rules import Cap, Override, Profile
from arsync.policy.value_words import WEEKDAYS, parse_cap, parse_hours

Value = TypeVar("Value")
PROFILES: tuple[Profile, ...] = ("company", "sole-trader", "consumer")
VALUE_KEYS = (
    "ladder", "min_gap_days", "send_on", "minimum", "hours", "holidays", "caps", "call_rest_days", "profile",
)  # fmt: skip
LONGEST_NAME = 60

_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class Known(NamedTuple):
    """What the tables of a file may refer to: its ladders and segments with those of the house policy,
    and the check of an address, which gives it as a mail server takes it or raises ValueError."""

    ladders: Collection[str]
    segments: Collection[str]
    address: Callable[[str], str]


def read_values(table: Table, known: Known) -> Override:
    """The limits that a table sets, each with the line it stands on. Raises FixSettings."""
    values = table.values
    return Override(
        ladder=ladder(table, known),
        min_gap_days=whole_days(table, "min_gap_days", most=3650),
        send_on=_send_on(table),
        minimum=amounts(table, "minimum"),
        hours=worded(table, "hours", parse_hours),
        holidays=holidays(table),
        caps=_caps(table),
        call_rest_days=whole_days(table, "call_rest_days", most=365),
        profile=cast(Profile | None, table.choice("profile", PROFILES)),
        sources={key: place(table, key) for key in VALUE_KEYS if key in values},
    )


def place(table: Table, key: str) -> str:
    """File and line of a key of this table."""
    return table.file.where((*table.path, key))


def ladder(table: Table, known: Known) -> str | None:
    """The name of a ladder of the policy, or None where the key is left out. Raises FixSettings."""
    name = table.maybe_text("ladder")
    if name is not None and name != OWN_STEPS and name not in known.ladders:
        words = ", ".join(f'"{word}"' for word in (OWN_STEPS, *known.ladders))
        raise table.wrong(
            "ladder",
            f"there is no ladder {name!r}; {nearest(name, known.ladders)}allowed: {words}, where "
            f'"{OWN_STEPS}" is the one of [[steps]]',
        )
    return name


def worded(table: Table, key: str, parse: Callable[[str], Value]) -> Value | None:
    """A value of one text in words, or None where the key is left out. Raises FixSettings."""
    text = table.maybe_text(key)
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        raise table.wrong(key, str(error)) from None


def several(table: Table, key: str, example: str, parse: Callable[[str], Value]) -> list[Value] | None:
    """A list of texts in words, or None where the key is left out. Raises FixSettings."""
    texts = table.texts(key, example)
    if texts is None:
        return None
    try:
        return [parse(text) for text in texts]
    except ValueError as error:
        raise table.wrong(key, str(error)) from None


def amounts(table: Table, key: str, *, least: int = 0) -> dict[str, int] | None:
    """Amounts by currency in minor units, none below ``least``; None where the key is left out."""
    of = table.table(key)
    if of is None:
        return None
    return {currency: _amount(of, currency, least) for currency in of.values}


def checked_currency(currency: str) -> str:
    """A currency that is money in use. Raises NotMoney with the nearest."""
    money.digits(currency)
    if currency not in money.CURRENCIES:
        swapped = [code for code in sorted(money.CURRENCIES) if sorted(code) == sorted(currency)]
        near = swapped or get_close_matches(currency, sorted(money.CURRENCIES), n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise money.NotMoney(f"there is no currency {currency}; {hint}allowed: an ISO 4217 code such as EUR")
    return currency


def _amount(table: Table, currency: str, least: int) -> int:
    value = table.values[currency]
    if not isinstance(value, str):
        raise table.mistyped(currency, f'an amount in quotes such as {currency} = "25.00"')
    try:
        checked_currency(currency)
        if not _AMOUNT.fullmatch(value):
            raise money.NotMoney(f"{value[:40]!r} is not an amount such as '25.00'")
        units = money.parse(value, currency)
    except money.NotMoney as error:
        raise table.wrong(currency, str(error)) from None
    if units < least:
        problem = "is above zero" if least else "is not negative"
        raise table.wrong(currency, f"such an amount {problem}; leave the currency out for none")
    return units


def whole_days(table: Table, key: str, *, most: int) -> int | None:
    """A number of days, or None where the key is left out. Raises FixSettings."""
    return table.whole(key, 0, least=0, most=most) if key in table.values else None


def _send_on(table: Table) -> frozenset[int] | None:
    words = table.texts("send_on", '["mon", "tue", "wed", "thu", "fri"]')
    if words is None:
        return None
    if not words:
        raise table.wrong("send_on", "at least one day is needed, or nothing would ever be sent")
    for word in words:
        if word not in WEEKDAYS:
            hint = nearest(word[:3], WEEKDAYS)
            raise table.wrong("send_on", f"{word!r} is not a day; {hint}allowed: {', '.join(WEEKDAYS)}")
    return frozenset(map(WEEKDAYS.index, words))


def _caps(table: Table) -> tuple[Cap, ...] | None:
    caps = several(table, "caps", '["2 in 7 days"]', parse_cap)
    if caps is None:
        return None
    days = [cap.days for cap in caps]
    if twice := next((each for each in days if days.count(each) > 1), None):
        raise table.wrong("caps", f"two caps for {twice} days; keep the one of fewer contacts")
    return tuple(sorted(caps, key=lambda cap: cap.days))
