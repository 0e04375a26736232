"""Of any promises, disputes and agreements: what their terms never do, whatever the books say."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.model import Agreement, Debt, Facts, HoldOrder, Instalment
from arsync.policy.terms import terms
from plan_examples import TODAY

amounts = st.integers(1, 300)
near = st.integers(-40, 40).map(lambda n: TODAY + timedelta(days=n))


@st.composite
def books(draw: st.DrawFn) -> Facts:
    then = draw(st.lists(amounts, min_size=1, max_size=5))
    lines = tuple((f"i{n}", amount) for n, amount in enumerate(then))
    now = [draw(st.integers(0, amount + 20)) for amount in then]
    days = sorted(draw(st.sets(near, min_size=1, max_size=5)))
    cuts = sorted(draw(st.lists(st.integers(0, sum(then)), min_size=len(days) - 1, max_size=len(days) - 1)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, sum(then)], strict=True)]
    kind = draw(st.sampled_from(["instalments", "instalments", "settlement", "discount"]))
    agreement = Agreement(
        id="a1",
        kind=kind,  # type: ignore[arg-type]
        customer_id="c1",
        currency="GBP",
        agreed_on=TODAY - timedelta(days=50),
        lines=lines,
        instalments=tuple(Instalment(on, part) for on, part in zip(days, parts, strict=True)),
        grace=draw(st.integers(0, 9)),
        broken_after=draw(st.integers(10, 60)),
        amount=draw(st.integers(1, sum(then))),
        until=draw(near),
    )
    orders = st.lists(
        st.builds(
            HoldOrder,
            st.sampled_from(["disputed", "promised", "paused"]),
            st.none() | near,
            amount=st.none() | amounts,
            currency=st.just("GBP"),
            grace=st.integers(0, 5),
            lines=st.just(lines) | st.just(()),
        ),
        max_size=2,
    )
    return Facts(
        debts=[
            Debt(f"i{n}", f"N{n % 3}", "c1", "GBP", draw(st.none() | near), open_)
            for n, open_ in enumerate([*now, 50])
            if open_
        ],
        debtors={},
        unapplied={("c1", "GBP"): draw(st.integers(0, 100))},
        invoice_holds=draw(st.dictionaries(st.sampled_from([id_ for id_, _ in lines]), orders, max_size=2)),
        customer_holds=draw(st.dictionaries(st.just("c1"), orders, max_size=1)),
        agreements=[agreement],
    )


@given(books())
def test_nobody_is_asked_for_more_than_is_due(facts: Facts) -> None:
    """Never a negative amount, never above what is open; of instalments that stand, what is not covered of
    those due and of the next, or all that is not in dispute where that is less."""
    found = terms(facts, TODAY)
    [agreement] = facts.agreements
    for it in found.facts.debts:
        assert min(it.disputed, it.not_due, it.asked) >= 0
        assert it.asked <= it.open
    under = [it for it in found.facts.debts if it.id in dict(agreement.lines)]
    if not any(it.round > 1 for it in under):
        return
    owed = sum(it.open for it in under)
    paid = max(sum(amount for _, amount in agreement.lines) - owed, 0)
    covered, due = 0, 0
    for part in agreement.instalments:
        first = covered <= paid < covered + part.amount
        covered += part.amount
        due += part.amount if part.due_on <= TODAY or first or covered <= paid else 0
    wholly = {
        id_
        for id_, orders in found.facts.invoice_holds.items()
        if any(o.reason == "disputed" and (o.until is None or o.until >= TODAY) for o in orders)
    }
    free = sum(it.open - it.disputed for it in under if it.id not in wholly)
    assert sum(it.asked for it in under) == min(due - paid, free)


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(facts: Facts, shuffler: random.Random) -> None:
    def mixed(holds: Any) -> Any:
        items = [(key, shuffler.sample(value, len(value))) for key, value in holds.items()]
        return dict(shuffler.sample(items, len(items)))

    again = msgspec.structs.replace(
        facts,
        debts=shuffler.sample(list(facts.debts), len(facts.debts)),
        invoice_holds=mixed(facts.invoice_holds),
        customer_holds=mixed(facts.customer_holds),
        agreements=[
            msgspec.structs.replace(it, lines=tuple(shuffler.sample(it.lines, len(it.lines))))
            for it in facts.agreements
        ],
    )
    one, other = terms(facts, TODAY), terms(again, TODAY)
    assert {it.id: it for it in one.facts.debts} == {it.id: it for it in other.facts.debts}
    assert one.agreed == other.agreed
    assert _sets(one.facts.invoice_holds) == _sets(other.facts.invoice_holds)
    assert _sets(one.facts.customer_holds) == _sets(other.facts.customer_holds)


def _sets(holds: Any) -> dict[str, set[HoldOrder]]:
    return {key: set(orders) for key, orders in holds.items()}


@given(books())
def test_terms_of_terms_change_nothing(facts: Facts) -> None:
    once = terms(facts, TODAY)
    assert once.facts.agreements == ()
    assert terms(once.facts, TODAY).facts == once.facts


@given(books())
def test_what_is_asked_for_nothing_is_held(facts: Facts) -> None:
    """An open invoice that asks for nothing is held by somebody: it is never lost from sight."""
    found = terms(facts, TODAY)
    for it in found.facts.debts:
        orders = found.facts.invoice_holds.get(it.id, ())
        if not it.asked:
            assert it.id in found.agreed or any(order.reason == "disputed" for order in orders)
