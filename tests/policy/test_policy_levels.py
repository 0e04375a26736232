"""The house policy and the books' own: what is inherited, what is locked, and what differs."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.errors import FixSettings
from arsync.policy.differences import differences
from arsync.policy.load import LOCKABLE, load_policy
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.rules import Cap, Policy
from arsync.policy.trace import trace, trace_book

HOUSE = """\
name = "house"
min_gap_days = 7
minimum = { GBP = "25.00", EUR = "30.00" }
caps = ["2 in 7 days"]
locked = ["caps", "call_rest_days"]
[contacts]
owner = "anna@hartley.example"
desk = "desk@hartley.example"
[[steps]]
name = "first reminder"
when = "3 days after due"
[[steps]]
name = "final notice"
when = "30 days after due"
[[ladders.gentle.steps]]
name = "first reminder"
when = "14 days after due"
[[segments]]
name = "trade"
where = { group = "trade" }
min_gap_days = 10
[[segments]]
name = "abroad"
where = { country = "SE" }
hours = "10:00-16:00"
[customers."Norrland Joinery"]
min_gap_days = 20
group = "joiners"
[invoices."INV-7"]
ladder = "gentle"
"""
BOOK = """\
min_gap_days = 3
minimum = { GBP = "50.00" }
[contacts]
owner = "otto@acme.example"
[[segments]]
name = "trade"
where = { group = "wholesale" }
ladder = "gentle"
[[segments]]
name = "new"
where = { behaviour = "new" }
[customers."NORRLAND joinery"]
send_on = ["mon"]
"""


def house(text: str = HOUSE) -> Policy:
    return load_policy(text, "house.toml")


def book(text: str = BOOK, of: Policy | None = None) -> Policy:
    return load_policy(text, "acme.toml", of or house())


def test_a_book_inherits_key_by_key() -> None:
    policy = book()

    assert policy.name == "house"
    assert [step.name for step in policy.steps] == ["first reminder", "final notice"]
    assert policy.min_gap_days == 3
    assert policy.minimum == {"GBP": 5000}  # one key, taken as a whole
    assert policy.caps == (Cap(2, 7),)
    assert policy.contacts == {"owner": "otto@acme.example", "desk": "desk@hartley.example"}
    assert list(policy.ladders) == ["gentle"]
    assert [(each.name, each.where.groups) for each in policy.segments] == [
        ("abroad", frozenset()),
        ("trade", frozenset({"wholesale"})),
        ("new", frozenset()),
    ]
    assert list(policy.customers) == ["NORRLAND joinery"]
    assert policy.customers["NORRLAND joinery"].group is None
    assert list(policy.invoices) == ["INV-7"]


def test_an_empty_file_is_the_house_policy() -> None:
    policy = book("")

    assert msgspec.structs.replace(policy, inherited=frozenset()) == house()
    assert policy.inherited == frozenset(house().sources)


def test_steps_are_taken_as_a_whole() -> None:
    policy = book('[[steps]]\nname = "letter"\nwhen = "5 days after due"\ndoes = "letter"')

    assert [step.name for step in policy.steps] == ["letter"]
    assert {key for key in policy.sources if key.startswith("steps")} == {"steps", "steps.letter"}
    assert policy.sources["steps.letter"] == "acme.toml:1"


def test_where_each_value_comes_from() -> None:
    told = {each.key: (each.value, each.level, each.source) for each in trace_book(book())}

    assert told["min_gap_days"] == ("3 days", "book", "acme.toml:1")
    assert told["caps"] == ("2 in 7 days", "practice", "house.toml:4")
    assert told["hours"] == ("any", "built in", "")
    assert told["contacts.owner"] == ("otto@acme.example", "book", "acme.toml:4")
    assert told["contacts.desk"] == ("desk@hartley.example", "practice", "house.toml:8")
    assert told["ladder"] == ("steps", "practice", "house.toml:9")


def test_where_each_value_of_a_customer_comes_from() -> None:
    """Every level decides something."""
    text = """\
