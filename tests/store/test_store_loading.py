"""The first load of a practice makes its scattered indexes at the end, and no pull ends without them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from store_samples import AT, DAY, customer, invoice, page

from arsync.connector.protocol import Page
from arsync.store import Claim, Store
from arsync.store.bearers import bearers_of_addresses, bearers_of_names, bearers_of_numbers
from arsync.store.leases import claim
from arsync.store.loading import end_load
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.schema import index

LATE = {"invoices_open", "invoices_number", "customers_name", "customers_address"}
FIRST = page(cursor="1", last=False, customers=[customer(emails=("one@town.example",))])
SECOND = page(cursor="2", invoices=[invoice()])


def indexes(conn: sqlite3.Connection) -> dict[str, str]:
    return dict(conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))


def stored(store: Store, run: Claim, *pages: Page) -> None:
    for each in pages:
        store_page(store, run, each, at=AT, today=DAY)


def test_they_are_made_with_the_last_page_as_they_were(store: Store, run: Claim) -> None:
    before = indexes(store.connection)
    memory = store.rows("PRAGMA cache_size")
    begin_full(store, run)
    stored(store, run, FIRST)
    assert before.keys() - indexes(store.connection).keys() == LATE
    stored(store, run, SECOND)
    assert indexes(store.connection) == before
    assert store.rows("PRAGMA cache_size") == memory
    assert store.rows("PRAGMA integrity_check") == [("ok",)]


def test_meanwhile_queries_find_the_same(store: Store, run: Claim) -> None:
    begin_full(store, run)
    stored(store, run, FIRST, page(cursor="2", last=False, invoices=[invoice()]))

    def found() -> list[list[str]]:
        looks = (
            bearers_of_numbers(store, ["inv-i1"]),
            bearers_of_names(store, ["CUSTOMER C1"]),
            bearers_of_addresses(store, ["one@town.example"]),
        )
        return [[it.customer_id for bearers in look.values() for it in bearers] for look in looks]

    assert "invoices_number" not in indexes(store.connection)
    assert found() == [["c1"], ["c1"], ["c1"]]
    stored(store, run, page(cursor="3"))
    assert "invoices_number" in indexes(store.connection)
    assert found() == [["c1"], ["c1"], ["c1"]]


def test_a_load_that_was_cut_off_ends_in_another_run(store: Store, run: Claim, path: Path) -> None:
    begin_full(store, run)
    stored(store, run, FIRST)
    with Store.open(path) as other:
        stored(other, run, SECOND)
        assert indexes(other.connection).keys() >= LATE


def test_the_pull_of_another_book_makes_them_too(store: Store, run: Claim) -> None:
    begin_full(store, run)
    stored(store, run, FIRST)
    store.book("bolt", "xero")
    other = claim(store, "bolt", command="run", at=AT)
    begin_changes(store, other)
    stored(store, other, page(full=False))
    assert indexes(store.connection).keys() >= LATE


@pytest.mark.parametrize("there", [FIRST, page(invoices=[invoice()])], ids=["a customer", "an invoice"])
def test_a_practice_with_records_keeps_them(store: Store, run: Claim, there: Page) -> None:
    begin_full(store, run)
    stored(store, run, there)
    with store.writing() as conn:
        end_load(conn)
    store.book("bolt", "xero")
    begin_full(store, claim(store, "bolt", command="run", at=AT))
    assert indexes(store.connection).keys() >= LATE


@pytest.mark.parametrize("name", sorted(LATE))
def test_the_statement_is_the_migrations_own(store: Store, name: str) -> None:
    assert indexes(store.connection)[name] == index(name)
