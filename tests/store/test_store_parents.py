"""Customers that are billed to a parent: what they owe is the parent's to pay."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from store_samples import (
    AT,
    DAY,
    credit,
    customer,
    invoice,
    line,
    message,
    page,
    pulled,
    put_in_outbox,
    send,
)  # fmt: skip

from arsync.ledger import Customer
from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Taken
from arsync.store import Claim, Store
from arsync.store.aging import aging_by_customer
from arsync.store.families import families, family, payer_of
from arsync.store.holds import put_hold
from arsync.store.queries import statements
from arsync.store.reading import facts

LATE = DAY - timedelta(days=5)


def parted(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Good is what has an @."""
    kept = tuple(texts)
    return tuple(it for it in kept if "@" in it), tuple(it for it in kept if "@" not in it)


def read(store: Store, **more: Any) -> Facts:
    return facts(store, "acme", **{"today": DAY, "addresses": parted, **more})


def child(id_: str, parent: str = "p", **more: Any) -> Customer:
    return customer(id_, parent_id=parent, bills_parent=True, **more)


def owed_by(store: Store) -> dict[str, str]:
    """Who is asked for each invoice; the facts of that customer alone, and of the invoice's own, agree."""
    whole = {debt.id: debt.customer_id for debt in read(store).debts}
    for id_, owner in store.rows("SELECT id, customer_id FROM invoices"):
        for customer_id in (owner, whole[id_]):
            some = {debt.id: debt.customer_id for debt in read(store, customers=[customer_id]).debts}
            assert (some[id_], set(some.values())) == (whole[id_], {whole[id_]})
    return whole


def chain(generations: int) -> list[Customer]:
    """c0 is billed to c1, c1 to c2 and so on; the last pays for itself."""
    links = [child(f"c{at}", f"c{at + 1}") for at in range(generations)]
    return [*links, customer(f"c{generations}")]


@pytest.fixture
def kin(store: Store, run: Claim) -> Store:
    """p pays for a and b, and b for c; d is p's child and pays for itself, e is somebody else."""
    pulled(
        store,
        run,
        page(
            customers=[
                customer("p"), child("a"), child("b"), child("c", "b"),
                customer("d", parent_id="p"), customer("e"),
            ],
            invoices=[invoice(f"of {id_}", customer_id=id_) for id_ in "pabcde"],
        ),
    )  # fmt: skip
    return store


def test_the_debts_are_those_of_the_topmost_parent_they_are_billed_to(kin: Store) -> None:
    assert owed_by(kin) == {
        "of p": "p", "of a": "p", "of b": "p", "of c": "p", "of d": "d", "of e": "e",
    }  # fmt: skip
    debt = next(debt for debt in read(kin).debts if debt.id == "of c")
    assert debt == Debt("of c", "INV-of c", "p", "GBP", LATE, 10000)
    assert set(read(kin).debtors) == {"p", "d", "e"}


def test_aging_stays_by_the_accounting_systems_own_customer(kin: Store) -> None:
    rows = aging_by_customer(kin, "acme", DAY)
    assert {row.balance.customer_id: row.balance.open for row in rows} == dict.fromkeys("pabcde", 10000)


def test_a_parent_that_owes_nothing_itself_is_asked_for_its_childrens(store: Store, run: Claim) -> None:
    parent = customer("p", emails=("pay@p.example",), cc=("boss@p.example",))
    pulled(store, run, page(customers=[parent, child("a")], invoices=[invoice(customer_id="a")]))
    expected = {"p": Debtor("p", "Customer p", ("pay@p.example",), ("boss@p.example",))}
    assert read(store).debtors == expected
    assert read(store, customers=["p"]).debtors == expected


@pytest.mark.parametrize(
    ("customers", "payer"),
    [
        ([child("c0", "gone")], "c0"),  # a parent that is not in the book
        ([child("c0", "c1"), child("c1", "gone")], "c1"),
        ([customer("c0", parent_id="c1"), customer("c1")], "c0"),  # pays for itself
        ([customer("c0", bills_parent=True)], "c0"),  # billed to nobody
        ([child("c0", "c0")], "c0"),
        ([child("c0", "c1"), child("c1", "c0")], "c0"),  # in a circle
        ([child("c0", "c1"), child("c1", "c2"), child("c2", "c1")], "c0"),  # into a circle
        (chain(5), "c5"),
        (chain(6), "c0"),  # too far
    ],
)
def test_how_far_a_debt_climbs(store: Store, run: Claim, customers: list[Customer], payer: str) -> None:
    owing = [invoice(f"of {it.id}", customer_id=it.id) for it in customers]
    pulled(store, run, page(customers=customers, invoices=owing))
    assert owed_by(store)["of c0"] == payer
    assert payer_of(store, "acme", "c0") == (None if payer == "c0" else (payer, f"Customer {payer}"))


