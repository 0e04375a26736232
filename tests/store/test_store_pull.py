"""Records in: what is older never wins, what is unchanged is not written, a page and its cursor are one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import AT, DAY, STAMP, claimed_anew, credit, customer, invoice, page, pulled

from arsync.errors import BrokenConnector, LostLease
from arsync.ledger import Gone, Invoice, Reject
from arsync.store import Claim, Store
from arsync.store.leases import claim
from arsync.store.pull import Stored, begin_full, store_page
from arsync.store.reading import BookState, book_state

NEWER = "2026-03-02T00:00:00Z"
names = (f"book-{number}" for number in count())


def put(store: Store, run: Claim, **more: Any) -> Stored:
    """A page of changes in the middle of a pull."""
    return store_page(store, run, page(full=False, last=False, **more), at=AT, today=DAY)


def state(store: Store) -> BookState:
    found = book_state(store, "acme")
    assert found is not None
    return found


def open_invoices(store: Store) -> dict[str, int]:
    return dict(store.rows("SELECT id, open FROM invoices WHERE open > 0"))


def reject(entity: Any = "invoice", id_: str | None = "i1") -> Reject:
    return Reject(entity=entity, id=id_, reason="no currency", raw='{"Total": 1}')


def test_a_record_is_stored_as_it_is_told(store: Store, run: Claim) -> None:
    told = invoice(
        issued_on=date(2026, 1, 31),
        due_on=None,
        promised_on=date(2026, 4, 1),
        emails=("a@one.example", "b@one.example"),
        cc=("c@one.example",),
        bcc=("d@one.example",),
        rate="1/0.8",
        open=250,
    )
    owner = customer(
        parent_id="c0",
        bills_parent=True,
        active=False,
        country="GB",
        subdivision="ENG",
        groups=("Trade", "North"),
    )
    stored = put(store, run, invoices=[told], customers=[owner], credits=[credit(rate="1.25")])
    assert stored == Stored(customers=1, invoices=1, credits=1)
    assert store.rows("SELECT * FROM invoices") == [
        ("acme", "i1", "INV-i1", "c1", "GBP", "2026-01-31", None, 10000, 250, "in-force", "2026-04-01",
         "a@one.example\nb@one.example", "c@one.example", STAMP, "d@one.example", "1/0.8", "2026-03-02")
    ]  # fmt: skip
    assert store.rows("SELECT * FROM customers") == [
        ("acme", "c1", "Customer c1", "", "", "c0", None, 0, STAMP, 1, "GB", "ENG", "Trade\nNorth")
    ]
    assert store.rows("SELECT * FROM credits") == [
        ("acme", "credit-note", "n1", "c1", "GBP", 500, "", None, STAMP, "1.25", "2026-03-02")
    ]


@pytest.mark.parametrize("status", ["draft", "voided", "deleted"])
def test_an_invoice_that_is_not_in_force_owes_nothing(store: Store, run: Claim, status: Any) -> None:
    put(store, run, invoices=[invoice(status=status)])
    assert store.rows("SELECT open, total, status FROM invoices") == [(0, 10000, status)]


def test_what_is_older_is_passed_over(store: Store, run: Claim) -> None:
    put(store, run, invoices=[invoice(open=1, updated_at=NEWER)])
    put(store, run, invoices=[invoice(open=2)])
    assert open_invoices(store) == {"i1": 1}


def test_the_same_stamp_with_another_amount_is_taken(store: Store, run: Claim) -> None:
    put(store, run, invoices=[invoice(open=1)], credits=[credit(remaining=1)], customers=[customer(name="A")])
    put(store, run, invoices=[invoice(open=2)], credits=[credit(remaining=2)], customers=[customer(name="B")])
    assert open_invoices(store) == {"i1": 2}
    assert store.rows("SELECT remaining FROM credits") == [(2,)]
    assert store.rows("SELECT name FROM customers") == [("B",)]


@pytest.mark.parametrize("more", [{"country": "GB"}, {"subdivision": "ENG"}, {"groups": ("Trade",)}])
def test_the_same_stamp_in_another_place_or_group_is_taken(
    store: Store, run: Claim, more: dict[str, Any]
) -> None:
    put(store, run, customers=[customer()])
    put(store, run, customers=[customer(**more)])
    [kept] = store.rows("SELECT country, subdivision, groups FROM customers")
    assert "".join(kept) == "".join(*more.values())


def test_what_bears_no_stamp_is_taken_and_the_known_stamp_stays(store: Store, run: Claim) -> None:
    put(store, run, invoices=[invoice(open=1, updated_at=NEWER)])
    put(store, run, invoices=[invoice(open=2, updated_at="")])
    assert store.rows("SELECT open, updated_at FROM invoices") == [(2, NEWER)]


invoices = st.builds(
    Invoice,
    id=st.sampled_from("12"),
    number=st.sampled_from("AB"),
    customer_id=st.sampled_from("xy"),
    currency=st.just("EUR"),
    total=st.integers(0, 3),
    open=st.integers(0, 3),
    issued_on=st.none() | st.just(DAY),
    due_on=st.none() | st.just(DAY),
    status=st.sampled_from(["in-force", "voided"]),
    promised_on=st.none() | st.just(DAY),
    emails=st.just(()) | st.just(("a@one.example",)),
    updated_at=st.sampled_from([f"2026-01-0{day}T00:00:00Z" for day in range(1, 5)]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(invoices, max_size=12))
def test_the_newest_wins_in_whatever_order_they_come(shelf: Store, told: list[Invoice]) -> None:
    """For each id: the latest stamp, and of those the one that came last."""
    book = next(names)
    shelf.book(book, "xero")
    run = claim(shelf, book, command="sync", at=AT)
    expected: dict[str, Invoice] = {}
    for it in told:
        put(shelf, run, invoices=[it])
        if it.id not in expected or it.updated_at >= expected[it.id].updated_at:
            expected[it.id] = it
    kept = shelf.rows(
        "SELECT id, number, customer_id, total, open, status, due_on, issued_on, promised_on, emails, "
        "updated_at FROM invoices WHERE book = ? ORDER BY id",
        (book,),
    )

    def text(day: date | None) -> str | None:
        return None if day is None else day.isoformat()

    assert kept == [
        (it.id, it.number, it.customer_id, it.total, it.open if it.status == "in-force" else 0, it.status,
         text(it.due_on), text(it.issued_on), text(it.promised_on), "\n".join(it.emails), it.updated_at)
        for _, it in sorted(expected.items())
    ]  # fmt: skip


def test_what_did_not_change_is_not_written(store: Store, run: Claim) -> None:
    records: dict[str, Any] = {
        "customers": [customer(str(n), language=None if n % 2 else "de") for n in range(20)],
        "invoices": [invoice(str(n), promised_on=None if n % 2 else DAY) for n in range(50)],
        "credits": [credit(str(n), issued_on=None if n % 2 else DAY) for n in range(20)],
    }

    def rows_written(**more: Any) -> int:
        before = store.connection.total_changes
        put(store, run, **more)
        return store.connection.total_changes - before

    empty = rows_written()  # the cursor, the lease
    assert rows_written(**records) == empty + 90
    assert rows_written(**records) == empty


def test_the_cursor_is_stored_with_its_page_or_neither(store: Store, run: Claim) -> None:
    put(store, run, cursor="one", invoices=[invoice("i1")])
    with pytest.raises(Exception, match="currency"):
        put(store, run, cursor="two", invoices=[invoice("i2"), invoice("i3", currency=None)])
    assert state(store).cursor == "one"
    assert open_invoices(store) == {"i1": 10000}


def test_a_reject_is_kept_with_its_raw_text_until_its_record_is_understood(store: Store, run: Claim) -> None:
    assert put(store, run, rejects=[reject(), reject("credit", "i1")]).rejects == 2
    put(store, run, rejects=[reject()])
    assert store.rows("SELECT entity, id, reason, raw, seen_at FROM rejects") == [
        ("credit", "i1", "no currency", '{"Total": 1}', "2026-03-02T09:00:00Z"),
        ("invoice", "i1", "no currency", '{"Total": 1}', "2026-03-02T09:00:00Z"),
    ]
    put(store, run, invoices=[invoice("i1")])
    assert store.rows("SELECT entity FROM rejects") == [("credit",)]


def test_an_open_invoice_keeps_its_last_known_state_behind_a_reject(store: Store, run: Claim) -> None:
    put(store, run, invoices=[invoice("i1", open=70)])
    put(store, run, rejects=[reject("invoice", "i1")])
    assert open_invoices(store) == {"i1": 70}


def test_what_was_deleted_owes_and_covers_nothing(store: Store, run: Claim) -> None:
    put(
        store,
        run,
        customers=[customer()],
        invoices=[invoice()],
        credits=[credit("7"), credit("7", kind="payment")],
    )
    stored = put(
        store,
        run,
        gone=[
            Gone(entity="customer", id="c1"),
            Gone(entity="invoice", id="i1", updated_at=NEWER),
            Gone(entity="credit", id="7", kind="payment"),
            Gone(entity="invoice", id="never seen"),
        ],
    )
    assert stored.gone == 4
    assert store.rows("SELECT open, status, updated_at FROM invoices") == [(0, "deleted", NEWER)]
    assert store.rows("SELECT kind, remaining FROM credits") == [("credit-note", 500), ("payment", 0)]
    assert store.rows("SELECT active FROM customers") == [(0,)]
    put(store, run, gone=[Gone(entity="credit", id="7")])
    assert store.rows("SELECT remaining FROM credits") == [(0,), (0,)]


def test_an_old_tombstone_does_not_delete_what_is_newer(store: Store, run: Claim) -> None:
    put(store, run, invoices=[invoice(updated_at=NEWER)])
    put(store, run, gone=[Gone(entity="invoice", id="i1", updated_at=STAMP)])
    assert open_invoices(store) == {"i1": 10000}


def test_the_days_of_the_aging_view_are_those_of_the_pull(store: Store, run: Claim) -> None:
    pulled(store, run, page(customers=[customer()], invoices=[invoice(due_on=DAY - timedelta(days=31))]))
    assert store.rows("SELECT as_of, day_30, day_60, day_90 FROM aging_days") == [
        ("2026-03-02", "2026-01-31", "2026-01-01", "2025-12-02")
    ]
    assert store.rows('SELECT customer, "1-30", "31-60", "open" FROM aging') == [
        ("Customer c1", 0, 10000, 10000)
    ]


def test_a_page_of_a_run_that_lost_its_book_is_not_stored(store: Store, run: Claim) -> None:
    claimed_anew(store, run)
    with pytest.raises(LostLease):
        put(store, run, cursor="late", invoices=[invoice()])
    with pytest.raises(LostLease):
        begin_full(store, run)
    assert store.rows("SELECT count(*) FROM invoices") == [(0,)]
    assert state(store).cursor is None


def test_what_an_answer_does_not_tell_of_a_credit_stays_as_it_was_told(store: Store, run: Claim) -> None:
    """A report has amounts alone; the record itself had its number, its date and its rate."""
    put(store, run, credits=[credit(number="CN-7", issued_on=date(2026, 2, 1), rate="1.25", updated_at="")])
    put(store, run, credits=[credit(remaining=300, updated_at="")])
    assert store.rows("SELECT remaining, number, issued_on, rate FROM credits") == [
        (300, "CN-7", "2026-02-01", "1.25")
    ]


def test_a_reject_whose_record_is_deleted_is_forgotten(store: Store, run: Claim) -> None:
    put(store, run, rejects=[reject(), reject(id_="i2")])
    put(store, run, gone=[Gone(entity="invoice", id="i1")])
    assert store.rows("SELECT id FROM rejects") == [("i2",)]


@pytest.mark.parametrize(
    "bad",
    [
        invoice(status="lost"),  # a status that no table knows
        invoice(number=None),
        invoice(total=10**20, open=1),
        invoice(number="\ud800"),  # half an emoji
        invoice(rate=Decimal("1.5")),
    ],
)
def test_a_record_that_cannot_be_kept_is_the_connectors_fault(store: Store, run: Claim, bad: Any) -> None:
    with pytest.raises(BrokenConnector, match="the connector of acme gave a record that cannot be kept"):
        put(store, run, invoices=[invoice("i9"), bad])
    assert store.rows("SELECT id FROM invoices") == []


def test_a_page_that_has_all_credits_of_a_kind_uses_up_the_others(store: Store, run: Claim) -> None:
    """Of that kind alone; and not where a row could not be understood that may be one of them."""
    put(store, run, credits=[credit("j1", kind="journal"), credit("j2", kind="journal"), credit("n1")])

    def left(**more: Any) -> list[str]:
        put(store, run, credits=[credit("j1", kind="journal", updated_at="")], all_of=("journal",), **more)
        return [id_ for (id_,) in store.rows("SELECT id FROM credits WHERE remaining <> 0 ORDER BY id")]

    assert left(rejects=[reject("credit", None)]) == ["j1", "j2", "n1"]
    assert left(rejects=[reject("credit", "j2")]) == ["j1", "j2", "n1"]
    assert left() == ["j1", "n1"]
