"""Go-live: debts of 5, 50 and 500 days in each mode, on Wednesday 2027-03-10.

`STANDARD` climbs: heads-up 3 days before due, first reminder 1, second reminder 14 and final notice 30
days after due, hand over (a task) 60 days after due; 5 days between two messages, Monday to Friday.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from arsync.policy.first_wave import asked, first_wave, pause_order, spread
from arsync.policy.joining import Joined, join, places
from arsync.policy.load import load_policy
from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Taken
from arsync.policy.plan import plan
from arsync.policy.proposal import Row, Suggestion, rows, suggestion
from arsync.policy.rules import Override, Policy, Segment, Step, Where
from arsync.practice import standard_policy
from day_book import STANDARD, DayBook, day, told, told_holds
from plan_examples import TODAY, debt

OLD = (debt("A5", 5), debt("A50", 50), debt("A500", 500))
YOUNG = (debt("A-3", -3), debt("A0", 0), debt("A-40", -40), debt("A?", None))


def facts(*debts: Debt, **more: object) -> Facts:
    debtors = {it.customer_id: debtor(it.customer_id) for it in debts}
    return Facts(**{"debts": debts, "debtors": debtors, **more})  # type: ignore[arg-type]


def debtor(id_: str) -> Debtor:
    return Debtor(id_, id_.title(), (f"ap@{id_}.example",))


def steps(joined: Joined, policy: Policy = STANDARD) -> dict[str, str]:
    """What each invoice takes next, by number."""
    return {
        it.debt.number: it.step.name if it.step else "left out" if it.out else "-"
        for it in places(joined, policy, TODAY)
    }


# What joins where -------------------------------------------------------------------------------


def test_start_is_rule_2_as_it_stands() -> None:
    before = facts(*OLD, *YOUNG)
    joined = join(before, STANDARD, TODAY, "start")
    assert joined == Joined(before, (), ())
    assert steps(joined) == {
        "A5": "first reminder", "A50": "first reminder", "A500": "first reminder",
        "A-3": "heads-up", "A0": "heads-up", "A-40": "heads-up", "A?": "-",
    }  # fmt: skip


def test_match_joins_by_age_and_never_at_the_last_letter() -> None:
    """5 days: past the first reminder (1), before the second (14). 50 and 500 days are past the final
    notice (30), which is the last letter: they join one below it."""
    joined = join(facts(*OLD, *YOUNG), STANDARD, TODAY, "match")
    assert steps(joined) == {
        "A5": "first reminder", "A50": "second reminder", "A500": "second reminder",
        "A-3": "heads-up", "A0": "heads-up", "A-40": "heads-up", "A?": "-",
    }  # fmt: skip
    passed = {it.debt.number: [step.name for step in it.passed] for it in joined.joins}
    assert passed == {"A50": ["first reminder"], "A500": ["first reminder"]}
    assert joined.facts.taken == dict.fromkeys(["id-A50", "id-A500"], Taken("first reminder", 1))
    assert joined.left_out == ()


def test_match_climbs_the_standard_policy_that_ships() -> None:
    """First reminder 1, second 10, firm 21, final notice 40: the last letter but one is the firm one."""
    shipped = load_policy(standard_policy(), "standard")
    ages = {9: "first reminder", 10: "second reminder", 20: "second reminder", 21: "firm reminder"}
    ages |= {39: "firm reminder", 40: "firm reminder", 60: "firm reminder", 500: "firm reminder"}
    debts = [debt(str(age), age) for age in ages]
    joined = join(facts(*debts), shipped, TODAY, "match")
    assert steps(joined, shipped) == {str(age): step for age, step in ages.items()}
    [firm] = [it for it in joined.joins if it.debt.number == "500"]
    assert [step.name for step in firm.passed] == ["first reminder", "second reminder"]


def test_skip_leaves_out_what_is_overdue_and_nothing_else() -> None:
    joined = join(facts(*OLD, *YOUNG), STANDARD, TODAY, "skip")
    assert steps(joined) == {
        "A5": "left out", "A50": "left out", "A500": "left out",
        "A-3": "heads-up", "A0": "heads-up", "A-40": "heads-up", "A?": "-",
    }  # fmt: skip
    assert [it.number for it in joined.left_out] == ["A5", "A50", "A500"]
    [order] = joined.facts.invoice_holds["id-A500"]
    assert order == HoldOrder(
        "excluded", note="overdue before go-live on 2027-03-10; left out", owner="go-live", put_on=TODAY
    )
    assert set(joined.facts.invoice_holds) == {"id-A5", "id-A50", "id-A500"}
    made = plan("b", joined.facts, STANDARD, TODAY)
    assert [told(it) for it in made.messages] == ["heads-up GBP 200.00: A0 A-3"]


@pytest.mark.parametrize("how", ["start", "match"])
def test_what_is_older_can_be_left_out_of_either(how: str) -> None:
    """A debt of exactly so many days is not older."""
    old = (*OLD, debt("A365", 365), debt("A366", 366))
    joined = join(facts(*old), STANDARD, TODAY, how, leave_out_older=365)  # type: ignore[arg-type]
    assert [it.number for it in joined.left_out] == ["A500", "A366"]
    assert steps(joined)["A365"] == ("first reminder" if how == "start" else "second reminder")


def test_a_step_that_was_taken_is_not_taken_back() -> None:
    taken = {"id-A50": Taken("second reminder", 14, TODAY), "id-A500": Taken("hand over", 60, TODAY)}
    before = facts(*OLD, taken=taken)
    joined = join(before, STANDARD, TODAY, "match")
    assert joined == Joined(before, (), ())
    assert steps(joined) == {"A5": "first reminder", "A50": "final notice", "A500": "-"}


def test_what_people_left_out_before_stays_theirs() -> None:
    """One with an end gives way: what is skipped stays left out until it is taken back."""
    mine, ending = HoldOrder("excluded", note="mine"), HoldOrder("excluded", until=TODAY, note="for now")
    holds = {"id-A50": (mine,), "id-A500": (ending,)}
    joined = join(facts(*OLD, invoice_holds=holds), STANDARD, TODAY, "skip")
    assert [it.number for it in joined.left_out] == ["A5", "A500"]
    assert joined.facts.invoice_holds["id-A50"] == (mine,)
    assert steps(joined)["A50"] == "left out"


def test_calls_and_tasks_on_the_way_are_passed_over_with_the_letters() -> None:
    ladder = (
        Step("first", 1, "t"), Step("call", 10, "t", "call"), Step("second", 20, "t"),
        Step("visit", 25, "t", "task"), Step("last", 40, "t"), Step("court", 60, "t", "task"),
    )  # fmt: skip
    policy = Policy("p", ladder)
    joined = join(facts(debt("A15", 15), debt("A30", 30), debt("A90", 90)), policy, TODAY, "match")
    assert steps(joined, policy) == {"A15": "first", "A30": "second", "A90": "second"}
    assert [step.name for step in joined.joins[0].passed] == ["first", "call"]


@pytest.mark.parametrize("offsets", [(1,), (-3, 1), (-3, 1, 60)])
def test_with_one_letter_only_everybody_starts_with_it(offsets: tuple[int, ...]) -> None:
    ladder = tuple(Step(f"s{n}", n, "t", "task" if n == 60 else "message") for n in offsets)
    joined = join(facts(*OLD), Policy("p", ladder), TODAY, "match")
    assert joined.joins == ()


def test_each_debt_joins_the_ladder_that_is_in_force_for_it() -> None:
    """Large debts climb a ladder of their own, whose last letter but one is the 'word' of day 20."""
    gentle = (Step("hello", 1, "t"), Step("word", 20, "t"), Step("bye", 90, "t"))
    large = Segment("large", Where(at_least={"GBP": 1000_00}), Override(ladder="gentle"))
    policy = msgspec.structs.replace(STANDARD, ladders={"gentle": gentle}, segments=(large,))
    debts = facts(debt("S", 50), debt("L", 50, 1000_00), debt("L5", 5, 1000_00))
    assert steps(join(debts, policy, TODAY, "match"), policy) == {
        "S": "second reminder", "L": "word", "L5": "hello",
    }  # fmt: skip


def test_passing_over_is_no_contact_that_a_dwell_would_wait_for() -> None:
    ladder = (Step("first", 1, "t"), Step("second", 14, "t", dwell_days=10), Step("last", 30, "t"))
    policy = Policy("p", ladder)
    joined = join(facts(debt("A50", 50)), policy, TODAY, "match")
    made = plan("b", joined.facts, policy, TODAY)
    assert [told(it) for it in made.messages] == ["second GBP 100.00: A50"]


def test_the_order_of_the_rows_does_not_matter() -> None:
    every = [*OLD, *YOUNG, debt("B50", 50, customer_id="reed")]
    for how in ("start", "match", "skip"):
        one, other = (
            join(facts(*debts), STANDARD, TODAY, how)  # type: ignore[arg-type]
            for debts in (every, every[::-1])
        )
        assert steps(one) == steps(other)
        assert {it.debt.id: it.passed for it in one.joins} == {it.debt.id: it.passed for it in other.joins}


# A story of each mode ---------------------------------------------------------------------------


def old_book() -> DayBook:
    """Three customers with a debt of 5, 50 and 500 days on Wed 03-10, and one that falls due."""
    book = DayBook()
    for customer, late in (("Five", 5), ("Fifty", 50), ("Ages", 500)):
        due = TODAY - timedelta(days=late)
        book.invoice(f"{customer[0]}{late}", "100.00", due=due.isoformat(), customer=customer)
    book.invoice("N1", "100.00", due="03-13", customer="New")
    return book


def go_live(book: DayBook, how: str, on: str = "03-10") -> None:
    joined = join(book.facts(day(on)), book.policy, day(on), how)  # type: ignore[arg-type]
    book.taken.update(joined.facts.taken)
    for id_, orders in joined.facts.invoice_holds.items():
        book.holds[id_] = list(orders)


def test_a_go_live_that_starts_at_the_bottom() -> None:
    """
    Wed 03-10 all three hear the first reminder; gap to Mon 03-15.
    Mon 03-15 Fifty and Ages: second; Five is 10 days late, its second comes on Fri 03-19 (14 days).
    """
    book = old_book()
    go_live(book, "start")
    assert book.diary("03-10", "03-19") == [
        "Wed 03-10 first reminder GBP 100.00: A500",
        "Wed 03-10 first reminder GBP 100.00: F50",
        "Wed 03-10 first reminder GBP 100.00: F5",
        "Wed 03-10 heads-up GBP 100.00: N1",
        "Mon 03-15 second reminder GBP 100.00: A500",
        "Mon 03-15 second reminder GBP 100.00: F50",
        "Mon 03-15 first reminder GBP 100.00: N1",
        "Fri 03-19 second reminder GBP 100.00: F5",
    ]


def test_a_go_live_that_matches_lateness() -> None:
    """
    Wed 03-10 Fifty and Ages hear the second reminder at once, Five the first.
    Mon 03-15 the final notice of Fifty and Ages: their second letter, not their first.
    """
    book = old_book()
    go_live(book, "match")
    assert book.diary("03-10", "03-19") == [
        "Wed 03-10 second reminder GBP 100.00: A500",
        "Wed 03-10 second reminder GBP 100.00: F50",
        "Wed 03-10 first reminder GBP 100.00: F5",
        "Wed 03-10 heads-up GBP 100.00: N1",
        "Mon 03-15 final notice GBP 100.00: A500",
        "Mon 03-15 final notice GBP 100.00: F50",
        "Mon 03-15 first reminder GBP 100.00: N1",
        "Fri 03-19 second reminder GBP 100.00: F5",
    ]


def test_a_go_live_that_leaves_old_debts_out() -> None:
    """
    Only New hears: heads-up on Wed 03-10, first reminder on Mon 03-15 (due Sat 03-13).
    Fri 03-19 Fifty is taken back by a person, and starts at the bottom.
    """
    book = old_book()
    go_live(book, "skip")
    assert book.diary("03-10", "03-18") == [
        "Wed 03-10 heads-up GBP 100.00: N1",
        "Mon 03-15 first reminder GBP 100.00: N1",
    ]
    assert told_holds(book.plan("03-18")) == ["excluded: A500", "excluded: F5", "excluded: F50"]
    book.release("F50")
    assert book.diary("03-19", "03-19") == ["Fri 03-19 first reminder GBP 100.00: F50"]


# The first wave ---------------------------------------------------------------------------------


def wave_facts(*amounts: int, currency: str = "GBP", late: int = 20) -> Facts:
    """Customers c1, c2 ... who owe these amounts."""
    debts = [
        debt(f"N{n}", late, amount, customer_id=f"c{n}", currency=currency)
        for n, amount in enumerate(amounts, 1)
    ]
    return facts(*debts)


def days(facts_: Facts, per_day: int, today: date) -> dict[str, date]:
    wave = first_wave("b", facts_, STANDARD, today)
    return {it.customer_id: it.on for it in spread(wave, facts_, STANDARD, per_day)}


def test_the_most_money_comes_first_over_a_weekend() -> None:
    """Thu 03-11, two a day: c4 and c2 at once, c5 and c1 on Friday, c3 not on Saturday but on Monday."""
    wave = days(wave_facts(30_00, 80_00, 26_00, 90_00, 40_00), 2, day("03-11"))
    assert wave == {
        "c4": day("03-11"), "c2": day("03-11"),
        "c5": day("03-12"), "c1": day("03-12"),
        "c3": day("03-15"),
    }  # fmt: skip


def test_a_wave_that_begins_on_a_weekend_begins_on_monday() -> None:
    """Sat 03-13: nobody is written to before Monday; who has Monday's places waits for nothing more."""
    found = wave_facts(30_00, 80_00, 26_00)
    wave = spread(first_wave("b", found, STANDARD, day("03-13")), found, STANDARD, 2)
    assert [(it.customer_id, it.on, it.later) for it in wave] == [
        ("c2", day("03-15"), False), ("c1", day("03-15"), False), ("c3", day("03-16"), True),
    ]  # fmt: skip


