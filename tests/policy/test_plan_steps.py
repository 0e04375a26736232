"""What a step may be and do, and what it asks for: dwell, conditions, work, copies, offers and rounds.

See `plan_examples` for the ladder; today is Wednesday 2027-03-10 unless an example says otherwise.
"""

from __future__ import annotations

import msgspec
import pytest

from arsync.policy.model import Debt, Debtor, HoldOrder, Taken
from arsync.policy.rules import CustomerTerms, Offer, Override, Policy, Segment, Step, Where
from arsync.policy.words import hold_words, message_words
from day_book import DAILY, DayBook, day, told, told_holds, told_upcoming
from day_book import FINAL as FINAL_STEP
from plan_examples import FIRST, QUILL, SECOND, TODAY, debt, letters, only, planned, tasks


def ladder(*steps: Step, **values: object) -> Policy:
    return msgspec.structs.replace(DAILY, steps=steps, **values)


# Dwell --------------------------------------------------------------------------------------------

MAIL, AGAIN = Step("mail", 1, "m"), Step("again", 8, "a", dwell_days=10)


@pytest.mark.parametrize(
    ("taken_on", "expected"),
    [
        ("02-20", []),  # ten days later is 03-02, before its own day, 03-10
        ("02-28", []),  # on 03-10 itself
        ("03-01", ["2027-03-11 again: A"]),
        ("03-04", ["2027-03-14 again: A"]),
        (None, []),  # nobody knows when it was taken
    ],
)
def test_a_step_dwells_after_the_one_before(taken_on: str | None, expected: list[str]) -> None:
    taken = {"id-A": Taken("mail", 1, day(taken_on) if taken_on else None)}
    made = planned(debt("A", 8), policy=ladder(MAIL, AGAIN), taken=taken)
    assert told_upcoming(made) == expected
    assert bool(made.messages) is not bool(expected)


def test_dwell_in_a_book() -> None:
    """Due Fri 03-05. Mail 03-06, again on 03-16 instead of 03-13; a call two days after that."""
    book = DayBook(ladder(MAIL, AGAIN, Step("phone", 9, "p", "call", dwell_days=2), min_gap_days=1))
    book.invoice("A1", "100.00", due="03-05")
    assert book.diary("03-01", "03-31") == [
        "Sat 03-06 mail GBP 100.00: A1",
        "Tue 03-16 again GBP 100.00: A1",
        "Thu 03-18 call phone GBP 100.00: A1",
    ]


def test_a_friendly_step_that_dwell_makes_late_is_passed_over() -> None:
    """A second heads-up that dwells beyond the due date never comes."""
    two = ladder(Step("early", -9, "e"), Step("soon", -1, "s", dwell_days=12), Step("mail", 1, "m"))
    taken = {"id-A": Taken("early", -9, TODAY)}
    made = planned(debt("A", -9), policy=two, taken=taken)  # due on 03-19; the dwell ends on 03-22
    assert told_upcoming(made) == ["2027-03-20 mail: A"]


# Conditions ---------------------------------------------------------------------------------------


def test_a_step_for_large_debts_is_passed_over_by_small_ones() -> None:
    only_large = msgspec.structs.replace(DAILY.steps[2], at_least={"GBP": 100_00})
    policy = ladder(DAILY.steps[1], only_large, FINAL_STEP)
    taken = {"id-A": FIRST, "id-B": FIRST}
    made = planned(debt("A", 20), debt("B", 20, 99_99), policy=policy, taken=taken)
    assert letters(made) == ["second reminder GBP 199.99: A (B)"]
    assert told_upcoming(made) == ["2027-03-20 final notice: B"]  # due 02-18, 30 days later