profile = "consumer"
send_on = ["mon", "tue", "sat"]
[[segments]]
name = "one"
where = { group = "g" }
min_gap_days = 8
minimum = { GBP = "9.00" }
[[segments]]
name = "two"
where = { currency = "GBP" }
ladder = "gentle"
[customers.7]
minimum = { GBP = "8.00" }
timezone = "Europe/London"
[invoices.INV-1]
ladder = "steps"
"""
    policy = book(text)
    debtor = Debtor("7", "Jo", groups=("G",))
    debt = Debt("i9", "INV-9", "7", "GBP", None, 100)
    facts = Facts(debts=(), debtors={})

    told = {each.key: (each.value, each.level, each.source) for each in trace(policy, facts, debtor, debt)}

    assert told["profile"] == ("consumer", "book", "acme.toml:1")
    assert told["min_gap_days"] == ("8 days", "segment one", "acme.toml:6")
    assert told["minimum"] == ("8.00 GBP", "customer", "acme.toml:13")
    assert told["timezone"] == ("Europe/London", "customer", "acme.toml:14")
    assert told["send_on"] == ("mon tue", "profile consumer", "")
    assert told["hours"] == ("09:00-17:00", "profile consumer", "")
    assert told["caps"] == ("2 in 7 days, 8 in 30 days", "profile consumer", "")
    assert told["call_rest_days"] == ("7 days", "profile consumer", "")
    assert told["payments_expected_every"] == ("the book's own rhythm", "built in", "")
    assert told["ladder"] == ("gentle", "segment two", "acme.toml:11")
    own = trace(policy, facts, debtor, msgspec.structs.replace(debt, number="inv-1"))
    assert [(each.value, each.level, each.source) for each in own if each.key == "ladder"] == [
        ("steps", "invoice", "acme.toml:16")
    ]
    of_all = trace(policy, facts, debtor)
    assert [each.value for each in of_all if each.key == "ladder"] == ["steps"]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ('caps = ["9 in 9 days"]', 1, "caps"),
        ("caps = []", 1, "caps"),  # none is looser than some
        ("call_rest_days = 9", 1, "call_rest_days"),  # locked as built in
        ('[[segments]]\nname = "x"\nwhere = { group = "x" }\ncaps = []', 4, "segments[1].caps"),
        ("[customers.7]\ncaps = []", 2, "customers.7.caps"),
    ],
)
def test_a_locked_key_is_the_house_s_alone(text: str, line: int, key: str) -> None:
    with pytest.raises(FixSettings) as caught:
        book(text)

    assert (caught.value.where, caught.value.key) == (f"acme.toml:{line}", key)
    assert "locked by the house policy (house.toml:5)" in caught.value.problem


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[[steps]]\nname = "a"\nwhen = "on the due date"', "steps"),
        ('[[ladders.own.steps]]\nname = "a"\nwhen = "on the due date"', "ladders"),
        ('[[segments]]\nname = "x"\nwhere = { group = "x" }\nladder = "gentle"', "segments[1].ladder"),
        ('[customers.7]\nladder = "gentle"', "customers.7.ladder"),
        ('[invoices.7]\nladder = "steps"', "invoices.7.ladder"),
    ],
)
def test_locked_steps_are_every_choice_of_a_ladder(text: str, key: str) -> None:
    locking = house(HOUSE.replace('"call_rest_days"]', '"steps"]'))
    with pytest.raises(FixSettings, match=r'locked by the house policy .*unlock "steps" there') as caught:
        book(text, locking)
    assert caught.value.key == key
    book(text)  # without the lock nothing is wrong with it


@pytest.mark.parametrize("key", LOCKABLE)
def test_every_key_can_be_locked(key: str) -> None:
    keys = {
        "min_gap_days": "1", "send_on": '["mon"]', "minimum": "{}", "payments_expected_every": "0",
        "hours": '"08:00-18:00"', "holidays": "[]", "customer_holidays": "false", "closed": "[]",
        "caps": "[]", "call_rest_days": "1", "profile": '"company"', "debt": '"rent"', "contacts": "{}",
        "steps": '[{ name = "a", when = "on the due date" }]', "segments": "[]", "customers": "{}",
        "invoices": "{}",
    }  # fmt: skip
    text = f"{key} = {keys[key]}"
    book(text, house(re.sub("(?m)^locked.*$", "", HOUSE)))
    with pytest.raises(FixSettings, match="locked by the house policy"):
        book(text, house(re.sub("(?m)^locked.*$", f'locked = ["{key}"]', HOUSE)))


def test_the_house_itself_sets_what_it_locks() -> None:
    text = HOUSE.replace("min_gap_days = 10", "caps = []")

    assert house(text).segments[0].values.caps == ()


@pytest.mark.parametrize(
    ("text", "of", "where", "says"),
    [
        ('locked = ["caps"]', HOUSE, "acme.toml:1", "only the house policy"),
        ('[customers.7]\nladder = "gentel"', HOUSE, "acme.toml:2", "did you mean 'gentle'"),
        ('hours = "18:00-20:00"\nprofile = "consumer"', HOUSE, "acme.toml:1", "outside 09:00-17:00"),
        ('profile = "consumer"', f'hours = "18:00-20:00"\n{HOUSE}', "house.toml:1", "outside 09:00-17:00"),
        ("", HOUSE.replace('"caps", ', '"cpas", '), "house.toml:5", "cannot be locked; did you mean 'caps'"),
        ("", HOUSE.replace('"caps", ', '"name", '), "house.toml:5", "cannot be locked"),
        ("", HOUSE.replace('name = "house"\n', ""), "house.toml", "is missing"),
        ('steps = [{ name = "a", when = "on the due date", not_for = "x" }]', HOUSE, "acme.toml:1", "no seg"),
    ],
)  # fmt: skip
def test_mistakes_of_two_files(text: str, of: str, where: str, says: str) -> None:
    with pytest.raises(FixSettings, match=says) as caught:
        book(text, house(of))
    assert caught.value.where == where


def test_what_differs_from_the_house() -> None:
    found = {each.key: each for each in differences(house(), book())}

    def told(key: str) -> tuple[str | None, str | None, str]:
        each = found.pop(key)
        return each.house, each.book, each.source

    assert told("min_gap_days") == ("7 days", "3 days", "acme.toml:1")
    assert told("minimum") == ("30.00 EUR, 25.00 GBP", "50.00 GBP", "acme.toml:2")
    assert told("contacts.owner") == ("anna@hartley.example", "otto@acme.example", "acme.toml:4")
    assert told("segments.trade.where") == ("group trade", "group wholesale", "acme.toml:5")
    assert told("segments.trade.ladder") == (None, "gentle", "acme.toml:8")
    assert told("segments.trade.min_gap_days") == ("10 days", None, "house.toml:21")
    assert told("segments.new.where") == (None, "behaviour new", "acme.toml:9")
    assert told("customers.NORRLAND joinery.send_on") == (None, "mon", "acme.toml:13")
    assert told("customers.Norrland Joinery.min_gap_days") == ("20 days", None, "house.toml:27")
    assert told("customers.Norrland Joinery.group") == ("joiners", None, "house.toml:28")
    assert found == {}


def test_steps_that_differ() -> None:
    text = """\
