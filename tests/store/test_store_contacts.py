"""Calls, letters and opt-outs; and what counts as a contact, over all books of a practice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from store_samples import (
    AT,
    DAY,
    begin_sending,
    customer,
    invoice,
    line,
    message,
    page,
    pulled,
    put_in_outbox,
    send,
    task,
)  # fmt: skip

from arsync.policy.model import Contact
from arsync.store import Claim, Store
from arsync.store.contacts import contacts_of, log_contact
from arsync.store.delivery import failed, in_doubt, resolve
from arsync.store.leases import claim
from arsync.store.opt_outs import opt_in, opt_out, opt_outs
from arsync.store.past_facts import facts_on
from arsync.store.reading import facts
from arsync.store.story import events
from arsync.store.tasks import close_task


def call(store: Store, outcome: Any = "reached", *, book: str = "acme", **more: Any) -> None:
    values = {"at": AT, "day": DAY, **more}
    who = values.pop("customer_id", "c1")
    with store.writing() as conn:
        log_contact(conn, book, who, values.pop("channel", "call"), outcome, **values)


def contacts(store: Store, days: int = 30, **more: Any) -> dict[str, list[Contact]]:
    values = {"today": DAY, "addresses": lambda it: (tuple(it), ()), "contact_days": days, **more}
    found = facts(store, "acme", **values).contacts
    return {who: list(them) for who, them in found.items()}


def ago(days: int) -> Any:
    return DAY - timedelta(days=days)


@pytest.fixture
def owing(store: Store, run: Claim) -> Store:
    people = [
        customer("c1", emails=("ap@one.example",)),
        customer("c2", emails=("ap@two.example",)),
    ]
    pulled(
        store,
        run,
        page(customers=people, invoices=[invoice("i1"), invoice("i2", customer_id="c2")]),
    )
    return store


@pytest.fixture
def other(store: Store) -> Claim:
    """A run's claim on another book of the practice, birch, whose customer x has c1's address."""
    store.book("birch", "xero")
    held = claim(store, "birch", command="run", at=AT)
    pulled(store, held, page(customers=[customer("x", emails=("AP@one.example",)), customer("y")]))
    return held


# Calls and letters ---------------------------------------------------------------------------


def test_a_call_is_written_down_with_what_came_of_it(store: Store) -> None:
    call(store, "no-answer", note="engaged", owner="anna", task="t1")
    call(store, "sent", channel="letter", day=ago(1))
    letter, first = contacts_of(store, "acme", "c1")
    assert (first.channel, first.outcome, first.note, first.owner, first.task, first.day, first.at) == (
        "call", "no-answer", "engaged", "anna", "t1", DAY, AT,
    )  # fmt: skip
    assert (letter.channel, letter.outcome, letter.task) == ("letter", "sent", None)
    told = [(it.what, it.source, it.detail) for it in events(store, "acme", customer_id="c1")]
    assert told == [("called", "t1", "no-answer; engaged; by anna"), ("letter", None, "sent")]
    assert contacts_of(store, "acme", "c2") == []


def test_closing_a_call_or_a_letter_is_a_contact_and_closing_other_work_is_none(store: Store) -> None:
    for does, number in (("call", "t1"), ("letter", "t2"), ("task", "t3")):
        work = msgspec.structs.replace(task(number), does=does, lines=(line("i1", does),))
        close_task(store, "acme", work, outcome="no-answer", owner="anna", note="n", at=AT, day=DAY)
    assert [(it.channel, it.outcome, it.owner, it.task) for it in contacts_of(store, "acme", "c1")] == [
        ("call", "no-answer", "anna", "t1"),
        ("letter", "sent", "anna", "t2"),
    ]


# What counts ---------------------------------------------------------------------------------


def test_contacts_are_messages_calls_and_letters_in_order_of_days(owing: Store, run: Claim) -> None:
    call(owing, "promised", day=ago(2))
    call(owing, "no-answer", day=ago(4))
    call(owing, "sent", channel="letter", day=ago(30))
    send(owing, run, message("m1", lines=()), day=ago(3))
    send(owing, run, message("m2", currency="USD", lines=()), day=ago(29))
    send(owing, run, message("m3", customer_id="c2", lines=()), day=ago(30))
    expected = [
        Contact(ago(29), "message"),
        Contact(ago(4), "call"),
        Contact(ago(3), "message"),
        Contact(ago(2), "call", conversation=True),
    ]
    assert contacts(owing) == {"c1": expected}
    assert contacts(owing, customers=["c1"]) == {"c1": expected}
    assert contacts(owing, customers=["c2"]) == {}
    assert contacts(owing, 31, customers=["c2"]) == {"c2": [Contact(ago(30), "message")]}
    assert contacts(owing, 0) == {}


def test_what_may_have_reached_somebody_counts_and_what_did_not_does_not(owing: Store, run: Claim) -> None:
    for number, fate in enumerate(("sending", "doubt", "failed", "dropped", "back")):
        it = message(f"m{number}", lines=())
        put_in_outbox(owing, "acme", it)
        begin_sending(owing, run, it.id, ago(number))
        if fate in ("doubt", "dropped", "back"):
            in_doubt(owing, run, it.id, "cut", at=AT, day=DAY)
        if fate == "failed":
            failed(owing, run, it.id, "no", refused={}, at=AT, day=DAY)
        if fate == "dropped":
            resolve(owing, "acme", it.id, "drop", at=AT, day=DAY)
        if fate == "back":
            resolve(owing, "acme", it.id, "not-sent", at=AT, day=DAY)
    assert contacts(owing)["c1"] == [Contact(ago(1), "message"), Contact(ago(0), "message")]


def test_what_another_book_told_the_same_address_counts(owing: Store, other: Claim) -> None:
    """Whatever the case of the address; a copy for somebody else, or another address, is none."""
    send(owing, other, message("m1", customer_id="x", to=("AP@ONE.example",), lines=()), day=ago(2))
    it = message("m2", customer_id="x", to=("z@one.example",), cc=("ap@one.example",), lines=())
    send(owing, other, it, day=ago(1))
    call(owing, book="birch", customer_id="x")
    call(owing, book="birch", customer_id="y")
    for asked in (None, ["c1"]):
        found = contacts(owing, customers=asked)
        assert found == {
            "c1": [
                Contact(DAY, "message", elsewhere=True),  # by its instant, which is of today
                Contact(DAY, "call", conversation=True, elsewhere=True),
            ]
        }


def test_an_address_of_the_policy_file_stands_in_the_place_of_those_on_record(
    owing: Store, other: Claim
) -> None:
    send(owing, other, message("m1", customer_id="x", to=("new@one.example",), lines=()))
    assert contacts(owing) == {}
    for name in ("c1", "CUSTOMER C1"):
        found = contacts(owing, written_to={name: ("New@one.example",)})
        assert found == {"c1": [Contact(DAY, "message", elsewhere=True)]}


@pytest.mark.parametrize(
    ("zone", "on"),
    [("UTC", DAY), ("Pacific/Auckland", DAY + timedelta(days=1)), ("Pacific/Honolulu", ago(1))],
)
def test_a_contact_of_another_book_is_one_of_the_day_it_was_here(
    owing: Store, other: Claim, zone: str, on: Any
) -> None:
    """23:30 UTC on 2 March is the 3rd in Auckland; 00:30 is the 1st in Honolulu."""
    at = datetime(2026, 3, 2, 0 if zone.endswith("Honolulu") else 23, 30, tzinfo=UTC)
    send(owing, other, message("m1", customer_id="x", to=("ap@one.example",), lines=()), at=at)
    found = contacts(owing, zone=zone, today=DAY + timedelta(days=1))
    assert found == {"c1": [Contact(on, "message", elsewhere=True)]}


def test_a_family_has_one_count(owing: Store, run: Claim) -> None:
    kin = [customer("c2", parent_id="c1", bills_parent=True)]
    pulled(owing, run, page(customers=[customer("c1"), *kin], invoices=[invoice("i2", customer_id="c2")]))
    send(owing, run, message("m1", customer_id="c2", lines=()), day=ago(3))
    call(owing)
    expected = {"c1": [Contact(ago(3), "message"), Contact(DAY, "call", conversation=True)]}
    assert contacts(owing) == contacts(owing, customers=["c2"]) == expected


def test_contacts_with_a_merged_customer_are_those_of_the_other(owing: Store, run: Claim) -> None:
    send(owing, run, message("m1", customer_id="c2", lines=()), day=ago(3))
    call(owing, customer_id="c2")
    pulled(owing, run, page(invoices=[invoice("i1"), invoice("i2", customer_id="c1")]))
    expected = [Contact(ago(3), "message"), Contact(DAY, "call", conversation=True)]
    assert contacts(owing)["c1"] == contacts(owing, customers=["c1"])["c1"] == expected


def test_contacts_of_a_past_day(owing: Store, run: Claim) -> None:
    send(owing, run, message("m1", lines=()), day=ago(3))
    call(owing)
    found = facts_on(owing, "acme", ago(1), addresses=lambda it: (tuple(it), ()), contact_days=7)
    assert found.contacts == {"c1": [Contact(ago(3), "message")]}


# Opt-outs ------------------------------------------------------------------------------------


def test_an_opt_out_is_put_and_taken_back(owing: Store) -> None:
    opt_out(owing, "acme", "c1", "message", note="by letter", owner="anna", at=AT, day=DAY)
    opt_out(owing, "acme", "c1", "message", note="again", at=AT, day=DAY)
    opt_out(owing, "acme", "c1", "call", at=AT, day=DAY)
    assert [(it.customer_name, it.channel, it.note) for it in opt_outs(owing, "acme")] == [
        ("Customer c1", "call", ""),
        ("Customer c1", "message", "again"),
    ]
    now = facts(owing, "acme", today=DAY, addresses=lambda it: (tuple(it), ()))
    assert now.opted_out == {"c1": {"message", "call"}}
    assert opt_in(owing, "acme", "c1", "letter", at=AT, day=DAY) == []
    assert opt_in(owing, "acme", "c1", "call", at=AT, day=DAY) == ["call"]
    assert [it.channel for it in opt_outs(owing, "acme")] == ["message"]
    assert opt_in(owing, "acme", "c1", at=AT, day=DAY) == ["message"]
    told = [(it.what, it.detail) for it in events(owing, "acme", customer_id="c1")]
    assert told == [
        ("opted-out", "message; by letter"), ("opted-out", "message; again"), ("opted-out", "call"),
        ("opted-in", "call"), ("opted-in", "message"),
    ]  # fmt: skip


def test_an_opt_out_goes_on_with_a_merged_customer_and_can_be_taken_back_there(
    owing: Store, run: Claim
) -> None:
    opt_out(owing, "acme", "c2", "call", note="by phone", at=AT, day=DAY)
    pulled(owing, run, page(invoices=[invoice("i1"), invoice("i2", customer_id="c1")]))
    assert [(it.customer_id, it.note) for it in opt_outs(owing, "acme")] == [
        ("c1", "by phone"),
        ("c2", "by phone"),
    ]
    assert opt_in(owing, "acme", "c1", "call", at=AT, day=DAY) == ["call"]
