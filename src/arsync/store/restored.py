"""What a restored book does not know: steps that may have been taken since its backup, each asked about by
a message in doubt until it is settled."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from arsync.policy.model import Line, Message
from arsync.store import story
from arsync.store.columns import day_of, instant
from arsync.store.database import Store
from arsync.store.delivery import Verdict
from arsync.store.fence import Claim
from arsync.store.outbox import put
from arsync.store.queries import statements

_SQL = statements("restored")


class Window(NamedTuple):
    """The time of which a book does not know what left: from its backup until it was brought back (UTC)."""

    since: datetime
    until: datetime


def window(store: Store, book: str) -> Window | None:
    """None for a book that knows everything, as every book does that was not restored."""
    for since, until in store.rows(_SQL["window"], (book,)):
        return Window(datetime.fromisoformat(since), datetime.fromisoformat(until))
    return None


def cleared(conn: sqlite3.Connection, book: str, line: Line) -> bool:
    """Whether it was settled already that the invoice's step had not been taken when it was restored."""
    values = {"book": book, "invoice": line.invoice_id, "round": line.round, "step": line.step}
    return conn.execute(_SQL["cleared"], values).fetchone() is not None


def first_due(conn: sqlite3.Connection, book: str, line: Line) -> date | None:
    """The first day on which the invoice ever was due, as far as it is known."""
    [(before,)] = conn.execute(_SQL["first_due"], (book, line.invoice_id)).fetchall()
    days = [day for day in (line.due_on, day_of(before)) if day is not None]
    return min(days, default=None)


def last_known(conn: sqlite3.Connection, book: str, customers: Collection[str], before: date) -> date | None:
    """The last day before that one on which a message certainly reached one of the customers."""
    found = [conn.execute(_SQL["last_known"], (book, it, before.isoformat())).fetchone() for it in customers]
    return day_of(max([day for (day,) in found if day is not None], default=None))


def put_in_doubt(
    store: Store,
    book: str,
    doubts: Sequence[Message],
    *,
    alone: Collection[str],
    policy_name: str,
    domain: str,
    at: datetime,
    left_at: datetime,
    day: date,
    claim: Claim | None,
) -> list[Message]:
    """These messages may have left, at ``left_at`` on that ``day`` at the latest. Of steps that are not
    ``alone`` the later ones were not taken where they were not. Gives those that were not in doubt before."""
    new = []
    with store.writing(claim) as conn:
        for it in doubts:
            put(conn, book, it, policy_name=policy_name, message_id=f"<arsync.{it.id}@{domain}>", at=at)
            values = {"book": book, "id": it.id, "reason": it.reason, "at": instant(left_at)}
            if conn.execute(_SQL["doubt"], {**values, "day": day.isoformat()}).rowcount:
                conn.execute(
                    _SQL["ask"], {"book": book, "id": it.id, "made": 1, "alone": int(it.step in alone)}
                )
                about = {"customer_id": it.customer_id, "source": it.id, "detail": it.reason}
                story.log(conn, book, "in-doubt", at=at, day=day, **about)
                new.append(it)
    return new


def unsettled(store: Store, book: str) -> list[str]:
    """The messages that still ask what left."""
    return [id_ for (id_,) in store.rows(_SQL["unsettled"], (book,))]


def made_to_ask(store: Store, book: str, message_id: str) -> bool:
    """Whether the message was made to ask: it never was approved, and what left had notes of its own."""
    return bool(store.rows(_SQL["made"], (book, message_id)))


def notes_read(store: Store, book: str) -> bool:
    """Whether the notes in the accounting system were read for what left."""
    return bool(store.rows(_SQL["notes_read"], (book,)))


def read_notes(store: Store, claim: Claim, at: datetime) -> None:
    """They were read now. No more of them come: whoever wrote them is not there any more."""
    with store.writing(claim) as conn:
        conn.execute(_SQL["read_notes"], (instant(at), claim.book))


def settled(store: Store, book: str, message_id: str, verdict: Verdict) -> None:
    """What a person said of a message counts for its invoices. One that was made to ask and did not leave
    is gone with its question: the plan decides anew."""
    with store.writing() as conn:
        made = conn.execute(_SQL["made"], (book, message_id)).fetchone()
        conn.execute(_SQL["settle"], {"book": book, "id": message_id, "verdict": verdict})
        if made and verdict == "not-sent":
            conn.execute(_SQL["strike"], (book, message_id))


def settle_known(store: Store, claim: Claim) -> list[str]:
    """Settle the questions whose steps are known by now to have been taken; the messages that asked."""
    book = claim.book
    with store.writing(claim) as conn:
        answered = conn.execute(_SQL["answered"], {"book": book}).fetchall()
        for message, made in answered:
            # What was made to ask is known under the id it left with.
            conn.execute(_SQL["strike_doubt" if made else "known_sent"], (book, message))
            conn.execute(_SQL["settle"], {"book": book, "id": message, "verdict": "sent"})
    return [message for message, _ in answered]
