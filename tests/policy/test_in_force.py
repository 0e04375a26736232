"""Which policy is in force for whom, case by case."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from arsync.policy.asks import asked
from arsync.policy.in_force import InForce
from arsync.policy.ladder import firm_steps
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.rules import Cap, CustomerTerms, Override, Policy, Segment, Step, Where
from arsync.policy.trace import trace
from policy_examples import CUSTOMER, FIRST, INVOICE, LATE, PLAIN, SECOND, facts, resolve


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
