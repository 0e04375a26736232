"""The forecast: what happens on each day if nobody pays. Days are of March 2027, whose first is a Monday."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.policy.course import Course
from arsync.policy.forecast import Happening, forecast, happenings
from arsync.policy.model import Agreement, Contact, Debtor, Facts, HoldOrder, Instalment, Taken
from arsync.policy.rules import EVERY_DAY, Cap, Step
from day_book import HEADS_UP, STANDARD, DayBook, day, told
from drawn_books import CURRENCIES, CUSTOMERS, TODAY, Situation, books, near, seldom, situations

FAR = 90
# Without the look ahead before the due date.
LATE_ONLY = msgspec.structs.replace(STANDARD, steps=STANDARD.steps[1:])


def foreseen(book: DayBook, start: str, days: int) -> list[str]:
    on = day(start)
    return [_told(it) for it in forecast("book", book.facts(on), book.policy, on, days)]


def _told(it: Happening) -> str:
    return f"{it.on:%a %m-%d} {it.item.customer_name}: {told(it.item)}"


def six(choices: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(choices), min_size=6, max_size=6)


@st.composite
def with_terms(draw: st.DrawFn) -> Situation:
    """A situation with all that may be agreed, promised, capped and closed besides."""
    policy, facts = draw(situations)
    kinds, dwells = draw(six(["message", "message", "call", "letter", "task"])), draw(six([0, 0, 4, 11]))
    least = draw(seldom(st.dictionaries(CURRENCIES, st.integers(50, 150)), {}, 4))
    policy = msgspec.structs.replace(
        policy,
        steps=tuple(
            msgspec.structs.replace(
                step, does=kinds[n], dwell_days=dwells[n], at_least=least if n == 1 else {}
            )
            for n, step in enumerate(policy.steps)
        ),
        caps=draw(seldom(st.lists(st.builds(Cap, st.integers(1, 2), st.integers(3, 20)), max_size=2), (), 2)),
        call_rest_days=draw(st.sampled_from([0, 0, 7])),
        closed=draw(seldom(st.just(((day("03-15"), day("03-21")),)), (), 4)),
        holidays=draw(seldom(st.just(("GB-ENG",)), (), 4)),
        profile=draw(seldom(st.sampled_from(["company", "consumer"]), None, 4)),
    )
    own = {debt.id: debt for debt in facts.debts}
    then = st.sampled_from(sorted(own) or ["i0"]).flatmap(
        lambda id_: st.tuples(st.just(id_), st.integers(own[id_].open if id_ in own else 1, 300))
    )
    lines = st.lists(then, min_size=1, max_size=3, unique_by=lambda line: line[0]).map(tuple)
    promises = st.builds(
        HoldOrder,
        st.just("promised"),
        near(-9, 20),
        amount=st.none() | st.integers(1, 200),
        currency=CURRENCIES,
        grace=st.integers(0, 5),
        lines=lines,
    )
    disputes = st.builds(
        HoldOrder,
        st.just("disputed"),
        st.none() | near(-5, 20),
        amount=st.integers(1, 200),
        currency=CURRENCIES,
    )
    some = st.lists(promises | disputes, min_size=1, max_size=2)
    agreements = st.builds(
        Agreement,
        id=st.uuids().map(str),
        kind=st.sampled_from(["instalments", "settlement", "discount"]),
        customer_id=st.sampled_from(CUSTOMERS),
        currency=CURRENCIES,
        agreed_on=near(-20, 0),
        lines=lines,
        instalments=st.lists(
            st.builds(Instalment, near(-20, 40), st.integers(1, 100)), min_size=1, max_size=4
        ).map(lambda parts: tuple(sorted(parts, key=lambda it: it.due_on))),
        grace=st.integers(0, 3),
        broken_after=st.integers(4, 14),
        amount=st.integers(1, 200),
        until=near(-5, 20),
    )
    facts = msgspec.structs.replace(
        facts,
        invoice_holds={
            **facts.invoice_holds,
            **draw(seldom(st.dictionaries(st.sampled_from(sorted(own) or ["i0"]), some, max_size=2), {}, 2)),
        },
        customer_holds={
            **facts.customer_holds,
            **draw(seldom(st.dictionaries(st.sampled_from(CUSTOMERS), some, max_size=1), {}, 3)),
        },
        agreements=draw(seldom(st.lists(agreements, max_size=2), (), 2)),
        contacts=draw(
            seldom(
                st.dictionaries(
                    st.sampled_from(CUSTOMERS),
                    st.lists(
                        st.builds(Contact, near(-12, 0), st.sampled_from(["message", "call"]), st.booleans()),
                        max_size=3,
                    ).map(lambda them: sorted(them, key=lambda it: it.on)),
                ),
                {},
                2,
            )
        ),
        opted_out=draw(
            seldom(
                st.dictionaries(
                    st.sampled_from(CUSTOMERS), st.frozensets(st.sampled_from(["message", "call", "letter"]))
                ),
                {},
                3,
            )
        ),
    )
    return policy, facts


@given(situations | with_terms())
@settings(max_examples=200, deadline=None)
def test_looking_when_something_comes_due_is_looking_every_day(situation: Situation) -> None:
    policy, facts = situation
    last = TODAY + timedelta(days=FAR)
    quick = happenings(Course("b", facts, policy, TODAY).days(last))
    slow = happenings(Course("b", facts, policy, TODAY).days(last, every_day=True))
    assert quick == slow


@given(books())
@settings(max_examples=100, deadline=None)
def test_it_is_what_runs_on_every_day_would_do(book: DayBook) -> None:
    """The whole book planned and delivered day by day, and its tasks closed on their day."""
    expected = forecast("book", book.facts(TODAY), book.policy, TODAY, FAR)
    happened = []
    for n in range(FAR):
        on = TODAY + timedelta(days=n)
        made = book.run(on)
        for task in made.tasks:
            book.done(task, on)
        happened += [(on, item.id, told(item)) for item in (*made.messages, *made.tasks)]
    assert sorted((it.on, it.item.id, told(it.item)) for it in expected) == sorted(happened)


def test_a_ladder_to_its_end() -> None:
    """Due on Saturday the 6th: the heads-up 3 days before is Wednesday's, the first reminder a Sunday's
    and so Monday's; then the 20th (a Saturday, so Monday the 22nd), 5 April, and 60 days after, 5 May."""
    book = DayBook(STANDARD)
    book.invoice("A1", "150.00", due="03-06")
    assert foreseen(book, "03-01", 70) == [
        "Wed 03-03 Quill: heads-up GBP 150.00: A1",
        "Mon 03-08 Quill: first reminder GBP 150.00: A1",
        "Mon 03-22 Quill: second reminder GBP 150.00: A1",
        "Mon 04-05 Quill: final notice GBP 150.00: A1",
        "Wed 05-05 Quill: hand over GBP 150.00: A1",
    ]


