"""A book kept on paper: invoices, credits and holds in memory, and runs that send what they plan.

It is the machine around the pure rooms made as small as it can be: facts in, a plan out, and in a
`run` every planned message counts as delivered on its day. Invoices and customers go by number and
name, which are their ids too.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import msgspec

from arsync.ledger.freshness import freshness
from arsync.ledger.records import Invoice
from arsync.money import parse, plain
from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Message, Plan, Taken, Task
from arsync.policy.plan import plan
from arsync.policy.rules import EVERY_DAY, Policy, Step

ONE_DAY = timedelta(days=1)
WEEKDAYS = frozenset(range(5))

HEADS_UP = Step("heads-up", -3, "heads-up")
FIRST = Step("first reminder", 1, "first-reminder")
SECOND = Step("second reminder", 14, "second-reminder")
FINAL = Step("final notice", 30, "final-notice")
HAND_OVER = Step("hand over", 60, "hand-over", "task")
STANDARD = Policy(
    "standard",
    (HEADS_UP, FIRST, SECOND, FINAL, HAND_OVER),
    min_gap_days=5,
    send_on=WEEKDAYS,
    minimum={"GBP": 25_00, "USD": 25_00},
)
# The same ladder without the limits, for examples that are about something else.
DAILY = msgspec.structs.replace(STANDARD, send_on=EVERY_DAY, minimum={})


def day(text: str) -> date:
    """'03-08' of 2027, whose first of March is a Monday; or a whole ISO date."""
    return date.fromisoformat(text if len(text) > 5 else f"2027-{text}")


def days(first: str, last: str) -> list[date]:
    start = day(first)
    return [start + n * ONE_DAY for n in range((day(last) - start).days + 1)]


class DayBook:
    """``sent`` holds every delivered message with its day, ``takes`` every step taken, in order.

    ``paid_on`` are the days on which money came in; what is recorded is read on the same day. ``stale``
    and ``unreconciled`` are as the facts': without payments a book is as stale as it is told to be.
    """

    def __init__(self, policy: Policy = STANDARD) -> None:
        self.policy = policy
        self.invoices: dict[str, Invoice] = {}
        self.debtors: dict[str, Debtor] = {}
        self.unapplied: dict[tuple[str, str], int] = {}
        self.holds: dict[str, list[HoldOrder]] = defaultdict(list)
        self.taken: dict[str, Taken] = {}
        self.contacted: dict[tuple[str, str], date] = {}
        self.open_tasks: set[tuple[str, str]] = set()
        self.approved: list[Message] = []
        self.paid_on: list[date] = []
        self.stale: str | None = None
        self.unreconciled: dict[tuple[str, str], str] = {}
        self.sent: list[tuple[date, Message]] = []
        self.takes: list[tuple[date, str, str]] = []

    # What happens in the accounting system ---------------------------------------------------

    def invoice(
        self,
        number: str,
        amount: str,
        *,
        due: str | None,
        customer: str = "Quill",
        currency: str = "GBP",
        promised: str | None = None,
    ) -> None:
        units = parse(amount, currency)
        self.debtors.setdefault(customer, Debtor(customer, customer, (f"ap@{customer.lower()}.example",)))
        self.invoices[number] = Invoice(
            id=number,
            number=number,
            customer_id=customer,
            currency=currency,
            total=units,
            open=units,
            due_on=day(due) if due else None,
            promised_on=day(promised) if promised else None,
        )

    def change(self, number: str, **fields: object) -> None:
        self.invoices[number] = msgspec.structs.replace(self.invoices[number], **fields)

    def pays(self, number: str, amount: str) -> None:
        invoice = self.invoices[number]
        self.change(number, open=invoice.open - parse(amount, invoice.currency))

    def bounces(self, number: str, amount: str) -> None:
        self.pays(number, f"-{amount}")

    def credit(self, amount: str, *, customer: str = "Quill", currency: str = "GBP") -> None:
        """The customer's unapplied credit is this much from now on."""
        self.unapplied[customer, currency] = parse(amount, currency)

    # What people do in arsync ----------------------------------------------------------------

    def hold(self, what: str, reason: str, until: str | None = None) -> None:
        self.holds[what].append(HoldOrder(reason, day(until) if until else None))  # type: ignore[arg-type]

    def release(self, what: str) -> None:
        del self.holds[what]

    def done(self, task: Task, on: date) -> None:
        self._take(task, on)
        self.open_tasks -= {(line.invoice_id, line.step) for line in task.lines if line.step}

    # What a run does -------------------------------------------------------------------------

    def facts(self, on: date) -> Facts:
        every = self.policy.payments_expected_every
        stale = freshness(self.paid_on, synced_on=on, today=on, after=every)
        return Facts(
            debts=[
                Debt(i.id, i.number, i.customer_id, i.currency, i.due_on, i.owed, i.promised_on)
                for i in self.invoices.values()
                if i.owed > 0
            ],
            debtors=self.debtors,
            unapplied=self.unapplied,
            invoice_holds={what: orders for what, orders in self.holds.items() if what in self.invoices},
            customer_holds={what: orders for what, orders in self.holds.items() if what in self.debtors},
            taken=self.taken,
            contacted=self.contacted,
            approved=self.approved,
            open_tasks=frozenset(self.open_tasks),
            stale=stale.detail if stale else self.stale,
            unreconciled=self.unreconciled,
        )

    def plan(self, on: date | str) -> Plan:
        today = day(on) if isinstance(on, str) else on
        return plan("book", self.facts(today), self.policy, today)

    def run(self, on: date | str) -> Plan:
        """Plans, and delivers every message of the plan; the tasks are seen by a person."""
        made = self.plan(on)
        for message in made.messages:
            self._take(message, made.as_of)
            self.contacted[message.customer_id, message.currency] = made.as_of
            self.sent.append((made.as_of, message))
        for task in made.tasks:
            self.open_tasks |= {(line.invoice_id, line.step) for line in task.lines if line.step}
        return made

    def _take(self, item: Message | Task, on: date) -> None:
        for line in item.lines:
            if line.step is not None:
                assert line.offset is not None
                self.taken[line.invoice_id] = Taken(line.step, line.offset)
                self.takes.append((on, line.invoice_id, line.step))

    def diary(self, first: str, last: str) -> list[str]:
        """A run on each day from ``first`` to ``last``: a line for each message, and for each task
        when it first shows. Invoices that are only listed stand in brackets."""
        lines = []
        for today in days(first, last):
            seen = set(self.open_tasks)
            made = self.run(today)
            lines += [f"{today:%a %m-%d} {told(message)}" for message in made.messages]
            lines += [
                f"{today:%a %m-%d} task {told(task)}" for task in made.tasks if not _takes(task) <= seen
            ]
        return lines


def _takes(task: Task) -> set[tuple[str, str]]:
    return {(line.invoice_id, line.step) for line in task.lines if line.step}


def told(item: Message | Task) -> str:
    """'second reminder GBP 150.00: A1 (A2)'."""
    numbers = " ".join(line.number if line.step else f"({line.number})" for line in item.lines)
    return f"{item.step} {item.currency} {plain(item.total, item.currency)}: {numbers}"


def told_holds(made: Plan) -> list[str]:
    """'too-soon until 2027-03-10: A1 A2', one a hold."""
    lines = []
    for hold in made.holds:
        until = f" until {hold.until}" if hold.until else ""
        lines.append(f"{hold.reason}{until}: {' '.join(number for _, number in hold.invoices)}")
    return sorted(lines)


def told_upcoming(made: Plan) -> list[str]:
    """'2027-03-18 second reminder: A1', one an invoice."""
    return [f"{item.on} {item.step}: {item.number}" for item in made.upcoming]
