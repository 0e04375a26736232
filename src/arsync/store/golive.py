"""Going live: from which day on a book may send, and what was decided then about its old debts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from arsync.policy.joining import Join, JoinMode
from arsync.policy.model import Debt, HoldOrder
from arsync.store import story
from arsync.store.columns import day_of, instant, text_of
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements

_SQL, _HOLDS = statements("golive"), statements("holds")


class Live(msgspec.Struct, frozen=True):
    """Where a book stands with its go-live: the day, how old debts joined, and whether the accounting
    system sent reminders of its own then (None: it does not tell). ``on`` None: nothing may leave yet."""

    on: date | None = None
    how: JoinMode | None = None
    reminders: bool | None = None


def live(store: Store, book: str) -> Live:
    """When and how the book went live."""
    rows = store.rows(_SQL["state"], (book,))
    if not rows:
        return Live()
    on, how, reminders = rows[0]
    return Live(day_of(on), how, None if reminders is None else bool(reminders))


def go_live(
    store: Store,
    book: str,
    how: JoinMode,
    *,
    joins: Sequence[Join] = (),
    left_out: Sequence[tuple[Debt, HoldOrder]] = (),
    pauses: Sequence[tuple[str, HoldOrder]] = (),
    reminders: bool | None = None,
    detail: str = "",
    at: datetime,
    day: date,
    claim: Claim | None = None,
) -> bool:
    """Make the book live, in one transaction with everything that follows for its old debts: steps are
    passed over, holds put (``pauses`` by customer), and events tell. False, and nothing is changed, when
    it is live already. Raises LostLease."""
    with store.writing(claim) as conn:
        values = {"book": book, "how": how, "reminders": reminders, "day": day.isoformat()}
        if not conn.execute(_SQL["go_live"], values).rowcount:
            return False
        story.log(conn, book, "live", at=at, day=day, detail=detail)
        for it in joins:
            _pass_over(conn, book, it, at, day)
        for debt, order in left_out:
            _hold(conn, book, "invoice", debt.id, order, at, day)
        for customer_id, order in pauses:
            _hold(conn, book, "customer", customer_id, order, at, day)
    return True


def _pass_over(conn: sqlite3.Connection, book: str, it: Join, at: datetime, day: date) -> None:
    conn.executemany(
        _SQL["pass_over"],
        [(book, it.debt.id, step.name, step.offset, day.isoformat()) for step in it.passed],
    )
    story.log(
        conn,
        book,
        "joined",
        at=at,
        day=day,
        customer_id=_customer(conn, book, it.debt.id),
        invoice_id=it.debt.id,
        detail=f"{it.step.name}; passed over: {', '.join(step.name for step in it.passed)}",
    )


def _hold(
    conn: sqlite3.Connection,
    book: str,
    target: Literal["invoice", "customer"],
    target_id: str,
    order: HoldOrder,
    at: datetime,
    day: date,
) -> None:
    values = {
        "book": book,
        "target": target,
        "target_id": target_id,
        "reason": order.reason,
        "until": text_of(order.until),
        "note": order.note,
        "owner": order.owner,
        "amount": None,
        "currency": "",
        "grace": 0,
        "at": instant(at),
        "day": day.isoformat(),
    }
    conn.execute(_HOLDS["keep_past"], values)
    conn.execute(_HOLDS["put"], values)  # in the place of one with an end, or one that is over
    words = (order.reason, f"until {order.until}" if order.until else "", order.note)
    of_invoice = target == "invoice"
    story.log(
        conn,
        book,
        "held",
        at=at,
        day=day,
        customer_id=_customer(conn, book, target_id) if of_invoice else target_id,
        invoice_id=target_id if of_invoice else None,
        detail="; ".join(filter(None, words)),
    )


def _customer(conn: sqlite3.Connection, book: str, invoice_id: str) -> str | None:
    """The accounting system's own customer: a debt's may be the parent who pays for it."""
    row = conn.execute(_HOLDS["customer_of_invoice"], (book, invoice_id)).fetchone()
    return row[0] if row else None
