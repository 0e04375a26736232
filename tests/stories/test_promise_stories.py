"""Stories of promises: kept, kept in part, kept early, broken, made again. 2027-03-01 is a Monday.

The policy is `STANDARD`: heads-up 3 days before due, first reminder 1, second reminder 14 and final
notice 30 days after due, hand over (a task) 60 days after due; 5 days between two messages, Monday to
Friday, nothing below 25.00 GBP or USD.
"""

from __future__ import annotations

from day_book import DayBook, told_holds, told_upcoming


def test_half_of_what_was_promised_comes() -> None:
    """
    A1 300.00 due Thu 03-04: first Fri 03-05. On Tue 03-09 "200.00 by Friday the 19th".
    Wed 03-17: 120.00 comes. Thu 03-18 the second reminder is held.
    After Fri 03-19 the promise is no more: Sat 03-20 -> Mon 03-22 second reminder, for the 180.00 left.
    The final notice is not moved by it: Sat 04-03 -> Mon 04-05.
    """
    book = DayBook()
    book.invoice("A1", "300.00", due="03-04")
    assert book.diary("03-05", "03-08") == ["Fri 03-05 first reminder GBP 300.00: A1"]
    book.promise("A1", "200.00", on="03-09", by="03-19")
    assert book.diary("03-09", "03-16") == []
    book.pays("A1", "120.00")
    assert book.diary("03-17", "03-18") == []
    (hold,) = book.plan("03-19").holds
    assert "200.00 GBP by 2027-03-19, 120.00 of it came" in hold.detail
    assert told_holds(book.plan("03-19")) == ["promised until 2027-03-22: A1"]
    assert book.diary("03-19", "04-05") == [
        "Mon 03-22 second reminder GBP 180.00: A1",
        "Mon 04-05 final notice GBP 180.00: A1",
    ]


def test_who_pays_early_is_not_chased_for_the_rest_before_the_promised_day() -> None:
    """
    A1 300.00 due Thu 03-04: first Fri 03-05. On Tue 03-09 "200.00 by Friday the 19th", and all of
    the 200.00 is there on Thu 03-11. The second reminder for the other 100.00 (Thu 03-18) still waits
    for that Friday: Mon 03-22.
    """
    book = DayBook()
    book.invoice("A1", "300.00", due="03-04")
    book.run("03-05")
    book.promise("A1", "200.00", on="03-09", by="03-19")
    book.pays("A1", "200.00")
    assert "200.00 GBP by 2027-03-19, it came" in book.plan("03-11").holds[0].detail
    assert book.diary("03-11", "03-22") == ["Mon 03-22 second reminder GBP 100.00: A1"]


def test_the_bank_takes_its_days_and_grace_waits_for_it() -> None:
    """
    Quill and Reed both owe what was due on Thu 03-04 and promise on Tue 03-09 to pay on Thu 03-18; three
    days of grace are given, which is through Sun 03-21. Quill's money is in the books on Fri 03-19,
    which is kept. Reed's never comes: second reminder on Mon 03-22, and not on the Friday.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "70.00", due="03-04", customer="Reed")
    assert len(book.diary("03-05", "03-08")) == 2
    book.promise("A1", on="03-09", by="03-18", grace=3)
    book.promise("R1", on="03-09", by="03-18", grace=3)
    assert book.diary("03-09", "03-18") == []
    book.pays("A1", "100.00")
    assert told_holds(book.plan("03-19")) == ["promised until 2027-03-22: R1"]
    assert book.diary("03-19", "03-22") == ["Mon 03-22 second reminder GBP 70.00: R1"]


def test_a_broken_promise_renewed() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05. On Tue 03-09 "by Tuesday the 16th"; nothing comes.
    On Wed 03-17 it is broken, and the second reminder comes up for Thu 03-18. But Quill calls:
    "next Wednesday, word of honour". Held through Wed 03-24, chased on Thu 03-25. Final Mon 04-05.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.promise("A1", on="03-09", by="03-16")
    assert told_holds(book.plan("03-16")) == ["promised until 2027-03-18: A1"]
    assert told_upcoming(book.plan("03-17")) == ["2027-03-18 second reminder: A1"]
    book.promise("A1", on="03-17", by="03-24")
    assert told_holds(book.plan("03-17")) == ["promised until 2027-03-25: A1"]
    assert book.diary("03-17", "04-05") == [
        "Thu 03-25 second reminder GBP 100.00: A1",
        "Mon 04-05 final notice GBP 100.00: A1",
    ]


def test_pounds_are_promised_and_dollars_chased_on() -> None:
    """
    A1 GBP and U1 USD of Quill, due Thu 03-04: both firsts Fri 03-05. On Tue 03-09 Quill promises its
    pounds by Fri 03-19. The dollars' second reminder leaves on Thu 03-18.
    The pounds do not come: from Sat 03-20 on they may be chased, but the gap to the dollars' message
    ends on Tue 03-23.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("U1", "200.00", due="03-04", currency="USD")
    assert len(book.diary("03-05", "03-08")) == 2
    book.promise("Quill", "100.00", on="03-09", by="03-19", currency="GBP")
    assert book.diary("03-09", "03-18") == ["Thu 03-18 second reminder USD 200.00: U1"]
    assert told_holds(book.plan("03-19")) == ["promised until 2027-03-23: A1"]
    assert book.diary("03-19", "03-23") == ["Tue 03-23 second reminder GBP 100.00: A1"]


