"""Stories of the calendar: days off, holidays here and there, time zones, summer time.

2027-03-01 is a Monday; Christmas Eve of 2026 is a Thursday. The policy is `STANDARD` with what a story
adds: heads-up 3 days before due, first reminder 1, second reminder 14 and final notice 30 days after due,
hand over (a task) 60 days after due; 5 days between two messages, Monday to Friday. The book is in London.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from arsync.policy.calendar import Calendar
from arsync.policy.rules import Policy, Step
from day_book import DAILY, FIRST, SECOND, STANDARD, WEEKDAYS, DayBook, day, told_holds

LONDON = ZoneInfo("Europe/London")
OFFICE_HOURS = (9 * 60, 17 * 60)
# Two reminders, in the hours and on the days of the customer.
THERE = Policy("p", (FIRST, SECOND), 5, WEEKDAYS, hours=OFFICE_HOURS, customer_holidays=True)


def leaves(book: DayBook, customer: str, at: str) -> str:
    """When a message leaves that is ready 'at' this London time of 2027: 'Mon 03-08 19:00', or 'at once'."""
    calendar = Calendar(book.policy, book.debtors[customer], book.zone)
    found = calendar.may_leave(datetime.fromisoformat(f"2027-{at}").replace(tzinfo=LONDON))
    return "at once" if found is None else f"{found.astimezone(LONDON):%a %m-%d %H:%M}"


def test_closed_from_christmas_eve_to_the_third_of_january() -> None:
    """
    The company is closed from Thu 12-24 to Sun 01-03. A1 of Quill due Wed 12-23: heads-up Sun 12-20 ->
    Mon 12-21; first Thu 12-24 -> Mon 01-04, the first day back.
    R1 of Reed due Mon 12-28: its heads-up would be on Fri 12-25, and after the holidays it is overdue: a
    first reminder Mon 01-04.
    A1's second (Wed 01-06) keeps the gap to 01-04, not to 12-24: Sat 01-09 -> Mon 01-11. So does R1's, whose
    day that is (14 after 12-28). A1's final: Fri 01-22.
    """
    closed = (day("2026-12-24"), day("2027-01-03"))
    book = DayBook(msgspec.structs.replace(STANDARD, closed=(closed,)))
    book.invoice("A1", "100.00", due="2026-12-23")
    book.invoice("R1", "80.00", due="2026-12-28", customer="Reed")
    assert book.diary("2026-12-18", "2027-01-03") == ["Mon 12-21 heads-up GBP 100.00: A1"]
    (quill, reed) = book.plan("2026-12-29").holds
    assert "closed from 24 December 2026 to 3 January 2027" in quill.detail
    assert (quill.until, reed.until) == (day("2027-01-04"), day("2027-01-04"))
    assert book.diary("2027-01-04", "2027-01-22") == [
        "Mon 01-04 first reminder GBP 100.00: A1",
        "Mon 01-04 first reminder GBP 80.00: R1",
        "Mon 01-11 second reminder GBP 100.00: A1",
        "Mon 01-11 second reminder GBP 80.00: R1",
        "Fri 01-22 final notice GBP 100.00: A1",
    ]


def test_easter_in_england() -> None:
    """
    Good Friday is 03-26, Easter Monday 03-29. A1 due Thu 03-25: heads-up Mon 03-22; first Fri 03-26 ->
    Tue 03-30; second Thu 04-08.
    R1 of Reed due Wed 03-31: heads-up Sun 03-28 -> Tue 03-30, in time still; first Thu 04-01 -> gap ->
    Sun 04-04 -> Mon 04-05.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, holidays=("GB-ENG",)))
    book.invoice("A1", "100.00", due="03-25")
    book.invoice("R1", "80.00", due="03-31", customer="Reed")
    assert book.diary("03-22", "03-25") == ["Mon 03-22 heads-up GBP 100.00: A1"]
    quill, reed = book.plan("03-29").holds
    assert (quill.reason, quill.detail) == ("not-a-sending-day", "29 March is Easter Monday (GB-ENG)")
    assert (quill.until, reed.until) == (day("03-30"), day("03-30"))
    assert book.diary("03-26", "04-08") == [
        "Tue 03-30 first reminder GBP 100.00: A1",
        "Tue 03-30 heads-up GBP 80.00: R1",
        "Mon 04-05 first reminder GBP 80.00: R1",
        "Thu 04-08 second reminder GBP 100.00: A1",
    ]


