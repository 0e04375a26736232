"""Stories of the ladder and the people on it: calls, letters, copies, bounced mails. 2027-03-01 is a Monday.

The steps are those of `STANDARD` with what a story adds: heads-up 3 days before due, first reminder 1,
second reminder 14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days
between two messages, Monday to Friday.
"""

from __future__ import annotations

import msgspec

from arsync.policy.plan import plan
from arsync.policy.rules import CustomerTerms, Override, Policy, Step
from day_book import (
    FINAL,
    FIRST,
    HAND_OVER,
    SECOND,
    STANDARD,
    WEEKDAYS,
    DayBook,
    day,
    told,
    told_holds,
)


def dwelling(step: Step, days: int) -> Step:
    return msgspec.structs.replace(step, dwell_days=days)


def test_half_a_year_late_and_every_step_still_gets_its_time() -> None:
    """
    A1 is half a year old when the book joins on Mon 03-01: all steps after due have come. Each waits for
    the one before it: first Mon 03-01, second 10 days later Thu 03-11, final 14 days later Thu 03-25, hand
    over 20 days later Wed 04-14. (The gap alone would have it on 03-08, 03-15 and 03-20.)
    """
    steps = (FIRST, dwelling(SECOND, 10), dwelling(FINAL, 14), dwelling(HAND_OVER, 20))
    book = DayBook(msgspec.structs.replace(STANDARD, steps=steps))
    book.invoice("A1", "100.00", due="2026-09-01")
    assert book.diary("03-01", "04-30") == [
        "Mon 03-01 first reminder GBP 100.00: A1",
        "Thu 03-11 second reminder GBP 100.00: A1",
        "Thu 03-25 final notice GBP 100.00: A1",
        "Wed 04-14 task hand over GBP 100.00: A1",
    ]


def test_a_call_and_a_letter_wait_for_somebody_to_make_them() -> None:
    """
    Call 10 days after due, letter by post 20 days after, final notice 30 days after and a fortnight after
    the letter at least. A1 due Thu 03-04: first Fri 03-05. Call Sun 03-14, a task, which needs no sending
    day; made on Tue 03-16. Letter Wed 03-24, posted on Fri 03-26. So the final notice does not leave on
    Mon 04-05 (Sat 04-03) but a fortnight after the letter: Fri 04-09.
    """
    call, letter = Step("by telephone", 10, "", "call"), Step("by post", 20, "", "letter")
    book = DayBook(Policy("p", (FIRST, call, letter, dwelling(FINAL, 14)), 5, WEEKDAYS))
    book.invoice("A1", "100.00", due="03-04")
    assert book.diary("03-05", "03-16") == [
        "Fri 03-05 first reminder GBP 100.00: A1",
        "Sun 03-14 call by telephone GBP 100.00: A1",
    ]
    (task,) = book.plan("03-16").tasks
    book.done(task, "03-16")
    assert book.diary("03-17", "03-26") == ["Wed 03-24 letter by post GBP 100.00: A1"]
    (task,) = book.plan("03-26").tasks
    assert task.does == "letter"
    book.done(task, "03-26")
    assert book.diary("03-27", "04-30") == ["Fri 04-09 final notice GBP 100.00: A1"]


def test_nobody_made_the_call_and_so_nothing_firmer_comes() -> None:
    """
    First reminder, a call 10 days after due, the final notice 30 days after. A1 due Thu 03-04: the call of
    Sun 03-14 is left lying. On Mon 04-05 no final notice leaves. The call is made on Mon 04-12; the
    final notice follows on Tue 04-13.
    """
    book = DayBook(Policy("p", (FIRST, Step("by telephone", 10, "", "call"), FINAL), 5, WEEKDAYS))
    book.invoice("A1", "100.00", due="03-04")
    assert len(book.diary("03-05", "03-14")) == 2
    assert book.diary("03-15", "04-12") == []
    (task,) = book.plan("04-12").tasks
    book.done(task, "04-12")
    assert book.diary("04-13", "04-13") == ["Tue 04-13 final notice GBP 100.00: A1"]


def test_copies_as_the_ladder_climbs() -> None:
    """
    The second reminder goes with a copy to the account's owner with us, the final notice to the customer's
    director too. Quill's director is known, Reed's is not. Sedge is a consumer: of that debt nobody outside
    our house hears, the "director" of the file neither.
    """
    steps = (
        FIRST,
        msgspec.structs.replace(SECOND, cc=("owner",)),
        msgspec.structs.replace(FINAL, cc=("director", "owner")),
    )
    policy = msgspec.structs.replace(
        STANDARD,
        steps=steps,
        contacts={"owner": "anna@acme.example"},
        customers={
            "Quill": CustomerTerms(contacts={"director": "dora@quill.example"}),
            "Sedge": CustomerTerms(
                values=Override(profile="consumer"), contacts={"director": "uncle@sedge.example"}
            ),
        },
    )
    book = DayBook(policy)
    for customer in ("Quill", "Reed", "Sedge"):
        book.invoice(f"{customer[0]}1", "100.00", due="03-04", customer=customer)
    book.diary("03-05", "04-05")
    copies = {
        (message.step, message.customer_id): message.cc
        for _, message in book.sent
        if message.step != "first reminder"
    }
    anna, dora = "anna@acme.example", "dora@quill.example"
    assert {message.cc for _, message in book.sent if message.step == "first reminder"} == {()}
    assert copies == {
        ("second reminder", "Quill"): (anna,),
        ("second reminder", "Reed"): (anna,),
        ("second reminder", "Sedge"): (anna,),
        ("final notice", "Quill"): (dora, anna),
        ("final notice", "Reed"): (anna,),
        ("final notice", "Sedge"): (anna,),
    }


