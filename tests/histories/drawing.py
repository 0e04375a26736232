"""Histories, drawn at random."""

from __future__ import annotations

import vocabulary as v
from hypothesis import strategies as st

# Mostly the first of a kind, so that much happens to the same ones.
_which = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 5, 8, 13])
_percent = st.sampled_from([40, 100, 40, 1, 130])
_amount = st.integers(1, 9_999).map(lambda n: n * 10)  # no third decimal, which Xero cannot have
_due = st.none() | st.integers(-100, 40)
_currency = st.sampled_from([0, 0, 0, 1, 2, 3, 4])
_address = st.integers(0, len(v.ADDRESSES) - 1)

_PEOPLE = [
    st.builds(v.NewCustomer, _currency, _address, st.none() | _which, st.booleans()),
    st.builds(v.Rename, _which),
    st.builds(v.Readdress, _which, _address),
]
_TURNOVER = [
    st.builds(v.Retire, _which),
    st.builds(v.Merge, _which, _which, st.booleans()),
    st.builds(v.Remove, _which),
]
_BATCH = st.builds(v.Batch, _which, st.integers(2, 14), _due)
_INVOICES = [
    st.builds(v.Bill, _which, _amount, _due, _currency, st.just(False), _address),
    st.builds(v.Bill, _which, _amount, _due, _currency, st.just(False), _address),
    _BATCH,
    st.builds(v.Void, _which),
    st.builds(v.Delete, _which),
    st.builds(v.Redate, _which, _due),
    st.builds(v.Renumber, _which),
    st.builds(v.Enlarge, _which, _amount),
    st.builds(v.Spoil, _which),
]
_MONEY = [
    st.builds(v.Pay, _which, _percent),
    st.builds(v.Pay, _which, _percent),
    st.builds(v.Payday, st.integers(1, 5)),
    st.builds(v.Bounce, _which),
    st.builds(v.Deposit, _which, _amount, _currency),
    st.builds(v.Credit, _which, _amount, _currency),
    st.builds(v.Apply, _which, _which, _percent),
    st.builds(v.Withdraw, _which),
]
# What moves rows out of lists, or into them, while they are read.
_STIR = [
    st.builds(v.Payday, st.integers(1, 5)),
    st.builds(v.Pay, _which, _percent),
    st.builds(v.Bounce, _which),
    st.builds(v.Void, _which),
    st.builds(v.Delete, _which),
    st.builds(v.Batch, _which, st.integers(2, 9), _due),
    st.builds(v.Bill, _which, _amount, _due),
]
_FLOOD = st.builds(v.Flood, st.integers(1, 30))

ACTS = {
    "quickbooks": st.one_of(
        *_PEOPLE,
        *_TURNOVER,
        *_INVOICES,
        *_MONEY,
        st.builds(v.Journal, _which, _amount | _amount.map(lambda n: -n)),
        st.builds(v.Unbook, _which),
        _FLOOD,
    ),
    "xero": st.one_of(
        *_PEOPLE,
        *_TURNOVER[:2],
        *_INVOICES,
        *_MONEY,
        st.builds(v.Bill, _which, _amount, _due, _currency, st.just(True)),
        st.builds(v.Approve, _which),
        st.builds(v.Prepay, _which, _amount, _currency),
        st.builds(v.Redate, _which, _due, st.just(True)),
        _FLOOD,
    ),
    "csv": st.one_of(
        *_PEOPLE,
        *_INVOICES,
        *_MONEY[:6],
        st.builds(v.Withdraw, _which),
        st.builds(v.Shuffle, st.integers(1, 4), st.integers(0, 5)),
        st.builds(v.Lose, _which),
        st.builds(v.HalfWritten, _which),
    ),
}

# From within a second to longer than any cursor lives; 40 days is the longest.
_HOUR, _DAY = 3600, 86_400
_waits = st.sampled_from(
    [1, 1, 7, 61, 130, 301, 900, _HOUR, 3 * _HOUR, 4 * _HOUR + 1, 9 * _HOUR, _DAY, _DAY + 900,
     6 * _DAY, 28 * _DAY, 31 * _DAY, 40 * _DAY]
).map(v.Wait)  # fmt: skip
_pauses = st.sampled_from([1, 2, 30, 200, 400]).map(v.Wait)


