"""How customers have paid so far: what is told of them, and from which records."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from store_samples import customer, invoice, page

from arsync.ledger import Allocation, Payment
from arsync.policy.rules import Behaviour
from arsync.store import Claim, Store
from arsync.store.behaviour import Settled, judged
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.reading import facts

DUE = date(2026, 1, 1)
TODAY = date(2026, 6, 1)


def late(*days: int, reminders: int = 0) -> list[Settled]:
    return [Settled(DUE, DUE + timedelta(days=it), reminders) for it in days]


@pytest.mark.parametrize(
    ("settled", "age", "expected"),
    [
        ([], 89, {"new"}),
        ([], 90, set()),
        (late(0), 1, set()),  # it has settled one
        (late(6, 6), 200, set()),  # too few
        (late(6, 6, 0), 200, {"usually-late"}),
        (late(6, 6, 0, 0), 200, set()),  # no more than half
        (late(5, 5, 5), 200, set()),
        (late(*[9] * 12, *[0] * 6), 200, set()),  # of the last twelve
        (late(*[0] * 12, *[9] * 7), 200, {"usually-late"}),
        ([*late(9, 9), Settled(None, TODAY, 0), Settled(DUE, None, 0)], 200, set()),
        (late(0, 0, 0, reminders=1), 200, {"pays-after-first-reminder"}),
        (late(0, 0, reminders=1), 200, set()),
        ([*late(0, 0, 0, reminders=1), *late(0, reminders=2)], 200, set()),
        ([*late(0, reminders=2), *late(*[0] * 6, reminders=1)], 200, {"pays-after-first-reminder"}),
        ([*late(9, 9, 9, reminders=1), *late(9, 9)], 200, {"usually-late", "pays-after-first-reminder"}),
    ],
)
def test_the_words(settled: list[Settled], age: int, expected: set[Behaviour]) -> None:
    assert judged(settled, TODAY - timedelta(days=age), TODAY) == expected


def read(store: Store, customers: Collection[str] | None = None, **more: Any) -> Any:
    values = {"today": TODAY, "addresses": lambda it: (tuple(it), ()), "with_behaviour": True, **more}
    return facts(store, "acme", customers=customers, **values).behaviour


def pull(store: Store, run: Claim, day: date, *, full: bool = False, **more: Any) -> None:
    (begin_full if full else begin_changes)(store, run)
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    store_page(store, run, page(full=full, **more), at=at, today=day)


def bills(open_: int = 10000, **more: Any) -> list[Any]:
    """Three invoices due on 1 January, and one that stays open."""
    three = [
        invoice(f"i{n}", due_on=DUE, issued_on=DUE, open=open_, updated_at="", **more) for n in (1, 2, 3)
    ]
    return [*three, invoice("open", due_on=TODAY, issued_on=date(2025, 12, 1), updated_at="")]


def test_the_days_are_those_of_the_payments(store: Store, run: Claim) -> None:
    """Read in March, paid on the 3rd of January: in time, whenever it was seen."""
    pull(store, run, DUE, full=True, customers=[customer()], invoices=bills())
    paid = [
        Payment(
            id=f"p{n}",
            customer_id="c1",
            currency="GBP",
            amount=10000,
            paid_on=date(2026, 1, 3),
            allocations=(Allocation(f"i{n}", 10000),),
        )
        for n in (1, 2)
    ]
    pull(store, run, date(2026, 3, 1), invoices=bills(0), payments=paid)
    assert read(store) == read(store, ["c1"]) == {}
    gone = [Payment(id=it.id, customer_id="c1", currency="GBP", amount=0, paid_on=it.paid_on) for it in paid]
    pull(store, run, date(2026, 3, 2), payments=gone)
    assert read(store) == {"c1": {"usually-late"}}  # by the day on which it was seen


def test_else_the_days_on_which_nothing_was_open_any_more(store: Store, run: Claim) -> None:
    pull(store, run, DUE, full=True, customers=[customer()], invoices=bills())
    assert read(store) == {}
    pull(store, run, date(2026, 1, 7), invoices=bills(0))
    assert read(store) == read(store, ["c1"]) == {"c1": {"usually-late"}}
    assert read(store, with_behaviour=False) == {}


def test_of_what_was_never_seen_open_no_day_is_known(store: Store, run: Claim) -> None:
    pull(store, run, date(2026, 3, 1), full=True, customers=[customer()], invoices=bills(0))
    assert read(store) == {}


def test_what_was_voided_was_not_settled(store: Store, run: Claim) -> None:
    pull(store, run, DUE, full=True, customers=[customer()], invoices=bills())
    pull(store, run, date(2026, 1, 7), invoices=bills(status="voided"))
    assert read(store, today=date(2026, 2, 1)) == {"c1": {"new"}}  # the first of 1 December is 62 days old


def test_reminders_are_steps_after_the_due_date_that_were_taken(store: Store, run: Claim) -> None:
    pull(store, run, DUE, full=True, customers=[customer()], invoices=bills())
    rows = [(f"i{n}", step, offset, how) for n in (1, 2, 3) for step, offset, how in (
        ("heads-up", -3, "message"), ("first", 1, "message"), ("second", 10, "joined"),
        ("third", 20, "dropped"),
    )]  # fmt: skip
    with store.writing() as conn:
        conn.executemany(
            "INSERT INTO steps_taken (book, invoice_id, step, step_offset, how, on_day, source) "
            "VALUES ('acme', ?, ?, ?, ?, '2026-01-02', 'm')",
            rows,
        )
    pull(store, run, date(2026, 1, 4), invoices=bills(0))
    assert read(store) == {"c1": {"pays-after-first-reminder"}}


def test_a_family_is_judged_as_one(store: Store, run: Claim) -> None:
    kin = [customer("p"), customer("c1", parent_id="p", bills_parent=True)]
    pull(store, run, DUE, full=True, customers=kin, invoices=bills())
    pull(store, run, date(2026, 1, 7), invoices=bills(0))
    assert read(store) == read(store, ["c1"]) == {"p": {"usually-late"}}
