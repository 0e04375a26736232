"""Tasks: shown to a person once, closed by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from arsync.policy.model import Line, Task
from arsync.store import story
from arsync.store.contacts import Outcome, log_contact
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements

_SQL = statements("outbox")


def open_tasks(store: Store, claim: Claim, tasks: Sequence[Task], *, at: datetime, day: date) -> None:
    """Note the steps of these tasks as shown; an event tells of each that was not shown before."""
    book = claim.book
    with store.writing(claim) as conn:
        for task in tasks:
            for line in _taking(task):
                key = (book, line.invoice_id, line.step, line.round)
                if conn.execute(_SQL["open_task"], (*key, day.isoformat())).rowcount:
                    story.log(
                        conn,
                        book,
                        "task",
                        at=at,
                        day=day,
                        customer_id=task.customer_id,
                        invoice_id=line.invoice_id,
                        source=task.id,
                        detail=line.step or "",
                    )


def close_task(
    store: Store,
    book: str,
    task: Task,
    *,
    note: str = "",
    outcome: Outcome = "reached",
    owner: str = "",
    at: datetime,
    day: date,
    claim: Claim | None = None,
) -> None:
    """A person has done the work: the task's steps are taken. ``note`` is what that person says of it.

    A call or a letter is a contact from now on, by ``owner``; ``outcome`` is what came of the call.
    """
    with store.writing(claim) as conn:
        for line in _taking(task):
            step = line.step or ""
            offset = task.offset if line.offset is None else line.offset
            key = (book, line.invoice_id, step, line.round)
            conn.execute(_SQL["take_step"], (*key, offset, day.isoformat(), task.id))
            conn.execute(_SQL["close_task"], key)
            story.log(
                conn,
                book,
                "done",
                at=at,
                day=day,
                customer_id=task.customer_id,
                invoice_id=line.invoice_id,
                source=task.id,
                detail=f"{step}: {note}" if note else step,
            )
        if task.does == "call" or task.does == "letter":
            log_contact(
                conn,
                book,
                task.customer_id,
                task.does,
                outcome if task.does == "call" else "sent",
                at=at,
                day=day,
                note=note,
                owner=owner,
                task=task.id,
            )


def _taking(task: Task) -> list[Line]:
    """The lines that take a step."""
    return [line for line in task.lines if line.step is not None]
