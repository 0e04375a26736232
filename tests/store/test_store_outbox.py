"""Every way a message may go, and that no other is open to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from store_samples import (
    AT,
    DAY,
    begin_sending,
    claimed_anew,
    line,
    message,
    note,
    put_in_outbox,
    send,
)  # fmt: skip

from arsync.errors import ArsyncError, Conflict, FixSettings, LostLease
from arsync.store import Claim, Store
from arsync.store.delivery import back_to_approved, delivered, failed, in_doubt, resolve
from arsync.store.messages import OutboxMessage, messages
from arsync.store.notes import owed
from arsync.store.outbox import approve, hand_over, lapse, replace_approved, withdrawn
from arsync.store.story import events

LATER = AT + timedelta(hours=1)
TOMORROW = DAY + timedelta(days=1)


def only(store: Store) -> OutboxMessage:
    [found] = messages(store, "acme")
    return found


def steps(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT invoice_id, step, step_offset, on_day, how, source FROM steps_taken")


def story(store: Store) -> list[str]:
    return [it.what for it in events(store, "acme")]


WAYS: dict[str, Callable[[Store, Claim], object]] = {
    "replace": lambda store, run: replace_approved(store, run, "m1", message("m1", total=1)),
    "lapse": lambda store, run: lapse(store, run, "m1", "grew", at=AT, day=DAY),
    "withdraw": lambda store, run: withdrawn(store, run, "m1", "paid", at=AT, day=DAY),
    "hand over": begin_sending,
    "delivered": lambda store, run: delivered(
        store, run, "m1", accepted=["ap@one.example"], refused={}, at=AT, day=DAY, notes=[note()]
    ),
    "put back": lambda store, run: back_to_approved(store, run, "m1", "greylisted", at=AT, day=DAY),
    "fail": lambda store, run: failed(store, run, "m1", "refused", refused={}, at=AT, day=DAY),
    "doubt": lambda store, run: in_doubt(store, run, "m1", "cut", at=AT, day=DAY),
    "resolve sent": lambda store, run: resolve(store, "acme", "m1", "sent", at=AT, day=DAY),
    "resolve not-sent": lambda store, run: resolve(store, "acme", "m1", "not-sent", at=AT, day=DAY),
    "resolve drop": lambda store, run: resolve(store, "acme", "m1", "drop", at=AT, day=DAY),
}
HOW_TO_COME_TO = {
    "approved": [],
    "sending": ["hand over"],
    "sent": ["hand over", "delivered"],
    "in-doubt": ["hand over", "doubt"],
    "failed": ["hand over", "fail"],
    "withdrawn": ["withdraw"],
}
ALLOWED = {
    ("approved", "replace"): "approved",
    ("approved", "lapse"): None,
    ("approved", "withdraw"): "withdrawn",
    ("approved", "hand over"): "sending",
    ("sending", "delivered"): "sent",
    ("sending", "put back"): "approved",
    ("sending", "fail"): "failed",
    ("sending", "doubt"): "in-doubt",
    ("in-doubt", "resolve sent"): "sent",
    ("in-doubt", "resolve not-sent"): "approved",
    ("in-doubt", "resolve drop"): "withdrawn",
    ("failed", "resolve sent"): "sent",
    ("failed", "resolve not-sent"): "approved",
    ("failed", "resolve drop"): "withdrawn",
}


def come_to(store: Store, run: Claim, status: str) -> None:
    put_in_outbox(store, "acme", message())
    for way in HOW_TO_COME_TO[status]:
        WAYS[way](store, run)
    assert only(store).status == status


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("status", HOW_TO_COME_TO)
def test_every_way_begins_where_it_may_and_nowhere_else(
    store: Store, run: Claim, status: str, way: str
) -> None:
    come_to(store, run, status)
    before = (messages(store, "acme"), steps(store), story(store), owed(store, "acme"))
    if (status, way) in ALLOWED:
        WAYS[way](store, run)
        assert [it.status for it in messages(store, "acme")] == [
            it for it in [ALLOWED[status, way]] if it is not None
        ]
    else:
        with pytest.raises(FixSettings if way.startswith("resolve") else Conflict, match="m1"):
            WAYS[way](store, run)
        assert (messages(store, "acme"), steps(store), story(store), owed(store, "acme")) == before


@pytest.mark.parametrize("way", [way for way in WAYS if not way.startswith("resolve")])
def test_a_run_that_lost_its_book_changes_no_message(store: Store, run: Claim, way: str) -> None:
    put_in_outbox(store, "acme", message())
    if way in ("delivered", "put back", "fail", "doubt"):
        begin_sending(store, run)
    claimed_anew(store, run)
    before = messages(store, "acme")
    with pytest.raises(LostLease):
        WAYS[way](store, run)
    with pytest.raises(LostLease):
        approve(store, "acme", [message("m2")], policy_name="p", domain="d", at=AT, day=DAY, claim=run)
    assert messages(store, "acme") == before


@pytest.mark.parametrize("way", WAYS)
def test_a_message_nobody_knows_is_said(store: Store, run: Claim, way: str) -> None:
    with pytest.raises(ArsyncError, match="m1"):
        WAYS[way](store, run)
    assert steps(store) == []
    assert story(store) == []


def test_an_approved_message_is_kept_whole(store: Store) -> None:
    put_in_outbox(store, "acme", message())
    kept = only(store)
    assert kept.message == msgspec.structs.replace(message(), status="approved")
    assert (kept.message_id, kept.policy, kept.approved_at) == ("<arsync.m1@acme.example>", "standard", AT)
    assert (kept.ended_on, kept.attempts, kept.fence) == (None, 0, 0)
    assert story(store) == ["approved"]


def test_approving_again_changes_nothing(store: Store) -> None:
    put_in_outbox(store, "acme", message())
    again = approve(
        store,
        "acme",
        [message(total=1), message("m2")],
        policy_name="other",
        domain="other.example",
        at=LATER,
        day=DAY,
    )
    assert again == ("m2",)
    first, second = messages(store, "acme")
    assert (first.message.total, first.message_id) == (20000, "<arsync.m1@acme.example>")
    assert (second.message_id, second.policy) == ("<arsync.m2@other.example>", "other")
    assert story(store) == ["approved", "approved"]


@pytest.mark.parametrize("status", ["sending", "sent", "in-doubt", "failed"])
def test_approving_what_was_handed_over_never_sends_it_again(store: Store, run: Claim, status: str) -> None:
    come_to(store, run, status)
    put_in_outbox(store, "acme", message(total=1))
    assert (only(store).status, only(store).message.total) == (status, 20000)


def test_a_withdrawn_message_is_revived_under_its_message_id(store: Store, run: Claim) -> None:
    come_to(store, run, "withdrawn")
    assert (only(store).message.reason, only(store).ended_on) == ("paid", DAY)
    fewer = message(lines=(line("i9"),), total=1, to=("new@one.example",), bcc=("now@one.example",))
    revived = approve(
        store, "acme", [fewer], policy_name="standard", domain="moved.example", at=LATER, day=TOMORROW
    )
    assert revived == ("m1",)
    kept = only(store)
    assert kept.message == msgspec.structs.replace(fewer, status="approved")
    assert (kept.message_id, kept.ended_on) == ("<arsync.m1@acme.example>", None)


def test_what_was_read_again_takes_the_place_of_what_was_approved(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    less = message(
        "m9", lines=(line("i1"),), total=10000, unapplied=0, to=("new@one.example",), cc=(), bcc=()
    )
    replace_approved(store, run, "m1", less)
    kept = only(store)
    assert kept.message == msgspec.structs.replace(less, id="m1", status="approved")
    assert kept.message_id == "<arsync.m1@acme.example>"


def test_a_lapsed_message_leaves_and_the_invoices_tell(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    lapse(store, run, "m1", "an invoice was added", at=AT, day=DAY)
    assert store.rows("SELECT * FROM message_lines") == []
    last = events(store, "acme")[-1]
    assert (last.what, last.invoice_id, last.source) == ("lapsed", "i1", "m1")
    assert (last.customer_id, last.detail) == ("c1", "an invoice was added")


def test_what_is_handed_over_is_on_record_before_the_first_byte(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    begin_sending(store, run)
    kept = only(store)
    assert (kept.status, kept.fence, kept.attempts, kept.ended_on) == ("sending", run.fence, 1, DAY)
    assert (kept.subject, kept.body, kept.proof) == ("Reminder", "Dear customer", "read again")
    assert kept.message.status == "approved"
    assert steps(store) == []


def test_delivery_takes_the_steps_and_owes_the_notes(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    begin_sending(store, run)
    delivered(
        store,
        run,
        "m1",
        accepted=["ap@one.example"],
        refused={"owner@one.example": "550 no such user\nhere"},
        at=LATER,
        day=DAY,
        notes=[note(), note(target="customer", target_id="c1", key="other")],
    )
    kept = only(store)
    assert (kept.accepted, kept.refused) == (
        ("ap@one.example",),
        ("owner@one.example: 550 no such user here",),
    )
    assert (kept.ended_at, kept.ended_on) == (LATER, DAY)
    assert steps(store) == [("i1", "first reminder", 1, "2026-03-02", "message", "m1")]
    assert [it.target for it in owed(store, "acme")] == ["customer", "invoice"]
    assert story(store) == ["approved", "sent"]


def test_a_step_is_taken_once(store: Store, run: Claim) -> None:
    send(store, run, message("m1"))
    send(store, run, message("m2"), day=TOMORROW)
    assert steps(store) == [("i1", "first reminder", 1, "2026-03-02", "message", "m1")]


def test_a_temporary_refusal_leaves_it_approved_for_another_attempt(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    begin_sending(store, run)
    back_to_approved(store, run, "m1", "451 try later", at=AT, day=DAY)
    kept = only(store)
    assert (kept.status, kept.message.reason, kept.ended_on) == ("approved", "451 try later", None)
    begin_sending(store, run)
    assert (only(store).attempts, only(store).message.reason) == (2, "")


def test_only_the_run_that_hands_over_may_tell_the_end(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    begin_sending(store, run)
    with store.writing() as conn:
        conn.execute("UPDATE messages SET fence = fence - 1")
    with pytest.raises(Conflict, match="being sent by this run"):
        WAYS["delivered"](store, run)


@pytest.mark.parametrize(
    ("verdict", "status", "on_day", "taken", "notes"),
    [
        ("sent", "sent", DAY, [("i1", "first reminder", 1, "2026-03-02", "message", "m1")], 1),
        ("not-sent", "approved", None, [], 0),
        ("drop", "withdrawn", TOMORROW, [("i1", "first reminder", 1, "2026-03-03", "dropped", "m1")], 0),
    ],
)
def test_a_person_settles_what_is_in_doubt(
    store: Store, run: Claim, verdict: Any, status: str, on_day: Any, taken: Any, notes: int
) -> None:
    come_to(store, run, "in-doubt")
    resolve(store, "acme", "m1", verdict, at=LATER, day=TOMORROW, notes=[note()])
    kept = only(store)
    assert (kept.status, kept.ended_on) == (status, on_day)
    assert steps(store) == taken
    assert len(owed(store, "acme")) == notes
    last = events(store, "acme")[-1]
    assert (last.what, last.detail, last.day) == ("resolved", verdict, TOMORROW)


def test_a_person_is_told_what_may_be_settled(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    with pytest.raises(FixSettings, match="m1 is approved; only one that is in doubt or failed"):
        resolve(store, "acme", "m1", "sent", at=AT, day=DAY)
    begin_sending(store, run)
    with pytest.raises(FixSettings, match="m1 is being sent right now"):
        resolve(store, "acme", "m1", "sent", at=AT, day=DAY)


def test_a_message_is_handed_over_by_one_run_alone(store: Store, run: Claim) -> None:
    put_in_outbox(store, "acme", message())
    begin_sending(store, run)
    with pytest.raises(Conflict, match="not approved any more"):
        hand_over(store, run, "m1", subject="", body="", proof="", at=AT, day=DAY)
    assert only(store).attempts == 1
