"""Agreements: where one stands on a day, and what a new one may look like."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.agreements import discounted, fault, interval, lay, split, stand
from arsync.policy.model import Agreement, Instalment
from day_book import day

MONTHLY = Agreement(
    id="a1",
    kind="instalments",
    customer_id="c1",
    currency="GBP",
    agreed_on=day("03-01"),
    lines=(("i1", 200_00), ("i2", 100_00)),
    instalments=tuple(Instalment(day(on), 100_00) for on in ("04-01", "05-01", "06-01")),
    broken_after=14,
)
OFFER = Agreement(
    id="a2",
    kind="settlement",
    customer_id="c1",
    currency="GBP",
    agreed_on=day("03-01"),
    lines=(("i1", 1000_00),),
    amount=800_00,
    until=day("03-31"),
)


def changed(agreement: Agreement, **fields: object) -> Agreement:
    return msgspec.structs.replace(agreement, **fields)


# Instalments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "owed", "at", "asked"),
    [
        ("03-01", 300_00, 0, 100_00),  # before its day the first is asked for, and nothing else
        ("04-14", 300_00, 0, 100_00),
        ("03-01", 250_00, 0, 50_00),  # 50.00 came: what is missing of the first
        ("03-01", 200_00, 1, 100_00),  # covered: the second is next
        ("05-03", 200_00, 1, 100_00),
        ("05-03", 160_00, 1, 60_00),
        ("06-01", 150_00, 1, 150_00),  # 50.00 of the second and the third are due
        ("06-14", 99_99, 2, 99_99),
    ],
)
def test_instalments(today: str, owed: int, at: int, asked: int) -> None:
    found = stand(changed(MONTHLY, broken_after=60), {"i1": owed}, day(today))
    assert (found.state, found.at, found.asked, found.left) == ("standing", at, asked, owed)


def test_a_missed_instalment_breaks_the_plan() -> None:
    """Due on 1 April, 14 days late on the 15th."""
    assert stand(MONTHLY, {"i1": 200_01}, day("04-14")).state == "standing"
    assert stand(MONTHLY, {"i1": 200_01}, day("04-15")).state == "broken"
    assert stand(MONTHLY, {"i1": 200_00}, day("04-15")).state == "standing"


def test_money_that_nobody_applied_breaks_no_plan() -> None:
    found = stand(MONTHLY, {"i1": 300_00}, day("04-15"), credit=100_00)
    assert (found.state, found.asked) == ("standing", 100_00)
    assert stand(MONTHLY, {"i1": 300_00}, day("04-15"), credit=99_99).state == "broken"


def test_paid_instalments() -> None:
    assert stand(MONTHLY, {}, day("03-02")).state == "kept"
    # i1 was made out over more than it was: all instalments came, and what grew is not under the plan
    grown = changed(MONTHLY, instalments=MONTHLY.instalments[:2])
    assert stand(grown, {"i1": 100_00}, day("03-02")).state == "kept"


def test_a_debt_that_grew_has_paid_nothing() -> None:
    found = stand(MONTHLY, {"i1": 200_00, "i2": 150_00}, day("03-02"))
    assert (found.paid, found.asked) == (0, 100_00)


# Settlements and discounts -------------------------------------------------------------------


def test_a_settlement() -> None:
    """800.00 by 31 March settle 1000.00. What is seen at the first look after that counts as in time."""
    assert stand(OFFER, {"i1": 1000_00}, day("03-31")).state == "standing"
    assert stand(OFFER, {"i1": 200_00}, day("03-31")).state == "kept"
    assert stand(OFFER, {"i1": 200_01}, day("04-01")).state == "lapsed"
    assert stand(OFFER, {"i1": 200_00}, day("04-01")).state == "kept"


def test_a_settlement_that_waits_for_somebody_to_apply_the_money() -> None:
    assert stand(OFFER, {"i1": 1000_00}, day("04-01"), credit=800_00).state == "covered"
    assert stand(OFFER, {"i1": 900_00}, day("04-01"), credit=700_00).state == "covered"
    assert stand(OFFER, {"i1": 900_00}, day("04-01"), credit=699_99).state == "lapsed"


def test_a_discount_is_like_a_settlement() -> None:
    offer = changed(OFFER, kind="discount")
    assert stand(offer, {"i1": 200_00}, day("03-31")).state == "kept"
    assert stand(offer, {"i1": 1000_00}, day("03-20"), credit=800_00).state == "covered"
    assert stand(offer, {"i1": 1000_00}, day("04-01")).state == "lapsed"


@pytest.mark.parametrize(("amount", "enough"), [(100_00, 98_00), (100_20, 98_19), (1, 0), (0, 0)])
def test_a_discount_of_two_per_cent(amount: int, enough: int) -> None:
    assert discounted(amount, 200) == enough


# New ones ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [("1 month", 1, "month"), ("2 weeks", 14, "day"), ("7 days", 7, "day"), (" 3 Months ", 3, "month")],
)
def test_intervals(text: str, count: int, unit: str) -> None:
    found = interval(text)
    assert (found.count, found.unit) == (count, unit)


@pytest.mark.parametrize(
    "text", ["", "month", "0 days", "-1 day", "1 year", "1.5 months", "99999 days", "every week"]
)
def test_no_intervals(text: str) -> None:
    with pytest.raises(ValueError, match="not an interval"):
        interval(text)


def test_months_take_the_last_day_of_a_shorter_one() -> None:
    found = split(100_00, 4, date(2026, 12, 31), interval("1 month"))
    assert [it.due_on.isoformat() for it in found] == ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]


def test_months_keep_the_day() -> None:
    found = split(100_00, 3, date(2026, 12, 15), interval("2 months"))
    assert [it.due_on.isoformat() for it in found] == ["2026-12-15", "2027-02-15", "2027-04-15"]


def test_what_does_not_divide_is_added_to_the_last() -> None:
    assert [it.amount for it in split(100_00, 3, date(2026, 12, 1), interval("2 weeks"))] == [
        33_33,
        33_33,
        33_34,
    ]


@given(st.integers(1, 10**15), st.integers(1, 600), st.sampled_from(["1 month", "2 weeks", "1 day"]))
def test_instalments_make_the_total(total: int, count: int, every: str) -> None:
    if total < count:
        with pytest.raises(ValueError, match="cannot be parted"):
            split(total, count, date(2026, 12, 31), interval(every))
        return
    found = split(total, count, date(2026, 12, 31), interval(every))
    assert sum(it.amount for it in found) == total
    assert len({it.due_on for it in found}) == len(found) == count
    new = changed(MONTHLY, lines=(("i1", total),), instalments=found)
    assert fault(new, date(2026, 12, 31)) is None


@pytest.mark.parametrize("every", ["1 month", "300 days"])
def test_the_calendar_ends(every: str) -> None:
    with pytest.raises(ValueError, match="the calendar ends"):
        split(100_00, 3, date(9999, 12, 31), interval(every))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, None),
        ({"lines": ()}, "nothing is open"),
        ({"instalments": ()}, "an instalment at least"),
        ({"lines": (("i1", 299_99),)}, "the instalments make 300.00 GBP, and 299.99 GBP is owed"),
        ({"instalments": MONTHLY.instalments[::-1]}, "does not come after that of"),
        ({"instalments": (Instalment(day("04-01"), 150_00),) * 2}, "does not come after that of"),
        ({"instalments": (Instalment(day("04-01"), 0), *MONTHLY.instalments)}, "above zero"),
        ({"instalments": (Instalment(day("02-28"), 300_00),)}, "which is past"),
        ({"grace": 14}, "within the 14 days of grace"),
    ],
)
def test_faults_of_instalments(fields: dict[str, object], words: str | None) -> None:
    found = fault(changed(MONTHLY, **fields), day("03-01"))
    assert found is None if words is None else words in (found or "")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, None),
        ({"amount": 0}, "has to be above zero"),
        ({"amount": -1}, "has to be above zero"),
        ({"amount": 1000_00}, "no less than the 1000.00 GBP owed"),
        ({"until": None}, "needs a last day"),
        ({"until": day("02-28")}, "2027-02-28 is past"),
    ],
)
def test_faults_of_a_settlement(fields: dict[str, object], words: str | None) -> None:
    found = fault(changed(OFFER, **fields), day("03-01"))
    assert found is None if words is None else words in (found or "")


@given(st.integers(0, 500), st.lists(st.integers(0, 100), max_size=6))
def test_an_amount_is_laid_on_debts_in_their_order(asked: int, free: list[int]) -> None:
    laid = lay(asked, free)
    assert sum(laid) == min(asked, sum(free))
    assert all(0 <= part <= room for part, room in zip(laid, free, strict=True))
    short = next((n for n, (part, room) in enumerate(zip(laid, free, strict=True)) if part < room), None)
    assert short is None or not any(laid[short + 1 :])
