"""Holds with an amount, an owner and an end: what a promise is measured by, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_samples import AT, DAY, credit, customer, invoice, page, pulled

from arsync.errors import FixSettings
from arsync.policy.model import HoldOrder
from arsync.policy.promises import CREDIT
from arsync.store import Claim, Store
from arsync.store.holds import holds_of, put_hold, release_holds
from arsync.store.past_facts import facts_on
from arsync.store.story import events

TABLES = ("holds", "hold_lines", "holds_past", "events")


def hold(store: Store, target: Any = "invoice", id_: str = "i1", **more: Any) -> tuple[str, ...]:
    return put_hold(store, "acme", target, id_, **{"reason": "promised", "at": AT, "day": DAY, **more})


def lines(store: Store, target: str = "customer", id_: str = "c1") -> dict[str, int]:
    rows = store.rows(
        "SELECT invoice_id, open FROM hold_lines WHERE book = 'acme' AND target = ? AND target_id = ?",
        (target, id_),
    )
    return dict(rows)


@pytest.fixture
def owing(store: Store, run: Claim) -> Store:
    """c1 owes 100.00 and 30.00 GBP and 50.00 USD and has 5.00 GBP to its credit; c2, billed to it, owes
    7.00 GBP; c3 owes nothing any more."""
    pulled(
        store,
        run,
        page(
            customers=[customer("c1"), customer("c2", parent_id="c1", bills_parent=True), customer("c3")],
            invoices=[
                invoice("i1"),
                invoice("i2", open=3000),
                invoice("i3", open=5000, currency="USD"),
                invoice("i4", open=700, customer_id="c2"),
                invoice("paid", open=0),
                invoice("i6", open=0, customer_id="c3"),
            ],
            credits=[credit("n1", remaining=500), credit("n2", customer_id="c2", remaining=20)],
        ),
    )
    return store


def test_a_promise_about_an_invoice_remembers_what_was_open(owing: Store) -> None:
    hold(owing, amount=2500, currency="GBP", until=DAY, grace=2, owner="anna")
    assert lines(owing, "invoice", "i1") == {"i1": 10000}
    [order] = holds_of(owing, "acme", "invoice", "i1")
    assert order == HoldOrder("promised", DAY, "", "anna", 2500, "GBP", 2, DAY, (("i1", 10000),))


def test_a_customers_promise_is_about_its_family_in_one_currency(owing: Store) -> None:
    """What is to its credit already was not promised, so it is remembered too."""
    hold(owing, "customer", "c1", amount=13700, currency="GBP")
    assert lines(owing) == {"i1": 10000, "i2": 3000, "i4": 700, CREDIT: -520}
    hold(owing, "customer", "c1", amount=5000, currency="USD")  # renewed: in the place of the other
    assert lines(owing) == {"i3": 5000, CREDIT: 0}
    hold(owing, "customer", "c1")  # all of it
    assert lines(owing) == {"i1": 10000, "i2": 3000, "i3": 5000, "i4": 700}


def test_a_promise_of_one_who_is_billed_to_a_parent_is_about_its_own(owing: Store) -> None:
    hold(owing, "customer", "c2", amount=700, currency="GBP")
    assert lines(owing, id_="c2") == {"i4": 700, CREDIT: -520}


def test_other_holds_remember_nothing(owing: Store) -> None:
    hold(owing, reason="disputed", amount=100, currency="GBP")
    hold(owing, "customer", "c1", reason="paused")
    assert owing.rows("SELECT count(*) FROM hold_lines") == [(0,)]


OF_C1 = {"target": "customer", "id_": "c1"}
OF_C3 = {"target": "customer", "id_": "c3"}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"amount": 10001, "currency": "GBP"}, "100.01 GBP is more than the 100.00 GBP open on invoice INV-i1"),
    ({"amount": 1, "currency": "USD"}, "invoice INV-i1 is owed in GBP, not in USD"),
    ({"amount": 0, "currency": "GBP"}, "above zero"),
    ({"amount": -1, "currency": "GBP"}, "above zero"),
    ({"reason": "paused", "amount": 1, "currency": "GBP"}, "promised or disputed, not paused"),
    ({"reason": "disputed", "amount": 10001, "currency": "GBP"}, "100.01 GBP is more than the 100.00 GBP"),
    ({**OF_C1, "reason": "disputed", "amount": 1, "currency": "GBP"}, "name the invoice"),
    ({**OF_C1, "amount": 13701, "currency": "GBP"}, "more than the 137.00 GBP"),
    ({**OF_C1, "amount": 5001, "currency": "USD"}, "more than the 50.00 USD"),
    ({**OF_C1, "amount": 1, "currency": "EUR"}, "is owed in GBP and USD, not in EUR"),
    ({**OF_C3, "amount": 1, "currency": "GBP"}, "customer Customer c3 owes nothing"),
    ({"id_": "paid"}, "nothing is owed on invoice INV-paid"),
    ({"id_": "paid", "reason": "disputed", "amount": 1, "currency": "GBP"}, "invoice INV-paid owes nothing"),
]


@pytest.mark.parametrize(("what", "words"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    owing: Store, what: dict[str, Any], words: str
) -> None:
    hold(owing, reason="paused")
    before = {name: owing.rows(f"SELECT * FROM {name}") for name in TABLES}
    with pytest.raises(FixSettings, match=words):
        hold(owing, **what)
    assert {name: owing.rows(f"SELECT * FROM {name}") for name in TABLES} == before


@pytest.mark.parametrize(
    "what",
    [
        {"amount": 10000, "currency": "GBP"},  # all of it
        {"reason": "disputed", "amount": 10000, "currency": "GBP"},
        {"id_": "paid", "reason": "paused"},
        {"id_": "paid", "reason": "excluded"},
        {"target": "customer", "id_": "c3", "reason": "excluded"},
        {"target": "customer", "id_": "c3"},
        {"target": "customer", "id_": "c1", "amount": 13700, "currency": "GBP"},
    ],
)
def test_what_fits_is_held(owing: Store, what: dict[str, Any]) -> None:
    hold(owing, **what)
    assert owing.rows("SELECT count(*) FROM holds") == [(1,)]


def test_one_reason_is_released_and_the_others_stay(owing: Store) -> None:
    hold(owing, amount=100, currency="GBP")
    hold(owing, reason="disputed")
    assert release_holds(owing, "acme", "invoice", "i1", reason="paused", at=AT, day=DAY) == []
    [released] = release_holds(owing, "acme", "invoice", "i1", reason="promised", at=AT, day=DAY)
    assert (released.reason, released.amount) == ("promised", 100)
    assert [it.reason for it in holds_of(owing, "acme", "invoice", "i1")] == ["disputed"]
    assert owing.rows("SELECT * FROM hold_lines") == []


def test_the_story_says_how_much_and_who_deals_with_it(owing: Store) -> None:
    hold(owing, amount=2500, currency="GBP", until=DAY, note="by phone", owner="anna")
    [event] = events(owing, "acme", invoice_ids=["i1"])
    assert event.detail == "promised; 25.00 GBP; until 2026-03-02; by phone; anna deals with it"


def test_past_days_know_who_dealt_with_it_and_how_much(owing: Store) -> None:
    """Of a promise that was renewed nobody knows any more what was open at first; of another one they do."""
    hold(owing, "customer", "c2")
    end = DAY + timedelta(days=1)
    first: dict[str, Any] = {"amount": 2500, "currency": "GBP", "until": end, "grace": 4, "owner": "anna"}
    hold(owing, **first)
    later = DAY + timedelta(days=3)
    hold(owing, amount=3000, currency="GBP", until=later, day=later)

    def on(days: int) -> Any:
        found = facts_on(owing, "acme", DAY + timedelta(days=days), addresses=lambda it: (tuple(it), ()))
        return found.invoice_holds.get("i1")

    assert on(-1) is None
    old = HoldOrder("promised", end, "", "anna", 2500, "GBP", 4, DAY)
    assert (on(0), on(2)) == ([old], [old])
    assert facts_on(owing, "acme", DAY, addresses=lambda it: (tuple(it), ())).invoice_holds["i4"] == [
        HoldOrder("promised", put_on=DAY, lines=(("i4", 700),))
    ]
    new = HoldOrder("promised", later, "", "", 3000, "GBP", 0, later, (("i1", 10000),))
    assert (on(3), on(4)) == ([new], None)


def test_a_promise_goes_on_with_an_invoice_that_comes_to_another_customer(owing: Store, run: Claim) -> None:
    """What the invoice has of its own stays as it is; what is in another currency does not concern it."""
    hold(owing, "customer", "c1", amount=13000, currency="GBP", owner="anna")
    hold(owing, "invoice", "i2", amount=1, currency="GBP")
    moved = [invoice(id_, customer_id="c3", **more) for id_, more in (
        ("i1", {}), ("i2", {"open": 3000}), ("i3", {"open": 5000, "currency": "USD"}),
    )]  # fmt: skip
    pulled(owing, run, page(customers=[customer("c3")], invoices=moved))
    [kept] = holds_of(owing, "acme", "invoice", "i1")
    assert (kept.amount, kept.owner) == (13000, "anna")
    assert dict(kept.lines) == {"i1": 10000, "i2": 3000, "i4": 700, CREDIT: -520}
    [own] = holds_of(owing, "acme", "invoice", "i2")
    assert (own.amount, own.lines) == (1, (("i2", 3000),))
    assert holds_of(owing, "acme", "invoice", "i3") == []