def test_a_dispute_about_a_part_counts_in_conditions() -> None:
    """Of 150.00, 60.00 are in dispute: 90.00 are asked for, and the step is not for disputed ones."""
    part = {"id-A": [HoldOrder("disputed", amount=60_00, currency="GBP")]}
    for condition in ({"at_least": {"GBP": 100_00}}, {"not_for": frozenset({"disputed"})}):
        second = msgspec.structs.replace(DAILY.steps[2], **condition)
        policy = ladder(DAILY.steps[1], second, FINAL_STEP)
        made = planned(debt("A", 40, 150_00), policy=policy, taken={"id-A": FIRST}, invoice_holds=part)
        assert letters(made) == ["final notice GBP 90.00 of 150.00: A"]
        made = planned(debt("A", 40, 150_00), policy=policy, taken={"id-A": FIRST})
        assert letters(made) == ["second reminder GBP 150.00: A"]


def test_when_a_dispute_ends_the_step_it_left_out_comes() -> None:
    """The second reminder is not for disputed ones; the dispute stands through 03-14, so what is announced
    for 03-15 is the second reminder, though without it the final notice of 03-20 would be next."""
    second = msgspec.structs.replace(DAILY.steps[2], not_for=frozenset({"disputed"}))
    part = {"id-A": [HoldOrder("disputed", day("03-14"), amount=60_00, currency="GBP")]}
    made = planned(debt("A", 20), policy=ladder(DAILY.steps[1], second, FINAL_STEP),
                   taken={"id-A": FIRST}, invoice_holds=part)  # fmt: skip
    assert told_upcoming(made) == ["2027-03-15 second reminder: A"]


def test_a_segment_has_a_ladder_and_a_gap_of_its_own() -> None:
    policy = msgspec.structs.replace(
        DAILY,
        ladders={"short": (Step("nudge", 2, "n"),)},
        segments=(
            Segment("small", Where(below={"GBP": 50_00}), Override(ladder="short")),
            Segment("late", Where(behaviour=frozenset({"usually-late"})), Override(min_gap_days=2)),
        ),
    )
    made = planned(debt("A", 5), debt("B", 5, 10_00), policy=policy)
    assert only(made).step == "nudge"  # the furthest: day 2 of its ladder, day 1 of the other
    assert [line.step for line in only(made).lines] == ["first reminder", "nudge"]
    contacted = {("c1", "GBP"): day("03-08")}
    assert told_holds(planned(debt("A", 5), policy=policy, contacted=contacted)) == [
        "too-soon until 2027-03-13: A"
    ]
    late = {"c1": frozenset({"usually-late"})}
    assert letters(planned(debt("A", 5), policy=policy, contacted=contacted, behaviour=late)) != []


# Calls, letters and tasks -------------------------------------------------------------------------

WORK = ladder(
    MAIL, Step("phone", 10, "p", "call"), Step("post", 20, "l", "letter"), Step("file", 30, "f", "task")
)
MAILED, PHONED, POSTED = Taken("mail", 1), Taken("phone", 10), Taken("post", 20)


@pytest.mark.parametrize(
    ("taken", "step", "does"),
    [(MAILED, "phone", "call"), (PHONED, "post", "letter"), (POSTED, "file", "task")],
)
def test_work_for_a_person_tells_what_it_is(taken: Taken, step: str, does: str) -> None:
    (task,) = planned(debt("A", 40), policy=WORK, taken={"id-A": taken}).tasks
    assert (task.step, task.does) == (step, does)


def test_work_of_several_kinds_is_one_task_and_the_furthest_step_tells_what() -> None:
    made = planned(debt("A", 40), debt("B", 35), debt("C", 32), policy=WORK,
                   taken={"id-A": PHONED, "id-B": MAILED, "id-C": POSTED})  # fmt: skip
    (task,) = made.tasks
    assert (task.step, task.does, told(task)) == ("file", "task", "file GBP 300.00: A B C")


