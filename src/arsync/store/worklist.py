"""What waits for a person in one book, as its tables tell it: holds, refused copies, tokens, agreements."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from arsync.policy.model import HoldReason
from arsync.store.columns import day_of
from arsync.store.database import Store
from arsync.store.families import families
from arsync.store.queries import statements

_SQL = statements("worklist")
# How far back a refused copy is still news.
REFUSED_DAYS = 30


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A hold that stands, with what is open on it by currency in minor units."""

    target: str
    target_id: str
    reason: HoldReason
    until: date | None
    note: str
    owner: str
    amount: int | None
    currency: str
    grace: int
    put_on: date | None
    label: str
    customer_id: str
    customer_name: str
    open: dict[str, int]


class RefusedCopy(msgspec.Struct, frozen=True):
    """A message that was delivered to some and turned down for others."""

    message: str
    customer_id: str
    customer_name: str
    refused: str
    currency: str
    asked: int
    on: date


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A settlement that waits for approval (``state`` proposed), or one that was kept and of which
    ``open`` is still to be written off in the accounting system."""

    id: str
    kind: str
    state: str
    customer_id: str
    customer_name: str
    currency: str
    amount: int
    until: date | None
    conceded: int
    agreed_on: date
    since: date
    owner: str
    open: int


def held(store: Store, book: str) -> list[Held]:
    """The holds on what is still owed, the oldest first."""
    found = []
    for row in store.rows(_SQL["holds"], {"book": book}):
        target, target_id, reason, until, note, owner, amount, currency, grace, put_on, *names = row
        if owed := _open(store, book, target, target_id):
            label, customer_id, customer_name = names
            found.append(
                Held(
                    target=target,
                    target_id=target_id,
                    reason=reason,
                    until=day_of(until),
                    note=note,
                    owner=owner,
                    amount=amount,
                    currency=currency,
                    grace=grace,
                    put_on=day_of(put_on or None),
                    label=label,
                    customer_id=customer_id,
                    customer_name=customer_name,
                    open=owed,
                )
            )
    return found


def _open(store: Store, book: str, target: str, id_: str) -> dict[str, int]:
    """What is open on an invoice, or on a customer's own invoices and those that are billed to it."""
    if target == "invoice":
        return dict(store.rows(_SQL["open_of_invoice"], (book, id_)))
    with store.reading() as conn:
        billed = families(conn, book, [id_]).billed.get(id_, ())
    owed: dict[str, int] = {}
    for member in (id_, *billed):
        for currency, units in store.rows(_SQL["open_of_customer"], (book, member)):
            owed[currency] = owed.get(currency, 0) + units
    return owed


def ended_with_a_task(store: Store, book: str, invoice_id: str) -> bool:
    """Whether the last step that an invoice has taken was a person's."""
    return store.rows(_SQL["last_taken"], (book, invoice_id)) == [("task",)]


def overdue(store: Store, book: str, today: date) -> dict[str, int]:
    """All that is overdue in a book, by currency."""
    return dict(store.rows(_SQL["overdue"], {"book": book, "today": today.isoformat()}))


def refused_copies(store: Store, book: str, today: date) -> list[RefusedCopy]:
    """Copies that a mail server turned down in the last 30 days."""
    since = (today - timedelta(days=REFUSED_DAYS)).isoformat()
    return [
        RefusedCopy(id_, customer, name, refused, currency, asked, date.fromisoformat(ended_on))
        for id_, customer, name, refused, currency, asked, ended_on in store.rows(
            _SQL["refused"], {"book": book, "since": since}
        )
    ]


def failed_notes(store: Store, book: str) -> tuple[int, date | None]:
    """How many notes were given up, and since when the oldest was owed."""
    [(count, since)] = store.rows(_SQL["failed_notes"], (book,))
    return count, day_of(since)


def reject_count(store: Store, book: str) -> tuple[int, date | None]:
    """How many records could not be understood, and since when."""
    [(count, since)] = store.rows(_SQL["rejects"], (book,))
    return count, day_of(since)


def rates(store: Store, book: str) -> dict[str, str]:
    """A rate to the home currency for each foreign currency of open invoices, as it was told."""
    return dict(store.rows(_SQL["rates"], {"book": book}))


def waiting_agreements(store: Store, book: str) -> list[Waiting]:
    """Settlements to approve, and kept ones of which something is still open in the accounting system."""
    found = []
    for row in store.rows(_SQL["agreements"], {"book": book}):
        id_, kind, state, customer, name, currency, amount, until, conceded, agreed, since, owner, open_ = row
        if state == "proposed" or open_ > 0:
            found.append(
                Waiting(
                    id=id_,
                    kind=kind,
                    state=state,
                    customer_id=customer,
                    customer_name=name,
                    currency=currency,
                    amount=amount,
                    until=day_of(until),
                    conceded=conceded,
                    agreed_on=date.fromisoformat(agreed),
                    since=date.fromisoformat(since),
                    owner=owner,
                    open=open_,
                )
            )
    return found
