"""What people do: holds, tasks, and the names they use; and the story that is told afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_samples import (
    AT,
    DAY,
    begin_sending,
    customer,
    invoice,
    line,
    message,
    note,
    page,
    pulled,
    put_in_outbox,
    send,
    task,
)  # fmt: skip

from arsync.connector.protocol import Receipt
from arsync.errors import LostLease
from arsync.policy.model import HoldOrder
from arsync.store import Claim, Store
from arsync.store.holds import Match, find_what, put_hold, release_holds
from arsync.store.leases import release
from arsync.store.notes import owed, receipts, take
from arsync.store.outbox import lapse
from arsync.store.story import events
from arsync.store.tasks import close_task, open_tasks


def hold(store: Store, target: Any = "invoice", id_: str = "i1", **more: Any) -> tuple[str, ...]:
    return put_hold(store, "acme", target, id_, **{"reason": "disputed", "at": AT, "day": DAY, **more})


def story(store: Store, **more: Any) -> list[tuple[str, str]]:
    return [(it.what, it.detail) for it in events(store, "acme", **more)]


def test_a_hold_is_put_renewed_and_released(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice()]))
    hold(store)
    hold(store, until=DAY, note="quality")
    hold(store, reason="paused")
    assert store.rows("SELECT reason, until, note, put_at FROM holds") == [
        ("disputed", "2026-03-02", "quality", "2026-03-02T09:00:00Z"),
        ("paused", None, "", "2026-03-02T09:00:00Z"),
    ]
    released = release_holds(store, "acme", "invoice", "i1", at=AT, day=DAY)
    assert sorted(released, key=lambda it: it.reason) == [
        HoldOrder("disputed", DAY, "quality", put_on=DAY),
        HoldOrder("paused", put_on=DAY),
    ]
    assert release_holds(store, "acme", "invoice", "i1", at=AT, day=DAY) == []
    told = [("held", "disputed"), ("held", "disputed; until 2026-03-02; quality"), ("held", "paused")]
    assert story(store, invoice_ids=["i1"])[:3] == told
    rest = set(story(store, customer_id="c1")[3:])
    assert rest == {("released", "disputed"), ("released", "paused")}


def test_a_hold_tells_what_is_leaving_and_can_not_be_held_any_more(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message("m1", lines=(line("i1"), line("i2"))), message("m2"))
    begin_sending(store, run, "m1")
    assert hold(store, "invoice", "i2") == ("m1",)
    assert hold(store, "customer", "c1") == ("m1",)
    assert hold(store, "invoice", "i3") == ()
    assert store.rows("SELECT count(*) FROM holds") == [(3,)]


def test_people_put_holds_while_a_run_works(store: Store, run: Claim) -> None:
    hold(store)
    close_task(store, "acme", task(), at=AT, day=DAY)
    with store.writing(run):
        pass


def test_a_closed_task_has_taken_its_steps(store: Store, run: Claim) -> None:
    open_tasks(store, run, [task()], at=AT, day=DAY)
    open_tasks(store, run, [task()], at=AT, day=DAY)
    assert store.rows("SELECT invoice_id, step, round, opened_on FROM open_tasks") == [
        ("i1", "hand over", 1, "2026-03-02")
    ]
    close_task(store, "acme", task(), note="to counsel", at=AT, day=DAY)
    assert store.rows("SELECT invoice_id, step, step_offset, on_day, how, source FROM steps_taken") == [
        ("i1", "hand over", 1, "2026-03-02", "task", "t1")
    ]
    assert story(store, invoice_ids=["i1"]) == [
        ("task", "hand over"),
        ("done", "hand over: to counsel"),
    ]


def test_tasks_of_a_run_that_lost_its_book_are_not_shown(store: Store, run: Claim) -> None:
    release(store, run, outcome="ok", at=AT)
    with pytest.raises(LostLease):
        open_tasks(store, run, [task()], at=AT, day=DAY)
    with pytest.raises(LostLease):
        close_task(store, "acme", task(), at=AT, day=DAY, claim=run)
    assert story(store) == []


@pytest.fixture
def known(store: Store, run: Claim) -> Store:
    """Numbers and ids cross each other, as they do where both are small integers."""
    pulled(
        store,
        run,
        page(
            customers=[
                customer("7", name="Müller & Söhne"),
                customer("8", name="Halden Ltd"),
                customer("9", name="8"),
            ],
            invoices=[
                invoice("100", number="7", customer_id="7"),
                invoice("101", number="100", customer_id="8", open=0),
                invoice("102", number="A-1", customer_id="7", open=0),
                invoice("103", number="A-1", customer_id="unknown"),
            ],
        ),
    )
    return store


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A-1", [("invoice", "103", "number"), ("invoice", "102", "number")]),  # the open one first
        ("102", [("invoice", "102", "id")]),
        ("100", [("invoice", "101", "number")]),  # what people see is the number
        ("7", [("invoice", "100", "number"), ("customer", "7", "id")]),
        ("customer:7", [("customer", "7", "id")]),
        ("invoice:7", [("invoice", "100", "number")]),
        ("8", [("customer", "9", "name")]),
        (" MÜLLER & SÖHNE ", [("customer", "7", "name")]),
        ("customer:", []),
        ("", []),
    ],
)
def test_a_text_names_invoices_and_customers(known: Store, text: str, expected: list[Any]) -> None:
    assert [(it.target, it.id, it.by) for it in find_what(known, "acme", text).matches] == expected


def test_a_match_says_whose_it_is(known: Store) -> None:
    assert find_what(known, "acme", "A-1").matches == (
        Match("invoice", "103", "A-1", "number", "unknown", "unknown"),
        Match("invoice", "102", "A-1", "number", "7", "Müller & Söhne"),
    )


@pytest.mark.parametrize(
    ("text", "near"),
    [("halden", ("Halden Ltd",)), ("Muller & Sohne", ("Müller & Söhne",)), ("A1", ("A-1",)), ("zzzz", ())],
)
def test_an_unknown_name_is_met_with_those_near_it(known: Store, text: str, near: tuple[str, ...]) -> None:
    found = find_what(known, "acme", text)
    assert (found.matches, found.near) == ((), near)


def test_the_story_of_an_invoice_is_its_own_and_that_of_its_messages(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2"), invoice("i3")]))
    both = (line("i1"), line("i2"))
    send(store, run, message("m1", lines=both), notes=[note("m1", target_id="i2")])
    take(store, run, owed(store, "acme"))
    stands = Receipt(target="invoice", target_id="i2", mark="[arsync:m1]")
    receipts(store, run, [stands], at=AT, day=DAY)
    put_in_outbox(store, "acme", message("m2", lines=both), message("m3", lines=(line("i3"),)))
    lapse(store, run, "m2", "i2 grew", at=AT, day=DAY)
    hold(store, "invoice", "i2")
    hold(store, "customer", "c2")
    sent = "to ap@one.example, owner@one.example"
    hold(store, "customer", "c1", reason="paused")
    release_holds(store, "acme", "customer", "c1", at=AT, day=DAY)
    customers = [("held", "paused"), ("released", "paused")]  # theirs is the invoices', c2's is not
    assert story(store, invoice_ids=["i1"]) == [
        ("approved", ""), ("sent", sent), ("lapsed", "i2 grew"), *customers,
    ]  # fmt: skip
    assert story(store, invoice_ids=["i2"]) == [
        ("approved", ""), ("sent", sent), ("note", "on the invoice"),
        ("lapsed", "i2 grew"), ("held", "disputed"), *customers,
    ]  # fmt: skip
    assert story(store, customer_id="c2") == [("held", "disputed")]
    whole = events(store, "acme")
    assert [it.seq for it in whole] == list(range(1, len(whole) + 1))
    assert whole[0].at == AT
    assert whole[0].day == DAY


def test_events_are_told_in_the_order_they_happened_whatever_their_days(store: Store) -> None:
    hold(store, note="first", at=AT + timedelta(days=1), day=DAY + timedelta(days=1))
    hold(store, note="second")
    assert [detail for _, detail in story(store)] == ["disputed; first", "disputed; second"]