def test_who_waits_is_paused_through_the_day_before() -> None:
    """c2 has to wait for Mon 03-15: its hold stands through Sunday and ends by itself."""
    found = wave_facts(80_00, 30_00)
    [first, later] = spread(first_wave("b", found, STANDARD, day("03-12")), found, STANDARD, 1)
    assert (first.later, later.later, later.on) == (False, True, day("03-15"))
    order = pause_order(later, day("03-12"))
    assert order == HoldOrder(
        "paused", day("03-14"), "first wave: from 2027-03-15 on", "go-live", put_on=day("03-12")
    )
    held = msgspec.structs.replace(found, customer_holds={"c2": (order,)})
    for on, hears in (("03-12", ["c1"]), ("03-14", []), ("03-15", ["c1", "c2"])):
        made = plan("b", held, STANDARD, day(on))
        assert [it.customer_id for it in made.messages] == hears


def test_currencies_take_turns() -> None:
    """Amounts in different currencies are never compared: the largest of each come before the second."""
    pounds, dollars = wave_facts(90_00, 80_00), wave_facts(500_00, 400_00, currency="USD")
    rest = [
        msgspec.structs.replace(it, id=f"u-{it.id}", customer_id=f"u{it.customer_id}") for it in dollars.debts
    ]
    both = facts(*pounds.debts, *rest)
    wave = first_wave("b", both, STANDARD, TODAY)
    assert [it.customer_id for it in wave] == ["c1", "uc1", "c2", "uc2"]