def test_a_credit_note_keeps_a_promise_as_money_does() -> None:
    """
    A1 100.00 due Thu 03-04: first Fri 03-05. On Tue 03-09 "60.00 by Thursday the 18th", with three days
    of grace. On Mon 03-15 a credit note of 60.00 is applied to A1. So the 60.00 are no longer owed and
    the promise is kept: it ends with its own day and needs no grace. Second Fri 03-19, for 40.00.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.promise("A1", "60.00", on="03-09", by="03-18", grace=3)
    assert book.diary("03-09", "03-14") == []
    book.pays("A1", "60.00")
    assert "it came" in book.plan("03-18").holds[0].detail
    assert book.diary("03-15", "03-19") == ["Fri 03-19 second reminder GBP 40.00: A1"]


def test_money_that_nobody_applied_yet_keeps_a_customers_promise() -> None:
    """
    A1 100.00 and A2 80.00 due Thu 03-04: first Fri 03-05. Quill promises 100.00 by Thu 03-18, with three
    days of grace. On Wed 03-17 100.00 comes in, on account. The promise is kept, so the chase is free on
    Fri 03-19 and not on Mon 03-22: 180.00, with the 100.00 beside it.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "80.00", due="03-04")
    book.run("03-05")
    book.promise("Quill", "100.00", on="03-09", by="03-18", grace=3)
    assert book.diary("03-09", "03-16") == []
    book.credit("100.00")
    assert book.diary("03-17", "03-19") == ["Fri 03-19 second reminder GBP 180.00: A1 A2"]
    assert book.sent[-1][1].unapplied == 100_00


def test_one_invoice_is_promised_and_the_other_chased() -> None:
    """
    A1 100.00 and A2 50.00 due Thu 03-04: first Fri 03-05 for both. A1 is promised for Wed 03-24: the
    second reminder of Thu 03-18 is about A2 and does not mention A1. A1 is paid as promised; the final
    notice (Sat 04-03 -> Mon 04-05) is about A2.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-04")
    book.run("03-05")
    book.promise("A1", on="03-09", by="03-24")
    assert book.diary("03-09", "03-23") == ["Thu 03-18 second reminder GBP 50.00: A2"]
    book.pays("A1", "100.00")
    assert book.diary("03-24", "04-05") == ["Mon 04-05 final notice GBP 50.00: A2"]


def test_a_promise_after_the_final_notice_keeps_the_case_from_the_lawyer() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05, second Thu 03-18, final Mon 04-05. The hand over would be on
    Mon 05-03. On Thu 04-29 payment is promised for Fri 05-07: no task before Sat 05-08, which needs
    no sending day.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    assert len(book.diary("03-05", "04-28")) == 3
    book.promise("A1", on="04-29", by="05-07")
    assert told_holds(book.plan("05-03")) == ["promised until 2027-05-08: A1"]
    assert book.diary("04-29", "05-08") == ["Sat 05-08 task hand over GBP 100.00: A1"]
