"""Facts out: what a plan is decided from."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date, datetime

import msgspec

from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Message, Taken
from arsync.store.columns import day_of, moment
from arsync.store.database import Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.messages import read, states
from arsync.store.queries import statements

_SQL = statements("facts")
# No id sorts behind it: it ends the range of all customers.
_LAST = "\U0010ffff"


class BookState(msgspec.Struct, frozen=True):
    """Where a book stands. ``pulling`` is set while a pull has not seen its last page; ``complete`` tells
    whether the last pull came to its end."""

    book: str
    connector: str
    tenant: str | None
    name: str | None
    currency: str | None
    timezone: str | None
    cursor: str | None
    pulling: str | None  # "full" or "changes"
    complete: bool
    synced_at: datetime | None
    full_at: datetime | None
    fence: int
    holder: str | None
    lease_until: datetime | None


def book_state(store: Store, book: str) -> BookState | None:
    """The state of a book, None when it is not registered."""
    rows = store.rows(_SQL["book"], (book,))
    if not rows:
        return None
    kept = dict(zip(BookState.__struct_fields__, rows[0], strict=True))
    for name in ("synced_at", "full_at", "lease_until"):
        kept[name] = moment(kept[name])
    return BookState(**{**kept, "complete": bool(kept["complete"])})


def facts(
    store: Store, book: str, *, today: date, customers: Collection[str] | None = None, addresses: Sieve
) -> Facts:
    """The facts of a book, or of some of its customers. ``addresses`` parts a list of addresses into
    those that can be written to and those that cannot."""
    ranges = [("", _LAST)] if customers is None else [(id_, id_) for id_ in sorted(set(customers))]
    debts: list[Debt] = []
    found: dict[str, Debtor] = {}
    unapplied: dict[tuple[str, str], int] = {}
    taken: dict[str, Taken] = {}
    contacted: dict[tuple[str, str], date] = {}
    with store.reading() as conn:
        for first, last in ranges:
            values = {"book": book, "first": first, "last": last}
            some = _debts(conn, values)
            debts += some
            found |= debtors(conn, values, some, addresses)
            for customer, currency, remaining in conn.execute(_SQL["unapplied"], values):
                unapplied[customer, currency] = remaining
            taken |= _taken(conn, values, some)
            for customer, currency, on in conn.execute(_SQL["contacted"], values):
                contacted[customer, currency] = date.fromisoformat(on)
        invoice_holds, customer_holds = _holds(conn, book, today)
        return Facts(
            debts=debts,
            debtors=found,
            unapplied=unapplied,
            invoice_holds=invoice_holds,
            customer_holds=customer_holds,
            taken=taken,
            contacted=contacted,
            approved=_approved(conn, book, customers),
            bound=frozenset(id_ for (id_,) in conn.execute(_SQL["bound"], {"book": book})),
            open_tasks=frozenset(conn.execute(_SQL["open_tasks"], {"book": book})),
        )


def _debts(conn: sqlite3.Connection, values: dict[str, str]) -> list[Debt]:
    """Many invoices share their days: each text becomes a date once."""
    days: dict[str | None, date | None] = _Days()
    return [
        Debt(id_, number, customer, currency, days[due], open_, days[promised])
        for id_, number, customer, currency, due, open_, promised in conn.execute(_SQL["debts"], values)
    ]


class _Days(dict[str | None, date | None]):
    def __missing__(self, text: str | None) -> date | None:
        self[text] = day = day_of(text)
        return day


def _taken(conn: sqlite3.Connection, values: dict[str, str], debts: list[Debt]) -> dict[str, Taken]:
    """The furthest step of each open invoice that has taken one; alike ones are one value."""
    one = values["first"] == values["last"]
    open_ = {debt.id for debt in debts}
    alike: dict[tuple[str, int], Taken] = {}
    found: dict[str, Taken] = {}
    for invoice, step, offset in conn.execute(_SQL["steps_taken_of_one" if one else "steps_taken"], values):
        if invoice in open_ and ((last := found.get(invoice)) is None or offset >= last.offset):
            found[invoice] = alike.setdefault((step, offset), Taken(step, offset))
    return found


def _approved(conn: sqlite3.Connection, book: str, customers: Collection[str] | None) -> list[Message]:
    if customers is None:
        return [it.message for it in states(conn, book, {"approved"})]
    condition = "AND m.status = 'approved' AND m.customer_id = ?"
    return [it.message for id_ in sorted(set(customers)) for it in read(conn, book, condition, (id_,))]


def _holds(
    conn: sqlite3.Connection, book: str, today: date
) -> tuple[dict[str, list[HoldOrder]], dict[str, list[HoldOrder]]]:
    found: dict[str, dict[str, list[HoldOrder]]] = {"invoice": {}, "customer": {}}
    for target, id_, reason, until, note in conn.execute(
        _SQL["holds"], {"book": book, "today": today.isoformat()}
    ):
        found[target].setdefault(id_, []).append(HoldOrder(reason, day_of(until), note))
    return found["invoice"], found["customer"]
