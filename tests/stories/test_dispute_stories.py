"""Stories of disputes: about all of an invoice or a part of it, and how they end. 2027-03-01 is a Monday.

The policy is `STANDARD` unless a story says otherwise: heads-up 3 days before due, first reminder 1,
second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days
between two messages, Monday to Friday, nothing below 25.00 GBP or USD.
"""

from __future__ import annotations

import msgspec

from day_book import FINAL, FIRST, HAND_OVER, SECOND, STANDARD, DayBook, told_holds


def disputed_in_part() -> DayBook:
    """A1 600.00 due Thu 03-04, first reminder Fri 03-05; on Tue 03-09 250.00 of it is disputed, and the
    second reminder of Thu 03-18 asks for the other 350.00."""
    book = DayBook()
    book.invoice("A1", "600.00", due="03-04")
    assert book.diary("03-05", "03-08") == ["Fri 03-05 first reminder GBP 600.00: A1"]
    book.dispute("A1", "250.00", owner="anna")
    assert book.diary("03-09", "03-23") == ["Thu 03-18 second reminder GBP 350.00 of 600.00: A1"]
    return book


def test_a_dispute_with_an_end_resumes_by_itself() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05. On Tue 03-09 Quill doubts the quantity; Anna has until Fri 03-26 to
    find the delivery note. The second reminder (Thu 03-18) is held, in her name. Nobody does anything:
    Sat 03-27 -> Mon 03-29 second; the gap ends on Sat 04-03, the final notice's own day -> Mon 04-05.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.dispute("A1", until="03-26", owner="anna")
    (hold,) = book.plan("03-18").holds
    assert told_holds(book.plan("03-18")) == ["disputed until 2027-03-29: A1"]
    assert hold.owner == "anna"
    assert book.diary("03-09", "04-05") == [
        "Mon 03-29 second reminder GBP 100.00: A1",
        "Mon 04-05 final notice GBP 100.00: A1",
    ]


def test_what_is_not_in_dispute_is_asked_for_until_it_is_paid() -> None:
    """
    On Wed 03-24 the undisputed 350.00 is paid. What is left is in dispute: A1 is held, over the final
    notice (Sat 04-03). On Wed 04-07 the dispute is decided against Quill: the final notice, for 250.00.
    """
    book = disputed_in_part()
    book.pays("A1", "350.00")
    assert told_holds(book.plan("03-24")) == ["disputed: A1"]
    assert book.diary("03-24", "04-06") == []
    book.release("A1")
    assert book.diary("04-07", "04-07") == ["Wed 04-07 final notice GBP 250.00: A1"]


def test_a_dispute_resolved_in_part() -> None:
    """
    Of the 250.00, on Wed 03-24: 100.00 is granted (a credit note: 500.00 open), 90.00 is refused, and about
    60.00 they still talk. The final notice of Mon 04-05 asks for 440.00 of 500.00.
    On Thu 04-08 the 60.00 is credited too and the dispute closed: the hand over on Mon 05-03 is about all
    that is open, 440.00.
    """
    book = disputed_in_part()
    book.pays("A1", "100.00")
    book.release("A1")
    book.dispute("A1", "60.00", owner="anna")
    assert book.diary("03-24", "04-07") == ["Mon 04-05 final notice GBP 440.00 of 500.00: A1"]
    book.pays("A1", "60.00")
    book.release("A1")
    assert book.diary("04-08", "05-03") == ["Mon 05-03 task hand over GBP 440.00: A1"]


def test_a_dispute_resolved_by_a_credit_note() -> None:
    """
    On Wed 03-24 the 250.00 is credited: 350.00 open. As long as nobody closes the dispute, 250.00 of that
    still counts as disputed and 100.00 would be asked for: in doubt too little. On Fri 03-26 it is closed,
    and the final notice of Mon 04-05 asks for 350.00.
    """
    book = disputed_in_part()
    book.pays("A1", "250.00")
    assert book.diary("03-24", "03-25") == []
    book.release("A1")
    assert book.diary("03-26", "04-05") == ["Mon 04-05 final notice GBP 350.00: A1"]


