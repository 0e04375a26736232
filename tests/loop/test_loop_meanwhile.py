"""Around a message on its way: holds and approvals of this moment, other steps, services that are slow."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from loop_desk import MONDAY, Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks, Xero

from arsync.connector import Snapshot
from arsync.ledger import Entity, Reject
from arsync.mail import Letter, compose


def approve_all(desk: Desk) -> None:
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")


@on_one_vendor
def test_a_hold_put_while_another_message_leaves(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two customers were read again together; while the first hears from us, a person holds the second."""
    for name, number in (("Aster", "1001"), ("Birch", "1002")):
        ledger.invoice(ledger.customer(name, f"pay@{name.lower()}.example"), "120.00", number=number)
    approve_all(desk)
    held: list[str] = []

    def clock() -> datetime:
        if not held:  # the first mail arrives this moment
            held.append(
                {"1001": "Birch", "1002": "Aster"}[next(n for n in ("1001", "1002") if n in leaving())]
            )
            out, err = desk.start("hold", "acme", held[0], "--reason", "disputed").communicate(timeout=60)
            assert "held" in (out + err).lower(), err
        return desk.now()

    def leaving() -> str:
        [(lines,)] = desk.rows(
            "SELECT group_concat(l.number) FROM messages m JOIN message_lines l ON l.message = m.id "
            "WHERE m.status = 'sending'"
        )
        return str(lines)

    monkeypatch.setattr(desk.catcher, "_clock", clock)
    typed = desk.ok("send")
    assert len(desk.mail) == 1
    assert "disputed" in typed.out
    assert sorted(each["status"] for each in desk.plan()["messages"]) == ["sent", "withdrawn"]


@on_one_vendor
@pytest.mark.parametrize("sending", ["approve", "automatic"])
def test_a_hold_put_while_its_own_message_is_written(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, sending: str
) -> None:
    """Whoever is told that the customer is held, and not that a message is on its way, can rely on it."""
    ledger.write(sending=sending)
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    approve_all(desk)
    held: list[str] = []

    def composed(letter: Letter) -> EmailMessage:
        if not held:
            out, err = desk.start("hold", "acme", "Lumen Yoga", "--reason", "disputed").communicate(
                timeout=60
            )
            held.append(out + err)
        return compose(letter)

    monkeypatch.setattr("arsync.runs.deliver.compose", composed)
    typed = desk.ok("send")
    assert "is held as disputed" in held[0]
    assert "cannot be called back" not in held[0]
    assert desk.mail == []
    assert "disputed" in typed.out
    assert [each["status"] for each in desk.plan()["messages"]] == ["withdrawn"]


def test_softer_steps_do_not_use_up_the_id_of_those_to_come(desk: Desk, ledger: Ledger) -> None:
    """Approved as a first reminder; the customer is given time until Wednesday, so that it leaves as a
    heads-up. The first reminder, whose turn comes after it, leaves all the same."""
    invoice = ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    approve_all(desk)
    ledger.redate(invoice, MONDAY + timedelta(days=2))
    desk.ok("send")
    assert desk.rows("SELECT step FROM steps_taken") == [("heads-up",)]
    assert desk.message()["status"] == "sent"
    desk.now.go(days=7)
    desk.ok("sync")
    reminder = desk.message()
    assert (reminder["step"], reminder["status"]) == ("first reminder", "planned")
    desk.ok("approve", "acme", reminder["id"])
    desk.ok("send")
    assert len(desk.mail) == 2
    assert desk.rows("SELECT step FROM steps_taken ORDER BY on_day") == [("heads-up",), ("first reminder",)]


