"""plan(): who hears what today, and why not. Pure: facts, policy and a day in, decisions out.

The rules are those of 'What a run decides' in docs/decisions.md; their numbers stand beside the
code. The same facts give the same plan, whatever the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import attrgetter

from arsync.policy.accounts import NO_GAP, Account, Accounts, Gap, Regimes
from arsync.policy.communications import lines, message, task
from arsync.policy.holds import Ground, customer_reasons, doubts, first, unreachable
from arsync.policy.model import Facts, Hold, Line, Message, Plan, Reason, Task, Upcoming
from arsync.policy.outlook import Outlook
from arsync.policy.rules import Channel, Policy, StepKind
from arsync.policy.standing import Standing

# Reasons that end by themselves on a day that can be told.
PASSING: frozenset[Reason] = frozenset({"too-soon", "too-many-contacts", "not-a-sending-day"})
# Work for a person that is a contact too.
CONTACTS: tuple[Channel, ...] = ("call", "letter")
# Reasons that end once more is asked for, which other invoices' days may bring.
TOO_LITTLE: frozenset[Reason] = frozenset({"credit-covers", "below-minimum"})


def plan(book: str, facts: Facts, policy: Policy, today: date) -> Plan:
    """What a run of this book would do today. Every open invoice ends in a message, a task, a hold
    or in what is upcoming."""
    return _Planner(book, facts, policy, today).plan()


class _Planner:
    """One planning: the accounts of the day, and the lists that grow."""

    def __init__(self, book: str, facts: Facts, policy: Policy, today: date) -> None:
        self.book, self.today = book, today
        regimes = Regimes(policy, facts)
        self.accounts = Accounts(facts, regimes, today)
        self.facts = self.accounts.facts
        self.outlook = Outlook(facts, regimes, today)
        self.messages: list[Message] = []
        self.tasks: list[Task] = []
        self.holds: list[Hold] = []
        self.upcoming: list[Upcoming] = []
        self.approved = {(m.customer_id, m.currency): m for m in facts.approved}
        # The invoices for which an earlier letter's discount can still be taken.
        self.offered = frozenset(
            invoice
            for it in facts.agreements
            if it.kind == "discount" and it.until is not None and it.until >= today
            for invoice, _ in it.lines
        )
        self.doubtful = facts.stale is not None or bool(facts.unreconciled)

    def plan(self) -> Plan:
        counted: list[Account] = []
        for account in self.accounts:
            if counted and account.debtor.id != counted[0].debtor.id:
                self._decide(counted)
                counted = []
            if account.restraint is not None:
                counted.append(account)
                continue
            messages, tasks = self._sort(account)
            if messages:
                self._message(account, messages)
            if tasks:
                self._task(account, tasks)
            if account.held or account.waiting:
                self._tell(account)
        self._decide(counted)
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

    # One customer in one currency ----------------------------------------------------------------

    def _decide(self, accounts: list[Account]) -> None:
        """All accounts of a customer whose contacts are counted, over all currencies: what was approved
        comes first, then the others by currency; calls and letters come last."""
        ready = [(account, *self._sort(account)) for account in accounts]
        if len(ready) > 1:
            ready.sort(key=lambda it: (not self._released(it[0], it[1]), it[0].currency))
        for account, messages, _ in ready:
            if messages:
                self._message(account, messages)
        for account, _, tasks in ready:
            if tasks:
                self._task(account, tasks)
        for account in accounts:
            self._tell(account)

    def _sort(self, account: Account) -> tuple[list[Standing], list[Standing]]:
        """The invoices that are ready for a message, and for a task; the others are held or come later."""
        messages: list[Standing] = []
        tasks: list[Standing] = []
        for standing in account.standings:
            if standing.held:
                account.held.setdefault(self._hold_of(account, standing), []).append(standing.debt)
            elif standing.ready:
                assert standing.step is not None
                (messages if standing.step.does == "message" else tasks).append(standing)
            elif not standing.bound:
                self._later(account, standing)
        if self.facts.stale is None:
            return messages, tasks
        # Held by themselves first, and then listed like any overdue invoice.
        self._set_aside(account, [s for s in messages if _stalled(s)], "message")
        self._set_aside(account, [s for s in tasks if _stalled(s)], "task")
        return [s for s in messages if s.ready], [s for s in tasks if s.ready]

    def _released(self, account: Account, ready: Sequence[Standing]) -> bool:
        """Whether these make a message whose approval stands."""
        approved = self.approved.get((account.debtor.id, account.currency))
        if approved is None or not ready:
            return False
        listed = lines(account, work=False)
        made = message(self.book, account, ready, listed, self.today, approved, self.offered)
        return made.status == "approved"

    def _message(self, account: Account, ready: Sequence[Standing]) -> None:
        listed = lines(account, work=False)
        if grounds := self._grounds(account, ready, "message", account.gap, listed):
            account.waiting.append((grounds, ready))
            return
        approved = self.approved.get((account.debtor.id, account.currency))
        made = message(self.book, account, ready, listed, self.today, approved, self.offered)
        self.messages.append(made)
        if account.restraint is not None:
            account.restraint.plan_message()

    def _task(self, account: Account, ready: Sequence[Standing]) -> None:
        """Tasks are made as messages are, but nothing is sent: addresses and sending days do not
        matter, and one that a person has seen stays until it is closed. Within the gap nothing joins it.
        A call or a letter that may not be made now waits by itself."""
        for does in CONTACTS:
            if self._barred(account, does):
                self._set_aside(account, [s for s in ready if s.step and s.step.does == does], does)
        ready = [s for s in ready if s.ready]
        gap = account.gap
        if any(s.shown for s in ready):
            if gap.today is not None and gap.today > self.today:
                self._set_aside(account, [s for s in ready if not s.shown], "task")
                ready = [s for s in ready if s.ready]
            gap = NO_GAP
        if not ready:
            return
        listed = lines(account, work=True)
        if grounds := self._grounds(account, ready, "task", gap, listed):
            account.waiting.append((grounds, ready))
            return
        made = task(self.book, account, ready, listed)
        self.tasks.append(made)
        if account.restraint is not None and made.does != "task":
            account.restraint.plan_work()

    def _barred(self, account: Account, does: StepKind) -> bool:
        restraint = account.restraint
        return bool(unreachable(account.debtor, does, account.opted_out)) or (
            restraint is not None and restraint.why_not(does) is not None
        )

    def _set_aside(self, account: Account, some: Sequence[Standing], does: StepKind) -> None:
        """Hold these by themselves. In what is made of the others they are listed at most."""
        if not some:
            return
        listed = lines(account, work=does != "message")
        for shown in (False, True):
            if alike := [s for s in some if s.shown is shown]:
                gap = NO_GAP if shown else account.gap
                account.waiting.append((self._grounds(account, alike, does, gap, listed), alike))
        for standing in some:
            standing.ready = False

    def _grounds(
        self,
        account: Account,
        ready: Sequence[Standing],
        does: StepKind,
        gap: Gap,
        listed: Sequence[Line],
    ) -> list[Ground]:
        """Why the ready invoices, all of firm steps or all of soft ones, are held with their customer."""
        regime, restraint = account.regime, account.restraint
        found = customer_reasons(
            regime.policy,
            account.debtor,
            does,
            account.currency,
            sum([line.open - line.disputed - line.not_due for line in listed]),
            account.unapplied,
            today=self.today,
            gap=gap.today,
            last=account.last,
            opted_out=account.opted_out,
            full=None if restraint is None else restraint.why_not(does),
            closed=regime.closed if does == "message" else None,
        )
        if self.doubtful:
            found[:0] = doubts(self.facts, account.debtor.id, account.currency, firm=_stalled(ready[0]))
        return found

    # What is held, and what comes later --------------------------------------------------------

    def _tell(self, account: Account) -> None:
        for grounds, ready in account.waiting:
            account.held.setdefault(self._told(account, grounds, ready), []).extend(s.debt for s in ready)
        debtor = account.debtor
        for (reason, detail, until, owner), debts in account.held.items():
            invoices = tuple((debt.id, debt.number) for debt in debts)
            self.holds.append(Hold(debtor.id, debtor.name, invoices, reason, detail, until, owner))

    def _told(self, account: Account, grounds: Sequence[Ground], ready: Sequence[Standing]) -> Ground:
        """The hold of a customer: until the first of the ready steps could be taken."""
        told = first(grounds)
        if told.reason == "unreconciled":
            return told
        if told.reason in TOO_LITTLE:
            return told._replace(last=self.outlook.enough(account, ready))
        leaving = told.reason == "too-many-contacts"
        days = [self.outlook.free(account, standing, leaving=leaving) for standing in ready]
        return told._replace(last=min([day for day in days if day], default=None))

    def _hold_of(self, account: Account, standing: Standing) -> Ground:
        """The hold of an invoice. A message could leave on the first sending day after the last
        day of every reason, and not before its step's own day and the gap."""
        debtor, step = account.debtor, standing.step
        grounds = list(standing.held)
        if self.doubtful:
            grounds += doubts(self.facts, debtor.id, account.currency, firm=_stalled(standing))
        grounds += unreachable(debtor, "message" if step is None else step.does, account.opted_out)
        told = first(grounds)
        if any(ground.reason == "unreconciled" for ground in grounds):
            return told._replace(last=None)
        return told._replace(last=self.outlook.free(account, standing))

    def _later(self, account: Account, standing: Standing) -> None:
        """What comes next. A step that no day is left for is still told, on its own day."""
        assert standing.day is not None
        step, day = self.outlook.upcoming(account, standing)
        debt, debtor = standing.debt, account.debtor
        self.upcoming.append(
            Upcoming(debt.id, debt.number, debtor.id, debtor.name, step.name, day or standing.day)
        )


def _stalled(standing: Standing) -> bool:
    """Whether its step is one of those held as `stale-data`."""
    return standing.step is not None and standing.step.name in standing.ladder.stalled


def _by_customer(item: Message | Task) -> tuple[str, str, str, str]:
    return item.customer_name.casefold(), item.customer_id, item.currency, item.id
