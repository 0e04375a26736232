"""The days and hours of sending, worked out by the clocks: March 2027, whose first is a Monday.

London is at UTC up to 28 March and one hour ahead from then on. Auckland is 13 hours ahead of UTC up to
4 April. Honolulu is 10 hours behind, the year round. New York is 5 hours behind up to 14 March, then 4.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.policy.calendar import NEVER, Calendar
from arsync.policy.model import Debtor, HoldOrder
from arsync.policy.rules import EVERY_DAY, CustomerTerms, Policy
from day_book import DAILY, STANDARD, WEEKDAYS, DayBook, day, told_holds, told_upcoming
from plan_examples import QUILL, debt, letters, planned

LONDON, OFFICE = "Europe/London", (9 * 60, 17 * 60)
AT_WORK = msgspec.structs.replace(STANDARD, hours=OFFICE)


def customer(*zones: str, country: str = "", subdivision: str = "") -> Debtor:
    return Debtor("c1", "Quill", ("ap@quill.example",), country=country, subdivision=subdivision, zones=zones)


def calendar(policy: Policy = AT_WORK, *zones: str, zone: str = LONDON, country: str = "") -> Calendar:
    return Calendar(policy, customer(*zones, country=country), zone)


def at(text: str, zone: str = LONDON) -> datetime:
    """'03-05 08:00' of 2027, by the clocks there."""
    return datetime.fromisoformat(f"2027-{text}").replace(tzinfo=ZoneInfo(zone))


# The company's own days ---------------------------------------------------------------------------


def test_without_anything_else_the_sending_days_are_the_days() -> None:
    found = calendar(STANDARD)
    assert [found.open(day(it)) for it in ("03-05", "03-06", "03-07", "03-08")] == [True, False, False, True]
    assert found.first(day("03-06")) == day("03-08")
    assert found.why_closed(day("03-06")) == "Saturday is not a sending day"
    assert found.why_closed(day("03-08")) is None
    assert found.may_leave(at("03-05 03:00")) is None
    assert found.may_leave(at("03-06 03:00")) == at("03-08 00:00")


def test_public_holidays_of_a_country_and_subdivision() -> None:
    """Christmas Day of 2026 is a Friday, Boxing Day a Saturday that is made up for on Monday 28."""
    found = calendar(msgspec.structs.replace(STANDARD, holidays=("GB-ENG",)))
    assert found.first(date(2026, 12, 25)) == date(2026, 12, 29)
    assert found.why_closed(date(2026, 12, 25)) == "25 December is Christmas Day (GB-ENG)"
    assert found.why_closed(date(2026, 12, 26)) == "Saturday is not a sending day"
    assert "Boxing Day" in str(found.why_closed(date(2026, 12, 28)))
    assert calendar(msgspec.structs.replace(STANDARD, holidays=("GB-SCT",))).open(date(2027, 3, 29))
    assert not found.open(date(2027, 3, 29))  # Easter Monday is one in England alone


def test_holidays_of_several_places() -> None:
    found = calendar(msgspec.structs.replace(STANDARD, holidays=("GB-ENG", "US")))
    assert found.why_closed(date(2027, 11, 25)) == "25 November is Thanksgiving Day (US)"
    assert found.why_closed(date(2027, 5, 3)) == "3 May is May Day (GB-ENG)"


def test_the_companys_days_off_with_both_their_ends() -> None:
    off = (date(2026, 12, 24), date(2027, 1, 3))
    found = calendar(msgspec.structs.replace(STANDARD, closed=(off,)))
    assert found.open(date(2026, 12, 23))
    assert not found.open(off[0])
    assert found.first(off[0]) == date(2027, 1, 4)  # 01-03 is a Sunday
    assert found.why_closed(date(2026, 12, 30)) == "closed from 24 December 2026 to 3 January 2027"


# The customer's side ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # In Auckland it is Friday 13:00 to 17:00, and then Monday 13:00.
        ("03-05 00:00", None),
        ("03-05 03:59", None),
        ("03-05 04:00", "03-08 00:00"),
        ("03-07 20:30", "03-08 00:00"),  # Monday 09:30 there, but Sunday in London
        ("03-08 10:00", "03-08 20:00"),  # Tuesday 09:00
        ("03-29 10:00", "03-29 21:00"),  # London is an hour ahead now: 20:00 UTC
        ("04-05 10:00", "04-05 22:00"),  # and Auckland an hour less: 21:00 UTC
    ],
)
def test_hours_of_a_customer_across_the_date_line(now: str, expected: str | None) -> None:
    found = calendar(AT_WORK, "Pacific/Auckland").may_leave(at(now))
    assert found == (at(expected) if expected else None)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # In Honolulu it is 9:00 to 17:00 from 19:00 to 03:00 UTC.
        ("03-08 10:00", "03-08 19:00"),
        ("03-08 01:00", "03-08 19:00"),  # Sunday 15:00 there
        ("03-09 01:00", None),  # Monday 15:00
        ("03-05 23:59", None),
        ("03-06 00:00", "03-08 19:00"),  # Friday 14:00, but Saturday in London
        ("03-29 10:00", "03-29 20:00"),
    ],
)
def test_hours_of_a_customer_far_in_the_west(now: str, expected: str | None) -> None:
    found = calendar(AT_WORK, "Pacific/Honolulu").may_leave(at(now))
    assert found == (at(expected) if expected else None)


@pytest.mark.parametrize(
    ("now", "opens"), [("03-12 08:00", "14:00"), ("03-15 08:00", "13:00"), ("03-29 08:00", "14:00")]
)
def test_clocks_that_change_on_different_days(now: str, opens: str) -> None:
    """New York's 9:00 is 14:00 in London, 13:00 for two weeks in March, and 14:00 again."""
    assert calendar(AT_WORK, "America/New_York").may_leave(at(now)) == at(f"{now[:5]} {opens}")


