"""`opt-out`, `complaint` and the rest after a conversation: who is left alone, and for how long."""

from __future__ import annotations

import pytest
from loop_calls import POLICY, calling, kept, tasks
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks


@pytest.fixture
def owing(desk: Desk, quickbooks: QuickBooks) -> str:
    return calling(desk, quickbooks)


def test_one_who_wants_no_calls_is_not_called(desk: Desk, owing: str) -> None:
    desk.ok("opt-out", "acme", "Lumen Yoga", "call", "--note", "by letter only")
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "opted-out"
    before = kept(desk)
    assert "wants no calls" in desk.gives(2, "call", "acme", "Lumen Yoga").err
    assert kept(desk) == before
    desk.ok("opt-out", "acme", "Lumen Yoga", "call", "--back")
    assert tasks(desk) == ["first call"]
    assert "has not opted out" in desk.gives(2, "opt-out", "acme", "Lumen Yoga", "call", "--back").err


def test_after_a_conversation_comes_a_rest(desk: Desk, quickbooks: QuickBooks) -> None:
    """Spoken to on Monday, 30 November: with a rest of 7 days, the next call is possible on 7 December."""
    task = calling(
        desk, quickbooks, POLICY.replace("min_gap_days = 3", "min_gap_days = 3\ncall_rest_days = 7")
    )
    desk.ok("call", "acme", task, "--outcome", "no-answer")
    desk.ok("call", "acme", task, "--outcome", "reached")
    desk.now.go(days=6)
    before = kept(desk)
    assert "the last conversation was on 2026-11-30" in desk.gives(2, "call", "acme", "Lumen Yoga").err
    assert kept(desk) == before
    desk.now.go(days=1)
    desk.ok("call", "acme", "Lumen Yoga")


def test_a_call_that_should_not_have_been_made_is_written_down(desk: Desk, quickbooks: QuickBooks) -> None:
    """Spoken to on Monday, 30 November, and called again on Friday within the rest of 7 days, by one who
    wants no calls at all: it is told, it is a contact like any other, and the rest counts from Friday."""
    task = calling(
        desk, quickbooks, POLICY.replace("min_gap_days = 3", "min_gap_days = 3\ncall_rest_days = 7")
    )
    assert "counts" not in desk.ok("call", "acme", task, "--outcome", "reached").err
    desk.now.go(days=4)
    again = desk.ok("call", "acme", "Lumen Yoga", "--outcome", "reached")
    assert "the last conversation was on 2026-11-30" in again.err
    assert "as it was made, it counts" in again.err
    desk.ok("opt-out", "acme", "Lumen Yoga", "call")
    third = desk.ok("call", "acme", "Lumen Yoga", "--outcome", "no-answer")
    assert "Lumen Yoga wants no calls; as it was made, it counts" in third.err
    assert [on for (on,) in desk.rows("SELECT on_day FROM contacts ORDER BY seq")] == [
        "2026-11-30", "2026-12-04", "2026-12-04",
    ]  # fmt: skip
    desk.ok("opt-out", "acme", "Lumen Yoga", "call", "--back")
    desk.now.go(days=6)
    assert "the last conversation was on 2026-12-04" in desk.gives(2, "call", "acme", "Lumen Yoga").err


def test_one_who_calls_us_is_heard_and_counts_for_nothing(desk: Desk, quickbooks: QuickBooks) -> None:
    """It stands in the story and does what it says, and is no contact of ours."""
    task = calling(
        desk, quickbooks, POLICY.replace("min_gap_days = 3", "min_gap_days = 3\ncall_rest_days = 7")
    )
    desk.ok("opt-out", "acme", "Lumen Yoga", "call")
    desk.ok("call", "acme", "Lumen Yoga", "--incoming")
    desk.ok(
        "call", "acme", "Lumen Yoga", "--incoming", "--outcome", "promised", "--until", "2026-12-04",
        "--note", "rang back",
    )  # fmt: skip
    assert desk.rows("SELECT count(*) FROM contacts") == [(0,)]
    assert desk.rows("SELECT reason FROM holds") == [("promised",)]
    [called] = [each for each in desk.ok("explain", "acme", "Lumen Yoga", "--json").json["events"]
                if each["what"] == "called"]  # fmt: skip
    assert "the customer called; promised; rang back" in called["detail"]
    assert task


def test_a_complaint_holds_the_customer_until_it_is_settled(desk: Desk, owing: str) -> None:
    typed = desk.ok("complaint", "acme", "1001", "--note", "rude on the phone", "--owner", "anna")
    assert "arsync release acme" in typed.out
    plan = desk.plan()
    assert (plan["messages"], plan["tasks"]) == ([], [])
    assert {(each["reason"], each["owner"]) for each in plan["holds"]} == {("complaint", "anna")}
    assert {it["number"] for each in plan["holds"] for it in each["invoices"]} == {"1001", "1002"}
    told = desk.ok("explain", "acme", "1001", "--json").json["events"]
    assert [each["detail"] for each in told if each["what"] == "complaint"] == [
        "rude on the phone; anna deals with it"
    ]
    desk.ok("release", "acme", "Lumen Yoga")
    assert tasks(desk) == ["first call"]
    told = desk.ok("explain", "acme", "Lumen Yoga", "--json").json["events"]
    assert [each["what"] for each in told][-3:] == ["complaint", "held", "released"]


def test_a_complaint_needs_words_and_somebody(desk: Desk, owing: str) -> None:
    before = kept(desk)
    assert "--note" in desk.gives(2, "complaint", "acme", "1001").err
    assert "no invoice or customer" in desk.gives(2, "complaint", "acme", "9999", "--note", "x").err
    assert kept(desk) == before


@on_one_vendor
def test_one_who_wants_no_messages_gets_none(desk: Desk, ledger: Ledger) -> None:
    desk.policy(POLICY)
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.ok("opt-out", "acme", "Lumen Yoga", "message")
    desk.ok("send")
    assert desk.mail == []
    [hold] = desk.plan()["holds"]
    assert hold["reason"] == "opted-out"
    assert "is an invoice" in desk.gives(2, "opt-out", "acme", "1001", "letter").err


@pytest.mark.parametrize(("profile", "told"), [("consumer", 1), ("sole-trader", 1), ("company", 0)])
def test_a_natural_person_is_told_how_to_hear_no_more(
    desk: Desk, quickbooks: QuickBooks, profile: str, told: int
) -> None:
    desk.policy(f'profile = "{profile}"\n{POLICY}')
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.now.go(minutes=120)
    desk.ok("sync")
    desk.approved()
    desk.ok("send")
    assert desk.text().count("do not want to hear from us by e-mail") == told