def test_easter_monday_is_a_working_day_in_scotland() -> None:
    """As before with A1 alone: Good Friday is kept, and the first reminder leaves on Mon 03-29."""
    book = DayBook(msgspec.structs.replace(STANDARD, holidays=("GB-SCT",)))
    book.invoice("A1", "100.00", due="03-25")
    assert book.diary("03-22", "04-02") == [
        "Mon 03-22 heads-up GBP 100.00: A1",
        "Mon 03-29 first reminder GBP 100.00: A1",
    ]


def test_a_german_customers_holidays_beside_our_own() -> None:
    """
    We keep England's holidays, and our customers their own; letters leave in office hours. A1 of Brandt, in
    Germany, and R1 of Reed, in England, are due Sun 05-02. First Mon 05-03, which is May Day in England:
    both Tue 05-04, the day after. Second Sun 05-16 -> Mon 05-17: Whit Monday in Germany, where Brandt's
    leaves on Tue 05-18; Reed's leaves on the Monday.
    """
    policy = msgspec.structs.replace(
        STANDARD, hours=OFFICE_HOURS, holidays=("GB-ENG",), customer_holidays=True
    )
    book = DayBook(policy)
    book.invoice("A1", "100.00", due="05-02", customer="Brandt")
    book.invoice("R1", "80.00", due="05-02", customer="Reed")
    book.lives("Brandt", "DE")
    book.lives("Reed", "GB", "ENG")
    assert book.diary("05-03", "05-16") == [
        "Tue 05-04 first reminder GBP 100.00: A1",
        "Tue 05-04 first reminder GBP 80.00: R1",
    ]
    assert "(DE)" in book.plan("05-17").holds[0].detail
    assert book.diary("05-17", "05-18") == [
        "Mon 05-17 second reminder GBP 80.00: R1",
        "Tue 05-18 second reminder GBP 100.00: A1",
    ]


def test_a_customer_in_honolulu_hears_in_its_own_office_hours() -> None:
    """
    It is ten hours earlier there, and eleven once London has summer time (from Sun 03-28). 9:00 to 17:00 in
    Honolulu is 19:00 to 3:00 of the next day in London.
    A1 due Sun 03-07: its first reminder is of Mon 03-08. At two in the morning it is Sunday afternoon there:
    not before 19:00. At two on Tuesday it is Monday, 16:00: at once.
    On Fri 03-26 Hawaii has a holiday (Prince Kuhio): after that night's Thursday afternoon nothing leaves
    before Mon 03-29, 9:00 there, which is 20:00 in London now.
    """
    book = DayBook(THERE)
    book.invoice("A1", "100.00", due="03-07", customer="Kona")
    book.lives("Kona", "US", "HI", zones=("Pacific/Honolulu",))
    assert book.diary("03-05", "03-08") == ["Mon 03-08 first reminder GBP 100.00: A1"]
    assert leaves(book, "Kona", "03-08 02:00") == "Mon 03-08 19:00"
    assert leaves(book, "Kona", "03-08 10:00") == "Mon 03-08 19:00"
    assert leaves(book, "Kona", "03-09 02:00") == "at once"
    assert leaves(book, "Kona", "03-26 02:00") == "at once"
    assert leaves(book, "Kona", "03-26 10:00") == "Mon 03-29 20:00"


def test_friday_in_london_is_saturday_in_auckland() -> None:
    """
    In March it is 13 hours later there: 9:00 to 17:00 is 20:00 of the day before to 4:00 in London.
    A1 due Thu 03-04: the first reminder is of Fri 03-05, but when somebody releases it at ten it is Friday
    night there. Saturday and Sunday nothing leaves here; at midnight to Mon 03-08 it is 13:00 there. It
    leaves on that Monday, and the gap counts from there: a nudge 5 days after due (Tue 03-09) waits until
    Sat 03-13 -> Mon 03-15.
    """
    steps = (FIRST, Step("nudge", 5, "nudge"))
    book = DayBook(Policy("p", steps, 5, WEEKDAYS, hours=OFFICE_HOURS))
    book.invoice("A1", "100.00", due="03-04", customer="Rimu")
    book.lives("Rimu", "NZ", zones=("Pacific/Auckland",))
    assert [message.step for message in book.plan("03-05").messages] == ["first reminder"]
    assert leaves(book, "Rimu", "03-05 03:00") == "at once"
    assert leaves(book, "Rimu", "03-05 10:00") == "Mon 03-08 00:00"
    assert told_holds(book.plan("03-06")) == ["not-a-sending-day until 2027-03-08: A1"]
    assert book.diary("03-08", "03-15") == [
        "Mon 03-08 first reminder GBP 100.00: A1",
        "Mon 03-15 nudge GBP 100.00: A1",
    ]


