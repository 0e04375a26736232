"""What holds of every plan and of every sequence of runs, whatever the book looks like."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.policy.model import REASONS, Debt, Debtor, Facts, HoldOrder, Plan, Policy, Step, Taken
from arsync.policy.plan import plan
from arsync.policy.schedule import schedule
from day_book import ONE_DAY, STANDARD, DayBook, day

TODAY = day("03-10")
NOT_LISTED = {"excluded", "disputed", "promised", "paused"}
NOT_BY_TIME = {"no-address", "credit-covers", "below-minimum"}
HORIZON = 60  # days in which every date of these books has come


def near(first: int, last: int) -> st.SearchStrategy[date]:
    return st.integers(first, last).map(lambda n: TODAY + timedelta(days=n))


def seldom(of: st.SearchStrategy[object], otherwise: object, one_in: int) -> st.SearchStrategy[Any]:
    return st.integers(1, one_in).flatmap(lambda n: of if n == one_in else st.just(otherwise))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    found = sorted(draw(st.sets(st.integers(-8, 25), min_size=1, max_size=6)))
    kinds = draw(st.lists(st.sampled_from(["message", "message", "task"]), min_size=6, max_size=6))
    return Policy(
        "p",
        tuple(Step(f"step {n}", offset, "t", kinds[n]) for n, offset in enumerate(found)),  # type: ignore[arg-type]
        min_gap_days=draw(st.integers(0, 9)),
        send_on=frozenset(draw(seldom(st.sets(st.integers(0, 6), min_size=1), range(7), 2))),
        minimum=draw(seldom(st.dictionaries(CURRENCIES, st.integers(0, 150)), {}, 3)),
    )


CURRENCIES = st.sampled_from(["GBP", "GBP", "JPY"])
CUSTOMERS = ["c0", "c1", "c2"]
KEYS = st.tuples(st.sampled_from(CUSTOMERS), CURRENCIES)
reasons_of_people = st.sampled_from(sorted(NOT_LISTED))
orders = st.lists(
    st.builds(HoldOrder, reasons_of_people, st.none() | near(-5, 15), st.sampled_from(["", "x", "y"])),
    max_size=3,
)


@st.composite
def facts_for(draw: st.DrawFn, policy: Policy) -> Facts:
    debts = [
        Debt(
            id=f"i{n}",
            number=f"N{draw(st.integers(0, 3))}",  # numbers may repeat, ids do not
            customer_id=draw(st.sampled_from(["c0", "c0", "c0", "c1", "c2"])),
            currency=draw(CURRENCIES),
            due_on=None if draw(st.integers(0, 9)) == 9 else draw(near(-40, 12)),
            open=draw(st.integers(1, 200)),
            promised_on=draw(seldom(near(-3, 12), None, 8)),
        )
        for n in range(draw(st.integers(0, 8)))
    ]
    steps = st.sampled_from([*policy.steps, Step("since removed", 7, "t")])
    ids = st.sampled_from([debt.id for debt in debts] or ["of a paid invoice"])
    addresses = seldom(st.just(()), ("a@q.example",), 6)
    return Facts(
        debts=debts,
        debtors={c: Debtor(c, draw(st.sampled_from("QR")), draw(addresses)) for c in CUSTOMERS},
        unapplied=draw(seldom(st.dictionaries(KEYS, st.integers(0, 250), max_size=2), {}, 3)),
        invoice_holds=draw(seldom(st.dictionaries(ids, orders, max_size=2), {}, 3)),
        customer_holds=draw(seldom(st.dictionaries(st.sampled_from(CUSTOMERS), orders, max_size=1), {}, 5)),
        taken=draw(st.dictionaries(ids, steps.map(lambda step: Taken(step.name, step.offset)), max_size=4)),
        contacted=draw(seldom(st.dictionaries(KEYS, near(-11, 0), max_size=3), {}, 2)),
    )


situations = policies().flatmap(lambda policy: st.tuples(st.just(policy), facts_for(policy)))
Situation = tuple[Policy, Facts]


def taking(made: Plan) -> dict[str, str]:
    """Invoices that take a step today, with the step's name."""
    return {
        line.invoice_id: line.step
        for item in (*made.messages, *made.tasks)
        for line in item.lines
        if line.step is not None
    }