def test_a_letter_from_the_director_for_debts_from_500_on() -> None:
    """
    A step 21 days after due asks for 500.00 at least. A1 600.00, R1 400.00 and S1 600.00, due Thu 03-04: all
    first Fri 03-05 and second Thu 03-18. On Mon 03-22 200.00 comes for S1. Thu 03-25 the director writes
    to Quill alone. Final Sat 04-03 -> Mon 04-05 to all three.
    """
    director = Step("director's letter", 21, "director", at_least={"GBP": 500_00})
    book = DayBook(msgspec.structs.replace(STANDARD, steps=(FIRST, SECOND, director, FINAL)))
    book.invoice("A1", "600.00", due="03-04")
    book.invoice("R1", "400.00", due="03-04", customer="Reed")
    book.invoice("S1", "600.00", due="03-04", customer="Sedge")
    assert len(book.diary("03-05", "03-21")) == 6
    book.pays("S1", "200.00")
    assert book.diary("03-22", "04-05") == [
        "Thu 03-25 director's letter GBP 600.00: A1",
        "Mon 04-05 final notice GBP 600.00: A1",
        "Mon 04-05 final notice GBP 400.00: R1",
        "Mon 04-05 final notice GBP 400.00: S1",
    ]


def test_a_bounced_mail_and_the_address_mended() -> None:
    """
    A1 due Thu 03-04. The first reminder of Fri 03-05 comes back: it has reached nobody, and no step is
    taken. On Mon 03-08 the address is known to be dead: no-address. On Wed 03-10 Quill's new one is in the
    accounting system: the first reminder leaves that day, to it. Second Thu 03-18.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    assert [told(message) for message in book.plan("03-05").messages] == ["first reminder GBP 100.00: A1"]
    book.addresses("Quill", bad=("ap@quill.example",))
    (hold,) = book.plan("03-08").holds
    assert (hold.reason, hold.detail) == ("no-address", "no usable e-mail address: 'ap@quill.example'")
    assert book.diary("03-08", "03-09") == []
    book.addresses("Quill", "office@quill.example")
    assert book.diary("03-10", "03-18") == [
        "Wed 03-10 first reminder GBP 100.00: A1",
        "Thu 03-18 second reminder GBP 100.00: A1",
    ]
    assert {message.to for _, message in book.sent} == {("office@quill.example",)}


def test_an_address_mended_in_the_policy_file() -> None:
    """As before, but the accounting system keeps the dead address: on Wed 03-10 `to` under Quill's name in
    the policy file stands in its place."""
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.addresses("Quill", bad=("ap@quill.example",))
    assert book.diary("03-05", "03-09") == []
    own = {"Quill": CustomerTerms(to=("office@quill.example",))}
    book.policy = msgspec.structs.replace(STANDARD, customers=own)
    assert book.diary("03-10", "03-10") == ["Wed 03-10 first reminder GBP 100.00: A1"]
    assert book.sent[0][1].to == ("office@quill.example",)


def test_no_address_and_still_a_task_for_a_person() -> None:
    """A1 due Thu 03-04, first Fri 03-05; then the address is dead. A ladder whose next step is a call: on
    Thu 03-11 it is shown, for who cannot be written to may be called."""
    book = DayBook(Policy("p", (FIRST, Step("by telephone", 7, "", "call"), SECOND), 5, WEEKDAYS))
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.addresses("Quill", bad=("ap@quill.example",))
    assert book.diary("03-06", "03-11") == ["Thu 03-11 call by telephone GBP 100.00: A1"]
    (task,) = book.plan("03-11").tasks
    book.done(task, "03-11")
    assert told_holds(book.plan("03-18")) == ["no-address: A1"]


def test_a_failed_message_waits_for_a_person_and_the_rest_goes_on() -> None:
    """
    A1 due Thu 03-04: the mail server refused Fri 03-05's first reminder for good, and nobody has said yet
    what to do. A1 is in that message, and so neither in another nor held. A2, due Thu 03-11, has its
    heads-up on Mon 03-08 all the same.
    """
    book = DayBook()
    book.invoice("A1", "100.00", due="03-04")
    book.invoice("A2", "50.00", due="03-11")
    waiting = msgspec.structs.replace(book.facts(day("03-08")), bound=frozenset({"A1"}))
    made = plan("book", waiting, STANDARD, day("03-08"))
    assert [told(message) for message in made.messages] == ["heads-up GBP 150.00: (A1) A2"]
    assert (made.holds, made.upcoming) == ((), ())


def test_the_mail_server_is_down_over_a_weekend() -> None:
    """
    First reminder 1 day after due, a nudge 6 days after. A1 due Thu 03-04: the message of Fri 03-05 cannot be
    handed over before Tue 03-09. It is the same message all the while, and the gap counts from the day on
    which it left: the nudge of Wed 03-10 waits until Sun 03-14 -> Mon 03-15.
    """
    book = DayBook(Policy("p", (FIRST, Step("nudge", 6, "nudge")), 5, WEEKDAYS))
    book.invoice("A1", "100.00", due="03-04")
    (on_friday,) = book.plan("03-05").messages
    (on_tuesday,) = book.plan("03-09").messages
    assert on_friday.id == on_tuesday.id
    book.deliver(on_tuesday, day("03-09"))
    assert book.diary("03-09", "03-15") == ["Mon 03-15 nudge GBP 100.00: A1"]
