"""Records in, right before a message leaves; and who the company is."""

from __future__ import annotations

from typing import Any

import pytest
from store_samples import AT, DAY, claimed_anew, credit, customer, invoice, page, pulled

from arsync.connector.protocol import Snapshot, Tenant
from arsync.errors import FixSettings, LostLease
from arsync.ledger import Reject
from arsync.store import Claim, Store
from arsync.store.reading import book_state
from arsync.store.refreshed import snapshot_in, tenant_in


@pytest.fixture
def known(store: Store, run: Claim) -> Store:
    pulled(
        store,
        run,
        page(
            customers=[customer()],
            invoices=[invoice("i1"), invoice("i2"), invoice("i3", customer_id="c2")],
            credits=[credit("n1"), credit("n1", kind="payment"), credit("n2", customer_id="c2")],
        ),
    )
    return store


def refresh(store: Store, run: Claim, **more: Any) -> None:
    snapshot_in(store, run, Snapshot(read_at=AT, **more), ["i1", "i2"], ["c1"], today=DAY)


def reject(entity: Any, id_: str | None) -> Reject:
    return Reject(entity=entity, id=id_, reason="no currency", raw="{}")


def invoices(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT id, open, status FROM invoices ORDER BY id")


def credits_(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT kind, id, remaining FROM credits ORDER BY kind, id")


def test_what_was_asked_for_and_is_not_there_is_gone(known: Store, run: Claim) -> None:
    refresh(
        known,
        run,
        customers=[customer(name="Renamed")],
        invoices=[invoice("i1", open=5)],
        credits=[credit("n1", remaining=7)],
    )
    assert invoices(known) == [("i1", 5, "in-force"), ("i2", 0, "deleted"), ("i3", 10000, "in-force")]
    assert credits_(known) == [("credit-note", "n1", 7), ("credit-note", "n2", 500), ("payment", "n1", 0)]
    assert known.rows("SELECT name FROM customers") == [("Renamed",)]


def test_what_could_not_be_understood_is_left_as_it_was(known: Store, run: Claim) -> None:
    refresh(known, run, invoices=[invoice("i1")], rejects=[reject("invoice", "i2"), reject("credit", "n1")])
    assert invoices(known)[1] == ("i2", 10000, "in-force")
    assert [remaining for *_, remaining in credits_(known)] == [500, 500, 500]
    assert known.rows("SELECT entity, id FROM rejects") == [("credit", "n1"), ("invoice", "i2")]


@pytest.mark.parametrize(("entity", "left"), [("invoice", "i2"), ("credit", "n1")])
def test_a_reject_without_an_id_may_be_any(known: Store, run: Claim, entity: str, left: str) -> None:
    refresh(known, run, invoices=[invoice("i1")], rejects=[reject(entity, None)])
    kept = [row[0] for row in known.rows("SELECT id FROM invoices WHERE open > 0")]
    covering = known.rows("SELECT kind, id FROM credits WHERE remaining > 0 AND customer_id = 'c1'")
    assert ("i2" in kept) is (entity == "invoice")
    assert len(covering) == (2 if entity == "credit" else 0)


def test_the_company_is_stored_and_stays_the_same(store: Store, run: Claim) -> None:
    tenant = Tenant(id="t1", name="Acme", currency="GBP", timezone="Europe/London")
    tenant_in(store, run, tenant)
    tenant_in(store, run, Tenant(id="t1", name="Acme Trading", currency="GBP"))
    state = book_state(store, "acme")
    assert state is not None
    assert (state.tenant, state.name, state.currency, state.timezone) == ("t1", "Acme Trading", "GBP", None)
    with pytest.raises(FixSettings, match=r"Acme Trading \(t1\).*Other \(t2\)"):
        tenant_in(store, run, Tenant(id="t2", name="Other", currency="GBP"))


def test_a_run_that_lost_its_book_stores_nothing(known: Store, run: Claim) -> None:
    claimed_anew(known, run)
    with pytest.raises(LostLease):
        refresh(known, run)
    with pytest.raises(LostLease):
        tenant_in(known, run, Tenant(id="t1", name="Acme", currency="GBP"))
    assert len(known.rows("SELECT id FROM invoices WHERE open > 0")) == 3


def test_a_book_nobody_registered_has_no_state(store: Store) -> None:
    assert book_state(store, "other") is None
