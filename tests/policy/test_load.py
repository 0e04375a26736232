"""Policy files, and the words for the day of a step."""

import re

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from arsync.errors import FixSettings
from arsync.policy.load import load_policy
from arsync.policy.rules import Policy, Step
from arsync.policy.when import MOST_DAYS, parse_when, when_words

WHOLE = """\
name = "house"
min_gap_days = 7
send_on = ["sun", "mon"]
minimum = { GBP = "25.00", JPY = "3000" }
payments_expected_every = 14

[[steps]]
name = "heads-up"
when = "3 days before due"

[[steps]]
name = "on the day"
when = "on the due date"

[[steps]]
name = "first reminder"
when = "1 day after due"
template = "polite.one"

[[steps]]
name = "call them!"
when = "30 days after due"
does = "task"
firm = false
"""


def test_everything_that_is_said() -> None:
    policy = load_policy(WHOLE, "house.toml")

    assert msgspec.structs.replace(policy, sources={}) == Policy(
        name="house",
        min_gap_days=7,
        send_on=frozenset({6, 0}),
        minimum={"GBP": 2500, "JPY": 3000},
        payments_expected_every=14,
        steps=(
            Step("heads-up", -3, "heads-up"),
            Step("on the day", 0, "on-the-day"),
            Step("first reminder", 1, "polite.one"),
            Step("call them!", 30, "", "task", firm=False),
        ),
    )


def test_what_is_left_out() -> None:
    policy = load_policy('name = "x"\nsteps = [{ name = "A B", when = "2 days after due" }]', "x.toml")

    assert msgspec.structs.replace(policy, sources={}) == Policy("x", (Step("A B", 2, "A-B"),))
    assert policy.min_gap_days == 5
    assert policy.send_on == frozenset(range(7))
    assert policy.minimum == {}
    assert policy.payments_expected_every is None  # which is not 0
    assert policy.steps[0].firm is None


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ('name = "house"\n', "", None, "name", "is missing"),
        ("min_gap_days", "min_gap_day", 2, "min_gap_day", r"did you mean 'min_gap_days'\?"),
        ("= 7", "= -1", 2, "min_gap_days", "from 0 to 3650"),
        ("= 7", "= true", 2, "min_gap_days", "must be a whole number from 0 to 3650, not true or false"),
        ("= 7", '= "7"', 2, "min_gap_days", "must be a whole number from 0 to 3650, not a text"),
        ("= 7", "= 7.0", 2, "min_gap_days", "not a number with decimals"),
        ('["sun", "mon"]', "[]", 3, "send_on", "at least one day"),
        (
            '"sun"',
            '"sunday"',
            3,
            "send_on",
            r"did you mean 'sun'\? allowed: mon, tue, wed, thu, fri, sat, sun",
        ),
        ('["sun", "mon"]', '"sun"', 3, "send_on", "a list of texts such as"),
        ('"25.00"', "25.00", 4, "minimum.GBP", 'an amount in quotes such as GBP = "25.00"'),
        ('"25.00"', '"25.001"', 4, "minimum.GBP", "more than 2 decimals"),
        ('"25.00"', '"1e3"', 4, "minimum.GBP", "is not an amount"),
        ('"25.00"', '"-1.00"', 4, "minimum.GBP", "not negative"),
        ("GBP =", "gbp =", 4, "minimum.gbp", "ISO 4217"),
        ("= 14", "= -1", 5, "payments_expected_every", "from 0 to 3650"),
        ("= 14", "= 3651", 5, "payments_expected_every", "from 0 to 3650"),
        (
            "= 14",
            '= "weekly"',
            5,
            "payments_expected_every",
            "must be a whole number from 0 to 3650, not a text",
        ),
        ("= 14", "= false", 5, "payments_expected_every", "not true or false"),
        (
            "payments_expected_every",
            "payments_expected",
            5,
            "payments_expected",
            "did you mean 'payments_exp",
        ),
        ('"heads-up"', '"heads\\nup"', 8, "steps[1].name", "one line"),
        ('"heads-up"', '""', 8, "steps[1].name", "must not be empty"),
        ('"heads-up"', f'"{"x" * 61}"', 8, "steps[1].name", "at most 60"),
        ('name = "heads-up"\n', "", 7, "steps[1].name", "is missing"),
        ('"heads-up"', '"First Reminder"', 16, "steps[3].name", "names are unique"),
        ('when = "3 days before due"\n', "", 7, "steps[1].when", "is missing"),
        ("3 days before due", "3 days befor due", 9, "steps[1].when", 'did you mean "3 days before due"'),
        ("3 days before due", "0 days before due", 9, "steps[1].when", 'written "on the due date"'),
        ('"3 days before due"', "-3", 9, "steps[1].when", "must be a text in quotes"),
        ("on the due date", "1 day after due", 17, "steps[3].when", "comes on the same day"),
        ("on the due date", "9 days before due", 13, "steps[2].when", "in order of days"),
        ("polite.one", "../polite", 18, "steps[3].template", "no folder"),
        ("polite.one", ".polite", 18, "steps[3].template", "letters, digits"),
        ('"on the day"', '"on the day!"', 11, "steps[2].template", "needs one of its own"),
        ('"task"', '"fax"', 23, "steps[4].does", 'allowed: "message", "call", "letter", "task"'),
        ('"task"', '"taks"', 23, "steps[4].does", r"did you mean 'task'\?"),
        ("does =", "do =", 23, "steps[4].do", "allowed here: name, when, does, template, firm"),
        ("firm = false", 'firm = "no"', 24, "steps[4].firm", "must be true or false, not a text"),
        ("firm = false", "firm = 1", 24, "steps[4].firm", "must be true or false, not a whole number"),
        ("firm = false", "fim = false", 24, "steps[4].fim", r"did you mean 'firm'\?"),
    ],
)
def test_each_mistake_is_told_with_its_place(
    old: str, new: str, line: int | None, key: str, says: str
) -> None:
    assert old in WHOLE

    with pytest.raises(FixSettings) as caught:
        load_policy(WHOLE.replace(old, new, 1), "house.toml")

    assert caught.value.where == ("house.toml" if line is None else f"house.toml:{line}")
    assert caught.value.key == key
    assert re.search(says, caught.value.problem)


