"""Rules 6 and 7 where the figures themselves are in doubt: `unreconciled` and `stale-data`.

See `plan_examples` for the ladder: heads-up and first reminder are soft, second reminder, final notice
and hand over are firm. Today is Wednesday 2027-03-10 unless an example says otherwise.
"""

from __future__ import annotations

import msgspec
import pytest

from arsync.policy.model import Debtor, Hold, HoldOrder, Taken
from arsync.policy.rules import Policy, Step
from arsync.policy.words import hold_words
from day_book import DAILY, day, told, told_holds, told_upcoming
from plan_examples import FINAL, FIRST, QUILL, SECOND, TODAY, debt, letters, only, planned, tasks

STALE = "the last payment is of 2027-02-10"
DIFFERS = "the book says 120.00, the accounting system says 80.00"
REED = Debtor("c2", "Reed", ("ap@reed.example",))

# Data that look stale: firm steps wait, soft ones go on -------------------------------------------


@pytest.mark.parametrize(
    ("late", "taken", "expected"),
    [
        (-2, {}, ["heads-up GBP 100.00: A"]),
        (20, {}, ["first reminder GBP 100.00: A"]),
        (20, {"id-A": FIRST}, []),
        (40, {"id-A": SECOND}, []),
    ],
)
def test_6_soft_steps_go_on_with_stale_data_and_firm_ones_are_held(
    late: int, taken: dict[str, Taken], expected: list[str]
) -> None:
    made = planned(debt("A", late), taken=taken, stale=STALE)
    assert letters(made) == expected
    assert told_holds(made) == ([] if expected else ["stale-data: A"])
    assert [hold.detail for hold in made.holds] == ([] if expected else [STALE])
    assert letters(planned(debt("A", late), taken=taken)) != []


@pytest.mark.parametrize("shown", [frozenset(), frozenset({("id-A", "hand over")})])
def test_6_a_firm_task_is_held_with_stale_data_though_it_was_shown(shown: frozenset[tuple[str, str]]) -> None:
    contacted = {("c1", "GBP"): TODAY} if shown else {}
    facts = {"taken": {"id-A": FINAL}, "open_tasks": shown, "contacted": contacted}
    made = planned(debt("A", 70), stale=STALE, **facts)
    assert (made.tasks, told_holds(made)) == ((), ["stale-data: A"])
    assert made.holds[0].detail == STALE  # the gap does not hold a task that was shown
    assert tasks(planned(debt("A", 70), **facts)) == ["hand over GBP 100.00: A"]


def test_6_firm_and_soft_of_one_customer_part_ways() -> None:
    """A's second reminder is held and A is listed; B's first and C's heads-up leave, with the first."""
    debts = (debt("A", 20), debt("B", 2), debt("C", -2))
    made = planned(*debts, taken={"id-A": FIRST}, stale=STALE)
    message = only(made)
    assert (message.step, message.template, message.offset) == ("first reminder", "first-reminder", 1)
    assert [(line.number, line.step) for line in message.lines] == [
        ("A", None),
        ("B", "first reminder"),
        ("C", "heads-up"),
    ]
    assert message.total == 300_00
    assert told_holds(made) == ["stale-data: A"]
    assert only(planned(*debts, taken={"id-A": FIRST})).step == "second reminder"


def test_6_firm_and_soft_tasks_part_ways_too() -> None:
    steps = (Step("call", 1, "c", "task"), Step("visit", 9, "v", "task"))
    made = planned(
        debt("A", 20),
        debt("B", 5),
        policy=Policy("p", steps),
        taken={"id-A": Taken("call", 1)},
        stale=STALE,
    )
    assert tasks(made) == ["call GBP 200.00: (A) B"]
    assert told_holds(made) == ["stale-data: A"]


