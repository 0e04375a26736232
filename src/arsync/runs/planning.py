"""The plan of a book today, and what people do with it: approve, close tasks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TypeVar

import msgspec

from arsync.errors import FixSettings
from arsync.ledger.freshness import Stale, freshness
from arsync.mail import parse_mailbox, split_addresses
from arsync.policy.asks import asked
from arsync.policy.joining import join
from arsync.policy.model import Facts, Message, Plan, Task
from arsync.policy.plan import plan
from arsync.runs.book import Book
from arsync.store import Claim
from arsync.store.contacts import Outcome
from arsync.store.messages import ended_today, messages
from arsync.store.outbox import approve
from arsync.store.past_facts import facts_on
from arsync.store.reading import facts
from arsync.store.receipts import days_of_falls, paid_days
from arsync.store.tasks import close_task, open_tasks

Item = TypeVar("Item", Message, Task)


def read_facts(
    book: Book,
    today: date,
    customers: Collection[str] | None = None,
    *,
    stale: Stale | None,
    as_live: bool = True,
) -> Facts:
    """What the plan is decided from, of the whole book or of some customers; ``stale`` as of today.

    Of a book that is not live but will be by its practice file, with ``as_live``, as it will be then.
    """
    wanted = asked(book.policy)
    found = facts(
        book.store,
        book.name,
        today=today,
        customers=customers,
        addresses=sieve,
        zone=book.zone.key,
        contact_days=wanted.contact_days,
        with_behaviour=wanted.with_behaviour,
        written_to=wanted.written_to,
    )
    if as_live and book.golive not in (None, "start") and not book.live:
        found = join(found, book.policy, today, book.golive).facts
    return msgspec.structs.replace(found, stale=stale.detail) if stale else found


def sieve(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Parts addresses into those that can be written to and those that cannot."""
    return split_addresses(",".join(texts))


def staleness(book: Book, today: date) -> Stale | None:
    """What makes payments look unrecorded in this book, by its own rhythm or by its policy.

    Where payments' dates say so, what is open no more is looked at too: not every connector tells all
    payments, or may read them.
    """
    synced_at = book.state().synced_at
    synced_on = None if synced_at is None else synced_at.astimezone(book.zone).date()
    paid = paid_days(book.store, book.name, today)

    def judged(days: list[date]) -> Stale | None:
        after = book.policy.payments_expected_every
        return freshness(days, synced_on=synced_on, today=today, after=after)

    if paid and judged(paid) is None:
        return None
    return judged([*paid, *days_of_falls(book.store, book.name, today)])


def make_plan(book: Book) -> Plan:
    """What a run would do now, with the messages that wait for a person and those that ended today."""
    today = book.today
    found = read_facts(book, today, stale=staleness(book, today))
    decided = plan(book.name, found, book.policy, today)
    planned = {message.id for message in decided.messages}
    ended = [m for m in ended_today(book.store, book.name, today) if m.id not in planned]
    return msgspec.structs.replace(decided, messages=(*decided.messages, *ended))


def past_plan(book: Book, day: date) -> Plan:
    """What the policy of today would have decided at the end of a past day, beside the messages that
    left or ended on it. Whether payments looked unrecorded then, or a customer tied out, is not told."""
    wanted = asked(book.policy)
    found = facts_on(
        book.store,
        book.name,
        day,
        addresses=sieve,
        contact_days=wanted.contact_days,
        written_to=wanted.written_to,
        zone=book.zone.key,
    )
    decided = plan(book.name, found, book.policy, day)
    planned = {message.id for message in decided.messages}
    kept = messages(book.store, book.name)
    ended = [it.message for it in kept if it.ended_on == day and it.message.id not in planned]
    return msgspec.structs.replace(decided, messages=(*decided.messages, *ended))


def release(book: Book, chosen: Sequence[Message], claim: Claim | None = None) -> None:
    """Planned messages become approved, ready to be sent; each in the place of an older approval for
    the same customer and currency."""
    approve(
        book.store,
        book.name,
        chosen,
        policy_name=book.policy.name,
        domain=mail_domain(book),
        at=book.clock(),
        day=book.today,
        claim=claim,
        end_older=True,
    )


def approve_messages(book: Book, ids: Sequence[str], *, everything: bool) -> list[Message]:
    """Release the planned messages named by id (or its beginning), or all of them.

    Gives them as they were before, so that one that was approved already can be told from the others.
    Raises FixSettings for an id that is not planned today; then none is released.
    """
    book.complete_state()
    shown = make_plan(book).messages
    planned = [m for m in shown if m.status == "planned"]
    if everything:
        chosen = planned
    else:
        ended = {m.id: m.status for m in shown if m.status not in ("planned", "approved")}
        if late := [id_ for id_ in ids if id_ in ended]:
            raise FixSettings(
                f"the message {late[0]} is {ended[late[0]]}; only a planned one can be approved"
            )
        released = [m for m in shown if m.status in ("planned", "approved")]
        chosen = [_named(id_, released, book.name) for id_ in ids]
    release(book, [m for m in chosen if m.status == "planned"])
    return chosen


def close(book: Book, task_id: str, note: str, *, outcome: Outcome | None = None, owner: str = "") -> Task:
    """A person did the task: its steps are taken. A call or a letter counts as a contact from now on,
    by ``owner``; of a call ``outcome`` tells whether somebody was reached, as is taken without one.

    Raises FixSettings when there is no such task, and for the outcome of one that is no call.
    """
    book.complete_state()
    task = _named(task_id, make_plan(book).tasks, book.name)
    if outcome is not None and task.does != "call":
        raise FixSettings(f"the task {task.id} is no call, so it has no outcome", where="--outcome")
    close_task(
        book.store,
        book.name,
        task,
        note=note,
        outcome=outcome or "reached",
        owner=owner,
        at=book.clock(),
        day=book.today,
    )
    return task


def show_tasks(book: Book, claim: Claim, tasks: Sequence[Task]) -> None:
    """From now on these tasks stay until a person closes them, whatever is sent meanwhile."""
    open_tasks(book.store, claim, tasks, at=book.clock(), day=book.today)


def mail_domain(book: Book) -> str:
    """The domain of the sender in its ASCII form, which names its messages' ids."""
    return parse_mailbox(book.sender).address.rpartition("@")[2].lower()


def _named(text: str, items: Sequence[Item], book: str) -> Item:
    found = [item for item in items if item.id == text] or [i for i in items if i.id.startswith(text)]
    if len(found) == 1 and text:
        return found[0]
    known = ", ".join(item.id for item in items[:10]) or "none"
    problem = "stands for several" if found else "does not wait for anybody"
    raise FixSettings(f"{text!r} {problem} in the book {book}; waiting: {known} (see `arsync plan {book}`)")
