"""Why something comes on its day and on no other: each date with what moved it there, and where that
stands. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from arsync.policy.calendar import Calendar
from arsync.policy.course import Course
from arsync.policy.forecast import Happening, happenings
from arsync.policy.in_force import OWN_STEPS, InForce
from arsync.policy.ladder import days_after, step_day
from arsync.policy.model import HOLD_REASONS, Debt, Debtor, Facts, Hold, HoldOrder, Line, Taken
from arsync.policy.rules import Policy, Step
from arsync.policy.trace import Traced, trace
from arsync.policy.when import when_words

# So far ahead a customer's dates are told.
HORIZON_DAYS = 5 * 366
# The values of a policy behind the reasons that it gives by itself.
_KEYS = {"too-soon": "min_gap_days", "too-many-contacts": "caps", "below-minimum": "minimum"}


class Dated(msgspec.Struct, frozen=True):
    """A step that an invoice takes in ``happening``; ``why`` says what made that its day, each value with
    where it stands, and ``source`` where the one stands that had the last word."""

    happening: Happening
    line: Line
    why: str
    source: str


def dates(book: str, facts: Facts, policy: Policy, today: date) -> dict[str, list[Dated]]:
    """All that comes for each of these invoices, in order, if nobody pays and each message is approved
    and each task done on its day. ``facts`` are those of one family, or of few: every day is looked at."""
    coming = happenings(Course(book, facts, policy, today).days(days_after(today, HORIZON_DAYS)))
    if not coming:
        return {}
    waiting: dict[str, list[tuple[date, Hold]]] = defaultdict(list)
    for made in Course(book, facts, policy, today).days(coming[-1].on, every_day=True):
        for hold in made.holds:
            for id_, _ in hold.invoices:
                waiting[id_].append((made.as_of, hold))
    reasons = _Reasons(facts, policy, today)
    found: dict[str, list[Dated]] = defaultdict(list)
    for happening in coming:
        for line in happening.item.lines:
            if line.step is not None:
                why, source = reasons.of(happening, line, waiting[line.invoice_id])
                found[line.invoice_id].append(Dated(happening, line, why, source))
    return dict(found)


class _Reasons:
    """Words for what moved a step, in the order of its invoice's steps."""

    def __init__(self, facts: Facts, policy: Policy, today: date) -> None:
        self._facts, self._policy, self._today = facts, policy, today
        self._in_force = InForce(policy, facts)
        self._debts = {debt.id: debt for debt in facts.debts}
        self._traced: dict[str, dict[str, Traced]] = {}
        self._before: dict[tuple[str, int], Taken] = {
            **{(id_, 1): taken for id_, taken in facts.taken.items()},
            **facts.rounds,
        }

    def of(self, happening: Happening, line: Line, waiting: Sequence[tuple[date, Hold]]) -> tuple[str, str]:
        """What made the day of this happening the day of this line's step."""
        assert line.step is not None
        assert line.offset is not None
        assert line.due_on is not None
        debt = self._debts[line.invoice_id]
        debtor = self._facts.debtors.get(debt.customer_id) or Debtor(debt.customer_id, debt.customer_id)
        values = self._values(debtor, debt)
        source = self._step_source(line.step, values)
        own, after = days_after(line.due_on, line.offset), when_words(line.offset)
        if line.round > 1:
            after += f", of the instalment of {line.due_on}"
        before = self._before.get((line.invoice_id, line.round))
        self._before[line.invoice_id, line.round] = Taken(line.step, line.offset, happening.on)
        parts = [f"its day is {own} ({after}, {source})"]
        if own < self._today:
            parts = [f"its day {own} ({after}, {source}) is past; it is caught up"]
        ready = own
        if (step := self._step(line.step, debtor, debt)) is not None:
            ready = step_day(step, line.due_on, before)
        if step is not None and before is not None and ready > own and ready > self._today:
            parts.append(
                f"{step.dwell_days} days after the step before, of {before.on} (dwell_days, {source})"
            )
        since = max(ready, own if before is None or before.on is None else days_after(before.on, 1))
        held = [(day, hold) for day, hold in waiting if since <= day < happening.on]
        moves = self._moves(held, debtor, debt, values)
        parts += [words for words, _ in moves]
        return "; ".join(parts), moves[-1][1] if moves else source

    def _moves(
        self, held: Iterable[tuple[date, Hold]], debtor: Debtor, debt: Debt, values: Mapping[str, Traced]
    ) -> list[tuple[str, str]]:
        """What held it on the days before, each once and those of one value together; with its source."""
        found: dict[tuple[str, str], list[str]] = {}  # words by what stands behind them and its source
        for day, hold in held:
            key = self._key(day, hold, debtor)
            source: str = hold.reason
            behind = ""
            if key is not None:
                source = _source(values.get(key))
                behind = f" ({key}, {source})"
            elif hold.reason in HOLD_REASONS and (put := self._order_source(hold, debt)):
                source, behind = put, f" ({put})"
            words = found.setdefault((behind, source), [])
            if (word := hold.detail.partition("; also ")[0]) not in words:
                words.append(word)
        return [(", ".join(words) + behind, source) for (behind, source), words in found.items()]

    def _key(self, day: date, hold: Hold, debtor: Debtor) -> str | None:
        """The key of the policy's value behind a hold, where one is."""
        if hold.reason == "too-many-contacts" and "conversation" in hold.detail:
            return "call_rest_days"
        if hold.reason != "not-a-sending-day":
            return _KEYS.get(hold.reason)
        known = self._in_force.debtor(debtor)
        policy = self._in_force.customer(known)
        if day.weekday() not in policy.send_on:
            return "send_on"
        if any(first <= day <= last for first, last in policy.closed):
            return "closed"
        for key in ("holidays", "customer_holidays", "hours"):
            without = {"holidays": (), "customer_holidays": False, "hours": None}[key]
            if Calendar(msgspec.structs.replace(policy, **{key: without}), known, self._facts.zone).open(day):
                return key
        return "send_on"

    def _order_source(self, hold: Hold, debt: Debt) -> str:
        """Who put a hold and when."""
        orders: Iterable[HoldOrder] = (
            *self._facts.invoice_holds.get(debt.id, ()),
            *self._facts.customer_holds.get(debt.customer_id, ()),
        )
        order = next((it for it in orders if it.reason == hold.reason), None)
        if order is None:
            return ""
        by = f" by {order.owner}" if order.owner else ""
        return f"put{f' on {order.put_on}' if order.put_on else ''}{by}" if by or order.put_on else ""

    def _step(self, name: str, debtor: Debtor, debt: Debt) -> Step | None:
        known = self._in_force.debtor(debtor)
        ladder = self._in_force.debt(known, debt, self._in_force.customer(known)).steps
        return next((step for step in ladder if step.name == name), None)

    def _values(self, debtor: Debtor, debt: Debt) -> Mapping[str, Traced]:
        if debt.id not in self._traced:
            known = self._in_force.debtor(debtor)
            self._traced[debt.id] = {it.key: it for it in trace(self._policy, self._facts, known, debt)}
        return self._traced[debt.id]

    def _step_source(self, name: str, values: Mapping[str, Traced]) -> str:
        ladder = values["ladder"].value
        key = f"steps.{name}" if ladder == OWN_STEPS else f"ladders.{ladder}.{name}"
        return self._policy.sources.get(key) or _source(values["ladder"])


def _source(traced: Traced | None) -> str:
    """Where a value stands: file and line, else its level."""
    return "built in" if traced is None else traced.source or traced.level
