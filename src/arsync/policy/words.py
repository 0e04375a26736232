"""A plan in sentences: why each message would go, and what each hold means. Pure."""

from __future__ import annotations

from arsync.money import plain
from arsync.policy.model import Hold, Line, Message, Task
from arsync.policy.rules import Policy
from arsync.policy.value_words import offer_words
from arsync.policy.when import when_words

# What follows from a hold beyond its own customer or step, and what ends it.
_CONSEQUENCES = {
    "unreconciled": "; this customer is left alone until the figures agree, and the others go on",
    "stale-data": "; firm steps wait for that, and softer ones go on",
}
# Held for these, no message leaves; what comes later may be work for a person.
_UNREACHED = frozenset({"no-address", "opted-out"})
_WORK = {"call": "a call", "letter": "a letter by post"}


def message_words(item: Message | Task, policy: Policy) -> str:
    """Why this message or task is there: the step it takes, for which invoice, and what else it lists."""
    taking = [line for line in item.lines if line.step is not None]
    leading = [line for line in taking if line.step == item.step] or taking
    listed = len(item.lines) - len(taking)
    text = f"{_invoices(leading)}: '{item.step}' comes {_when(policy, item)}"
    if isinstance(item, Task) and item.does in _WORK:
        text += f" and is {_WORK[item.does]}"
    others = sorted({line.step for line in taking if line.step and line.step != item.step})
    if others:
        text += f"; with {'it' if len(leading) == 1 else 'them'} " + ", ".join(
            f"{_invoices([line for line in taking if line.step == step])} ('{step}')" for step in others
        )
    if listed:
        text += f"; lists {listed} more overdue invoice{'s' if listed > 1 else ''}"
    for name, part in (
        ("is in dispute", sum([line.disputed for line in item.lines])),
        ("is not due yet as agreed", sum([line.not_due for line in item.lines])),
        ("of credit stands beside it", item.unapplied),
    ):
        if part:
            text += f"; {plain(part, item.currency)} {item.currency} {name}"
    if isinstance(item, Message) and item.offer is not None:
        text += f"; offers {offer_words(item.offer)}"
        text += f", up to {item.offer_until}" if item.offer_until else ""
    return text


def hold_words(hold: Hold) -> str:
    """What holds these invoices, who deals with it, and until when."""
    owner = f"; {hold.owner} deals with it" if hold.owner else ""
    what = "the next step could come" if hold.reason in _UNREACHED else "a message could leave"
    until = f"; {what} on {hold.until}" if hold.until else ""
    return f"{hold.detail}{owner}{_CONSEQUENCES.get(hold.reason, until)}"


def _when(policy: Policy, item: Message | Task) -> str:
    """The day of its step. Ladders may name a step alike; its offset tells which one it is of."""
    named = [step for step in policy.every_step if step.name == item.step]
    step = next((step for step in named if step.offset == item.offset), named[0] if named else None)
    return "in the policy" if step is None else when_words(step.offset)


def _invoices(lines: list[Line]) -> str:
    shown = ", ".join(f"{line.number or line.invoice_id} ({_age(line.days_overdue)})" for line in lines[:3])
    return shown + (f" and {len(lines) - 3} more" if len(lines) > 3 else "")


def _age(days: int | None) -> str:
    if days is None:
        return "no due date"
    if days == 0:
        return "due today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{count} overdue" if days > 0 else f"due in {count}"
