"""More stories of a book: minimum, tasks, an edited policy, other money, approvals. 2027-03-01 is a Monday.

The policy is `STANDARD` unless a story says otherwise: heads-up 3 days before due, first reminder 1,
second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days
between two messages, Monday to Friday, nothing below 25.00 GBP or USD.
"""

from __future__ import annotations

import msgspec

from arsync.policy.model import Debtor
from arsync.policy.rules import Policy, Step
from day_book import (
    FINAL,
    FIRST,
    HEADS_UP,
    SECOND,
    STANDARD,
    WEEKDAYS,
    DayBook,
    day,
    told,
    told_holds,
    told_upcoming,
)


def test_ten_invoices_are_one_mail() -> None:
    """Ten invoices of 10.00, due Thu 02-25; on Mon 03-01 one message about 100.00."""
    book = DayBook()
    for n in range(10):
        book.invoice(f"B{n}", "10.00", due="02-25")
    assert book.diary("03-01", "03-05") == [
        "Mon 03-01 first reminder GBP 100.00: B0 B1 B2 B3 B4 B5 B6 B7 B8 B9"
    ]


def test_small_debts_wait_until_they_make_the_minimum() -> None:
    """
    A1 10.00 due Thu 03-04: below 25.00 on Fri 03-05. A2 15.00 due Tue 03-09 joins with its heads-up
    on Sat 03-06: together exactly 25.00, which is not below -> Mon 03-08, with A1's firmer step.
    A2's first reminder (03-10): gap to Sat 03-13 -> Mon 03-15.
    On 03-16 A2 is paid: A1's second reminder (03-18) is below the minimum again.
    """
    book = DayBook()
    book.invoice("A1", "10.00", due="03-04")
    book.invoice("A2", "15.00", due="03-09")
    assert told_holds(book.plan("03-05")) == ["below-minimum until 2027-03-08: A1"]
    assert book.diary("03-05", "03-15") == [
        "Mon 03-08 first reminder GBP 25.00: A1 A2",
        "Mon 03-15 first reminder GBP 25.00: (A1) A2",
    ]
    book.pays("A2", "15.00")
    assert book.diary("03-16", "03-31") == []
    assert told_holds(book.plan("03-31")) == ["below-minimum: A1"]


def test_a_task_stays_until_a_person_closes_it() -> None:
    """
    A ladder of a first reminder and, 10 days after due, a task. A1 due Tue 03-02: first Wed 03-03,
    task Fri 03-12. A2 due Mon 03-15: first Tue 03-16, listing A1. The task is still there on 03-17,
    the same one, though a message has just left. Closed on 03-17: A1's ladder is done.
    A2's task: 03-25.
    """
    book = DayBook(Policy("p", (FIRST, Step("call", 10, "call", "task")), 5, WEEKDAYS))
    book.invoice("A1", "100.00", due="03-02")
    book.invoice("A2", "50.00", due="03-15")
    assert book.diary("03-03", "03-17") == [
        "Wed 03-03 first reminder GBP 100.00: A1",
        "Fri 03-12 task call GBP 100.00: A1",
        "Tue 03-16 first reminder GBP 150.00: (A1) A2",
    ]
    (first_seen,) = book.plan("03-15").tasks
    (task,) = book.plan("03-17").tasks
    assert task.id == first_seen.id
    assert told(task) == "call GBP 150.00: A1 (A2)"
    book.done(task, day("03-17"))
    after = book.plan("03-17")
    assert after.tasks == ()
    assert told_holds(after) == ["ladder-done: A1"]
    assert book.diary("03-18", "04-30") == ["Thu 03-25 task call GBP 150.00: (A1) A2"]


def test_an_edited_policy_neither_repeats_nor_restarts() -> None:
    """
    A1 due Thu 03-04, first reminder 03-05. On 03-08 the policy is edited: the first reminder gets
    another name, a nudge 7 days after due comes in between, and a courtesy note on the due date before.
    Thu 03-11 the nudge, Thu 03-18 the second reminder; neither the renamed nor the earlier step leaves.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    steps = (Step("courtesy", 0, "c"), Step("friendly reminder", 1, "f"), Step("nudge", 7, "n"), SECOND)
    book.policy = msgspec.structs.replace(STANDARD, steps=steps)
    assert book.diary("03-08", "03-31") == [
        "Thu 03-11 nudge GBP 100.00: A1",
        "Thu 03-18 second reminder GBP 100.00: A1",
    ]


def test_a_step_moved_to_a_later_day_is_not_taken_again() -> None:
    """
    A1 due Thu 03-04, first 03-05. On 03-08 the first reminder moves to 10 days after due, the second
    to 20: next is the second, on 03-24.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    moved = (Step("first reminder", 10, "f"), Step("second reminder", 20, "s"))
    book.policy = msgspec.structs.replace(STANDARD, steps=moved)
    assert book.diary("03-08", "03-31") == ["Wed 03-24 second reminder GBP 100.00: A1"]


