"""A plan in sentences: why each message would go, and what each hold means. Pure."""

from __future__ import annotations

from arsync.money import plain
from arsync.policy.model import Hold, Line, Message, Task
from arsync.policy.rules import Policy
from arsync.policy.when import when_words

# What follows from a hold beyond its own customer or step, and what ends it.
_CONSEQUENCES = {
    "unreconciled": "; this customer is left alone until the figures agree, and the others go on",
    "stale-data": "; firm steps wait for that, and softer ones go on",
}


def message_words(item: Message | Task, policy: Policy) -> str:
    """Why this message or task is there: the step it takes, for which invoice, and what else it lists."""
    taking = [line for line in item.lines if line.step is not None]
    leading = [line for line in taking if line.step == item.step] or taking
    listed = len(item.lines) - len(taking)
    text = f"{_invoices(leading)}: '{item.step}' comes {_when(policy, item.step)}"
    others = sorted({line.step for line in taking if line.step and line.step != item.step})
    if others:
        text += f"; with {'it' if len(leading) == 1 else 'them'} " + ", ".join(
            f"{_invoices([line for line in taking if line.step == step])} ('{step}')" for step in others
        )
    if listed:
        text += f"; lists {listed} more overdue invoice{'s' if listed > 1 else ''}"
    if item.unapplied:
        text += f"; {plain(item.unapplied, item.currency)} {item.currency} of credit stands beside it"
    return text


def hold_words(hold: Hold) -> str:
    """What holds these invoices, and until when."""
    until = f"; a message could leave on {hold.until}" if hold.until else ""
    return f"{hold.detail}{_CONSEQUENCES.get(hold.reason, until)}"


def _when(policy: Policy, name: str) -> str:
    return next((when_words(step.offset) for step in policy.steps if step.name == name), "in the policy")


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
