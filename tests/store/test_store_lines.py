"""What a message asks for and offers comes back as it was approved; steps are taken in their rounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from store_samples import AT, DAY, begin_sending, line, message, put_in_outbox, send

from arsync.policy.rules import Offer
from arsync.store import Claim, Store
from arsync.store.agreements import agreements
from arsync.store.delivery import in_doubt, resolve
from arsync.store.messages import messages
from arsync.store.outbox import replace_approved

UNTIL = DAY + timedelta(days=7)


def asking(id_: str = "m1", **more: Any) -> Any:
    partly = msgspec.structs.replace(line("i1"), disputed=4000, not_due=100, round=2)
    offer = {"offer": Offer(200, 7), "offer_until": UNTIL}
    return message(id_, **{"lines": (partly, line("i2")), **offer, **more})


def test_everything_comes_back(store: Store) -> None:
    put_in_outbox(store, "acme", asking())
    [kept] = messages(store, "acme")
    assert kept.message == asking(status="approved")
    assert kept.message.held_back == 4100


def test_what_was_read_again_takes_its_place(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", asking())
    now = message("m1", lines=(line("i2"),))
    replace_approved(store, run, "m1", now)
    [kept] = messages(store, "acme")
    assert kept.message == msgspec.structs.replace(now, status="approved")
    replace_approved(store, run, "m1", asking(offer=Offer(300, 5)))
    assert [it.message.offer for it in messages(store, "acme")] == [Offer(300, 5)]


def test_steps_are_taken_in_the_rounds_of_their_lines(store: Store, run: Claim) -> None:
    """A step that was taken in the first round can be taken in the second, and once in each."""
    send(store, run, message("m0", lines=(line("i1"),)))
    send(store, run, asking())
    again = asking("m2")
    send(store, run, again)
    rows = store.rows("SELECT invoice_id, round, source FROM steps_taken ORDER BY invoice_id, round")
    assert rows == [("i1", 1, "m0"), ("i1", 2, "m1"), ("i2", 1, "m1")]


def test_what_a_message_offers_stands_once_it_has_left(store: Store, run: Claim) -> None:
    """Also where a person said so afterwards; and not before."""
    put_in_outbox(store, "acme", asking())
    assert agreements(store, "acme", DAY) == []
    send(store, run, asking("m2", lines=(line("i5"),)))
    begin_sending(store, run, "m1")
    in_doubt(store, run, "m1", "cut", at=AT, day=DAY)
    assert [it.agreement.id for it in agreements(store, "acme", DAY)] == ["m2"]
    resolve(store, "acme", "m1", "sent", at=AT, day=DAY)
    found = {it.agreement.id: it.agreement for it in agreements(store, "acme", DAY)}
    assert found["m1"].until == found["m2"].until == UNTIL
    assert found["m2"].lines == (("i5", 10000),)
