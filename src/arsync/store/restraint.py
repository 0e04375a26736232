"""The last look at the caps, inside the write transaction that hands a message over: whatever two runs on
two books have planned at the same time, together they do not break a cap."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

from arsync.errors import Conflict
from arsync.policy.caps import first_with_room, why_full
from arsync.policy.rules import Cap
from arsync.store.families import families
from arsync.store.reached import reached


class TooManyContacts(Conflict):
    """One contact more would break a cap; nothing was changed. ``until`` is the first day on which it
    would not, if nothing else reaches the customer; None where no day does."""

    def __init__(self, problem: str, until: date | None) -> None:
        self.until = until
        super().__init__(problem)


def keep_to(
    conn: sqlite3.Connection,
    book: str,
    customer_id: str,
    addresses: Sequence[str],
    caps: Sequence[Cap],
    *,
    day: date,
    zone: tzinfo,
) -> None:
    """Raises TooManyContacts where a contact on ``day``, a day of the book's ``zone``, would break a cap.

    Contacts of the day after count too: midnight may have passed in between, and another run may be
    ahead of this one.
    """
    if not caps:
        return
    kin = families(conn, book, [customer_id])
    found = reached(
        conn,
        book,
        kin.members([customer_id]),
        {customer_id: addresses},
        since=day - timedelta(days=max(cap.days for cap in caps) - 1),
        until=day + timedelta(days=1),
        zone=zone,
        kin=kin,
    )
    days = [contact.on for contact in found.get(customer_id, ())]
    if (why := why_full(caps, days, day)) is not None:
        raise TooManyContacts(f"{why}, in this book or another", first_with_room(caps, days, day))
