"""Records in, right before a message leaves; and who the company is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, tzinfo
from typing import TYPE_CHECKING

from arsync.errors import FixSettings
from arsync.ledger import Gone
from arsync.store.database import Store
from arsync.store.dating import dating
from arsync.store.fence import Claim
from arsync.store.queries import statements
from arsync.store.records import (
    put_credits,
    put_customers,
    put_gone,
    put_invoices,
    put_rejects,
    understood,
)

if TYPE_CHECKING:
    from arsync.connector.protocol import Snapshot, Tenant

_SQL = statements("pull")


def snapshot_in(
    store: Store,
    claim: Claim,
    snapshot: Snapshot,
    invoice_ids: Collection[str],
    customer_ids: Collection[str],
    *,
    today: date,
    zone: tzinfo = UTC,
) -> None:
    """Store what was just read again. What was asked for and is not there does not exist any more;
    rows that could not be understood are left as they were (a credit without an id may be any of
    them: then no credit is taken as used up, and so with invoices)."""
    book = claim.book
    unread = {(it.entity, it.id) for it in snapshot.rejects}
    with store.writing(claim) as conn:
        days = dating(conn, book, today, zone)
        put_customers(conn, book, snapshot.customers)
        put_invoices(conn, book, snapshot.invoices, days)
        put_credits(conn, book, snapshot.credits, days)
        put_rejects(conn, book, snapshot.rejects, snapshot.read_at)
        understood(conn, book, snapshot.customers, snapshot.invoices, snapshot.credits)
        gone: list[Gone] = []
        if ("invoice", None) not in unread:
            there = {it.id for it in snapshot.invoices}
            gone += [
                Gone(entity="invoice", id=it)
                for it in invoice_ids
                if it not in there and ("invoice", it) not in unread
            ]
        if ("credit", None) not in unread:
            left = {(it.kind, it.id) for it in snapshot.credits}
            for customer in customer_ids:
                for kind, id_ in conn.execute(_SQL["credits_left"], (book, customer)).fetchall():
                    if (kind, id_) not in left and ("credit", id_) not in unread:
                        gone.append(Gone(entity="credit", kind=kind, id=id_))
        put_gone(conn, book, gone, days)
        conn.executemany(_SQL["seen_again"], [(book, id_) for id_ in invoice_ids])


def tenant_in(store: Store, claim: Claim, tenant: Tenant) -> None:
    """Store who the company is. Raises FixSettings when the book was another company's before."""
    with store.writing(claim) as conn:
        [(known, name)] = conn.execute(
            "SELECT tenant, name FROM books WHERE book = ?", (claim.book,)
        ).fetchall()
        if known is not None and known != tenant.id:
            raise FixSettings(
                f"the book {claim.book} holds the records of {name} ({known}), and the connection now leads "
                f"to {tenant.name} ({tenant.id}); give the other company a book of its own",
                key=f"books.{claim.book}.connection",
            )
        conn.execute(
            "UPDATE books SET tenant = ?, name = ?, currency = ?, timezone = ? WHERE book = ?",
            (tenant.id, tenant.name, tenant.currency, tenant.timezone, claim.book),
        )
