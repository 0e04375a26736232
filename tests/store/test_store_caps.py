"""The last look at the caps: a message is handed over only where none is broken, whoever else is sending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from store_samples import AT, DAY, customer, invoice, message, page, pulled, put_in_outbox, send

from arsync.errors import Conflict
from arsync.policy.rules import Cap
from arsync.store import Claim, Store
from arsync.store.contacts import log_contact
from arsync.store.leases import claim
from arsync.store.messages import messages
from arsync.store.outbox import hand_over
from arsync.store.restraint import TooManyContacts

TWO_A_WEEK = [Cap(2, 7)]


def hand(store: Store, run: Claim, id_: str, *caps: Cap, day: int = 0, zone: str = "UTC") -> None:
    hand_over(
        store,
        run,
        id_,
        subject="s",
        body="b",
        proof="p",
        at=AT,
        day=DAY + timedelta(days=day),
        caps=caps or TWO_A_WEEK,
        zone=ZoneInfo(zone),
    )


def states(store: Store, book: str = "acme") -> dict[str, str]:
    return {it.message.id: it.status for it in messages(store, book)}


def called(store: Store, day: int, book: str = "acme", customer_id: str = "c1") -> None:
    with store.writing() as conn:
        on = DAY + timedelta(days=day)
        log_contact(conn, book, customer_id, "call", "no-answer", at=AT + timedelta(days=day), day=on)


@pytest.fixture
def birch(store: Store) -> Claim:
    """A run of another book, whose customer x has an address of c1's."""
    store.book("birch", "xero")
    run = claim(store, "birch", command="run", at=AT)
    pulled(store, run, page(customers=[customer("x", emails=("AP@one.example",))]))
    return run


def test_a_cap_that_is_full_leaves_the_message_where_it_was(store: Store, run: Claim) -> None:
    """Two contacts in seven days, on the 2nd and the 4th: the next is possible on the 9th."""
    send(store, run, message("m1"), day=DAY)
    called(store, 2)
    put_in_outbox(store, "acme", message("m3"))
    with pytest.raises(TooManyContacts, match="at most 2 contacts in 7 days") as refused:
        hand(store, run, "m3", day=6)
    assert isinstance(refused.value, Conflict)
    assert refused.value.until == DAY + timedelta(days=7)
    assert states(store) == {"m1": "sent", "m3": "approved"}
    hand(store, run, "m3", day=7)
    assert states(store)["m3"] == "sending"


def test_every_cap_counts(store: Store, run: Claim) -> None:
    """Four a month are full on the 29th day, though two a week are not."""
    for day in (0, 3, 10, 13):
        called(store, day)
    put_in_outbox(store, "acme", message("m1"))
    with pytest.raises(TooManyContacts, match="at most 4 contacts in 30 days") as refused:
        hand(store, run, "m1", Cap(2, 7), Cap(4, 30), day=29)
    assert refused.value.until == DAY + timedelta(days=30)
    hand(store, run, "m1", Cap(2, 7), day=29)


def test_other_customers_do_not_count_and_members_of_the_family_do(store: Store, run: Claim) -> None:
    kin = [customer("c1"), customer("c2", parent_id="c1", bills_parent=True), customer("c3")]
    pulled(store, run, page(customers=kin, invoices=[invoice()]))
    called(store, 0, customer_id="c3")
    called(store, 0, customer_id="c3")
    called(store, 0, customer_id="c2")
    put_in_outbox(store, "acme", message("m1"), message("m2"))
    hand(store, run, "m1")
    with pytest.raises(TooManyContacts):
        hand(store, run, "m2")


def test_what_another_book_says_at_the_same_moment_counts(path: Path, store: Store, birch: Claim) -> None:
    """Two processes, each with a plan that keeps the cap; the second is turned away, not the customer."""
    with Store.open(path) as elsewhere:
        put_in_outbox(store, "birch", message("m1", customer_id="x", to=("Ap@One.example",)))
        held = claim(elsewhere, "acme", command="run", at=AT)
        put_in_outbox(elsewhere, "acme", message("m2"))
        hand(store, birch, "m1", Cap(1, 7))
        with pytest.raises(TooManyContacts, match="in this book or another"):
            hand(elsewhere, held, "m2", Cap(1, 7))
        assert states(store) == {"m2": "approved"}


def test_a_copy_is_no_contact(store: Store, run: Claim, birch: Claim) -> None:
    it = message("m1", customer_id="x", to=("z@one.example",), cc=("ap@one.example",))
    send(store, birch, it)
    put_in_outbox(store, "acme", message("m2"))
    hand(store, run, "m2", Cap(1, 7))


def test_days_are_those_of_the_book(store: Store, run: Claim, birch: Claim) -> None:
    """23:30 UTC on 2 March is 3 March in Auckland: seven days later there, and not before, there is room."""
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    send(store, birch, message("m1", customer_id="x", to=("ap@one.example",)), at=late)
    put_in_outbox(store, "acme", message("m2"))
    with pytest.raises(TooManyContacts) as refused:
        hand(store, run, "m2", Cap(1, 7), day=7, zone="Pacific/Auckland")
    assert refused.value.until == DAY + timedelta(days=8)
    hand(store, run, "m2", Cap(1, 7), day=7)


def test_a_run_that_began_before_midnight_sees_what_another_did_after_it(
    store: Store, run: Claim, birch: Claim
) -> None:
    late = datetime(2026, 3, 3, 0, 5, tzinfo=UTC)
    it = message("m1", customer_id="x", to=("ap@one.example",))
    send(store, birch, it, day=DAY + timedelta(days=1), at=late)
    put_in_outbox(store, "acme", message("m2"))
    with pytest.raises(TooManyContacts):
        hand(store, run, "m2", Cap(1, 7), day=0)


def test_without_caps_nothing_is_counted(store: Store, run: Claim) -> None:
    send(store, run, message("m1"), day=DAY)
    put_in_outbox(store, "acme", message("m2"))
    hand_over(store, run, "m2", subject="s", body="b", proof="p", at=AT, day=DAY)
    assert states(store)["m2"] == "sending"
