"""Aging by query is aging by rule."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import AT, DAY, credit, customer, invoice, page, pulled

from arsync.ledger import AgingRow, Credit, Invoice
from arsync.ledger.aging import age
from arsync.store import Claim, Store
from arsync.store.aging import aging_by_book, aging_by_customer, aging_by_invoice
from arsync.store.leases import claim
from arsync.store.pull import store_page

names = (f"book-{number}" for number in count())
customers = st.sampled_from("xyz")
currencies = st.sampled_from(["EUR", "JPY"])
invoices = st.builds(
    Invoice,
    id=st.integers(1, 40).map(str),
    number=st.just("A"),
    customer_id=customers,
    currency=currencies,
    total=st.just(100),
    open=st.integers(-5, 10**12),
    due_on=st.none() | st.integers(-100, 40).map(lambda days: DAY + timedelta(days=days)),
    status=st.sampled_from(["in-force", "in-force", "in-force", "voided", "draft"]),
)
credits_ = st.builds(
    Credit,
    id=st.integers(1, 9).map(str),
    kind=st.sampled_from(["credit-note", "payment"]),
    customer_id=customers,
    currency=currencies,
    remaining=st.integers(-3, 3),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(invoices, unique_by=lambda it: it.id), st.lists(credits_, unique_by=lambda it: (it.kind, it.id))
)
def test_the_query_follows_the_rule_of_the_ledger(
    shelf: Store, owed: list[Invoice], unapplied: list[Credit]
) -> None:
    book = next(names)
    shelf.book(book, "xero")
    run = claim(shelf, book, command="sync", at=AT)
    told = page(customers=[customer("x", name="Zebra"), customer("y")], invoices=owed, credits=unapplied)
    store_page(shelf, run, told, at=AT, today=DAY)

    rows = aging_by_customer(shelf, book, DAY)
    expected = age(owed, unapplied, DAY)
    assert sorted((it.balance for it in rows), key=lambda it: (it.customer_id, it.currency)) == expected

    called = {"x": "Zebra", "y": "Customer y", "z": "z"}
    assert [it.name for it in rows] == [called[it.balance.customer_id] for it in rows]
    order = [(it.balance.currency, it.name) for it in rows]
    assert order == sorted(order)

    whole = age(
        [Invoice(**{**_values(it), "customer_id": ""}) for it in owed],
        [Credit(**{**_values(it), "customer_id": ""}) for it in unapplied],
        DAY,
    )
    assert aging_by_book(shelf, book, DAY) == whole

    single = aging_by_invoice(shelf, book, DAY)
    assert {it.invoice_id: it.open for it in single} == {it.id: it.owed for it in owed if it.owed > 0}


def _values(record: Invoice | Credit) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def test_each_day_falls_into_its_bucket(store: Store, run: Claim) -> None:
    ages = {-1: 0, 0: 0, 1: 1, 30: 1, 31: 2, 60: 2, 61: 3, 90: 3, 91: 4, 500: 4}
    owed = [invoice(str(n), open=10**n, due_on=DAY - timedelta(days=days)) for n, days in enumerate(ages)]
    pulled(
        store,
        run,
        page(customers=[customer()], invoices=[*owed, invoice("none", open=3 * 10**10, due_on=None)]),
    )
    [row] = aging_by_customer(store, "acme", DAY)
    buckets = (30_000_000_011, 1_100, 110_000, 11_000_000, 1_100_000_000)
    assert row.balance == AgingRow("c1", "GBP", buckets, 0)


def test_another_day_asks_for_other_buckets(store: Store, run: Claim) -> None:
    pulled(store, run, page(customers=[customer()], invoices=[invoice(due_on=DAY)]))
    [today], [later] = (aging_by_customer(store, "acme", day) for day in (DAY, DAY + timedelta(days=61)))
    assert today.balance.buckets == (10000, 0, 0, 0, 0)
    assert later.balance.buckets == (0, 0, 0, 10000, 0)


def test_a_customer_with_credit_alone_has_a_row(store: Store, run: Claim) -> None:
    pulled(store, run, page(customers=[customer()], credits=[credit(), credit("n2", kind="payment")]))
    [row] = aging_by_customer(store, "acme", DAY)
    assert (row.name, row.balance) == ("Customer c1", AgingRow("c1", "GBP", (0, 0, 0, 0, 0), 1000))
    assert aging_by_book(store, "acme", DAY) == [AgingRow("", "GBP", (0, 0, 0, 0, 0), 1000)]
    assert aging_by_invoice(store, "acme", DAY) == []


def test_an_invoice_tells_its_days_and_amounts(store: Store, run: Claim) -> None:
    owed = [
        invoice("i1", open=40, total=100, issued_on=date(2026, 1, 1), due_on=DAY - timedelta(days=31)),
        invoice("i2", due_on=DAY + timedelta(days=4)),
        invoice("i3", due_on=None),
    ]
    pulled(store, run, page(customers=[customer()], invoices=owed))
    undated, late, early = aging_by_invoice(store, "acme", DAY)
    assert (late.invoice_id, late.number, late.customer_name) == ("i1", "INV-i1", "Customer c1")
    assert (late.issued_on, late.due_on) == (date(2026, 1, 1), DAY - timedelta(days=31))
    assert (late.days_overdue, late.bucket, late.open, late.total) == (31, "31-60", 40, 100)
    assert (early.invoice_id, early.days_overdue, early.bucket) == ("i2", -4, "current")
    assert (undated.invoice_id, undated.days_overdue, undated.bucket) == ("i3", None, "current")


def test_aging_reads_nothing_but_its_index(store: Store, run: Claim) -> None:
    from arsync.store.aging import _SQL, _days

    for name in ("by_customer", "by_book"):
        plan = store.rows(f"EXPLAIN QUERY PLAN {_SQL[name]}", _days("acme", DAY))
        reads = [row[3] for row in plan if "invoices" in row[3]]
        assert reads
        assert all(
            read.startswith("SEARCH invoices USING COVERING INDEX invoices_open (book=?") for read in reads
        )
