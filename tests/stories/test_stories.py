"""Stories of a book, told day by day. 2027-03-01 is a Monday.

The policy is `STANDARD` unless a story says otherwise: heads-up 3 days before due, first reminder 1,
second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days
between two messages, Monday to Friday, nothing below 25.00 GBP or USD.
"""

from __future__ import annotations

from arsync.policy.rules import Policy, Step
from day_book import (
    FIRST,
    WEEKDAYS,
    DayBook,
    day,
    told_holds,
    told_upcoming,
)


def test_plain_ladder_from_heads_up_to_hand_over() -> None:
    """
    A1 100.00 due Fri 03-05, never paid; a run every day.
    -3  Tue 03-02  heads-up
    +1  Sat 03-06  not a sending day -> Mon 03-08 first reminder
    +14 Fri 03-19  second reminder
    +30 Sun 04-04  -> Mon 04-05 final notice
    +60 Tue 05-04  task; closed that day -> the ladder is done
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-05")
    assert book.diary("03-01", "05-04") == [
        "Tue 03-02 heads-up GBP 100.00: A1",
        "Mon 03-08 first reminder GBP 100.00: A1",
        "Fri 03-19 second reminder GBP 100.00: A1",
        "Mon 04-05 final notice GBP 100.00: A1",
        "Tue 05-04 task hand over GBP 100.00: A1",
    ]
    (task,) = book.plan("05-04").tasks
    book.done(task, day("05-04"))
    assert told_holds(book.plan("05-04")) == ["ladder-done: A1"]
    assert book.diary("05-05", "06-30") == []


def test_joining_late_starts_at_the_first_step_after_due() -> None:
    """
    A1 is half a year old when the book joins on Mon 03-01: no heads-up and no final notice first.
    Mon 03-01 first; gap to Sat 03-06 -> Mon 03-08 second; Sat 03-13 -> Mon 03-15 final;
    Sat 03-20 the task, which is work for a person and waits for no sending day.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="2026-09-01")
    assert book.diary("03-01", "04-30") == [
        "Mon 03-01 first reminder GBP 100.00: A1",
        "Mon 03-08 second reminder GBP 100.00: A1",
        "Mon 03-15 final notice GBP 100.00: A1",
        "Sat 03-20 task hand over GBP 100.00: A1",
    ]


def test_missed_days_are_caught_up() -> None:
    """
    A1 due Fri 03-05. The machine is off from 03-09 to 03-29, over the second reminder (03-19).
    Tue 03-30 second reminder; final is due 04-04 (a Sunday), the gap ends that day too -> Mon 04-05.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-05")
    assert book.diary("03-01", "03-08") == [
        "Tue 03-02 heads-up GBP 100.00: A1",
        "Mon 03-08 first reminder GBP 100.00: A1",
    ]
    assert book.diary("03-30", "04-05") == [
        "Tue 03-30 second reminder GBP 100.00: A1",
        "Mon 04-05 final notice GBP 100.00: A1",
    ]


def test_a_weekend_holds_everything_until_monday() -> None:
    """
    A1 due Fri 03-05: first reminder would be on Sat. B1 of another customer due Tue 03-09: its
    heads-up would be on Sat too, and is still in time on Monday.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-05")
    book.invoice("B1", "80.00", due="03-09", customer="Reed")
    for weekend in ("03-06", "03-07"):
        assert book.run(weekend).messages == ()
        assert told_holds(book.plan(weekend)) == [
            "not-a-sending-day until 2027-03-08: A1",
            "not-a-sending-day until 2027-03-08: B1",
        ]
    assert book.diary("03-08", "03-08") == [
        "Mon 03-08 first reminder GBP 100.00: A1",
        "Mon 03-08 heads-up GBP 80.00: B1",
    ]


def test_a_heads_up_that_could_only_be_late_is_never_sent_nor_announced() -> None:
    """
    A heads-up 1 day before due, A1 due Sun 03-07: its day is Sat 03-06. The next sending day is
    Mon 03-08, when A1 is overdue: that day brings the first reminder, and Friday's plan says so.
    """
    book = DayBook(Policy("p", (Step("heads-up", -1, "heads-up"), FIRST), 5, WEEKDAYS))
    book.invoice("A1", "100.00", due="03-07")
    assert told_upcoming(book.plan("03-05")) == ["2027-03-08 first reminder: A1"]
    assert book.diary("03-05", "03-08") == ["Mon 03-08 first reminder GBP 100.00: A1"]


