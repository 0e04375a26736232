"""When an approval still stands after the debt was read again. Pure."""

from __future__ import annotations

from arsync.policy.model import Line, Message


def lapsed(approved: Message, now: Message) -> str | None:
    """Why the approval does not cover the message as it would leave now; None while it stands.

    It stands as long as nothing was added, grew or became firmer: what a person released may
    shrink on its way out, and nothing else.
    """
    before = {line.invoice_id: line for line in approved.lines}
    for line in now.lines:
        old = before.get(line.invoice_id)
        if old is None:
            return f"invoice {line.number or line.invoice_id} was added"
        if line.open > old.open:
            return f"the open amount of invoice {line.number or line.invoice_id} grew"
        if _firmness(line) > _firmness(old):
            return f"invoice {line.number or line.invoice_id} would take a firmer step"
    if now.total - now.unapplied > approved.total - approved.unapplied:
        return "the credit beside it shrank, so that more remains to be paid"
    if now.offset > approved.offset:
        return f"it became firmer: {now.step}"
    shown, blind = set(approved.to + approved.cc), set(approved.bcc)
    if new := {*now.to, *now.cc, *now.bcc} - shown - blind:
        return f"the addressee {min(new)} was added"
    if told := {*now.to, *now.cc} - shown:
        return f"the addressee {min(told)} would not be hidden from the others any more"
    return None


def _firmness(line: Line) -> float:
    return float("-inf") if line.offset is None else line.offset
