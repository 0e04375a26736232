"""`arsync worklist`: what waits for a person, over all books, each with its command."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks, Xero

from arsync.sandbox import Moment


def kinds(desk: Desk, *line: str) -> list[str]:
    return [each["kind"] for each in desk.ok("worklist", "--json", *line).json]


def item(desk: Desk, kind: str) -> dict[str, Any]:
    [found] = [each for each in desk.ok("worklist", "--json").json if each["kind"] == kind]
    return dict(found)


@pytest.fixture
def owing(desk: Desk, quickbooks: QuickBooks) -> str:
    """Lumen Yoga owes 1001 over 120.00 and 1002 over 80.00, two days overdue; its id."""
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", number="1001")
    quickbooks.invoice(customer, "80.00", number="1002")
    desk.ok("sync")
    return customer


def test_nothing_to_do(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.ok("sync")
    assert desk.ok("worklist").out == "nothing waits for a person\n"


def test_a_book_that_was_never_synced_is_told(desk: Desk, quickbooks: QuickBooks) -> None:
    assert item(desk, "not-synced")["command"] == "arsync sync acme"
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute("DELETE FROM tokens")
    assert kinds(desk) == ["token"], "nothing can be synced before"


def test_a_book_that_is_not_live(desk: Desk, quickbooks: QuickBooks) -> None:
    """Its go-live waits for a person; until then nothing waits for approval."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8").replace('golive = "start"\n', ""), "utf-8")
    desk.ok("sync")
    assert kinds(desk) == ["not-live"]
    assert item(desk, "not-live")["command"] == "arsync golive acme"
    desk.ok("golive", "acme", "--confirm", "--despite-reminders")
    assert kinds(desk) == ["approval"]


def test_messages_that_wait_for_approval(desk: Desk, owing: str) -> None:
    found = item(desk, "approval")
    assert (found["amounts"], found["command"]) == ({"USD": "200.00"}, "arsync approve acme --all")
    desk.ok(*shlex.split(found["command"])[1:])
    assert kinds(desk) == []


def test_a_promise_on_its_day_and_in_its_grace(desk: Desk, owing: str) -> None:
    """Promised for Friday with three days of grace: nothing to do before, due on Friday, overdue on
    Monday; then it is broken and no item any more: the chase goes on."""
    desk.ok("hold", "acme", owing, "--reason", "promised", "--until", "2026-11-27", "--grace", "3",
            "--amount", "150.00 USD", "--owner", "anna")  # fmt: skip
    assert kinds(desk) == []
    desk.now.go(days=4)
    due = item(desk, "promise-due")
    assert (due["amounts"], due["owner"]) == ({"USD": "150.00"}, "anna")
    desk.now.go(days=3)
    assert (item(desk, "promise-overdue")["days"], kinds(desk, "--owner", "ben")) == (3, [])
    desk.now.go(days=1)
    assert "promise-overdue" not in kinds(desk)


def test_a_dispute_growing_old(desk: Desk, owing: str) -> None:
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--note", "wrong colour")
    desk.now.go(days=13)
    assert "dispute" not in kinds(desk)
    desk.now.go(days=1)
    found = item(desk, "dispute")
    assert found["days"] == 14
    assert "wrong colour" in found["what"]
    assert "1001" in desk.ok(*shlex.split(found["command"])[1:]).out
    assert "dispute" not in kinds(desk)


def test_a_promise_of_a_parent_for_what_is_billed_to_it(desk: Desk, quickbooks: QuickBooks) -> None:
    """Alder owes nothing by itself; what its job owes was promised by it."""
    alder = quickbooks.customer("Alder Build")
    job = quickbooks.customer("Birch Lane", None, parent=alder, bill_with_parent=True)
    quickbooks.invoice(job, "120.00", number="1001")
    desk.ok("sync")
    desk.ok("hold", "acme", "Alder Build", "--reason", "promised", "--until", "2026-11-23", "--owner", "anna")
    assert item(desk, "promise-due")["amounts"] == {"USD": "120.00"}


