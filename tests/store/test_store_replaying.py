"""A stretch of the past, read at once, is what is told of each of its days by itself.

The drawn books begin with a complete pull on Monday, 2 March 2026, and go on for four weeks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import credit, customer, invoice, page

from arsync.ledger import Allocation, Gone, Payment
from arsync.policy.changes import Closed, Credited, Ordered, Owed
from arsync.policy.changes import Gone as NotOwed
from arsync.policy.history import History
from arsync.policy.model import Facts, HoldOrder
from arsync.store import Claim, Store
from arsync.store.holds import put_hold, release_holds
from arsync.store.leases import claim
from arsync.store.opt_outs import opt_out
from arsync.store.past_facts import facts_on
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.replaying import history

BEGAN = date(2026, 3, 2)
CUSTOMERS = ("c1", "c2", "c3")
NUMBERS = count(1)


def day(n: int) -> date:
    """A day of March 2026; 0 and below are of February."""
    return date(2026, 3, 1) + timedelta(days=n - 1)


def sieve(texts: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(texts), ()


def read(store: Store, run: Claim, on: date, *, full: bool = False, **records: Any) -> None:
    """A complete pull on that day, of changes unless ``full``."""
    (begin_full if full else begin_changes)(store, run)
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    store_page(store, run, page(full=full, **records), at=at, today=on)


class Act(msgspec.Struct, frozen=True):
    """Something that happens on a day: what is read, or what a person decides."""

    on: int
    what: str
    id: str
    amount: int
    customer: str
    other: int


acts = st.builds(
    Act,
    st.integers(3, 27),
    st.sampled_from(
        ["invoice", "invoice", "invoice", "delete", "credit", "hold", "hold", "release", "opt-out"]
    ),
    st.sampled_from(["i1", "i2", "i3", "i4", "n1", "n2"]),
    st.integers(0, 3).map(lambda n: n * 2500),
    st.sampled_from(CUSTOMERS),
    st.integers(-10, 25),
)


def carry_out(store: Store, run: Claim, act: Act) -> None:
    on, book = day(act.on), run.book
    at = datetime(on.year, on.month, on.day, 13, tzinfo=UTC)
    target: Any = ("customer", act.customer) if act.other % 3 == 0 else ("invoice", act.id)
    match act.what:
        case "invoice":
            it = invoice(act.id, open=act.amount, customer_id=act.customer, due_on=day(act.other))
            read(store, run, on, invoices=[it])
        case "delete":
            read(store, run, on, gone=[Gone(entity="invoice", id=act.id, updated_at="")])
        case "credit":
            read(store, run, on, credits=[credit(act.id, remaining=act.amount, customer_id=act.customer)])
        case "hold":
            until = day(act.other) if act.other > act.on else None
            put_hold(store, book, *target, reason="paused", until=until, note=act.id, at=at, day=on)
        case "release":
            release_holds(store, book, *target, at=at, day=on)
        case "opt-out":
            opt_out(store, book, act.customer, "message", at=at, day=on)


@st.composite
def beginnings(draw: st.DrawFn) -> dict[str, Any]:
    """What the first pull reads: open and paid invoices with payments of February, a credit, a family."""
    owed = st.sampled_from([0, 4000, 10000])
    invoices = [
        invoice(
            id_,
            open=draw(owed),
            customer_id=draw(st.sampled_from(CUSTOMERS)),
            issued_on=day(draw(st.integers(-30, 2))),
        )
        for id_ in ("i1", "i2", "i3")
    ]
    payments = [
        Payment(
            id=f"p{n}",
            customer_id="c1",
            currency="GBP",
            amount=3000,
            paid_on=day(draw(st.integers(-25, 1))),
            allocations=(Allocation(invoice_id=draw(st.sampled_from(["i1", "i2"])), amount=3000),),
        )
        for n in range(draw(st.integers(0, 3)))
    ]
    parent = draw(st.sampled_from([None, "c1"]))
    return {
        "customers": [
            customer("c1"),
            customer("c2", parent_id=parent, bills_parent=parent is not None),
            customer("c3"),
        ],
        "invoices": invoices,
        "payments": payments,
        "credits": [credit("n1", issued_on=draw(st.sampled_from([None, day(-4)])))],
    }


@given(begin=beginnings(), done=st.lists(acts, max_size=10), first=st.integers(-12, 20))
@settings(max_examples=60, deadline=None)
def test_each_day_is_what_it_is_by_itself(
    shelf: Store, begin: dict[str, Any], done: list[Act], first: int
) -> None:
    book = f"book{next(NUMBERS)}"
    shelf.book(book, "xero")
    run = claim(shelf, book, command="run", at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    read(shelf, run, BEGAN, full=True, **begin)
    for act in sorted(done, key=lambda act: act.on):
        carry_out(shelf, run, act)
    past = history(shelf, book, day(first), day(28), addresses=sieve)
    for n in range(first, 29):
        assert standing(past, day(n)) == told(facts_on(shelf, book, day(n), addresses=sieve), day(n)), day(n)


def standing(past: History, on: date) -> dict[str, Any]:
    """What the changes up to a day come to."""
    debts: dict[str, Any] = {}
    unapplied: dict[Any, int] = {}
    orders: dict[Any, tuple[HoldOrder, ...]] = {}
    closed: dict[str, Any] = {}
    for change in past.changes:
        if change.on > on:
            break
        match change:
            case Owed(_, _, debt):
                debts[debt.id] = debt
            case NotOwed(_, customer_id, id_):
                if debts[id_].customer_id == customer_id:
                    del debts[id_]
            case Credited(_, customer_id, currency, left):
                unapplied[customer_id, currency] = left
            case Ordered(_, customer_id, id_, given_):
                orders[customer_id, id_] = given_
            case Closed(_, customer_id, channels):
                closed[customer_id] = channels
    holds = {
        debt.id: stands(
            [*orders.get((debt.customer_id, debt.id), ()), *orders.get((debt.customer_id, None), ())], on
        )
        for debt in debts.values()
    }
    return {
        "debts": debts,
        "unapplied": {key: left for key, left in unapplied.items() if left > 0},
        "holds": holds,
        "closed": closed,
        "names": {it.customer_id: past.facts.debtors[it.customer_id].name for it in debts.values()},
    }


def told(facts: Facts, on: date) -> dict[str, Any]:
    """The same of the facts of a day."""
    holds = {
        debt.id: stands(
            [*facts.invoice_holds.get(debt.id, ()), *facts.customer_holds.get(debt.customer_id, ())], on
        )
        for debt in facts.debts
    }
    return {
        "debts": {debt.id: debt for debt in facts.debts},
        "unapplied": dict(facts.unapplied),
        "holds": holds,
        "closed": dict(facts.opted_out),
        "names": {it.customer_id: facts.debtors[it.customer_id].name for it in facts.debts},
    }


def stands(orders: list[HoldOrder], on: date) -> list[str]:
    return sorted(f"{it.reason} {it.until} {it.note}" for it in orders if it.until is None or it.until >= on)
