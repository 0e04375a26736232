"""Aging: bucket borders, what is open, and sums that never cross a currency."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.ledger.aging import BUCKETS, AgingRow, age, bucket, days_overdue
from arsync.ledger.records import Credit, Invoice

TODAY = date(2027, 3, 1)


def invoice(id_: str, open_: int, late: int | None, **fields: object) -> Invoice:
    due_on = None if late is None else TODAY - timedelta(days=late)
    values = {"customer_id": "c", "currency": "GBP", "total": 10**9, **fields}
    return Invoice(id=id_, number=id_, open=open_, due_on=due_on, **values)  # type: ignore[arg-type]


def credit(id_: str, remaining: int, *, customer: str = "c", currency: str = "GBP") -> Credit:
    return Credit(id=id_, kind="credit-note", customer_id=customer, currency=currency, remaining=remaining)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, "current"), (-400, "current"), (-1, "current"), (0, "current"),
        (1, "1-30"), (30, "1-30"),
        (31, "31-60"), (60, "31-60"),
        (61, "61-90"), (90, "61-90"),
        (91, "91+"), (5000, "91+"),
    ],
)  # fmt: skip
def test_bucket_borders(days: int | None, expected: str) -> None:
    assert bucket(days) == expected


@given(st.integers(1, 3000))
def test_a_bucket_says_its_own_days(days: int) -> None:
    low, _, high = bucket(days).rstrip("+").partition("-")
    assert int(low) <= days <= (int(high) if high else days)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        ("2027-03-01", 0),
        ("2027-02-28", 1),
        ("2027-03-02", -1),
        ("2027-01-31", 29),  # 28 days of February and one more
        ("2024-02-29", 1096),  # three years of 365 days and a leap day: 03-01 of 2024 is one day later
        # 7972 years to 9999-03-01 with 1993 - 79 + 19 leap days, and 305 days more.
        ("9999-12-31", -(7972 * 365 + 1933 + 305)),
    ],
)
def test_age_counts_from_the_due_date(due: str, expected: int) -> None:
    assert days_overdue(date.fromisoformat(due), TODAY) == expected


def test_no_due_date_has_no_age() -> None:
    assert days_overdue(None, TODAY) is None


def test_a_row_is_a_customers_balance_in_one_currency() -> None:
    (row,) = age(
        [
            invoice("a", 1, None),
            invoice("b", 2, 0),
            invoice("c", 10, 1),
            invoice("d", 20, 30),
            invoice("e", 100, 31),
            invoice("f", 1000, 90),
            invoice("g", 10000, 91),
        ],
        [credit("x", 11_111), credit("y", 23)],
        TODAY,
    )
    assert row == AgingRow("c", "GBP", (3, 30, 100, 1000, 10000), 11_134)
    assert (row.open, row.overdue, row.net) == (11_133, 11_130, -1)


@pytest.mark.parametrize("status", ["draft", "voided", "deleted", "closed"])
def test_what_is_not_in_force_owes_nothing_whatever_it_carries(status: str) -> None:
    gone = invoice("a", 100, 5, status=status)
    assert gone.owed == 0
    assert age([gone], [], TODAY) == []


def test_a_paid_invoice_and_a_used_credit_make_no_row() -> None:
    assert age([invoice("a", 0, 5)], [credit("x", 0)], TODAY) == []


def test_credit_alone_makes_a_row() -> None:
    (row,) = age([], [credit("x", 500)], TODAY)
    assert (row.buckets, row.open, row.overdue, row.unapplied, row.net) == ((0, 0, 0, 0, 0), 0, 0, 500, -500)


def test_currencies_and_customers_stay_apart_and_in_order() -> None:
    rows = age(
        [
            invoice("a", 5, 1, customer_id="z"),
            invoice("b", 7, 1, currency="USD"),
            invoice("c", 11, 1),
        ],
        [credit("x", 13, currency="EUR"), credit("y", 17, currency="USD")],
        TODAY,
    )
    assert [(row.customer_id, row.currency, row.open, row.unapplied) for row in rows] == [
        ("c", "EUR", 0, 13),
        ("c", "GBP", 11, 0),
        ("c", "USD", 7, 17),
        ("z", "GBP", 5, 0),
    ]


invoices = st.lists(
    st.builds(
        lambda n, open_, late, customer, currency, status: invoice(
            str(n), open_, late, customer_id=customer, currency=currency, status=status
        ),
        st.integers(0, 10**6),
        st.integers(0, 10**15),
        st.none() | st.integers(-400, 400),
        st.sampled_from("ab"),
        st.sampled_from(["GBP", "JPY"]),
        st.sampled_from(["in-force", "in-force", "voided"]),
    ),
    max_size=12,
)
credits_ = st.lists(
    st.builds(
        lambda remaining, customer, currency: credit("x", remaining, customer=customer, currency=currency),
        st.integers(0, 10**15),
        st.sampled_from("ab"),
        st.sampled_from(["GBP", "JPY"]),
    ),
    max_size=6,
)


@given(invoices, credits_, st.randoms())
def test_buckets_sum_to_what_is_open_and_nothing_is_lost(
    found: list[Invoice], given_credits: list[Credit], random: object
) -> None:
    rows = age(found, given_credits, TODAY)
    owed: Counter[tuple[str, str]] = Counter()
    for item in found:
        if item.status == "in-force":
            owed[item.customer_id, item.currency] += item.open
    unapplied: Counter[tuple[str, str]] = Counter()
    for other in given_credits:
        unapplied[other.customer_id, other.currency] += other.remaining
    assert {(r.customer_id, r.currency): sum(r.buckets) for r in rows if sum(r.buckets)} == +owed
    assert {(r.customer_id, r.currency): r.unapplied for r in rows if r.unapplied} == +unapplied
    assert len({(r.customer_id, r.currency) for r in rows}) == len(rows)
    for row in rows:
        assert len(row.buckets) == len(BUCKETS)
        assert row.open == sum(row.buckets) == row.buckets[0] + row.overdue
        assert row.net == row.open - row.unapplied
    random.shuffle(found)  # type: ignore[attr-defined]
    assert age(found, given_credits, TODAY) == rows