def test_a_promise_without_a_day_gets_one_and_keeps_its_amount(desk: Desk, owing: str) -> None:
    """The command that deals with it says everything that was promised but the day."""
    desk.ok("hold", "acme", "1001", "--reason", "promised", "--amount", "50.00 USD", "--owner", "anna")
    command = item(desk, "hold-without-end")["command"].replace("DATE", "2026-12-01")
    desk.ok(*shlex.split(command)[1:])
    assert desk.rows("SELECT until, amount, owner FROM holds") == [("2026-12-01", 5000, "anna")]
    assert "hold-without-end" not in kinds(desk)


def test_a_ladder_that_a_persons_task_ended_is_on_nobodys_list(desk: Desk, quickbooks: QuickBooks) -> None:
    """The task was closed: somebody knows. A second ladder that ends with a letter changes nothing."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.policy(
        'name = "p"\n[[steps]]\nname = "first reminder"\nwhen = "1 day after due"\n'
        '[customers."Lumen Yoga"]\nladder = "short"\n'
        '[[ladders.short.steps]]\nname = "look at it"\nwhen = "1 day after due"\ndoes = "task"\n'
    )
    desk.ok("sync")
    assert kinds(desk) == ["task"]
    desk.ok(*shlex.split(item(desk, "task")["command"])[1:])
    assert desk.plan()["holds"][0]["reason"] == "ladder-done"
    assert kinds(desk) == []


def test_a_call_to_make(desk: Desk, quickbooks: QuickBooks) -> None:
    """60 days after due the ladder says to ring up; every other step was taken before."""
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", number="1001", overdue=0)
    desk.policy(
        "name='calls'\n[[steps]]\nname='ring up'\nwhen='1 day after due'\ndoes='call'\n".replace("'", '"')
    )
    desk.ok("sync")
    desk.now.go(days=2)
    found = item(desk, "call")
    assert found["customer"] == {"id": customer, "name": "Lumen Yoga"}
    assert found["days"] == 1
    assert "Lumen Yoga" in desk.ok(*shlex.split(found["command"])[1:]).out


def test_an_address_that_bounces(desk: Desk, owing: str) -> None:
    """The mail server refuses it for good: mend the address, then say that it was not sent."""
    message = desk.approved()
    desk.catcher.refuse("pay@lumen.example")
    desk.gives(1, "send", "acme")
    found = item(desk, "bounced")
    assert found["command"] == f"arsync resolve acme {message['id']} not-sent|drop"
    assert found["amounts"] == {"USD": "200.00"}


def test_a_customer_without_an_address(desk: Desk, quickbooks: QuickBooks) -> None:
    quickbooks.invoice(quickbooks.customer("Lumen Yoga", None), "120.00", number="1001")
    desk.ok("sync")
    assert item(desk, "no-address")["amounts"] == {"USD": "120.00"}


def test_what_no_step_will_ever_reach(desk: Desk, quickbooks: QuickBooks) -> None:
    """A customer that opted out, one whose credit covers its debt, and one whose ladder ended with a
    letter: each is told, for nothing but a person ends it."""
    for name, amount in (("Lumen Yoga", "120.00"), ("Otter Bau", "80.00"), ("Newt Books", "60.00")):
        quickbooks.invoice(quickbooks.customer(name, f"{name[0]}@pay.example"), amount)
    desk.policy('name = "p"\n[[steps]]\nname = "first reminder"\nwhen = "1 day after due"\n')
    desk.ok("sync")
    desk.ok("approve", "acme", desk.plan()["messages"][0]["id"])
    [first] = [it["customer"]["name"] for it in desk.plan()["messages"] if it["status"] == "approved"]
    desk.ok("send", "acme")
    others = [name for name in ("Lumen Yoga", "Otter Bau", "Newt Books") if name != first]
    desk.ok("opt-out", "acme", others[0], "message")
    [[customer]] = desk.rows("SELECT id FROM customers WHERE name = ?", others[1])
    quickbooks.credit(customer, "500.00")
    desk.now.go(minutes=30)
    desk.ok("sync")
    found = {each["kind"]: each["customer"]["name"] for each in desk.ok("worklist", "--json").json}
    assert found == {"ladder-done": first, "opted-out": others[0], "credit-covers": others[1]}


def test_a_record_that_could_not_be_understood(desk: Desk, ledger: Ledger) -> None:
    """An amount beyond all bounds: it cannot be chased, and waits since the day it was first read."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "10000000000000.01", number="1001")
    desk.ok("sync")
    desk.now.go(days=2)
    found = item(desk, "rejects")
    assert (found["days"], found["command"]) == (2, "arsync rejects acme")