def test_opted_out_holds_the_steps_of_that_channel_alone() -> None:
    debts = (debt("A", 5), debt("B", 15), debt("C", 25))
    taken = {"id-B": MAILED, "id-C": PHONED}

    def made(*channels: str) -> tuple[list[str], list[str], list[str]]:
        out = {"c1": frozenset(channels)}
        found = planned(*debts, policy=WORK, taken=taken, opted_out=out)
        return letters(found), tasks(found), told_holds(found)

    mail, both = ["mail GBP 300.00: (C) (B) A"], ["post GBP 300.00: C B (A)"]
    assert made() == (mail, both, [])
    assert made("message") == ([], both, ["opted-out: A"])
    assert made("call") == (mail, ["post GBP 300.00: C (B) (A)"], ["opted-out: B"])
    assert made("letter") == (mail, ["phone GBP 300.00: (C) B (A)"], ["opted-out: C"])
    assert made("call", "letter") == (mail, [], ["opted-out: B", "opted-out: C"])


def test_a_task_is_no_channel() -> None:
    out = {"c1": frozenset({"message", "call", "letter"})}
    assert tasks(planned(debt("A", 40), policy=WORK, taken={"id-A": POSTED}, opted_out=out)) != []


def test_a_friendly_step_that_cannot_be_sent_gives_way_to_the_work_after_it() -> None:
    """Nobody can be written to, and after the heads-up comes a call: on its day the hold ends."""
    policy = ladder(DAILY.steps[0], Step("phone", 4, "p", "call"))
    out = {"c1": frozenset({"message"})}
    made = planned(debt("A", -2), policy=policy, opted_out=out)  # due on 03-12
    assert told_holds(made) == ["opted-out until 2027-03-16: A"]
    assert hold_words(made.holds[0]) == (
        "the customer wants no messages; the next step could come on 2027-03-16"
    )


@pytest.mark.parametrize("reason", ["insolvency", "lawyer", "hardship", "complaint"])
def test_a_stop_stops_work_too_though_it_was_shown(reason: str) -> None:
    facts = {"taken": {"id-A": MAILED}, "open_tasks": frozenset({("id-A", "phone")})}
    assert tasks(planned(debt("A", 40), policy=WORK, **facts)) != []
    stop = {"c1": [HoldOrder(reason, owner="anna@acme.example")]}  # type: ignore[arg-type]
    made = planned(debt("A", 40), debt("B", 5), policy=WORK, **facts, customer_holds=stop)
    assert (made.messages, made.tasks, told_holds(made)) == ((), (), [f"{reason}: A B"])
    assert made.holds[0].owner == "anna@acme.example"
    assert "anna@acme.example deals with it" in hold_words(made.holds[0])


def test_a_task_that_was_shown_comes_back_when_its_hold_ends_whatever_the_gap() -> None:
    facts = {
        "taken": {"id-A": MAILED},
        "invoice_holds": {"id-A": [HoldOrder("paused", day("03-11"))]},
        "contacted": {("c1", "GBP"): day("03-09")},
    }
    made = planned(debt("A", 40), policy=WORK, **facts, open_tasks=frozenset({("id-A", "phone")}))
    assert told_holds(made) == ["paused until 2027-03-12: A"]
    assert told_holds(planned(debt("A", 40), policy=WORK, **facts)) == ["paused until 2027-03-14: A"]


# Copies and offers --------------------------------------------------------------------------------


def copied(*cc: str, debtor: Debtor = QUILL, **values: object) -> tuple[str, ...]:
    step = msgspec.structs.replace(DAILY.steps[1], cc=cc)
    policy = ladder(step, contacts={"owner": "anna@acme.example", "director": "desk@acme.example"}, **values)
    return only(planned(debt("A", 5), policy=policy, debtors={"c1": debtor})).cc


def test_copies_of_a_step_come_after_the_customers_own() -> None:
    assert copied("owner", "X@y.example", "nobody") == (
        "cc@quill.example",
        "anna@acme.example",
        "X@y.example",
    )


def test_a_role_is_the_customers_before_it_is_the_companys() -> None:
    own = {"Quill": CustomerTerms(contacts={"director": "boss@quill.example"})}
    assert copied("director") == ("cc@quill.example", "desk@acme.example")
    assert copied("director", customers=own) == ("cc@quill.example", "boss@quill.example")