def test_who_stands_too_deep_does_not_take_the_others_along(store: Store, run: Claim) -> None:
    """c1 is five generations below c6 and is paid for; c0, one further down, pays for itself."""
    pulled(store, run, page(customers=chain(6), invoices=[invoice("of c1", customer_id="c1")]))
    assert owed_by(store) == {"of c1": "c6"}
    assert family(store, "acme", ["c6"]) == ["c1", "c2", "c3", "c4", "c5", "c6"]


def test_a_family_is_found_from_each_of_its_members(kin: Store) -> None:
    for member in "pabc":
        assert family(kin, "acme", [member]) == ["a", "b", "c", "p"]
    assert family(kin, "acme", ["d"]) == ["d"]
    assert family(kin, "acme", ["e", "c", "unknown"]) == ["a", "b", "c", "e", "p", "unknown"]
    assert [payer_of(kin, "acme", id_) for id_ in ("c", "p", "unknown")] == [("p", "Customer p"), None, None]


def test_books_do_not_share_families(kin: Store) -> None:
    kin.book("other", "xero")
    assert family(kin, "other", ["p"]) == ["p"]
    assert facts(kin, "other", today=DAY, addresses=parted).debts == []


def test_the_childrens_credits_count_for_the_parent(kin: Store, run: Claim) -> None:
    """-20 on a makes less of the 300 and 40 of the others; 7 dollars stay dollars; d's stay d's."""
    credits_ = [
        credit("n1", customer_id="p", remaining=300),
        credit("n2", customer_id="a", remaining=-20),
        credit("n3", customer_id="c", remaining=40),
        credit("n4", customer_id="c", remaining=7, currency="USD"),
        credit("n5", customer_id="d", remaining=5),
        credit("n6", customer_id="e", remaining=-5),
    ]
    pulled(kin, run, page(credits=credits_, invoices=[invoice("of a", customer_id="a")]))
    assert read(kin).unapplied == {("p", "GBP"): 320, ("p", "USD"): 7, ("d", "GBP"): 5}
    assert read(kin, customers=["p"]).unapplied == {("p", "GBP"): 320, ("p", "USD"): 7}


@pytest.mark.parametrize("customers", [None, ["p"], ["c"]])
def test_a_hold_on_a_child_holds_its_own_and_what_is_billed_to_it(
    kin: Store, customers: list[str] | None
) -> None:
    put_hold(kin, "acme", "customer", "b", reason="disputed", note="so", at=AT, day=DAY)
    put_hold(kin, "acme", "customer", "c", reason="paused", at=AT, day=DAY)
    put_hold(kin, "acme", "invoice", "of c", reason="excluded", at=AT, day=DAY)
    found = read(kin, customers=customers)
    disputed, paused, excluded = (
        HoldOrder("disputed", note="so", put_on=DAY),
        HoldOrder("paused", put_on=DAY),
        HoldOrder("excluded", put_on=DAY),
    )
    assert found.customer_holds == {}
    assert found.invoice_holds.keys() == {"of b", "of c"}
    assert found.invoice_holds["of b"] == [disputed]
    assert sorted(found.invoice_holds["of c"], key=lambda it: it.reason) == [disputed, excluded, paused]


def test_a_hold_on_the_parent_stays_one_on_the_parent(kin: Store) -> None:
    for id_ in ("p", "e"):
        put_hold(kin, "acme", "customer", id_, reason="paused", at=AT, day=DAY)
    found = read(kin)
    assert (found.invoice_holds, set(found.customer_holds)) == ({}, {"p", "e"})


def test_what_reached_a_child_before_counts_for_the_parent(kin: Store, run: Claim) -> None:
    for number, (id_, ago) in enumerate({"p": 9, "a": 6, "c": 3, "d": 1}.items()):
        it = message(f"m{number}", customer_id=id_, lines=())
        send(kin, run, it, day=DAY - timedelta(days=ago))
    send(kin, run, message("m9", customer_id="b", currency="USD", lines=()), day=DAY - timedelta(days=7))
    last = {("p", "GBP"): DAY - timedelta(days=3), ("p", "USD"): DAY - timedelta(days=7)}
    assert read(kin).contacted == {**last, ("d", "GBP"): DAY - timedelta(days=1)}
    assert read(kin, customers=["p"]).contacted == last


def test_steps_are_those_of_the_invoices(kin: Store, run: Claim) -> None:
    send(kin, run, message("m1", customer_id="c", lines=(line("of c"),)))
    expected = {"of c": Taken("first reminder", 1, DAY)}
    assert read(kin).taken == read(kin, customers=["p"]).taken == expected


def test_approvals_are_those_of_the_customers_asked_for(kin: Store) -> None:
    """A message that was approved for the child itself is judged by itself."""
    put_in_outbox(kin, "acme", message("m1", customer_id="a"), message("m2", customer_id="p"))
    approved = {id_: [it.id for it in read(kin, customers=[id_]).approved] for id_ in "pab"}
    assert approved == {"p": ["m2"], "a": ["m1"], "b": []}


