"""Past days: the book remembers each state that stood at the end of a day.

The small book of these tests begins with a complete pull on Monday, 2 March 2026.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from store_samples import STAMP, credit, customer, invoice, page

from arsync.ledger import Allocation, Gone, Payment
from arsync.store import Claim, Store
from arsync.store.dating import Dating
from arsync.store.holds import put_hold, release_holds
from arsync.store.past import began_on, ledger_on
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.queries import statements

BEGAN = date(2026, 3, 2)


def day(n: int) -> date:
    """A day of March 2026; 0 and below are of February."""
    return date(2026, 3, 1) + timedelta(days=n - 1)


def stamp(n: int) -> str:
    return f"{day(n)}T10:00:00Z"


def read(store: Store, run: Claim, on: date, *, full: bool = False, **records: Any) -> None:
    """A complete pull on that day, of changes unless ``full``."""
    (begin_full if full else begin_changes)(store, run)
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    store_page(store, run, page(full=full, **records), at=at, today=on)


@pytest.fixture
def began(store: Store, run: Claim) -> Store:
    first = invoice(issued_on=day(-27), updated_at=stamp(-5))
    read(store, run, BEGAN, full=True, customers=[customer()], invoices=[first])
    return store


def owed(store: Store, on: date) -> dict[str, int]:
    return {it.id: it.owed for it in ledger_on(store, "acme", on).invoices}


def past_rows(store: Store) -> list[Any]:
    return store.rows("SELECT id, from_on, until_on, open FROM invoices_past ORDER BY id, until_on")


# What is remembered --------------------------------------------------------------------------


def test_a_part_payment_is_remembered_on_its_day(began: Store, run: Claim) -> None:
    read(began, run, day(9), invoices=[invoice(open=4000, updated_at=stamp(6))])
    assert owed(began, day(5)) == {"i1": 10000}
    assert owed(began, day(6)) == {"i1": 4000}  # the record's own stamp tells the day
    assert owed(began, day(9)) == {"i1": 4000}
    assert past_rows(began) == [("i1", "2026-03-02", "2026-03-06", 10000)]


def test_every_state_that_stood_at_the_end_of_a_day_is_kept(began: Store, run: Claim) -> None:
    for n, left in ((4, 7000), (6, 3000), (8, 0)):
        read(began, run, day(n), invoices=[invoice(open=left, updated_at=stamp(n))])
    assert [owed(began, day(n)) for n in range(2, 10)] == [
        {"i1": 10000}, {"i1": 10000}, {"i1": 7000}, {"i1": 7000}, {"i1": 3000}, {"i1": 3000}, {}, {},
    ]  # fmt: skip


def test_of_two_changes_in_a_day_the_last_counts(began: Store, run: Claim) -> None:
    read(began, run, day(4), invoices=[invoice(open=7000, updated_at="2026-03-04T08:00:00Z")])
    read(began, run, day(4), invoices=[invoice(open=2000, updated_at="2026-03-04T11:00:00Z")])
    assert past_rows(began) == [("i1", "2026-03-02", "2026-03-04", 10000)]
    assert owed(began, day(4)) == {"i1": 2000}


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        (stamp(6), day(6)),
        (stamp(2), day(2)),  # after the pull of that day
        (stamp(1), day(9)),  # it would have been seen: the stamp tells nothing
        (stamp(20), day(9)),  # a clock that runs ahead
        ("", day(9)),
        ("nonsense", day(9)),
    ],
)
def test_the_day_of_a_change(told: str, counts: date) -> None:
    assert Dating(day(9), day(2)).day(told) == counts.isoformat()


def test_the_day_of_a_change_is_the_books_own() -> None:
    """23:30 in London is the next day in Auckland."""
    auckland = timezone(timedelta(hours=13))
    assert Dating(day(9), day(2), auckland).day("2026-03-05T23:30:00Z") == "2026-03-06"


def test_an_invoice_that_came_later_is_not_there_before(began: Store, run: Claim) -> None:
    read(began, run, day(9), invoices=[invoice("i2", updated_at=stamp(7))])
    assert owed(began, day(6)) == {"i1": 10000}
    assert owed(began, day(7)) == {"i1": 10000, "i2": 10000}


@pytest.mark.parametrize("change", ["paid", "voided", "deleted", "closed"])
def test_whatever_ends_a_debt_leaves_its_past(began: Store, run: Claim, change: str) -> None:
    records: dict[str, dict[str, Any]] = {
        "paid": {"invoices": [invoice(open=0, updated_at=stamp(9))]},
        "voided": {"invoices": [invoice(open=0, total=0, status="voided", updated_at=stamp(9))]},
        "deleted": {"gone": [Gone(entity="invoice", id="i1", updated_at=stamp(9))]},
        "closed": {"full": True},
    }
    read(began, run, day(9), **records[change])
    assert owed(began, day(9)) == {}
    assert owed(began, day(8)) == {"i1": 10000}


def test_a_payment_that_bounced_shows_on_the_days_between(began: Store, run: Claim) -> None:
    read(began, run, day(4), invoices=[invoice(open=0, updated_at=stamp(4))])
    read(began, run, day(8), invoices=[invoice(updated_at=stamp(8))])
    assert [owed(began, day(n)) for n in (3, 4, 7, 8)] == [{"i1": 10000}, {}, {}, {"i1": 10000}]


def test_a_re_dated_and_moved_invoice_has_its_old_date_and_owner(began: Store, run: Claim) -> None:
    moved = invoice(due_on=day(30), customer_id="c2", number="NEW-1", updated_at=stamp(5))
    read(began, run, day(5), customers=[customer("c2")], invoices=[moved])
    [before], [after] = (ledger_on(began, "acme", day(n)).invoices for n in (4, 5))
    assert (before.due_on, before.customer_id, before.number) == (date(2026, 2, 25), "c1", "INV-i1")
    assert (after.due_on, after.customer_id, after.number) == (day(30), "c2", "NEW-1")


def test_credits_are_remembered_too(began: Store, run: Claim) -> None:
    read(began, run, day(4), credits=[credit(remaining=900, updated_at=stamp(4))])
    read(began, run, day(6), credits=[credit(remaining=400, updated_at=stamp(6))])
    read(began, run, day(8), gone=[Gone(entity="credit", id="n1", kind="credit-note", updated_at=stamp(8))])
    left = [[it.remaining for it in ledger_on(began, "acme", day(n)).credits] for n in (3, 4, 6, 7, 8)]
    assert left == [[], [900], [400], [400], []]


def test_an_unchanged_full_pull_writes_no_past(began: Store, run: Claim) -> None:
    read(began, run, day(9), full=True, invoices=[invoice(issued_on=day(-27), updated_at=stamp(-5))])
    assert past_rows(began) == []
    assert began.rows("SELECT changed_on FROM invoices") == [("2026-03-02",)]


def test_a_new_address_alone_is_no_new_state(began: Store, run: Claim) -> None:
    read(
        began, run, day(9),
        invoices=[invoice(issued_on=day(-27), emails=("x@one.example",), updated_at=stamp(9))],
    )  # fmt: skip
    assert past_rows(began) == []


def test_a_clock_that_went_back_loses_nothing(began: Store, run: Claim) -> None:
    read(began, run, day(9), invoices=[invoice(open=5000, updated_at=stamp(9))])
    read(began, run, day(7), invoices=[invoice(open=1000, updated_at="2026-03-09T11:00:00Z")])
    assert owed(began, day(8)) == {"i1": 10000}
    assert owed(began, day(9)) == {"i1": 1000}


# Before the book began -----------------------------------------------------------------------


def payment(id_: str = "p1", paid: int = -9, part: int = 3000, **more: Any) -> Payment:
    values = {
        "id": id_,
        "customer_id": "c1",
        "currency": "GBP",
        "amount": part,
        "paid_on": day(paid),
        "allocations": (Allocation("i1", part),),
        "updated_at": STAMP,
    }
    return Payment(**{**values, **more})


@pytest.fixture
def part_paid(store: Store, run: Claim) -> Store:
    """i1 of 100.00, issued 1 February, 30.00 paid on 19 February and 10.00 on 27 February."""
    left = invoice(open=6000, issued_on=date(2026, 2, 1))
    payments = [payment(), payment("p2", -1, 1000)]
    read(store, run, BEGAN, full=True, customers=[customer()], invoices=[left], payments=payments)
    return store


def test_before_it_began_payments_are_taken_back_by_their_dates(part_paid: Store) -> None:
    february = {n: owed(part_paid, date(2026, 2, n)) for n in (1, 18, 19, 26, 27)}
    assert february == {
        1: {"i1": 10000}, 18: {"i1": 10000}, 19: {"i1": 7000}, 26: {"i1": 7000}, 27: {"i1": 6000},
    }  # fmt: skip
    assert owed(part_paid, date(2026, 1, 31)) == {}  # not issued yet
    assert [ledger_on(part_paid, "acme", day(n)).remembered for n in (1, 2)] == [False, True]
    assert began_on(part_paid, "acme") == BEGAN


def test_a_payment_that_came_after_the_beginning_changes_no_day_before(part_paid: Store, run: Claim) -> None:
    """It is in the state of its day; entered late with an early date it must not be added twice."""
    late = payment("p3", 0, 2000, updated_at=stamp(5))
    read(part_paid, run, day(5), invoices=[invoice(open=4000, updated_at=stamp(5))], payments=[late])
    assert owed(part_paid, date(2026, 2, 27)) == {"i1": 6000}
    assert owed(part_paid, date(2026, 2, 18)) == {"i1": 10000}


def test_a_payment_that_bounced_later_still_tells_of_the_days_before(part_paid: Store, run: Claim) -> None:
    gone = payment(amount=0, allocations=(), updated_at=stamp(5))
    read(part_paid, run, day(5), invoices=[invoice(open=9000, updated_at=stamp(5))], payments=[gone])
    assert owed(part_paid, date(2026, 2, 18)) == {"i1": 10000}
    assert owed(part_paid, date(2026, 2, 19)) == {"i1": 7000}


def test_nothing_is_owed_beyond_the_total(store: Store, run: Claim) -> None:
    """A payment of two parts, one of which went to another invoice in between."""
    read(
        store, run, BEGAN, full=True,
        invoices=[invoice(open=9000, issued_on=date(2026, 2, 1))], payments=[payment(part=3000)],
    )  # fmt: skip
    assert owed(store, date(2026, 2, 10)) == {"i1": 10000}


def test_a_payment_is_stored_once_and_changed_in_place(part_paid: Store, run: Claim) -> None:
    moved = payment(updated_at=stamp(5), allocations=(Allocation("i1", 1000), Allocation("i9", 2000)))
    read(part_paid, run, day(5), payments=[moved, moved])
    assert part_paid.rows("SELECT invoice_id, amount FROM allocations WHERE payment = 'p1'") == [
        ("i1", 1000), ("i9", 2000),
    ]  # fmt: skip


# Holds ---------------------------------------------------------------------------------------


def test_holds_of_past_days(began: Store) -> None:
    def held_on(n: int) -> list[Any]:
        values = {"book": "acme", "day": day(n).isoformat()}
        return began.rows(statements("holds")["standing_on"], values)

    def at(n: int) -> dict[str, Any]:
        return {"at": datetime(2026, 3, n, 12, tzinfo=UTC), "day": day(n)}

    put_hold(began, "acme", "invoice", "i1", reason="paused", until=day(5), note="first", **at(3))
    put_hold(began, "acme", "invoice", "i1", reason="paused", until=day(9), note="longer", **at(4))
    release_holds(began, "acme", "invoice", "i1", **at(7))
    assert [[row[4] for row in held_on(n)] for n in range(2, 9)] == [
        [], ["first"], ["longer"], ["longer"], ["longer"], [], [],
    ]  # fmt: skip
