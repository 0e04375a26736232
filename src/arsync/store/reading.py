"""Facts out: what a plan is decided from. What a customer owes is asked of the one who pays for it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from arsync.policy.model import Agreement, Debt, Facts, Message, Taken
from arsync.store.agreements import in_force
from arsync.store.behaviour import behaviour
from arsync.store.columns import day_of, moment
from arsync.store.database import Row, Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.differences import differences, in_words
from arsync.store.families import Families, families
from arsync.store.messages import read, states
from arsync.store.opt_outs import opted_out, wants_no_messages
from arsync.store.queries import statements
from arsync.store.reached import addresses_of, reached_lately
from arsync.store.standing import standing_holds

_SQL = statements("facts")
# No id sorts behind it: it ends the range of all customers.
EVERYBODY = {"first": "", "last": "\U0010ffff"}
NOBODY: Mapping[str, Sequence[str]] = {}


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
    store: Store,
    book: str,
    *,
    today: date,
    customers: Collection[str] | None = None,
    addresses: Sieve,
    contact_days: int = 0,
    with_behaviour: bool = False,
    written_to: Mapping[str, Sequence[str]] = NOBODY,
    zone: str = "UTC",
) -> Facts:
    """The facts of a book, or of some of its customers with all of their families, and with whoever else
    owes on an agreement of theirs, for by that it is judged. ``addresses`` parts a list of addresses into
    those that can be written to and those that cannot.

    What a customer that is billed to its parent owes and has to its credit, the messages that have
    reached it and what it wants to hear nothing by are its payer's; holds on it are holds on its
    invoices. Contacts are those of the last ``contact_days`` days, none are read for 0;
    ``written_to`` are addresses by customer id or name that stand in the place of those on record.
    How customers have paid is read ``with_behaviour`` only. ``zone`` is the book's.
    """
    debts: list[Debt] = []
    steps = Steps()
    with store.reading() as conn:
        asked_about = None if customers is None else _with_partners(conn, book, customers)
        kin = families(conn, book, asked_about)
        members = None if asked_about is None else kin.members(asked_about)
        ranges = [
            {"book": book, **span} for span in ([EVERYBODY] if members is None else map(_alone, members))
        ]
        for values in ranges:
            debts += _debts(conn, values)
            steps.read(conn.execute(_SQL["steps_taken"], values))
        owners = climb(debts, kin)
        asked = None if members is None else {*members, *(debt.id for debt in debts)}
        invoice_holds, customer_holds = standing_holds(conn, book, today, kin, owners, only=asked)
        opted = opted_out(conn, book, today)
        whom = debtors(conn, book, ranges, debts, kin, addresses, silent=wants_no_messages(opted))
        return Facts(
            debts=debts,
            debtors=whom,
            unapplied=_unapplied(conn, ranges, kin),
            invoice_holds=invoice_holds,
            customer_holds=customer_holds,
            taken=steps.taken,
            contacted=_contacted(conn, book, ranges, kin),
            approved=_approved(conn, book, customers),
            bound=frozenset(id_ for (id_,) in conn.execute(_SQL["bound"], {"book": book})),
            open_tasks=_open_tasks(conn, book),
            unreconciled=unreconciled(store, book, kin),
            rounds=steps.rounds,
            contacts=reached_lately(
                conn,
                book,
                members,
                addresses_of(whom, written_to),
                days=contact_days,
                until=today,
                zone=ZoneInfo(zone),
                kin=kin,
            ),
            opted_out=opted,
            agreements=of_payers(in_force(conn, book, members), kin),
            behaviour=behaviour(conn, ranges, kin, today) if with_behaviour else {},
            zone=zone,
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


def _with_partners(conn: sqlite3.Connection, book: str, customers: Collection[str]) -> set[str]:
    """These customers, and those whose open invoices are under one agreement with open ones of theirs: what
    was one customer's or family's may have come apart since it was agreed."""
    known = set(customers)
    while True:
        members = families(conn, book, known).members(known)
        partners = {
            owner
            for agreement in in_force(conn, book, members)
            for invoice, _ in agreement.lines
            for (owner,) in conn.execute(_SQL["owner"], (book, invoice))
        }
        if partners.issubset(members):
            return known
        known |= partners


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


def of_payers(agreements: Iterable[Agreement], kin: Families) -> list[Agreement]:
    """The agreements of those who are billed to a parent are the payer's."""
    return [
        it
        if (payer := kin.payers.get(it.customer_id)) is None
        else msgspec.structs.replace(it, customer_id=payer)
        for it in agreements
    ]


class _Days(dict[str | None, date | None]):
    def __missing__(self, text: str | None) -> date | None:
        self[text] = day = day_of(text)
        return day


class Steps:
    """The furthest step of each open invoice that has taken one: ``taken`` by invoice, and in rounds
    above the first ``rounds`` by (invoice, round). Alike ones are one value."""

    def __init__(self) -> None:
        self.taken: dict[str, Taken] = {}
        self.rounds: dict[tuple[str, int], Taken] = {}
        self._alike: dict[tuple[str, int, str | None], Taken] = {}

    def read(self, rows: Iterable[Row]) -> None:
        """Rows of (invoice, round, step, offset, day); the day is None of one that was passed over."""
        taken, alike = self.taken, self._alike
        for invoice, round_, step, offset, on in rows:
            last = taken.get(invoice) if round_ == 1 else self.rounds.get((invoice, round_))
            if last is not None and (offset, step) < (last.offset, last.step):
                continue
            if (it := alike.get((step, offset, on))) is None:
                it = alike[step, offset, on] = Taken(step, offset, day_of(on))
            if round_ == 1:
                taken[invoice] = it
            else:
                self.rounds[invoice, round_] = it


def _open_tasks(conn: sqlite3.Connection, book: str) -> frozenset[tuple[str, str]]:
    return frozenset(
        (invoice, step if round_ == 1 else f"{step}#{round_}")
        for invoice, step, round_ in conn.execute(_SQL["open_tasks"], {"book": book})
    )


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