def test_6_each_step_says_for_itself_whether_it_is_firm() -> None:
    gentle = msgspec.structs.replace(DAILY.steps[2], firm=False)
    stern = msgspec.structs.replace(DAILY.steps[1], firm=True)
    policy = msgspec.structs.replace(DAILY, steps=(DAILY.steps[0], stern, gentle, *DAILY.steps[3:]))
    made = planned(debt("A", 20), debt("B", 5), policy=policy, taken={"id-A": FIRST}, stale=STALE)
    assert letters(made) == ["second reminder GBP 200.00: A (B)"]
    assert told_holds(made) == ["stale-data: B"]


def test_6_stale_data_and_the_other_reasons_are_told_of_what_each_would_have_been() -> None:
    facts = {"taken": {"id-A": FIRST}, "contacted": {("c1", "GBP"): day("03-08")}, "stale": STALE}
    made = planned(debt("A", 20), debt("B", 2), **facts)
    assert told_holds(made) == ["stale-data: A", "too-soon until 2027-03-13: B"]
    assert [hold.detail.partition("; also ")[2] for hold in made.holds] == ["too-soon", ""]


def test_6_what_comes_later_is_told_as_ever() -> None:
    made = planned(debt("A", 12), debt("B", -9), taken={"id-A": FIRST}, stale=STALE)
    assert told_upcoming(made) == ["2027-03-12 second reminder: A", "2027-03-16 heads-up: B"]
    assert made.holds == ()


def test_6_no_end_is_told_where_a_firm_step_would_be_next() -> None:
    orders = {"id-A": [HoldOrder("paused", day("03-12"))]}
    made = planned(debt("A", 20), taken={"id-A": FIRST}, invoice_holds=orders, stale=STALE)
    assert told_holds(made) == ["paused: A"]
    assert made.holds[0].detail.endswith("; also stale-data")
    made = planned(debt("A", 20), invoice_holds=orders, stale=STALE)
    assert told_holds(made) == ["paused until 2027-03-13: A"]
    assert "also" not in made.holds[0].detail
    # Due on Fri 03-12, too soon until 03-13: the heads-up falls away, and the next step is made firm.
    stern = Policy("p", (DAILY.steps[0], msgspec.structs.replace(DAILY.steps[1], firm=True)))
    contacted = {("c1", "USD"): day("03-08")}
    made = planned(debt("A", -2), policy=stern, contacted=contacted, stale=STALE)
    assert told_holds(made) == ["too-soon: A"]


# Figures that differ: the customer is left alone --------------------------------------------------


@pytest.mark.parametrize("currency", ["GBP", ""])
def test_6_a_customer_that_does_not_tie_out_is_held_whatever_the_step(currency: str) -> None:
    debts = (debt("A", 20), debt("B", 70), debt("C", -10), debt("R", 5, customer_id="c2"))
    taken = {"id-A": FIRST, "id-B": FINAL}
    debtors = {"c1": QUILL, "c2": REED}
    made = planned(*debts, taken=taken, debtors=debtors, unreconciled={("c1", currency): DIFFERS})
    assert [told(message) for message in made.messages] == ["first reminder GBP 100.00: R"]
    assert made.tasks == ()
    assert told_holds(made) == ["unreconciled: A B"]
    assert made.holds[0].detail == DIFFERS
    assert told_upcoming(made) == ["2027-03-17 heads-up: C"]
    free = planned(*debts, taken=taken, debtors=debtors)
    assert (letters(free)[0], tasks(free)) == (
        "second reminder GBP 200.00: (B) A",
        ["hand over GBP 200.00: B (A)"],
    )


def test_6_another_currency_ties_out_by_itself() -> None:
    debts = (debt("A", 5), debt("U", 5, currency="USD"))
    made = planned(*debts, unreconciled={("c1", "USD"): DIFFERS})
    assert (letters(made), told_holds(made)) == (["first reminder GBP 100.00: A"], ["unreconciled: U"])
    made = planned(*debts, unreconciled={("c1", ""): DIFFERS})
    assert (letters(made), told_holds(made)) == ([], ["unreconciled: A", "unreconciled: U"])
    made = planned(*debts, unreconciled={("c1", ""): "all of it", ("c1", "USD"): DIFFERS})
    assert [hold.detail for hold in made.holds] == ["all of it", DIFFERS]


