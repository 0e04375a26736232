"""A stretch of a book's past, read once: the facts of its first day and all that changed on later ones.

It is what `facts_on` tells day by day: what was owed, the credits and the holds at the end of each day,
while names, addresses and families are today's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from arsync.policy.changes import Agreed, Change, Closed, Credited, Gone, Ordered, Owed, Reached
from arsync.policy.history import History
from arsync.policy.ladder import days_after
from arsync.policy.model import Agreement, Contact, Debt, Facts, HoldOrder
from arsync.policy.rules import Channel
from arsync.store.agreements import in_force_on
from arsync.store.behaviour import behaviour
from arsync.store.database import Row, Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.families import Families, families
from arsync.store.holds import order_of
from arsync.store.opt_outs import opted_out
from arsync.store.past import began_on
from arsync.store.queries import statements
from arsync.store.reached import addresses_of, reached
from arsync.store.reading import EVERYBODY, NOBODY, Steps, of_payers

_SQL, _PAST, _HOLDS = statements("replaying"), statements("past"), statements("holds")
# Sorts behind every day.
_NEVER = "~"


class _Span(NamedTuple):
    """The first and the last day, as texts, and the day from which on the book remembers."""

    first: str
    last: str
    began: str

    @property
    def known(self) -> str:
        """The first of its days that the book remembers."""
        return max(self.first, self.began)


class _State(NamedTuple):
    """What was owed on an invoice from one day up to, and without, another. ``owner`` is the customer it
    is made out to, who may not be the one that pays."""

    from_on: str
    until_on: str
    owner: str
    debt: Debt


class _Days(dict[str | None, date | None]):
    """Many records share their days: each text becomes a date once."""

    def __missing__(self, text: str | None) -> date | None:
        self[text] = day = date.fromisoformat(text) if text else None
        return day

    def on(self, text: str) -> date:
        day = self[text]
        assert day is not None
        return day


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
        span = _Span(first.isoformat(), last.isoformat(), (began_on(store, book) or first).isoformat())
        eve, everybody = days_after(first, -1), {"book": book, **EVERYBODY}
        kin, days = families(conn, book), _Days()
        states = list(_states(conn, book, span, kin, days))
        every = [state.debt for state in states]
        whom = debtors(conn, book, [everybody], every, kin, addresses)
        steps = Steps()
        steps.read(conn.execute(_PAST["steps_on"], {"book": book, "day": eve.isoformat()}))
        contacts = _contacts(conn, book, addresses_of(whom, written_to), first, last, contact_days, zone, kin)
        changes: list[Change] = [
            *_owed(states, span, days),
            *_credited(conn, book, span, kin, days),
            *_ordered(conn, book, span, kin, states, days),
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


# What was owed ---------------------------------------------------------------------------------


def _states(conn: sqlite3.Connection, book: str, span: _Span, kin: Families, days: _Days) -> Iterator[_State]:
    """The states of all invoices in which anything was owed, by invoice and in order of days."""
    back = span.first < span.began
    paid = _paid_after(conn, book, span) if back else {}
    values = {"book": book, "first": span.known, "last": span.last, "back": int(back)}
    for row in conn.execute(_SQL["invoices"], values):
        id_, number, owner, currency, issued, due, total, open_, status, promised, from_on, until_on = row
        if status != "in-force":
            continue
        payer = kin.payers.get(owner, owner)
        debt = Debt(id_, number, payer, currency, days[due], open_, days[promised])
        from_on, until_on = max(from_on, span.known), until_on or _NEVER
        if back and from_on == span.began:
            for start, end, owed in _before(issued, open_, total, paid.get(id_, ()), span):
                if owed > 0:
                    yield _State(start, end, owner, msgspec.structs.replace(debt, open=owed))
        if open_ > 0:
            yield _State(from_on, until_on, owner, debt)


def _paid_after(conn: sqlite3.Connection, book: str, span: _Span) -> dict[str, list[tuple[str, int]]]:
    values = {"book": book, "day": span.first, "began": span.began}
    rows = conn.execute(_SQL["paid_after"], values)
    return {
        invoice: [(on, amount) for _, on, amount in found] for invoice, found in groupby(rows, itemgetter(0))
    }


def _before(
    issued: str | None, open_: int, total: int, paid: Sequence[tuple[str, int]], span: _Span
) -> Iterator[tuple[str, str, int]]:
    """What was owed on the days before the book began, with later payments added back; never more than
    the invoice was made out over."""
    start = max(span.first, issued or span.first)
    if start >= span.began:
        return
    turns = [start, *sorted({on for on, _ in paid if start < on < span.began}), span.began]
    for at, end in pairwise(turns):
        since = sum(amount for on, amount in paid if on > at)
        yield at, end, min(open_ + since, total) if since else open_


def _owed(states: Iterable[_State], span: _Span, days: _Days) -> Iterator[Owed | Gone]:
    for id_, every in groupby(states, key=lambda state: state.debt.id):
        owing, until = "", ""
        for state in every:
            customer = state.debt.customer_id
            if owing and (until != state.from_on or owing != customer):
                yield Gone(days.on(until), owing, id_)
            yield Owed(days.on(state.from_on), customer, state.debt)
            owing, until = customer, state.until_on
        if owing and until <= span.last:
            yield Gone(days.on(until), owing, id_)


# Credits and holds -----------------------------------------------------------------------------


def _credited(
    conn: sqlite3.Connection, book: str, span: _Span, kin: Families, days: _Days
) -> Iterator[Credited]:
    """What was left of all credits of a customer in a currency, on each day on which that changed."""
    back = span.first < span.began
    dates = dict(conn.execute(_PAST["payment_days"], (book,)).fetchall()) if back else {}
    sums: dict[tuple[str, str], dict[str, int]] = {}
    values = {"book": book, "first": span.known, "last": span.last}
    for id_, kind, owner, currency, remaining, issued, from_on, until_on in conn.execute(
        _SQL["credits"], values
    ):
        from_on = max(from_on, span.known)
        if back and from_on == span.began:  # there since its own day, which a payment may tell
            told = issued or (dates.get(id_) if kind == "payment" else None) or span.first
            from_on = min(max(span.first, told), from_on)
        by_day = sums.setdefault((kin.payers.get(owner, owner), currency), {})
        by_day[from_on] = by_day.get(from_on, 0) + remaining
        if until_on is not None and until_on <= span.last:
            by_day[until_on] = by_day.get(until_on, 0) - remaining
    for (customer, currency), by_day in sums.items():
        left = 0
        for on in sorted(by_day):
            left += by_day[on]
            yield Credited(days.on(on), customer, currency, left)


def _ordered(
    conn: sqlite3.Connection,
    book: str,
    span: _Span,
    kin: Families,
    states: Iterable[_State],
    days: _Days,
) -> Iterator[Ordered]:
    """The holds of people on each invoice and customer. One on somebody between an invoice's own customer
    and its payer holds that invoice."""
    rows = conn.execute(_SQL["holds"], {"book": book, "first": span.first, "last": span.last}).fetchall()
    if not rows:
        return
    payers: dict[str, set[str]] = {}
    below: dict[str, set[str]] = {}
    for state in states:
        payers.setdefault(state.debt.id, set()).add(state.debt.customer_id)
        for customer in kin.way(state.owner):
            below.setdefault(customer, set()).add(state.debt.id)
    lines = _lines(conn, book)
    found: dict[tuple[str, str | None], list[tuple[str, str, HoldOrder]]] = {}
    for target, id_, *order, until_on in rows:
        standing = until_on is None
        stretch = (
            max(order[-1], span.first),
            until_on or _NEVER,
            order_of(tuple(order), lines.get((target, id_, order[0]), ()) if standing else ()),
        )
        for key in _held(target, id_, payers, below, kin):
            found.setdefault(key, []).append(stretch)
    for (customer, invoice), stretches in found.items():
        turns = {from_on for from_on, _, _ in stretches} | {until_on for _, until_on, _ in stretches}
        for on in sorted(turn for turn in turns if turn <= span.last):
            orders = tuple(order for from_on, until_on, order in stretches if from_on <= on < until_on)
            yield Ordered(days.on(on), customer, invoice, orders)


def _held(
    target: str, id_: str, payers: Mapping[str, set[str]], below: Mapping[str, set[str]], kin: Families
) -> Iterator[tuple[str, str | None]]:
    """The customers, and their invoices, that a hold on this invoice or customer holds."""
    if target == "customer" and id_ not in kin.payers:
        yield id_, None
        return
    for invoice in (id_,) if target == "invoice" else sorted(below.get(id_, ())):
        for customer in sorted(payers.get(invoice, ())):
            yield customer, invoice


def _lines(conn: sqlite3.Connection, book: str) -> dict[tuple[str, str, str], tuple[tuple[str, int], ...]]:
    """What was open when the promises that stand were made, by invoice."""
    found: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    rows: Iterable[Row] = conn.execute(_HOLDS["lines"], {"book": book})
    for target, id_, reason, invoice, open_ in rows:
        found.setdefault((target, id_, reason), []).append((invoice, open_))
    return {key: tuple(parts) for key, parts in found.items()}