def test_credit_makes_less_money_at_risk() -> None:
    found = msgspec.structs.replace(wave_facts(90_00, 80_00), unapplied={("c1", "GBP"): 50_00})
    wave = first_wave("b", found, STANDARD, TODAY)
    assert [(it.customer_id, asked(it.messages[0])) for it in wave] == [("c2", 80_00), ("c1", 40_00)]


def test_what_is_not_overdue_waits_for_no_wave() -> None:
    """c1's invoice is due in 3 days: its heads-up would be late on any other day. It takes up a place."""
    found = facts(debt("H", -3, customer_id="c1"), *wave_facts(10, 80_00, 60_00).debts[1:])
    assert days(found, 1, TODAY) == {"c1": TODAY, "c2": day("03-11"), "c3": day("03-12")}


def test_a_customer_has_one_day_in_the_wave() -> None:
    """Sat 03-13: c1 hears of its pounds on Monday. The heads-up of its dollars, due on Sunday, is late by
    then; they come on Mon 03-29 with the next step (14 days after due, a Sunday)."""
    policy = msgspec.structs.replace(STANDARD, steps=tuple(it for it in STANDARD.steps if it.offset != 1))
    dollars = debt("U", -4, 90_00, customer_id="c1", currency="USD")
    found = facts(*wave_facts(80_00).debts, dollars)
    assert told_holds(plan("b", found, policy, day("03-13"))) == [
        "not-a-sending-day until 2027-03-15: N1",
        "not-a-sending-day until 2027-03-29: U",
    ]
    [one] = first_wave("b", found, policy, day("03-13"))
    assert (one.on, [told(it) for it in one.messages]) == (
        day("03-15"), ["second reminder GBP 80.00: N1"],
    )  # fmt: skip


