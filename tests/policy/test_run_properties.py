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
from arsync.policy.model import Contact, Message
from arsync.policy.rules import Cap, Policy, Step
from day_book import ONE_DAY, DayBook
from drawn_books import CURRENCIES, TODAY, books, policies, run_days
from drawn_terms import caps


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


@settings(deadline=None)
@given(books(), run_days, caps, st.integers(0, 9), st.randoms(use_true_random=False))
def test_no_sequence_of_runs_breaks_a_cap(
    book: DayBook, found: list[date], caps_: tuple[Cap, ...], rest: int, chance: random.Random
) -> None:
    """Runs of which some messages leave and others do not, calls and letters that are made or not, contacts
    in another book and calls that nobody planned: what a plan makes never adds to a stretch that is full."""
    kinds = ["message", "message", "call", "letter", "task"]
    steps = [msgspec.structs.replace(step, does=chance.choice(kinds)) for step in book.policy.steps]
    book.policy = msgspec.structs.replace(
        book.policy, steps=tuple(steps), caps=caps_, call_rest_days=rest, minimum={}
    )
    for today in sorted([*found, *found[::2]]):  # on every other day two runs
        for name in book.debtors:
            if chance.random() < 0.15:
                chance.choice([book.elsewhere, book.call])(name, today.isoformat())
        before = {name: list(contacts) for name, contacts in book.contacts.items()}
        made = book.plan(today)
        book.open_tasks |= {
            (line.invoice_id, line.step) for it in made.tasks for line in it.lines if line.step
        }
        items = [it for it in (*made.messages, *made.tasks) if chance.random() < 0.7]
        for item in chance.sample(items, len(items)):
            if isinstance(item, Message):
                book.deliver(item, today)
            else:
                book.done(item, today, reached=chance.random() < 0.5)
        for name, contacts in book.contacts.items():
            ours = contacts[len(before.get(name, [])) :]
            assert not ours or fits(caps_, contacts, today)
            calls = [it for it in ours if it.channel == "call"]
            assert not calls or all(
                (today - it.on).days >= rest for it in before.get(name, []) if it.conversation
            )


def fits(caps_: tuple[Cap, ...], contacts: list[Contact], day: date) -> bool:
    """Every stretch of days with this day in it holds no more than each cap allows, by counting."""
    for cap in caps_:
        for start in range(cap.days):
            first = day - timedelta(days=start)
            if sum(first <= it.on < first + timedelta(days=cap.days) for it in contacts) > cap.contacts:
                return False
    return True


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
