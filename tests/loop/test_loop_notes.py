"""Rule 9: the note goes back once, says what was sent, and leaves alone what people wrote."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks, Xero

WRITING = {"quickbooks": "/batch", "xero": "/History"}


def send_one(desk: Desk, ledger: Ledger) -> str:
    """A first reminder about 1001 over 120.00 was sent to one address; the message's id."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    message = desk.approved()
    desk.ok("send")
    found: str = message["id"]
    return found


def noted(ledger: Ledger, message: str) -> tuple[int, int]:
    """How many notes of the message stand on the invoice and on the customer."""
    places = ledger.notes("1001", _customer(ledger))
    mark = f"[arsync:{message}]"
    on_invoice, on_customer = (sum(mark in line for line in lines) for lines in places)
    return on_invoice, on_customer


def _customer(ledger: Ledger) -> str:
    return "1" if isinstance(ledger, QuickBooks) else "Lumen Yoga"


@pytest.mark.parametrize(
    ("where", "expected"), [("invoice", (1, 0)), ("customer", (0, 1)), ("both", (1, 1)), ("none", (0, 0))]
)
def test_notes_go_where_the_practice_file_says(
    desk: Desk, ledger: Ledger, where: str, expected: tuple[int, int]
) -> None:
    ledger.write(extra=f'notes = "{where}"\n')
    message = send_one(desk, ledger)
    assert noted(ledger, message) == (0, 0)  # `send` delivers, `note` writes
    desk.ok("note")
    assert noted(ledger, message) == expected
    calls = ledger.calls()
    desk.ok("note")
    assert noted(ledger, message) == expected
    assert ledger.calls() == calls  # nothing is owed, nothing is asked


def test_default_places(desk: Desk, ledger: Ledger) -> None:
    """QuickBooks on the invoice, Xero on the customer."""
    message = send_one(desk, ledger)
    desk.ok("run")
    assert noted(ledger, message) == ((1, 0) if ledger.connector == "quickbooks" else (0, 1))


def test_what_a_note_says(desk: Desk, ledger: Ledger) -> None:
    """Date, step, addressee, invoices and amounts, the mark; amounts as they were when it left."""
    ledger.write(extra='notes = "both"\n')
    message = send_one(desk, ledger)
    desk.now.go(days=1)
    desk.ok("note")
    for [line] in ledger.notes("1001", _customer(ledger)):
        for word in ("2026-11-23", "first reminder", "pay@lumen.example", "1001", "120.00", ledger.currency):
            assert word in line
        assert line.endswith(f"[arsync:{message}]")


@on_one_vendor
def test_each_invoice_of_a_message_has_its_note(desk: Desk, ledger: Ledger) -> None:
    ledger.write(extra='notes = "invoice"\n')
    ledger.invoice("1" if ledger.customer("Lumen Yoga") == "1" else "Lumen Yoga", "80.00", number="1002")
    ledger.invoice(_customer(ledger), "120.00", number="1001")
    desk.ok("sync")
    message = desk.approved()
    desk.ok("run")
    for number in ("1001", "1002"):
        [line] = ledger.notes(number, _customer(ledger))[0]
        assert message["id"] in line
        assert "200.00" in line  # the message's total


def test_what_people_wrote_stays(desk: Desk, quickbooks: QuickBooks) -> None:
    """On the invoice and on the customer, to the letter, also what is written between two notes."""
    quickbooks.write(extra='notes = "both"\n')
    customer = quickbooks.customer("Lumen Yoga", notes="Pays late in summer.\n  - Kim, “AP”")
    quickbooks.invoice(customer, "120.00", number="1001", note="Ship to back door\n\n[arsync: not ours]")
    desk.ok("sync")
    desk.approved()
    desk.ok("run")
    on_invoice, on_customer = quickbooks.notes("1001", customer)
    assert on_invoice[:3] == ["Ship to back door", "", "[arsync: not ours]"]
    assert on_customer[:2] == ["Pays late in summer.", "  - Kim, “AP”"]
    assert (len(on_invoice), len(on_customer)) == (4, 3)
    quickbooks.company.annotate("1001", "\n".join([*on_invoice, "Dana called back"]))
    desk.now.go(days=8)
    desk.ok("sync")
    desk.approved()
    desk.ok("run")
    again, _ = quickbooks.notes("1001", customer)
    assert again[:5] == [*on_invoice, "Dana called back"]
    assert len(again) == 6


