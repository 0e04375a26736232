"""Which policy is in force for anybody: against a slow and obvious resolution."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.in_force import InForce
from arsync.policy.model import Debt, Debtor
from arsync.policy.profiles import held_to
from arsync.policy.rules import Cap, CustomerTerms, Override, Policy, Segment, Step, Where
from arsync.policy.trace import KEYS, trace, trace_book
from policy_examples import CUSTOMER, FIRST, INVOICE, LATE, PLAIN, SECOND, VALUES, facts, resolve

# A slow and obvious resolution ---------------------------------------------------------------------


def obvious(policy: Policy, debtor: Debtor, debt: Debt | None, behaviour: frozenset[str]) -> dict[str, Any]:
    """Every value, by looking at each level in turn; the ladder and its steps by name."""
    terms = policy.customers.get(debtor.id) or next(
        (terms for name, terms in policy.customers.items() if name.lower() == debtor.name.lower()),
        CustomerTerms(),
    )
    groups = {group.lower() for group in (*debtor.groups, terms.group or "")} - {""}
    country = terms.country or debtor.country
    kind = terms.debt or policy.debt
    own_profile = terms.values.profile
    profile = own_profile or policy.profile
    value: dict[str, Any] = {key: getattr(policy, key) for key in VALUES}
    ladder, inside = "steps", set()
    for segment in policy.segments:
        where = segment.where
        if where.groups and not {group.lower() for group in where.groups} & groups:
            continue
        if where.countries and country not in where.countries:
            continue
        if where.debts and (kind is None or kind.lower() not in {each.lower() for each in where.debts}):
            continue
        if where.profiles and profile not in where.profiles:
            continue
        if where.behaviour and not where.behaviour & behaviour:
            continue
        if where.of_invoices:
            if debt is None or (where.currencies and debt.currency not in where.currencies):
                continue
            if where.at_least and not (debt.open >= where.at_least.get(debt.currency, 10**18)):
                continue
            if where.below and not (debt.open < where.below.get(debt.currency, 0)):
                continue
        inside.add(segment.name)
        for key in VALUES:
            if getattr(segment.values, key) is not None:
                value[key] = getattr(segment.values, key)
        ladder = segment.values.ladder or ladder
        if segment.values.profile is not None and own_profile is None:
            profile = segment.values.profile
    for key in VALUES:
        if getattr(terms.values, key) is not None:
            value[key] = getattr(terms.values, key)
    ladder = terms.values.ladder or ladder
    if debt is not None:
        own = policy.invoices.get(debt.id) or next(
            (own for name, own in policy.invoices.items() if name.lower() == debt.number.lower()), None
        )
        ladder = (own and own.ladder) or ladder
    steps = policy.steps if ladder == "steps" else policy.ladders[ladder]
    if debt is not None:
        steps = tuple(
            step
            for step in steps
            if debt.open - debt.disputed - debt.not_due >= step.at_least.get(debt.currency, -(10**18))
            and (not step.only_for or any(name in inside for name in step.only_for))
            and not any(name in inside for name in step.not_for)
            and not (debt.disputed > 0 and "disputed" in step.not_for)
        )
    return {**value, "steps": [step.name for step in steps], "debt": kind}


AMOUNTS = st.dictionaries(st.sampled_from(["GBP", "EUR"]), st.integers(1, 1000), max_size=2)
NAMES = st.sampled_from(["one", "two", "three"])
LADDERS = st.none() | st.sampled_from(["steps", "gentle", "stern"])
# The conditions on segments are whatever is drawn; a name that no segment has is never inside.
STEPS = st.lists(
    st.builds(
        Step,
        name=st.sampled_from("abcdef"),
        offset=st.just(1),
        template=st.just("t"),
        at_least=AMOUNTS,
        only_for=st.frozensets(NAMES, max_size=1),
        not_for=st.frozensets(NAMES | st.just("disputed"), max_size=2),
    ),
    max_size=4,
).map(tuple)
PROFILES = st.none() | st.sampled_from(["company", "sole-trader", "consumer"])
SOME = {
    "ladder": LADDERS,
    "min_gap_days": st.none() | st.integers(0, 9),
    "send_on": st.none() | st.just(frozenset({0, 5})),
    "minimum": st.none() | AMOUNTS,
    "hours": st.none() | st.sampled_from([(480, 1200), (600, 660)]),
    "holidays": st.none() | st.sampled_from([(), ("GB",)]),
    "caps": st.none() | st.sampled_from([(), (Cap(1, 9),), (Cap(5, 7), Cap(9, 60))]),
    "call_rest_days": st.none() | st.integers(0, 9),
    "profile": PROFILES,
}
OVERRIDES = st.builds(Override, **SOME)
CUSTOMER_WHERE = {
    "groups": st.frozensets(st.sampled_from(["trade", "Retail"]), max_size=1),
    "countries": st.frozensets(st.sampled_from(["SE", "GB"]), max_size=1),
    "debts": st.frozensets(st.sampled_from(["rent", "Loan"]), max_size=1),
    "profiles": st.frozensets(st.sampled_from(["company", "consumer"]), max_size=1),
    "behaviour": st.frozensets(st.sampled_from(["new"]), max_size=1),
}
INVOICE_WHERE = {
    "currencies": st.frozensets(st.sampled_from(["GBP", "EUR"]), max_size=1),
    "at_least": AMOUNTS,
    "below": AMOUNTS,
}


@st.composite
def segments(draw: st.DrawFn) -> tuple[Segment, ...]:
    found = []
    for name in draw(st.lists(NAMES, unique=True)):
        where = draw(st.builds(Where, **CUSTOMER_WHERE) | st.builds(Where, **CUSTOMER_WHERE, **INVOICE_WHERE))
        values = draw(OVERRIDES)
        found.append(Segment(name, where, Override(ladder=values.ladder) if where.of_invoices else values))
    return tuple(found)


POLICIES = st.builds(
    Policy,
    name=st.just("drawn"),
    steps=STEPS,
    ladders=st.fixed_dictionaries({"gentle": STEPS, "stern": STEPS}),
    profile=PROFILES,
    min_gap_days=st.integers(0, 9),
    caps=st.sampled_from([(), (Cap(3, 7),)]),
    debt=st.none() | st.just("RENT"),
    segments=segments(),
    customers=st.dictionaries(
        st.sampled_from(["7", "NORRLAND joinery", "8"]),
        st.builds(
            CustomerTerms,
            values=OVERRIDES,
            group=st.none() | st.just("RETAIL"),
            country=st.none() | st.just("GB"),
            debt=st.none() | st.just("loan"),
        ),
        max_size=2,
    ),
    invoices=st.dictionaries(
        st.sampled_from(["i1", "inv-1", "i2"]), st.builds(Override, ladder=LADDERS.filter(bool)), max_size=2
    ),
)
DEBTORS = st.builds(
    Debtor,
    id=st.sampled_from(["7", "8", "9"]),
    name=st.sampled_from(["Norrland Joinery", "Other"]),
    groups=st.sampled_from([(), ("Trade",), ("retail", "x")]),
    country=st.sampled_from(["", "SE", "GB"]),
)
DEBTS = st.none() | st.builds(
    Debt,
    id=st.sampled_from(["i1", "i3"]),
    number=st.sampled_from(["INV-1", "INV-9"]),
    customer_id=st.just("7"),
    currency=st.sampled_from(["GBP", "EUR", "USD"]),
    due_on=st.none(),
    open=st.integers(500, 1500),
    disputed=st.sampled_from([0, 0, 400]),
    not_due=st.sampled_from([0, 100]),
)


@given(POLICIES, DEBTORS, DEBTS, st.sampled_from([frozenset(), frozenset({"new"})]))
def test_it_is_what_looking_at_each_level_gives(
    policy: Policy, debtor: Debtor, debt: Debt | None, behaviour: frozenset[Any]
) -> None:
    wanted = obvious(policy, debtor, debt, behaviour)

    found = resolve(policy, debtor, debt, behaviour={debtor.id: behaviour})

    slow = msgspec.structs.replace(policy, **{**wanted, "steps": ()})
    floored = held_to(slow)
    for key in VALUES:
        assert getattr(found, key) == getattr(floored, key), key
    assert [step.name for step in found.steps] == wanted["steps"]
    assert found.debt == wanted["debt"]
    assert found.customer_holidays == floored.customer_holidays


@given(POLICIES, st.lists(DEBTORS, max_size=4), st.lists(DEBTS, max_size=4))
def test_one_resolver_for_all_is_as_one_for_each(
    policy: Policy, debtors: list[Debtor], debts: list[Debt | None]
) -> None:
    """What was worked out for one customer or invoice is never taken for another."""
    debtors = list({debtor.id: debtor for debtor in debtors}.values())
    shared = InForce(policy, facts())
    for debtor in (*debtors, *debtors):
        base = shared.customer(debtor)
        assert base == resolve(policy, debtor)
        for debt in filter(None, debts):
            assert shared.debt(debtor, debt, base) == resolve(policy, debtor, debt)


def test_invoices_of_one_customer_are_kept_apart() -> None:
    """By the segments they are in, their own ladders, what is disputed of them, and their amounts."""
    one = msgspec.structs.replace(FIRST, not_for=frozenset({"large", "disputed"}))
    two = msgspec.structs.replace(SECOND, at_least={"GBP": 200})
    three = msgspec.structs.replace(LATE, at_least={"GBP": 300})
    large = Segment("large", Where(at_least={"GBP": 1000}), Override())
    policy = msgspec.structs.replace(
        PLAIN,
        steps=(one, two, three),
        segments=(large,),
        ladders={"own": (LATE,)},
        invoices={"INV-5": Override(ladder="own")},
    )
    in_force = InForce(policy, facts())
    base = in_force.customer(CUSTOMER)

    def steps(**fields: Any) -> list[str]:
        debt = msgspec.structs.replace(INVOICE, **fields)
        return [step.name for step in in_force.debt(CUSTOMER, debt, base).steps]

    for _ in range(2):
        assert steps(open=300) == ["first", "second", "late"]
        assert steps(open=299) == ["first", "second"]
        assert steps(open=199) == ["first"]
        assert steps(open=1000) == ["second", "late"]
        assert steps(open=310, disputed=10) == ["second", "late"]
        assert steps(open=300, number="INV-5") == ["late"]


@given(POLICIES, DEBTORS)
def test_what_is_resolved_has_nothing_left_to_resolve(policy: Policy, debtor: Debtor) -> None:
    found = resolve(policy, debtor)

    if found is not policy:
        assert [*found.segments, *found.customers, *found.invoices, *found.ladders] == []
        assert resolve(found, debtor) == found


@given(POLICIES, DEBTORS, DEBTS)
def test_the_trace_tells_the_values_in_force(policy: Policy, debtor: Debtor, debt: Debt | None) -> None:
    """Each value once, in the words of the policy in force, and with a level that has it."""
    found = resolve(policy, debtor)
    in_words = {each.key: each.value for each in trace_book(msgspec.structs.replace(found, contacts={}))}

    told = trace(policy, facts(), debtor, debt)

    assert [each.key for each in told if each.key in KEYS] == list(KEYS)
    for each in told:
        if each.key in KEYS:
            assert each.value == in_words[each.key], each
            assert each.level.split()[0] in ("built", "segment", "customer", "profile")
    [ladder] = [each for each in told if each.key == "ladder"]
    steps = policy.steps if ladder.value == "steps" else policy.ladders[ladder.value]
    if not any(step.at_least or step.only_for or step.not_for for step in steps):
        assert resolve(policy, debtor, debt).steps == steps
