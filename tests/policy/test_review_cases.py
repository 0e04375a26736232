"""Cases where rules meet: what was released, agreed or held must hold for what then leaves."""

from __future__ import annotations

import msgspec

from arsync.policy.rules import Override, Segment, Step, Where
from day_book import DAILY, FIRST, DayBook, told


def test_an_approved_instalment_does_not_leave_as_the_invoice_itself() -> None:
    """What a person released asks for the instalment of 5 March. The plan is ended: the same amount is now
    asked for as the invoice of 1 March, and that nobody has read."""
    book = DayBook(DAILY)
    book.invoice("A1", "300.00", due="03-01")
    plan = book.instalments("A1", on="03-02", parts={"03-05": "300.00"}, broken_after=60)
    [message] = book.plan("03-20").messages
    book.approved = [msgspec.structs.replace(message, status="approved")]
    assert [it.status for it in book.plan("03-20").messages] == ["approved"]
    book.ends(plan)
    [now] = book.plan("03-20").messages
    assert (told(now), now.status) == ("first reminder GBP 300.00: A1", "planned")


def test_a_plan_made_anew_counts_its_rounds_on() -> None:
    """The first plan used the rounds 2 and 3: in round 4 no step was taken."""
    book = DayBook(DAILY)
    book.invoice("A1", "300.00", due="03-01")
    first = book.instalments("A1", on="03-02", parts={"03-05": "100.00", "04-05": "200.00"})
    assert book.diary("03-02", "03-10") == [
        "Tue 03-02 heads-up GBP 100.00 of 300.00: A1",
        "Sun 03-07 first reminder GBP 100.00 of 300.00: A1",
    ]
    book.ends(first)
    again = book.instalments("A1", on="03-11", parts={"03-25": "100.00", "04-25": "200.00"})
    book.agreements[again] = msgspec.structs.replace(book.agreements[again], first_round=4)
    assert book.diary("03-11", "03-30") == [
        "Mon 03-22 heads-up GBP 100.00 of 300.00: A1",
        "Sat 03-27 first reminder GBP 100.00 of 300.00: A1",
    ]


def test_an_approval_does_not_stand_for_the_step_of_another_ladder() -> None:
    """The second reminder of 600.00, 14 days after its due date, was released. 500.00 are paid, and what is
    left climbs the short ladder, whose last notice comes on an earlier day: nobody has released that."""
    small = Segment("small", Where(below={"GBP": 200_00}), Override(ladder="short"))
    short = (FIRST, Step("last notice", 10, "final-notice"))
    book = DayBook(msgspec.structs.replace(DAILY, segments=(small,), ladders={"short": short}))
    book.invoice("A1", "600.00", due="03-01")
    assert book.diary("03-02", "03-02") == ["Tue 03-02 first reminder GBP 600.00: A1"]
    [message] = book.plan("03-15").messages
    assert message.step == "second reminder"
    book.approved = [msgspec.structs.replace(message, status="approved")]
    book.pays("A1", "500.00")
    [now] = book.plan("03-15").messages
    assert (told(now), now.status) == ("last notice GBP 100.00: A1", "planned")
