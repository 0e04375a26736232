"""What holds of every plan, whatever the book looks like."""

from __future__ import annotations

import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.ladder import firm_steps
from arsync.policy.model import REASONS, Facts
from arsync.policy.plan import plan
from drawn_books import CUSTOMERS, NOT_LISTED, TODAY, Situation, held, later, situations, taking

NOT_BY_TIME = {"unreconciled", "stale-data", "no-address", "credit-covers", "below-minimum"}
HORIZON = 60  # days in which every date of these books has come


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
            "debtors", "unapplied", "invoice_holds", "customer_holds", "taken", "contacted", "unreconciled"
        )},  # type: ignore[arg-type]
        stale=facts.stale,
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


@given(situations, st.sampled_from([None, "no payment for weeks"]), st.sampled_from([None, "GBP", "JPY", ""]))
def test_stale_data_and_figures_that_differ_take_steps_away_and_nothing_else(
    situation: Situation, stale: str | None, differs: str | None
) -> None:
    """Rule 6: against the same book without such doubts, the firm steps are missing while it is stale,
    and those of the customers that do not tie out; everybody else's message is the same debt's."""
    policy, facts = situation
    unreconciled = {} if differs is None else {("c0", differs): "differs"}
    facts = msgspec.structs.replace(facts, stale=stale, unreconciled=unreconciled)
    # A firm step before the due date is not listed once it is held, which may change what credit covers.
    policy = msgspec.structs.replace(
        policy,
        steps=tuple(s if s.offset > 0 else msgspec.structs.replace(s, firm=None) for s in policy.steps),
    )
    doubted = plan("b", facts, policy, TODAY)
    trusted = plan("b", msgspec.structs.replace(facts, stale=None, unreconciled={}), policy, TODAY)
    differing = {
        debt.id
        for debt in facts.debts
        if {(debt.customer_id, debt.currency), (debt.customer_id, "")} & facts.unreconciled.keys()
    }
    firm = firm_steps(policy) if facts.stale else frozenset()
    expected = {i: s for i, s in taking(trusted).items() if i not in differing and s not in firm}
    assert taking(doubted) == expected
    sums = {(type(it), it.customer_id, it.currency): it.total for it in (*trusted.messages, *trusted.tasks)}
    for item in (*doubted.messages, *doubted.tasks):
        assert item.total == sums[type(item), item.customer_id, item.currency]
    before, after = held(trusted), held(doubted)
    for id_ in taking(trusted):
        if id_ not in expected:
            assert after[id_] == ("unreconciled" if id_ in differing else "stale-data")
    people_and_ladder = set(REASONS[: REASONS.index("unreconciled")])
    assert {i: r for i, r in before.items() if r in people_and_ladder} == {
        i: r for i, r in after.items() if r in people_and_ladder
    }


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
