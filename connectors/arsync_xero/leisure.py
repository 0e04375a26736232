"""How often what seldom changes is read, so that a day of pulls stays within its calls. Pure.

A day has 96 pulls, one each quarter of an hour, and at most 220 calls of Xero's 1,000 (its smallest
plan). Each pull asks for the changed invoices; the calls that are left are for contacts, for unapplied
credits with the payments (four calls), and for the sweep, which takes the more of them the longer the
list of open invoices is. What is read less often here is read again before any message leaves.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

# Between two reads of all that is open: a day, less what the runs of a daily job may differ by.
SWEEP_EVERY = timedelta(hours=24) - timedelta(minutes=10)

ALWAYS = timedelta(0)


class Leisure(msgspec.Struct, frozen=True):
    """How long contacts and credits are left alone while no invoice changes."""

    contacts_every: timedelta
    credits_every: timedelta


# By the most calls of a sweep beyond its changes and contacts. The calls of a day (changes, contacts,
# credits beyond those of the sweep, the sweep):
_LADDER = (
    (8, Leisure(ALWAYS, timedelta(hours=4))),  # 96 + 96 + 5 x 4 + 8 = 220
    (16, Leisure(ALWAYS, timedelta(hours=6))),  # 96 + 96 + 3 x 4 + 16 = 220
    (88, Leisure(timedelta(hours=1), timedelta(hours=6))),  # 96 + 24 + 3 x 4 + 88 = 220
)
# 96 + 6 + 2 x 4 + 110 = 220: a sweep of up to 105,000 open invoices
_LARGEST = Leisure(timedelta(hours=4), timedelta(hours=8))


def leisure(sweep_calls: int) -> Leisure:
    """What an organisation can do with, whose last sweep took so many calls."""
    return next((each for most, each in _LADDER if sweep_calls <= most), _LARGEST)