def test_who_is_held_or_cannot_be_written_to_is_in_no_wave() -> None:
    found = wave_facts(80_00, 70_00, 60_00, 10_00)
    debtors = {**found.debtors, "c1": Debtor("c1", "C1")}
    holds = {"c2": (HoldOrder("disputed"),)}
    found = msgspec.structs.replace(found, debtors=debtors, customer_holds=holds)
    wave = first_wave("b", found, STANDARD, TODAY)
    assert [it.customer_id for it in wave] == ["c3"]  # 10.00 is below the minimum


def test_who_was_written_to_before_keeps_the_gap_and_is_not_new() -> None:
    """c1 heard on Mon 03-08; 5 days later is a Saturday, so Monday."""
    found = msgspec.structs.replace(wave_facts(80_00, 70_00), contacted={("c1", "GBP"): day("03-08")})
    wave = first_wave("b", found, STANDARD, TODAY)
    assert [(it.customer_id, it.on, it.known) for it in wave] == [
        ("c1", day("03-15"), True), ("c2", TODAY, False),
    ]  # fmt: skip


# Figures ----------------------------------------------------------------------------------------


def test_the_figures_are_by_age_step_and_currency() -> None:
    debts = facts(
        debt("a", 5, 10_00), debt("b", 30, 20_00), debt("c", 31, 5_00, customer_id="c2"),
        debt("d", 40, 7, currency="JPY"), debt("e", 366), debt("f", 365), debt("g", -9), debt("h", None),
    )  # fmt: skip
    joined = join(debts, STANDARD, TODAY, "match", leave_out_older=365)
    assert rows(joined, STANDARD, TODAY) == (
        Row("not due", "heads-up", "GBP", 1, 1, 100_00),
        Row("1-30", "first reminder", "GBP", 1, 1, 10_00),
        Row("1-30", "second reminder", "GBP", 1, 1, 20_00),
        Row("31-60", "second reminder", "GBP", 1, 1, 5_00),
        Row("31-60", "second reminder", "JPY", 1, 1, 7),
        Row("91-365", "second reminder", "GBP", 1, 1, 100_00),
        Row("over 365", "left out", "GBP", 1, 1, 100_00),
        Row("no due date", "no step left", "GBP", 1, 1, 100_00),
    )


@pytest.mark.parametrize(
    ("ages", "how", "older"),
    [
        ([], "start", None),
        ([-5, 0, None], "start", None),
        ([5, 60, 61], "start", None),  # the middle one is 60 days late
        ([5, 61, 62], "match", None),
        ([5, 60, 61, 400], "start", 365),  # what is left out does not count
        ([5, 61, 62, 365], "match", None),
        ([366], "start", 365),
    ],
)
def test_a_mode_is_suggested_by_the_age_in_the_middle(
    ages: list[int | None], how: str, older: int | None
) -> None:
    found = suggestion([debt(str(n), age) for n, age in enumerate(ages)], TODAY)
    assert found == Suggestion(how, older, found.reason)  # type: ignore[arg-type]
    assert found.reason
