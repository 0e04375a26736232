"""Stories of agreements: instalments, settlements, discounts. 2027-03-01 is a Monday.

The policy is `STANDARD` unless a story says otherwise: heads-up 3 days before due, first reminder 1,
second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days
between two messages, Monday to Friday, nothing below 25.00 GBP or USD. Each instalment climbs these
steps anew from its own day. 'GBP 100.00 of 300.00' is asked for of what is open.
"""

from __future__ import annotations

import msgspec

from arsync.policy.rules import Offer
from day_book import FINAL, FIRST, SECOND, STANDARD, DayBook, day, told_holds, told_upcoming

MONTHLY = {"04-01": "100.00", "05-01": "100.00", "06-01": "100.00"}


def with_instalments(*, grace: int = 0) -> DayBook:
    """A1 300.00 due Thu 03-04, first reminder Fri 03-05; on Mon 03-08 three instalments of 100.00 are
    agreed, on Thu 04-01, Sat 05-01 and Tue 06-01. The second reminder of Thu 03-18 is not sent, and
    Mon 03-29 brings the heads-up for the first of them."""
    book = DayBook()
    book.invoice("A1", "300.00", due="03-04")
    assert book.diary("03-05", "03-07") == ["Fri 03-05 first reminder GBP 300.00: A1"]
    book.instalments("A1", on="03-08", parts=MONTHLY, grace=grace)
    assert told_upcoming(book.plan("03-18")) == ["2027-03-29 heads-up: A1"]
    assert book.diary("03-08", "03-31") == ["Mon 03-29 heads-up GBP 100.00 of 300.00: A1"]
    return book


def test_instalments_on_track_are_announced_and_never_reminded_of() -> None:
    """
    Paid on Thu 04-01: the next heads-up is 3 days before Sat 05-01, Wed 04-28. Paid on Fri 04-30.
    The last one: Sat 05-29 -> Mon 05-31, still in time for Tue 06-01. Paid that day: all is done.
    """
    book = with_instalments()
    book.pays("A1", "100.00")
    assert book.diary("04-01", "04-29") == ["Wed 04-28 heads-up GBP 100.00 of 200.00: A1"]
    book.pays("A1", "100.00")
    assert book.diary("04-30", "05-31") == ["Mon 05-31 heads-up GBP 100.00: A1"]
    book.pays("A1", "100.00")
    made = book.plan("06-01")
    assert (made.messages, made.tasks, made.holds, made.upcoming) == ((), (), (), ())


def test_an_instalment_missed() -> None:
    """
    Nothing comes on Thu 04-01. First reminder Fri 04-02 -> gap -> Sat 04-03 -> Mon 04-05: it asks for the
    missed 100.00, not for the 300.00 open. Paid on Thu 04-08, a week late: the plan goes on as agreed, with
    the heads-up of Wed 04-28.
    """
    book = with_instalments()
    assert book.diary("04-01", "04-07") == ["Mon 04-05 first reminder GBP 100.00 of 300.00: A1"]
    book.pays("A1", "100.00")
    assert book.diary("04-08", "04-28") == ["Wed 04-28 heads-up GBP 100.00 of 200.00: A1"]


def test_an_instalment_paid_in_part_is_reminded_of_the_missing_part() -> None:
    """Of the 100.00 of Thu 04-01 60.00 comes: Mon 04-05 asks for 40.00 of the 240.00 open. It comes on
    Wed 04-07; nothing before the heads-up of Wed 04-28."""
    book = with_instalments()
    book.pays("A1", "60.00")
    assert book.diary("04-01", "04-06") == ["Mon 04-05 first reminder GBP 40.00 of 240.00: A1"]
    book.pays("A1", "40.00")
    assert book.diary("04-07", "04-28") == ["Wed 04-28 heads-up GBP 100.00 of 200.00: A1"]


def test_an_instalment_paid_late_but_within_its_grace() -> None:
    """With 5 days of grace the instalment of Thu 04-01 has time through Tue 04-06: the first reminder of
    Mon 04-05 waits until Wed 04-07. It comes on Tue 04-06, and Quill hears nothing."""
    book = with_instalments(grace=5)
    assert book.diary("04-01", "04-05") == []
    assert told_holds(book.plan("04-05")) == ["agreed until 2027-04-07: A1"]
    book.pays("A1", "100.00")
    assert book.diary("04-06", "04-28") == ["Wed 04-28 heads-up GBP 100.00 of 200.00: A1"]


