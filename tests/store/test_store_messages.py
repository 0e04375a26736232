"""Messages out of the outbox: beside a plan, by id and state, and as a thread."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from store_samples import AT, DAY, begin_sending, message, put_in_outbox, send

from arsync.store import Claim, Store
from arsync.store.delivery import delivered, failed, in_doubt, resolve
from arsync.store.messages import ended_today, messages, thread
from arsync.store.outbox import approve

TOMORROW = DAY + timedelta(days=1)


def test_beside_a_days_plan_stands_what_ended_on_it_and_what_waits(store: Store, run: Claim) -> None:
    ids = ("doubt", "failed", "sending", "dropped", "approved")
    put_in_outbox(store, "acme", *(message(id_) for id_ in ids))
    for id_ in ids[:-1]:
        begin_sending(store, run, id_)
    in_doubt(store, run, "doubt", "cut", at=AT, day=DAY)
    in_doubt(store, run, "dropped", "cut", at=AT, day=DAY)
    failed(store, run, "failed", "no", refused={}, at=AT, day=DAY)
    send(store, run, message("sent"))
    resolve(store, "acme", "dropped", "drop", at=AT, day=TOMORROW)

    def beside(day: Any) -> dict[str, str]:
        return {it.id: it.status for it in ended_today(store, "acme", day)}

    waiting = {"doubt": "in-doubt", "failed": "failed", "sending": "approved"}
    assert beside(DAY) == {**waiting, "sent": "sent"}
    assert beside(TOMORROW) == {**waiting, "dropped": "withdrawn"}
    assert beside(TOMORROW + timedelta(days=1)) == waiting


def test_messages_are_found_by_id_and_by_state(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", *(message(f"m{number:04}") for number in range(1200)))
    begin_sending(store, run, "m0003")

    def ids(**more: Any) -> list[str]:
        return [it.message.id for it in messages(store, "acme", **more)]

    assert ids(status=["sending"]) == ["m0003"]
    assert ids(ids=["m0003", "m0001", "unknown"]) == ["m0001", "m0003"]
    assert ids(ids=["m0003", "m0001"], status=["approved"]) == ["m0001"]
    assert ids(ids=[]) == ids(status=[]) == []
    assert len(ids(ids=[f"m{number:04}" for number in range(1200)])) == 1200


def test_a_thread_is_what_was_sent_to_the_customer_under_the_policy(store: Store, run: Claim) -> None:
    for number in range(22):
        at = AT + timedelta(minutes=number)
        send(store, run, message(f"m{number:02}", lines=()), at=at)
    send(store, run, message("other", customer_id="c2", lines=()))
    put_in_outbox(store, "acme", message("approved", lines=()))
    approve(store, "acme", [message("gentle")], policy_name="gentle", domain="acme.example", at=AT, day=DAY)
    begin_sending(store, run, "gentle")
    delivered(store, run, "gentle", accepted=["a@one.example"], refused={}, at=AT, day=DAY)
    expected = [f"<arsync.m{number:02}@acme.example>" for number in (0, *range(3, 22))]
    assert thread(store, "acme", "c1", "standard") == tuple(expected)
    assert thread(store, "acme", "c1", "gentle") == ("<arsync.gentle@acme.example>",)
    assert thread(store, "acme", "c3", "standard") == ()
