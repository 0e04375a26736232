"""plan(): who hears what today, and why not. Pure: facts, policy and a day in, decisions out.

The rules are those of 'What a run decides' in docs/decisions.md; their numbers stand beside the
code. The same facts give the same plan, whatever the order of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import NamedTuple

import msgspec

from arsync.ledger.aging import days_overdue
from arsync.policy.approval import lapsed
from arsync.policy.holds import Ground, customer_reasons, doubts, first, invoice_reasons, no_address
from arsync.policy.ladder import days_after, firm_steps, first_sending_day, gap_end, identity, next_step
from arsync.policy.model import (
    HOLD_REASONS,
    Debt,
    Debtor,
    Facts,
    Hold,
    Line,
    Message,
    Plan,
    Taken,
    Task,
    Upcoming,
)
from arsync.policy.rules import Policy, Step, StepKind

# Invoices that are held for one of these are not even listed in a message about others.
UNLISTED = frozenset(HOLD_REASONS)
# Reasons that end by themselves on a day that can be told.
PASSING = frozenset({"too-soon", "not-a-sending-day"})


class _Gap(NamedTuple):
    """The first day that keeps the gap to the customer's last message: as it binds today, and as it
    will bind on later days, when a message of today in another currency counts too."""

    today: date | None
    later: date | None


NO_GAP = _Gap(None, None)


class _Standing(msgspec.Struct, gc=False, eq=False):
    """Where one open invoice stands: held, bound to a message, or on its way to a step."""

    debt: Debt
    days: int | None
    step: Step | None = None
    day: date | None = None  # of the step
    ready: bool = False  # the step's day has come
    bound: bool = False
    held: tuple[Ground, ...] = ()


def plan(book: str, facts: Facts, policy: Policy, today: date) -> Plan:
    """What a run of this book would do today. Every open invoice ends in a message, a task, a hold
    or in what is upcoming."""
    return _Planner(book, facts, policy, today).plan()


class _Planner:
    """One planning: the inputs, and the lists that grow."""

    def __init__(self, book: str, facts: Facts, policy: Policy, today: date) -> None:
        self.book, self.facts, self.policy, self.today = book, facts, policy, today
        self.messages: list[Message] = []
        self.tasks: list[Task] = []
        self.holds: list[Hold] = []
        self.upcoming: list[Upcoming] = []
        self.contacted: dict[str, list[tuple[str, date]]] = {}
        for (customer, currency), day in facts.contacted.items():
            self.contacted.setdefault(customer, []).append((currency, day))
        self.approved = {(m.customer_id, m.currency): m for m in facts.approved}
        # The steps held as `stale-data`: none in a fresh book.
        self.stalled = frozenset() if facts.stale is None else firm_steps(policy)
        self.doubtful = facts.stale is not None or bool(facts.unreconciled)
        self._next: dict[tuple[date, Taken | None], tuple[Step | None, date, int | None]] = {}

    def plan(self) -> Plan:
        groups: dict[tuple[str, str], list[_Standing]] = defaultdict(list)
        for debt in self.facts.debts:
            groups[debt.customer_id, debt.currency].append(self._standing(debt))
        for (customer_id, currency), standings in groups.items():
            self._decide(self._debtor(customer_id), currency, standings)
        return Plan(
            book=self.book,
            as_of=self.today,
            messages=tuple(sorted(self.messages, key=_by_customer)),
            tasks=tuple(sorted(self.tasks, key=_by_customer)),
            holds=tuple(
                sorted(self.holds, key=lambda h: (h.customer_name.casefold(), h.customer_id, h.invoices))
            ),
            upcoming=tuple(
                sorted(self.upcoming, key=attrgetter("on", "customer_name", "number", "invoice_id"))
            ),
        )

    # One invoice at a time -------------------------------------------------------------------

    def _standing(self, debt: Debt) -> _Standing:
        due_on, today = debt.due_on, self.today
        if due_on is None:
            return _Standing(debt, None, held=invoice_reasons(self.facts, debt, done=False, today=today))
        key = (due_on, self.facts.taken.get(debt.id))
        if (after := self._next.get(key)) is None:  # rule 2; most invoices share a due date and a last step
            step = next_step(self.policy, *key, today)
            day = days_after(due_on, step.offset if step else 0)
            after = self._next[key] = step, day, days_overdue(due_on, today)
        step, day, days = after
        held = invoice_reasons(self.facts, debt, done=step is None, today=today)
        if step is None:
            return _Standing(debt, days, held=held)
        bound = debt.id in self.facts.bound
        return _Standing(debt, days, step, day, not held and not bound and today >= day, bound, held)

    def _debtor(self, customer_id: str) -> Debtor:
        return self.facts.debtors.get(customer_id) or Debtor(customer_id, customer_id)

    # One customer and currency at a time -----------------------------------------------------

    def _decide(self, debtor: Debtor, currency: str, standings: list[_Standing]) -> None:
        if len(standings) > 1:
            standings.sort(key=_by_due_date)
        gap = self._gap(debtor.id, currency)
        messages: list[_Standing] = []
        tasks: list[_Standing] = []
        held: dict[Ground, list[Debt]] = {}
        for standing in standings:
            if standing.held:
                held.setdefault(self._hold_of(debtor, standing, gap.later), []).append(standing.debt)
            elif standing.ready:
                assert standing.step is not None
                (tasks if standing.step.does == "task" else messages).append(standing)
            elif not standing.bound:
                self._later(debtor, standing, gap.later)
        if self.stalled:  # held by themselves first, and then listed like any overdue invoice
            for decide, ready in ((self._message, messages), (self._task, tasks)):
                if firm := [s for s in ready if self._stalled(s)]:
                    decide(debtor, currency, firm, standings, gap, held)
                    for standing in firm:
                        standing.ready = False
            messages, tasks = [s for s in messages if s.ready], [s for s in tasks if s.ready]
        if messages:
            self._message(debtor, currency, messages, standings, gap, held)
        if tasks:
            self._task(debtor, currency, tasks, standings, gap, held)
        for (reason, detail, until), debts in held.items():
            invoices = tuple((debt.id, debt.number) for debt in debts)
            self.holds.append(Hold(debtor.id, debtor.name, invoices, reason, detail, until))

    def _gap(self, customer_id: str, currency: str) -> _Gap:
        if not (contacted := self.contacted.get(customer_id)):
            return NO_GAP
        end = later = gap_end(self.policy, contacted, currency, self.today)
        if any(day == self.today for _, day in contacted):
            later = gap_end(self.policy, contacted, currency, days_after(self.today, 1))
        return _Gap(end, later)

    def _message(
        self,
        debtor: Debtor,
        currency: str,
        ready: list[_Standing],
        standings: list[_Standing],
        gap: _Gap,
        held: dict[Ground, list[Debt]],
    ) -> None:
        lines, total, unapplied = self._lines(currency, debtor.id, "message", standings)
        if grounds := self._grounds(debtor, currency, total, unapplied, gap, ready, sending=True):
            held.setdefault(self._told(grounds, ready, gap), []).extend(s.debt for s in ready)
            return
        step = _furthest(ready)
        message = Message(
            id=identity(self.book, debtor.id, currency, _steps(lines)),
            customer_id=debtor.id,
            customer_name=debtor.name,
            to=debtor.to,
            cc=debtor.cc,
            step=step.name,
            template=step.template,
            offset=step.offset,
            currency=currency,
            total=total,
            unapplied=unapplied,
            lines=lines,
            bcc=debtor.bcc,
        )
        approved = self.approved.get((debtor.id, currency))
        if approved is not None and lapsed(approved, message) is None:
            # With fewer steps it keeps its id; with others it must not use up the id of those it left.
            kept = set(_steps(lines)) <= set(_steps(approved.lines))
            id_ = approved.id if kept else message.id
            message = msgspec.structs.replace(message, id=id_, status="approved")
        self.messages.append(message)

    def _task(
        self,
        debtor: Debtor,
        currency: str,
        ready: list[_Standing],
        standings: list[_Standing],
        gap: _Gap,
        held: dict[Ground, list[Debt]],
    ) -> None:
        """Tasks are made as messages are, but nothing is sent: addresses and sending days do not
        matter, and one that a person has seen stays until it is closed. Within the gap nothing joins it."""
        opened = self.facts.open_tasks
        seen = {s.debt.id for s in ready if s.step and (s.debt.id, s.step.name) in opened}
        if seen:
            waiting = (
                [s for s in ready if s.debt.id not in seen] if gap.today and gap.today > self.today else []
            )
            if waiting:
                _, total, unapplied = self._lines(currency, debtor.id, "task", standings)
                grounds = self._grounds(debtor, currency, total, unapplied, gap, waiting, sending=False)
                held.setdefault(self._told(grounds, waiting, gap), []).extend(s.debt for s in waiting)
                for standing in waiting:
                    standing.ready = False
                ready = [s for s in ready if s.debt.id in seen]
            gap = NO_GAP
        lines, total, unapplied = self._lines(currency, debtor.id, "task", standings)
        if grounds := self._grounds(debtor, currency, total, unapplied, gap, ready, sending=False):
            held.setdefault(self._told(grounds, ready, gap), []).extend(s.debt for s in ready)
            return
        step = _furthest(ready)
        self.tasks.append(
            Task(
                id=identity(self.book, debtor.id, currency, _steps(lines)),
                customer_id=debtor.id,
                customer_name=debtor.name,
                to=debtor.to,
                cc=debtor.cc,
                step=step.name,
                offset=step.offset,
                currency=currency,
                total=total,
                unapplied=unapplied,
                lines=lines,
                bcc=debtor.bcc,
            )
        )

    def _lines(
        self, currency: str, customer_id: str, does: StepKind, standings: list[_Standing]
    ) -> tuple[tuple[Line, ...], int, int]:
        """Rule 4: the ready invoices, and every other overdue one that is not kept out by a hold."""
        lines = []
        for standing in standings:
            if standing.ready and standing.step is not None and standing.step.does == does:
                lines.append(_line(standing, standing.step))
            elif (standing.days or 0) > 0 and not (
                standing.held and UNLISTED.intersection([g[0] for g in standing.held])
            ):
                lines.append(_line(standing, None))
        return (
            tuple(lines),
            sum([line.open for line in lines]),
            self.facts.unapplied.get((customer_id, currency), 0),
        )

    def _grounds(
        self,
        debtor: Debtor,
        currency: str,
        total: int,
        unapplied: int,
        gap: _Gap,
        ready: list[_Standing],
        *,
        sending: bool,
    ) -> list[Ground]:
        """Why the ready invoices, all of firm steps or all of soft ones, are held with their customer."""
        found = customer_reasons(
            self.policy,
            debtor,
            currency,
            total,
            unapplied,
            today=self.today,
            gap=gap.today,
            last=self._last_contact(debtor.id),
            sending=sending,
        )
        if self.doubtful:
            found[:0] = doubts(self.facts, debtor.id, currency, firm=self._stalled(ready[0]))
        return found

    def _told(self, grounds: list[Ground], ready: list[_Standing], gap: _Gap) -> Ground:
        """The hold of a customer: until the first of the ready steps could be taken."""
        reason, detail, until = first(grounds)
        if reason in PASSING:
            start = max(days_after(self.today, 1), gap.later or self.today)
            until = min([day for s in ready if (day := self._free(s, start))], default=None)
        return reason, detail, until

    def _hold_of(self, debtor: Debtor, standing: _Standing, gap: date | None) -> Ground:
        """The hold of an invoice. A message could leave on the first sending day after the last
        day of every reason, and not before its step's own day and the gap."""
        grounds = list(standing.held)
        if self.doubtful:
            grounds += doubts(self.facts, debtor.id, standing.debt.currency, firm=self._stalled(standing))
        if standing.step is None or standing.step.does == "message":
            grounds += no_address(debtor)
        reason, detail, _ = first(grounds)
        if standing.step is None or any(last is None for _, _, last in grounds):
            return reason, detail, None
        end = days_after(max(last for _, _, last in grounds if last), 1)
        return reason, detail, self._free(standing, max(end, gap or end))

    def _stalled(self, standing: _Standing) -> bool:
        """Whether its step is one of those held as `stale-data`."""
        return standing.step is not None and standing.step.name in self.stalled

    def _free(self, standing: _Standing, start: date) -> date | None:
        """The first day from ``start`` on for a step of this invoice; None where that step is stalled."""
        step, day = self._opening(standing, start)
        return None if step.name in self.stalled else day

    def _opening(self, standing: _Standing, start: date) -> tuple[Step, date | None]:
        """The step that this invoice takes from ``start`` on if nothing else changes, and the first
        day for it. One that cannot be taken by the due date is passed over (rule 2)."""
        step, due_on, day = standing.step, standing.debt.due_on, standing.day
        assert step is not None
        assert due_on is not None
        assert day is not None
        day = self._open_day(step, max(start, day))
        if step.offset > 0 or day <= due_on:
            return step, day
        after = next_step(self.policy, due_on, self.facts.taken.get(standing.debt.id), day)
        if after is None:
            return step, None
        return after, self._open_day(after, max(start, days_after(due_on, after.offset)))

    def _open_day(self, step: Step, day: date) -> date:
        return first_sending_day(self.policy, day) if step.does == "message" else day

    def _last_contact(self, customer_id: str) -> date | None:
        return max((day for _, day in self.contacted.get(customer_id, ())), default=None)

    def _later(self, debtor: Debtor, standing: _Standing, gap: date | None) -> None:
        """What comes next. A step that no day is left for is still told, on its own day."""
        assert standing.day is not None
        step, day = self._opening(standing, gap or standing.day)
        debt = standing.debt
        self.upcoming.append(
            Upcoming(debt.id, debt.number, debtor.id, debtor.name, step.name, day or standing.day)
        )


def _furthest(ready: Iterable[_Standing]) -> Step:
    return max([s.step for s in ready if s.step], key=attrgetter("offset"))


def _line(standing: _Standing, step: Step | None) -> Line:
    debt = standing.debt
    name, offset = (step.name, step.offset) if step else (None, None)
    return Line(debt.id, debt.number, debt.due_on, debt.open, standing.days, name, offset)


def _steps(lines: Iterable[Line]) -> list[tuple[str, str]]:
    return [(line.invoice_id, line.step) for line in lines if line.step is not None]


def _by_due_date(standing: _Standing) -> tuple[date, str, str]:
    debt = standing.debt
    return debt.due_on or date.max, debt.number, debt.id


def _by_customer(item: Message | Task) -> tuple[str, str, str, str]:
    return item.customer_name.casefold(), item.customer_id, item.currency, item.id
