"""What was owed in a stretch of a book's past, what was unapplied and what was held: each change on its
day. It is what `ledger_on` and `standing_holds` tell of each day by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

import msgspec

from arsync.policy.changes import Credited, Gone, Ordered, Owed
from arsync.policy.model import Debt, HoldOrder
from arsync.store.database import Row
from arsync.store.families import Families
from arsync.store.holds import order_of
from arsync.store.queries import statements

_SQL, _PAST, _HOLDS = statements("replaying"), statements("past"), statements("holds")
# Sorts behind every day.
_NEVER = "~"


class Span(NamedTuple):
    """The first and the last day, as texts, and the day from which on the book remembers."""

    first: str
    last: str
    began: str

    @property
    def known(self) -> str:
        """The first of its days that the book remembers."""
        return max(self.first, self.began)


class State(NamedTuple):
    """What was owed on an invoice from one day up to, and without, another. ``owner`` is the customer it
    is made out to, who may not be the one that pays."""

    from_on: str
    until_on: str
    owner: str
    debt: Debt


class Days(dict[str | None, date | None]):
    """Many records share their days: each text becomes a date once."""

    def __missing__(self, text: str | None) -> date | None:
        self[text] = day = date.fromisoformat(text) if text else None
        return day

    def on(self, text: str) -> date:
        day = self[text]
        assert day is not None
        return day


def states(conn: sqlite3.Connection, book: str, span: Span, kin: Families, days: Days) -> Iterator[State]:
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
            for start, end, then in _before(issued, open_, total, paid.get(id_, ()), span):
                if then > 0:
                    yield State(start, end, owner, msgspec.structs.replace(debt, open=then))
        if open_ > 0:
            yield State(from_on, until_on, owner, debt)


def _paid_after(conn: sqlite3.Connection, book: str, span: Span) -> dict[str, list[tuple[str, int]]]:
    values = {"book": book, "day": span.first, "began": span.began}
    rows = conn.execute(_SQL["paid_after"], values)
    return {
        invoice: [(on, amount) for _, on, amount in found] for invoice, found in groupby(rows, itemgetter(0))
    }


def _before(
    issued: str | None, open_: int, total: int, paid: Sequence[tuple[str, int]], span: Span
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


def owed(known: Iterable[State], span: Span, days: Days) -> Iterator[Owed | Gone]:
    """When each invoice came, changed and was paid."""
    for id_, every in groupby(known, key=lambda state: state.debt.id):
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


def credited(
    conn: sqlite3.Connection, book: str, span: Span, kin: Families, days: Days
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


def ordered(
    conn: sqlite3.Connection,
    book: str,
    span: Span,
    kin: Families,
    known: Iterable[State],
    days: Days,
) -> Iterator[Ordered]:
    """The holds of people on each invoice and customer. One on somebody between an invoice's own customer
    and its payer holds that invoice."""
    rows = conn.execute(_SQL["holds"], {"book": book, "first": span.first, "last": span.last}).fetchall()
    if not rows:
        return
    payers: dict[str, set[str]] = {}
    below: dict[str, list[State]] = {}
    for state in known:
        payers.setdefault(state.debt.id, set()).add(state.debt.customer_id)
        for customer in kin.way(state.owner):
            below.setdefault(customer, []).append(state)
    lines = _lines(conn, book)
    found: dict[tuple[str, str | None], list[tuple[str, str, HoldOrder]]] = {}
    for target, id_, *columns, until_on in rows:
        standing = until_on is None
        order = order_of(tuple(columns), lines.get((target, id_, columns[0]), ()) if standing else ())
        start, end = max(columns[-1], span.first), until_on or _NEVER
        if target == "invoice":
            for payer in sorted(payers.get(id_, ())):
                found.setdefault((payer, id_), []).append((start, end, order))
        elif id_ not in kin.payers:
            found.setdefault((id_, None), []).append((start, end, order))
        for it in below.get(id_, ()) if target == "customer" else ():
            within = max(start, it.from_on), min(end, it.until_on), order
            found.setdefault((it.debt.customer_id, it.debt.id), []).append(within)
    for (customer, invoice), stretches in found.items():
        turns = {from_on for from_on, _, _ in stretches} | {until_on for _, until_on, _ in stretches}
        for on in sorted(turn for turn in turns if turn <= span.last):
            orders = tuple(order for from_on, until_on, order in stretches if from_on <= on < until_on)
            yield Ordered(days.on(on), customer, invoice, orders)


def _lines(conn: sqlite3.Connection, book: str) -> dict[tuple[str, str, str], tuple[tuple[str, int], ...]]:
    """What was open when the promises that stand were made, by invoice."""
    found: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    rows: Iterable[Row] = conn.execute(_HOLDS["lines"], {"book": book})
    for target, id_, reason, invoice, open_ in rows:
        found.setdefault((target, id_, reason), []).append((invoice, open_))
    return {key: tuple(parts) for key, parts in found.items()}
