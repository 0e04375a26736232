"""The ladders of a policy file: [[steps]], and [ladders.NAME] with steps of its own."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import cast

from arsync.files import Table, nearest
from arsync.policy.in_force import DISPUTED, OWN_STEPS
from arsync.policy.load_limits import LONGEST_NAME, Known, amounts, worded
from arsync.policy.rules import Step, StepKind
from arsync.policy.value_words import parse_offer
from arsync.policy.when import parse_when

STEP_KEYS = (
    "name", "when", "does", "template", "firm", "dwell_days", "at_least", "only_for", "not_for", "cc",
    "offer",
)  # fmt: skip
KINDS = ("message", "call", "letter", "task")
_TEMPLATE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def read_ladders(table: Table, known: Known) -> dict[str, tuple[Step, ...]]:
    """The named ladders. Raises FixSettings."""
    ladders = table.table("ladders")
    if ladders is None:
        return {}
    found: dict[str, tuple[Step, ...]] = {}
    for name in ladders.values:
        check_name(ladders, name, name)
        if name == OWN_STEPS:
            raise ladders.wrong(name, f'"{OWN_STEPS}" means the ladder of [[steps]]; choose another name')
        if any(name.casefold() == other.casefold() for other in found):
            raise ladders.wrong(name, f"another ladder is called {name!r} already; names are unique")
        ladder = ladders.table(name)
        assert ladder is not None
        ladder.only(("steps",))
        found[name] = read_steps(ladder, known)
    return found


def read_steps(table: Table, known: Known) -> tuple[Step, ...]:
    """The steps of a ladder, in the order of their days. Raises FixSettings."""
    tables = table.tables("steps")
    if not tables:
        head = ".".join(str(part) for part in (*table.path, "steps"))
        raise table.wrong("steps", f'a ladder needs at least one step: [[{head}]] with "name" and "when"')
    steps: list[Step] = []
    for each in tables:
        step = _step(each, known)
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


def check_name(table: Table, key: str, name: str) -> None:
    """Refuse a name that is empty, too long, has a space at an end, or would drive a terminal."""
    if not name or name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise table.wrong(
            key, f"a name has at most {LONGEST_NAME} characters on one line, none of them a space at an end"
        )


def _step(table: Table, known: Known) -> Step:
    table.only(STEP_KEYS)
    name = table.text("name", '"first reminder"')
    check_name(table, "name", name)
    words = table.text("when", '"1 day after due"')
    try:
        offset = parse_when(words)
    except ValueError as error:
        raise table.wrong("when", str(error)) from None
    does = cast(StepKind, table.choice("does", KINDS) or "message")
    firm = table.values.get("firm")
    if firm is not None and not isinstance(firm, bool):
        raise table.mistyped("firm", "true or false")
    for key in ("cc", "offer"):
        if key in table.values and does != "message":
            raise table.wrong(key, f'only a message has one; this step does "{does}"')
    return Step(
        name=name,
        offset=offset,
        template=_template(table, name, does),
        does=does,
        firm=firm,
        dwell_days=table.whole("dwell_days", 0, least=0, most=3650),
        at_least=amounts(table, "at_least", least=1) or {},
        only_for=_segments(table, "only_for", known.segments),
        not_for=_segments(table, "not_for", (*known.segments, DISPUTED)),
        cc=_copies(table, known),
        offer=worded(table, "offer", parse_offer),
    )


def _template(table: Table, step: str, does: StepKind) -> str:
    given = table.maybe_text("template")
    template = step.replace(" ", "-") if given is None else given
    if _TEMPLATE.fullmatch(template):
        return template
    if given is None and does != "message":
        return ""  # nothing is sent
    allowed = "a template's name has letters, digits, - _ and . only, and no folder"
    if given is None:
        raise table.wrong("template", f'{allowed}; this step needs one of its own, say template = "reminder"')
    raise table.wrong("template", f"{template!r} is not a template; {allowed}")


def one_or_more(table: Table, key: str, example: str) -> list[str]:
    """A text, or a list of texts that is not empty; nothing where the key is left out."""
    if isinstance(table.values.get(key), str):
        text = table.maybe_text(key)
        return [] if text is None else [text]
    texts = table.texts(key, example)
    if texts is None:
        return []
    if not texts:
        raise table.wrong(key, "must not be empty; leave the key out, or say something")
    for text in texts:
        if not text.strip() or not text.isprintable():
            raise table.wrong(key, "each must be one line of text that is not empty")
    if len({text.casefold() for text in texts}) < len(texts):
        raise table.wrong(key, "names the same twice")
    return texts


def _segments(table: Table, key: str, known: Collection[str]) -> frozenset[str]:
    names = one_or_more(table, key, '["large"]')
    for name in names:
        if name not in known:
            allowed = ", ".join(f'"{each}"' for each in known) or "none, for the policy has no [[segments]]"
            raise table.wrong(key, f"there is no segment {name!r}; {nearest(name, known)}allowed: {allowed}")
    return frozenset(names)


def _copies(table: Table, known: Known) -> tuple[str, ...]:
    """Roles and addresses; the latter as a mail server takes them."""
    try:
        return tuple(
            known.address(text) if "@" in text else text
            for text in one_or_more(table, "cc", '["director", "anna@acme.example"]')
        )
    except ValueError as error:
        raise table.wrong("cc", str(error)) from None
