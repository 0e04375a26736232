"""Stories of restraint: caps, rest after calls, wishes, and those who are not to be chased at all.

2027-03-01 is a Monday. The policy is `STANDARD` with what a story adds: heads-up 3 days before due, first
reminder 1, second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5
days between two messages, Monday to Friday, nothing below 25.00 GBP or USD.
"""

from __future__ import annotations

import msgspec

from arsync.policy.rules import EVERY_DAY, Cap, Policy, Step
from day_book import FIRST, SECOND, STANDARD, WEEKDAYS, DayBook, told_holds

TWO_A_WEEK = (Cap(2, 7),)
CALL = Step("by telephone", 7, "", "call")
WITH_CALL = Policy("p", (FIRST, CALL, SECOND), 5, WEEKDAYS)


def test_two_in_seven_days_with_debts_in_three_currencies() -> None:
    """
    Due Thu 03-04 in euros, pounds and dollars; at most 2 contacts in 7 days.
    Fri 03-05: two of the three, by currency. The dollars: Fri 03-12, seven days later.
    The seconds are of Thu 03-18, when the dollars' first is 6 days back: room for one, the euros'. Pounds:
    from Fri 03-19 on there is room, but the gap to the euros ends on Tue 03-23. Dollars: the gap to that
    ends on Sun 03-28 -> Mon 03-29.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, caps=TWO_A_WEEK))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("E1", "100.00", due="03-04", currency="EUR")
    book.invoice("U1", "100.00", due="03-04", currency="USD")
    assert told_holds(book.plan("03-05")) == ["too-many-contacts until 2027-03-12: U1"]
    assert book.diary("03-05", "03-29") == [
        "Fri 03-05 first reminder EUR 100.00: E1",
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Fri 03-12 first reminder USD 100.00: U1",
        "Thu 03-18 second reminder EUR 100.00: E1",
        "Tue 03-23 second reminder GBP 100.00: A1",
        "Mon 03-29 second reminder USD 100.00: U1",
    ]


def test_calls_and_letters_share_one_cap() -> None:
    """
    At most 2 contacts in 7 days; a call 7 days after due. A1 due Thu 03-04: first Fri 03-05. Somebody
    tries to call on Mon 03-08 and reaches nobody, which counts all the same. The call of Thu 03-11 waits
    until the reminder is 7 days back: Fri 03-12. It is made. Another try on Mon 03-15, by a colleague.
    The second reminder of Thu 03-18 waits until the call of 03-12 is 7 days back: Fri 03-19.
    """
    book = DayBook(msgspec.structs.replace(WITH_CALL, caps=TWO_A_WEEK))
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.call("Quill", "03-08", reached=False)
    assert told_holds(book.plan("03-11")) == ["too-many-contacts until 2027-03-12: A1"]
    assert book.diary("03-08", "03-12") == ["Fri 03-12 call by telephone GBP 100.00: A1"]
    (task,) = book.plan("03-12").tasks
    book.done(task, "03-12")
    book.call("Quill", "03-15", reached=False)
    assert told_holds(book.plan("03-18")) == ["too-many-contacts until 2027-03-19: A1"]
    assert book.diary("03-13", "03-19") == ["Fri 03-19 second reminder GBP 100.00: A1"]


def test_what_another_book_sends_counts_too() -> None:
    """
    Quill owes two companies of the practice. The other wrote on Wed 03-03 and Thu 03-04. Here A1 is due
    Thu 03-04: the first reminder of Fri 03-05 waits until seven days after Wednesday, 03-10. A gap to the
    other book's messages there is not: two days a week are the limit, not five days' silence.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, caps=TWO_A_WEEK))
    book.invoice("A1", "100.00", due="03-04")
    book.elsewhere("Quill", "03-03")
    book.elsewhere("Quill", "03-04")
    (hold,) = book.plan("03-05").holds
    assert hold.detail == "at most 2 contacts in 7 days; there were 2027-03-03, 2027-03-04"
    assert book.diary("03-05", "03-18") == [
        "Wed 03-10 first reminder GBP 100.00: A1",
        "Thu 03-18 second reminder GBP 100.00: A1",
    ]


def test_no_call_in_the_week_after_a_conversation() -> None:
    """
    Seven days of rest after a conversation; A1 of Quill and R1 of Reed due Thu 03-04, first Fri 03-05.
    On Tue 03-09 both are called: Quill answers, Reed does not. The call of Thu 03-11: Reed's is shown,
    Quill's rests until Tue 03-16. Both are made; the letters of Thu 03-18 need no rest.
    """
    book = DayBook(msgspec.structs.replace(WITH_CALL, call_rest_days=7))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "70.00", due="03-04", customer="Reed")
    assert len(book.diary("03-05", "03-08")) == 2
    book.call("Quill", "03-09")
    book.call("Reed", "03-09", reached=False)
    (hold,) = book.plan("03-11").holds
    assert "the last conversation was on 2027-03-09; no call for 7 days after" in hold.detail
    assert book.diary("03-09", "03-16") == [
        "Thu 03-11 call by telephone GBP 70.00: R1",
        "Tue 03-16 call by telephone GBP 100.00: A1",
    ]
    for task in book.plan("03-16").tasks:
        book.done(task, "03-16")
    assert book.diary("03-17", "03-18") == [
        "Thu 03-18 second reminder GBP 100.00: A1",
        "Thu 03-18 second reminder GBP 70.00: R1",
    ]