def test_hours_that_the_clocks_skip_or_pass_twice() -> None:
    """In London 01:00 to 02:00 does not exist on 28 March, and comes twice on 31 October."""
    night = msgspec.structs.replace(STANDARD, send_on=EVERY_DAY, hours=(90, 150))  # 01:30 to 02:30
    found = Calendar(night, customer(LONDON), "UTC")
    assert found.may_leave(at("03-28 00:00", "UTC")) == at("03-28 01:00", "UTC")  # shows 02:00
    assert found.may_leave(at("03-28 01:30", "UTC")) == at("03-29 00:30", "UTC")
    assert found.may_leave(at("10-31 00:00", "UTC")) == at("10-31 00:30", "UTC")  # 01:30, in summer time
    assert found.may_leave(at("10-31 01:00", "UTC")) == at(
        "10-31 01:30", "UTC"
    )  # 01:00 again, in winter time
    assert found.may_leave(at("10-31 02:29", "UTC")) is None
    assert found.may_leave(at("10-31 02:30", "UTC")) == at("11-01 01:30", "UTC")


def test_a_time_zone_without_hours_keeps_the_sending_days_there() -> None:
    """When it is Friday 11:00 in London, Saturday begins in Auckland: of London's Friday 13 hours are
    Saturday there, and of its Monday 13 are Tuesday, from 11:00 on. In Berlin Saturday begins at 23:00."""
    found = calendar(STANDARD, "Pacific/Auckland")
    assert not found.open(day("03-05"))
    assert found.why_closed(day("03-05")) == "Saturday is not a sending day where the customer is"
    assert found.may_leave(at("03-04 11:00")) is None
    assert found.may_leave(at("03-05 09:00")) == at("03-08 11:00")
    berlin = calendar(STANDARD, "Europe/Berlin")
    assert berlin.may_leave(at("03-05 22:59")) is None
    assert berlin.may_leave(at("03-05 23:00")) == at("03-08 00:00")


def test_an_hour_past_midnight_there_makes_no_working_day_of_a_holiday() -> None:
    """Whit Monday, 17 May 2027, is a holiday in Germany; from 23:00 on it is Tuesday there."""
    kept = msgspec.structs.replace(STANDARD, customer_holidays=True)
    german = Calendar(kept, customer("Europe/Berlin", country="DE"), LONDON)
    assert german.why_closed(day("05-17")) == "17 May is Pentecost Monday (DE)"
    assert german.first(day("05-17")) == day("05-18")


def test_of_a_country_with_many_time_zones_the_book_tells_the_day() -> None:
    """Monday 8:00 in London is Sunday in Honolulu: without hours that keeps nobody in America waiting."""
    american = calendar(STANDARD, "America/New_York", "Pacific/Honolulu")
    assert american.may_leave(at("03-08 08:00")) is None
    assert calendar(STANDARD, "Pacific/Honolulu").may_leave(at("03-08 08:00")) == at("03-08 10:00")


def test_a_day_on_which_it_is_always_the_weekend_there_is_closed() -> None:
    """With Fridays alone: during London's Friday it is Thursday or Friday in Honolulu, but with office
    hours it is Friday there from 19:00 on; Saturday in London is no day, though it is Friday there."""
    friday = msgspec.structs.replace(AT_WORK, send_on=frozenset({4}))
    assert calendar(friday, "Pacific/Honolulu").may_leave(at("03-01 00:00")) == at("03-05 19:00")
    early = msgspec.structs.replace(friday, hours=(0, 60))  # Friday 00:00 to 01:00 is Thursday in London
    found = calendar(early, "Pacific/Auckland")
    assert not found.open(day("03-05"))
    assert found.first(day("03-01")) == date.max
    why = "Saturday is not a sending day where the customer is"
    assert found.why_closed(day("03-05")) == why


