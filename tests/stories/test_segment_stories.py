"""Stories of customers and invoices that have a policy of their own. 2027-03-01 is a Monday.

The policy is `STANDARD` with what a story adds: heads-up 3 days before due, first reminder 1, second
reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days between two
messages, Monday to Friday, nothing below 25.00 GBP or USD.
"""

from __future__ import annotations

import msgspec

from arsync.policy.rules import CustomerTerms, Override, Policy, Segment, Step, Where
from day_book import (
    FINAL,
    FIRST,
    HAND_OVER,
    HEADS_UP,
    SECOND,
    STANDARD,
    WEEKDAYS,
    DayBook,
    told_holds,
    told_upcoming,
)

GENTLE = (
    Step("gentle reminder", 10, "gentle-reminder"),
    Step("write off?", 90, "", "task"),
)
WITH_GENTLE = msgspec.structs.replace(STANDARD, ladders={"gentle": GENTLE})


def in_segment(name: str, where: Where, *steps: Step, **values: object) -> Policy:
    """The standard policy with one segment, and with these steps in place of its own if any are given."""
    segment = Segment(name, where, Override(**values))  # type: ignore[arg-type]
    return msgspec.structs.replace(WITH_GENTLE, segments=(segment,), steps=steps or STANDARD.steps)


def test_small_debts_climb_a_gentle_ladder() -> None:
    """
    Below 100.00 the gentle ladder: one reminder 10 days after due, and 90 days after due a person looks.
    A1 80.00 and R1 of Reed 500.00, due Thu 03-04. R1: first Fri 03-05. A1: Sun 03-14 -> Mon 03-15.
    R1: second Thu 03-18. On Mon 03-22 R1 is paid down to 60.00, which is small: no final notice, for what
    comes after the second reminder on the gentle ladder is a person. For both: 90 days after 03-04 is
    Wed 06-02.
    """
    book = DayBook(in_segment("small", Where(below={"GBP": 100_00}), ladder="gentle"))
    book.invoice("A1", "80.00", due="03-04")
    book.invoice("R1", "500.00", due="03-04", customer="Reed")
    assert book.diary("03-05", "03-21") == [
        "Fri 03-05 first reminder GBP 500.00: R1",
        "Mon 03-15 gentle reminder GBP 80.00: A1",
        "Thu 03-18 second reminder GBP 500.00: R1",
    ]
    book.pays("R1", "440.00")
    assert told_upcoming(book.plan("03-22"))[1] == "2027-06-02 write off?: R1"
    assert book.diary("03-22", "06-02") == [
        "Wed 06-02 task write off? GBP 80.00: A1",
        "Wed 06-02 task write off? GBP 60.00: R1",
    ]


def test_a_vip_never_gets_the_final_notice() -> None:
    """
    The final notice is not for the customers of the group VIP. A1 of Quill (VIP) and R1 of Reed, due
    Thu 03-04: both first Fri 03-05 and second Thu 03-18; Reed's final Sat 04-03 -> Mon 04-05. Quill's case
    goes from the second reminder to a person: hand over Mon 05-03, as Reed's.
    """
    final = msgspec.structs.replace(FINAL, not_for=frozenset({"vip"}))
    book = DayBook(in_segment("vip", Where(groups=frozenset({"vip"})), FIRST, SECOND, final, HAND_OVER))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "70.00", due="03-04", customer="Reed")
    book.groups("Quill", "Wholesale", "VIP")
    assert book.diary("03-05", "05-03") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Fri 03-05 first reminder GBP 70.00: R1",
        "Thu 03-18 second reminder GBP 100.00: A1",
        "Thu 03-18 second reminder GBP 70.00: R1",
        "Mon 04-05 final notice GBP 70.00: R1",
        "Mon 05-03 task hand over GBP 100.00: A1",
        "Mon 05-03 task hand over GBP 70.00: R1",
    ]


def test_who_usually_pays_late_is_called_earlier() -> None:
    """
    A call 7 days after due for those who usually pay late, 21 days after for the others. A1 of Quill, who
    does, and R1 of Reed, due Thu 03-04: first Fri 03-05. Quill: call Thu 03-11, made on Fri 03-12.
    Both: second Thu 03-18. Reed: call Thu 03-25; for Quill nothing is left.
    """
    early = Step("early call", 7, "", "call", only_for=frozenset({"late payers"}))
    call = Step("call", 21, "", "call", not_for=frozenset({"late payers"}))
    late = Where(behaviour=frozenset({"usually-late"}))
    book = DayBook(in_segment("late payers", late, FIRST, early, SECOND, call))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("R1", "70.00", due="03-04", customer="Reed")
    book.behaves("Quill", "usually-late")
    assert book.diary("03-05", "03-12") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Fri 03-05 first reminder GBP 70.00: R1",
        "Thu 03-11 call early call GBP 100.00: A1",
    ]
    (task,) = book.plan("03-12").tasks
    book.done(task, "03-12")
    assert book.diary("03-13", "03-25") == [
        "Thu 03-18 second reminder GBP 100.00: A1",
        "Thu 03-18 second reminder GBP 70.00: R1",
        "Thu 03-25 call call GBP 70.00: R1",
    ]
    assert told_holds(book.plan("03-25")) == ["ladder-done: A1"]


