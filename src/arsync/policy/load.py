"""A policy file becomes a Policy. Pure: it takes the text; the reader of the file stands elsewhere."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Literal, cast

from arsync import money
from arsync.files import Table, nearest, parse_toml
from arsync.policy.rules import EVERY_DAY, Policy, Step
from arsync.policy.when import parse_when

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_NAME = 60

_POLICY_KEYS = ("name", "min_gap_days", "send_on", "minimum", "payments_expected_every", "steps")
_STEP_KEYS = ("name", "when", "template", "does", "firm")
_TEMPLATE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def load_policy(text: str, name: str) -> Policy:
    """The policy of a file's text; ``name`` is how messages call the file. Raises FixSettings."""
    table = Table(parse_toml(text, name))
    table.only(_POLICY_KEYS)
    return Policy(
        name=table.text("name", '"standard"'),
        steps=_steps(table),
        min_gap_days=table.whole("min_gap_days", 5, least=0, most=3650),
        send_on=_send_on(table),
        minimum=_minimum(table),
        payments_expected_every=_payments_expected_every(table),
    )


def _send_on(table: Table) -> frozenset[int]:
    words = table.texts("send_on", '["mon", "tue", "wed", "thu", "fri"]')
    if words is None:
        return EVERY_DAY
    if not words:
        raise table.wrong("send_on", "at least one day is needed, or nothing would ever be sent")
    for word in words:
        if word not in WEEKDAYS:
            hint = nearest(word[:3], WEEKDAYS)
            raise table.wrong("send_on", f"{word!r} is not a day; {hint}allowed: {', '.join(WEEKDAYS)}")
    return frozenset(map(WEEKDAYS.index, words))


def _minimum(table: Table) -> dict[str, int]:
    amounts = table.table("minimum")
    if amounts is None:
        return {}
    return {currency: _amount(amounts, currency) for currency in amounts.values}


def _amount(amounts: Table, currency: str) -> int:
    value = amounts.values[currency]
    if not isinstance(value, str):
        raise amounts.mistyped(currency, f'an amount in quotes such as {currency} = "25.00"')
    try:
        money.digits(currency)
        if currency not in money.CURRENCIES:
            swapped = [code for code in sorted(money.CURRENCIES) if sorted(code) == sorted(currency)]
            near = swapped or get_close_matches(currency, sorted(money.CURRENCIES), n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise money.NotMoney(
                f"there is no currency {currency}; {hint}allowed: an ISO 4217 code such as EUR"
            )
        if not _AMOUNT.fullmatch(value):
            raise money.NotMoney(f"{value[:40]!r} is not an amount such as '25.00'")
        units = money.parse(value, currency)
    except money.NotMoney as error:
        raise amounts.wrong(currency, str(error)) from None
    if units < 0:
        raise amounts.wrong(currency, "a minimum is not negative; leave the currency out for none")
    return units


def _payments_expected_every(table: Table) -> int | None:
    key = "payments_expected_every"
    return table.whole(key, 0, least=0, most=3650) if key in table.values else None


def _steps(table: Table) -> tuple[Step, ...]:
    tables = table.tables("steps")
    if not tables:
        raise table.wrong("steps", 'a policy needs at least one step: [[steps]] with "name" and "when"')
    steps: list[Step] = []
    for each in tables:
        step = _step(each)
        if any(step.name.casefold() == other.name.casefold() for other in steps):
            raise each.wrong("name", f"another step is called {step.name!r} already; names are unique")
        if steps and step.offset == steps[-1].offset:
            raise each.wrong(
                "when",
                f"the step {steps[-1].name!r} comes on the same day; an invoice takes one step at a time, "
                "so each needs a day of its own",
            )
        if steps and step.offset < steps[-1].offset:
            raise each.wrong(
                "when", f"comes before the step {steps[-1].name!r}; put the steps in order of days"
            )
        steps.append(step)
    return tuple(steps)


def _step(table: Table) -> Step:
    table.only(_STEP_KEYS)
    name = table.text("name", '"first reminder"')
    if name != name.strip() or len(name) > LONGEST_NAME:
        raise table.wrong(
            "name", f"a name has at most {LONGEST_NAME} characters, none of them a space at an end"
        )
    words = table.text("when", '"1 day after due"')
    try:
        offset = parse_when(words)
    except ValueError as error:
        raise table.wrong("when", str(error)) from None
    does = cast(Literal["message", "task"], table.choice("does", ("message", "task")) or "message")
    firm = table.values.get("firm")
    if firm is not None and not isinstance(firm, bool):
        raise table.mistyped("firm", "true or false")
    return Step(name=name, offset=offset, template=_template(table, name, does), does=does, firm=firm)


def _template(table: Table, step: str, does: str) -> str:
    given = table.maybe_text("template")
    template = step.replace(" ", "-") if given is None else given
    if _TEMPLATE.fullmatch(template):
        return template
    if given is None and does == "task":
        return ""  # nothing is sent
    allowed = "a template's name has letters, digits, - _ and . only, and no folder"
    if given is None:
        raise table.wrong("template", f'{allowed}; this step needs one of its own, say template = "reminder"')
    raise table.wrong("template", f"{template!r} is not a template; {allowed}")