def test_anzac_day_ends_in_auckland_while_it_is_still_monday_here() -> None:
    """
    Anzac Day falls on a Sunday and is kept on Mon 04-26; the hours there are 22:00 to 6:00 in London now.
    A1 due Sun 04-25: the first reminder of Mon 04-26 stays on that Monday, and leaves at 22:00, when
    it is nine on Tuesday there.
    """
    book = DayBook(THERE)
    book.invoice("A1", "100.00", due="04-25", customer="Rimu")
    book.lives("Rimu", "NZ", zones=("Pacific/Auckland",))
    assert book.diary("04-23", "04-26") == ["Mon 04-26 first reminder GBP 100.00: A1"]
    assert leaves(book, "Rimu", "04-26 02:00") == "Mon 04-26 22:00"
    assert leaves(book, "Rimu", "04-26 10:00") == "Mon 04-26 22:00"


def test_the_two_weeks_between_american_and_european_summer_time() -> None:
    """
    New York's clocks go forward on Sun 03-14, London's on Sun 03-28: nine o'clock there is 14:00 here, then
    13:00, then 14:00 again. The days are whole days all the while: A1 due Thu 03-11, first Fri 03-12, second
    Thu 03-25.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, hours=OFFICE_HOURS))
    book.invoice("A1", "100.00", due="03-11", customer="Hudson")
    book.lives("Hudson", "US", "NY", zones=("America/New_York",))
    assert leaves(book, "Hudson", "03-12 08:00") == "Fri 03-12 14:00"
    assert leaves(book, "Hudson", "03-15 08:00") == "Mon 03-15 13:00"
    assert leaves(book, "Hudson", "03-26 08:00") == "Fri 03-26 13:00"
    assert leaves(book, "Hudson", "03-26 22:00") == "Mon 03-29 14:00"
    assert book.diary("03-12", "03-25") == [
        "Fri 03-12 first reminder GBP 100.00: A1",
        "Thu 03-25 second reminder GBP 100.00: A1",
    ]


def test_the_night_of_the_summer_time_change_shortens_no_gap() -> None:
    """
    A1 due Thu 03-25, first Fri 03-26; a nudge 4 days after due is of Mon 03-29. Five days after Friday are
    Wed 03-31, though the Sunday between had 23 hours.
    """
    book = DayBook(Policy("p", (FIRST, Step("nudge", 4, "nudge")), 5, WEEKDAYS, hours=OFFICE_HOURS))
    book.invoice("A1", "100.00", due="03-25")
    book.lives("Quill", "GB", "ENG")
    assert leaves(book, "Quill", "03-26 18:00") == "Mon 03-29 09:00"
    assert book.diary("03-26", "03-31") == [
        "Fri 03-26 first reminder GBP 100.00: A1",
        "Wed 03-31 nudge GBP 100.00: A1",
    ]


def test_a_weekend_uses_up_neither_a_step_nor_its_gap() -> None:
    """
    A1 due Fri 03-05: first Sat 03-06 -> Mon 03-08. A nudge 6 days after due is of Thu 03-11: five days after
    Saturday, but three after the Monday on which the first one left. Sat 03-13 -> Mon 03-15.
    Where letters leave on every day it is Sat 03-06 and Thu 03-11.
    """
    steps = (FIRST, Step("nudge", 6, "nudge"), SECOND)
    expected = {
        WEEKDAYS: ["Mon 03-08 first reminder GBP 100.00: A1", "Mon 03-15 nudge GBP 100.00: A1"],
        DAILY.send_on: ["Sat 03-06 first reminder GBP 100.00: A1", "Thu 03-11 nudge GBP 100.00: A1"],
    }
    for send_on, diary in expected.items():
        book = DayBook(Policy("p", steps, 5, send_on))
        book.invoice("A1", "100.00", due="03-05")
        assert book.diary("03-05", "03-15") == diary


def test_a_pause_that_ends_on_good_friday() -> None:
    """
    A1 due Thu 03-04: first Fri 03-05. Paused through Thu 03-25. The chase resumes by itself, but
    Fri 03-26 and Mon 03-29 are holidays in England: the second reminder leaves on Tue 03-30, and the final
    notice keeps the gap to that: Sun 04-04 -> Mon 04-05.
    """
    book = DayBook(msgspec.structs.replace(STANDARD, holidays=("GB-ENG",)))
    book.invoice("A1", "100.00", due="03-04")
    book.run("03-05")
    book.hold("A1", "paused", until="03-25")
    assert told_holds(book.plan("03-18")) == ["paused until 2027-03-30: A1"]
    assert book.diary("03-08", "04-05") == [
        "Tue 03-30 second reminder GBP 100.00: A1",
        "Mon 04-05 final notice GBP 100.00: A1",
    ]