def test_a_new_customer_hears_how_to_pay_a_week_before() -> None:
    """
    Those who are new get a welcome 7 days before due in place of the heads-up 3 days before. A1 of Quill
    (new) and R1 of Reed due Mon 03-15: welcome Mon 03-08, heads-up Fri 03-12. Quill's first
    Tue 03-16; Reed's keeps the gap to its heads-up, Wed 03-17. Both pay on Fri 03-19, and Quill is new no
    longer: A2, due Mon 04-19, has a heads-up on Fri 04-16.
    """
    new = frozenset({"new"})
    welcome = Step("welcome", -7, "welcome", only_for=new)
    heads_up = msgspec.structs.replace(HEADS_UP, not_for=new)
    is_new = Where(behaviour=frozenset({"new"}))
    book = DayBook(in_segment("new", is_new, welcome, heads_up, FIRST, SECOND))
    book.invoice("A1", "100.00", due="03-15")
    book.invoice("R1", "70.00", due="03-15", customer="Reed")
    book.behaves("Quill", "new")
    assert book.diary("03-08", "03-18") == [
        "Mon 03-08 welcome GBP 100.00: A1",
        "Fri 03-12 heads-up GBP 70.00: R1",
        "Tue 03-16 first reminder GBP 100.00: A1",
        "Wed 03-17 first reminder GBP 70.00: R1",
    ]
    book.pays("A1", "100.00")
    book.pays("R1", "70.00")
    book.behaves("Quill")
    book.invoice("A2", "50.00", due="04-19")
    assert book.diary("03-19", "04-16") == ["Fri 04-16 heads-up GBP 50.00: A2"]


def test_a_customer_who_asked_for_a_letter_a_fortnight_at_most() -> None:
    """
    Quill's own gap is 14 days; its name is written in capitals in the policy file. A1 due Thu 03-04, A2 due
    Thu 03-11. A1 first Fri 03-05. A2's heads-up (Mon 03-08) and first (Fri 03-12) come up within the gap,
    which ends on Fri 03-19: one message, A1's second with A2's first. Then Fri 04-02: A2's second, listing
    A1, whose final notice is of Sat 04-03. Then Fri 04-16: both finals, A2's being of Sat 04-10.
    """
    own = {"QUILL": CustomerTerms(values=Override(min_gap_days=14))}
    book = DayBook(msgspec.structs.replace(STANDARD, customers=own))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-11")
    assert book.diary("03-05", "04-16") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Fri 03-19 second reminder GBP 150.00: A1 A2",
        "Fri 04-02 second reminder GBP 150.00: (A1) A2",
        "Fri 04-16 final notice GBP 150.00: A1 A2",
    ]


def test_one_invoice_that_the_boss_wants_handled_gently() -> None:
    """
    A1 and A2 of Quill, due Thu 03-04; A2 climbs the gentle ladder. Fri 03-05: A1's first reminder, which
    lists A2. A2's own: Sun 03-14 -> Mon 03-15, listing A1. A1's second: Thu 03-18 -> gap -> Sat 03-20 ->
    Mon 03-22; its final: Sat 04-03 -> Mon 04-05. A2 takes neither.
    """
    book = DayBook(msgspec.structs.replace(WITH_GENTLE, invoices={"a2": Override(ladder="gentle")}))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-04")
    assert book.diary("03-05", "04-05") == [
        "Fri 03-05 first reminder GBP 150.00: A1 (A2)",
        "Mon 03-15 gentle reminder GBP 150.00: (A1) A2",
        "Mon 03-22 second reminder GBP 150.00: A1 (A2)",
        "Mon 04-05 final notice GBP 150.00: A1 (A2)",
    ]


def test_a_weekend_of_friday_and_saturday() -> None:
    """
    Dune's working week is Sunday to Thursday. D1 and A1 of Quill are due Thu 03-04: Quill hears on Fri 03-05,
    Dune on Sun 03-07. Second reminder Thu 03-18 for both; the final notice of Sat 04-03: Dune on Sun 04-04,
    Quill on Mon 04-05.
    """
    own = {"Dune": CustomerTerms(values=Override(send_on=frozenset({6, 0, 1, 2, 3})))}
    book = DayBook(Policy("p", (FIRST, SECOND, FINAL), 5, WEEKDAYS, customers=own))
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("D1", "70.00", due="03-04", customer="Dune")
    assert book.diary("03-05", "04-05") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Sun 03-07 first reminder GBP 70.00: D1",
        "Thu 03-18 second reminder GBP 70.00: D1",
        "Thu 03-18 second reminder GBP 100.00: A1",
        "Sun 04-04 final notice GBP 70.00: D1",
        "Mon 04-05 final notice GBP 100.00: A1",
    ]


def test_the_segment_that_stands_last_in_the_file_decides_and_the_customer_above_it() -> None:
    """
    Wholesalers wait 10 days between messages, those in Ireland 7; Quill and Reed are both, and Reed has 12 of
    its own; Sedge is a wholesaler at home. Due Thu 03-04; a reminder 1 day and a nudge 4 days after due. The
    reminders: Fri 03-05. The nudges: Quill Fri 03-12, Sedge Mon 03-15, Reed Wed 03-17.
    """
    segments = (
        Segment("wholesale", Where(groups=frozenset({"wholesale"})), Override(min_gap_days=10)),
        Segment("abroad", Where(countries=frozenset({"IE"})), Override(min_gap_days=7)),
    )
    own = {"Reed": CustomerTerms(values=Override(min_gap_days=12))}
    steps = (FIRST, Step("nudge", 4, "nudge"))
    book = DayBook(Policy("p", steps, 5, WEEKDAYS, segments=segments, customers=own))
    for number, customer in (("A1", "Quill"), ("R1", "Reed"), ("S1", "Sedge")):
        book.invoice(number, "100.00", due="03-04", customer=customer)
        book.groups(customer, "wholesale")
        book.lives(customer, "GB" if customer == "Sedge" else "IE")
    assert len(book.diary("03-05", "03-05")) == 3
    assert book.diary("03-06", "03-19") == [
        "Fri 03-12 nudge GBP 100.00: A1",
        "Mon 03-15 nudge GBP 100.00: S1",
        "Wed 03-17 nudge GBP 100.00: R1",
    ]
