"""Records in: pages of a pull, each stored together with its cursor."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import msgspec

from arsync.errors import BrokenConnector
from arsync.ledger import Gone
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.dating import dating
from arsync.store.fence import Claim, extend
from arsync.store.loading import begin_load, end_load
from arsync.store.queries import statements
from arsync.store.records import (
    put_credits,
    put_customers,
    put_gone,
    put_invoices,
    put_payments,
    put_rejects,
    reject_id,
    understood,
)

if TYPE_CHECKING:
    from arsync.connector.protocol import Page

_SQL = statements("pull")


class Stored(msgspec.Struct, frozen=True):
    """How many records of a page are in the store now, by kind, and how many rows were rejects."""

    customers: int = 0
    invoices: int = 0
    credits: int = 0
    gone: int = 0
    rejects: int = 0


def begin_full(store: Store, claim: Claim) -> None:
    """Begin a full pull: the cursor is cleared, and all that is open is noted as not mentioned yet."""
    with store.writing(claim) as conn:
        conn.execute("UPDATE books SET cursor = NULL, complete = 0 WHERE book = ?", (claim.book,))
        begin_load(conn)
        _expect_everything(conn, claim.book)


def begin_changes(store: Store, claim: Claim) -> None:
    """Begin, or go on with, a pull of changes from the stored cursor."""
    with store.writing(claim) as conn:
        conn.execute("UPDATE books SET pulling = 'changes', complete = 0 WHERE book = ?", (claim.book,))
        conn.execute(_SQL["forget_unmentioned"], (claim.book,))


def store_page(
    store: Store, claim: Claim, page: Page, *, at: datetime, today: date, zone: tzinfo = UTC
) -> Stored:
    """Store a page's records and its cursor in one transaction; its last page completes the pull. The
    run's lease begins anew with each page.

    Only a full pull's last page closes what that pull has not mentioned. A connector may answer a pull
    of changes with a full one (when its cursor is too old): the first such page begins it. ``today`` is
    the day in the book's ``zone``. Raises BrokenConnector for a record that cannot be kept.
    """
    book = claim.book
    with store.writing(claim) as conn, _blaming_the_connector(book):
        [(pulling,)] = conn.execute("SELECT pulling FROM books WHERE book = ?", (book,)).fetchall()
        if page.full and pulling != "full":
            _expect_everything(conn, book)
        days = dating(conn, book, today, zone)
        customers = put_customers(conn, book, page.customers)
        invoices = put_invoices(conn, book, page.invoices, days)
        credits_ = put_credits(conn, book, page.credits, days)
        bounced = put_payments(conn, book, page.payments, days)
        conn.executemany(_SQL["bounced"], [(book, id_) for id_ in sorted(bounced)])
        put_gone(conn, book, [*page.gone, *_used_up(conn, book, page)], days)
        rejects = put_rejects(conn, book, page.rejects, at)
        understood(conn, book, page.customers, page.invoices, page.credits, page.payments)
        conn.executemany(_SQL["understood"], [(book, it.entity, it.id) for it in page.gone])
        conn.executemany(_SQL["seen_again"], [(book, it.id) for it in page.gone if it.entity == "invoice"])
        if page.full:
            conn.execute(_SQL["all_seen_again"], (book,))  # its list of open invoices tells
        else:
            conn.executemany(_SQL["seen_again"], [(book, it.id) for it in page.invoices])
        _mention(conn, book, page)
        conn.execute("UPDATE books SET cursor = ? WHERE book = ?", (page.cursor, book))
        extend(conn, claim)
        if page.last:
            _complete(conn, book, full=page.full, at=at, today=today)
    if page.repeats:
        return Stored(customers, invoices, credits_, len(page.gone), rejects)
    left = sum(1 for credit in page.credits if credit.remaining)
    return Stored(len(page.customers), len(page.invoices), left, len(page.gone), len(page.rejects))


def _used_up(conn: sqlite3.Connection, book: str, page: Page) -> list[Gone]:
    """Credits that a page which has all of their kind does not mention. One that could not be understood
    may be any of them."""
    if not page.all_of or any(it.entity == "credit" and not it.id for it in page.rejects):
        return []
    there = {(it.kind, it.id) for it in page.credits}
    unread = {it.id for it in page.rejects if it.entity == "credit"}
    return [
        Gone(entity="credit", kind=kind, id=id_)
        for kind in page.all_of
        for (id_,) in conn.execute(_SQL["left_of_kind"], (book, kind)).fetchall()
        if (kind, id_) not in there and id_ not in unread
    ]


@contextmanager
def _blaming_the_connector(book: str) -> Iterator[None]:
    """A record against the rules of the tables (no customer, an unknown status) is the connector's fault."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError, UnicodeEncodeError) as error:
        raise BrokenConnector(
            f"the connector of {book} gave a record that cannot be kept ({error}); nothing of its page was "
            "stored"
        ) from error


def still_bounced(store: Store, book: str) -> list[str]:
    """Invoices that a payment is applied to no more, and that were not read since."""
    return [id_ for (id_,) in store.rows(_SQL["still_bounced"], (book,))]


def _expect_everything(conn: sqlite3.Connection, book: str) -> None:
    conn.execute("UPDATE books SET pulling = 'full' WHERE book = ?", (book,))
    for name in ("forget_unmentioned", "expect_invoices", "expect_credits", "expect_rejects"):
        conn.execute(_SQL[name], (book,))


def _mention(conn: sqlite3.Connection, book: str, page: Page) -> None:
    """Strike what the page mentions off the list. A rejected row is mentioned too: that we could not
    read it does not mean that it is not owed."""
    if not conn.execute("SELECT 1 FROM unmentioned WHERE book = ? LIMIT 1", (book,)).fetchone():
        return
    keys = [(book, "invoice", "", it.id) for it in page.invoices]
    keys += [(book, "credit", it.kind, it.id) for it in page.credits]
    keys += [(book, "reject", it.entity, reject_id(it)) for it in page.rejects]
    keys += [(book, "invoice", "", it.id) for it in page.rejects if it.entity == "invoice" and it.id]
    conn.executemany(_SQL["mentioned"], keys)
    for it in page.rejects:
        if it.entity == "credit" and it.id:
            conn.execute(_SQL["mentioned_credit_of_any_kind"], (book, it.id))
        elif not it.id:
            conn.execute(_SQL["mentioned_all"], (book, it.entity))


def _complete(conn: sqlite3.Connection, book: str, *, full: bool, at: datetime, today: date) -> None:
    if full:
        for name in ("close_invoices", "close_credits", "close_rejects"):
            conn.execute(_SQL[name], {"book": book, "day": today.isoformat()})
    conn.execute(_SQL["forget_unmentioned"], (book,))
    conn.execute(
        _SQL["completed"], {"book": book, "at": instant(at), "full": int(full), "day": today.isoformat()}
    )
    borders = [(today - timedelta(days=days)).isoformat() for days in (0, 30, 60, 90)]
    conn.execute(_SQL["aging_days"], (book, *borders))
    end_load(conn)
    if full:
        # The planner's statistics; a sample of each index is enough for it.
        conn.execute("PRAGMA analysis_limit = 1000")
        conn.execute("ANALYZE")