def test_nobody_closed_the_dispute_after_the_credit_note() -> None:
    """As before, but it is forgotten: the final notice of Mon 04-05 asks for 100.00 of the 350.00, and a
    payment of just that leaves A1 held as disputed."""
    book = disputed_in_part()
    book.pays("A1", "250.00")
    assert book.diary("03-24", "04-05") == ["Mon 04-05 final notice GBP 100.00 of 350.00: A1"]
    book.pays("A1", "100.00")
    assert told_holds(book.plan("04-06")) == ["disputed: A1"]


def test_a_part_in_dispute_beside_other_invoices() -> None:
    """
    A1 600.00 due Thu 03-04, A2 100.00 due Thu 03-11. First A1 Fri 03-05; on Mon 03-08 250.00 of A1 is
    disputed. From then on each message asks for 350.00 + 100.00 of 700.00.
    A2: heads-up Mon 03-08 -> gap -> Wed 03-10; first Fri 03-12 -> gap -> Mon 03-15.
    A1 second Thu 03-18 -> gap -> Sat 03-20 -> Mon 03-22; A2 second Thu 03-25 -> gap -> Sat -> Mon 03-29.
    """
    book = DayBook()
    book.invoice("A1", "600.00", due="03-04")
    book.invoice("A2", "100.00", due="03-11")
    assert book.diary("03-05", "03-07") == ["Fri 03-05 first reminder GBP 600.00: A1"]
    book.dispute("A1", "250.00")
    assert book.diary("03-08", "03-29") == [
        "Wed 03-10 heads-up GBP 450.00 of 700.00: (A1) A2",
        "Mon 03-15 first reminder GBP 450.00 of 700.00: (A1) A2",
        "Mon 03-22 second reminder GBP 450.00 of 700.00: A1 (A2)",
        "Mon 03-29 second reminder GBP 450.00 of 700.00: (A1) A2",
    ]


def test_no_final_notice_while_a_part_is_in_dispute() -> None:
    """
    The final notice is not for what is disputed. A1 of Quill and R1 of Reed, 100.00 each, due Thu 03-04;
    30.00 of A1 is disputed from Tue 03-09 on. Both: first Fri 03-05, second Thu 03-18.
    R1: final Sat 04-03 -> Mon 04-05. A1 passes it over: both hand over on Mon 05-03.
    """
    final = msgspec.structs.replace(FINAL, not_for=frozenset({"disputed"}))
    book = DayBook(msgspec.structs.replace(STANDARD, steps=(FIRST, SECOND, final, HAND_OVER)))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "100.00", due="03-04", customer="Reed")
    assert len(book.diary("03-05", "03-08")) == 2
    book.dispute("A1", "30.00")
    assert book.diary("03-09", "05-03") == [
        "Thu 03-18 second reminder GBP 70.00 of 100.00: A1",
        "Thu 03-18 second reminder GBP 100.00: R1",
        "Mon 04-05 final notice GBP 100.00: R1",
        "Mon 05-03 task hand over GBP 70.00 of 100.00: A1",
        "Mon 05-03 task hand over GBP 100.00: R1",
    ]


def test_too_little_is_left_beside_the_dispute() -> None:
    """
    A1 100.00 due Thu 03-04: first Fri 03-05. From Tue 03-09 on 80.00 is disputed: the 20.00 beside it is
    below the minimum of 25.00, and nobody is written to about that on Thu 03-18. On Tue 03-23 the dispute
    is withdrawn: the second reminder leaves that day, for 100.00.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.dispute("A1", "80.00")
    assert book.diary("03-09", "03-22") == []
    assert told_holds(book.plan("03-22")) == ["below-minimum: A1"]
    book.release("A1")
    assert book.diary("03-23", "03-23") == ["Tue 03-23 second reminder GBP 100.00: A1"]


def test_promised_first_and_disputed_then() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05. Promised on Tue 03-09 for Thu 03-18, disputed on Mon 03-15. On the
    promised day the dispute is what is told, with the promise beside it; the day passes, and the dispute
    alone keeps A1 out of the chase, until it is closed on Wed 03-31: second reminder, on the spot.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.promise("A1", on="03-09", by="03-18")
    book.dispute("A1")
    assert told_holds(book.plan("03-18")) == ["disputed: A1"]
    assert book.plan("03-18").holds[0].detail == "the customer disputes it; also promised"
    assert book.plan("03-19").holds[0].detail == "the customer disputes it"
    assert book.diary("03-15", "03-30") == []
    book.release("A1")
    assert book.diary("03-31", "03-31") == ["Wed 03-31 second reminder GBP 100.00: A1"]
