"""What was agreed, promised and disputed, worked into the facts of Wednesday 2027-03-10."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from arsync.policy.model import Agreement, Debt, Facts, HoldOrder, Instalment
from arsync.policy.terms import Terms, terms
from day_book import day
from plan_examples import TODAY, debt

# Three invoices of one customer: A is the oldest. A, B and C owe 100.00, 200.00 and 300.00.
A, B, C = debt("A", 40, 100_00), debt("B", 20, 200_00), debt("C", 5, 300_00)
LINES = (("id-A", 100_00), ("id-B", 200_00), ("id-C", 300_00))


def settled(*debts: Debt, today: date = TODAY, **facts: Any) -> Terms:
    return terms(Facts(debts=debts, debtors={}, **facts), today)


def by_number(found: Terms) -> dict[str, Debt]:
    return {debt.number: debt for debt in found.facts.debts}


def disputed(amount: int | None, **fields: Any) -> HoldOrder:
    return HoldOrder("disputed", amount=amount, currency="GBP", note="short delivery", **fields)


# Nothing agreed ------------------------------------------------------------------------------


def test_without_terms_the_facts_are_the_very_same() -> None:
    plain = Facts(
        debts=[A],
        debtors={},
        invoice_holds={"id-A": [HoldOrder("disputed"), HoldOrder("promised", TODAY)]},
        customer_holds={"c1": [HoldOrder("paused")]},
    )
    assert terms(plain, TODAY).facts is plain
    assert terms(plain, TODAY).agreed == {}


def test_many_holds_cost_little() -> None:
    """Nothing of 20,000 debts is copied for a hold on each that is no promise and no part."""
    debts = [debt(str(n), 3) for n in range(20_000)]
    holds = {it.id: [HoldOrder("paused")] for it in debts}
    assert settled(*debts, invoice_holds=holds).facts.debts == tuple(debts)
    some = settled(*debts, invoice_holds={**holds, "id-7": [disputed(1)]}).facts.debts
    assert sum(new is not old for new, old in zip(some, debts, strict=True)) == 1


# Disputes ------------------------------------------------------------------------------------


def test_a_part_in_dispute_is_not_asked_for() -> None:
    found = settled(A, B, invoice_holds={"id-B": [disputed(80_00)]})
    assert (by_number(found)["B"].disputed, by_number(found)["B"].asked) == (80_00, 120_00)
    assert by_number(found)["A"] is A
    assert found.facts.invoice_holds == {}


@pytest.mark.parametrize("amount", [200_00, 250_00])
def test_where_nothing_is_left_the_dispute_holds_the_invoice(amount: int) -> None:
    found = settled(B, invoice_holds={"id-B": [disputed(amount)]})
    assert by_number(found)["B"].asked == 0
    [order] = found.facts.invoice_holds["id-B"]
    assert (order.reason, order.amount, order.note) == ("disputed", None, "short delivery")


def test_a_dispute_ends_after_its_last_day() -> None:
    order = disputed(80_00, until=TODAY)
    assert by_number(settled(B, invoice_holds={"id-B": [order]}))["B"].asked == 120_00
    after = settled(B, today=TODAY + timedelta(days=1), invoice_holds={"id-B": [order]})
    assert by_number(after)["B"].asked == 200_00
    assert after.facts.invoice_holds == {}


def test_a_dispute_beside_another_hold() -> None:
    paused = HoldOrder("paused")
    found = settled(B, invoice_holds={"id-B": [disputed(80_00), paused]})
    assert list(found.facts.invoice_holds["id-B"]) == [paused]


def test_an_amount_in_another_currency_means_all_of_it() -> None:
    order = msgspec.structs.replace(disputed(80_00), currency="USD")
    found = settled(B, invoice_holds={"id-B": [order]})
    assert by_number(found)["B"].asked == 0
    assert found.facts.invoice_holds["id-B"][0].reason == "disputed"


# Promises ------------------------------------------------------------------------------------

PROMISE = HoldOrder(
    "promised", day("03-12"), "by phone", amount=150_00, currency="GBP", grace=2, lines=LINES[1:2]
)


def test_a_promise_holds_through_its_grace_and_says_what_came() -> None:
    found = settled(msgspec.structs.replace(B, open=170_00), invoice_holds={"id-B": [PROMISE]})
    [order] = found.facts.invoice_holds["id-B"]
    assert (order.reason, order.until, order.grace) == ("promised", day("03-14"), 0)
    assert order.note == "150.00 GBP by 2027-03-12, 30.00 of it came; by phone"


def test_a_broken_promise_holds_nothing() -> None:
    assert settled(B, today=day("03-14"), invoice_holds={"id-B": [PROMISE]}).facts.invoice_holds
    assert not settled(B, today=day("03-15"), invoice_holds={"id-B": [PROMISE]}).facts.invoice_holds


def test_once_it_is_kept_the_rest_waits_for_the_promised_day() -> None:
    paid = msgspec.structs.replace(B, open=50_00)
    [order] = settled(paid, invoice_holds={"id-B": [PROMISE]}).facts.invoice_holds["id-B"]
    assert order.until == day("03-12")
    assert not settled(paid, today=day("03-13"), invoice_holds={"id-B": [PROMISE]}).facts.invoice_holds


def test_a_promise_of_a_customer_holds_what_it_owes_in_that_currency() -> None:
    """Also what was not there yet when it promised; and its payments may have been applied to nothing."""
    dollars = debt("D", 3, currency="USD")
    stranger = debt("E", 3, customer_id="c2")
    promise = msgspec.structs.replace(PROMISE, lines=LINES[:2])
    held: Any = {"customer_holds": {"c1": [promise, HoldOrder("paused", note="x")]}}
    found = settled(A, B, C, dollars, stranger, **held)
    assert set(found.facts.invoice_holds) == {"id-A", "id-B", "id-C"}
    assert [order.reason for order in found.facts.customer_holds["c1"]] == ["paused"]
    kept = settled(A, B, today=day("03-13"), unapplied={("c1", "GBP"): 150_00}, **held)
    assert kept.facts.invoice_holds == {}
    short = settled(A, B, today=day("03-13"), unapplied={("c1", "GBP"): 149_99}, **held)
    assert set(short.facts.invoice_holds) == {"id-A", "id-B"}


def test_money_that_nobody_applied_counts_where_the_promise_was_a_customers() -> None:
    """A promise on an invoice is about that invoice; one that came to it from its customer is not."""
    own = {"id-B": [msgspec.structs.replace(PROMISE, grace=0)]}
    theirs = {"id-B": [msgspec.structs.replace(PROMISE, grace=0, lines=(("", 0), *PROMISE.lines))]}

    def note(holds: Any) -> str:
        found = settled(B, invoice_holds=holds, unapplied={("c1", "GBP"): 150_00})
        return found.facts.invoice_holds["id-B"][0].note

    assert "nothing came yet" in note(own)
    assert "it came" in note(theirs)


def test_a_promise_for_all_currencies_stays_with_the_customer() -> None:
    everything = HoldOrder("promised", day("03-12"), lines=LINES)
    found = settled(A, B, customer_holds={"c1": [everything]})
    [order] = found.facts.customer_holds["c1"]
    assert (order.until, order.note) == (day("03-12"), "all of it by 2027-03-12, part of it came")


def test_a_promise_without_lines_holds_through_its_day() -> None:
    found = settled(B, invoice_holds={"id-B": [HoldOrder("promised", day("03-12"), grace=3)]})
    assert found.facts.invoice_holds["id-B"][0].until == day("03-15")


# Instalments ---------------------------------------------------------------------------------

# 600.00 in instalments of 150.00, the first due on Monday the 15th.
PLAN = Agreement(
    id="a1",
    kind="instalments",
    customer_id="c1",
    currency="GBP",
    agreed_on=day("03-01"),
    lines=LINES,
    instalments=tuple(Instalment(day(on), 150_00) for on in ("03-15", "04-15", "05-15", "06-15")),
    broken_after=60,
)


def under_plan(*debts: Debt, today: str = "03-10", plan: Agreement = PLAN, **facts: Any) -> Terms:
    return settled(*debts, today=day(today), agreements=[plan], **facts)


def asked(found: Terms) -> dict[str, int]:
    return {debt.number: debt.asked for debt in found.facts.debts}


def test_the_first_instalment_is_laid_on_the_oldest_invoices() -> None:
    """Before its day too, so that a heads-up can go. What it does not reach is held until its own turn."""
    found = under_plan(C, A, B)
    assert asked(found) == {"A": 100_00, "B": 50_00, "C": 0}
    assert {(it.due_on, it.round) for it in found.facts.debts if it.number in "AB"} == {(day("03-15"), 2)}
    assert list(found.agreed) == ["id-C"]
    # A and B are 300.00: the third instalment reaches C
    words = "under an instalment plan: instalment 3 of 4, 150.00 GBP, is due on 2027-05-15"
    assert found.agreed["id-C"] == (words, day("05-14"))
    assert (by_number(found)["C"].due_on, by_number(found)["C"].round) == (day("05-15"), 4)


def test_the_oldest_comes_first_whatever_its_number() -> None:
    young, old = debt("1", 5, 100_00), debt("2", 40, 100_00)
    lines = (("id-1", 100_00), ("id-2", 100_00))
    plan = msgspec.structs.replace(PLAN, lines=lines, instalments=PLAN.instalments[:1])
    assert asked(under_plan(young, old, plan=plan)) == {"1": 50_00, "2": 100_00}


def test_after_the_first_was_paid_the_second_is_next() -> None:
    """150.00 came: A is gone, and 50.00 of B."""
    found = under_plan(msgspec.structs.replace(B, open=150_00), C, today="03-20")
    assert asked(found) == {"B": 150_00, "C": 0}
    assert (by_number(found)["B"].due_on, by_number(found)["B"].round) == (day("04-15"), 3)


def test_what_is_missing_of_one_is_asked_for_with_those_that_are_due() -> None:
    """110.00 came: 40.00 are missing of the first, whose day it stays, and the second is due."""
    b = msgspec.structs.replace(B, open=190_00)
    assert asked(under_plan(b, C, today="04-14")) == {"B": 40_00, "C": 0}
    found = under_plan(b, C, today="04-15")
    assert asked(found) == {"B": 190_00, "C": 0}
    assert (by_number(found)["B"].due_on, by_number(found)["B"].round) == (day("03-15"), 2)


def test_within_its_grace_an_instalment_is_not_asked_for() -> None:
    plan = msgspec.structs.replace(PLAN, grace=3)
    assert "id-A" not in under_plan(A, B, C, today="03-15", plan=plan).agreed
    for today in ("03-16", "03-18"):
        detail, last = under_plan(A, B, C, today=today, plan=plan).agreed["id-A"]
        assert ("within its grace" in detail, last) == (True, day("03-18"))
    assert "id-A" not in under_plan(A, B, C, today="03-19", plan=plan).agreed


def test_a_broken_plan_is_no_plan() -> None:
    plan = msgspec.structs.replace(PLAN, broken_after=14)
    assert under_plan(A, B, C, today="03-28", plan=plan).agreed
    found = under_plan(A, B, C, today="03-29", plan=plan)
    assert list(found.facts.debts) == [A, B, C]
    assert found.agreed == {}


def test_what_is_in_dispute_is_not_asked_for_in_instalments_either() -> None:
    """80.00 of A is disputed and all of B: the first instalment is laid on the rest."""
    holds = {"id-A": [disputed(80_00)], "id-B": [disputed(None)]}
    found = under_plan(A, B, C, invoice_holds=holds)
    assert asked(found) == {"A": 20_00, "B": 0, "C": 130_00}
    assert "id-C" not in found.agreed
    # 220.00 of A and B are asked for before C: the second instalment reaches it
    found = under_plan(A, B, C, invoice_holds={"id-A": [disputed(80_00)]})
    assert asked(found) == {"A": 20_00, "B": 130_00, "C": 0}
    assert found.agreed["id-C"][1] == day("04-14")


def test_an_invoice_that_came_later_is_not_under_the_plan() -> None:
    new = debt("D", 9)
    assert by_number(under_plan(A, B, C, new))["D"] is new


def test_an_invoice_without_a_due_date_gets_that_of_its_instalment() -> None:
    undated = msgspec.structs.replace(C, due_on=None)
    found = under_plan(A, B, undated)
    assert by_number(found)["C"].due_on == day("05-15")


# Settlements and discounts -------------------------------------------------------------------

OFFER = Agreement(
    id="a2",
    kind="settlement",
    customer_id="c1",
    currency="GBP",
    agreed_on=day("03-01"),
    lines=LINES[:2],
    amount=250_00,
    until=day("03-20"),
)


def test_a_settlement_holds_its_invoices_up_to_its_last_day() -> None:
    found = settled(msgspec.structs.replace(A, open=40_00), B, C, agreements=[OFFER])
    detail = "250.00 GBP up to 2027-03-20 settles it, 60.00 of it came"
    assert found.agreed == {"id-A": (detail, day("03-20")), "id-B": (detail, day("03-20"))}
    assert settled(A, B, C, today=day("03-21"), agreements=[OFFER]).agreed == {}


def test_what_is_left_of_a_paid_settlement_waits_to_be_written_off() -> None:
    for today in (TODAY, day("12-31")):
        found = settled(msgspec.structs.replace(B, open=50_00), today=today, agreements=[OFFER])
        words = "settled; write off 50.00 GBP in the accounting system"
        assert found.agreed == {"id-B": (words, None)}


def test_unapplied_money_that_would_settle_it_has_to_be_applied_first() -> None:
    found = settled(A, B, today=day("03-21"), agreements=[OFFER], unapplied={("c1", "GBP"): 250_00})
    assert "apply it to the invoices" in found.agreed["id-A"][0]


def test_a_discount_holds_nothing_before_it_is_paid() -> None:
    discount = msgspec.structs.replace(OFFER, kind="discount")
    assert settled(A, B, agreements=[discount]).agreed == {}
    found = settled(msgspec.structs.replace(B, open=50_00), agreements=[discount])
    assert found.agreed["id-B"][0] == "paid with its discount; write off 50.00 GBP in the accounting system"


def test_what_is_left_and_disputed_is_no_discount() -> None:
    """50.00 is left, and 30.00 of it is in dispute."""
    discount = msgspec.structs.replace(OFFER, kind="discount")
    b = msgspec.structs.replace(B, open=50_00)
    found = settled(b, agreements=[discount], invoice_holds={"id-B": [disputed(30_00)]})
    assert "write off 20.00 GBP" in found.agreed["id-B"][0]
    found = settled(b, agreements=[discount], invoice_holds={"id-B": [disputed(50_00)]})
    assert found.agreed == {}


def test_an_invoice_is_under_one_agreement_at_a_time() -> None:
    """The earlier one; a discount comes after both."""
    discount = msgspec.structs.replace(OFFER, kind="discount", id="a0", agreed_on=day("02-01"), amount=1)
    for order in ([PLAN, discount], [discount, PLAN]):
        found = settled(msgspec.structs.replace(A, open=99_00), B, C, agreements=order)
        assert list(found.agreed) == ["id-C"]