def test_6_a_task_that_was_shown_is_held_until_the_figures_agree() -> None:
    shown = frozenset({("id-A", "hand over")})
    made = planned(
        debt("A", 70), taken={"id-A": FINAL}, open_tasks=shown, unreconciled={("c1", "GBP"): DIFFERS}
    )
    assert (made.tasks, told_holds(made)) == ((), ["unreconciled: A"])


def test_6_reasons_of_people_come_first_and_name_the_difference() -> None:
    made = planned(
        debt("A", 5),
        debt("B", None),
        invoice_holds={"id-A": [HoldOrder("paused", day("03-12"))]},
        unreconciled={("c1", "GBP"): DIFFERS},
    )
    assert told_holds(made) == ["no-due-date: B", "paused: A"]  # nobody knows when they will agree
    assert all(hold.detail.endswith("; also unreconciled") for hold in made.holds)


def test_6_the_difference_comes_before_stale_data() -> None:
    differs = {("c1", "GBP"): DIFFERS}
    made = planned(debt("A", 20), debt("B", 5), taken={"id-A": FIRST}, stale=STALE, unreconciled=differs)
    assert told_holds(made) == ["unreconciled: A", "unreconciled: B"]
    assert [hold.detail for hold in made.holds] == [f"{DIFFERS}; also stale-data", DIFFERS]


# Rule 7: what was approved before the doubt -------------------------------------------------------


def test_7_an_approved_message_of_a_firm_step_is_gone_and_its_reason_is_told() -> None:
    approved = only(planned(debt("A", 20), taken={"id-A": FIRST}))
    now = planned(debt("A", 20), taken={"id-A": FIRST}, approved=[approved], stale=STALE)
    assert (now.messages, told_holds(now)) == ((), ["stale-data: A"])
    differs = {("c1", "GBP"): DIFFERS}
    now = planned(debt("A", 20), taken={"id-A": FIRST}, approved=[approved], unreconciled=differs)
    assert (now.messages, told_holds(now)) == ((), ["unreconciled: A"])


def test_7_an_approved_message_of_both_leaves_with_its_soft_steps_alone() -> None:
    """It takes fewer steps and says less, so the approval stands, under its id."""
    taken = {"id-A": FIRST}
    approved = only(planned(debt("A", 20), debt("B", 2), taken=taken))
    now = only(planned(debt("A", 20), debt("B", 2), taken=taken, approved=[approved], stale=STALE))
    assert (now.id, now.status) == (approved.id, "approved")
    assert told(now) == "first reminder GBP 200.00: (A) B"
    # When payments are recorded, the second reminder is a message of its own again.
    later = only(planned(debt("A", 20), debt("B", 2), taken={"id-A": FIRST, "id-B": FIRST}))
    assert later.id != approved.id


def test_7_a_soft_approval_stands_beside_a_firm_step_that_is_held() -> None:
    approved = only(planned(debt("B", 2)))
    taken = {"id-A": FIRST}
    now = only(planned(debt("A", 20), debt("B", 2), taken=taken, approved=[approved], stale=STALE))
    assert now.status == "planned"  # A is listed now, which was not approved
    approved = only(planned(debt("A", 13), debt("B", 2), taken=taken))
    now = only(planned(debt("A", 20), debt("B", 2), taken=taken, approved=[approved], stale=STALE))
    assert (now.id, now.status, told(now)) == (
        approved.id,
        "approved",
        "first reminder GBP 200.00: (A) B",
    )


# In words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("stale-data", "X; firm steps wait for that, and softer ones go on"),
        ("unreconciled", "X; this customer is left alone until the figures agree, and the others go on"),
        ("no-address", "X"),
    ],
)
def test_a_doubt_is_told_with_what_goes_on(reason: str, expected: str) -> None:
    hold = Hold("c1", "Quill", (("id-A", "A"),), reason, "X", None)  # type: ignore[arg-type]
    assert hold_words(hold) == expected