def test_in_all_time_zones_that_a_country_has() -> None:
    """Noon in New York is 7:00 in Honolulu: an American may be written to from 19:00 UTC, when it is 9:00
    in Hawaii, up to 22:00, when it is 17:00 in New York; in summer time up to 21:00."""
    found = calendar(AT_WORK, country="US")
    assert found.may_leave(at("03-12 08:00")) == at("03-12 19:00")
    assert found.may_leave(at("03-12 21:59")) is None
    assert found.may_leave(at("03-12 22:00")) == at("03-15 19:00")
    assert found.may_leave(at("07-01 21:59")) is None  # 20:59 UTC
    assert found.may_leave(at("07-01 22:00")) == at("07-02 20:00")


def test_a_country_in_which_no_hour_is_office_hour_everywhere() -> None:
    """Kaliningrad is at work from 7:00 to 15:00 UTC, Kamchatka from 21:00 to 5:00."""
    found = calendar(AT_WORK, country="RU")
    assert found.first(day("03-01")) == date.max
    assert found.may_leave(at("03-01 08:00")) == NEVER
    why = found.why_closed(day("03-01"))
    assert str(why).startswith("no time of the day is between 09:00 and 17:00 in all 26 time zones")
    moscow = calendar(AT_WORK, "Europe/Moscow", country="RU")
    assert moscow.may_leave(at("03-01 08:00")) is None


def test_two_zones_on_either_side_of_the_date_line() -> None:
    """At 20:00 UTC on Monday it is Tuesday 9:00 in Auckland and Monday 10:00 in Honolulu; from 00:00 to
    03:00 UTC on Monday it is Sunday in Honolulu."""
    found = calendar(AT_WORK, "Pacific/Auckland", "Pacific/Honolulu")
    assert found.may_leave(at("03-08 00:00")) == at("03-08 20:00")


def test_the_customers_own_holidays() -> None:
    """Epiphany is a holiday in Bavaria, Wednesday 6 January 2027, and in England it is none."""
    kept = msgspec.structs.replace(AT_WORK, customer_holidays=True)
    bavarian = Calendar(kept, customer(country="DE", subdivision="BY"), LONDON)
    assert bavarian.why_closed(date(2027, 1, 6)) == "6 January is Epiphany (DE-BY)"
    assert bavarian.first(date(2027, 1, 6)) == date(2027, 1, 7)
    not_kept = Calendar(AT_WORK, customer(country="DE", subdivision="BY"), LONDON)
    assert not_kept.open(date(2027, 1, 6))
    assert not_kept.open(date(2026, 12, 25))
    assert Calendar(kept, customer(country="DE", subdivision="BE"), LONDON).open(date(2027, 1, 6))


@pytest.mark.parametrize(("country", "subdivision"), [("DE", "Nowhere"), ("DE", ""), ("ZZ", ""), ("", "")])
def test_places_that_nobody_knows_have_the_holidays_of_what_is_known(country: str, subdivision: str) -> None:
    kept = msgspec.structs.replace(AT_WORK, customer_holidays=True)
    found = Calendar(kept, customer(country=country, subdivision=subdivision), LONDON)
    assert found.open(date(2027, 10, 1)) is True
    assert found.open(date(2027, 12, 24)) is True
    assert found.open(date(2026, 12, 25)) is (country != "DE")


def test_the_end_of_the_calendar_is_a_day() -> None:
    for found in (calendar(), calendar(AT_WORK, "Pacific/Auckland")):
        assert found.open(date(9999, 12, 31))  # a Friday
        assert found.first(date(9999, 12, 31)) == date.max


ZONES = [LONDON, "Pacific/Auckland", "Pacific/Honolulu", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]
hours = st.none() | st.tuples(st.integers(0, 23), st.integers(1, 24)).map(
    lambda it: (min(it) * 60, max(it) * 60 if max(it) > min(it) else min(it) * 60 + 60)
)