@pytest.mark.parametrize("profile", ["consumer", "sole-trader"])
def test_a_natural_persons_debt_is_told_to_the_companys_own_people_alone(profile: str) -> None:
    own = {"Quill": CustomerTerms(contacts={"director": "boss@quill.example", "friend": "f@quill.example"})}
    found = copied("owner", "director", "friend", "x@y.example", customers=own, profile=profile)
    assert found == ("cc@quill.example", "anna@acme.example", "desk@acme.example")


def test_nobody_is_named_twice_and_no_blind_copy_is_uncovered() -> None:
    debtor = Debtor("c1", "Quill", ("Anna@ACME.example",), ("cc@quill.example",), bcc=("x@y.example",))
    assert copied(
        "owner", "X@Y.example", "CC@quill.example", "z@z.example", "Z@z.example", debtor=debtor
    ) == (
        "cc@quill.example",
        "z@z.example",
    )


def test_the_furthest_step_brings_its_copies_and_its_offer() -> None:
    second = msgspec.structs.replace(DAILY.steps[2], cc=("boss@acme.example",), offer=Offer(250, 7))
    policy = ladder(DAILY.steps[1], second)
    message = only(planned(debt("A", 20), debt("B", 2), policy=policy, taken={"id-A": FIRST}))
    assert (message.cc, message.offer, message.offer_until) == (
        ("cc@quill.example", "boss@acme.example"), Offer(250, 7), day("03-17"),
    )  # fmt: skip
    assert "offers 2.5% within 7 days, up to 2027-03-17" in message_words(message, policy)
    message = only(planned(debt("B", 2), policy=policy))
    assert (message.cc, message.offer, message.offer_until) == (("cc@quill.example",), None, None)


# What is asked for --------------------------------------------------------------------------------


def part(number: str, late: int, *, disputed: int = 0, not_due: int = 0, round_: int = 1) -> Debt:
    return debt(number, late, disputed=disputed, not_due=not_due, round=round_)


def test_the_total_is_gross_and_what_is_held_back_stands_beside_it() -> None:
    message = only(planned(part("A", 5, disputed=30_00), part("B", 5, not_due=20_00)))
    assert (message.total, message.held_back) == (200_00, 50_00)
    assert told(message) == "first reminder GBP 150.00 of 200.00: A B"
    words = message_words(message, DAILY)
    assert "30.00 GBP is in dispute" in words
    assert "20.00 GBP is not due yet as agreed" in words


@pytest.mark.parametrize(("credit", "sent"), [(69_99, True), (70_00, False)])
def test_credit_is_held_against_what_is_asked_for(credit: int, sent: bool) -> None:
    made = planned(part("A", 5, disputed=30_00), unapplied={("c1", "GBP"): credit})
    assert bool(made.messages) is sent
    assert told_holds(made) == ([] if sent else ["credit-covers: A"])


@pytest.mark.parametrize(("minimum", "sent"), [(70_00, True), (70_01, False)])
def test_and_so_is_the_minimum(minimum: int, sent: bool) -> None:
    policy = msgspec.structs.replace(DAILY, minimum={"GBP": minimum})
    made = planned(part("A", 5, disputed=30_00), policy=policy)
    assert told_holds(made) == ([] if sent else ["below-minimum: A"])


