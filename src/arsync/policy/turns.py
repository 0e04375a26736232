"""The days on which what is asked for may change by itself: promises, disputes about a part and agreements
turn on days of their own. Between two such days the terms of an invoice are the same. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from arsync.policy.agreements import uncovered
from arsync.policy.ladder import days_after
from arsync.policy.model import Agreement, Debt, Facts, HoldOrder


class Turns:
    """The turning days after today. Days on which nothing changes may be among them; none is missing."""

    def __init__(self, facts: Facts, today: date) -> None:
        self._named: set[str] = set()  # invoices
        self._customers: set[str] = set()  # those with a promise of their own, which is about all they owe
        self._days: dict[str, list[date]] = {}
        for id_, orders in facts.invoice_holds.items():
            if any(map(_turning, orders)):
                self._named.add(id_)
        for id_, orders in facts.customer_holds.items():
            if any(map(_turning, orders)):
                self._customers.add(id_)
        for agreement in facts.agreements:
            self._named.update(id_ for id_, _ in agreement.lines)
        if self:
            self._find(facts, today)

    def __bool__(self) -> bool:
        return bool(self._named or self._customers)

    def of(self, debt: Debt) -> list[date]:
        """Those of an invoice, in order. All invoices of a customer that have any share them."""
        if debt.id in self._named or debt.customer_id in self._customers:
            return self._days.get(debt.customer_id, [])
        return []

    def _find(self, facts: Facts, today: date) -> None:
        debts = {
            debt.id: debt
            for debt in facts.debts
            if debt.id in self._named or debt.customer_id in self._customers
        }
        days: dict[str, set[date]] = defaultdict(set)
        for id_, debt in debts.items():
            for order in (*facts.invoice_holds.get(id_, ()), *facts.customer_holds.get(debt.customer_id, ())):
                days[debt.customer_id].update(_of_order(order))
        for agreement in facts.agreements:
            for customer in {debts[id_].customer_id for id_, _ in agreement.lines if id_ in debts}:
                credit = facts.unapplied.get((customer, agreement.currency), 0)
                days[customer].update(_of_agreement(agreement, debts, credit))
        self._days = {id_: sorted(day for day in found if day > today) for id_, found in days.items()}


def _turning(order: HoldOrder) -> bool:
    return bool(order.lines or order.grace or order.amount is not None)


def _of_order(order: HoldOrder) -> Iterator[date]:
    """A promise that was kept ends with its day, any other with its grace."""
    if order.until is not None:
        yield days_after(order.until, 1)
        yield days_after(order.until, order.grace + 1)


def _of_agreement(agreement: Agreement, debts: Mapping[str, Debt], credit: int) -> Iterable[date]:
    """An instalment is asked for from its day on, late from the next on, on the ladder after its grace, and
    at last breaks the agreement, after which nothing of it turns any more."""
    if agreement.kind != "instalments":
        return () if agreement.until is None else (agreement.until, days_after(agreement.until, 1))
    then = sum([amount for _, amount in agreement.lines])
    left = sum([debts[id_].open for id_, _ in agreement.lines if id_ in debts])
    late = uncovered(agreement.instalments, max(then - left, 0) + credit)
    end = date.max
    if late is not None:
        end = days_after(agreement.instalments[late].due_on, agreement.broken_after)
    return {
        day
        for it in agreement.instalments
        for later in (0, 1, agreement.grace + 1, agreement.broken_after)
        if (day := days_after(it.due_on, later)) <= end
    }