def test_facts_of_some_are_those_of_all_less_the_others(kin: Store, run: Claim) -> None:
    put_hold(kin, "acme", "customer", "b", reason="disputed", at=AT, day=DAY)
    whole = read(kin)
    for asked in ("p", "a", "c"):
        some = read(kin, customers=[asked])
        assert sorted(some.debts, key=lambda it: it.id) == sorted(
            (it for it in whole.debts if it.customer_id == "p"), key=lambda it: it.id
        )
        assert some.debtors == {"p": whole.debtors["p"]}
        assert some.invoice_holds == whole.invoice_holds
    assert {it.customer_id for it in read(kin, customers=["c", "e"]).debts} == {"p", "e"}


# Addresses -------------------------------------------------------------------------------------

# Where the addresses of p may stand, the first first: p's own, its invoices', its parent's, and at last,
# where one child alone owes, that child's and those of who stands between.
PLACES = ("own", "invoices", "parent", "child", "between")


@pytest.mark.parametrize("first", range(len(PLACES) + 1))
@pytest.mark.parametrize("several", [True, False])
def test_where_a_message_about_a_family_goes(store: Store, run: Claim, first: int, several: bool) -> None:
    """Where several owe, nobody is written to at the last: they must not learn of each other's debts."""
    there = PLACES[first:]

    def at(place: str, *addresses: str) -> tuple[str, ...]:
        return addresses if place in there else ("nonsense",)

    pulled(
        store,
        run,
        page(
            customers=[
                customer("g", emails=at("parent", "grand@p.example")),
                customer("p", parent_id="g", emails=at("own", "own@p.example")),
                child("a", emails=at("child", "a@p.example")),
                child("b", emails=at("between", "b@p.example")),
                child("c", "b", emails=at("child", "c@p.example")),
                child("idle", emails=("idle@p.example",)),  # owes nothing
            ],
            invoices=[
                invoice(
                    "i1",
                    customer_id="a" if several else "c",
                    emails=at("invoices", "late@p.example"),
                    due_on=DAY,
                ),
                invoice("i2", customer_id="c", emails=at("invoices", "early@p.example")),
            ],
        ),
    )
    expected: list[tuple[str, ...]] = [
        ("own@p.example",),
        ("early@p.example", "late@p.example"),
        ("grand@p.example",),
        () if several else ("c@p.example",),
        () if several else ("b@p.example",),
        (),
    ]
    assert read(store).debtors["p"].to == expected[first]
    assert read(store, customers=["p"]).debtors == read(store).debtors
    assert read(store).debtors["p"].bad == (("nonsense",) if first else ())


def test_copies_go_to_those_on_all_invoices_of_a_family(store: Store, run: Claim) -> None:
    """In order of the due dates, whoever owes; a child's own Cc is not the parent's."""
    pulled(
        store,
        run,
        page(
            customers=[
                customer("p", emails=("own@p.example",), cc=("boss@p.example",)),
                child("a", cc=("not this@p.example",)),
            ],
            invoices=[
                invoice("i1", customer_id="p", cc=("second@p.example",), bcc=("last@p.example",), due_on=DAY),
                invoice("i2", customer_id="a", cc=("first@p.example",), bcc=("hidden@p.example",)),
                invoice("i3", customer_id="a", cc=("FIRST@p.example",), bcc=("OWN@p.example",), due_on=None),
            ],
        ),
    )
    assert read(store).debtors["p"] == Debtor(
        "p",
        "Customer p",
        to=("own@p.example",),
        cc=("boss@p.example", "first@p.example", "second@p.example"),
        bcc=("hidden@p.example", "last@p.example"),
    )
    assert read(store, customers=["p"]).debtors == read(store).debtors


# What it costs where nobody is billed to a parent ------------------------------------------------


@pytest.mark.parametrize("billed", [0, 3])
def test_nothing_but_the_index_of_the_billed_is_read(store: Store, run: Claim, billed: int) -> None:
    """Whatever the statistics say, and without any."""
    many = [customer(f"c{at}", parent_id="c0") for at in range(300)]
    pulled(store, run, page(customers=[*many, *(child(f"b{at}", "c0") for at in range(billed))]))
    sql, values = statements("families"), {"book": "acme", "parent": "c0"}
    for analyzed in (True, False):
        for name in ("billed", "children"):
            steps = [row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {sql[name]}", values)]
            assert any("INDEX customers_billed (book=? AND parent_id" in step for step in steps), steps
        if analyzed:
            store.connection.execute("DELETE FROM sqlite_stat1")
            store.connection.execute("ANALYZE sqlite_schema")


def test_without_families_there_is_nothing_to_climb(store: Store, run: Claim) -> None:
    family_ = [customer("p"), customer("a", parent_id="p")]
    pulled(store, run, page(customers=family_, invoices=[invoice(customer_id="a")]))
    with store.reading() as conn:
        for customers in (None, ["p", "a"]):
            found = families(conn, "acme", customers)
            assert (found.parents, found.payers, found.billed) == ({}, {}, {})
