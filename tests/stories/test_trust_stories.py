"""Stories of a book whose figures are in doubt, or change under the chase. 2027-03-01 is a Monday.

The policy is `STANDARD` unless a story says otherwise: heads-up 3 days before due, first reminder 1,
second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days
between two messages, Monday to Friday, nothing below 25.00 GBP or USD. The second reminder and what
comes after it are firm.
"""

from __future__ import annotations

import msgspec

from day_book import STANDARD, DayBook, day, days, told_holds, told_upcoming


def with_payments(*spans: tuple[str, str]) -> DayBook:
    """A book to which money comes on each weekday of these spans."""
    book = DayBook()
    book.paid_on = [on for span in spans for on in days(*span) if on.weekday() < 5]
    return book


def test_a_bank_feed_forgotten_for_three_weeks() -> None:
    """
    Money comes on each weekday, recorded up to Fri 02-26; then nobody reconciles the bank feed.
    Pauses are of 3 days at most, so a week is the limit: Thu 03-04 is in time, Fri 03-05 is not.
    A1 due Wed 02-17: first reminder Thu 02-18; second Wed 03-03, in time.
    B1 of Reed due Tue 02-23: heads-up Sat 02-20 -> Mon 02-22; first Wed 02-24 -> gap -> Sat 02-27 ->
    Mon 03-01; second Tue 03-09 is held.
    C1 of Sedge due Fri 03-12: heads-up Tue 03-09 and first Sat 03-13 -> Mon 03-15 leave all the same.
    A1's final notice (Fri 03-19) is held. On Mon 03-22 three weeks of payments are recorded: Reed had paid
    on 03-02, and A1's final notice, which is owed still, leaves that day.
    """
    book = with_payments(("01-01", "02-26"))
    book.invoice("A1", "100.00", due="02-17")
    book.invoice("B1", "80.00", due="02-23", customer="Reed")
    book.invoice("C1", "60.00", due="03-12", customer="Sedge")
    assert book.diary("02-18", "03-04") == [
        "Thu 02-18 first reminder GBP 100.00: A1",
        "Mon 02-22 heads-up GBP 80.00: B1",
        "Mon 03-01 first reminder GBP 80.00: B1",
        "Wed 03-03 second reminder GBP 100.00: A1",
    ]
    assert book.diary("03-05", "03-21") == [
        "Tue 03-09 heads-up GBP 60.00: C1",
        "Mon 03-15 first reminder GBP 60.00: C1",
    ]
    made = book.plan("03-19")
    assert told_holds(made) == ["stale-data: A1", "stale-data: B1"]
    assert "the last payment is of 2027-02-26, 21 days ago" in made.holds[0].detail
    assert "reconcile the bank feed" in made.holds[0].detail
    book.paid_on += [on for on in days("03-01", "03-19") if on.weekday() < 5]
    book.pays("B1", "80.00")
    assert told_holds(book.plan("03-22")) == []
    assert book.diary("03-22", "03-26") == ["Mon 03-22 final notice GBP 100.00: A1"]


def test_a_book_that_is_quiet_by_nature_says_so() -> None:
    """
    As before up to 02-26, but the firm has closed for the season: with 60 days in the policy file the
    firm steps leave as ever; with 0 nothing is judged at all.
    A1 due Wed 02-17, first taken: second Wed 03-03, final Fri 03-19, hand over 60 days after: Sun 04-18.
    60 days after Fri 02-26 is Tue 04-27, 45 days are Mon 04-12.
    """
    for every, task_held in ((60, False), (45, True), (0, False)):
        book = with_payments(("01-01", "02-26"))
        book.policy = msgspec.structs.replace(STANDARD, payments_expected_every=every)
        book.invoice("A1", "100.00", due="02-17")
        book.run("02-18")
        expected = [
            "Wed 03-03 second reminder GBP 100.00: A1",
            "Fri 03-19 final notice GBP 100.00: A1",
            "Sun 04-18 task hand over GBP 100.00: A1",
        ]
        assert book.diary("02-19", "04-27") == expected[: 2 if task_held else 3]
        assert told_holds(book.plan("04-27")) == (["stale-data: A1"] if task_held else [])
        assert told_holds(book.plan("04-28")) == (["stale-data: A1"] if every else [])


