"""The keys of a policy file beyond steps and gaps: hours, holidays, caps, segments, customers, ladders."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.errors import FixSettings
from arsync.policy.load import load_policy
from arsync.policy.rules import Cap, CustomerTerms, Offer, Override, Segment, Step, Where
from arsync.policy.value_words import (
    MOST_CAP_DAYS,
    MOST_CONTACTS,
    MOST_OFFER_DAYS,
    cap_words,
    closed_words,
    hours_words,
    offer_words,
    parse_cap,
    parse_closed,
    parse_hours,
    parse_offer,
)

WHOLE = """\
name = "acme"
hours = "09:00-17:30"
holidays = ["GB-SCT", "IE"]
customer_holidays = true
closed = ["2026-12-24 to 2027-01-03", "2026-08-03"]
caps = ["8 in 30 days", "2 in 7 days"]
call_rest_days = 3
debt = "trade"
profile = "company"

[contacts]
owner = "anna@acme.example"

[[steps]]
name = "first reminder"
when = "1 day after due"
cc = ["director", "x@y.example"]
offer = "2.5% within 7 days"

[[steps]]
name = "ring up"
when = "14 days after due"
does = "call"
dwell_days = 5
at_least = { GBP = "500.00" }
only_for = "large"
not_for = ["disputed", "rent"]

[[ladders.gentle.steps]]
name = "first reminder"
when = "10 days after due"

[[segments]]
name = "large"
where = { currency = "GBP", at_least = { GBP = "5000.00" }, below = { GBP = "9000.00" } }
ladder = "gentle"

[[segments]]
name = "rent"
min_gap_days = 9
hours = "10:00-16:00"
[segments.where]
debt = ["rent", "lease"]
group = "tenants"
country = ["GB", "IE"]
profile = ["consumer"]
behaviour = ["new", "usually-late"]

[customers."Norrland Joinery"]
to = "ap@norrland.example"
contacts = { director = "nils@norrland.example" }
group = "trade"
country = "SE"
subdivision = "AB"
timezone = "Europe/Stockholm"
debt = "rent"
ladder = "steps"
minimum = { SEK = "100.00" }
send_on = ["tue"]

[customers.17]
caps = []