def test_other_fields_of_the_record_stay(desk: Desk, quickbooks: QuickBooks) -> None:
    """A note is a sparse update: nothing of the invoice changes but its note and its version."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001", memo="Thank you")
    quickbooks.pay("1001", "20.00")
    before = dict(next(iter(quickbooks.company.invoices.values())))
    desk.ok("sync")
    desk.approved()
    desk.ok("run")
    after = dict(next(iter(quickbooks.company.invoices.values())))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed <= {"PrivateNote", "SyncToken", "MetaData"}
    assert "PrivateNote" in changed


def test_no_room_for_a_note(desk: Desk, quickbooks: QuickBooks) -> None:
    """4,000 characters of people's own words: they stay, and a person is told."""
    text = "x" * 3990
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001", note=text)
    desk.ok("sync")
    desk.approved()
    typed = desk.gives(1, "run")
    assert "no room" in typed.err
    assert quickbooks.notes("1001", "1")[0] == [text]
    assert len(desk.mail) == 1
    desk.ok("run")  # said once
    [item] = desk.ok("worklist", "--json").json
    assert (item["kind"], item["command"]) == ("note-failed", "arsync note acme --again")
    quickbooks.company.annotate("1001", "short")
    assert "0 notes written" in desk.ok("note").out  # what was given up waits for a person's word
    assert "1 note written" in desk.ok("note", "acme", "--again").out
    people, ours = quickbooks.notes("1001", "1")[0]
    assert (people, ours.count("[arsync:")) == ("short", 1)
    assert "0 notes written" in desk.ok("note", "acme", "--again").out
    assert desk.ok("worklist", "--json").json == []


def test_the_record_is_gone(desk: Desk, quickbooks: QuickBooks) -> None:
    message = send_one(desk, quickbooks)
    quickbooks.company.delete("1001")
    typed = desk.gives(1, "note")
    assert "does not exist any more" in typed.err
    assert message
    desk.ok("note")


def test_a_note_that_fails_stays_owed(desk: Desk, ledger: Ledger) -> None:
    """The service fails while the note is written: the mail has left, and `arsync note` makes up for it."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    message = desk.approved()["id"]
    method = "PUT" if _is_xero(ledger) else "POST"
    rule = ledger.strike("500", path=WRITING[ledger.connector], method=method, times=None)
    typed = desk.gives(1, "run")
    assert rule.hits
    assert f"sent {message}" in typed.out  # what was done before the failure is told
    assert len(desk.mail) == 1
    assert sum(noted(ledger, message)) == 0
    ledger.well()
    desk.now.go(minutes=10)  # Xero keeps a failed answer under its key for six minutes
    assert "1 note written" in desk.ok("note").out
    assert sum(noted(ledger, message)) == 1
    assert len(desk.mail) == 1


def test_the_reply_is_lost_after_the_commit(desk: Desk, ledger: Ledger) -> None:
    """Once, and then for good: the note stands there, and is written no second time."""
    message = send_one(desk, ledger)
    ledger.strike(
        "reset-after-commit", path=WRITING[ledger.connector], method="PUT" if _is_xero(ledger) else "POST"
    )
    desk.ok("note")
    assert sum(noted(ledger, message)) == 1


def test_every_reply_is_lost(desk: Desk, ledger: Ledger) -> None:
    message = send_one(desk, ledger)
    ledger.strike(
        "reset-after-commit",
        path=WRITING[ledger.connector],
        method="PUT" if _is_xero(ledger) else "POST",
        times=None,
    )
    desk.gives(1, "note")
    assert sum(noted(ledger, message)) == 1
    ledger.well()
    desk.now.go(days=2)  # by then no idempotency key is remembered
    desk.ok("note")
    assert sum(noted(ledger, message)) == 1
    assert desk.rows("SELECT status FROM notes") == [("written",)]


def _is_xero(ledger: Ledger) -> bool:
    return isinstance(ledger, Xero)


def test_killed_after_the_note_was_written(desk: Desk, ledger: Ledger) -> None:
    """The process dies between the service's commit and ours; the next run finds the mark."""
    message = send_one(desk, ledger)
    path = WRITING[ledger.connector]
    if isinstance(ledger, Xero):
        ledger.strike("silent-after-commit", path=path, method="PUT", seconds=30)
    else:
        ledger.strike("silent", path=path, seconds=30, commit=True)
    process = desk.start("note")
    try:
        until(lambda: sum(noted(ledger, message)) == 1, process.poll)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    ledger.well()
    desk.ok("note")
    assert sum(noted(ledger, message)) == 1
    assert desk.rows("SELECT status FROM notes") == [("written",)]


