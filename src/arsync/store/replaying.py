"""A stretch of a book's past, read once: the facts of its first day and all that changed on later ones.

It is what `facts_on` tells day by day: what was owed, the credits and the holds at the end of each day,
while names, addresses and families are today's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from zoneinfo import ZoneInfo

from arsync.policy.changes import Agreed, Change, Closed, Reached
from arsync.policy.history import History
from arsync.policy.ladder import days_after
from arsync.policy.model import Agreement, Contact, Facts
from arsync.policy.rules import Channel
from arsync.store.agreements import in_force_on
from arsync.store.behaviour import behaviour
from arsync.store.database import Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.families import Families, families
from arsync.store.opt_outs import opted_out
from arsync.store.past import began_on
from arsync.store.queries import statements
from arsync.store.reached import addresses_of, reached
from arsync.store.reading import EVERYBODY, NOBODY, Steps, of_payers
from arsync.store.stretch import Days, Span, credited, ordered, owed, states

_SQL, _PAST = statements("replaying"), statements("past")


def history(
    store: Store,
    book: str,
    first: date,
    last: date,
    *,
    addresses: Sieve,
    contact_days: int = 0,
    with_behaviour: bool = False,
    written_to: Mapping[str, Sequence[str]] = NOBODY,
    zone: str = "UTC",
) -> History:
    """The history of the whole book from ``first`` to ``last``; the parameters are those of ``facts``.

    Its facts are the steps taken and the contacts up to the day before; all that was owed, agreed and
    held stands in the changes. How customers pay is what is known of them now.
    """
    with store.reading() as conn:
        span = Span(first.isoformat(), last.isoformat(), (began_on(store, book) or first).isoformat())
        eve, everybody = days_after(first, -1), {"book": book, **EVERYBODY}
        kin, days = families(conn, book), Days()
        known = list(states(conn, book, span, kin, days))
        every = [state.debt for state in known]
        whom = debtors(conn, book, [everybody], every, kin, addresses)
        steps = Steps()
        steps.read(conn.execute(_PAST["steps_on"], {"book": book, "day": eve.isoformat()}))
        contacts = _contacts(conn, book, addresses_of(whom, written_to), first, last, contact_days, zone, kin)
        changes: list[Change] = [
            *owed(known, span, days),
            *credited(conn, book, span, kin, days),
            *ordered(conn, book, span, kin, known, days),
            *_agreed(conn, book, first, last, kin),
            *_closed(conn, book, first, last),
            *(Reached(it.on, who, it) for who, them in contacts.items() for it in them if it.on >= first),
        ]
        facts = Facts(
            debts=(),
            debtors=whom,
            taken=steps.taken,
            rounds=steps.rounds,
            contacted=_contacted(conn, book, eve, kin),
            contacts={who: [it for it in them if it.on < first] for who, them in contacts.items()},
            behaviour=behaviour(conn, [everybody], kin, last) if with_behaviour else {},
            zone=zone,
        )
    changes.sort(key=attrgetter("on"))
    return History(first, facts, tuple(changes))


def sent_between(store: Store, book: str, first: date, last: date) -> int:
    """How many messages did leave from one day to another."""
    [(count,)] = store.rows(_SQL["sent_between"], (book, first.isoformat(), last.isoformat()))
    return int(count)


def oldest_day(store: Store, book: str) -> date | None:
    """The date of the oldest invoice; None where none bears a date."""
    [(on,)] = store.rows(_SQL["oldest"], (book,))
    return None if on is None else date.fromisoformat(on)


# Contacts and agreements -----------------------------------------------------------------------


def _contacted(conn: sqlite3.Connection, book: str, eve: date, kin: Families) -> dict[tuple[str, str], date]:
    """The last day up to then on which a message reached a customer, by currency."""
    found: dict[tuple[str, str], date] = {}
    for customer, currency, on in conn.execute(_PAST["contacted_on"], {"book": book, "day": eve.isoformat()}):
        key = kin.payers.get(customer, customer), currency
        found[key] = max(date.fromisoformat(on), found.get(key, date.min))
    return found


def _contacts(
    conn: sqlite3.Connection,
    book: str,
    addresses: Mapping[str, Sequence[str]],
    first: date,
    last: date,
    contact_days: int,
    zone: str,
    kin: Families,
) -> dict[str, list[Contact]]:
    """The contacts before ``first``, and in other books those from then on: what this one would have done
    itself is what is asked for."""
    if not contact_days:
        return {}
    since = days_after(first, -contact_days)
    found = reached(conn, book, None, addresses, since=since, until=last, zone=ZoneInfo(zone), kin=kin)
    return {who: [it for it in them if it.on < first or it.elsewhere] for who, them in found.items()}


def _agreed(conn: sqlite3.Connection, book: str, first: date, last: date, kin: Families) -> Iterator[Agreed]:
    """The agreements in force with each customer, on each day on which that changed."""
    span = {"book": book, "first": first.isoformat(), "last": last.isoformat()}
    turns = {first, *(date.fromisoformat(on) for (on,) in conn.execute(_SQL["agreements_turn"], span))}
    before: dict[str, tuple[Agreement, ...]] = {}
    for on in sorted(turns):
        now: dict[str, tuple[Agreement, ...]] = {}
        for it in of_payers(in_force_on(conn, book, on), kin):
            now[it.customer_id] = (*now.get(it.customer_id, ()), it)
        for customer in sorted(before.keys() | now.keys()):
            if before.get(customer) != now.get(customer):
                yield Agreed(on, customer, now.get(customer, ()))
        before = now


def _closed(conn: sqlite3.Connection, book: str, first: date, last: date) -> Iterator[Closed]:
    """The channels that a customer had closed, on each day on which that changed."""
    span = {"book": book, "first": first.isoformat(), "last": last.isoformat()}
    turns = {first, *(date.fromisoformat(on) for (on,) in conn.execute(_SQL["opt_outs_turn"], span))}
    before: dict[str, frozenset[Channel]] = {}
    for on in sorted(turns):
        now = opted_out(conn, book, on)
        for customer in sorted(now):
            if before.get(customer) != now[customer]:
                yield Closed(on, customer, now[customer])
        before = now