def test_two_instalments_missed_are_asked_for_in_one_letter() -> None:
    """
    A1 300.00 due Thu 03-04: first Fri 03-05. Agreed on Mon 03-08: 100.00 on each of Mon 03-15, Mon 03-29
    and Mon 04-12; four weeks late breaks it.
    Heads-up Fri 03-12; first Tue 03-16 -> gap -> Wed 03-17. The second reminder, 14 days after 03-15, is on
    Mon 03-29, when the second instalment is due as well: 200.00.
    Mon 04-12: four weeks after 03-15 the plan is broken, and the invoice's own second reminder asks for
    300.00. Its final notice (Sat 04-03): gap -> Sat 04-17 -> Mon 04-19.
    """
    book = DayBook()
    book.invoice("A1", "300.00", due="03-04")
    book.run("03-05")
    parts = {"03-15": "100.00", "03-29": "100.00", "04-12": "100.00"}
    book.instalments("A1", on="03-08", parts=parts, broken_after=28)
    assert book.diary("03-08", "04-19") == [
        "Fri 03-12 heads-up GBP 100.00 of 300.00: A1",
        "Wed 03-17 first reminder GBP 100.00 of 300.00: A1",
        "Mon 03-29 second reminder GBP 200.00 of 300.00: A1",
        "Mon 04-12 second reminder GBP 300.00: A1",
        "Mon 04-19 final notice GBP 300.00: A1",
    ]


def test_a_broken_plan_leads_back_to_the_step_where_the_chase_stood() -> None:
    """
    A1 300.00 due Thu 03-04: first Fri 03-05, second Thu 03-18. On Fri 03-19 two instalments of 150.00 are
    agreed, Mon 04-05 and Wed 05-05. Heads-up Fri 04-02; first Tue 04-06 -> gap -> Wed 04-07.
    Mon 04-19: 14 days late, broken. The second reminder was had: now the final notice, for all of it.
    Hand over 60 days after 03-04: Mon 05-03.
    """
    book = DayBook()
    book.invoice("A1", "300.00", due="03-04")
    assert len(book.diary("03-05", "03-18")) == 2
    book.instalments("A1", on="03-19", parts={"04-05": "150.00", "05-05": "150.00"})
    assert book.diary("03-19", "05-03") == [
        "Fri 04-02 heads-up GBP 150.00 of 300.00: A1",
        "Wed 04-07 first reminder GBP 150.00 of 300.00: A1",
        "Mon 04-19 final notice GBP 300.00: A1",
        "Mon 05-03 task hand over GBP 300.00: A1",
    ]