def until(done: Callable[[], bool], ended: Callable[[], int | None]) -> None:
    """Wait for what another process does, as long as it lives."""
    deadline = time.monotonic() + 60
    while not done():
        assert ended() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_record_changes_between_reading_and_writing(desk: Desk, quickbooks: QuickBooks) -> None:
    """A colleague edits the invoice after it was read, as the first writing is on its way: its version is
    old then. It is read again, and neither text is lost."""
    message = send_one(desk, quickbooks)
    edits = ["Dana called"]

    def colleague(_: str, path: str, __: bytes) -> None:
        if "/batch" in path and edits:
            quickbooks.company.annotate("1001", edits.pop())

    quickbooks.simulator.before = colleague
    desk.ok("note")
    on_invoice, _ = quickbooks.notes("1001", "1")
    assert on_invoice[0] == "Dana called"
    assert len(on_invoice) == 2
    assert message in on_invoice[1]
    batches = [call for call in quickbooks.simulator.calls if call.endpoint == "batch"]
    assert len(batches) == 2  # or the versions never clashed


# Notes of holds ----------------------------------------------------------------------------------------


def _lines(ledger: Ledger) -> tuple[list[str], list[str]]:
    """The notes on the invoice 1001 and on its customer, without their marks."""
    places = ledger.notes("1001", _customer(ledger))
    on_invoice, on_customer = (
        [re.sub(r" \[arsync:[0-9a-f]{12}\]$", "", line) for line in it] for it in places
    )
    return on_invoice, on_customer


PROMISED = "held as promised (60.00 {} by 2026-11-25, dealt with by anna)"


@pytest.mark.parametrize(
    ("where", "on_invoice", "on_customer"),
    [
        ("invoice", [f"2026-11-23 arsync: {PROMISED}"], []),
        ("customer", [], [f"2026-11-23 arsync: 1001 {PROMISED}"]),
        ("both", [f"2026-11-23 arsync: {PROMISED}"], [f"2026-11-23 arsync: 1001 {PROMISED}"]),
        ("none", [], []),
    ],
)
def test_a_hold_is_noted_where_the_practice_file_says(
    desk: Desk, ledger: Ledger, where: str, on_invoice: list[str], on_customer: list[str]
) -> None:
    """Once, on the day on which it was put; nobody's address and nobody's words stand in it."""
    ledger.write(extra=f'notes = "{where}"\n')
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.ok(
        "hold", "acme", "1001", "--reason", "promised", "--until", "2026-11-25", "--amount",
        f"60.00 {ledger.currency}", "--owner", "anna@acme.example", "--note", "sounded unwell",
    )  # fmt: skip
    assert _lines(ledger) == ([], [])
    for command in ("note", "run", "note"):
        desk.ok(command)
        assert _lines(ledger) == (
            [line.format(ledger.currency) for line in on_invoice],
            [line.format(ledger.currency) for line in on_customer],
        )
    told = desk.ok("explain", "acme", "Lumen Yoga", "--json").json["events"]
    places = [each["detail"] for each in told if each["what"] == "note"]
    assert len(places) == len(on_invoice) + len(on_customer)
    assert ("on the customer" in places) == bool(on_customer)


