"""Notes: each stands once, whatever is lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from xero_book import Desk, Town

from arsync.connector import Note
from arsync.errors import Reconnect, TryLater
from arsync_xero.notes import LONGEST, fitted, key_of

Build = Callable[..., Town]
API = "https://api.xero.com/api.xro/2.0"


def note(target_id: str, number: int, text: str = "", target: str = "customer") -> Note:
    mark = f"[arsync:m-{number}]"
    return Note(
        target=target,  # type: ignore[arg-type]
        target_id=target_id,
        mark=mark,
        text=f"{text or 'First reminder sent'} {mark}",
        key=str(uuid.UUID(int=number)),
    )


def texts(built: Town, target_id: str) -> list[str]:
    return [each.details for each in built.company.history(target_id)]


def test_notes_on_contacts_and_invoices(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    what = built.company.add_invoice(who, "10.00", built.company.today())
    owed = [note(who, 1), note(what, 2, target="invoice")]
    receipts = built.source.write(owed)
    assert [(each.target, each.target_id, each.mark, each.error) for each in receipts] == [
        ("customer", who, "[arsync:m-1]", None),
        ("invoice", what, "[arsync:m-2]", None),
    ]
    assert texts(built, who) == ["First reminder sent [arsync:m-1]"]
    assert texts(built, what) == ["First reminder sent [arsync:m-2]"]
    [put] = built.simulator.calls.to("PUT Contacts/{id}/History")
    assert put.idempotency_key == owed[0].key


def test_several_notes_of_one_document_go_in_one_request_and_only_once(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    built.source.write([note(who, 1)])
    owed = [note(who, 1), note(who, 2), note(who, 3), note(who, 3)]
    for _ in range(2):
        assert [each.error for each in built.source.write(owed)] == [None] * 4
    assert texts(built, who) == [each.text for each in owed[:3]]
    puts = built.simulator.calls.to("PUT Contacts/{id}/History")
    assert len(puts) == 2
    assert puts[1].idempotency_key == key_of(owed[1:3])
    assert len(puts[1].idempotency_key) <= 128


@pytest.mark.parametrize("kind", ["reset-after-commit", "reset-before-commit", "503-html", "429-minute"])
def test_a_lost_reply_leaves_one_note(town: Build, kind: str) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    built.simulator.faults.add(kind, method="PUT")
    assert [each.error for each in built.source.write([note(who, 1)])] == [None]
    assert len(texts(built, who)) == 1
    assert len(built.simulator.calls.to("PUT Contacts/{id}/History")) == 2


def test_a_note_whose_replies_were_all_lost_is_found_by_the_next_run(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    built.simulator.faults.add("reset-after-commit", method="PUT", times=4)
    [receipt] = built.source.write([note(who, 1)])
    assert receipt.error is not None
    assert receipt.retry
    built.simulator.advance(days=1)  # the key is forgotten by then
    [receipt] = built.another_process().write([note(who, 1)])
    assert receipt.error is None
    assert len(texts(built, who)) == 1


def test_a_document_that_is_not_there_needs_a_person(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    receipts = built.source.write([note(str(uuid.UUID(int=9)), 1), note(who, 2)])
    assert [(each.error is None, each.retry) for each in receipts] == [(False, False), (True, False)]


def test_a_note_that_xero_refuses_needs_a_person(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    built.simulator.rules = built.simulator.rules.__class__(note_characters=10)
    [receipt] = built.source.write([note(who, 1)])
    assert not receipt.retry
    assert receipt.error == "Xero refused the request: ValidationException (status 400)"


def test_a_used_up_day_leaves_the_rest_owed(town: Build) -> None:
    built = town()
    who = [built.company.add_contact(f"Customer {number}") for number in range(3)]
    owed = [note(each, number) for number, each in enumerate(who)]
    built.simulator.faults.add("429-day", after=2, times=None)
    receipts = built.source.write(owed)
    assert [(each.error is None, each.retry) for each in receipts] == [
        (True, False),
        (False, True),
        (False, True),
    ]
    assert len(built.simulator.calls.api) == 3
    with pytest.raises(TryLater) as caught:
        built.source.write(owed)
    assert caught.value.at == built.clock() + timedelta(seconds=73_451)
    assert built.desk.sleeps == []


def test_a_document_that_xero_fails_on_does_not_hold_up_the_others(town: Build) -> None:
    built = town()
    who = [built.company.add_contact(f"Customer {number}") for number in range(3)]
    built.simulator.faults.add("500", path_regex=who[0], times=None)
    receipts = built.source.write([note(each, number) for number, each in enumerate(who)])
    assert [(each.error is None, each.retry) for each in receipts] == [
        (False, True),
        (True, False),
        (True, False),
    ]


def test_a_service_that_is_down_is_not_asked_for_every_document(town: Build) -> None:
    built = town()
    who = [built.company.add_contact(f"Customer {number}") for number in range(9)]
    built.simulator.faults.add("503-html", times=None)
    receipts = built.source.write([note(each, number) for number, each in enumerate(who)])
    assert all(each.retry for each in receipts)
    assert len(receipts) == 9
    assert len(built.simulator.calls.api) == 3 * 4


def test_a_failure_that_is_kept_under_the_key_is_not_asked_for_again(town: Build) -> None:
    """Xero would repeat it for six minutes; the next run looks first, and writes once they are over."""
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    built.simulator.faults.add("500", method="PUT")
    for _ in range(2):
        [receipt] = built.source.write([note(who, 1)])
        assert (receipt.error is not None, receipt.retry) == (True, True)
    assert len(built.simulator.calls.to("PUT Contacts/{id}/History")) == 2
    assert built.desk.sleeps == []
    built.simulator.advance(seconds=361)
    [receipt] = built.source.write([note(who, 1)])
    assert receipt.error is None
    assert len(texts(built, who)) == 1


def test_a_missing_permission_to_write_asks_for_a_new_consent(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    grant = built.simulator.grant(["offline_access", "accounting.contacts.read"])
    pair = built.desk.store.pair
    built.desk.store.pair = type(pair)(
        access=str(grant["access_token"]), refresh=None, expires_at=pair.expires_at
    )
    with pytest.raises(Reconnect, match="scope"):
        built.source.write([note(who, 1)])
    assert texts(built, who) == []


def test_a_history_that_is_none_is_not_taken_for_an_empty_one(wire: Desk) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/Contacts/c-1/History", json={"Status": "OK"})
        [receipt] = wire.source.write([note("c-1", 1)])
    assert receipt.error is not None
    assert receipt.retry


@given(st.text(max_size=6000))
def test_a_long_note_keeps_its_mark(text: str) -> None:
    owed = note("c-1", 1, text)
    written = fitted(owed)
    assert len(written) <= LONGEST
    assert owed.mark in written
    assert written == owed.text or len(owed.text) > LONGEST
