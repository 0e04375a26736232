"""Why a step comes on its day: the reasons in words, and where what they go by stands.

Days are of March 2027, whose first is a Monday.
"""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from arsync.policy.dates import dates
from arsync.policy.model import Agreement, Contact, Debtor, HoldOrder, Instalment, Taken
from arsync.policy.rules import EVERY_DAY, Cap, CustomerTerms, Override, Policy, Segment, Step, Where
from day_book import DAILY, FIRST, SECOND, DayBook, day

LINES = {
    "min_gap_days": "acme.toml:2",
    "send_on": "acme.toml:3",
    "caps": "acme.toml:4",
    "closed": "acme.toml:5",
    "holidays": "acme.toml:6",
    "call_rest_days": "acme.toml:7",
    "minimum": "acme.toml:8",
    "steps": "acme.toml:10",
    "steps.first reminder": "acme.toml:20",
    "steps.second reminder": "acme.toml:30",
}
# The own days of an invoice due on the 1st: the 2nd and the 15th.
TWO = msgspec.structs.replace(DAILY, steps=(FIRST, SECOND), sources=LINES)


def told(book: DayBook, start: str, number: str = "A1", **facts: object) -> list[tuple[date, str, str]]:
    known = msgspec.structs.replace(book.facts(day(start)), **facts)
    return [(it.happening.on, it.why, it.source) for it in dates("b", known, book.policy, day(start))[number]]


def of(**changes: object) -> DayBook:
    """A book with one invoice, due on the 1st, under a policy that differs in this."""
    book = DayBook(msgspec.structs.replace(TWO, **changes))
    book.invoice("A1", "100.00", due="03-01")
    return book


def test_a_step_on_its_own_day() -> None:
    assert told(of(), "03-01") == [
        (day("03-02"), "its day is 2027-03-02 (1 day after due, acme.toml:20)", "acme.toml:20"),
        (day("03-15"), "its day is 2027-03-15 (14 days after due, acme.toml:30)", "acme.toml:30"),
    ]


def test_what_nobody_wrote_is_built_in() -> None:
    [(_, why, source), _] = told(of(sources={}), "03-01")
    assert (why, source) == ("its day is 2027-03-02 (1 day after due, built in)", "built in")


def test_a_step_that_is_caught_up_and_the_gap() -> None:
    """First seen on the 20th."""
    first, second = told(of(), "03-20")
    assert first == (
        day("03-20"),
        "its day 2027-03-02 (1 day after due, acme.toml:20) is past; it is caught up",
        "acme.toml:20",
    )
    assert second == (
        day("03-25"),
        "its day 2027-03-15 (14 days after due, acme.toml:30) is past; it is caught up; "
        "the last message was on 2027-03-20, and the gap is 5 days (min_gap_days, acme.toml:2)",
        "acme.toml:2",
    )


def moved(book: DayBook, at: int = 0, start: str = "03-01", **facts: object) -> tuple[date, str, str]:
    """The day of a step, what is told after its own day, and the source."""
    on, why, source = told(book, start, **facts)[at]
    return on, why.partition("; ")[2], source


def test_the_gap_to_the_message_about_another_invoice() -> None:
    """A2's first reminder is the 12th's; A1's second, the 15th's, waits for the 17th."""
    book = of()
    book.invoice("A2", "50.00", due="03-11")
    words = "the last message was on 2027-03-12, and the gap is 5 days (min_gap_days, acme.toml:2)"
    assert moved(book, 1) == (day("03-17"), words, "acme.toml:2")


def test_days_on_which_nothing_is_sent() -> None:
    weekdays = of(send_on=frozenset({2, 3}))
    assert moved(weekdays) == (
        day("03-03"), "Tuesday is not a sending day (send_on, acme.toml:3)", "acme.toml:3",
    )  # fmt: skip
    days_off = of(closed=((day("03-01"), day("03-04")),))
    assert moved(days_off) == (
        day("03-05"), "closed from 1 March 2027 to 4 March 2027 (closed, acme.toml:5)", "acme.toml:5",
    )  # fmt: skip


def test_a_holiday_of_the_companys_and_one_of_the_customers() -> None:
    """Good Friday is 26 March 2027, Easter Monday the 29th; both are holidays in England."""
    ours = of(holidays=("GB-ENG",), steps=(msgspec.structs.replace(FIRST, offset=25),))
    on, words, source = moved(ours)
    assert (on, source) == (day("03-27"), "acme.toml:6")
    assert words.startswith("26 March is Good Friday")
    assert words.endswith("(holidays, acme.toml:6)")
    theirs = of(customer_holidays=True, steps=(msgspec.structs.replace(FIRST, offset=25),))
    theirs.debtors["Quill"] = Debtor("Quill", "Quill", ("ap@quill.example",), country="GB", subdivision="ENG")
    on, words, source = moved(theirs)
    assert (on, source) == (day("03-27"), "built in")
    assert words.endswith("(customer_holidays, built in)")


def test_the_dwell_since_the_step_before() -> None:
    """First seen on the 12th: the first reminder is caught up, and the second dwells 10 days from there."""
    dwelling = of(steps=(FIRST, msgspec.structs.replace(SECOND, dwell_days=10)))
    on, words, source = moved(dwelling, 1, start="03-12")
    assert on == day("03-22")
    assert words == "10 days after the step before, of 2027-03-12 (dwell_days, acme.toml:30)"
    assert source == "acme.toml:30"


