"""How customers have paid so far, in the three words that a segment of a policy may ask for.

- "new": no invoice of the customer's was ever settled, and its first is younger than 90 days.
- "usually-late": of its last 12 settled invoices that had a due date, at least 3, more than half were
  settled over 5 days late.
- "pays-after-first-reminder": of its last 6 settled invoices that had taken a step after their due date,
  at least 3, all had taken exactly one.

An invoice is settled when nothing is open on it any more, unless it was voided or deleted. The day is that
of the last payment applied to it, by the payments' own dates; where none is known the day on which less was
found to be open; and where it was never seen open no day is known, and its lateness is not counted. A step
was taken after the due date when a message of it was sent, or its task closed; steps that were dropped or
passed over at go-live were not. What a family has paid is told of the one who pays for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from arsync.policy.rules import Behaviour
from arsync.store.columns import day_of
from arsync.store.families import Families
from arsync.store.queries import statements

NEW_DAYS, LATE_DAYS = 90, 5
LAST_SETTLED, LAST_REMINDED, LEAST = 12, 6, 3

_SQL = statements("behaviour")


class Settled(msgspec.Struct, frozen=True, gc=False):
    """A settled invoice: its due date, the day on which it was settled, where these are known, and how
    many steps after the due date it had taken."""

    due_on: date | None
    settled_on: date | None
    reminders: int


def behaviour(
    conn: sqlite3.Connection, ranges: Iterable[dict[str, str]], kin: Families, today: date
) -> dict[str, frozenset[Behaviour]]:
    """The words that are true of each customer who has any, by who pays."""
    settled: dict[str, list[tuple[str, Settled]]] = {}
    begun: dict[str, str] = {}
    for values in ranges:
        for customer, id_, due, on, reminders in conn.execute(_SQL["settled"], values):
            who = kin.payers.get(customer, customer)
            it = Settled(day_of(due), day_of(on), reminders)
            settled.setdefault(who, []).append((id_, it))
        for customer, first in conn.execute(_SQL["first"], values):
            who = kin.payers.get(customer, customer)
            begun[who] = min(first, begun.get(who, first))
    found: dict[str, frozenset[Behaviour]] = {}
    for who, first in begun.items():
        ordered = sorted(settled.get(who, ()), key=lambda it: (it[1].settled_on or date.min, it[0]))
        if words := judged([it for _, it in ordered], date.fromisoformat(first), today):
            found[who] = words
    return found


def judged(settled: list[Settled], first: date, today: date) -> frozenset[Behaviour]:
    """What is true of a customer by its settled invoices, in order of their days, and the day of its
    first open one."""
    words: set[Behaviour] = set()
    if not settled and today - first < timedelta(days=NEW_DAYS):
        words.add("new")
    days = [
        (it.settled_on - it.due_on).days
        for it in settled
        if it.due_on is not None and it.settled_on is not None
    ][-LAST_SETTLED:]
    if len(days) >= LEAST and 2 * sum(late > LATE_DAYS for late in days) > len(days):
        words.add("usually-late")
    reminded = [it.reminders for it in settled if it.reminders][-LAST_REMINDED:]
    if len(reminded) >= LEAST and all(taken == 1 for taken in reminded):
        words.add("pays-after-first-reminder")
    return frozenset(words)
