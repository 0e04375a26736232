"""When an approval still stands after the debt was read again. Pure."""

from __future__ import annotations

from arsync.policy.model import Line, Message


def lapsed(approved: Message, now: Message) -> str | None:
    """Why the approval does not cover the message as it would leave now; None while it stands.

    It stands as long as nothing was added, grew or became firmer, and nothing is conceded that was not:
    what a person released may shrink on its way out, and nothing else.
    """
    before = {line.invoice_id: line for line in approved.lines}
    for line in now.lines:
        name = f"invoice {line.number or line.invoice_id}"
        old = before.get(line.invoice_id)
        if old is None:
            return f"{name} was added"
        if line.open > old.open:
            return f"the open amount of {name} grew"
        if _asked(line) > _asked(old):
            return f"more of {name} is asked for"
        if _firmness(line) > _firmness(old):
            return f"{name} would take a firmer step"
        if line.step is not None and line.round != old.round:
            return f"{name} is asked for under other terms"
    if _net(now) > _net(approved):
        return "the credit beside it shrank, so that more remains to be paid"
    if now.offset > approved.offset:
        return f"it became firmer: {now.step}"
    if now.offer is not None and now.offer != approved.offer:
        return "it would offer a discount that was not approved"
    shown, blind = set(approved.to + approved.cc), set(approved.bcc)
    if new := {*now.to, *now.cc, *now.bcc} - shown - blind:
        return f"the addressee {min(new)} was added"
    if told := {*now.to, *now.cc} - shown:
        return f"the addressee {min(told)} would not be hidden from the others any more"
    return None


def _asked(line: Line) -> int:
    return line.open - line.disputed - line.not_due


def _net(message: Message) -> int:
    """What is asked for in all, less the credit beside it."""
    return message.total - message.held_back - message.unapplied


def _firmness(line: Line) -> float:
    return float("-inf") if line.offset is None else line.offset
