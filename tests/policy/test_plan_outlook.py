"""What a plan tells of later days is what happens, with everything that may decide about it.

If nothing else changes: nothing before an `upcoming` day or the end of a hold, and on that day its step, or
a reason that no day ends. The forecast rests on this: it looks at a customer on those days alone.
"""

from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.policy.model import Facts, Plan
from arsync.policy.plan import plan
from drawn_books import CUSTOMERS, TODAY, Situation, held, later, taking
from drawn_terms import rich_situations

# Reasons that a day by itself does not end, or that others of the customer's contacts of that day bring.
WHATEVER_THE_DAY = {
    "unreconciled", "stale-data", "no-address", "opted-out", "credit-covers", "below-minimum",
}  # fmt: skip
HORIZON = 75  # days in which every date of these books has come


def ahead_of(situation: Situation) -> list[Plan]:
    return [later(situation, n) for n in range(HORIZON)]


def crowded(made: Plan, customer: str) -> bool:
    """Whether somebody else's contact of this very plan may fill a cap."""
    return any(item.customer_id == customer for item in (*made.messages, *made.tasks))


@settings(max_examples=80, deadline=None)
@given(rich_situations())
def test_upcoming_tells_the_first_day_and_its_step(situation: Situation) -> None:
    today = later(situation, 0)
    if not today.upcoming:
        return
    ahead = ahead_of(situation)
    for item in today.upcoming:
        distance = (item.on - TODAY).days
        assert distance > 0
        for n in range(1, min(distance, HORIZON)):
            assert item.invoice_id not in taking(ahead[n])
        if distance >= HORIZON:
            continue
        then = ahead[distance]
        if (step := taking(then).get(item.invoice_id)) is not None:
            assert step == item.step
        elif (reason := held(then).get(item.invoice_id)) == "too-many-contacts":
            assert crowded(then, item.customer_id)
        elif reason not in WHATEVER_THE_DAY:  # no day is left for it
            assert all(item.invoice_id not in taking(made) for made in ahead)


@settings(max_examples=80, deadline=None)
@given(rich_situations())
def test_a_hold_ends_on_the_day_it_tells(situation: Situation) -> None:
    today = later(situation, 0)
    telling = [hold for hold in today.holds if hold.until is not None]
    if not telling:
        return
    ahead = ahead_of(situation)
    for hold in telling:
        assert hold.until is not None
        distance = (hold.until - TODAY).days
        assert distance > 0
        ids = {id_ for id_, _ in hold.invoices}
        if hold.reason == "too-many-contacts" and crowded(today, hold.customer_id):
            continue  # what is planned today counts as gone; see the next test
        for n in range(1, min(distance, HORIZON)):
            assert not ids & set(taking(ahead[n]))
        if distance < HORIZON:
            then, reasons = ahead[distance], held(ahead[distance])
            assert (
                ids & set(taking(then))
                or any(reasons.get(id_) in WHATEVER_THE_DAY for id_ in ids)
                or (
                    "too-many-contacts" in {reasons.get(id_) for id_ in ids}
                    and crowded(then, hold.customer_id)
                )
            )


@settings(max_examples=80, deadline=None)
@given(rich_situations())
def test_a_hold_without_an_end_never_ends_by_itself(situation: Situation) -> None:
    today = later(situation, 0)
    endless = [hold for hold in today.holds if hold.until is None]
    if not endless:
        return
    ahead = ahead_of(situation)
    for hold in endless:
        if hold.reason == "too-many-contacts" and crowded(today, hold.customer_id):
            continue
        for made in ahead[1:]:
            assert not {id_ for id_, _ in hold.invoices} & set(taking(made))


@settings(max_examples=60, deadline=None)
@given(rich_situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(situation: Situation, shuffler: random.Random) -> None:
    policy, facts = situation

    def mixed(value: object) -> object:
        if isinstance(value, list):
            return shuffler.sample(value, len(value))
        if isinstance(value, dict):
            items = [(key, mixed(of)) for key, of in value.items()]
            return dict(shuffler.sample(items, len(items)))
        return value

    again = Facts(**{name: mixed(getattr(facts, name)) for name in Facts.__struct_fields__})
    assert plan("b", again, policy, TODAY) == plan("b", facts, policy, TODAY)


@settings(max_examples=60, deadline=None)
@given(rich_situations())
def test_every_open_invoice_takes_a_step_or_is_held_or_comes_later(situation: Situation) -> None:
    made = later(situation, 0)
    places = [
        *taking(made),
        *(id_ for hold in made.holds for id_, _ in hold.invoices),
        *(item.invoice_id for item in made.upcoming),
    ]
    assert sorted(places) == sorted(debt.id for debt in situation[1].debts)


@settings(max_examples=60, deadline=None)
@given(rich_situations())
def test_customers_do_not_touch_each_other(situation: Situation) -> None:
    """So a customer's plan may be made by itself, as it is before each message leaves."""
    policy, facts = situation
    whole = plan("b", facts, policy, TODAY)
    for customer in CUSTOMERS:
        own = msgspec.structs.replace(facts, debts=[d for d in facts.debts if d.customer_id == customer])
        alone = plan("b", own, policy, TODAY)
        for name in ("messages", "tasks", "holds", "upcoming"):
            kept = [item for item in getattr(whole, name) if item.customer_id == customer]
            assert list(getattr(alone, name)) == kept