def test_one_plan_for_two_invoices_and_a_third_beside_it() -> None:
    """
    A1 100.00 due Thu 03-04, A2 100.00 due Thu 03-11. A1 first Fri 03-05; A2 heads-up Mon 03-08 -> gap ->
    Wed 03-10, first Fri 03-12 -> gap -> Mon 03-15. On Tue 03-16: 150.00 on Thu 04-01, 50.00 on Mon 05-03.
    Heads-up Mon 03-29: the 150.00 is laid on the older one first, 100.00 of A1 and 50.00 of A2. Paid.
    A3 80.00, due Thu 04-15, came later and is no part of it: heads-up Mon 04-12, first Fri 04-16 -> gap ->
    Sat 04-17 -> Mon 04-19, and A2, which is not overdue as agreed, is not listed. Paid on Wed 04-21.
    Heads-up for the 50.00 of A2: Fri 04-30.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "100.00", due="03-11")
    assert book.diary("03-05", "03-15") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Wed 03-10 heads-up GBP 200.00: (A1) A2",
        "Mon 03-15 first reminder GBP 200.00: (A1) A2",
    ]
    book.instalments("A1", "A2", on="03-16", parts={"04-01": "150.00", "05-03": "50.00"})
    assert book.diary("03-16", "03-31") == ["Mon 03-29 heads-up GBP 150.00 of 200.00: A1 A2"]
    book.pays("A1", "100.00")
    book.pays("A2", "50.00")
    book.invoice("A3", "80.00", due="04-15")
    assert book.diary("04-01", "04-20") == [
        "Mon 04-12 heads-up GBP 80.00: A3",
        "Mon 04-19 first reminder GBP 80.00: A3",
    ]
    book.pays("A3", "80.00")
    assert book.diary("04-21", "04-30") == ["Fri 04-30 heads-up GBP 50.00: A2"]


def settling() -> DayBook:
    """A1 1000.00 due Thu 03-04: first Fri 03-05, second Thu 03-18. On Mon 03-22: 800.00 by Wed 03-31 and the
    rest is forgiven."""
    book = DayBook()
    book.invoice("A1", "1000.00", due="03-04")
    assert len(book.diary("03-05", "03-21")) == 2
    book.settlement("A1", on="03-22", amount="800.00", until="03-31")
    assert book.diary("03-22", "03-29") == []
    assert told_holds(book.plan("03-29")) == ["agreed until 2027-04-05: A1"]
    return book


def test_a_settlement_paid_leaves_a_write_off_to_be_made() -> None:
    """800.00 comes on Tue 03-30. The 200.00 is chased no more, not by the final notice (Mon 04-05) either;
    the plan says what there is to do, until it is done on Mon 04-12."""
    book = settling()
    book.pays("A1", "800.00")
    assert book.diary("03-30", "04-11") == []
    (hold,) = book.plan("04-11").holds
    assert (hold.reason, hold.until) == ("agreed", None)
    assert hold.detail == "settled; write off 200.00 GBP in the accounting system"
    book.pays("A1", "200.00")
    assert book.plan("04-12").holds == ()


def test_a_settlement_lapses_and_all_that_is_open_is_owed_again() -> None:
    """300.00 comes on Tue 03-30, and no more. From Thu 04-01 on 700.00 is owed: the next step is the
    final notice, Sat 04-03 -> Mon 04-05."""
    book = settling()
    book.pays("A1", "300.00")
    assert told_holds(book.plan("03-31")) == ["agreed until 2027-04-05: A1"]
    assert told_upcoming(book.plan("04-01")) == ["2027-04-05 final notice: A1"]
    assert book.diary("03-30", "04-05") == ["Mon 04-05 final notice GBP 700.00: A1"]


def test_a_settlement_paid_on_account_waits_for_the_bookkeeper() -> None:
    """800.00 comes on Tue 03-30, but nobody applies it to A1. Nothing lapses, and nothing is settled either:
    somebody has to apply it. That is done on Thu 04-08."""
    book = settling()
    book.credit("800.00")
    assert book.diary("03-30", "04-07") == []
    assert "unapplied credit covers that: apply it to the invoices" in book.plan("04-07").holds[0].detail
    book.credit("0.00")
    book.pays("A1", "800.00")
    assert book.plan("04-08").holds[0].detail.startswith("settled; write off 200.00 GBP")


def test_a_discount_offered_with_the_first_reminder_taken_by_one_and_not_by_the_other() -> None:
    """
    The first reminder offers 2 % for payment within 7 days. Q1 of Quill and R1 of Reed, 500.00 each, due
    Thu 03-04: Fri 03-05 the offer of 490.00 by Fri 03-12.
    Quill pays 490.00 on Thu 03-11: the 10.00 is to be written off, and Thu 03-18 brings nothing.
    Reed pays nothing: the offer ends with Fri 03-12, and the second reminder asks for 500.00.
    The 490.00 that Reed then pays is not enough: 10.00 stays owed. The final notice (Mon 04-05) is not sent
    about that, for it is below the minimum.
    """
    first = msgspec.structs.replace(FIRST, offer=Offer(200, 7))
    book = DayBook(msgspec.structs.replace(STANDARD, steps=(first, SECOND, FINAL)))
    book.invoice("Q1", "500.00", due="03-04")
    book.invoice("R1", "500.00", due="03-04", customer="Reed")
    book.run("03-05")
    assert [message.offer_until for _, message in book.sent] == [day("03-12")] * 2
    book.discount("Q1", on="03-05", amount="490.00", until="03-12")
    offered = book.discount("R1", on="03-05", amount="490.00", until="03-12")
    book.pays("Q1", "490.00")
    assert told_holds(book.plan("03-11")) == ["agreed: Q1"]
    assert book.diary("03-11", "03-18") == ["Thu 03-18 second reminder GBP 500.00: R1"]
    book.ends(offered)
    book.pays("R1", "490.00")
    assert book.diary("03-19", "04-05") == []
    quill, reed = book.plan("04-05").holds
    assert quill.detail == "paid with its discount; write off 10.00 GBP in the accounting system"
    assert (reed.customer_id, reed.reason) == ("Reed", "below-minimum")


def test_while_an_offer_stands_no_other_is_made_beside_it() -> None:
    """
    Both reminders offer 2 %, the first for 20 days and the second for 7. Q1 over 500.00 is due Thu 03-04: the
    offer of Fri 03-05 stands through Thu 03-25, so the second reminder of Thu 03-18 offers nothing; another
    offer of its own would end on that very day, too. Without the first, it offers until 03-25.
    """
    first = msgspec.structs.replace(FIRST, offer=Offer(200, 20))
    second = msgspec.structs.replace(SECOND, offer=Offer(200, 7))
    for offered, until in ((True, None), (False, day("03-25"))):
        book = DayBook(msgspec.structs.replace(STANDARD, steps=(first, second)))
        book.invoice("Q1", "500.00", due="03-04")
        book.diary("03-05", "03-17")
        if offered:
            book.discount("Q1", on="03-05", amount="490.00", until="03-25")
        [message] = book.plan("03-18").messages
        assert (message.step, message.offer_until) == ("second reminder", until)
