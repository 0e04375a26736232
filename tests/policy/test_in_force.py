"""Which policy is in force for whom: against a slow and obvious resolution, and in single cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.asks import asked
from arsync.policy.in_force import InForce
from arsync.policy.ladder import firm_steps
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.profiles import held_to
from arsync.policy.rules import Cap, CustomerTerms, Override, Policy, Segment, Step, Where
from arsync.policy.trace import KEYS, trace, trace_book

VALUES = (
    "min_gap_days", "send_on", "minimum", "hours", "holidays", "caps", "call_rest_days", "profile",
)  # fmt: skip
FIRST, SECOND = Step("first", 1, "first"), Step("second", 10, "second")
LATE = Step("late", 20, "late")
PLAIN = Policy("plain", (FIRST, SECOND))
CUSTOMER = Debtor("7", "Norrland Joinery", ("a@n.example",), groups=("Trade",), country="SE")
INVOICE = Debt("i1", "INV-1", "7", "GBP", date(2027, 1, 1), 50000)


def facts(**fields: Any) -> Facts:
    return Facts(debts=(), debtors={}, **fields)


def resolve(policy: Policy, debtor: Debtor = CUSTOMER, debt: Debt | None = None, **more: Any) -> Policy:
    in_force = InForce(policy, facts(**more))
    found = in_force.customer(debtor)
    return found if debt is None else in_force.debt(debtor, debt, found)


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


# Single cases --------------------------------------------------------------------------------------


def test_a_plain_policy_is_given_back_as_it_is() -> None:
    in_force = InForce(PLAIN, facts())

    assert in_force.customer(CUSTOMER) is PLAIN
    assert in_force.debt(CUSTOMER, INVOICE, PLAIN) is PLAIN
    assert in_force.debtor(CUSTOMER) is CUSTOMER


def test_customers_of_the_same_segments_share_one_policy() -> None:
    gentle = Segment("trade", Where(groups=frozenset({"trade"})), Override(min_gap_days=9))
    in_force = InForce(msgspec.structs.replace(PLAIN, segments=(gentle,)), facts())
    other = Debtor("8", "Other", groups=("TRADE",))
    stranger = Debtor("9", "Stranger")

    assert in_force.customer(CUSTOMER) is in_force.customer(other)
    assert in_force.customer(CUSTOMER).min_gap_days == 9
    assert in_force.customer(stranger).min_gap_days == 5
    base = in_force.customer(CUSTOMER)
    assert in_force.debt(CUSTOMER, INVOICE, base) is base


def test_invoices_of_the_same_steps_share_one_policy() -> None:
    costly = msgspec.structs.replace(SECOND, at_least={"GBP": 60000})
    in_force = InForce(msgspec.structs.replace(PLAIN, steps=(FIRST, costly)), facts())
    base = in_force.customer(CUSTOMER)
    small, smaller = INVOICE, msgspec.structs.replace(INVOICE, id="i2", open=1)
    large = msgspec.structs.replace(INVOICE, open=60000)

    assert [step.name for step in in_force.debt(CUSTOMER, small, base).steps] == ["first"]
    assert in_force.debt(CUSTOMER, small, base) is in_force.debt(CUSTOMER, smaller, base)
    assert in_force.debt(CUSTOMER, large, base) is base


def test_least_amounts_look_at_what_is_asked_for_and_name_currencies() -> None:
    costly = msgspec.structs.replace(SECOND, at_least={"GBP": 50000})
    policy = msgspec.structs.replace(PLAIN, steps=(FIRST, costly))

    def steps(**fields: Any) -> list[str]:
        debt = msgspec.structs.replace(INVOICE, **fields)
        return [step.name for step in resolve(policy, CUSTOMER, debt).steps]

    assert steps() == ["first", "second"]
    assert steps(disputed=1) == ["first"]
    assert steps(not_due=1) == ["first"]
    assert steps(currency="EUR", open=1) == ["first", "second"]  # no least amount in euros


def test_a_segment_on_amounts_has_none_in_other_currencies() -> None:
    """At least 100 means 100 too, below 200 does not."""
    for where, inside, outside in (
        (Where(at_least={"GBP": 100}), (100, 5000), (1, 99)),
        (Where(below={"GBP": 200}), (1, 199), (200, 5000)),
        (Where(at_least={"GBP": 100}, below={"GBP": 200}), (100, 199), (99, 200)),
    ):
        some = Segment("some", where, Override(ladder="slow"))
        policy = msgspec.structs.replace(PLAIN, segments=(some,), ladders={"slow": (LATE,)})
        for amounts, currency, steps in (
            (inside, "GBP", (LATE,)),
            (outside, "GBP", PLAIN.steps),
            (inside, "EUR", PLAIN.steps),
        ):
            for amount in amounts:
                debt = msgspec.structs.replace(INVOICE, open=amount, currency=currency)
                assert resolve(policy, CUSTOMER, debt).steps == steps, (where, amount, currency)
        assert resolve(policy).steps == PLAIN.steps  # it says nothing of the customer


def test_the_customer_knows_better_than_segments_on_invoices() -> None:
    large = Segment("large", Where(currencies=frozenset({"GBP"})), Override(ladder="slow"))
    terms = CustomerTerms(values=Override(ladder="steps"))
    policy = msgspec.structs.replace(
        PLAIN, segments=(large,), ladders={"slow": (LATE,)}, customers={"7": terms}
    )

    assert resolve(policy, CUSTOMER, INVOICE).steps == PLAIN.steps
    own = msgspec.structs.replace(policy, invoices={"inv-1": Override(ladder="slow")})
    assert resolve(own, CUSTOMER, INVOICE).steps == (LATE,)


def test_the_last_segment_in_the_file_chooses_the_ladder() -> None:
    """Whether it looks at the customer or at the invoice."""
    trade = Segment("trade", Where(groups=frozenset({"trade"})), Override(ladder="slow", min_gap_days=9))
    pounds = Segment("pounds", Where(currencies=frozenset({"GBP"})), Override(ladder="quick"))
    several = msgspec.structs.replace(PLAIN, ladders={"slow": (LATE,), "quick": (FIRST,)})
    for order, steps in (((trade, pounds), (FIRST,)), ((pounds, trade), (LATE,))):
        policy = msgspec.structs.replace(several, segments=order)
        assert resolve(policy, CUSTOMER, INVOICE).steps == steps
        assert resolve(policy).steps == (LATE,)
    weekly = Segment("weekly", Where(countries=frozenset({"SE"})), Override(min_gap_days=7))
    assert resolve(msgspec.structs.replace(several, segments=(trade, weekly))).min_gap_days == 7
    assert resolve(msgspec.structs.replace(several, segments=(weekly, trade))).min_gap_days == 9


def test_a_segment_may_ask_for_the_profile_of_one_before_it() -> None:
    rent = Segment("rent", Where(debts=frozenset({"rent"})), Override(profile="consumer"))
    people = Segment("people", Where(profiles=frozenset({"consumer"})), Override(min_gap_days=20))
    ordered = msgspec.structs.replace(PLAIN, debt="rent", segments=(rent, people))
    reverse = msgspec.structs.replace(ordered, segments=(people, rent))

    assert resolve(ordered).min_gap_days == 20
    assert resolve(reverse).min_gap_days == 5
    firm = CustomerTerms(values=Override(profile="company"))
    assert resolve(msgspec.structs.replace(ordered, customers={"7": firm})).min_gap_days == 5


def test_what_the_policy_knows_of_a_customer() -> None:
    terms = CustomerTerms(
        to=("ap@n.example",), group="late", country="GB", subdivision="SCT", timezone="Europe/London"
    )
    policy = msgspec.structs.replace(PLAIN, customers={"norrland JOINERY": terms})
    known = msgspec.structs.replace(
        CUSTOMER,
        cc=("b@n.example",),
        bcc=("c@n.example",),
        bad=("d",),
        subdivision="AB",
        zones=("Europe/Oslo",),
    )

    assert InForce(policy, facts()).debtor(known) == Debtor(
        "7",
        "Norrland Joinery",
        ("ap@n.example",),
        groups=("Trade", "late"),
        country="GB",
        subdivision="SCT",
        zones=("Europe/London",),
    )


def test_another_country_has_not_the_zones_and_parts_of_the_old() -> None:
    known = msgspec.structs.replace(CUSTOMER, subdivision="AB", zones=("Europe/Stockholm",))
    for country, zones, part in (("GB", (), ""), ("SE", ("Europe/Stockholm",), "AB")):
        policy = msgspec.structs.replace(PLAIN, customers={"7": CustomerTerms(country=country)})
        debtor = InForce(policy, facts()).debtor(known)
        assert (debtor.country, debtor.zones, debtor.subdivision) == (country, zones, part)


@pytest.mark.parametrize(
    ("profile", "contacts"),
    [
        (None, {"owner": "o@a.example", "director": "d@n.example"}),
        ("company", {"owner": "o@a.example", "director": "d@n.example"}),
        ("sole-trader", {"owner": "o@a.example"}),
        ("consumer", {"owner": "o@a.example"}),
    ],
)
def test_a_debt_of_a_person_is_not_told_to_others(profile: Any, contacts: dict[str, str]) -> None:
    terms = CustomerTerms(values=Override(profile=profile), contacts={"director": "d@n.example"})
    policy = msgspec.structs.replace(PLAIN, contacts={"owner": "o@a.example"}, customers={"7": terms})

    assert resolve(policy).contacts == contacts
    told = {each.key: each.value for each in trace(policy, facts(), CUSTOMER) if "contacts" in each.key}
    assert told == {f"contacts.{role}": address for role, address in contacts.items()}


def test_only_facts_that_count_are_asked_for() -> None:
    assert asked(PLAIN) == (0, False, {})
    capped = Segment("a", Where(countries=frozenset({"SE"})), Override(caps=(Cap(2, 90), Cap(1, 2))))
    assert asked(msgspec.structs.replace(PLAIN, segments=(capped,))).contact_days == 90
    assert asked(msgspec.structs.replace(PLAIN, call_rest_days=7)).contact_days == 8
    person = CustomerTerms(values=Override(profile="consumer"), to=("x@y.example",))
    assert asked(msgspec.structs.replace(PLAIN, customers={"Jo": person})) == (
        30, False, {"Jo": ("x@y.example",)},
    )  # fmt: skip
    assert asked(msgspec.structs.replace(PLAIN, profile="company")).contact_days == 0
    new = Segment("new", Where(behaviour=frozenset({"new"})), Override())
    assert asked(msgspec.structs.replace(PLAIN, segments=(new,))).with_behaviour


def test_a_step_that_is_left_out_makes_no_other_softer() -> None:
    """First, second, last: the second is firm by its place, also where the first is not for this invoice."""
    first = Step("first", 1, "f", at_least={"GBP": 500_00})
    policy = Policy("p", (first, Step("second", 10, "s"), Step("last", 30, "l")))
    debtor = Debtor("c1", "Quill")
    debt = Debt("i1", "1", "c1", "GBP", date(2027, 3, 1), 100_00)
    found = InForce(policy, Facts(debts=[debt], debtors={"c1": debtor}))
    left = found.debt(debtor, debt, found.customer(debtor))
    assert [step.name for step in left.steps] == ["second", "last"]
    assert firm_steps(left) == {"second", "last"}
