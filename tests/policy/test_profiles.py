"""The floors of each kind of debtor."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.profiles import FLOOR_DAYS, FLOOR_HOURS, held_to, strictest
from arsync.policy.rules import EVERY_DAY, Cap, Policy, Step

PLAIN = Policy("plain", (Step("a", 1, "a"),), min_gap_days=1)
CAPS = st.lists(st.builds(Cap, st.integers(1, 9), st.integers(1, 60)), max_size=4).map(tuple)


def floors(profile: Any, **fields: Any) -> Policy:
    return held_to(msgspec.structs.replace(PLAIN, profile=profile, **fields))


@pytest.mark.parametrize("profile", ["sole-trader", "consumer"])
def test_natural_persons(profile: str) -> None:
    found = floors(profile)

    assert (found.hours, found.send_on) == ((9 * 60, 17 * 60), frozenset({0, 1, 2, 3, 4}))
    assert found.customer_holidays
    assert found.caps == (Cap(2, 7), Cap(8, 30))
    assert found.call_rest_days == 7
    assert found.min_gap_days == 1


def test_companies() -> None:
    found = floors("company")

    assert (found.hours, found.send_on) == ((9 * 60, 17 * 60), frozenset({0, 1, 2, 3, 4}))
    assert found.customer_holidays
    assert found.min_gap_days == 3
    assert (found.caps, found.call_rest_days) == ((), 0)


def test_no_profile_no_floors() -> None:
    assert held_to(PLAIN) is PLAIN


def test_what_is_stricter_stands() -> None:
    strict = {
        "hours": (10 * 60, 12 * 60),
        "send_on": frozenset({1}),
        "caps": (Cap(1, 30),),
        "call_rest_days": 14,
        "min_gap_days": 9,
    }
    for profile in ("company", "consumer"):
        found = floors(profile, **strict)
        for key, value in strict.items():
            assert getattr(found, key) == value, key


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((7 * 60, 12 * 60), (9 * 60, 12 * 60)),
        ((12 * 60, 21 * 60), (12 * 60, 17 * 60)),
        ((0, 24 * 60), (9 * 60, 17 * 60)),
        ((18 * 60, 20 * 60), (9 * 60, 17 * 60)),  # nothing in common: the floor's
    ],
)
def test_hours_are_what_both_allow(given: tuple[int, int], kept: tuple[int, int]) -> None:
    assert floors("company", hours=given).hours == kept


def test_days_are_what_both_allow() -> None:
    assert floors("company", send_on=frozenset({4, 5, 6})).send_on == frozenset({4})
    assert floors("company", send_on=frozenset({5, 6})).send_on == FLOOR_DAYS


def test_caps_that_others_keep_are_left_out() -> None:
    assert floors("consumer", caps=(Cap(2, 10),)).caps == (Cap(2, 10), Cap(8, 30))
    assert floors("consumer", caps=(Cap(3, 7),)).caps == (Cap(2, 7), Cap(8, 30))
    assert floors("consumer", caps=(Cap(1, 1),)).caps == (Cap(1, 1), Cap(2, 7), Cap(8, 30))


@given(CAPS, st.lists(st.integers(0, 60), max_size=12))
def test_the_strictest_caps_keep_all(caps: tuple[Cap, ...], days: list[int]) -> None:
    """Contacts on some days keep the caps that are left exactly when they keep every one."""

    def keeps(cap: Cap) -> bool:
        return all(sum(start <= day < start + cap.days for day in days) <= cap.contacts for start in days)

    assert all(map(keeps, caps)) == all(map(keeps, strictest(caps)))


@given(
    st.sampled_from([None, "company", "sole-trader", "consumer"]),
    st.none() | st.sampled_from([(0, 600), (500, 1440), (600, 700), (1, 2)]),
    st.frozensets(st.integers(0, 6), min_size=1),
    CAPS,
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_floors_only_ever_hold_back(
    profile: Any,
    hours: tuple[int, int] | None,
    send_on: frozenset[int],
    caps: tuple[Cap, ...],
    rest: int,
    gap: int,
) -> None:
    policy = msgspec.structs.replace(
        PLAIN, profile=profile, hours=hours, send_on=send_on, caps=caps, call_rest_days=rest, min_gap_days=gap
    )

    found = held_to(policy)

    assert found.min_gap_days >= gap
    assert found.call_rest_days >= rest
    for cap in caps:
        assert any(kept.contacts <= cap.contacts and kept.days >= cap.days for kept in found.caps)
    if profile is not None:
        assert found.hours is not None
        assert FLOOR_HOURS[0] <= found.hours[0] < found.hours[1] <= FLOOR_HOURS[1]
        assert found.send_on <= FLOOR_DAYS
        assert found.send_on
    assert held_to(found) == found  # once is enough


def test_no_day_of_the_week_is_lost_without_a_profile() -> None:
    assert held_to(PLAIN).send_on == EVERY_DAY
