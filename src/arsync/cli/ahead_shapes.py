"""The JSON of calendar and replay, as docs/json.md promises it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from arsync.cli.shapes import iso
from arsync.money import plain
from arsync.policy.forecast import Happening
from arsync.policy.history import Escalated, Heard
from arsync.policy.model import Message
from arsync.runs.ahead import Ahead
from arsync.runs.replay import Replayed


def asked(happened: Iterable[Happening]) -> dict[str, int]:
    """What the messages among these ask for, by currency, in minor units."""
    sums: dict[str, int] = {}
    for it in happened:
        if isinstance(it.item, Message):
            sums[it.item.currency] = sums.get(it.item.currency, 0) + it.item.total - it.item.held_back
    return sums


def calendar_shape(found: Ahead) -> dict[str, Any]:
    return {
        "book": found.book,
        "as_of": iso(found.first),
        "until": iso(found.last),
        "days": [_day(list(some)) for _, some in groupby(found.happenings, key=lambda it: it.on)],
        "left_out": [
            {
                "customer": {"id": hold.customer_id, "name": hold.customer_name},
                "invoices": [{"id": id_, "number": number} for id_, number in hold.invoices],
                "reason": hold.reason,
                "detail": hold.detail,
            }
            for hold in found.left_out
        ],
        "in_doubt": list(found.bound),
    }


def _day(happened: list[Happening]) -> dict[str, Any]:
    return {
        "on": iso(happened[0].on),
        "happens": [_happening(it) for it in happened],
        "asked": {currency: plain(amount, currency) for currency, amount in sorted(asked(happened).items())},
    }


def _happening(happening: Happening) -> dict[str, Any]:
    item = happening.item
    return {
        "does": "message" if isinstance(item, Message) else item.does,
        "id": item.id,
        "customer": {"id": item.customer_id, "name": item.customer_name},
        "to": list(item.to),
        "cc": list(item.cc),
        "step": item.step,
        "currency": item.currency,
        "total": plain(item.total, item.currency),
        "unapplied": plain(item.unapplied, item.currency),
        "held_back": plain(item.held_back, item.currency),
        "invoices": [
            {
                "id": line.invoice_id,
                "number": line.number,
                "due": iso(line.due_on),
                "open": plain(line.open, item.currency),
                "step": line.step,
            }
            for line in item.lines
        ],
    }


def replay_shape(found: Replayed) -> dict[str, Any]:
    it = found.difference
    return {
        "book": found.book,
        "policy": found.policy,
        "new_policy": found.new_policy,
        "from": iso(found.first),
        "to": iso(found.last),
        "remembered_from": iso(found.began),
        "sent": found.sent,
        "messages": _pair(it.messages),
        "tasks": _pair(it.tasks),
        "customers_written_to": _pair(it.written_to),
        "steps": [
            {
                "month": f"{each.month:%Y-%m}",
                "step": each.step,
                "does": each.does,
                "now": each.now,
                "new": each.new,
            }
            for each in it.steps
        ],
        "fewer": [_heard(each) for each in it.fewer],
        "more": [_heard(each) for each in it.more],
        "earlier": [_escalated(each) for each in it.earlier],
        "later": [_escalated(each) for each in it.later],
    }


def _pair(pair: tuple[int, int]) -> dict[str, int]:
    return {"now": pair[0], "new": pair[1]}


def _heard(it: Heard) -> dict[str, Any]:
    return {"customer": {"id": it.customer_id, "name": it.customer_name}, "now": it.now, "new": it.new}


def _escalated(it: Escalated) -> dict[str, Any]:
    return {
        "customer": {"id": it.customer_id, "name": it.customer_name},
        "kind": it.kind,
        "now": iso(it.now),
        "new": iso(it.new),
    }
