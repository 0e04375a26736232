"""Messages out of the outbox, for the plan, the run and the story."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal, get_args

import msgspec

from arsync.policy.model import Line, Message
from arsync.policy.rules import Offer
from arsync.store.columns import day_of, moment, split
from arsync.store.database import Store
from arsync.store.queries import statements

OutboxStatus = Literal["approved", "sending", "sent", "in-doubt", "failed", "withdrawn"]
STATES: tuple[OutboxStatus, ...] = get_args(OutboxStatus)

_SQL = statements("messages")
_CHUNK = 500  # ids a query, far below what a statement may bind
_BESIDE_A_PLAN = """AND (m.status IN ('in-doubt', 'failed', 'sending')
                         OR (m.status IN ('sent', 'withdrawn') AND m.ended_on = ?))"""


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message with its history. ``message.status`` of one that is being sent reads approved; ``status``
    is the outbox's own. ``ended_on`` is the day it was handed over, withdrawn or failed."""

    message: Message
    status: OutboxStatus
    policy: str
    message_id: str
    accepted: tuple[str, ...]
    refused: tuple[str, ...]
    subject: str
    body: str
    proof: str
    approved_at: datetime
    ended_at: datetime | None
    ended_on: date | None
    fence: int
    attempts: int


def messages(
    store: Store,
    book: str,
    *,
    ids: Collection[str] | None = None,
    status: Collection[OutboxStatus] | None = None,
) -> list[OutboxMessage]:
    """The messages of these ids and of these states (all where not told), in the order of approval."""
    with store.reading() as conn:
        if ids is None:
            return states(conn, book, status)
        found = [it for chunk in _chunks(sorted(set(ids))) for it in read(conn, book, *_among("m.id", chunk))]
    wanted = [it for it in found if status is None or it.status in status]
    return sorted(wanted, key=lambda it: (it.approved_at, it.message.id))


def states(
    conn: sqlite3.Connection, book: str, status: Collection[OutboxStatus] | None
) -> list[OutboxMessage]:
    """The messages of these states, in the order of approval."""
    return read(conn, book, *_among("m.status", sorted(status if status is not None else STATES)))


def ended_today(store: Store, book: str, day: date) -> list[Message]:
    """What stands beside a day's plan: what is in doubt or failed, what is being sent (as approved), and
    what was sent or withdrawn on that day."""
    with store.reading() as conn:
        return [it.message for it in read(conn, book, _BESIDE_A_PLAN, (day.isoformat(),))]


def thread(store: Store, book: str, customer_id: str, policy_name: str) -> tuple[str, ...]:
    """Message-IDs of what was sent to the customer under this policy, oldest first: twenty at most,
    the first one always among them."""
    sent = tuple(id_ for (id_,) in store.rows(_SQL["thread"], (book, customer_id, policy_name)))
    return sent if len(sent) <= 20 else (sent[0], *sent[-19:])


def written_to(store: Store, book: str, customer_id: str, *, but: str) -> bool:
    """Whether any message ``but`` this one has reached the customer, or may have."""
    [(count,)] = store.rows(_SQL["written_to"], {"book": book, "customer": customer_id, "but": but})
    return bool(count)


def read(
    conn: sqlite3.Connection, book: str, condition: str, parameters: Sequence[object]
) -> list[OutboxMessage]:
    """The messages under a condition on ``m``, with their lines, in the order of approval."""
    values = (book, *parameters)
    lines: dict[str, list[Line]] = {}
    sql = " ".join((_SQL["lines"], condition, "ORDER BY l.message, l.position"))
    for message, invoice, number, due, *rest in conn.execute(sql, values):
        lines.setdefault(message, []).append(Line(invoice, number, day_of(due), *rest))
    sql = " ".join((_SQL["messages"], condition, "ORDER BY m.approved_at, m.id"))
    return [_message(row, tuple(lines.get(row[0], ()))) for row in conn.execute(sql, values)]


def _message(row: tuple[Any, ...], lines: tuple[Line, ...]) -> OutboxMessage:
    id_, customer_id, name, to, cc, step, template, offset, currency, total, unapplied, status, reason = row[
        :13
    ]
    policy, message_id, accepted, refused, subject, body, proof = row[13:20]
    approved_at, ended_at, ended_on, fence, attempts, bcc, basis_points, offer_days, offer_until = row[20:]
    return OutboxMessage(
        message=Message(
            id=id_,
            customer_id=customer_id,
            customer_name=name,
            to=split(to),
            cc=split(cc),
            step=step,
            template=template,
            offset=offset,
            currency=currency,
            total=total,
            unapplied=unapplied,
            lines=lines,
            status="approved" if status == "sending" else status,
            reason=reason,
            bcc=split(bcc),
            offer=None if basis_points is None else Offer(basis_points, offer_days),
            offer_until=day_of(offer_until),
        ),
        status=status,
        policy=policy,
        message_id=message_id,
        accepted=split(accepted),
        refused=split(refused),
        subject=subject,
        body=body,
        proof=proof,
        approved_at=datetime.fromisoformat(approved_at),
        ended_at=moment(ended_at),
        ended_on=day_of(ended_on),
        fence=fence,
        attempts=attempts,
    )


def _among(column: str, values: Sequence[str]) -> tuple[str, Sequence[str]]:
    return f"AND {column} IN ({', '.join('?' * len(values))})", values


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