[invoices."INV-7"]
ladder = "gentle"
"""


def test_everything_that_is_said() -> None:
    policy = load_policy(WHOLE, "acme.toml")

    assert policy.hours == (9 * 60, 17 * 60 + 30)
    assert policy.holidays == ("GB-SCT", "IE")
    assert policy.customer_holidays
    assert policy.closed == (
        (date(2026, 8, 3), date(2026, 8, 3)),
        (date(2026, 12, 24), date(2027, 1, 3)),
    )
    assert policy.caps == (Cap(2, 7), Cap(8, 30))
    assert (policy.call_rest_days, policy.debt, policy.profile) == (3, "trade", "company")
    assert policy.contacts == {"owner": "anna@acme.example"}
    assert policy.steps == (
        Step("first reminder", 1, "first-reminder", cc=("director", "x@y.example"), offer=Offer(250, 7)),
        Step(
            "ring up",
            14,
            "ring-up",
            "call",
            dwell_days=5,
            at_least={"GBP": 50000},
            only_for=frozenset({"large"}),
            not_for=frozenset({"disputed", "rent"}),
        ),
    )
    assert policy.ladders == {"gentle": (Step("first reminder", 10, "first-reminder"),)}
    assert [step.offset for step in policy.every_step] == [1, 14, 10]
    assert policy.segments == (
        Segment(
            "large",
            Where(frozenset({"GBP"}), {"GBP": 500000}, {"GBP": 900000}),
            Override(ladder="gentle", sources={"ladder": "acme.toml:36"}),
        ),
        Segment(
            "rent",
            Where(
                groups=frozenset({"tenants"}),
                countries=frozenset({"GB", "IE"}),
                debts=frozenset({"rent", "lease"}),
                profiles=frozenset({"consumer"}),
                behaviour=frozenset({"new", "usually-late"}),
            ),
            Override(
                min_gap_days=9,
                hours=(600, 960),
                sources={"min_gap_days": "acme.toml:40", "hours": "acme.toml:41"},
            ),
        ),
    )
    norrland = policy.customers["Norrland Joinery"]
    assert norrland == CustomerTerms(
        values=Override(
            ladder="steps", minimum={"SEK": 10000}, send_on=frozenset({1}), sources=norrland.values.sources
        ),
        to=("ap@norrland.example",),
        contacts={"director": "nils@norrland.example"},
        group="trade",
        country="SE",
        subdivision="AB",
        timezone="Europe/Stockholm",
        debt="rent",
    )
    assert policy.customers["17"].values.caps == ()  # which is not "no cap of its own"
    assert policy.invoices["INV-7"].ladder == "gentle"


def test_every_value_knows_its_line() -> None:
    policy = load_policy(WHOLE, "acme.toml")

    assert {key: int(where.removeprefix("acme.toml:")) for key, where in policy.sources.items()} == {
        "hours": 2,
        "holidays": 3,
        "customer_holidays": 4,
        "closed": 5,
        "caps": 6,
        "call_rest_days": 7,
        "debt": 8,
        "profile": 9,
        "contacts.owner": 12,
        "steps": 14,
        "steps.first reminder": 14,
        "steps.ring up": 20,
        "ladders.gentle": 29,
        "ladders.gentle.first reminder": 29,
        "segments.large": 33,
        "segments.rent": 38,
        "customers.Norrland Joinery": 49,
        "customers.17": 61,
        "invoices.INV-7": 64,
    }
    assert policy.customers["Norrland Joinery"].values.sources["minimum"] == "acme.toml:58"
    assert policy.customers["Norrland Joinery"].values.sources["contacts.director"] == "acme.toml:51"
    assert policy.invoices["INV-7"].sources == {"ladder": "acme.toml:65"}


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ('"09:00-17:30"', '"9-17:30"', 2, "hours", 'did you mean "09:00-17:30"'),
        ('"09:00-17:30"', '"9am to 5pm"', 2, "hours", 'did you mean "09:00-17:00"'),
        ('"09:00-17:30"', '"17:30-09:00"', 2, "hours", "ends before it begins"),
        ('"09:00-17:30"', '"09:00-25:00"', 2, "hours", "no time of day"),
        ('"09:00-17:30"', "9", 2, "hours", "must be a text in quotes"),
        ('"09:00-17:30"', '"18:00-20:00"', 2, "hours", "outside 09:00-17:00.*company.*nothing would ever"),
        ('"10:00-16:00"', '"04:00-08:00"', 41, "hours", "outside 09:00-17:00"),
        ('["tue"]', '["sat", "sun"]', 59, "send_on", "outside mon tue wed thu fri"),
        ('"GB-SCT"', '"GB-SCO"', 3, "holidays", r"did you mean 'SCT'\? allowed: ENG, NIR, SCT, WLS"),
        ('"GB-SCT"', '"UK"', 3, "holidays", "'UK' is not a country; did you mean 'GB'"),
        ('"GB-SCT"', '"Ireland"', 3, "holidays", "did you mean 'IE'"),
        ('"GB-SCT"', '"IE"', 3, "holidays", "'IE' stands there twice"),
        ('"GB-SCT"', '"EU"', 3, "holidays", "'EU' is not a country"),
        ('["GB-SCT", "IE"]', '"IE"', 3, "holidays", "a list of texts such as"),
        ("holidays = true", "holidays = 1", 4, "customer_holidays", "must be true or false"),
        ("to 2027-01-03", "to 2026-01-03", 5, "closed", "ends before it begins"),
        ("2026-08-03", "2026-02-30", 5, "closed", "no calendar has"),
        ("2026-08-03", "3 August", 5, "closed", "2026-12-24 to 2027-01-03"),
        ("2 in 7 days", "2 a week", 6, "caps", 'did you mean "2 in 7 days"'),
        ("2 in 7 days", "0 in 7 days", 6, "caps", "1 to 99"),
        ("2 in 7 days", "2 in 400 days", 6, "caps", "1 to 365"),
        ("2 in 7 days", "9 in 30 days", 6, "caps", "two caps for 30 days"),
        ("call_rest_days = 3", "call_rest_days = -3", 7, "call_rest_days", "from 0 to 365"),
        ("call_rest_days", "call_rest", 7, "call_rest", "did you mean 'call_rest_days'"),
        ('"company"', '"firm"', 9, "profile", 'allowed: "company", "sole-trader", "consumer"'),
        ("anna@acme.example", "anna at acme", 12, "contacts.owner", "is not an address"),
        ("owner =", '"a@b" =', 12, "contacts.a@b", "role comes first"),
        ('"x@y.example"', '"x@@y.example"', 17, "steps[1].cc", "is not an address"),
        ('"x@y.example"', '"Director"', 17, "steps[1].cc", "the same twice"),
        ("2.5% within 7 days", "2.5 %", 18, "steps[1].offer", "2% within 7 days"),
        ("2.5% within 7 days", "0% within 7 days", 18, "steps[1].offer", "offers nothing"),
        ('does = "call"', 'does = "call"\ncc = "owner"', 24, "steps[2].cc", 'only a message.*"call"'),
        ("dwell_days = 5", 'dwell_days = "5"', 24, "steps[2].dwell_days", "whole number"),
        ('"500.00"', '"0.00"', 25, "steps[2].at_least.GBP", "above zero"),
        ('"large"', '"lareg"', 26, "steps[2].only_for", r'did you mean .large.\? allowed: "large", "rent"'),
        ('"disputed"', '"dispute"', 27, "steps[2].not_for", "did you mean 'disputed'"),
        ("only_for", "only", 26, "steps[2].only", "did you mean 'only_for'"),
        ("[[ladders.gentle.steps]]", "[[ladders.steps.steps]]", 29, "ladders.steps", "another name"),
        ("10 days after due", "10 days", 31, "ladders.gentle.steps[1].when", "N days after due"),
        ("[[ladders.gentle.steps]]", "[[ladders.gentle.step]]", 29, "ladders.gentle.step", "'steps'"),
        ('name = "large"', 'name = "disputed"', 34, "segments[1].name", "invoices in dispute"),
        ('name = "large"', 'name = "RENT"', 39, "segments[2].name", "names are unique"),
        ('ladder = "gentle"', 'ladder = "gentel"', 36, "segments[1].ladder", "mean 'gentle'.*\"steps\""),
        ('ladder = "gentle"', "min_gap_days = 3", 36, "segments[1].min_gap_days", "looks at invoices"),
        ('currency = "GBP"', 'currency = "GBR"', 35, "segments[1].where.currency", "did you mean 'GBP'"),
        ("below =", "under =", 35, "segments[1].where.under", "allowed here: currency, at_least, below"),
        ('below = { GBP = "9000.00" }', "below = {}", 35, "segments[1].where.below", "no currency"),
        ('["rent", "lease"]', "[]", 43, "segments[2].where.debt", "must not be empty"),
        ('"tenants"', "5", 44, "segments[2].where.group", "a list of texts such as"),
        ('["GB", "IE"]', '["GB", "gb"]', 45, "segments[2].where.country", "the same twice"),
        ('["GB", "IE"]', '"EU"', 45, "segments[2].where.country", "'EU' is not a country"),
        ('["consumer"]', '["custumer"]', 46, "segments[2].where.profile", "did you mean 'consumer'"),
        ('["new", ', '["nwe", ', 47, "segments[2].where.behaviour", "did you mean 'new'"),
        ("ap@norrland.example", "ap", 50, "customers.Norrland Joinery.to", "is not an address"),
        ("nils@", "nils", 51, "customers.Norrland Joinery.contacts.director", "is not an address"),
        ('"SE"', '"Sweden"', 53, "customers.Norrland Joinery.country", "did you mean 'SE'"),
        ('"SE"', '"GB"', 54, "customers.Norrland Joinery.subdivision", "not a part of GB"),
        ('"AB"', '"Stockholm"', 54, "customers.Norrland Joinery.subdivision", "ISO 3166-2"),
        ("Europe/Stockholm", "Europe/Stokholm", 55, "customers.Norrland Joinery.timezone", "mean .Europe"),
        ("[customers.17]", '[customers."norrland JOINERY"]', 61, "customers.norrland JOINERY", "the same"),
        ('send_on = ["tue"]', "closed = []", 59, "customers.Norrland Joinery.closed", "unknown key"),
        ('"INV-7"]\nladder = "gentle"', '"INV-7"]', 64, "invoices.INV-7.ladder", "is missing"),
        ('"INV-7"]\nladder', '"INV-7"]\nlader', 65, "invoices.INV-7.lader", "did you mean 'ladder'"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place(old: str, new: str, line: int, key: str, says: str) -> None:
    assert old in WHOLE

    with pytest.raises(FixSettings) as caught:
        load_policy(WHOLE.replace(old, new, 1), "acme.toml")

    assert (caught.value.where, caught.value.key) == (f"acme.toml:{line}", key)
    assert re.search(says, caught.value.problem), caught.value.problem


@pytest.mark.parametrize("where", ["", "where = {}"])
def test_a_segment_has_a_condition(where: str) -> None:
    steps = 'steps = [{ name = "a", when = "on the due date" }]'
    text = f'name = "x"\n{steps}\n[[segments]]\nname = "all"\n{where}'
    with pytest.raises(FixSettings, match=r"segments\[1\]\.where: (this key is missing|at least one)"):
        load_policy(text, "x.toml")


def test_addresses_are_as_the_rooms_of_mail_give_them() -> None:
    seen: list[str] = []

    def shout(text: str) -> str:
        seen.append(text)
        return text.upper()

    policy = load_policy(WHOLE, "acme.toml", address=shout)

    assert policy.contacts == {"owner": "ANNA@ACME.EXAMPLE"}
    assert policy.steps[0].cc == ("director", "X@Y.EXAMPLE")
    assert policy.customers["Norrland Joinery"].to == ("AP@NORRLAND.EXAMPLE",)
    assert len(seen) == 4


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@given(st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda hours: hours[0] < hours[1]))
def test_the_words_of_hours_are_read_back(hours: tuple[int, int]) -> None:
    assert parse_hours(hours_words(hours)) == hours


@given(st.builds(Cap, st.integers(1, MOST_CONTACTS), st.integers(1, MOST_CAP_DAYS)))
def test_the_words_of_a_cap_are_read_back(cap: Cap) -> None:
    assert parse_cap(cap_words(cap)) == cap


@given(st.tuples(DAYS, DAYS).map(lambda days: (min(days), max(days))))
def test_the_words_of_closed_days_are_read_back(days: tuple[date, date]) -> None:
    assert parse_closed(closed_words(days)) == days


@given(st.builds(Offer, st.integers(1, 9999), st.integers(1, MOST_OFFER_DAYS)))
def test_the_words_of_an_offer_are_read_back(offer: Offer) -> None:
    assert parse_offer(offer_words(offer)) == offer


@given(st.text() | st.from_regex(r"[0-9]{1,3}[ :.a-z-]{0,4}[0-9]{0,3} ?(in|to|days|week|am|pm|%)?"))
def test_other_words_are_refused_and_nothing_breaks(text: str) -> None:
    for parse, words in (
        (parse_hours, hours_words),
        (parse_cap, cap_words),
        (parse_closed, closed_words),
        (parse_offer, offer_words),
    ):
        try:
            value = parse(text)
        except ValueError as error:
            told = str(error)
        else:
            told = f'allowed, did you mean "{words(value)}"'  # type: ignore[operator]
        assert "allowed" in told
        if hint := re.search(r'did you mean "([^"]+)"', told):
            parse(hint[1])  # what is offered is understood