def test_after_the_last_step_an_invoice_is_only_listed() -> None:
    """
    A ladder that ends with the second reminder. A1 due Thu 03-04: first 03-05, second 03-18, done.
    A2 due Mon 03-29: heads-up Fri 03-26 and first Wed 03-31 list A1, which takes nothing.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, steps=(HEADS_UP, FIRST, SECOND)))
    book.invoice("A1", "100.00", due="03-04")
    assert len(book.diary("03-05", "03-18")) == 2
    assert told_holds(book.plan("03-19")) == ["ladder-done: A1"]
    book.invoice("A2", "50.00", due="03-29")
    assert book.diary("03-19", "03-31") == [
        "Fri 03-26 heads-up GBP 150.00: (A1) A2",
        "Wed 03-31 first reminder GBP 150.00: (A1) A2",
    ]


def test_an_invoice_given_more_time_goes_on_where_it_was() -> None:
    """
    A1 due Thu 03-04, first 03-05. On 03-10 it is re-dated to Thu 04-08: nothing until the second
    reminder, 14 days after the new date (Thu 04-22); no second heads-up.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.change("A1", due_on=day("04-08"))
    assert told_upcoming(book.plan("03-10")) == ["2027-04-22 second reminder: A1"]
    assert book.diary("03-10", "04-22") == ["Thu 04-22 second reminder GBP 100.00: A1"]


def test_money_with_no_and_with_three_decimals() -> None:
    """
    J1 of 120000 yen and K1 of 1234.567 dinars due Thu 03-04, and a yen credit of 117001: net 2999,
    below the minimum of 3000 yen. On 03-08 the credit is 117000: the yen leave, gross.
    The dinars have no minimum and left on Fri 03-05; so the yen wait for the gap: Wed 03-10.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, minimum={"JPY": 3000}))
    book.invoice("J1", "120000", due="03-04", currency="JPY")
    book.invoice("K1", "1234.567", due="03-04", currency="KWD")
    book.credit("117001", currency="JPY")
    assert book.diary("03-05", "03-07") == ["Fri 03-05 first reminder KWD 1234.567: K1"]
    book.credit("117000", currency="JPY")
    assert book.diary("03-08", "03-10") == ["Wed 03-10 first reminder JPY 120000: J1"]
    assert book.sent[-1][1].unapplied == 117000


def test_two_invoices_at_different_rungs_share_the_firmer_letter() -> None:
    """
    A1 due Thu 03-04, A2 due Wed 03-17. 03-05 first A1. A2's heads-up: Sun 03-14 -> Mon 03-15, listing A1.
    A1's second (Thu 03-18) and A2's first (Thu 03-18) wait for the gap: Sat 03-20 -> Mon 03-22, one
    message, carried by the second reminder; each takes its own step.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-17")
    assert book.diary("03-05", "03-22") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Mon 03-15 heads-up GBP 150.00: (A1) A2",
        "Mon 03-22 second reminder GBP 150.00: A1 A2",
    ]
    assert [take[1:] for take in book.takes[-2:]] == [("A1", "second reminder"), ("A2", "first reminder")]


def test_a_paused_customer_is_left_alone_in_every_currency() -> None:
    """
    A1 GBP and U1 USD due Thu 03-04; on 03-05 the customer is paused up to Sat 03-13: both leave on Mon 03-15.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("U1", "200.00", due="03-04", currency="USD")
    book.hold("Quill", "paused", until="03-13")
    assert told_holds(book.plan("03-05")) == ["paused until 2027-03-15: A1", "paused until 2027-03-15: U1"]
    assert book.diary("03-05", "03-15") == [
        "Mon 03-15 first reminder GBP 100.00: A1",
        "Mon 03-15 first reminder USD 200.00: U1",
    ]


def test_a_missing_address_holds_until_somebody_adds_it() -> None:
    """A1 due Thu 03-04, no address until Wed 03-10: the first reminder is caught up that day."""
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.debtors["Quill"] = Debtor("Quill", "Quill")
    assert book.diary("03-05", "03-09") == []
    assert told_holds(book.plan("03-09")) == ["no-address: A1"]
    book.debtors["Quill"] = Debtor("Quill", "Quill", ("ap@quill.example",))
    assert book.diary("03-10", "03-10") == ["Wed 03-10 first reminder GBP 100.00: A1"]


def test_a_voided_invoice_drops_out_though_it_carries_an_amount() -> None:
    """A1 and A2 due Thu 03-04, both reminded 03-05; A1 is voided 03-10: the second reminder is about A2."""
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-04")
    book.run("03-05")
    book.change("A1", status="voided")
    assert book.diary("03-10", "03-18") == ["Thu 03-18 second reminder GBP 50.00: A2"]


def test_an_approved_message_that_shrinks_still_stands_and_one_that_grows_does_not() -> None:
    """
    Approved on Fri 03-05: a first reminder for A1 100.00 and A2 50.00, due Thu 03-04.
    A2 is paid: the same message, still approved, for 100.00. A3, due 03-04 too, turns up: planned again.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, steps=(FIRST, FINAL)))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-04")
    (message,) = book.plan("03-05").messages
    assert message.status == "planned"
    book.approved = [message]
    book.pays("A2", "50.00")
    (smaller,) = book.plan("03-05").messages
    assert (smaller.id, smaller.status, told(smaller)) == (
        message.id,
        "approved",
        "first reminder GBP 100.00: A1",
    )
    book.invoice("A3", "1.00", due="03-04")
    (other,) = book.plan("03-05").messages
    assert (other.status, told(other)) == ("planned", "first reminder GBP 101.00: A1 A3")
