"""A book kept on paper: invoices, credits and holds in memory, and runs that send what they plan.

It is the machine around the pure rooms made as small as it can be: facts in, a plan out, and in a
`run` every planned message counts as delivered on its day. Invoices and customers go by number and
name, which are their ids too. Days are written '03-08', of 2027, whose first of March is a Monday.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import msgspec

from arsync.ledger.freshness import freshness
from arsync.ledger.records import Invoice
from arsync.money import parse, plain
from arsync.policy.ladder import step_key
from arsync.policy.model import (
    Agreement,
    Contact,
    Debt,
    Debtor,
    Facts,
    HoldOrder,
    HoldReason,
    Instalment,
    Message,
    Plan,
    Taken,
    Task,
)
from arsync.policy.plan import plan
from arsync.policy.rules import EVERY_DAY, Behaviour, Channel, Policy, Step

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
    ``zone`` is the book's time zone. ``contacts`` are all messages, calls and letters, by customer.
    """

    def __init__(self, policy: Policy = STANDARD, zone: str = "Europe/London") -> None:
        self.policy, self.zone = policy, zone
        self.invoices: dict[str, Invoice] = {}
        self.debtors: dict[str, Debtor] = {}
        self.unapplied: dict[tuple[str, str], int] = {}
        self.holds: dict[str, list[HoldOrder]] = defaultdict(list)
        self.agreements: dict[str, Agreement] = {}
        self.opted_out: dict[str, frozenset[Channel]] = {}
        self.behaviour: dict[str, frozenset[Behaviour]] = {}
        self.taken: dict[str, Taken] = {}
        self.rounds: dict[tuple[str, int], Taken] = {}
        self.contacted: dict[tuple[str, str], date] = {}
        self.contacts: dict[str, list[Contact]] = defaultdict(list)
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
        """A new invoice, all of it open. ``promised`` is the day on which the accounting system expects
        the payment. A customer comes into being with its first invoice."""
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
        """Money comes in and is applied to this invoice."""
        invoice = self.invoices[number]
        self.change(number, open=invoice.open - parse(amount, invoice.currency))

    def bounces(self, number: str, amount: str) -> None:
        """A payment that had been applied comes back."""
        self.pays(number, f"-{amount}")

    def credit(self, amount: str, *, customer: str = "Quill", currency: str = "GBP") -> None:
        """The customer's unapplied credit is this much from now on."""
        self.unapplied[customer, currency] = parse(amount, currency)

    def addresses(self, customer: str, *to: str, bad: tuple[str, ...] = ()) -> None:
        """The customer's addresses are these from now on; none is one whose mail came back."""
        self._known(customer, to=to, bad=bad)

    def lives(
        self, customer: str, country: str, subdivision: str = "", *, zones: tuple[str, ...] = ()
    ) -> None:
        """Where the customer is: 'GB', 'ENG'. ``zones`` are time zones that are known, and not just
        guessed by the country."""
        self._known(customer, country=country, subdivision=subdivision, zones=zones)

    def groups(self, customer: str, *groups: str) -> None:
        """The customer's groups in the accounting system, for segments."""
        self._known(customer, groups=groups)

    def behaves(self, customer: str, *ways: Behaviour) -> None:
        """How the customer pays: 'new', 'usually-late', 'pays-after-first-reminder'."""
        self.behaviour[customer] = frozenset(ways)

    def _known(self, customer: str, **fields: object) -> None:
        debtor = self.debtors.get(customer) or Debtor(customer, customer, (f"ap@{customer.lower()}.example",))
        self.debtors[customer] = msgspec.structs.replace(debtor, **fields)

    # What people do in arsync ----------------------------------------------------------------

    def hold(
        self, what: str, reason: HoldReason, until: str | None = None, *, owner: str = "", note: str = ""
    ) -> None:
        """A hold on an invoice or on a customer, through the day ``until``."""
        self.holds[what].append(HoldOrder(reason, day(until) if until else None, note, owner))

    def dispute(
        self, number: str, amount: str | None = None, until: str | None = None, *, owner: str = ""
    ) -> None:
        """This part of an invoice is in dispute, or all of it."""
        currency = self.invoices[number].currency
        part = None if amount is None else parse(amount, currency)
        last = day(until) if until else None
        self.holds[number].append(HoldOrder("disputed", last, "", owner, part, currency if amount else ""))

    def promise(
        self, what: str, amount: str | None = None, *, by: str, on: str, grace: int = 0, currency: str = "GBP"
    ) -> None:
        """On the day ``on`` it is promised that this much will be paid by the day ``by``, on an invoice or
        by a customer. What is open now is remembered: by what falls of it, it is kept or broken. Without an
        amount all of it is promised."""
        if what in self.invoices:
            lines = [(what, self.invoices[what].owed)]
            currency = self.invoices[what].currency
        else:
            lines = self._open_of(what, currency)
        self.holds[what].append(
            HoldOrder(
                "promised",
                day(by),
                amount=None if amount is None else parse(amount, currency),
                currency=currency,
                grace=grace,
                put_on=day(on),
                lines=tuple(lines),
            )
        )

    def release(self, what: str) -> None:
        """All holds on an invoice or a customer end."""
        del self.holds[what]

    def instalments(
        self, *numbers: str, on: str, parts: dict[str, str], grace: int = 0, broken_after: int = 14
    ) -> str:
        """These invoices are to be paid in parts, by day: {'04-01': '50.00', '05-01': '50.00'}. Gives the
        agreement's id."""
        currency = self.invoices[numbers[0]].currency
        made = tuple(Instalment(day(due), parse(amount, currency)) for due, amount in parts.items())
        return self._agree(
            "instalments", numbers, on, instalments=made, grace=grace, broken_after=broken_after
        )

    def settlement(self, *numbers: str, on: str, amount: str, until: str) -> str:
        """If this much is paid through the day ``until``, the rest of these invoices is conceded. Gives the
        agreement's id."""
        units = parse(amount, self.invoices[numbers[0]].currency)
        return self._agree("settlement", numbers, on, amount=units, until=day(until))

    def discount(self, *numbers: str, on: str, amount: str, until: str) -> str:
        """If this much is paid through the day ``until``, the rest is conceded; unlike a settlement it
        holds nothing before. Gives the agreement's id."""
        units = parse(amount, self.invoices[numbers[0]].currency)
        return self._agree("discount", numbers, on, amount=units, until=day(until))

    def _agree(self, kind: str, numbers: tuple[str, ...], on: str, **fields: object) -> str:
        id_ = f"G{len(self.agreements) + 1}"
        first = self.invoices[numbers[0]]
        by_due_date = sorted(numbers, key=lambda number: (self.invoices[number].due_on or date.max, number))
        self.agreements[id_] = Agreement(
            id=id_,
            kind=kind,  # type: ignore[arg-type]
            customer_id=first.customer_id,
            currency=first.currency,
            agreed_on=day(on),
            lines=tuple((number, self.invoices[number].owed) for number in by_due_date),
            **fields,  # type: ignore[arg-type]
        )
        return id_

    def ends(self, agreement: str) -> None:
        """An agreement is in force no more."""
        del self.agreements[agreement]

    def opts_out(self, customer: str, *channels: Channel) -> None:
        """By these channels the customer wants to hear nothing: 'message', 'call', 'letter'."""
        self.opted_out[customer] = self.opted_out.get(customer, frozenset()).union(channels)

    def call(self, customer: str, on: str, *, reached: bool = True) -> None:
        """Somebody calls the customer, and reaches it or does not. No step is taken."""
        self.contacts[customer].append(Contact(day(on), "call", conversation=reached))

    def letter(self, customer: str, on: str) -> None:
        """A letter goes to the customer by post. No step is taken."""
        self.contacts[customer].append(Contact(day(on), "letter"))

    def elsewhere(self, customer: str, on: str) -> None:
        """The customer hears from another book of the practice."""
        self.contacts[customer].append(Contact(day(on), "message", elsewhere=True))

    def done(self, task: Task, on: date | str, *, reached: bool = True) -> None:
        """A person closes a task: its steps are taken. A call or a letter is a contact; ``reached`` tells
        whether a call was a conversation."""
        today = day(on) if isinstance(on, str) else on
        self._take(task, today)
        self.open_tasks -= _takes(task)
        if task.does == "call" or task.does == "letter":
            talked = reached and task.does == "call"
            self.contacts[task.customer_id].append(Contact(today, task.does, conversation=talked))

    def _open_of(self, customer: str, currency: str) -> list[tuple[str, int]]:
        return [
            (i.id, i.owed)
            for i in self.invoices.values()
            if (i.customer_id, i.currency) == (customer, currency) and i.owed > 0
        ]

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
            rounds=self.rounds,
            contacts={name: sorted(found, key=lambda it: it.on) for name, found in self.contacts.items()},
            opted_out=self.opted_out,
            agreements=list(self.agreements.values()),
            behaviour=self.behaviour,
            zone=self.zone,
        )

    def plan(self, on: date | str) -> Plan:
        """What a run would do on that day; nothing happens."""
        today = day(on) if isinstance(on, str) else on
        return plan("book", self.facts(today), self.policy, today)

    def run(self, on: date | str) -> Plan:
        """Plans, and delivers every message of the plan; the tasks are seen by a person."""
        made = self.plan(on)
        for message in made.messages:
            self.deliver(message, made.as_of)
        for task in made.tasks:
            self.open_tasks |= _takes(task)
        return made

    def deliver(self, message: Message, on: date) -> None:
        """One planned message leaves."""
        self._take(message, on)
        self.contacted[message.customer_id, message.currency] = on
        self.contacts[message.customer_id].append(Contact(on, "message"))
        self.sent.append((on, message))

    def _take(self, item: Message | Task, on: date) -> None:
        for line in item.lines:
            if line.step is not None:
                assert line.offset is not None
                taken = Taken(line.step, line.offset, on)
                if line.round == 1:
                    self.taken[line.invoice_id] = taken
                else:
                    self.rounds[line.invoice_id, line.round] = taken
                self.takes.append((on, line.invoice_id, line.step))

    def diary(self, first: str, last: str) -> list[str]:
        """A run on each day from ``first`` to ``last``: a line for each message, and for each task
        when it first shows, which begins with what it does. Invoices that are only listed stand in
        brackets."""
        lines = []
        for today in days(first, last):
            seen = set(self.open_tasks)
            made = self.run(today)
            lines += [f"{today:%a %m-%d} {told(message)}" for message in made.messages]
            lines += [
                f"{today:%a %m-%d} {task.does} {told(task)}"
                for task in made.tasks
                if not _takes(task) <= seen
            ]
        return lines


def _takes(task: Task) -> set[tuple[str, str]]:
    return {(line.invoice_id, step_key(line.step, line.round)) for line in task.lines if line.step}


def told(item: Message | Task) -> str:
    """'second reminder GBP 150.00: A1 (A2)'; 'GBP 100.00 of 150.00' where a part is not asked for."""
    numbers = " ".join(line.number if line.step else f"({line.number})" for line in item.lines)
    amount = plain(item.total - item.held_back, item.currency)
    if item.held_back:
        amount += f" of {plain(item.total, item.currency)}"
    return f"{item.step} {item.currency} {amount}: {numbers}"


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
