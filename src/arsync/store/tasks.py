"""Tasks: shown to a person once, closed by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from arsync.policy.model import Task
from arsync.store import story
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements

_SQL = statements("outbox")


def open_tasks(store: Store, claim: Claim, tasks: Sequence[Task], *, at: datetime, day: date) -> None:
    """Note the steps of these tasks as shown; an event tells of each that was not shown before."""
    book = claim.book
    with store.writing(claim) as conn:
        for task in tasks:
            for invoice, step in _steps(task):
                if conn.execute(_SQL["open_task"], (book, invoice, step, day.isoformat())).rowcount:
                    story.log(
                        conn,
                        book,
                        "task",
                        at=at,
                        day=day,
                        customer_id=task.customer_id,
                        invoice_id=invoice,
                        source=task.id,
                        detail=step,
                    )


def close_task(
    store: Store,
    book: str,
    task: Task,
    *,
    note: str = "",
    at: datetime,
    day: date,
    claim: Claim | None = None,
) -> None:
    """A person has done the work: the task's steps are taken. ``note`` is what that person says of it."""
    with store.writing(claim) as conn:
        offsets = {
            (line.invoice_id, line.step): task.offset if line.offset is None else line.offset
            for line in task.lines
        }
        for invoice, step in _steps(task):
            offset = offsets[invoice, step]
            values = (
                book,
                invoice,
                step,
                task.offset if offset is None else offset,
                day.isoformat(),
                task.id,
            )
            conn.execute(_SQL["take_step"], values)
            conn.execute(_SQL["close_task"], (book, invoice, step))
            story.log(
                conn,
                book,
                "done",
                at=at,
                day=day,
                customer_id=task.customer_id,
                invoice_id=invoice,
                source=task.id,
                detail=f"{step}: {note}" if note else step,
            )


def _steps(task: Task) -> list[tuple[str, str]]:
    return [(line.invoice_id, line.step) for line in task.lines if line.step is not None]