def test_no_more_mails_please() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05. On Mon 03-08 Quill wants no more mails. The call of Thu 03-11 is no
    mail, and is made on Fri 03-12. The second reminder of Thu 03-18 is held, until Quill asks on Tue 03-23
    to have it in writing again.
    """
    book = DayBook(WITH_CALL)
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.opts_out("Quill", "message")
    assert book.diary("03-08", "03-11") == ["Thu 03-11 call by telephone GBP 100.00: A1"]
    (task,) = book.plan("03-12").tasks
    book.done(task, "03-12")
    assert book.diary("03-13", "03-22") == []
    assert told_holds(book.plan("03-18")) == ["opted-out: A1"]
    book.opted_out.clear()
    assert book.diary("03-23", "03-23") == ["Tue 03-23 second reminder GBP 100.00: A1"]


def test_a_consumer_is_not_written_to_every_day_whatever_the_ladder_says() -> None:
    """
    A ladder with a letter a day from the first day after due, no gap, every day of the week; A1 due
    Sun 03-07. A consumer in England: at most 2 in 7 days and 8 in 30, on weekdays, not on holidays.
    Mon 03-08 and Tue 03-09; then pairs of seven days later: 03-15 and 16, 03-22 and 23. Mon 03-29 is Easter
    Monday: Tue 03-30 and Wed 03-31, which makes eight since 03-08. The ninth: Wed 04-07, 30 days after.
    """
    letters = tuple(Step(f"letter {n}", n, "letter") for n in range(1, 10))
    book = DayBook(Policy("eager", letters, 0, EVERY_DAY, profile="consumer"))
    book.invoice("A1", "100.00", due="03-07")
    book.lives("Quill", "GB", "ENG")
    assert [line[:9] for line in book.diary("03-08", "04-30")] == [
        "Mon 03-08", "Tue 03-09", "Mon 03-15", "Tue 03-16", "Mon 03-22", "Tue 03-23",
        "Tue 03-30", "Wed 03-31", "Wed 04-07",
    ]  # fmt: skip


def test_insolvency_ends_letters_and_tasks_in_every_currency() -> None:
    """
    A1 due Thu 03-04: first 03-05, second 03-18, final Mon 04-05. U1 due Thu 04-22: heads-up Mon 04-19, first
    Fri 04-23 -> gap -> Mon 04-26. On Mon 05-03 A1's hand over is shown to Anna. On Wed 05-05 Quill is
    insolvent: her task is gone, and so is U1's second reminder of Thu 05-06.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("U1", "200.00", due="04-22", currency="USD")
    assert book.diary("03-05", "05-04")[3:] == [
        "Mon 04-19 heads-up USD 200.00: U1",
        "Mon 04-26 first reminder USD 200.00: U1",
        "Mon 05-03 task hand over GBP 100.00: A1",
    ]
    assert len(book.plan("05-04").tasks) == 1
    book.hold("Quill", "insolvency", owner="anna")
    made = book.plan("05-05")
    assert (made.tasks, told_holds(made)) == ((), ["insolvency: A1", "insolvency: U1"])
    assert {hold.owner for hold in made.holds} == {"anna"}
    assert book.diary("05-05", "07-30") == []


def test_a_complaint_is_answered_before_anything_else_is_said() -> None:
    """
    A1 of Quill and R1 of Reed due Thu 03-04: first Fri 03-05. On Mon 03-15 Quill complains about the
    driver. Thu 03-18 the second reminder to Reed alone. A2 of Quill, due Mon 03-22, gets no heads-up
    (Fri 03-19) and no first reminder (Tue 03-23). Settled on Thu 03-25: one message catches up, A1's second
    with A2's first. A1's final: Sat 04-03 -> Mon 04-05; A2's second is of that very day.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "70.00", due="03-04", customer="Reed")
    assert len(book.diary("03-05", "03-14")) == 2
    book.hold("Quill", "complaint", owner="anna", note="about the driver")
    book.invoice("A2", "50.00", due="03-22")
    assert book.diary("03-15", "03-24") == ["Thu 03-18 second reminder GBP 70.00: R1"]
    (hold,) = book.plan("03-24").holds
    assert hold.detail == "a complaint is open: about the driver"
    assert [number for _, number in hold.invoices] == ["A1", "A2"]
    book.release("Quill")
    book.pays("R1", "70.00")
    assert book.diary("03-25", "04-05") == [
        "Thu 03-25 second reminder GBP 150.00: A1 A2",
        "Mon 04-05 final notice GBP 150.00: A1 A2",
    ]


def test_hardship_until_the_end_of_april_ends_by_itself() -> None:
    """
    A1 due Thu 03-04: first 03-05, second Thu 03-18. On Mon 03-22 Quill tells of an illness: left alone
    through Fri 04-30, over the final notice. Sat 05-01 -> Mon 05-03 the final notice. The hand over's
    day is 05-03 too; it keeps the gap: Sat 05-08.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    assert len(book.diary("03-05", "03-21")) == 2
    book.hold("Quill", "hardship", "04-30")
    assert told_holds(book.plan("03-22")) == ["hardship until 2027-05-03: A1"]
    assert book.diary("03-22", "05-08") == [
        "Mon 05-03 final notice GBP 100.00: A1",
        "Sat 05-08 task hand over GBP 100.00: A1",
    ]