def test_a_cap_and_the_rest_after_a_call() -> None:
    contacts = {"Quill": [Contact(date(2027, 2, 27), "call", conversation=True)]}
    on, words, source = moved(of(caps=(Cap(1, 7),)), contacts=contacts)
    assert (on, source) == (day("03-06"), "acme.toml:4")
    assert words == ("at most 1 contact in 7 days; there were 2027-02-27 (caps, acme.toml:4)")
    ring = of(steps=(msgspec.structs.replace(FIRST, does="call"),), call_rest_days=7)
    on, words, source = moved(ring, contacts=contacts)
    assert (on, source) == (day("03-06"), "acme.toml:7")
    assert words.endswith("(call_rest_days, acme.toml:7)")


def test_a_hold_with_who_put_it() -> None:
    book = of()
    book.holds["A1"] = [
        HoldOrder("paused", day("03-08"), "calls back", "anna@acme.example", put_on=day("03-01"))
    ]
    assert moved(book) == (
        day("03-09"),
        "chasing is paused up to 2027-03-08: calls back (put on 2027-03-01 by anna@acme.example)",
        "put on 2027-03-01 by anna@acme.example",
    )
    book.holds["A1"] = [HoldOrder("paused", day("03-08"))]
    assert moved(book) == (day("03-09"), "chasing is paused up to 2027-03-08", "paused")


def test_a_hold_that_moved_another_step_is_not_told_of_this_one() -> None:
    """Both days are past on the 20th, and the hold ends on the 24th: it moved the first step alone."""
    book = of()
    book.hold("A1", "paused", "03-24")
    first, second = (moved(book, at, start="03-20") for at in (0, 1))
    assert first == (day("03-25"), "it is caught up; chasing is paused up to 2027-03-24", "paused")
    assert second[0] == day("03-30")
    assert "paused" not in second[1]


def test_a_hold_that_is_over_by_the_steps_own_day_moves_nothing() -> None:
    book = of()
    book.taken["A1"] = Taken("first reminder", 1, day("03-02"))
    book.hold("A1", "paused", "03-10")
    assert moved(book, start="03-03") == (day("03-15"), "", "acme.toml:30")


def test_a_dwell_that_is_over_moves_nothing() -> None:
    dwelling = of(steps=(FIRST, msgspec.structs.replace(SECOND, dwell_days=16)))
    dwelling.taken["A1"] = Taken("first reminder", 1, day("03-02"))
    on, words, _ = moved(dwelling, start="03-20")
    assert (on, words) == (day("03-20"), "it is caught up")


def test_an_instalment_and_its_agreement() -> None:
    """All of it is due in one instalment on the 20th."""
    plan = Agreement(
        id="a1",
        kind="instalments",
        customer_id="Quill",
        currency="GBP",
        agreed_on=day("03-01"),
        lines=(("A1", 100_00),),
        instalments=(Instalment(day("03-20"), 100_00),),
        broken_after=60,
    )
    (on, why, _), *_ = told(of(), "03-02", agreements=[plan])
    assert on == day("03-21")
    assert why == "its day is 2027-03-21 (1 day after due, of the instalment of 2027-03-20, acme.toml:20)"


def test_a_small_debt_that_grows() -> None:
    """20.00 is below the minimum; with A2's 10.00, listed from the 11th on, it is not."""
    book = DayBook(msgspec.structs.replace(TWO, minimum={"GBP": 25_00}))
    book.invoice("A1", "20.00", due="03-01")
    book.invoice("A2", "10.00", due="03-10")
    assert moved(book) == (
        day("03-11"), "20.00 GBP is below the minimum of 25.00 (minimum, acme.toml:8)", "acme.toml:8",
    )  # fmt: skip


@pytest.mark.parametrize("level", ["segment", "customer"])
def test_a_value_of_a_lower_level_is_told_with_its_own_place(level: str) -> None:
    own = Override(ladder="gentle", min_gap_days=30, sources={"min_gap_days": "acme.toml:90"})
    policy = msgspec.structs.replace(
        TWO,
        ladders={"gentle": (Step("please", 1, "t"), Step("please again", 3, "t"))},
        sources={**LINES, "ladders.gentle.please": "acme.toml:70"},
        **(
            {"segments": (Segment("all", Where(), own),)}
            if level == "segment"
            else {"customers": {"quill": CustomerTerms(values=own)}}
        ),
    )
    book = DayBook(policy)
    book.invoice("A1", "100.00", due="03-01")
    (_, first, _), (on, second, source) = told(book, "03-01")
    assert first == "its day is 2027-03-02 (1 day after due, acme.toml:70)"
    assert (on, source) == (day("04-01"), "acme.toml:90")
    assert second.endswith("the gap is 30 days (min_gap_days, acme.toml:90)")


def test_a_floor_is_told_as_the_profiles() -> None:
    book = DayBook(
        Policy(
            "p",
            (FIRST, msgspec.structs.replace(SECOND, offset=2)),
            min_gap_days=1,
            send_on=EVERY_DAY,
            profile="company",
        )
    )
    book.invoice("A1", "100.00", due="03-01")
    _, (on, why, source) = told(book, "03-01")
    assert (on, source) == (day("03-05"), "profile company")
    assert why.endswith("the gap is 3 days (min_gap_days, profile company)")


def test_steps_that_were_taken_are_not_told_again() -> None:
    book = of()
    book.taken["A1"] = Taken("first reminder", 1, day("03-02"))
    assert [on for on, _, _ in told(book, "03-05")] == [day("03-15")]


def test_nothing_is_told_of_what_never_comes() -> None:
    book = of()
    book.hold("A1", "disputed")
    assert dates("b", book.facts(day("03-01")), book.policy, day("03-01")) == {}
