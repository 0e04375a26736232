"""The course of a book: what the plans of one day after the other decide if each is carried out. Pure.

Every planned message counts as delivered on its day and every task as closed on its day. Customers do
not hang on each other, so each is planned only on the days on which something may change for it: when a
step comes due, a hold ends, or the facts change. What a plan promises makes that enough: before the day
of an `Upcoming`, and before a hold's `until`, nothing happens by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from arsync.policy.changes import Agreed, Change, Closed, Credited, Gone, Ordered, Owed, Reached
from arsync.policy.customer_state import CustomerState
from arsync.policy.ladder import days_after
from arsync.policy.model import Contact, Debt, Facts, Message, Plan, Taken, Task
from arsync.policy.plan import plan
from arsync.policy.rules import Policy

ONE_DAY = timedelta(days=1)


class Course:
    """One course from the day ``start``, whose facts these are. `days` goes through it once."""

    def __init__(self, book: str, facts: Facts, policy: Policy, start: date) -> None:
        self._book, self._facts, self._policy, self._start = book, facts, policy, start
        # An invoice is nothing to anybody before its first step's day, or the day on which it is overdue
        # and so listed with others: in days after its due date.
        self._counts_from = min([1, *(step.offset for step in policy.every_step)])
        # Within the gap to a message nothing happens, but to tasks that were shown before.
        self._rest = 1 if facts.open_tasks else _least_gap(policy)
        self._taken = dict(facts.taken)
        self._rounds = dict(facts.rounds)
        self._opted_out = dict(facts.opted_out)
        self._accounts: dict[str, CustomerState] = {}
        self._owners: dict[str, str] = {}  # of each invoice, the last it had
        self._named: dict[str, set[str]] = {}  # by invoice: customers whose terms are judged by it
        self._looks: dict[date, dict[str, None]] = {}  # customers by day, in order
        self._group()

    def days(self, last: date, changes: Iterable[Change] = (), *, every_day: bool = False) -> Iterator[Plan]:
        """The plans of the days up to and with ``last`` on which anything is to be looked at, each of the
        customers that are looked at. ``changes`` are in order of their days, none before the first.
        ``every_day`` plans every customer on every day: the same, only slower."""
        coming = iter(changes)
        change = next(coming, None)
        day = self._start
        while day <= last:
            while change is not None and change.on <= day:
                self._change(change, day)
                change = next(coming, None)
            if every_day:
                looked = list(self._accounts)
            else:
                looked = [id_ for id_ in self._looks.pop(day, ()) if self._accounts[id_].look == day]
            if looked := self._tied(looked):
                made = plan(self._book, self._facts_of(looked), self._policy, day)
                yield made
                self._carry_out(made, looked, day)
            if day == date.max:
                break
            day += ONE_DAY

    # The facts of some customers ---------------------------------------------------------------

    def _group(self) -> None:
        """Every fact with its customer, once."""
        facts, owner = self._facts, self._owners
        for debt in facts.debts:
            owner[debt.id] = debt.customer_id
            self._account(debt.customer_id).debts[debt.id] = debt
        for (customer, currency), amount in facts.unapplied.items():
            self._account(customer).unapplied[currency] = amount
        for invoice, orders in facts.invoice_holds.items():
            if invoice in owner:
                self._account(owner[invoice]).invoice_holds[invoice] = orders
        for customer, orders in facts.customer_holds.items():
            self._account(customer).customer_holds = orders
        for (customer, currency), on in facts.contacted.items():
            self._account(customer).contacted[currency] = on
        for customer, contacts in facts.contacts.items():
            self._account(customer).contacts = list(contacts)
        for agreement in facts.agreements:
            self._account(agreement.customer_id).agreements += (agreement,)
        for message in facts.approved:
            self._account(message.customer_id).approved.append(message)
        for id_, account in self._accounts.items():
            self._name(id_, account)
            if account.debts:
                self._look(id_, account, self._start)

    def _name(self, id_: str, account: CustomerState) -> None:
        for invoice in account.named():
            self._named.setdefault(invoice, set()).add(id_)

    def _tied(self, customers: list[str]) -> list[str]:
        """These customers, and those whose invoices their terms are judged by, or the other way round: an
        invoice may have come to another customer since something was agreed about it."""
        if not self._named:
            return customers
        found = dict.fromkeys(customers)
        rest = list(customers)
        while rest:
            account = self._accounts[rest.pop()]
            near = {who for id_ in account.debts if id_ in self._named for who in self._named[id_]}
            near |= {self._owners[id_] for id_ in account.named() if id_ in self._owners}
            new = sorted(near - found.keys())
            found |= dict.fromkeys(new)
            rest += new
        return list(found)

    def _account(self, customer_id: str) -> CustomerState:
        if (account := self._accounts.get(customer_id)) is None:
            account = CustomerState({}, {}, {}, (), {}, [], (), [], None)
            self._accounts[customer_id] = account
        return account

    def _facts_of(self, customers: Sequence[str]) -> Facts:
        known = [(id_, self._accounts[id_]) for id_ in customers]
        facts = self._facts
        return Facts(
            debts=[debt for _, account in known for debt in account.debts.values()],
            debtors=facts.debtors,
            unapplied={(id_, of): n for id_, account in known for of, n in account.unapplied.items()},
            invoice_holds={id_: orders for _, it in known for id_, orders in it.invoice_holds.items()},
            customer_holds={id_: account.customer_holds for id_, account in known if account.customer_holds},
            taken=self._taken,
            contacted={(id_, of): on for id_, account in known for of, on in account.contacted.items()},
            approved=[message for _, account in known for message in account.approved],
            bound=facts.bound,
            open_tasks=facts.open_tasks,
            stale=facts.stale,
            unreconciled=facts.unreconciled,
            rounds=self._rounds,
            contacts={id_: account.contacts for id_, account in known if account.contacts},
            opted_out=self._opted_out,
            agreements=[agreement for _, account in known for agreement in account.agreements],
            behaviour=facts.behaviour,
            zone=facts.zone,
        )

    # What happens ------------------------------------------------------------------------------

    def _carry_out(self, made: Plan, looked: Sequence[str], day: date) -> None:
        """What the plan says happens, and each customer that was looked at gets its next day."""
        following = _following(made)
        tomorrow, rested = days_after(day, 1), days_after(day, self._rest)
        every: tuple[Message | Task, ...] = (*made.messages, *made.tasks)
        for item in every:
            account = self._accounts[item.customer_id]
            if isinstance(item, Message):
                account.contacted[item.currency] = day
                account.contacts.append(Contact(day, "message"))
                account.approved = [it for it in account.approved if it.currency != item.currency]
            elif item.does == "call" or item.does == "letter":
                account.contacts.append(Contact(day, item.does, conversation=item.does == "call"))
            self._take(item, day)
            reached = account.contacted.get(item.currency) == day
            following[item.customer_id] = rested if reached else tomorrow
        for id_ in looked:
            account = self._accounts[id_]
            account.look = None
            if (next_ := following.get(id_)) is not None:
                self._look(id_, account, max(next_, tomorrow))

    def _take(self, item: Message | Task, day: date) -> None:
        for line in item.lines:
            if line.step is None:
                continue
            assert line.offset is not None
            taken = Taken(line.step, line.offset, day)
            if line.round == 1:
                self._taken[line.invoice_id] = taken
            else:
                self._rounds[line.invoice_id, line.round] = taken

    def _look(self, id_: str, account: CustomerState, on: date) -> None:
        """Plan this customer on that day, or sooner where it is to be looked at before."""
        if account.look is None or on < account.look:
            account.look = on
            self._looks.setdefault(on, {})[id_] = None

    # What changes ------------------------------------------------------------------------------

    def _change(self, change: Change, day: date) -> None:
        """Take a change in, and look at its customer on the first day on which it can matter."""
        id_ = change.customer_id
        account = self._account(id_)
        match change:
            case Owed(_, _, debt):
                self._owed(id_, account, debt, day)
            case Gone(_, _, invoice):
                # Less is owed, and no other step comes sooner for that: there is nothing to look at,
                # but where terms are judged by what was paid.
                account.debts.pop(invoice, None)
                self._judged_by(invoice, day)
            case Credited(_, _, currency, unapplied):
                account.unapplied.pop(currency, None)
                if unapplied > 0:
                    account.unapplied[currency] = unapplied
                self._look(id_, account, day)
            case Ordered(_, _, None, orders):
                account.customer_holds = orders
                self._name(id_, account)
                self._look(id_, account, day)
            case Ordered(_, _, invoice_id, orders):
                assert invoice_id is not None
                account.invoice_holds.pop(invoice_id, None)
                if orders:
                    account.invoice_holds[invoice_id] = orders
                self._name(id_, account)
                self._look(id_, account, day)
            case Agreed(_, _, agreements):
                account.agreements = agreements
                self._name(id_, account)
                self._look(id_, account, day)
            case Reached(_, _, contact):
                account.contacts.append(contact)  # which brings nothing sooner
            case Closed(_, _, channels):
                self._opted_out[id_] = channels
                self._look(id_, account, day)

    def _judged_by(self, invoice_id: str, day: date) -> None:
        for who in self._named.get(invoice_id, ()):
            self._look(who, self._accounts[who], day)

    def _owed(self, id_: str, account: CustomerState, debt: Debt, day: date) -> None:
        """An invoice as it is from now on: it counts from its first step on, or once it is overdue."""
        account.debts[debt.id] = debt
        self._owners[debt.id] = id_
        self._judged_by(debt.id, day)
        if debt.due_on is not None:
            self._look(id_, account, max(day, days_after(debt.due_on, self._counts_from)))


def _following(made: Plan) -> dict[str, date]:
    """By customer the first day on which the plan promises that anything may happen."""
    found: dict[str, date] = {}
    for coming in made.upcoming:
        on = found.get(coming.customer_id)
        if on is None or coming.on < on:
            found[coming.customer_id] = coming.on
    for hold in made.holds:
        on = found.get(hold.customer_id)
        if hold.until is not None and (on is None or hold.until < on):
            found[hold.customer_id] = hold.until
    return found


def _least_gap(policy: Policy) -> int:
    """The shortest gap that the policy has for anybody; the floors of profiles only lengthen it."""
    levels = [segment.values for segment in policy.segments]
    levels += [terms.values for terms in policy.customers.values()]
    own = [level.min_gap_days for level in levels if level.min_gap_days is not None]
    return min([policy.min_gap_days, *own])
