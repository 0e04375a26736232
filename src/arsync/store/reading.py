"""Facts out: what a plan is decided from. What a customer owes is asked of the one who pays for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

import msgspec

from arsync.policy.model import Debt, Facts, HoldOrder, Message, Taken
from arsync.store.columns import day_of, moment
from arsync.store.database import Row, Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.differences import differences, in_words
from arsync.store.families import Families, families
from arsync.store.messages import read, states
from arsync.store.queries import statements

_SQL = statements("facts")
# No id sorts behind it: it ends the range of all customers.
EVERYBODY = {"first": "", "last": "\U0010ffff"}


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
    tied_at: datetime | None  # when it was last compared with the accounting system's own figures


def book_state(store: Store, book: str) -> BookState | None:
    """The state of a book, None when it is not registered."""
    rows = store.rows(_SQL["book"], (book,))
    if not rows:
        return None
    kept = dict(zip(BookState.__struct_fields__, rows[0], strict=True))
    for name in ("synced_at", "full_at", "lease_until", "tied_at"):
        kept[name] = moment(kept[name])
    return BookState(**{**kept, "complete": bool(kept["complete"])})


def facts(
    store: Store, book: str, *, today: date, customers: Collection[str] | None = None, addresses: Sieve
) -> Facts:
    """The facts of a book, or of some of its customers with all of their families. ``addresses`` parts
    a list of addresses into those that can be written to and those that cannot.

    What a customer that is billed to its parent owes and has to its credit, and the messages that have
    reached it, are its payer's; holds on it are holds on its invoices.
    """
    debts: list[Debt] = []
    taken: dict[str, Taken] = {}
    with store.reading() as conn:
        kin = families(conn, book, customers)
        some = [EVERYBODY] if customers is None else [_alone(id_) for id_ in kin.members(customers)]
        ranges = [{"book": book, **span} for span in some]
        for values in ranges:
            owed = _debts(conn, values)
            debts += owed
            taken |= _taken(conn, values, owed)
        owners = climb(debts, kin)
        orders = conn.execute(_SQL["holds"], {"book": book, "today": today.isoformat()})
        invoice_holds, customer_holds = holds(orders, kin, owners)
        return Facts(
            debts=debts,
            debtors=debtors(conn, book, ranges, debts, kin, addresses),
            unapplied=_unapplied(conn, ranges, kin),
            invoice_holds=invoice_holds,
            customer_holds=customer_holds,
            taken=taken,
            contacted=_contacted(conn, book, ranges, kin),
            approved=_approved(conn, book, customers),
            bound=frozenset(id_ for (id_,) in conn.execute(_SQL["bound"], {"book": book})),
            open_tasks=frozenset(conn.execute(_SQL["open_tasks"], {"book": book})),
            unreconciled=unreconciled(store, book, kin),
        )


def unreconciled(store: Store, book: str, kin: Families) -> dict[tuple[str, str], str]:
    """How customers' figures differ, by who pays for them and currency; '' for all currencies, where
    they were compared in the home currency."""
    found: dict[tuple[str, str], str] = {}
    for known in differences(store, book):
        it = known.difference
        key = kin.payers.get(it.customer_id, it.customer_id), "" if it.home else it.currency
        since = f"{in_words(it)} (since {known.found_on}; `arsync reconcile {book}` compares again)"
        found[key] = f"{found[key]}; {since}" if key in found else since
    return found


def _alone(customer: str) -> dict[str, str]:
    return {"first": customer, "last": customer}


def _debts(conn: sqlite3.Connection, values: dict[str, str]) -> list[Debt]:
    """Many invoices share their days: each text becomes a date once."""
    days: dict[str | None, date | None] = _Days()
    return [
        Debt(id_, number, customer, currency, days[due], open_, days[promised])
        for id_, number, customer, currency, due, open_, promised in conn.execute(_SQL["debts"], values)
    ]


def climb(debts: list[Debt], kin: Families) -> dict[str, str]:
    """The debts of those who are billed to a parent become the payer's; whose they are, by invoice."""
    owners: dict[str, str] = {}
    for at, debt in enumerate(debts) if kin.payers else ():
        if (payer := kin.payers.get(debt.customer_id)) is not None:
            owners[debt.id] = debt.customer_id
            debts[at] = msgspec.structs.replace(debt, customer_id=payer)
    return owners


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


def _unapplied(
    conn: sqlite3.Connection, ranges: list[dict[str, str]], kin: Families
) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for values in ranges:
        for customer, currency, remaining in conn.execute(_SQL["unapplied"], values):
            key = kin.payers.get(customer, customer), currency
            found[key] = found.get(key, 0) + remaining
    return {key: remaining for key, remaining in found.items() if remaining > 0}


def _contacted(
    conn: sqlite3.Connection, book: str, ranges: list[dict[str, str]], kin: Families
) -> dict[tuple[str, str], date]:
    """What reached a customer before it was billed to its parent has reached the family, and what reached
    one whose invoices are another's now (merged customers) has reached that other one."""
    found: dict[tuple[str, str], str] = {}

    def reached(customer: str, currency: str, on: str) -> None:
        key = kin.payers.get(customer, customer), currency
        found[key] = max(on, found.get(key, on))

    for values in ranges:
        for customer, currency, on in conn.execute(_SQL["contacted"], values):
            reached(customer, currency, on)
    for heir, before in conn.execute(_SQL["moved"], {"book": book}).fetchall():
        if any(span["first"] <= heir <= span["last"] for span in ranges):
            for _, currency, on in conn.execute(_SQL["contacted"], {"book": book, **_alone(before)}):
                reached(heir, currency, on)
    return {key: date.fromisoformat(on) for key, on in found.items()}


def _approved(conn: sqlite3.Connection, book: str, customers: Collection[str] | None) -> list[Message]:
    if customers is None:
        return [it.message for it in states(conn, book, {"approved"})]
    condition = "AND m.status = 'approved' AND m.customer_id = ?"
    return [it.message for id_ in sorted(set(customers)) for it in read(conn, book, condition, (id_,))]


def holds(
    orders: Iterable[Row], kin: Families, owners: Mapping[str, str]
) -> tuple[dict[str, list[HoldOrder]], dict[str, list[HoldOrder]]]:
    """By invoice and by customer. A hold on somebody between an invoice's own customer and its payer
    holds that invoice; the payer's others are not touched."""
    found: dict[str, dict[str, list[HoldOrder]]] = {"invoice": {}, "customer": {}}
    for target, id_, reason, until, note in orders:
        found[target].setdefault(id_, []).append(HoldOrder(reason, day_of(until), note))
    if found["customer"]:
        for invoice, owner in owners.items():
            for customer in kin.way(owner):
                if theirs := found["customer"].get(customer):
                    found["invoice"].setdefault(invoice, []).extend(theirs)
        for customer in kin.payers:
            found["customer"].pop(customer, None)
    return found["invoice"], found["customer"]