def test_too_little_ends_when_another_invoice_is_overdue() -> None:
    """A alone is below the minimum. B, due on 03-12, has had its heads-up, and its next step is far off;
    from 03-13 on it is listed, and both make the minimum. A pause through 03-14 would put that off."""
    policy = ladder(DAILY.steps[0], MAIL, Step("again", 40, "a"), minimum={"GBP": 30_00})
    debts = (debt("A", 5, 20_00), debt("B", -2, 20_00))
    facts = {"policy": policy, "taken": {"id-B": Taken("mail", 1)}}
    assert told_holds(planned(*debts, **facts)) == ["below-minimum until 2027-03-13: A"]
    paused = {"id-B": [HoldOrder("paused", day("03-14"))]}
    made = planned(*debts, **facts, invoice_holds=paused)
    assert "below-minimum until 2027-03-15: A" in told_holds(made)
    excluded = {"id-B": [HoldOrder("excluded")]}
    assert "below-minimum: A" in told_holds(planned(*debts, **facts, invoice_holds=excluded))
    assert letters(planned(*debts, today=day("03-13"), **facts)) == ["mail GBP 40.00: A (B)"]


# Rounds -------------------------------------------------------------------------------------------


def test_each_round_climbs_the_ladder_anew() -> None:
    taken, rounds = {"id-A": SECOND}, {("id-A", 2): FIRST}
    assert letters(planned(part("A", 20), taken=taken, rounds=rounds)) == []  # final on day 30
    made = planned(part("A", 20, round_=2), taken=taken, rounds=rounds)
    assert letters(made) == ["second reminder GBP 100.00: A"]
    assert only(made).lines[0].round == 2
    made = planned(part("A", 20, round_=3), taken=taken, rounds=rounds)
    assert letters(made) == ["first reminder GBP 100.00: A"]


def test_the_same_step_of_another_round_is_another_message() -> None:
    ids = {only(planned(part("A", 5, round_=n))).id for n in (1, 2, 3)}
    assert len(ids) == 3
    assert only(planned(part("A", 5, round_=1))).id == only(planned(debt("A", 5))).id


def test_a_task_of_another_round_was_not_shown() -> None:
    contacted = {("c1", "GBP"): day("03-09")}
    shown = frozenset({("id-A", "phone#2")})
    facts = {"policy": WORK, "rounds": {("id-A", 2): MAILED}, "contacted": contacted, "open_tasks": shown}
    assert tasks(planned(part("A", 15, round_=2), **facts)) == ["phone GBP 100.00: A"]
    facts = {**facts, "rounds": {("id-A", 3): MAILED}}
    assert told_holds(planned(part("A", 15, round_=3), **facts)) == ["too-soon until 2027-03-14: A"]


# Agreements, as far as a plan shows them ----------------------------------------------------------


def test_what_an_agreement_holds_is_not_listed() -> None:
    book = DayBook(DAILY)
    book.invoice("A1", "100.00", due="03-05")
    book.invoice("A2", "50.00", due="03-05")
    book.settlement("A2", on="03-08", amount="40.00", until="03-20")
    made = book.plan("03-10")
    assert [told(message) for message in made.messages] == ["first reminder GBP 100.00: A1"]
    assert told_holds(made) == ["agreed until 2027-03-21: A2"]


def test_an_instalment_is_asked_for_from_its_own_day_and_a_broken_plan_is_none() -> None:
    """A1 of 90.00, half a year old, in three parts, from Thu 04-01 on; one that is 14 days late breaks it.
    Nothing comes: heads-up 03-29, first reminder 04-02, but the gap ends on 04-03. On 04-15 the plan is
    broken: the invoice goes on where it stood, with its second reminder, and the day before says so."""
    book = DayBook(DAILY)
    book.invoice("A1", "90.00", due="2026-09-01")
    book.taken["A1"] = FIRST
    book.instalments("A1", on="03-10", parts={"04-01": "30.00", "05-01": "30.00", "06-01": "30.00"})
    assert told_upcoming(book.plan("03-10")) == ["2027-03-29 heads-up: A1"]
    assert book.diary("03-10", "04-14") == [
        "Mon 03-29 heads-up GBP 30.00 of 90.00: A1",
        "Sat 04-03 first reminder GBP 30.00 of 90.00: A1",
    ]
    assert told_upcoming(book.plan("04-14")) == ["2027-04-15 second reminder: A1"]
    assert book.diary("04-15", "04-15") == ["Thu 04-15 second reminder GBP 90.00: A1"]