[[steps]]
name = "first reminder"
when = "4 days after due"
[[steps]]
name = "ring up"
when = "9 days after due"
does = "call"
at_least = { GBP = "500.00" }
"""
    assert [(each.key, each.house, each.book) for each in differences(house(), book(text))] == [
        (
            "steps.first reminder",
            "3 days after due: message first-reminder",
            "4 days after due: message first-reminder",
        ),
        ("steps.ring up", None, "9 days after due: call, from 500.00 GBP on"),
        ("steps.final notice", "30 days after due: message final-notice", None),
    ]


LINES = st.lists(
    st.sampled_from([
        "min_gap_days = 3", 'hours = "10:00-12:00"', 'debt = "rent"', "customer_holidays = true",
        'holidays = ["GB"]', 'closed = ["2026-12-24"]', "payments_expected_every = 9",
        'steps = [{ name = "a", when = "on the due date", offer = "2% within 7 days" }]',
    ]),
    unique_by=lambda line: line.split()[0],
)  # fmt: skip


@given(LINES)
def test_only_what_a_book_says_itself_differs(lines: list[str]) -> None:
    policy = book("\n".join(lines))

    keys = {each.key.partition(".")[0] for each in differences(house(), policy)}

    assert keys == {line.split()[0] for line in lines}
    assert {each.source.partition(":")[0] for each in differences(house(), policy)} <= {
        "acme.toml",
        "house.toml",
    }
    assert differences(policy, policy) == []