@on_one_vendor
@pytest.mark.parametrize(
    ("paid", "words"), [("60.00", "was kept"), ("20.00", "was kept in part"), (None, "was not kept")]
)
def test_what_became_of_a_promise_is_noted(desk: Desk, ledger: Ledger, paid: str | None, words: str) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    amount = f"60.00 {ledger.currency}"
    desk.ok("hold", "acme", "1001", "--reason", "promised", "--until", "2026-11-25", "--amount", amount,
            "--owner", "")  # fmt: skip
    desk.now.go(days=2)
    if paid:
        ledger.pay("1001", paid)
    desk.now.go(days=1)
    for _ in range(2):
        desk.ok("run")
        assert _lines(ledger)[0] == [
            f"2026-11-23 arsync: held as promised ({amount} by 2026-11-25)",
            f"2026-11-26 arsync: promise of {amount} by 2026-11-25 {words}",
        ]


@on_one_vendor
def test_a_release_is_noted_and_a_reason_that_is_private_is_not_said(desk: Desk, ledger: Ledger) -> None:
    """On a customer, in a book that writes on invoices: on each invoice that is open."""
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, "120.00", number="1001")
    ledger.invoice(customer, "80.00", number="1002")
    ledger.invoice(customer, "40.00", number="1003")
    ledger.pay("1003")
    desk.ok("sync")
    desk.ok("hold", "acme", "1001", "--reason", "hardship", "--owner", "anna", "--note", "lost the job")
    desk.now.go(days=1)
    desk.ok("release", "acme", "Lumen Yoga")
    desk.ok("note")
    said = ["2026-11-23 arsync: held (dealt with by anna)", "2026-11-24 arsync: no longer held"]
    for number in ("1001", "1002", "1003"):
        lines = [line.partition(" [")[0] for line in ledger.notes(number, _customer(ledger))[0]]
        assert lines == (said if number != "1003" else [])
    events = desk.ok("explain", "acme", "Lumen Yoga", "--json").json["events"]
    assert "on invoice 1001" in [each["detail"] for each in events if each["what"] == "note"]


@on_one_vendor
def test_a_hold_that_is_put_again_is_noted_again(desk: Desk, ledger: Ledger) -> None:
    """With another end on the same morning; a hold that was refused is noted nowhere."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    for until in ("2026-11-30", "2026-12-01", "2026-12-01"):
        desk.ok("hold", "acme", "1001", "--reason", "paused", "--until", until, "--owner", "")
    desk.gives(2, "hold", "acme", "1001", "--reason", "promised", "--amount", f"121.00 {ledger.currency}")
    desk.ok("note")
    assert sorted(_lines(ledger)[0]) == [
        f"2026-11-23 arsync: held as paused (through {until})" for until in ("2026-11-30", "2026-12-01")
    ]


@on_one_vendor
def test_a_call_notes_what_it_led_to(desk: Desk, ledger: Ledger) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.ok("call", "acme", "1001", "--outcome", "disputed", "--note", "torn", "--owner", "Kim")
    desk.ok("complaint", "acme", "1001", "--note", "rude", "--owner", "Kim")
    desk.ok("note")
    assert sorted(_lines(ledger)[0]) == [
        "2026-11-23 arsync: held as complaint (dealt with by Kim)",
        "2026-11-23 arsync: held as disputed (dealt with by Kim)",
    ]