@pytest.fixture
def failed(desk: Desk, quickbooks: QuickBooks) -> str:
    """A message about 1001 that the mail server refused for good; its id. The server is well again."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    found: str = desk.approved()["id"]
    desk.catcher.refuse("*", 550, "5.1.1 No such mailbox")
    desk.gives(1, "send")
    desk.catcher.heal()
    desk.now.go(minutes=1)
    return found


def test_a_message_is_resolved_by_the_beginning_of_its_id(desk: Desk, failed: str) -> None:
    desk.ok("resolve", "acme", failed[:6], "drop")
    assert desk.rows("SELECT id, status FROM messages") == [(failed, "withdrawn")]


@pytest.mark.parametrize("sending", ["approve", "automatic"])
def test_two_approvals_for_one_customer(
    desk: Desk, quickbooks: QuickBooks, failed: str, sending: str
) -> None:
    """1002 was approved while the message about 1001 had failed; then 1001 is settled as not sent, and
    paid. One mail leaves, about 1002 alone, and nothing stays behind."""
    quickbooks.write(sending=sending)
    quickbooks.invoice("1", "80.00", number="1002")
    approve_all(desk)
    quickbooks.pay("1001")
    desk.ok("resolve", "acme", failed, "not-sent")
    desk.ok("send")
    assert len(desk.mail) == 1
    assert "1002" in desk.text()
    assert "1001" not in desk.text()
    desk.ok("run")
    assert len(desk.mail) == 1
    assert desk.rows("SELECT status FROM messages") == [("sent",)]


def test_two_approvals_become_one_message_by_themselves(
    desk: Desk, quickbooks: QuickBooks, failed: str
) -> None:
    """The same, unpaid and automatic: one mail about both, and the run ends well."""
    quickbooks.write(sending="automatic")
    quickbooks.invoice("1", "80.00", number="1002")
    approve_all(desk)
    desk.ok("resolve", "acme", failed, "not-sent")
    desk.ok("send")
    assert len(desk.mail) == 1
    assert "200.00" in desk.text()
    assert desk.rows("SELECT status FROM messages") == [("sent",)]


def test_a_service_that_makes_us_wait_is_not_read_for_ever(
    desk: Desk, quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reading takes longer than it stays fresh: the messages leave all the same, one after each."""
    monkeypatch.setattr("arsync.runs.send.FRESH_SECONDS", -1.0)
    for name, number in (("Aster", "1001"), ("Birch", "1002")):
        quickbooks.invoice(quickbooks.customer(name, f"pay@{name.lower()}.example"), "120.00", number=number)
    approve_all(desk)
    quickbooks.strike("503-html", after=30, times=None)  # it would end a loop without an end
    desk.ok("send")
    assert len(desk.mail) == 2
    assert len([each for each in quickbooks.simulator.calls if each.endpoint == "query"]) > 0


@on_one_vendor
def test_a_machine_that_sleeps_while_it_sends(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lid is shut for ten minutes as the first of two letters arrives; the other customer pays in that
    time. Ticks are not counted meanwhile, so that the debts would seem just read."""
    for name, number in (("Aster", "1001"), ("Birch", "1002")):
        ledger.invoice(ledger.customer(name, f"pay@{name.lower()}.example"), "120.00", number=number)
    approve_all(desk)
    slept: list[str] = []
    real_time = time.time

    def clock() -> datetime:
        if not slept:
            [(number,)] = desk.rows(
                "SELECT l.number FROM messages m JOIN message_lines l ON l.message = m.id "
                "WHERE m.status = 'approved'"
            )
            slept.append(number)
            ledger.pay(number)
        return desk.now()

    monkeypatch.setattr(desk.catcher, "_clock", clock)
    monkeypatch.setattr(time, "time", lambda: real_time() + 600 * len(slept))
    desk.ok("send")
    assert len(desk.mail) == 1
    assert slept[0] not in desk.text()


@pytest.mark.parametrize(("entity", "waits"), [("invoice", True), ("credit", False)])
def test_a_row_without_an_id_that_makes_no_sense(
    desk: Desk, xero: Xero, monkeypatch: pytest.MonkeyPatch, entity: Entity, waits: bool
) -> None:
    """The invoice does not come back. An invoice's row that could not be understood may be it, so that
    its amount is not known, and the message waits; beside a credit's row it is gone."""
    invoice = xero.invoice(xero.customer("Lumen Yoga"), "120.00", number="1001")
    approve_all(desk)
    _answer_with(monkeypatch, invoice, Reject(entity=entity, id=None, reason="no amount", raw="{}"))
    typed = desk.gives(int(waits), "send")
    assert ("could not be read again" in typed.err) is waits
    assert desk.mail == []
    assert desk.message()["status"] == ("approved" if waits else "withdrawn")


def test_a_credit_that_makes_no_sense_has_nobody_elses_id(
    desk: Desk, xero: Xero, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids are told apart by what they are of: QuickBooks numbers customers and credits from 1 on."""
    customer = xero.customer("Lumen Yoga")
    xero.invoice(customer, "120.00", number="1001")
    approve_all(desk)
    [(id_,)] = desk.rows("SELECT id FROM customers")
    _answer_with(monkeypatch, "", Reject(entity="credit", id=id_, reason="no amount", raw="{}"))
    desk.ok("send")
    assert len(desk.mail) == 1


def _answer_with(monkeypatch: pytest.MonkeyPatch, invoice: str, reject: Reject) -> None:
    """The connector's answer loses this invoice and gains a row that was rejected."""
    from arsync_xero import source

    whole = source.refresh

    def answer(*given: object) -> Snapshot:
        found = whole(*given)
        kept = [each for each in found.invoices if each.id != invoice]
        return Snapshot(
            customers=found.customers,
            invoices=kept,
            credits=found.credits,
            rejects=[reject],
            read_at=found.read_at,
        )

    monkeypatch.setattr(source, "refresh", answer)
