"""`arsync restore`: nothing that left since the backup leaves again, and nothing is lost."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, QuickBooks
from loop_restore import Keeper

WITHOUT_NOTES = 'notes = "none"\n'
FIRST, SECOND = "first reminder", "second reminder"


def test_a_month_that_is_lost(desk: Desk, quickbooks: QuickBooks, keeper: Keeper) -> None:
    """New invoices, and several steps of each; no notes tell of them, and the database is gone."""
    quickbooks.write(sending="automatic", extra=WITHOUT_NOTES)
    lumen = quickbooks.customer("Lumen", "pay@lumen.example")
    quickbooks.invoice(lumen, "120.00", overdue=-1, number="1001")
    desk.ok("run")
    file = keeper.back_up()
    birch = quickbooks.customer("Birch", "pay@birch.example")
    quickbooks.invoice(birch, "200.00", overdue=0, number="1002")
    keeper.days(30)
    truth = keeper.left()
    assert set(truth) >= {("1001", FIRST), ("1001", SECOND), ("1002", FIRST), ("1002", SECOND)}
    keeper.lose_and_restore(file)
    keeper.run()
    assert [step for _, step in keeper.doubts()] == [("1001", FIRST), ("1002", FIRST)]
    assert keeper.left() == truth
    assert keeper.settle() == 4
    assert keeper.left() == truth
    keeper.days(20)  # and the ladder goes on where it stood
    assert keeper.left()["1001", "final notice"] == 1
    keeper.check()


def test_notes_tell_what_left(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """Where notes are written nobody is asked about what they tell. Few runs: Xero's minute has few calls."""
    ledger.write(sending="automatic")
    lumen = ledger.customer("Lumen", "pay@lumen.example")
    ledger.invoice(lumen, "120.00", overdue=0, number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    ledger.invoice(ledger.customer("Birch", "pay@birch.example"), "200.00", overdue=0, number="1002")
    for days in (1, 10):
        desk.now.go(days=days)
        keeper.run()
    truth = keeper.left()
    assert truth == {(number, step): 1 for number in ("1001", "1002") for step in (FIRST, SECOND)}
    keeper.lose_and_restore(file)
    desk.ok("run")
    assert keeper.doubts() == []
    taken = desk.rows("SELECT i.number, s.step FROM steps_taken s JOIN invoices i ON i.id = s.invoice_id")
    assert set(taken) == set(truth)
    desk.now.go(days=31)
    keeper.run()
    assert keeper.left()["1001", "final notice"] == 1
    keeper.check()


@on_one_vendor
def test_the_database_is_still_there(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """What left is known from it: nobody is asked anything, and what did not leave leaves."""
    lumen = ledger.customer("Lumen", "pay@lumen.example")
    ledger.invoice(lumen, "120.00", number="1001")
    birch = ledger.customer("Birch", "pay@birch.example")
    ledger.invoice(birch, "200.00", number="1002")
    desk.ok("run")
    file = keeper.back_up()
    desk.now.go(days=1)
    first = next(m["id"] for m in desk.plan()["messages"] if m["customer"]["name"] == "Lumen")
    desk.ok("approve", "acme", first)
    desk.ok("run")
    desk.ok("hold", "acme", "1002", "--reason", "paused")
    tokens = desk.rows("SELECT * FROM tokens")
    keeper.remember()
    typed = keeper.restore(file, status=0)
    assert "taken over: 1 message sent, 1 step" in typed.out
    assert "1 hold" in typed.out
    assert desk.rows("SELECT status FROM messages") == [("sent",)]
    assert desk.rows("SELECT * FROM tokens") == tokens
    assert desk.rows("SELECT reason FROM holds") == [("paused",)]
    desk.gives(1, "approve", "acme", "--all")  # nothing is decided before all was read
    desk.ok("run")
    desk.ok("release", "acme", "1002")
    desk.ok("approve", "acme", "--all")
    desk.ok("run")
    assert keeper.doubts() == []
    keeper.remember()
    assert keeper.left() == {("1001", FIRST): 1, ("1002", FIRST): 1}
    keeper.check()


@on_one_vendor
def test_what_was_approved_may_have_left(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """An approval in the backup is in doubt at once; said not to have left, it stands again."""
    for name, number in (("Lumen", "1001"), ("Birch", "1002")):
        customer = ledger.customer(name, f"pay@{name.lower()}.example")
        ledger.invoice(customer, "120.00", number=number)
    ledger.write(extra=WITHOUT_NOTES)
    desk.ok("run")
    desk.ok("approve", "acme", "--all")
    file = keeper.back_up()
    waiting = next(m["id"] for m in desk.plan()["messages"] if m["customer"]["name"] == "Birch")
    desk.ok("hold", "acme", "1002", "--reason", "paused")
    desk.ok("send")
    keeper.lose()
    typed = keeper.restore(file)
    assert "2 messages that had been approved may have left between 2026-11-23 08:00 UTC" in typed.err
    assert len(keeper.doubts()) == 2
    desk.ok("connect", "acme")
    keeper.settle()
    assert desk.rows("SELECT status FROM messages WHERE id = ?", waiting) == [("sent",)]
    assert keeper.left() == {("1001", FIRST): 1, ("1002", FIRST): 1}
    keeper.check()


@on_one_vendor
def test_one_invoice_left_and_its_neighbour_did_not(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """Today both would be in one message; each is asked about by itself."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    lumen = ledger.customer("Lumen", "pay@lumen.example")
    ledger.invoice(lumen, "120.00", overdue=1, number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    desk.ok("run")
    keeper.days(1)
    ledger.invoice(lumen, "80.00", overdue=1, number="1002")
    keeper.days(1)  # the second one waits for the gap
    assert keeper.left() == {("1001", FIRST): 1}
    keeper.lose_and_restore(file)
    assert keeper.settle() == 2
    keeper.days(7)
    assert keeper.left() == {("1001", FIRST): 1, ("1002", FIRST): 1}
    keeper.check()


@on_one_vendor
def test_a_short_while_asks_little(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """Who was written to the day before cannot have been written to again: nobody is asked about it."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    lumen = ledger.customer("Lumen", "pay@lumen.example")
    ledger.invoice(lumen, "120.00", overdue=1, number="1001")
    desk.ok("run")
    desk.now.go(days=1)
    ledger.invoice(lumen, "80.00", overdue=1, number="1002")
    desk.ok("run")
    file = keeper.back_up()
    keeper.lose_and_restore(file, minutes=30)
    desk.ok("run")
    assert keeper.doubts() == []
    keeper.days(7)
    assert keeper.doubts() == []
    assert keeper.left() == {("1001", FIRST): 1, ("1002", FIRST): 1}
    keeper.check()


@on_one_vendor
def test_approving_asks_first(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """A plan that may have been carried out cannot be approved, and what is said not to have left is planned
    anew."""
    ledger.write(extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    keeper.lose_and_restore(file, days=1)
    assert "was restored from a backup and not synced since" in desk.gives(1, "approve", "acme", "--all").err
    desk.ok("sync")
    typed = desk.ok("approve", "acme", "--all")
    assert "0 messages released" in typed.out
    assert "may have left between 2026-11-23 08:00 UTC and 2026-11-24 08:00 UTC" in typed.err
    [(id_, step)] = keeper.doubts()
    assert step == ("1001", FIRST)
    desk.gives(1, "send")
    assert desk.mail == []
    assert "planned anew" in desk.ok("resolve", "acme", id_[:6], "not-sent").out
    assert desk.message()["status"] == "planned"
    desk.ok("approve", "acme", "--all")
    desk.ok("send")
    assert len(desk.mail) == 1
    desk.ok("run")
    assert keeper.doubts() == []


@on_one_vendor
def test_all_of_them_at_once(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    for number in range(1001, 1004):
        customer = ledger.customer(f"Customer {number}", f"pay@c{number}.example")
        ledger.invoice(customer, "120.00", number=str(number))
    desk.ok("sync")
    file = keeper.back_up()
    keeper.lose_and_restore(file, days=1)
    desk.gives(1, "run")
    assert len(keeper.doubts()) == 3
    assert desk.ok("resolve", "acme", "restored", "not-sent").out.count("planned anew") == 3
    desk.ok("run")
    assert len(desk.mail) == 3
    assert (
        "no message of acme is in doubt because" in desk.gives(2, "resolve", "acme", "restored", "sent").err
    )


@on_one_vendor
def test_a_new_due_date_hides_nothing(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """An invoice that was due in the lost days, and was given more time since, may have had its reminder."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    lumen = ledger.customer("Lumen", "pay@lumen.example")
    invoice = ledger.invoice(lumen, "120.00", overdue=0, number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    keeper.days(2)
    assert keeper.left()["1001", FIRST] == 1
    ledger.redate(invoice, ledger.due(-3))
    keeper.lose_and_restore(file)
    keeper.settle()
    keeper.days(10)
    assert keeper.settle() <= 2
    keeper.check()
    assert keeper.left()["1001", FIRST] == 1


@on_one_vendor
def test_a_task_between_two_letters(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """The task is shown again, and the letter that followed it does not leave again."""
    desk.policy(
        'name = "test"\nmin_gap_days = 1\nsend_on = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\n'
        '[[steps]]\nname = "first reminder"\nwhen = "1 day after due"\n'
        '[[steps]]\nname = "ring"\nwhen = "3 days after due"\ndoes = "call"\n'
        '[[steps]]\nname = "second reminder"\nwhen = "5 days after due"\n'
        '[[steps]]\nname = "final notice"\nwhen = "30 days after due"\n'
    )
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", overdue=0, number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    keeper.days(3)
    [task] = desk.plan()["tasks"]
    desk.ok("done", "acme", task["id"])
    keeper.days(3)
    assert keeper.left() == {("1001", FIRST): 1, ("1001", SECOND): 1}
    keeper.lose_and_restore(file)
    keeper.settle()
    keeper.days(1)  # the restore's day counts as that of the letter
    [task] = desk.plan()["tasks"]
    desk.ok("done", "acme", task["id"])
    assert keeper.settle() == 1
    keeper.days(3)
    assert keeper.left() == {("1001", FIRST): 1, ("1001", SECOND): 1}
    keeper.check()


@on_one_vendor
def test_instalments(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """An agreement that was made in the lost days is made again; reminders of its instalments that left do
    not leave again."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", overdue=0, number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    keeper.days(1)
    parts = ("agree", "acme", "1001", "--instalments", "2", "--every", "2 weeks", "--first", "2026-11-27")
    desk.ok(*parts)
    keeper.days(8)
    sent = len(desk.mail)
    assert sent == 2  # the invoice's reminder, then the first instalment's
    keeper.lose_and_restore(file)
    keeper.settle()
    assert len(desk.mail) == sent
    desk.ok(*parts[:-1], "2026-12-02")
    keeper.settle()
    assert len(desk.mail) == sent


def test_a_book_that_began_after_the_backup(desk: Desk, both: tuple[Ledger, Ledger], keeper: Keeper) -> None:
    """The backup does not know it, and what it sent is in doubt all the same."""
    acme, birch = both
    acme.write()
    file = _without(desk, keeper.back_up(), "birch")
    books = {each.name: each.connection() for each in both}
    desk.practice(books, sending="automatic", extra=WITHOUT_NOTES)
    birch.invoice(birch.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("run", "birch")
    assert len(desk.mail) == 1
    keeper.lose()
    assert "birch: the backup does not know this book" in keeper.restore(file).err
    desk.ok("connect", "birch")
    desk.gives(1, "run", "birch")
    assert len(desk.mail) == 1
    assert [step for _, step in keeper.doubts()] == [("1001", FIRST)]


def _without(desk: Desk, file: Path, book: str) -> Path:
    """The backup as it would be if the book had begun later."""
    with closing(sqlite3.connect(file)) as connection:
        for table in ("tokens", "runs", "books"):
            connection.execute(f"DELETE FROM {table} WHERE book = ?", (book,))
        connection.commit()
    return file


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happened(desk: Desk, quickbooks: QuickBooks, keeper: Keeper, seed: int) -> None:
    """Days of new invoices and payments, some of them lost: settled with the truth, nothing leaves twice and
    every step that the ladder has is taken in the end."""
    draw = random.Random(seed)
    quickbooks.write(sending="automatic", extra=WITHOUT_NOTES)
    customers = [quickbooks.customer(f"Customer {n}", f"pay@c{n}.example") for n in range(3)]
    open_: list[str] = []

    def day() -> None:
        if draw.random() < 0.7:
            number = str(1001 + len(quickbooks.company.invoices))
            overdue = draw.choice([-6, -2, 0, 1, 5])
            open_.append(quickbooks.invoice(draw.choice(customers), "120.00", overdue=overdue, number=number))
        if open_ and draw.random() < 0.2:
            quickbooks.pay(open_.pop(draw.randrange(len(open_))))
        keeper.days(1)

    desk.ok("run")
    for _ in range(5):
        day()
    file = keeper.back_up()
    for _ in range(draw.choice([1, 6, 15])):
        day()
    keeper.lose_and_restore(file)
    keeper.settle()
    for _ in range(12):
        day()
        keeper.settle()
    keeper.check()
    taken = desk.rows("SELECT i.number, s.step FROM steps_taken s JOIN invoices i ON i.id = s.invoice_id")
    assert set(keeper.left()) >= {it for it in taken if it[1] == SECOND}