def test_payments_may_never_be_expected() -> None:
    text = 'name = "x"\npayments_expected_every = 0\nsteps = [{ name = "a", when = "2 days after due" }]'
    assert load_policy(text, "x.toml").payments_expected_every == 0


@pytest.mark.parametrize("steps", ["", "steps = []", "steps = 3", "steps = ['x']", "[steps]\nname = 'x'"])
def test_a_policy_has_steps(steps: str) -> None:
    with pytest.raises(FixSettings, match=r"\[\[steps\]\]"):
        load_policy(f'name = "x"\n{steps}\n', "x.toml")


@given(st.integers(-MOST_DAYS, MOST_DAYS))
def test_the_words_of_a_day_are_read_back(offset: int) -> None:
    assert parse_when(when_words(offset)) == offset


@given(st.integers(1, MOST_DAYS), st.sampled_from(["day", "days"]), st.sampled_from(["before", "after"]))
def test_day_and_days_are_both_understood(days: int, word: str, turn: str) -> None:
    assert parse_when(f"{days} {word} {turn} due") == (days if turn == "after" else -days)


@example("0000001 days after due")
@given(st.text() | st.from_regex(r"[-+]?[0-9]{1,8} ?(days?|weeks?)? ?(before|after|befor|aftr)? ?(due|du)?"))
def test_other_words_are_refused_with_what_is_allowed(text: str) -> None:
    if re.fullmatch(r"on the due date|0*[1-9][0-9]{0,2} days? (before|after) due", text):
        assert abs(parse_when(text)) <= 999
    elif not re.fullmatch(r"[0-9]+ days? (before|after) due", text):
        with pytest.raises(ValueError, match="on the due date"):
            parse_when(text)


@pytest.mark.parametrize("days", [MOST_DAYS + 1, 10**9])
def test_no_step_is_decades_away(days: int) -> None:
    with pytest.raises(ValueError, match="more than 3650 days"):
        parse_when(f"{days} days after due")


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("3 days befor due", "3 days before due"),
        ("-3 days", "3 days before due"),
        ("2 weeks after due", "14 days after due"),
        ("ten days past due", "10 days after due"),
        ("1 day overdue", "1 day after due"),
        ("10 Days After Due", "10 days after due"),
        ("on due date", "on the due date"),
        ("due", "on the due date"),
        ("3 days", None),
        ("+3", None),
        ("5 to 7 days after due", None),
        ("９９ days after due", None),
        ("next tuesday", None),
    ],
)
def test_the_nearest_reading_is_offered_where_there_is_one(text: str, reading: str | None) -> None:
    with pytest.raises(ValueError) as caught:
        parse_when(text)

    offered = re.search(r'did you mean "([^"]+)"', str(caught.value))
    assert (offered[1] if offered else None) == reading


def test_a_misspelt_currency_is_not_a_minimum_that_never_applies() -> None:
    text = 'name = "p"\nminimum = { UDS = "25.00" }\n[[steps]]\nname = "a"\nwhen = "on the due date"\n'
    with pytest.raises(FixSettings, match=r"p\.toml:2: .*UDS.*did you mean 'USD'"):
        load_policy(text, "p.toml")