@settings(deadline=None, max_examples=60)
@given(
    hours,
    st.sampled_from(ZONES),
    st.lists(st.sampled_from(ZONES), unique=True, max_size=2),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 50 * 24).map(lambda hour: at("03-01 00:00", "UTC") + timedelta(hours=hour)),
)
def test_the_next_instant_is_the_first_that_the_clocks_allow(
    kept: tuple[int, int] | None, zone: str, zones: list[str], send_on: set[int], now: datetime
) -> None:
    """Looked for quarter by quarter of an hour, by nothing but the clocks of each place."""
    policy = Policy("p", STANDARD.steps, 5, frozenset(send_on), hours=kept)
    found = Calendar(policy, customer(*zones), zone).may_leave(now)
    first, last = kept or (0, 24 * 60)
    there_too = [ZoneInfo(it) for it in zones] or ([ZoneInfo(zone)] if kept else [])
    if kept is None and len(zones) > 1:
        there_too = []

    def half(instant: datetime) -> bool:
        """Without hours: it is that date there for half of the book's day at least."""
        midnight = datetime.combine(instant.astimezone(ZoneInfo(zone)).date(), time(), ZoneInfo(zone))
        start, end = (it.astimezone(UTC) for it in (midnight, midnight + timedelta(days=1)))
        quarters = [
            start + n * timedelta(minutes=15) for n in range(int((end - start).total_seconds()) // 900)
        ]
        same = [
            all(q.astimezone(it).date() == instant.astimezone(it).date() for it in there_too)
            for q in quarters
        ]
        return sum(same) * 2 >= len(same)

    def allowed(instant: datetime) -> bool:
        if instant.astimezone(ZoneInfo(zone)).weekday() not in send_on:
            return False
        if kept is None and not half(instant):
            return False
        clocks = [instant.astimezone(it) for it in there_too]
        return all(it.weekday() in send_on and first <= it.hour * 60 + it.minute < last for it in clocks)

    counted = next(
        (now + n * timedelta(minutes=15) for n in range(9 * 96) if allowed(now + n * timedelta(minutes=15))),
        None,
    )
    if counted is None:  # never, or only once clocks were set: in none of the nine days looked through
        assert found is not None
        assert found >= now + timedelta(days=9)
    else:
        assert (found or now) == counted


# In a plan ----------------------------------------------------------------------------------------


def test_a_closed_day_holds_a_message_with_its_name_and_its_end() -> None:
    policy = msgspec.structs.replace(STANDARD, holidays=("GB-ENG",))
    made = planned(debt("A", 5), policy=policy, today=date(2026, 12, 25), taken={})
    assert told_upcoming(made) == ["2027-03-02 heads-up: A"]  # due on 03-05; 02 is a Tuesday
    book = DayBook(policy)
    book.invoice("A1", "100.00", due="2026-12-24")
    made = book.plan("2026-12-25")
    assert told_holds(made) == ["not-a-sending-day until 2026-12-29: A1"]
    assert made.holds[0].detail == "25 December is Christmas Day (GB-ENG)"


def test_a_heads_up_that_days_off_make_late_is_never_sent() -> None:
    """Due Thu 03-04, closed up to that day: the heads-up of 03-01 has no day left. Friday the first."""
    policy = msgspec.structs.replace(STANDARD, closed=((day("02-28"), day("03-04")),))
    book = DayBook(policy)
    book.invoice("A1", "100.00", due="03-04")
    assert told_holds(book.plan("03-01")) == ["not-a-sending-day until 2027-03-05: A1"]
    assert told_upcoming(book.plan("2027-02-26")) == ["2027-03-05 first reminder: A1"]


def test_a_task_is_shown_on_a_closed_day() -> None:
    policy = msgspec.structs.replace(STANDARD, closed=((day("05-01"), day("05-31")),))
    book = DayBook(policy)
    book.invoice("A1", "100.00", due="2027-01-01")
    diary = book.diary("03-01", "05-20")
    assert diary[-1] == "Sat 03-20 task hand over GBP 100.00: A1"


def test_the_place_of_a_customer_that_the_policy_knows_better() -> None:
    """The accounting system has no country for Quill; the policy file has one, and its Epiphany."""
    policy = msgspec.structs.replace(
        DAILY,
        send_on=WEEKDAYS,
        hours=OFFICE,
        customer_holidays=True,
        customers={"quill": CustomerTerms(country="DE", subdivision="BY")},
    )
    overdue = msgspec.structs.replace(debt("A", 5), due_on=date(2027, 1, 4))
    made = planned(overdue, policy=policy, today=date(2027, 1, 6))
    assert told_holds(made) == ["not-a-sending-day until 2027-01-07: A"]
    assert letters(
        planned(overdue, policy=msgspec.structs.replace(policy, customers={}), today=date(2027, 1, 6))
    )


def test_a_customer_whose_hours_never_come_is_told_and_never_written_to() -> None:
    russian = msgspec.structs.replace(QUILL, country="RU")
    made = planned(debt("A", 5), debt("B", -9), policy=AT_WORK, debtors={"c1": russian})
    assert told_holds(made) == ["not-a-sending-day: A"]
    assert "26 time zones" in made.holds[0].detail
    paused = {"id-A": [HoldOrder("paused", day("03-12"))]}
    made = planned(debt("A", 5), policy=AT_WORK, debtors={"c1": russian}, invoice_holds=paused)
    assert told_holds(made) == ["paused: A"]
