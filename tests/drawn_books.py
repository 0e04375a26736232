"""Drawn books: policies, facts and whole day books of any kind, on Wednesday 2027-03-10, and their plans.

Customers are c0, c1 and c2; invoices are due from 40 days before to 12 days after that day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Plan, Taken
from arsync.policy.plan import plan
from arsync.policy.rules import Policy, Step
from day_book import DayBook, day

TODAY = day("03-10")
NOT_LISTED = {"excluded", "disputed", "promised", "paused"}


def near(first: int, last: int) -> st.SearchStrategy[date]:
    return st.integers(first, last).map(lambda n: TODAY + timedelta(days=n))


def seldom(of: st.SearchStrategy[object], otherwise: object, one_in: int) -> st.SearchStrategy[Any]:
    return st.integers(1, one_in).flatmap(lambda n: of if n == one_in else st.just(otherwise))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    found = sorted(draw(st.sets(st.integers(-8, 25), min_size=1, max_size=6)))
    kinds = draw(st.lists(st.sampled_from(["message", "message", "task"]), min_size=6, max_size=6))
    firm = draw(seldom(st.lists(st.sampled_from([None, True, False]), min_size=6, max_size=6), [None] * 6, 3))
    return Policy(
        "p",
        tuple(Step(f"step {n}", offset, "t", kinds[n], firm[n]) for n, offset in enumerate(found)),  # type: ignore[arg-type]
        min_gap_days=draw(st.integers(0, 9)),
        send_on=frozenset(draw(seldom(st.sets(st.integers(0, 6), min_size=1), range(7), 2))),
        minimum=draw(seldom(st.dictionaries(CURRENCIES, st.integers(0, 150)), {}, 3)),
    )


CURRENCIES = st.sampled_from(["GBP", "GBP", "JPY"])
CUSTOMERS = ["c0", "c1", "c2"]
KEYS = st.tuples(st.sampled_from(CUSTOMERS), CURRENCIES)
TIED = st.tuples(st.sampled_from(CUSTOMERS), CURRENCIES | st.just(""))
reasons_of_people = st.sampled_from(sorted(NOT_LISTED))
orders = st.lists(
    st.builds(HoldOrder, reasons_of_people, st.none() | near(-5, 15), st.sampled_from(["", "x", "y"])),
    max_size=3,
)


@st.composite
def facts_for(draw: st.DrawFn, policy: Policy) -> Facts:
    debts = [
        Debt(
            id=f"i{n}",
            number=f"N{draw(st.integers(0, 3))}",  # numbers may repeat, ids do not
            customer_id=draw(st.sampled_from(["c0", "c0", "c0", "c1", "c2"])),
            currency=draw(CURRENCIES),
            due_on=None if draw(st.integers(0, 9)) == 9 else draw(near(-40, 12)),
            open=draw(st.integers(1, 200)),
            promised_on=draw(seldom(near(-3, 12), None, 8)),
        )
        for n in range(draw(st.integers(0, 8)))
    ]
    steps = st.sampled_from([*policy.steps, Step("since removed", 7, "t")])
    ids = st.sampled_from([debt.id for debt in debts] or ["of a paid invoice"])
    addresses = seldom(st.just(()), ("a@q.example",), 6)
    return Facts(
        debts=debts,
        debtors={c: Debtor(c, draw(st.sampled_from("QR")), draw(addresses)) for c in CUSTOMERS},
        unapplied=draw(seldom(st.dictionaries(KEYS, st.integers(0, 250), max_size=2), {}, 3)),
        invoice_holds=draw(seldom(st.dictionaries(ids, orders, max_size=2), {}, 3)),
        customer_holds=draw(seldom(st.dictionaries(st.sampled_from(CUSTOMERS), orders, max_size=1), {}, 5)),
        taken=draw(st.dictionaries(ids, steps.map(lambda step: Taken(step.name, step.offset)), max_size=4)),
        contacted=draw(seldom(st.dictionaries(KEYS, near(-11, 0), max_size=3), {}, 2)),
        stale=draw(seldom(st.just("no payment for weeks"), None, 3)),
        unreconciled=draw(seldom(st.dictionaries(TIED, st.just("differs"), max_size=2), {}, 3)),
    )


situations = policies().flatmap(lambda policy: st.tuples(st.just(policy), facts_for(policy)))
Situation = tuple[Policy, Facts]


@st.composite
def books(draw: st.DrawFn) -> DayBook:
    """A book with up to three customers, whose runs deliver what they plan."""
    policy = draw(policies())
    facts = draw(facts_for(policy))
    book = DayBook(policy)
    book.debtors = dict(facts.debtors)
    for debt in facts.debts:
        book.invoice(debt.id, "1", due="03-01", customer=debt.customer_id, currency=debt.currency)
        book.change(debt.id, open=debt.open, due_on=debt.due_on, promised_on=debt.promised_on)
    book.unapplied = dict(facts.unapplied)
    book.stale, book.unreconciled = facts.stale, dict(facts.unreconciled)
    for holds in (facts.invoice_holds, facts.customer_holds):
        for what, found in holds.items():
            book.holds[what] = list(found)
    return book


run_days = st.lists(st.integers(1, 4), min_size=5, max_size=25).map(
    lambda gaps: [TODAY + timedelta(days=sum(gaps[:n])) for n in range(len(gaps))]
)


def taking(made: Plan) -> dict[str, str]:
    """Invoices that take a step today, with the step's name."""
    return {
        line.invoice_id: line.step
        for item in (*made.messages, *made.tasks)
        for line in item.lines
        if line.step is not None
    }


def held(made: Plan) -> dict[str, str]:
    return {id_: hold.reason for hold in made.holds for id_, _ in hold.invoices}


def later(situation: Situation, days: int) -> Plan:
    policy, facts = situation
    return plan("b", facts, policy, TODAY + timedelta(days=days))