def held(made: Plan) -> dict[str, str]:
    return {id_: hold.reason for hold in made.holds for id_, _ in hold.invoices}


def later(situation: Situation, days: int) -> Plan:
    policy, facts = situation
    return plan("b", facts, policy, TODAY + timedelta(days=days))


@given(situations, st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(situation: Situation, shuffler: random.Random) -> None:
    policy, facts = situation

    def mixed(mapping: object) -> dict[object, object]:
        items = [
            (key, shuffler.sample(value, len(value)) if isinstance(value, list) else value)
            for key, value in mapping.items()  # type: ignore[attr-defined]
        ]
        shuffler.shuffle(items)
        return dict(items)

    again = Facts(
        debts=shuffler.sample(list(facts.debts), len(facts.debts)),
        **{name: mixed(getattr(facts, name)) for name in (
            "debtors", "unapplied", "invoice_holds", "customer_holds", "taken", "contacted"
        )},  # type: ignore[arg-type]
    )  # fmt: skip
    assert plan("b", again, policy, TODAY) == plan("b", facts, policy, TODAY)


@given(situations)
def test_customers_do_not_touch_each_other(situation: Situation) -> None:
    policy, facts = situation
    whole = plan("b", facts, policy, TODAY)
    for customer in CUSTOMERS:
        own = msgspec.structs.replace(facts, debts=[d for d in facts.debts if d.customer_id == customer])
        alone = plan("b", own, policy, TODAY)
        for name in ("messages", "tasks", "holds", "upcoming"):
            kept = [item for item in getattr(whole, name) if item.customer_id == customer]
            assert list(getattr(alone, name)) == kept


@given(situations)
def test_every_open_invoice_takes_a_step_or_is_held_or_comes_later(situation: Situation) -> None:
    """Rule 6. Exactly one of the three; being listed in a message about others is not one of them."""
    policy, facts = situation
    made = plan("b", facts, policy, TODAY)
    places = [
        *taking(made),
        *(id_ for hold in made.holds for id_, _ in hold.invoices),
        *(item.invoice_id for item in made.upcoming),
    ]
    assert sorted(places) == sorted(debt.id for debt in facts.debts)
    assert all(hold.reason in REASONS for hold in made.holds)


@given(situations)
def test_what_a_message_lists(situation: Situation) -> None:
    """Rules 4 and 5: one a customer and currency; the ready invoices and every other overdue one that
    people or the accounting system do not hold; totals are sums of one currency's lines."""
    policy, facts = situation
    made = plan("b", facts, policy, TODAY)
    debts = {debt.id: debt for debt in facts.debts}
    reasons = held(made)  # the four of people come first, so they are what is told
    for kind, items in (("message", made.messages), ("task", made.tasks)):
        keys = [(item.customer_id, item.currency) for item in items]
        assert len(set(keys)) == len(keys)
        for item in items:
            key = (item.customer_id, item.currency)
            mine = [d for d in debts.values() if (d.customer_id, d.currency) == key]
            steps = {line.invoice_id: line.step for line in item.lines}
            expected = {
                d.id
                for d in mine
                if d.id in {i for i, step in steps.items() if step}
                or (d.due_on is not None and d.due_on < TODAY and reasons.get(d.id) not in NOT_LISTED)
            }
            assert set(steps) == expected
            assert len(item.lines) == len(steps)
            assert item.total == sum(debts[i].open for i in steps) == sum(line.open for line in item.lines)
            assert item.unapplied == facts.unapplied.get((item.customer_id, item.currency), 0)
            assert item.unapplied < item.total
            assert item.total - item.unapplied >= policy.minimum.get(item.currency, 0)
            offsets = {step.name: step.offset for step in policy.steps if step.does == kind}
            assert item.offset == max(offsets[step] for step in steps.values() if step)
            assert offsets[item.step] == item.offset
    for message in made.messages:
        assert message.to
        assert TODAY.weekday() in policy.send_on


@given(situations)
def test_ids_hang_on_the_steps_alone(situation: Situation) -> None:
    seen: dict[str, object] = {}
    steps: dict[object, str] = {}
    for ahead in range(8):
        made = later(situation, ahead)
        for item in (*made.messages, *made.tasks):
            takes = frozenset((line.invoice_id, line.step) for line in item.lines if line.step)
            key = (item.customer_id, item.currency, takes)
            assert seen.setdefault(item.id, key) == key
            assert steps.setdefault(key, item.id) == item.id


@given(situations)
def test_upcoming_tells_the_first_day_and_its_step(situation: Situation) -> None:
    """If nothing else changes: nothing before that day, and on it this step, or what holds the
    customer whatever the day. A friendly step for which no day is left is told on its own day."""
    policy, _ = situation
    made = later(situation, 0)
    ahead = {n: later(situation, n) for n in range(1, HORIZON)} if made.upcoming else {}
    friendly = {step.name for step in policy.steps if step.offset <= 0}
    for item in made.upcoming:
        distance = (item.on - TODAY).days
        assert distance > 0
        for n in range(1, distance):
            assert item.invoice_id not in taking(ahead[n])
        on_the_day = ahead[distance]
        if (step := taking(on_the_day).get(item.invoice_id)) is not None:
            assert step == item.step
        elif held(on_the_day)[item.invoice_id] not in NOT_BY_TIME:
            assert item.step in friendly
            assert held(ahead[HORIZON - 1])[item.invoice_id] == "ladder-done"


@given(situations)
def test_a_hold_ends_on_the_day_it_tells(situation: Situation) -> None:
    """If nothing else changes: no step before `until`, and on it a step of at least one of its
    invoices, or what holds the customer whatever the day."""
    made = later(situation, 0)
    telling = [hold for hold in made.holds if hold.until is not None]
    ahead = {n: later(situation, n) for n in range(1, HORIZON)} if telling else {}
    for hold in telling:
        assert hold.until is not None
        distance = (hold.until - TODAY).days
        assert distance > 0
        ids = {id_ for id_, _ in hold.invoices}
        for n in range(1, distance):
            assert not ids & set(taking(ahead[n]))
        on_the_day = ahead[distance]
        reasons = held(on_the_day)
        assert ids & set(taking(on_the_day)) or any(reasons.get(i) in NOT_BY_TIME for i in ids)


@given(situations)
def test_a_passing_hold_without_an_end_never_ends(situation: Situation) -> None:
    made = later(situation, 0)
    passing = {"too-soon", "not-a-sending-day"}
    endless = [hold for hold in made.holds if hold.reason in passing and hold.until is None]
    for hold in endless:
        for n in range(1, HORIZON):
            assert not {id_ for id_, _ in hold.invoices} & set(taking(later(situation, n)))


# Sequences of runs --------------------------------------------------------------------------------


@st.composite
def books(draw: st.DrawFn) -> DayBook:
    """A book with up to three customers, whose runs deliver what they plan."""
    policy = draw(policies())
    facts = draw(facts_for(policy))
    book = DayBook(policy)
    book.debtors = dict(facts.debtors)
    for debt in facts.debts:
        book.invoice(debt.id, "1", due="03-01", customer=debt.customer_id, currency=debt.currency)
        book.change(debt.id, open=debt.open, due_on=debt.due_on, promised_on=debt.promised_on)
    book.unapplied = dict(facts.unapplied)
    for holds in (facts.invoice_holds, facts.customer_holds):
        for what, found in holds.items():
            book.holds[what] = list(found)
    return book


run_days = st.lists(st.integers(1, 4), min_size=5, max_size=25).map(
    lambda gaps: [TODAY + timedelta(days=sum(gaps[:n])) for n in range(len(gaps))]
)


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
