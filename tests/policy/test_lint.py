"""Mistakes of a policy that its file alone shows: each rule with a case it finds and one it leaves alone."""

from __future__ import annotations

import msgspec
import pytest

from arsync.policy.lint import Finding, lint
from arsync.policy.load import load_policy
from arsync.policy.rules import Cap, CustomerTerms, Override, Policy, Segment, Step, Where
from arsync.practice import standard_policy

FIRST = Step("first reminder", 1, "first-reminder")
SECOND = Step("second reminder", 10, "second-reminder")
OVER = Step("hand over", 60, "", "task")
SOUND = Policy("p", (FIRST, SECOND, OVER), min_gap_days=5)


def rules(policy: Policy, *, fails: bool = True) -> list[str]:
    return [finding.rule for finding in lint(policy) if finding.fails == fails]


def found(policy: Policy, rule: str) -> Finding:
    [finding] = [finding for finding in lint(policy) if finding.rule == rule]
    return finding


def test_a_sound_policy_has_no_finding() -> None:
    assert lint(SOUND) == []


def test_the_policy_that_ships_has_no_mistake() -> None:
    """Its heads-up comes 3 days before and its first reminder 1 day after due, 4 days apart with a gap of
    5: whom the heads-up reached hears of the first reminder a day late, which is worth a remark alone."""
    policy = load_policy(standard_policy(), "standard.toml")
    assert rules(policy) == []
    assert rules(policy, fails=False) == ["within-the-gap"]


@pytest.mark.parametrize(("gap", "expected"), [(9, []), (10, ["within-the-gap"])])
def test_two_messages_closer_than_the_gap(gap: int, expected: list[str]) -> None:
    """Days 1 and 10 lie 9 apart."""
    assert rules(msgspec.structs.replace(SOUND, min_gap_days=gap)) == expected


def test_the_gap_counts_between_messages_alone() -> None:
    call = Step("call", 4, "", "call")
    assert rules(msgspec.structs.replace(SOUND, steps=(FIRST, call, SECOND, OVER))) == []


def test_a_gap_of_a_segment_is_held_against_the_ladder_too() -> None:
    slow = Segment("slow", Where(groups=frozenset({"vip"})), Override(min_gap_days=20))
    finding = found(msgspec.structs.replace(SOUND, segments=(slow,)), "within-the-gap")
    assert "for segment 'slow'" in finding.problem


def test_a_mistake_is_told_once_however_many_climb_the_ladder() -> None:
    """A segment and a customer that choose a ladder with a mistake have no mistake of their own."""
    wrong = (FIRST, Step("again", 3, "again"), OVER)
    segment = Segment("s", Where(groups=frozenset({"vip"})), Override(ladder="quick"))
    terms = CustomerTerms(values=Override(ladder="quick"))
    policy = msgspec.structs.replace(
        SOUND, ladders={"quick": wrong}, segments=(segment,), customers={"Quill": terms}
    )
    assert rules(policy) == ["within-the-gap"]


def test_a_step_before_the_due_date_that_the_one_before_it_pushes_past_it() -> None:
    """Ten days and one day before due with a gap of 5 is fine. Three days and one day before due: the
    second could leave 5 days after the first, 2 days after due, when it is passed over."""
    early, late = Step("early", -10, "e"), Step("late", -1, "l")
    assert "unreachable" not in rules(msgspec.structs.replace(SOUND, steps=(early, late, SECOND, OVER)))
    near = msgspec.structs.replace(SOUND, steps=(Step("early", -3, "e"), late, SECOND, OVER))
    assert "2 days after due" in found(near, "unreachable").problem


def test_dwell_puts_a_step_out_of_reach_too() -> None:
    steps = (Step("early", -10, "e"), Step("late", -1, "l", dwell_days=12), SECOND, OVER)
    assert rules(msgspec.structs.replace(SOUND, steps=steps)) == ["unreachable"]


def test_a_step_only_for_and_not_for_the_same_segment() -> None:
    both = msgspec.structs.replace(SECOND, only_for=frozenset({"vip"}), not_for=frozenset({"vip"}))
    assert "unreachable" in rules(msgspec.structs.replace(SOUND, steps=(FIRST, both, OVER)))


@pytest.mark.parametrize(("below", "expected"), [(100_00, ["unreachable"]), (100_01, [])])
def test_a_segment_that_no_invoice_fits(below: int, expected: list[str]) -> None:
    where = Where(at_least={"GBP": 100_00}, below={"GBP": below})
    assert rules(msgspec.structs.replace(SOUND, segments=(Segment("x", where, Override()),))) == expected


def test_a_ladder_that_nobody_climbs() -> None:
    policy = msgspec.structs.replace(SOUND, ladders={"gentle": (FIRST, OVER)})
    assert "gentle" in found(policy, "unreachable").problem
    used = msgspec.structs.replace(policy, invoices={"INV-7": Override(ladder="gentle")})
    assert rules(used) == []


def test_a_soft_step_after_a_firm_one() -> None:
    soft = msgspec.structs.replace(SECOND, firm=False)
    firm = msgspec.structs.replace(FIRST, firm=True)
    assert rules(msgspec.structs.replace(SOUND, steps=(firm, soft, OVER))) == ["softer-after-firmer"]
    assert rules(msgspec.structs.replace(SOUND, steps=(firm, SECOND, OVER))) == []


def test_letters_that_ship_in_the_wrong_order() -> None:
    steps = (Step("a", 1, "final-notice"), Step("b", 10, "first-reminder"), OVER)
    assert rules(msgspec.structs.replace(SOUND, steps=steps)) == ["softer-after-firmer"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (Override(profile="company", min_gap_days=2), ["below-profile"]),
        (Override(profile="company", min_gap_days=3), []),
        (Override(profile="consumer", min_gap_days=1), []),
        (Override(profile="consumer", hours=(8 * 60, 17 * 60)), ["below-profile"]),
        (Override(profile="consumer", hours=(10 * 60, 16 * 60)), []),
        (Override(profile="consumer", caps=(Cap(3, 7),)), ["below-profile"]),
        (Override(profile="consumer", caps=(Cap(1, 7),)), []),
        (Override(profile="company", caps=(Cap(3, 7),)), []),
    ],
)
def test_values_that_a_profile_overrules(values: Override, expected: list[str]) -> None:
    policy = msgspec.structs.replace(SOUND, customers={"Ada Quill": CustomerTerms(values=values)})
    assert rules(policy) == expected


def test_a_copy_to_a_role_that_nobody_fills() -> None:
    copied = msgspec.structs.replace(SECOND, cc=("director", "x@y.example"))
    policy = msgspec.structs.replace(SOUND, steps=(FIRST, copied, OVER))
    assert "'director'" in found(policy, "missing-fallback").problem
    some = CustomerTerms(contacts={"director": "boss@norrland.example"})
    partly = msgspec.structs.replace(policy, customers={"Norrland": some})
    assert (rules(partly), rules(partly, fails=False)) == ([], ["missing-fallback"])
    everybody = msgspec.structs.replace(policy, contacts={"director": "anna@acme.example"})
    assert lint(everybody) == []


def test_a_ladder_that_ends_with_a_message_is_remarked() -> None:
    policy = msgspec.structs.replace(SOUND, steps=(FIRST, SECOND))
    assert (rules(policy), rules(policy, fails=False)) == ([], ["ladder-end"])
