"""What holds of every sequence of runs, whatever the book looks like."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.policy.ladder import firm_steps
from arsync.policy.rules import Policy, Step
from arsync.policy.schedule import schedule
from day_book import ONE_DAY, STANDARD, DayBook
from drawn_books import CURRENCIES, TODAY, books, policies, run_days


@given(books(), run_days)
def test_the_gap_is_never_broken(book: DayBook, found: list[date]) -> None:
    for today in found:
        book.run(today)
    by_customer = defaultdict(set)
    for on, message in book.sent:
        by_customer[message.customer_id].add(on)
    for contacts in by_customer.values():
        ordered = sorted(contacts)
        for before, after in pairwise(ordered):
            assert (after - before).days >= max(book.policy.min_gap_days, 1)


@given(books(), run_days, st.randoms(use_true_random=False))
def test_no_step_is_taken_twice_nor_out_of_order_nor_left_out(
    book: DayBook, found: list[date], person: random.Random
) -> None:
    """Steps are climbed in order; one is left out only if it is friendly and the invoice overdue."""
    names = [step.name for step in book.policy.steps]
    offsets = [step.offset for step in book.policy.steps]
    for today in found:
        for task in book.run(today).tasks:
            if person.random() < 0.3:
                book.done(task, today)
    reached: dict[str, int] = {}
    for on, number, step in book.takes:
        due_on = book.invoices[number].due_on
        assert due_on is not None
        position = names.index(step)
        last = reached.get(number, -1)
        assert position > last
        left_out = offsets[last + 1 : position]
        assert all(offset <= 0 for offset in left_out)
        assert not left_out or on > due_on
        assert on >= due_on + timedelta(days=offsets[position])
        assert offsets[position] > 0 or on <= due_on
        reached[number] = position


@given(books(), run_days)
def test_nobodys_first_message_is_firmer_than_the_first_step_after_due(
    book: DayBook, found: list[date]
) -> None:
    for today in found:
        book.run(today)
    after_due = [step for step in book.policy.steps if step.offset > 0]
    firsts: dict[str, str] = {}
    for _, number, step in book.takes:
        firsts.setdefault(number, step)
    allowed = {step.name for step in book.policy.steps if step.offset <= 0}
    assert set(firsts.values()) <= allowed | {step.name for step in after_due[:1]}


@given(books(), run_days)
def test_no_firm_step_is_taken_while_data_are_stale_and_none_where_figures_differ(
    book: DayBook, found: list[date]
) -> None:
    book.stale = "no payment for weeks"
    for today in found:
        book.run(today)
    firm = firm_steps(book.policy)
    for _, number, step in book.takes:
        invoice = book.invoices[number]
        assert step not in firm
        assert (invoice.customer_id, invoice.currency) not in book.unreconciled
        assert (invoice.customer_id, "") not in book.unreconciled


@given(books(), run_days)
def test_a_second_run_on_the_same_day_changes_nothing(book: DayBook, found: list[date]) -> None:
    for today in found:
        first = book.run(today)
        delivered = len(book.sent)
        second = book.run(today)
        assert len(book.sent) == delivered
        assert second.messages == ()
        assert {task.id for task in second.tasks} == {task.id for task in first.tasks}
        assert book.plan(today) == second


@settings(max_examples=40)
@given(policies(), st.lists(st.tuples(st.integers(-30, 12), CURRENCIES), max_size=5))
def test_no_step_is_lost(policy: Policy, dues: list[tuple[int, str]]) -> None:
    """With nothing to hold it, every invoice ends up with every step after due taken."""
    book = DayBook(msgspec.structs.replace(policy, minimum={}))
    for n, (ahead, currency) in enumerate(dues):
        book.invoice(f"i{n}", "1", due=(TODAY + timedelta(days=ahead)).isoformat(), currency=currency)
    # 12 + 25 days to the last step's day, then at most a gap of 9 and a week to a sending day for each of 6.
    today = TODAY
    for _ in range(12 + 25 + 6 * (9 + 7)):
        for task in book.run(today).tasks:
            book.done(task, today)
        today += ONE_DAY
    for number in book.invoices:
        took = {step for _, of, step in book.takes if of == number}
        assert {step.name for step in policy.steps if step.offset > 0} <= took
    assert {hold.reason for hold in book.plan(today).holds} <= {"ladder-done"}


@given(policies(), st.integers(-30, 12))
def test_what_is_announced_for_an_invoice_is_what_happens(policy: Policy, ahead: int) -> None:
    """The schedule of a lone invoice is what daily runs do when each task is closed at once."""
    book = DayBook(msgspec.structs.replace(policy, minimum={}))
    due_on = TODAY + timedelta(days=ahead)
    book.invoice("A", "1", due=due_on.isoformat())
    announced = [(coming.on, coming.step.name) for coming in schedule(book.policy, due_on, None, TODAY)]
    for n in range(12 + 25 + 6 * (9 + 7)):
        today = TODAY + timedelta(days=n)
        while made := book.run(today).tasks:
            book.done(made[0], today)
    assert [(on, step) for on, _, step in book.takes] == announced


def test_a_schedule_at_the_end_of_the_calendar_has_an_end() -> None:
    found = [coming.step.name for coming in schedule(STANDARD, date.max, None, TODAY)]
    assert found[0] == "heads-up"


@pytest.mark.parametrize("gap", [1, 5, 9])
def test_the_driver_does_send(gap: int) -> None:
    """The sequences above would prove nothing if nothing ever left: one book in which much does."""
    book = DayBook(Policy("p", tuple(Step(f"s{n}", n, "t") for n in range(1, 5)), gap))
    book.invoice("A", "1", due="03-09")
    book.invoice("B", "1", due="03-12", currency="JPY")
    for n in range(4 * gap + 5):
        book.run(TODAY + timedelta(days=n))
    assert len([1 for _, number, _ in book.takes if number == "A"]) == 4
    assert len([1 for _, number, _ in book.takes if number == "B"]) >= 3