def test_its_days_are_as_many_as_asked_for() -> None:
    """The day it starts on is the first of them."""
    book = DayBook(STANDARD)
    book.invoice("A1", "150.00", due="03-06")
    assert foreseen(book, "03-03", 1) == ["Wed 03-03 Quill: heads-up GBP 150.00: A1"]
    assert len(foreseen(book, "03-03", 5)) == 1
    assert len(foreseen(book, "03-03", 6)) == 2


def test_invoices_of_one_customer_wait_for_each_other() -> None:
    """A1 is due on the 1st and A2 on the 4th, and the heads-up for both is too late. A1's first reminder is
    the 2nd's; A2's would be the 5th's and waits for the gap: Sunday the 7th, so Monday the 8th. On the 15th
    A1 takes its second; A2's, the 18th's, waits for the gap to that: Saturday the 20th, so the 22nd."""
    book = DayBook(LATE_ONLY)
    book.invoice("A1", "100.00", due="03-01")
    book.invoice("A2", "50.00", due="03-04")
    assert foreseen(book, "03-02", 22) == [
        "Tue 03-02 Quill: first reminder GBP 100.00: A1",
        "Mon 03-08 Quill: first reminder GBP 150.00: (A1) A2",
        "Mon 03-15 Quill: second reminder GBP 150.00: A1 (A2)",
        "Mon 03-22 Quill: second reminder GBP 150.00: (A1) A2",
    ]


def test_a_hold_with_an_end_delays_and_one_without_keeps_out() -> None:
    """Promised through the 9th: the first reminder is the 10th's."""
    book = DayBook(STANDARD)
    book.invoice("A1", "100.00", due="03-01")
    book.invoice("B1", "100.00", due="03-01", customer="Birch")
    book.hold("A1", "promised", "03-09")
    book.hold("B1", "disputed")
    assert foreseen(book, "03-02", 12) == ["Wed 03-10 Quill: first reminder GBP 100.00: A1"]


def test_what_comes_due_meanwhile_ends_a_hold_for_a_small_debt() -> None:
    """20.00 alone is below the minimum of 25.00. With A2's 10.00, which is overdue from the 11th on, it
    is not; A1, ready since the 2nd, takes its first reminder then, together with A2."""
    book = DayBook(LATE_ONLY)
    book.invoice("A1", "20.00", due="03-01")
    book.invoice("A2", "10.00", due="03-10")
    assert foreseen(book, "03-02", 12) == ["Thu 03-11 Quill: first reminder GBP 30.00: A1 A2"]


