"""The hours of the customer: a message that is ready at another hour waits for them, approved."""

from __future__ import annotations

from datetime import UTC, datetime

from loop_desk import POLICY, Desk, on_one_vendor
from loop_ledgers import Ledger

HOURS = f'hours = "09:00-17:00"\n{POLICY}\n[customers."Lumen Yoga"]\ntimezone = "America/New_York"\n'


def ready(desk: Desk, ledger: Ledger, *, sending: str = "approve") -> None:
    """On Monday at 8:00 in London, 3:00 in New York, a reminder to Lumen Yoga is ready."""
    desk.policy(HOURS)
    ledger.write(sending=sending, zone="Europe/London")
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")


@on_one_vendor
def test_it_waits_for_the_morning_there(desk: Desk, ledger: Ledger) -> None:
    """Nobody is needed: the exit status is 0. From 9:00 there, 14:00 here, it leaves."""
    ready(desk, ledger)
    message = desk.approved()
    for _ in range(2):
        typed = desk.ok("send")
        assert (
            f"{message['id']} (first reminder, Lumen Yoga, 120.00 {ledger.currency}) waits until" in typed.err
        )
        assert "waits until 09:00 in America/New_York; it stays approved" in typed.err
        assert "0 messages sent" in typed.out
    assert desk.message()["status"] == "approved"
    assert desk.rows("SELECT count(*) FROM steps_taken") == [(0,)]
    [report] = desk.ok("send", "--json").json
    assert report["later"] == [{"id": message["id"], "until": "2026-11-23T09:00:00-05:00"}]
    assert report["waiting"] == []
    desk.now.at = datetime(2026, 11, 23, 13, 59, 59, tzinfo=UTC)
    desk.ok("send")
    assert desk.mail == []
    desk.now.at = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert f"sent {message['id']}" in desk.ok("send").out
    assert len(desk.mail) == 1


@on_one_vendor
def test_after_the_last_hour_it_waits_for_the_next_open_day(desk: Desk, ledger: Ledger) -> None:
    """Friday, 27 November, 22:30 here is 17:30 there: the next hours begin on Monday."""
    desk.now.at = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
    ready(desk, ledger)
    desk.approved()
    assert "waits until 09:00 on Monday, 30 November in America/New_York" in desk.ok("send").err


@on_one_vendor
def test_a_book_that_sends_by_itself_waits_as_well(desk: Desk, ledger: Ledger) -> None:
    """What changes meanwhile is read again when it leaves: it is never sent as it was in the morning."""
    ready(desk, ledger, sending="automatic")
    assert "waits until 09:00" in desk.ok("run").err
    assert desk.message()["status"] == "approved"
    ledger.pay("1001", "20.00")
    desk.now.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    desk.ok("run")
    assert "100.00" in desk.text()
    assert desk.rows("SELECT on_day FROM steps_taken") == [("2026-11-23",)]


@on_one_vendor
def test_each_customer_has_its_own_hours(desk: Desk, ledger: Ledger) -> None:
    """At 9:30 in London the one there is written to, the one in New York waits."""
    ready(desk, ledger)
    ledger.invoice(ledger.customer("Thames Boats", "ap@thames.example"), "50.00", number="2001")
    desk.ok("sync")
    desk.now.go(minutes=90)
    desk.ok("approve", "acme", "--all")
    typed = desk.ok("send")
    assert [str(mail["To"]) for mail in desk.mail] == ["ap@thames.example"]
    assert "waits until 09:00 in America/New_York" in typed.err


@on_one_vendor
def test_a_cap_that_another_run_filled_this_moment_keeps_the_message_approved(
    desk: Desk, ledger: Ledger
) -> None:
    """A run past midnight has logged a call, which counts for the run that began before it. The message
    stays approved, nobody is needed, and it is not in the story that it was on its way."""
    desk.policy(f'caps = ["1 in 7 days"]\n{POLICY}')
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    message = desk.approved()
    desk.now.go(days=1)
    desk.ok("call", "acme", "Lumen Yoga", "--outcome", "no-answer")
    desk.now.go(days=-1)
    typed = desk.ok("send")
    assert f"not sent {message['id']}" in typed.err
    assert "at most 1 contact in 7 days" in typed.err
    [report] = desk.ok("send", "--json").json
    assert [each["id"] for each in report["capped"]] == [message["id"]]
    assert desk.mail == []
    assert desk.rows("SELECT status, attempts FROM messages") == [("approved", 0)]
    desk.now.go(days=8)  # the seven days with the call in them are over; it is a Tuesday
    desk.ok("send")
    assert len(desk.mail) == 1
