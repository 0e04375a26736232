"""Notes on their way into the accounting system: owed -> writing -> written | failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from arsync.errors import BrokenConnector
from arsync.store import story
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements
from arsync.writing.note import mark, marked

if TYPE_CHECKING:
    from arsync.connector.protocol import Note, Receipt

_SQL = statements("notes")


def owe(conn: sqlite3.Connection, book: str, message_id: str, notes: Iterable[Note], at: datetime) -> None:
    """Owe the notes of a message or a hold, in the caller's transaction; ``message_id`` is its id, or the
    one that the note of a hold has of its own. One that is owed already keeps its key."""
    conn.executemany(
        _SQL["owe"],
        [(book, message_id, it.target, it.target_id, it.text, it.key, instant(at)) for it in notes],
    )


def owed(store: Store, book: str) -> list[Note]:
    """The notes to be written, oldest first."""
    from arsync.connector.protocol import Note  # late: the door for connectors brings HTTP along

    return [
        Note(target=target, target_id=target_id, mark=mark(message), text=text, key=key)
        for message, target, target_id, text, key in store.rows(_SQL["owed"], (book,))
    ]


def owe_again(store: Store, claim: Claim) -> int:
    """Notes that were given up are owed anew, under their marks and keys; how many."""
    with store.writing(claim) as conn:
        return conn.execute(_SQL["owe_again"], (claim.book,)).rowcount


def untried(store: Store, book: str) -> list[tuple[str, str]]:
    """The owed notes on invoices that no run has tried to write: (message, invoice)."""
    return [(message, invoice) for message, invoice in store.rows(_SQL["untried"], (book,))]


def digested(store: Store, claim: Claim, message_id: str, notes: Iterable[Note], *, at: datetime) -> None:
    """Owe these in place of the message's notes on invoices that no run has tried to write."""
    with store.writing(claim) as conn:
        conn.execute(_SQL["digested"], (claim.book, message_id))
        owe(conn, claim.book, message_id, notes, at)


def take(store: Store, claim: Claim, notes: Sequence[Note]) -> None:
    """owed -> writing, committed before the accounting system is asked."""
    with store.writing(claim) as conn:
        conn.executemany(
            _SQL["take"],
            [(claim.fence, claim.book, marked(it.mark), it.target, it.target_id) for it in notes],
        )


def receipts(store: Store, claim: Claim, receipts: Sequence[Receipt], *, at: datetime, day: date) -> None:
    """writing -> written, failed, or owed again. A note without a receipt stays: see ``give_back``.

    Raises BrokenConnector for a receipt of a note that this run did not ask to be written.
    """
    with store.writing(claim) as conn:
        for it in receipts:
            status = "written" if it.error is None else "owed" if it.retry else "failed"
            message = marked(it.mark)
            values = {
                "book": claim.book,
                "message": message,
                "target": it.target,
                "target_id": it.target_id,
                "status": status,
                "reason": it.error or "",
                "written_at": instant(at) if it.error is None else None,
                "fence": claim.fence,
            }
            if not conn.execute(_SQL["settle"], values).rowcount:
                raise BrokenConnector(f"there is a receipt for a note nobody asked for: {it.mark}")
            if status != "owed":
                _tell(conn, claim.book, message, it, at=at, day=day)
        written = sum(1 for it in receipts if it.error is None)
        conn.execute(_SQL["count_written"], (written, claim.book, claim.fence))


def give_back(store: Store, claim: Claim) -> None:
    """writing -> owed for all notes of this run that got no receipt."""
    with store.writing(claim) as conn:
        conn.execute(_SQL["give_back"], (claim.book, claim.fence))


def _tell(
    conn: sqlite3.Connection, book: str, message: str, receipt: Receipt, *, at: datetime, day: date
) -> None:
    about = {"book": book, "message": message, "target": receipt.target, "target_id": receipt.target_id}
    [customer] = conn.execute(_SQL["customer"], about).fetchone()
    story.log(
        conn,
        book,
        "note" if receipt.error is None else "note-failed",
        at=at,
        day=day,
        customer_id=customer,
        invoice_id=receipt.target_id if receipt.target == "invoice" else None,
        source=message,
        detail=receipt.error or f"on the {receipt.target}",
    )
