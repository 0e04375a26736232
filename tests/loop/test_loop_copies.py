"""Bcc: who stands there gets the mail, and nobody learns of it from the mail or from a note."""

from __future__ import annotations

from typing import Any

import pytest
from loop_desk import Desk
from loop_ledgers import QuickBooks

FILE = "file@acme.example"


@pytest.fixture
def approved(desk: Desk, quickbooks: QuickBooks) -> dict[str, Any]:
    """A message to Lumen Yoga with a Cc and a Bcc."""
    lumen = quickbooks.customer("Lumen Yoga", "pay@lumen.example")
    quickbooks.invoice(lumen, "120.00", number="1001", cc="boss@lumen.example", bcc=FILE)
    desk.ok("sync")
    return desk.approved()


def test_it_gets_the_mail_and_nobody_learns_of_it(
    desk: Desk, quickbooks: QuickBooks, approved: dict[str, Any]
) -> None:
    assert (approved["to"], approved["cc"], approved["bcc"]) == (
        ["pay@lumen.example"],
        ["boss@lumen.example"],
        [FILE],
    )
    assert "to pay@lumen.example, boss@lumen.example; bcc file@acme.example" in desk.ok("plan").out
    assert "boss@lumen.example; bcc file@acme.example" in desk.ok("run").out
    copies = {to: caught for caught in desk.catcher.messages for to in caught.rcpt_tos}
    assert copies.keys() == {"pay@lumen.example", "boss@lumen.example", FILE}
    for caught in copies.values():
        assert b"file@" not in caught.raw
        assert "bcc" not in {name.lower() for name, _ in caught.headers()}
        assert (caught.header("To"), caught.header("Cc")) == ("pay@lumen.example", "boss@lumen.example")
    [note] = quickbooks.notes("1001", "1")[0]
    assert "pay@lumen.example" in note
    assert "boss@lumen.example" in note
    assert FILE not in note
    assert FILE not in desk.rows("SELECT text FROM notes")[0][0]


def test_a_refused_one_is_reported(desk: Desk, approved: dict[str, Any]) -> None:
    desk.catcher.refuse(FILE)
    typed = desk.gives(1, "send")
    assert FILE in typed.err
    assert "No such mailbox" in typed.err
    assert desk.message()["status"] == "sent"
    assert desk.catcher.messages[0].rcpt_tos == ("pay@lumen.example", "boss@lumen.example")


def test_it_does_not_leave_for_the_copy_alone(desk: Desk, approved: dict[str, Any]) -> None:
    desk.catcher.refuse("*@lumen.example")
    desk.gives(1, "send")
    assert desk.mail == []
    assert desk.message()["status"] == "failed"
    assert desk.rows("SELECT * FROM steps_taken") == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"bcc": f"{FILE}, new@acme.example"}, "the addressee new@acme.example was added"),
        ({"cc": FILE, "bcc": None}, f"the addressee {FILE} would not be hidden"),
    ],
)
def test_a_copy_that_was_added_needs_an_approval(
    desk: Desk, quickbooks: QuickBooks, approved: dict[str, Any], fields: dict[str, Any], why: str
) -> None:
    quickbooks.company.edit_invoice("1001", **fields)
    assert why in desk.ok("send").out
    assert desk.mail == []
    assert desk.message()["status"] == "planned"


def test_one_that_was_taken_away_gets_nothing(
    desk: Desk, quickbooks: QuickBooks, approved: dict[str, Any]
) -> None:
    quickbooks.company.edit_invoice("1001", bcc=None)
    desk.ok("send")
    assert desk.catcher.messages[0].rcpt_tos == ("pay@lumen.example", "boss@lumen.example")
    assert desk.message()["bcc"] == []


def test_a_copy_alone_is_no_address(desk: Desk, quickbooks: QuickBooks) -> None:
    quickbooks.invoice(quickbooks.customer("Lumen Yoga", None), "120.00", number="1001", bcc=FILE)
    desk.ok("sync")
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "no-address"


def test_nobody_is_named_twice(desk: Desk, quickbooks: QuickBooks) -> None:
    lumen = quickbooks.customer("Lumen Yoga", "pay@lumen.example")
    quickbooks.invoice(
        lumen, "120.00", number="1001", cc="boss@lumen.example", bcc="PAY@lumen.example, Boss@lumen.example"
    )
    desk.ok("sync")
    assert desk.approved()["bcc"] == []
    desk.ok("send")
    assert desk.catcher.messages[0].rcpt_tos == ("pay@lumen.example", "boss@lumen.example")