def test_a_consent_that_ends_soon_puts_the_whole_book_at_risk(desk: Desk, owing: str) -> None:
    """QuickBooks' consent lasts a hundred days after its last renewal: told two weeks before."""
    [(ends,)] = desk.rows("SELECT refresh_expires_at FROM tokens")
    end = datetime.fromisoformat(ends)
    desk.now.at = end - timedelta(days=14, minutes=1)
    assert "token" not in kinds(desk)
    desk.now.at = end - timedelta(days=14)
    found = item(desk, "token")
    assert (found["amounts"], found["command"]) == ({"USD": "200.00"}, "arsync sync acme")


def test_a_message_in_doubt(desk: Desk, owing: str) -> None:
    """The connection breaks after the final dot: it may have left."""
    message = desk.approved()
    desk.catcher.drop(Moment.END)
    desk.gives(1, "send", "acme")
    found = item(desk, "in-doubt")
    assert found["command"] == f"arsync resolve acme {message['id']} sent|not-sent|drop"


def test_figures_that_differ(desk: Desk, ledger: Ledger) -> None:
    """The accounting system says 40.00 more than the book: held since today, an item of one day tomorrow."""
    customer = ledger.customer("Lumen Yoga")
    ledger.invoice(customer, "120.00", number="1001")
    desk.ok("sync")
    desk.now.go(minutes=30)
    desk.ok("sync")  # what changed in the last minutes was read again
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute("UPDATE invoices SET open = 8000")
    desk.gives(1, "reconcile", "acme")
    desk.now.go(days=1)
    found = item(desk, "unreconciled")
    assert (found["days"], found["command"]) == (1, "arsync reconcile acme")


def test_all_books_in_one_order(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    """The larger debt comes first, whichever book it is in."""
    quickbooks, xero = both
    assert isinstance(xero, Xero)
    quickbooks.invoice(quickbooks.customer("Lumen Yoga", None), "120.00", number="1001")
    xero.invoice(xero.customer("Birch Cafe", None), "900.00", number="2001")
    desk.ok("sync")
    found = [each for each in desk.ok("worklist", "--json").json if each["kind"] == "no-address"]
    assert [each["book"] for each in found] == ["birch", "acme"]
    typed = desk.ok("worklist", "--limit", "1")
    assert "Birch Cafe" in typed.out
    assert "1 more item" in typed.err


def test_what_is_in_dispute_is_not_to_be_written_off(desk: Desk, quickbooks: QuickBooks) -> None:
    """Of 120.00, with 20.00 in dispute, 70.00 was to settle the rest and came: 30.00 of the 50.00 that are
    left was given up. What is in dispute nobody gave up."""
    invoice = quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.ok("hold", "acme", "1001", "--reason", "disputed", "--amount", "20.00 USD")
    desk.ok("agree", "acme", "1001", "--settle", "70.00 USD", "--until", "2026-12-04")
    approving = item(desk, "settlement")["command"]
    assert approving == "arsync agree acme --approve a1 --owner NAME"
    desk.ok(*shlex.split(approving)[1:])
    quickbooks.pay(invoice, "70.00")
    desk.ok("run")
    assert item(desk, "write-off")["amounts"] == {"USD": "30.00"}
