"""Drawn books with everything that decides: levels, conditions, dwell, caps, days off, promises, disputes
about a part, agreements, contacts, opt-outs and places. As `drawn_books`, on Wednesday 2027-03-10."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from arsync.policy.model import Agreement, Contact, Debtor, Facts, HoldOrder, Instalment, Taken
from arsync.policy.rules import Cap, CustomerTerms, Offer, Override, Policy, Segment, Step, Where
from day_book import day
from drawn_books import CUSTOMERS, TODAY, Situation, facts_for, near, policies, seldom

KINDS = st.sampled_from(["message", "message", "message", "call", "letter", "task"])
caps = st.lists(st.builds(Cap, st.integers(1, 3), st.integers(2, 15)), min_size=1, max_size=2).map(tuple)
PLACES = [
    ("", "", ()),
    ("GB", "ENG", ()),
    ("US", "", ()),
    ("NZ", "", ("Pacific/Auckland",)),
    ("DE", "BY", ()),
]
LADDERS = {"short": (Step("nudge", 2, "t"), Step("phone", 6, "t", "call", dwell_days=3))}
FEW = {"max_size": 2}


@st.composite
def rich_policies(draw: st.DrawFn) -> Policy:
    plain = draw(policies())

    def with_more(step: Step) -> Step:
        return msgspec.structs.replace(
            step,
            does=draw(KINDS),
            dwell_days=draw(st.sampled_from([0, 0, 3, 9])),
            at_least=draw(seldom(st.just({"GBP": 60}), {}, 5)),
            not_for=draw(
                seldom(st.sampled_from([frozenset({"disputed"}), frozenset({"big"})]), frozenset(), 5)
            ),
            cc=draw(seldom(st.just(("owner", "director", "x@y.example")), (), 5)),
            offer=draw(seldom(st.just(Offer(200, 7)), None, 5)),
        )

    levels: dict[str, Any] = {}
    if draw(st.integers(0, 2)) == 2:
        levels = {
            "ladders": LADDERS,
            "segments": (
                Segment(
                    "big",
                    Where(at_least={"GBP": 120}),
                    Override(ladder=draw(st.sampled_from([None, "short"]))),
                ),
                Segment("late", Where(behaviour=frozenset({"usually-late"})), Override(min_gap_days=4)),
                Segment("here", Where(countries=frozenset({"GB"})), Override(caps=(Cap(1, 6),))),
            ),
            "customers": {
                "c1": CustomerTerms(
                    values=Override(profile=draw(st.sampled_from([None, "company", "consumer"]))),
                    contacts={"director": "boss@q.example"},
                )
            },
        }
    return msgspec.structs.replace(
        plain,
        steps=tuple(with_more(step) for step in plain.steps),
        hours=draw(seldom(st.just((9 * 60, 17 * 60)), None, 4)),
        holidays=draw(seldom(st.just(("GB-ENG",)), (), 3)),
        customer_holidays=draw(st.sampled_from([False, False, True])),
        closed=draw(seldom(st.just(((day("03-11"), day("03-16")),)), (), 4)),
        caps=draw(seldom(caps, (), 2)),
        call_rest_days=draw(st.sampled_from([0, 0, 5])),
        contacts={"owner": "anna@acme.example"},
        **levels,
    )


@st.composite
def rich_facts(draw: st.DrawFn, policy: Policy) -> Facts:
    facts = draw(facts_for(policy))
    debts = {debt.id: debt for debt in facts.debts}
    steps = st.sampled_from([*policy.every_step, Step("since removed", 7, "t")])
    taken = st.builds(lambda step, on: Taken(step.name, step.offset, on), steps, st.none() | near(-12, 0))
    ids = st.sampled_from(sorted(debts) or ["of a paid invoice"])
    places = {c: draw(seldom(st.sampled_from(PLACES), PLACES[0], 2)) for c in CUSTOMERS}
    contact = st.builds(
        lambda on, channel, talked: Contact(on, channel, talked and channel == "call"),
        near(-20, 0),
        st.sampled_from(["message", "call", "letter"]),
        st.booleans(),
    )

    def then(id_: str) -> tuple[str, int]:
        return id_, debts[id_].open + draw(st.integers(0, 60)) if id_ in debts else 50

    def lines(of: str | None = None) -> tuple[tuple[str, int], ...]:
        own = [id_ for id_ in sorted(debts) if of is None or debts[id_].customer_id == of]
        return tuple(then(id_) for id_ in own if draw(st.booleans())) or tuple(then(id_) for id_ in own[:1])

    def order(lines_: tuple[tuple[str, int], ...]) -> HoldOrder:
        if draw(st.booleans()):
            return HoldOrder("disputed", draw(st.none() | near(-2, 12)), amount=draw(st.integers(1, 120)))
        amount, grace = draw(st.none() | st.integers(1, 120)), draw(st.integers(0, 4))
        return HoldOrder(
            "promised", draw(near(-4, 12)), amount=amount, currency="GBP", grace=grace, lines=lines_
        )

    invoice_holds = {id_: list(found) for id_, found in facts.invoice_holds.items()}
    for id_ in draw(st.lists(ids, unique=True, **FEW)):  # type: ignore[arg-type]
        invoice_holds.setdefault(id_, []).append(order((then(id_),)))
    customer_holds = {id_: list(found) for id_, found in facts.customer_holds.items()}
    for customer in draw(seldom(st.just(["c0"]), [], 4)):
        customer_holds.setdefault(customer, []).append(
            HoldOrder("promised", draw(near(-4, 12)), amount=90, currency="GBP", lines=lines(customer))
        )
    return msgspec.structs.replace(
        facts,
        debtors={
            c: Debtor(c, it.name, it.to, country=places[c][0], subdivision=places[c][1], zones=places[c][2])
            for c, it in facts.debtors.items()
        },
        invoice_holds=invoice_holds,
        customer_holds=customer_holds,
        taken=draw(st.dictionaries(ids, taken, max_size=4)),
        rounds=draw(seldom(st.dictionaries(st.tuples(ids, st.integers(2, 3)), taken, **FEW), {}, 2)),  # type: ignore[arg-type]
        contacts=draw(
            seldom(st.dictionaries(st.sampled_from(CUSTOMERS), st.lists(contact, max_size=4)), {}, 2)
        ),
        opted_out=draw(seldom(st.dictionaries(st.sampled_from(CUSTOMERS), channels, **FEW), {}, 4)),  # type: ignore[arg-type]
        agreements=[
            draw(agreements(f"G{n}", customer, lines(customer)))
            for n, customer in enumerate(draw(st.lists(st.sampled_from(["c0", "c0", "c1"]), **FEW)))  # type: ignore[arg-type]
            if any(debt.customer_id == customer for debt in debts.values())
        ],
        behaviour=draw(seldom(st.just({"c0": frozenset({"usually-late"})}), {}, 3)),
        open_tasks=frozenset(
            (id_, step.name) for id_ in debts for step in policy.every_step
            if step.does != "message" and draw(st.integers(0, 9)) == 9
        ),
        zone=draw(st.sampled_from(["UTC", "Europe/London", "America/New_York"])),
    )  # fmt: skip


channels = st.sets(st.sampled_from(["message", "call", "letter"]), max_size=2).map(frozenset)


@st.composite
def agreements(draw: st.DrawFn, id_: str, customer: str, lines: tuple[tuple[str, int], ...]) -> Agreement:
    owed = sum(amount for _, amount in lines)
    kind = draw(st.sampled_from(["instalments", "instalments", "settlement", "discount"]))
    if kind == "instalments":
        count = draw(st.integers(1, 3))
        parts = [owed // count] * (count - 1)
        due = [draw(st.integers(-10, 8)) + 9 * n for n in range(count)]
        instalments = tuple(
            Instalment(TODAY.fromordinal(TODAY.toordinal() + ahead), amount)
            for ahead, amount in zip(sorted(due), [*parts, owed - sum(parts)], strict=True)
        )
        grace = draw(st.integers(0, 3))
        return Agreement(
            id=id_, kind="instalments", customer_id=customer, currency="GBP", agreed_on=draw(near(-20, -11)),
            lines=lines, instalments=instalments, grace=grace, broken_after=grace + draw(st.integers(1, 12)),
        )  # fmt: skip
    return Agreement(
        id=id_, kind=kind, customer_id=customer, currency="GBP", agreed_on=draw(near(-20, -11)),  # type: ignore[arg-type]
        lines=lines, amount=draw(st.integers(1, max(owed, 1))), until=draw(near(-4, 12)),
    )  # fmt: skip


@st.composite
def rich_situations(draw: st.DrawFn) -> Situation:
    policy = draw(rich_policies())
    return policy, draw(rich_facts(policy))
