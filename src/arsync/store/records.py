"""Records as rows: customers, invoices, credits, payments and rejects, put in within the caller's
transaction. ``days`` tells from which day on a change counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from arsync.ledger import Credit, Customer, Entity, Gone, Invoice, Payment, Reject
from arsync.store.columns import instant, joined
from arsync.store.dating import Dating
from arsync.store.queries import statements

_SQL = statements("pull")


def put_customers(conn: sqlite3.Connection, book: str, customers: Iterable[Customer]) -> int:
    """Put them in; how many of them were new or differed."""
    written = conn.executemany(
        _SQL["customer"],
        [
            (
                book,
                it.id,
                it.name,
                "\n".join(it.emails),
                "\n".join(it.cc),
                it.parent_id,
                int(it.bills_parent),
                it.language,
                it.country,
                it.subdivision,
                joined(it.groups),
                int(it.active),
                it.updated_at,
            )
            for it in customers
        ],
    )
    return written.rowcount


def put_invoices(conn: sqlite3.Connection, book: str, invoices: Iterable[Invoice], days: Dating) -> int:
    """Put them in; how many of them were new or differed."""
    written = conn.executemany(
        _SQL["invoice"],
        [
            (
                book,
                it.id,
                it.number,
                it.customer_id,
                it.currency,
                it.issued_on and it.issued_on.isoformat(),
                it.due_on and it.due_on.isoformat(),
                it.total,
                it.owed,
                it.status,
                it.promised_on and it.promised_on.isoformat(),
                "\n".join(it.emails),
                "\n".join(it.cc),
                "\n".join(it.bcc),
                it.rate,
                it.updated_at,
                days.day(it.updated_at),
            )
            for it in invoices
        ],
    )
    return written.rowcount


def put_credits(conn: sqlite3.Connection, book: str, credits_: Sequence[Credit], days: Dating) -> int:
    """Put them in; how many of them were new or differed. One with nothing left only uses up what the
    book had of it: most payments never were a credit."""
    left = [it for it in credits_ if it.remaining]
    written = conn.executemany(
        _SQL["credit"],
        [
            (
                book,
                it.kind,
                it.id,
                it.customer_id,
                it.currency,
                it.remaining,
                it.number,
                it.issued_on and it.issued_on.isoformat(),
                it.rate,
                it.updated_at,
                days.day(it.updated_at),
            )
            for it in left
        ],
    )
    used_up = [
        {
            "book": book,
            "id": it.id,
            "stamp": it.updated_at,
            "kind": it.kind,
            "day": days.day(it.updated_at),
        }
        for it in credits_
        if not it.remaining
    ]
    return written.rowcount + conn.executemany(_SQL["gone_credit"], used_up).rowcount


def put_payments(conn: sqlite3.Connection, book: str, payments: Iterable[Payment], days: Dating) -> set[str]:
    """Put them in with their allocations; one of neither amount nor allocations was deleted. The ids of
    invoices that a payment is applied to no more: their open amounts should have risen."""
    bounced: set[str] = set()
    for it in payments:
        before = {id_ for (id_,) in conn.execute(_SQL["allocated_to"], (book, it.id))}
        if not it.amount and not it.allocations:
            values = {"book": book, "id": it.id, "stamp": it.updated_at, "day": days.day(it.updated_at)}
            if conn.execute(_SQL["gone_payment"], values).fetchall():
                bounced |= before
            continue
        paid_on = it.paid_on.isoformat()
        row = (book, it.id, it.customer_id, it.currency, it.amount, paid_on, days.today, it.updated_at)
        if conn.execute(_SQL["payment"], row).fetchall():
            conn.execute(_SQL["drop_allocations"], (book, it.id))
            parts = [(book, it.id, part.invoice_id, part.amount) for part in it.allocations]
            conn.executemany(_SQL["allocation"], parts)
            bounced |= before - {part.invoice_id for part in it.allocations}
    return bounced


def put_gone(conn: sqlite3.Connection, book: str, gone: Iterable[Gone], days: Dating) -> None:
    """What was deleted owes nothing and covers nothing; its rows stay for the story."""
    for it in gone:
        day = days.day(it.updated_at)
        values = {"book": book, "id": it.id, "stamp": it.updated_at, "kind": it.kind or "", "day": day}
        conn.execute(_SQL[f"gone_{it.entity}"], values)


def put_rejects(conn: sqlite3.Connection, book: str, rejects: Iterable[Reject], at: datetime) -> int:
    """Put them in; how many of them were new or differed."""
    written = conn.executemany(
        _SQL["reject"],
        [(book, it.entity, reject_id(it), it.reason, it.raw, instant(at)) for it in rejects],
    )
    return written.rowcount


def reject_id(reject: Reject) -> str:
    """The record's own id, else a digest of its raw text."""
    return reject.id or "sha256:" + sha256(reject.raw.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def understood(
    conn: sqlite3.Connection,
    book: str,
    customers: Sequence[Customer],
    invoices: Sequence[Invoice],
    credits_: Sequence[Credit],
    payments: Sequence[Payment] = (),
) -> None:
    """Forget the rejects whose records came in after all."""
    kept = set(conn.execute("SELECT entity, id FROM rejects WHERE book = ?", (book,)))
    if not kept:
        return
    came: list[tuple[Entity, str]] = [("customer", it.id) for it in customers]
    came += [("invoice", it.id) for it in invoices]
    came += [("credit", it.id) for it in credits_]
    came += [("payment", it.id) for it in payments]
    conn.executemany(_SQL["understood"], [(book, *key) for key in kept.intersection(came)])