def _pulls(kinds: tuple[str, ...], acts: st.SearchStrategy[v.Event]) -> st.SearchStrategy[v.Pull]:
    moments = st.tuples(st.integers(0, 9), st.one_of(acts, acts, *_STIR, _pauses))
    full = st.sampled_from([False, False, False, True])
    mishaps = (
        st.builds(v.Mishap, st.sampled_from(kinds), st.integers(0, 6), st.sampled_from([None, None, 1, 3]))
        if kinds
        else st.nothing()
    )
    return st.one_of(
        st.builds(v.Pull, full=full),
        st.just(v.Pull()),
        st.builds(
            v.Pull,
            full=full,
            meanwhile=st.lists(moments, max_size=5).map(tuple),
            killed=st.none() | st.integers(1, 6),
            mishap=st.none() | mishaps,
        ),
    )


def settings_of(connector: str) -> st.SearchStrategy[v.Setting]:
    return st.builds(
        v.Setting,
        home=_currency,
        foreign=st.booleans(),
        zone=st.integers(0, len(v.ZONES) - 1),
        page=st.sampled_from(_PAGES[connector]),
        skew=st.sampled_from([0, 0, 3, -3, 100, -100, 900]),
        # A service at which no time passes never comes to rest.
        latency=st.sampled_from([1, 1, 3, 20]),
        daemon=st.booleans(),
        style=st.integers(0, 5),
    )


_PAGES = {"quickbooks": [5, 9, 13, 25, 1000], "xero": [7, 7, 11, 25, 1000], "csv": [2, 5, 1000]}


@st.composite
def histories(draw: st.DrawFn, connector: str, mishaps: tuple[str, ...]) -> v.History:
    """A company with some customers and invoices, and what happens to it: some acts, and then time
    passes or arsync does something; and so on."""
    acts = ACTS[connector]
    looks = st.builds(v.LookAgain, st.lists(_which, min_size=1, max_size=3).map(tuple))
    pulls = _pulls(mishaps, acts)
    steps: list[v.Step] = [v.NewCustomer(), v.NewCustomer()]
    steps += draw(st.lists(_PEOPLE[0], max_size=3))
    steps += draw(st.lists(st.one_of(_INVOICES[0], _INVOICES[0], _BATCH), max_size=6))
    steps += draw(st.sampled_from([[], [v.Wait(_HOUR)]]))  # long ago, or within the first pull's reach
    then = st.one_of(alone(_waits), alone(pulls), alone(pulls), alone(looks), *_units(connector))
    for happens, follows in draw(
        st.lists(st.tuples(st.lists(acts, max_size=7), then), min_size=1, max_size=10)
    ):
        steps += [*happens, *follows]
    return v.History(draw(settings_of(connector)), tuple(steps))


def alone(step: st.SearchStrategy[v.Step]) -> st.SearchStrategy[list[v.Step]]:
    return step.map(lambda each: [each])


def _units(connector: str) -> list[st.SearchStrategy[list[v.Step]]]:
    """What seldom comes about by chance: a few rows leave a list that is being read, and what was read then
    is looked at; or nothing but money on account has moved for some hours."""
    leaves = st.one_of(st.builds(v.Pay, _which), st.builds(v.Void, _which), st.just(v.Payday(2)))
    meanwhile = st.tuples(st.integers(0, 12), st.lists(leaves, min_size=1, max_size=3))
    stirred = meanwhile.map(
        lambda both: v.Pull(full=True, meanwhile=tuple((both[0], each) for each in both[1]))
    )
    money = st.one_of(_MONEY[4], _MONEY[5], _MONEY[7])
    hours = st.sampled_from([_HOUR, 4 * _HOUR + 60, 9 * _HOUR]).map(v.Wait)
    a_while, pull = v.Wait(900), v.Pull()
    return [
        stirred.map(lambda each: [a_while, each, a_while, pull]),
        st.tuples(money, hours).map(lambda both: [pull, both[0], both[1], pull]),
    ]