def test_two_currencies_are_two_messages_under_one_gap() -> None:
    """
    A1 GBP and U1 USD due Thu 03-04; runs from Fri 03-05 on: both reminders leave on one day.
    U2 USD due Tue 03-16: heads-up Sat 03-13 -> Mon 03-15 (lists U1, which is overdue).
    So A1's second reminder, Thu 03-18, waits for the gap after the dollars' message: 03-20 is a
    Saturday -> Mon 03-22, and so do U1's second and U2's first (03-17), in one message.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("U1", "200.00", due="03-04", currency="USD")
    book.invoice("U2", "50.00", due="03-16", currency="USD")
    assert book.diary("03-05", "03-26") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Fri 03-05 first reminder USD 200.00: U1",
        "Mon 03-15 heads-up USD 250.00: (U1) U2",
        "Mon 03-22 second reminder GBP 100.00: A1",
        "Mon 03-22 second reminder USD 250.00: U1 U2",
    ]


def test_what_comes_next_counts_todays_message_in_the_other_currency() -> None:
    """
    U1 USD due Thu 03-11 is reminded on Fri 03-12. A1 GBP is due on Tue 03-16: heads-up on Sat 03-13,
    but the gap after the dollars' message ends on Wed 03-17, when A1 is overdue: first reminder.
    """
    book = DayBook()
    book.invoice("U1", "200.00", due="03-11", currency="USD")
    book.invoice("A1", "100.00", due="03-16")
    book.run("03-12")
    assert "2027-03-17 first reminder: A1" in told_upcoming(book.plan("03-12"))
    assert book.diary("03-13", "03-17") == ["Wed 03-17 first reminder GBP 100.00: A1"]


def test_credit_covers_and_then_is_used_elsewhere() -> None:
    """
    A1 100.00 due Thu 03-04, credit note 100.00 not applied: held from Fri 03-05.
    Wed 03-10: 60.00 of it is applied to A1: 40.00 open, 40.00 credit: held still.
    Fri 03-12: the rest is refunded: the first reminder is caught up with what is open now.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.credit("100.00")
    assert book.diary("03-05", "03-09") == []
    assert told_holds(book.plan("03-09")) == ["credit-covers: A1"]
    book.pays("A1", "60.00")
    book.credit("40.00")
    assert book.diary("03-10", "03-11") == []
    assert told_holds(book.plan("03-11")) == ["credit-covers: A1"]
    book.credit("0.00")
    assert book.diary("03-12", "03-12") == ["Fri 03-12 first reminder GBP 40.00: A1"]


def test_a_part_payment_in_the_middle_and_the_rest_before_the_final_notice() -> None:
    """
    A1 100.00 due Thu 03-04. 03-05 first; 03-11 pays 60.00; 03-18 second for 40.00; 03-29 pays the rest.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    assert book.diary("03-05", "03-10") == ["Fri 03-05 first reminder GBP 100.00: A1"]
    book.pays("A1", "60.00")
    assert book.diary("03-11", "03-28") == ["Thu 03-18 second reminder GBP 40.00: A1"]
    book.pays("A1", "40.00")
    made = book.plan("03-29")
    assert (made.messages, made.tasks, made.holds, made.upcoming) == ((), (), (), ())
    assert book.diary("03-29", "05-31") == []


def test_a_dispute_keeps_its_invoice_out_of_every_message_until_released() -> None:
    """
    A1 100.00 due Thu 03-04, A2 50.00 due Thu 03-11.
    Fri 03-05 first A1. Tue 03-09 A1 is disputed.
    A2: heads-up Mon 03-08, too soon -> Wed 03-10 (A1 is not listed); first Fri 03-12 -> gap -> Mon 03-15.
    Thu 03-18 A1's second reminder is held; Wed 03-24 released -> second, listing A2.
    A2's second (Thu 03-25) waits for the gap -> Mon 03-29, listing A1.
    A1's final notice: Sat 04-03 -> Mon 04-05.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-11")
    assert book.diary("03-05", "03-08") == ["Fri 03-05 first reminder GBP 100.00: A1"]
    book.hold("A1", "disputed")
    assert book.diary("03-09", "03-23") == [
        "Wed 03-10 heads-up GBP 50.00: A2",
        "Mon 03-15 first reminder GBP 50.00: A2",
    ]
    assert told_holds(book.plan("03-23")) == ["disputed: A1"]
    book.release("A1")
    assert book.diary("03-24", "04-05") == [
        "Wed 03-24 second reminder GBP 150.00: A1 (A2)",
        "Mon 03-29 second reminder GBP 150.00: (A1) A2",
        "Mon 04-05 final notice GBP 150.00: A1 (A2)",
    ]


def test_a_promise_broken_is_chased_on_the_day_after() -> None:
    """
    A1 due Thu 03-04, first 03-05. On 03-09 the customer promises to pay by Thu 03-18, the very day
    of the second reminder: held through 03-18, chased on Fri 03-19.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.hold("A1", "promised", until="03-18")
    assert told_holds(book.plan("03-09")) == ["promised until 2027-03-19: A1"]
    assert told_holds(book.plan("03-18")) == ["promised until 2027-03-19: A1"]
    assert book.diary("03-09", "03-19") == ["Fri 03-19 second reminder GBP 100.00: A1"]


def test_a_promise_kept_brings_no_message() -> None:
    """As before, but paid on the promised day, Thu 03-18."""
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.hold("A1", "promised", until="03-18")
    assert book.diary("03-09", "03-17") == []
    book.pays("A1", "100.00")
    assert book.diary("03-18", "04-30") == []


def test_a_payment_date_in_the_accounting_system_is_a_promise() -> None:
    """
    A1 due Thu 03-04; the accounting system expects payment on Fri 03-12: held through Friday, and
    the first message could leave on Mon 03-15. A person's earlier promise (03-10) does not shorten it.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04", promised="03-12")
    assert told_holds(book.plan("03-05")) == ["promised until 2027-03-15: A1"]
    book.hold("A1", "promised", until="03-10")
    assert told_holds(book.plan("03-05")) == ["promised until 2027-03-15: A1"]
    assert book.diary("03-05", "03-15") == ["Mon 03-15 first reminder GBP 100.00: A1"]
