"""Rules 1 to 5 and 7 of 'What a run decides', and ids, by small examples; rule 6 is in test_plan_holds.

See `plan_examples` for the ladder; today is Wednesday 2027-03-10 unless an example says otherwise.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from arsync.policy.model import Debt, Debtor, HoldOrder, Taken
from arsync.policy.rules import Step
from day_book import DAILY, STANDARD, day, told, told_holds, told_upcoming
from plan_examples import FINAL, FIRST, QUILL, SECOND, TODAY, debt, letters, only, planned, tasks

# Rule 1: age counts from the due date -----------------------------------------------------------


@pytest.mark.parametrize(("late", "expected"), [(-3, -3), (0, 0), (1, 1), (400, 400)])
def test_1_days_overdue_count_from_the_due_date(late: int, expected: int) -> None:
    (line,) = only(planned(debt("A", late))).lines
    assert line.days_overdue == expected
    assert line.due_on == TODAY - timedelta(days=late)


def test_1_an_invoice_without_a_due_date_is_held_and_never_listed() -> None:
    made = planned(debt("A", 5), debt("B", None))
    assert letters(made) == ["first reminder GBP 100.00: A"]
    assert told_holds(made) == ["no-due-date: B"]


# Rule 2: one step at a time, and no friendly step late --------------------------------------------


@pytest.mark.parametrize(
    ("late", "expected"),
    [(-3, "heads-up"), (-1, "heads-up"), (0, "heads-up"), (1, "first reminder"), (400, "first reminder")],
)
def test_2_the_first_step_at_first_contact(late: int, expected: str) -> None:
    assert only(planned(debt("A", late))).step == expected


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (Taken("heads-up", -3), ["first reminder GBP 100.00: A"]),
        (FIRST, ["second reminder GBP 100.00: A"]),
        (SECOND, ["final notice GBP 100.00: A"]),
        (FINAL, []),
    ],
)
def test_2_the_step_after_the_last_taken_however_old_the_debt(taken: Taken, expected: list[str]) -> None:
    made = planned(debt("A", 400), taken={"id-A": taken})
    assert letters(made) == expected
    assert tasks(made) == ([] if expected else ["hand over GBP 100.00: A"])


def test_2_a_message_carries_its_steps_template() -> None:
    assert only(planned(debt("A", 5))).template == "first-reminder"


# Rule 3: the step's day, the gap, and the days after ----------------------------------------------


def test_3_not_before_its_day_and_on_its_day_and_any_day_later() -> None:
    taken = {"id-A": FIRST}
    assert letters(planned(debt("A", 13), taken=taken)) == []
    assert letters(planned(debt("A", 14), taken=taken)) == ["second reminder GBP 100.00: A"]
    assert letters(planned(debt("A", 29), taken=taken)) == ["second reminder GBP 100.00: A"]


@pytest.mark.parametrize("currency", ["GBP", "USD"])
def test_3_the_gap_to_the_last_message_over_all_currencies(currency: str) -> None:
    # Five days have passed on 03-10 since 03-05, four since 03-06.
    assert letters(planned(debt("A", 5), contacted={("c1", currency): day("03-05")}))
    made = planned(debt("A", 5), contacted={("c1", currency): day("03-06")})
    assert letters(made) == []
    assert told_holds(made) == ["too-soon until 2027-03-11: A"]


def test_3_another_customers_message_does_not_count() -> None:
    assert letters(planned(debt("A", 5), contacted={("c2", "GBP"): TODAY}))


def test_3_two_currencies_leave_on_one_day_though_one_has_left_already() -> None:
    made = planned(debt("A", 5), debt("U", 5, currency="USD"), contacted={("c1", "USD"): TODAY})
    # The dollars were sent this morning: the pounds still leave, the dollars do not leave twice.
    assert letters(made) == ["first reminder GBP 100.00: A"]
    assert told_holds(made) == ["too-soon until 2027-03-15: U"]


@pytest.mark.parametrize("gap", [0, 1, 5])
def test_3_never_twice_in_a_currency_on_one_day(gap: int) -> None:
    policy = msgspec.structs.replace(DAILY, min_gap_days=gap)
    made = planned(debt("A", 5), policy=policy, contacted={("c1", "GBP"): TODAY})
    assert told_holds(made) == [f"too-soon until {TODAY + timedelta(days=max(gap, 1))}: A"]


def test_3_a_contact_dated_after_today_keeps_the_gap() -> None:
    # A clock that was set back two days: the message of 03-12 has left all the same.
    made = planned(debt("A", 5), contacted={("c1", "USD"): day("03-12")})
    assert [hold.reason for hold in made.holds] == ["too-soon"]
    assert made.messages == ()


# Rule 4: one message, its furthest step, what it lists --------------------------------------------


def test_4_one_message_with_the_furthest_step_and_each_its_own() -> None:
    made = planned(debt("A", 20), debt("B", 2), debt("C", -2), taken={"id-A": FIRST})
    message = only(made)
    assert message.step == "second reminder"
    assert [(line.number, line.step) for line in message.lines] == [
        ("A", "second reminder"),
        ("B", "first reminder"),
        ("C", "heads-up"),
    ]
    assert message.to == ("ap@quill.example",)
    assert message.cc == ("cc@quill.example",)


def test_4_messages_and_tasks_have_the_blind_copies_of_the_customer() -> None:
    hidden = Debtor("c1", "Quill", ("ap@quill.example",), bcc=("file@quill.example",))
    made = planned(debt("A", 5), debt("B", 61), taken={"id-B": FINAL}, debtors={"c1": hidden})
    assert [it.bcc for it in (*made.messages, *made.tasks)] == [("file@quill.example",)] * 2


def test_4_it_lists_what_is_overdue_and_not_what_is_not() -> None:
    made = planned(debt("A", 20), debt("B", 5), debt("C", 0), debt("D", -10), taken=dict.fromkeys(
        ("id-B", "id-C"), FIRST
    ))  # fmt: skip
    # B waits for its second step but is overdue; C, due today, and D are not overdue.
    assert letters(made) == ["first reminder GBP 200.00: A (B)"]


@pytest.mark.parametrize("reason", ["excluded", "disputed", "promised", "paused"])
def test_4_what_people_hold_is_not_listed(reason: str) -> None:
    made = planned(debt("A", 5), debt("B", 5), invoice_holds={"id-B": [HoldOrder(reason)]})  # type: ignore[arg-type]
    assert letters(made) == ["first reminder GBP 100.00: A"]
    assert told_holds(made) == [f"{reason}: B"]


def test_4_what_the_accounting_system_expects_to_be_paid_is_not_listed() -> None:
    made = planned(debt("A", 5), debt("B", 5, promised_on=TODAY))
    assert letters(made) == ["first reminder GBP 100.00: A"]


def test_4_an_invoice_whose_ladder_is_done_is_listed() -> None:
    made = planned(debt("A", 5), debt("B", 90), taken={"id-B": Taken("hand over", 60)})
    assert letters(made) == ["first reminder GBP 200.00: (B) A"]
    assert told_holds(made) == ["ladder-done: B"]


def test_4_one_held_for_two_reasons_is_not_listed() -> None:
    made = planned(
        debt("A", 5),
        debt("B", 90),
        taken={"id-B": Taken("hand over", 60)},
        invoice_holds={"id-B": [HoldOrder("paused")]},
    )
    assert letters(made) == ["first reminder GBP 100.00: A"]


def test_4_currencies_and_customers_have_messages_of_their_own() -> None:
    reed = Debtor("c2", "Reed", ("ap@reed.example",))
    made = planned(
        debt("A", 5),
        debt("U", 5, currency="USD"),
        debt("R", 5, customer_id="c2"),
        debtors={"c1": QUILL, "c2": reed},
    )
    assert [(m.customer_name, told(m)) for m in made.messages] == [
        ("Quill", "first reminder GBP 100.00: A"),
        ("Quill", "first reminder USD 100.00: U"),
        ("Reed", "first reminder GBP 100.00: R"),
    ]


def test_4_tasks_are_one_a_customer_and_currency_beside_the_message() -> None:
    made = planned(debt("A", 70), debt("B", 65), debt("C", 5), taken=dict.fromkeys(("id-A", "id-B"), FINAL))
    # The task is the firmer step, but a message carries the furthest step that is a message.
    assert letters(made) == ["first reminder GBP 300.00: (A) (B) C"]
    assert tasks(made) == ["hand over GBP 300.00: A B (C)"]


def test_4_a_task_needs_no_address_and_no_sending_day() -> None:
    # 03-13 is a Saturday.
    made = planned(
        debt("A", 70),
        policy=STANDARD,
        today=day("03-13"),
        taken={"id-A": FINAL},
        debtors={"c1": Debtor("c1", "Quill")},
    )
    assert tasks(made) == ["hand over GBP 100.00: A"]
    assert made.holds == ()


def test_4_a_task_waits_for_the_gap_but_once_shown_it_stays() -> None:
    contacted = {("c1", "GBP"): day("03-09")}
    made = planned(debt("A", 70), taken={"id-A": FINAL}, contacted=contacted)
    assert (made.tasks, told_holds(made)) == ((), ["too-soon until 2027-03-14: A"])
    shown = frozenset({("id-A", "hand over")})
    made = planned(debt("A", 70), taken={"id-A": FINAL}, contacted=contacted, open_tasks=shown)
    assert tasks(made) == ["hand over GBP 100.00: A"]


def test_4_nothing_joins_a_task_within_the_gap() -> None:
    # A's task was shown before; B's final notice left today, and its task waits like any other step.
    made = planned(
        debt("A", 70),
        debt("B", 65),
        taken=dict.fromkeys(("id-A", "id-B"), FINAL),
        contacted={("c1", "GBP"): TODAY},
        open_tasks=frozenset({("id-A", "hand over")}),
    )
    assert tasks(made) == ["hand over GBP 200.00: A (B)"]
    assert told_holds(made) == ["too-soon until 2027-03-15: B"]


def test_4_an_invoice_bound_to_a_message_in_doubt_takes_no_step_elsewhere() -> None:
    made = planned(debt("A", 5), debt("B", 5), bound=frozenset({"id-B"}))
    assert letters(made) == ["first reminder GBP 200.00: A (B)"]
    assert told_upcoming(made) == []
    assert planned(debt("B", 5), bound=frozenset({"id-B"})).messages == ()


# Rule 5: totals, credit, minimum ------------------------------------------------------------------


def test_5_the_total_is_what_is_listed_and_the_credit_stands_beside_it() -> None:
    credit = {("c1", "GBP"): 40_00}
    made = planned(debt("A", 20, 100_01), debt("B", 5, 50_02), taken={"id-B": FIRST}, unapplied=credit)
    assert (only(made).total, only(made).unapplied) == (150_03, 40_00)


@pytest.mark.parametrize(
    ("credit", "expected"),
    [(99_99, ["first reminder GBP 100.00: A"]), (100_00, []), (100_01, [])],
)
def test_5_credit_that_reaches_the_total_holds_the_customer(credit: int, expected: list[str]) -> None:
    made = planned(debt("A", 5), unapplied={("c1", "GBP"): credit})
    assert letters(made) == expected
    assert told_holds(made) == ([] if expected else ["credit-covers: A"])


def test_5_credit_counts_against_the_whole_message_not_the_ready_invoices() -> None:
    made = planned(debt("A", 5), debt("B", 5), taken={"id-B": FIRST}, unapplied={("c1", "GBP"): 150_00})
    assert letters(made) == ["first reminder GBP 200.00: A (B)"]


@pytest.mark.parametrize("key", [("c1", "USD"), ("c2", "GBP")])
def test_5_another_currencys_or_customers_credit_covers_nothing(key: tuple[str, str]) -> None:
    assert only(planned(debt("A", 5), unapplied={key: 500_00})).unapplied == 0


@pytest.mark.parametrize(
    ("open_", "credit", "sent"),
    [(25_00, 0, True), (24_99, 0, False), (50_00, 25_00, True), (50_00, 25_01, False)],
)
def test_5_total_less_credit_below_the_minimum(open_: int, credit: int, sent: bool) -> None:
    made = planned(debt("A", 5, open_), policy=STANDARD, unapplied={("c1", "GBP"): credit})
    assert bool(made.messages) is sent
    assert told_holds(made) == ([] if sent else ["below-minimum: A"])


def test_5_a_currency_without_a_minimum_has_none() -> None:
    made = planned(debt("A", 5, 1, currency="EUR"), policy=STANDARD)
    assert letters(made) == ["first reminder EUR 0.01: A"]


def test_5_no_sum_crosses_a_currency() -> None:
    # 20 pounds and 20 dollars are not 40 of anything: both are below their minimum of 25.
    made = planned(debt("A", 5, 20_00), debt("U", 5, 20_00, currency="USD"), policy=STANDARD)
    assert told_holds(made) == ["below-minimum: A", "below-minimum: U"]


def test_5_credit_and_minimum_hold_a_task_too() -> None:
    made = planned(debt("A", 70), taken={"id-A": FINAL}, unapplied={("c1", "GBP"): 100_00})
    assert (made.tasks, told_holds(made)) == ((), ["credit-covers: A"])
    made = planned(debt("A", 70, 10_00), policy=STANDARD, taken={"id-A": FINAL})
    assert (made.tasks, told_holds(made)) == ((), ["below-minimum: A"])


# Rule 7, as far as a plan shows it; and ids -------------------------------------------------------


def test_7_an_approved_message_keeps_its_id_while_it_shrinks() -> None:
    approved = only(planned(debt("A", 5), debt("B", 5)))
    now = only(planned(debt("A", 5, 50_00), approved=[approved]))
    assert (now.id, now.status, now.total) == (approved.id, "approved", 50_00)


@pytest.mark.parametrize(
    "debts",
    [
        (debt("A", 5), debt("B", 5), debt("C", 5)),  # added
        (debt("A", 5, 100_01), debt("B", 5)),  # grew
    ],
    ids=["added", "grew"],
)
def test_7_otherwise_it_is_planned_again(debts: tuple[Debt, ...]) -> None:
    approved = only(planned(debt("A", 5), debt("B", 5)))
    assert only(planned(*debts, approved=[approved])).status == "planned"


def test_7_a_firmer_step_is_planned_again() -> None:
    approved = only(planned(debt("A", 20)))
    assert only(planned(debt("A", 20), taken={"id-A": FIRST}, approved=[approved])).status == "planned"


def test_7_an_approval_is_for_one_customer_and_currency() -> None:
    approved = only(planned(debt("A", 5)))
    assert only(planned(debt("A", 5, currency="USD"), approved=[approved])).status == "planned"


def test_an_id_stays_for_the_same_steps_and_changes_with_them() -> None:
    before = only(planned(debt("A", 5)))
    more = only(planned(debt("A", 5, 70_00), debt("B", 3), taken={"id-B": FIRST}, today=day("03-11")))
    assert more.id == before.id  # another day, another amount, one listed besides: the same steps
    assert only(planned(debt("A", 5), debt("B", 3))).id != before.id
    assert only(planned(debt("A", 20), taken={"id-A": FIRST})).id != before.id
    assert only(planned(debt("A", 5, currency="USD"))).id != before.id


def test_a_message_and_a_task_of_one_customer_have_ids_of_their_own() -> None:
    made = planned(debt("A", 70), debt("C", 5), taken={"id-A": FINAL})
    assert made.messages[0].id != made.tasks[0].id


def test_two_steps_on_one_day_are_climbed_one_after_the_other() -> None:
    policy = msgspec.structs.replace(DAILY, steps=(Step("mail", 1, "m"), Step("call", 1, "c", "task")))
    assert letters(planned(debt("A", 5), policy=policy)) == ["mail GBP 100.00: A"]
    assert tasks(planned(debt("A", 5), policy=policy)) == []
    made = planned(debt("A", 5), policy=policy, taken={"id-A": Taken("mail", 1)})
    assert (letters(made), tasks(made)) == ([], ["call GBP 100.00: A"])
