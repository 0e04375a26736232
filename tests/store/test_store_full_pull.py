"""Only a whole full pull closes, and only what it did not mention."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_samples import AT, DAY, claimed_anew, credit, invoice, page, pulled

from arsync.ledger import Reject
from arsync.store import Claim, Store
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.reading import BookState, book_state


def state(store: Store) -> BookState:
    found = book_state(store, "acme")
    assert found is not None
    return found


def open_invoices(store: Store) -> dict[str, int]:
    return dict(store.rows("SELECT id, open FROM invoices WHERE open > 0"))


def reject(entity: Any = "invoice", id_: str | None = "i1") -> Reject:
    return Reject(entity=entity, id=id_, reason="no currency", raw="{}")


def test_a_full_pull_closes_what_it_does_not_mention(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2")], credits=[credit("n1"), credit("n2")]))
    pulled(store, run, page(invoices=[invoice("i2")], credits=[credit("n2")]))
    assert open_invoices(store) == {"i2": 10000}
    assert store.rows("SELECT id, status FROM invoices") == [("i1", "closed"), ("i2", "in-force")]
    assert store.rows("SELECT id, remaining FROM credits") == [("n1", 0), ("n2", 500)]
    assert store.rows("SELECT * FROM unmentioned") == []


def test_what_was_closed_and_is_mentioned_again_is_open_again(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice()]))
    pulled(store, run, page())
    pulled(store, run, page(invoices=[invoice()]))
    assert store.rows("SELECT open, status FROM invoices") == [(10000, "in-force")]


def test_a_credit_of_another_kind_with_the_same_id_is_another_credit(store: Store, run: Claim) -> None:
    pulled(store, run, page(credits=[credit("7"), credit("7", kind="prepayment")]))
    pulled(store, run, page(credits=[credit("7", kind="prepayment")]))
    assert store.rows("SELECT kind, remaining FROM credits") == [("credit-note", 0), ("prepayment", 500)]


def test_a_full_pull_without_its_last_page_closes_nothing(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2")]))
    pulled(store, run, page(invoices=[invoice("i2")], last=False, cursor="half"))
    assert open_invoices(store) == {"i1": 10000, "i2": 10000}
    now = state(store)
    assert (now.pulling, now.complete, now.cursor) == ("full", False, "half")
    assert now.full_at == AT  # of the one before


def test_a_pull_of_changes_closes_nothing(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2")]))
    begin_changes(store, run)
    assert (state(store).pulling, state(store).complete) == ("changes", False)
    store_page(store, run, page(invoices=[invoice("i2")], full=False), at=AT + timedelta(hours=1), today=DAY)
    assert open_invoices(store) == {"i1": 10000, "i2": 10000}
    now = state(store)
    assert (now.pulling, now.complete) == (None, True)
    assert (now.synced_at, now.full_at) == (AT + timedelta(hours=1), AT)


def test_a_full_pull_that_was_cut_short_goes_on_and_closes_rightly(store: Store, run: Claim) -> None:
    """i1 is mentioned before the cut, i2 after it, i3 never, and i4 is new."""
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2"), invoice("i3")]))
    begin_full(store, run)
    assert state(store).cursor is None
    store_page(store, run, page(invoices=[invoice("i1")], last=False, cursor="half"), at=AT, today=DAY)
    run = claimed_anew(store, run)
    assert (state(store).pulling, state(store).cursor) == ("full", "half")
    store_page(store, run, page(invoices=[invoice("i2"), invoice("i4")], cursor="end"), at=AT, today=DAY)
    assert open_invoices(store) == {"i1": 10000, "i2": 10000, "i4": 10000}
    now = state(store)
    assert (now.pulling, now.complete, now.cursor) == (None, True, "end")


def test_a_connector_may_answer_a_pull_of_changes_with_a_full_one(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2"), invoice("i3")]))
    begin_changes(store, run)
    store_page(store, run, page(invoices=[invoice("i1")], last=False), at=AT, today=DAY)
    store_page(store, run, page(invoices=[invoice("i2")]), at=AT, today=DAY)
    assert open_invoices(store) == {"i1": 10000, "i2": 10000}


def test_a_row_that_could_not_be_read_is_not_closed(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(invoices=[invoice("i1"), invoice("i2")], credits=[credit("n1"), credit("n2")]),
    )
    pulled(store, run, page(rejects=[reject("invoice", "i1"), reject("credit", "n1")]))
    assert open_invoices(store) == {"i1": 10000}
    assert store.rows("SELECT id FROM credits WHERE remaining <> 0") == [("n1",)]


def test_a_rejected_row_without_an_id_may_be_any_of_its_kind(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2")], credits=[credit()]))
    pulled(store, run, page(invoices=[invoice("i1")], rejects=[reject("invoice", None)]))
    assert open_invoices(store) == {"i1": 10000, "i2": 10000}
    assert store.rows("SELECT remaining FROM credits") == [(0,)]
    pulled(store, run, page(invoices=[invoice("i1")]))
    assert open_invoices(store) == {"i1": 10000}


def test_a_full_pull_forgets_rejects_that_it_did_not_meet_again(store: Store, run: Claim) -> None:
    pulled(
        store, run, page(rejects=[reject("invoice", "i1"), reject("invoice", None), reject("customer", "c1")])
    )
    pulled(store, run, page(rejects=[reject("customer", "c1")]))
    assert store.rows("SELECT entity, id FROM rejects") == [("customer", "c1")]