def test_a_customer_that_does_not_tie_out_is_left_alone_and_joins_again() -> None:
    """
    A1 of Quill and R1 of Reed, both due Thu 03-04: first reminders Fri 03-05.
    On Mon 03-08 the comparison finds 100.00 for Quill here and 40.00 there: left alone, over the second
    reminder of Thu 03-18, while Reed's leaves. A3 of Quill, due Mon 03-15, gets no heads-up meanwhile.
    On Tue 03-23 the missing payment of 60.00 is in and the figures agree: the second reminder is caught up
    that day, one message with A3's first.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "70.00", due="03-04", customer="Reed")
    assert book.diary("03-05", "03-07") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Fri 03-05 first reminder GBP 70.00: R1",
    ]
    book.unreconciled["Quill", "GBP"] = "the book says 100.00, the accounting system says 40.00"
    book.invoice("A3", "50.00", due="03-15")
    assert told_upcoming(book.plan("03-08"))[0] == "2027-03-12 heads-up: A3"
    assert book.diary("03-08", "03-22") == ["Thu 03-18 second reminder GBP 70.00: R1"]
    assert told_holds(book.plan("03-22")) == ["unreconciled: A1 A3"]
    book.pays("A1", "60.00")
    del book.unreconciled["Quill", "GBP"]
    assert book.diary("03-23", "03-26") == ["Tue 03-23 second reminder GBP 90.00: A1 A3"]
    assert [take[1:] for take in book.takes[-2:]] == [("A1", "second reminder"), ("A3", "first reminder")]


def test_a_payment_that_bounced_and_the_chase_goes_on_where_it_stood() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05, second Thu 03-18. Paid on 03-22. On Wed 04-07 the bank returns the
    payment: A1 is open again, and the final notice, whose day was Sat 04-03, is next; nothing is repeated.
    Paid again on 04-09, returned in part (30.00) on 05-10: the hand over of Mon 05-03 is caught up.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    assert len(book.diary("03-05", "03-21")) == 2
    book.pays("A1", "100.00")
    assert book.diary("03-22", "04-06") == []
    book.bounces("A1", "100.00")
    assert book.diary("04-07", "04-08") == ["Wed 04-07 final notice GBP 100.00: A1"]
    book.pays("A1", "100.00")
    assert book.diary("04-09", "05-09") == []
    book.bounces("A1", "30.00")
    assert book.diary("05-10", "05-31") == ["Mon 05-10 task hand over GBP 30.00: A1"]


def test_an_invoice_re_dated_after_two_steps() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05, second Thu 03-18. On 03-22 it gets two weeks more from then, to
    Mon 04-05: it is not overdue, no step up to the second is repeated, and the final notice moves from
    Sat 04-03 to Wed 05-05. On 05-10 the date is put back to 03-04: the hand over is on its day, Mon 05-03,
    which is past, and shows at once after the gap to 05-05 (Mon 05-10).
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    assert len(book.diary("03-05", "03-21")) == 2
    book.change("A1", due_on=day("04-05"))
    assert told_upcoming(book.plan("03-22")) == ["2027-05-05 final notice: A1"]
    assert book.diary("03-22", "05-09") == ["Wed 05-05 final notice GBP 100.00: A1"]
    assert told_upcoming(book.plan("05-09")) == ["2027-06-04 hand over: A1"]
    book.change("A1", due_on=day("03-04"))
    assert book.diary("05-10", "05-31") == ["Mon 05-10 task hand over GBP 100.00: A1"]


def test_firm_and_soft_of_one_customer_while_payments_look_unrecorded() -> None:
    """
    Money on each weekday up to Fri 03-05: stale from Fri 03-12 on.
    A1 due Thu 02-25: first Fri 02-26; its second (Thu 03-11) is in time, its final (Sat 03-27 -> Mon 03-29)
    is not. A2 due Wed 03-24: heads-up Sun 03-21 -> Mon 03-22, which lists A1; first Thu 03-25 -> gap ->
    Sat 03-27 -> Mon 03-29, the day on which A1's final notice is held: it carries the first reminder.
    Payments are recorded on Thu 04-01: the final notice waits for the gap to 03-29 (Sat 04-03 -> Mon 04-05).
    """
    book = with_payments(("01-01", "03-05"))
    book.invoice("A1", "100.00", due="02-25")
    book.invoice("A2", "50.00", due="03-24")
    assert book.diary("02-26", "03-29") == [
        "Fri 02-26 first reminder GBP 100.00: A1",
        "Thu 03-11 second reminder GBP 100.00: A1",
        "Mon 03-22 heads-up GBP 150.00: (A1) A2",
        "Mon 03-29 first reminder GBP 150.00: (A1) A2",
    ]
    assert "stale-data: A1" in told_holds(book.plan("03-31"))
    book.paid_on += [on for on in days("03-08", "03-31") if on.weekday() < 5]
    assert told_holds(book.plan("04-01")) == ["too-soon until 2027-04-05: A1"]
    assert book.diary("04-01", "04-05") == ["Mon 04-05 final notice GBP 150.00: A1 (A2)"]