def test_what_is_listed_with_the_days_ends_a_hold_for_a_small_debt() -> None:
    """A2 took its first reminder on the 1st, before it was made to be due on the 10th. From the 11th on it
    is listed again, and 20.00 and 10.00 are no small debt, though no step of A2 is ready."""
    book = DayBook(LATE_ONLY)
    book.invoice("A1", "20.00", due="03-01")
    book.invoice("A2", "10.00", due="03-10")
    book.taken["A2"] = Taken("first reminder", 1)
    assert foreseen(book, "03-02", 12) == ["Thu 03-11 Quill: first reminder GBP 30.00: A1 (A2)"]


def test_a_step_that_is_held_is_passed_over_by_the_days() -> None:
    """Nobody can be written to, so the heads-up never goes; as a task needs no address, the first step
    after the due date is somebody's work on its day, the 11th."""
    book = DayBook(msgspec.structs.replace(STANDARD, steps=(HEADS_UP, Step("ring", 1, "", "task"))))
    book.invoice("A1", "100.00", due="03-10")
    book.debtors["Quill"] = Debtor("Quill", "Quill")
    assert foreseen(book, "03-08", 12) == ["Thu 03-11 Quill: ring GBP 100.00: A1"]


def test_a_cap_spreads_what_comes() -> None:
    """One contact in 21 days: the first reminder is the 2nd's, the second, the 15th's, waits for the 23rd,
    and the final notice, the 31st's, for 13 April. The hand over on 30 April is no contact."""
    book = DayBook(msgspec.structs.replace(LATE_ONLY, caps=(Cap(1, 21),)))
    book.invoice("A1", "100.00", due="03-01")
    assert [line[:9] for line in foreseen(book, "03-02", 70)] == [
        "Tue 03-02", "Tue 03-23", "Tue 04-13", "Fri 04-30",
    ]  # fmt: skip


def test_a_call_is_a_contact_and_a_conversation() -> None:
    """Two calls a day apart by the ladder; for 7 days after the first nobody is called."""
    calls = (Step("ring", 1, "", "call"), Step("ring again", 2, "", "call"))
    book = DayBook(msgspec.structs.replace(STANDARD, steps=calls, call_rest_days=7, caps=(Cap(2, 30),)))
    book.invoice("A1", "100.00", due="03-01")
    assert [line[:9] for line in foreseen(book, "03-02", 40)] == ["Tue 03-02", "Tue 03-09"]


def test_what_was_approved_leaves_under_its_own_id_and_once() -> None:
    """Approved for two invoices, of which one is paid since: it goes as approved. What comes later in the
    same currency is planned anew."""
    book = DayBook(LATE_ONLY)
    book.invoice("A1", "100.00", due="03-01")
    book.invoice("A2", "50.00", due="03-01")
    [approved] = book.plan("03-02").messages
    book.approved = [approved]
    book.pays("A2", "50.00")
    first, second = forecast("book", book.facts(day("03-02")), book.policy, day("03-02"), 20)
    assert (first.item.id, getattr(first.item, "status", "")) == (approved.id, "approved")
    assert getattr(second.item, "status", "") == "planned"


def test_a_task_that_was_shown_does_not_wait_for_the_gap() -> None:
    """A1's task is held through the 4th; meanwhile B1's first reminder leaves, on the 2nd."""
    book = DayBook(LATE_ONLY)
    book.invoice("A1", "100.00", due="2027-01-01")
    book.invoice("B1", "100.00", due="03-01")
    book.taken["A1"] = Taken("final notice", 30)
    book.open_tasks = {("A1", "hand over")}
    book.hold("A1", "paused", "03-04")
    assert foreseen(book, "03-02", 5) == [
        "Tue 03-02 Quill: first reminder GBP 100.00: B1",
        "Fri 03-05 Quill: hand over GBP 200.00: A1 (B1)",
    ]


def test_facts_that_are_not_of_any_debt_do_no_harm() -> None:
    facts = Facts(
        debts=[],
        debtors={},
        unapplied={("c1", "GBP"): 5},
        invoice_holds={"gone": [HoldOrder("paused")]},
        customer_holds={"c2": [HoldOrder("paused")]},
        contacted={("c3", "GBP"): day("03-01")},
    )
    assert forecast("b", facts, STANDARD, date.max, 400) == []


def test_the_end_of_the_calendar_is_an_end() -> None:
    """Books write 9999-12-31 for "never": its heads-up is three days before, and no day is after it."""
    book = DayBook(msgspec.structs.replace(STANDARD, send_on=EVERY_DAY))
    book.invoice("A1", "100.00", due="9999-12-31")
    assert foreseen(book, "2027-03-01", 60) == []
    assert foreseen(book, "9999-12-30", 9)[0] == "Thu 12-30 Quill: heads-up GBP 100.00: A1"
    assert {line[4:9] for line in foreseen(book, "9999-12-30", 400)} <= {"12-30", "12-31"}
