"""Notes go at least once, and are owed until somebody says that they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from store_samples import AT, DAY, claimed_anew, message, note, send

from arsync.connector.protocol import Receipt
from arsync.errors import BrokenConnector, LostLease
from arsync.store import Claim, Store
from arsync.store.notes import give_back, owed, receipts, take
from arsync.store.story import events
from arsync.writing.note import mark

ON_CUSTOMER = {"target": "customer", "target_id": "c1", "key": "key of the customer's"}


def receipt(**more: Any) -> Receipt:
    return Receipt(**{"target": "invoice", "target_id": "i1", "mark": "[arsync:m1]", **more})


def settle(store: Store, run: Claim, *told: Receipt) -> None:
    receipts(store, run, told, at=AT, day=DAY)


def rows(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT target, status, reason, written_at FROM notes ORDER BY target")


@pytest.fixture
def owing(store: Store, run: Claim) -> Store:
    """A store that owes two notes of one message."""
    send(store, run, message("m1"), notes=[note("m1"), note("m1", **ON_CUSTOMER)])
    return store


def test_notes_are_owed_as_they_were_given_oldest_first(owing: Store, run: Claim) -> None:
    send(owing, run, message("a0"), notes=[note("a0")], at=AT + timedelta(seconds=1))
    assert owed(owing, "acme") == [note("m1", **ON_CUSTOMER), note("m1"), note("a0")]
    assert mark("m1") == note("m1").mark


def test_a_note_that_is_written_is_not_owed(owing: Store, run: Claim) -> None:
    take(owing, run, owed(owing, "acme"))
    assert owed(owing, "acme") == []
    settle(owing, run, receipt())
    assert rows(owing) == [
        ("customer", "writing", "", None),
        ("invoice", "written", "", "2026-03-02T09:00:00Z"),
    ]
    last = events(owing, "acme")[-1]
    assert (last.what, last.source, last.customer_id, last.invoice_id) == ("note", "m1", "c1", "i1")


def test_a_note_that_could_not_be_written_now_is_owed_and_one_that_never_can_fails(
    owing: Store, run: Claim
) -> None:
    take(owing, run, owed(owing, "acme"))
    again = receipt(target="customer", target_id="c1", error="throttled", retry=True)
    settle(owing, run, again, receipt(error="the invoice is locked"))
    assert rows(owing) == [
        ("customer", "owed", "throttled", None),
        ("invoice", "failed", "the invoice is locked", None),
    ]
    assert owed(owing, "acme") == [note("m1", **ON_CUSTOMER)]
    assert [(it.what, it.detail) for it in events(owing, "acme")][2:] == [
        ("note-failed", "the invoice is locked")
    ]


def test_notes_without_a_receipt_are_given_back(owing: Store, run: Claim) -> None:
    take(owing, run, owed(owing, "acme"))
    settle(owing, run, receipt())
    give_back(owing, run)
    assert owed(owing, "acme") == [note("m1", **ON_CUSTOMER)]


@pytest.mark.parametrize("which", [{}, {"target_id": "i9"}, {"mark": "[arsync:m9]"}])
def test_a_receipt_for_what_nobody_asked_breaks_the_contract(
    owing: Store, run: Claim, which: dict[str, Any]
) -> None:
    if which:
        take(owing, run, owed(owing, "acme"))
    with pytest.raises(BrokenConnector, match="nobody asked for"):
        settle(owing, run, receipt(**which))


def test_a_note_that_was_owed_before_keeps_its_key(owing: Store, run: Claim) -> None:
    send(owing, run, message("m2"), notes=[note("m2"), note("m2", key="another")])
    assert [it.key for it in owed(owing, "acme") if it.mark == "[arsync:m2]"] == [note().key]


def test_a_run_that_lost_its_book_settles_nothing(owing: Store, run: Claim) -> None:
    take(owing, run, owed(owing, "acme"))
    anew = claimed_anew(owing, run)
    for act in (lambda: settle(owing, run, receipt()), lambda: give_back(owing, run)):
        with pytest.raises(LostLease):
            act()
    assert len(owed(owing, "acme")) == 2
    take(owing, anew, owed(owing, "acme"))
    settle(owing, anew, receipt())
    assert rows(owing)[1][1] == "written"
