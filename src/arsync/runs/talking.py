"""What people hear from a customer: calls with their outcome, complaints, and channels it wants closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from arsync.errors import FixSettings
from arsync.policy.caps import Restraint
from arsync.policy.in_force import InForce
from arsync.policy.model import Debtor, Plan, Task
from arsync.policy.rules import Channel
from arsync.runs.book import Book
from arsync.runs.people import Held, find_one, hold
from arsync.runs.planning import make_plan, read_facts
from arsync.runs.situation import Talk, prepare
from arsync.store import story
from arsync.store.contacts import log_contact
from arsync.store.families import payer_of
from arsync.store.holds import Match, find_what
from arsync.store.opt_outs import opt_in, opt_out
from arsync.store.tasks import close_task
from arsync.writing import Templates

CallOutcome = Literal["reached", "no-answer", "promised", "disputed"]


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a call beside its outcome: the day and the grace of a promise; ``amount`` of what was
    promised or disputed in minor units of ``currency``, None for all."""

    until: date | None = None
    amount: int | None = None
    currency: str = ""
    grace: int = 0


class Logged(msgspec.Struct, frozen=True):
    """A call as it was written down: the hold it led to and the tasks it closed. ``waiting`` are call
    tasks that stay open; ``against`` says why there should have been no call today, '' where nothing does.
    """

    customer: str
    held: Held | None
    closed: tuple[Task, ...]
    waiting: tuple[Task, ...]
    against: str = ""


class _About(msgspec.Struct, frozen=True):
    """Whom a call is with: what was named, who is asked for it, and the call tasks about that."""

    match: Match
    customer_id: str
    customer_name: str
    plan: Plan
    tasks: tuple[Task, ...]


def script(
    book: Book, scripts: Templates, what: str, *, task: str | None, caller: str, incoming: bool
) -> Talk:
    """What to say. Raises FixSettings for somebody unknown, for one who is not to be called now (unless it
    is ``incoming``: the customer calls us), and where nothing is to be asked for."""
    about = _about(book, what, task)
    if not incoming and (why := _why_not(book, about.customer_id, about.customer_name)):
        raise FixSettings(f"{why}; where the customer calls you, say --incoming")
    return prepare(book, scripts, about.plan, about.customer_id, about.tasks, caller=caller)


def log_call(
    book: Book,
    what: str,
    outcome: CallOutcome,
    *,
    came: Came = Came(),  # noqa: B008 - frozen
    note: str = "",
    owner: str = "",
    task: str | None = None,
    incoming: bool = False,
) -> Logged:
    """Write a call down, and do what follows from it, in one transaction: a promise or a dispute is held;
    whoever was reached has had the call of the open call tasks, which are closed.

    One who calls us (``incoming``) was not contacted by us: it stands in the story and counts for no cap.
    A call that should not have been made was made all the same: it is written down, and counts. Raises
    FixSettings and changes nothing for an outcome that lacks something or does not fit what is owed.
    """
    _check(outcome, came)
    about = _about(book, what, task)
    against = "" if incoming else _why_not(book, about.customer_id, about.customer_name)
    at, day = book.clock(), book.today
    closing = about.tasks if outcome != "no-answer" and book.incomplete() is None else ()
    with book.store.writing() as conn:
        _write_down(conn, book, about, outcome, note, owner, incoming=incoming)
        held = _held(book, about.match, outcome, came, note, owner)
        for each in closing:
            # One call, one contact, however many tasks it was for: it is logged above.
            work = msgspec.structs.replace(each, does="task")
            close_task(book.store, book.name, work, note=f"call: {outcome}", at=at, day=day)
    waiting = tuple(each for each in about.tasks if each not in closing)
    return Logged(about.customer_name, held, tuple(closing), waiting, against)


def _write_down(
    conn: sqlite3.Connection,
    book: Book,
    about: _About,
    outcome: CallOutcome,
    note: str,
    owner: str,
    *,
    incoming: bool,
) -> None:
    """A contact with its event; of one who calls us the event alone."""
    at, day = book.clock(), book.today
    task = about.tasks[0].id if about.tasks else None
    who = about.customer_id
    if not incoming:
        log_contact(conn, book.name, who, "call", outcome, at=at, day=day, note=note, owner=owner, task=task)
        return
    parts = ("the customer called", outcome, note, f"answered by {owner}" if owner else "")
    words = "; ".join(filter(None, parts))
    story.log(conn, book.name, "called", at=at, day=day, customer_id=who, source=task, detail=words)


def complain(book: Book, what: str, *, note: str, owner: str) -> Held:
    """Log a complaint and leave the customer alone until somebody releases it: the hold `complaint` stands
    on the customer also where an invoice is named."""
    match = find_one(book, what)
    at, day = book.clock(), book.today
    with book.store.writing() as conn:
        invoice = match.id if match.target == "invoice" else None
        detail = "; ".join(filter(None, (note, f"{owner} deals with it" if owner else "")))
        story.log(
            conn,
            book.name,
            "complaint",
            at=at,
            day=day,
            customer_id=match.customer_id,
            invoice_id=invoice,
            detail=detail,
        )
        return hold(
            book, f"customer:{match.customer_id}", reason="complaint", until=None, note=note, owner=owner
        )


def close_channel(book: Book, what: str, channel: Channel, *, note: str, owner: str) -> tuple[Match, str]:
    """The customer wants to hear nothing by this channel; and the name of the parent who is asked in its
    place, where there is one. Raises FixSettings for an invoice."""
    match = _customer(book, what)
    opt_out(book.store, book.name, match.id, channel, note=note, owner=owner, at=book.clock(), day=book.today)
    payer = payer_of(book.store, book.name, match.id)
    return match, payer[1] if payer else ""


def open_channel(book: Book, what: str, channel: Channel) -> Match:
    """It may hear by this channel again. Raises FixSettings where it was never closed."""
    match = _customer(book, what)
    if not opt_in(book.store, book.name, match.id, channel, at=book.clock(), day=book.today):
        raise FixSettings(f"{match.label} has not opted out of {channel}s in the book {book.name}")
    return match


def _customer(book: Book, what: str) -> Match:
    match = find_one(book, what)
    if match.target == "invoice":
        raise FixSettings(
            f"{what!r} is an invoice; a customer opts out: {match.customer_name} ({match.customer_id})"
        )
    return match


def _about(book: Book, what: str, task: str | None) -> _About:
    """Whom and what a text means: a customer, an invoice, or a call task by its id."""
    plan = make_plan(book)
    calls = [it for it in plan.tasks if it.does == "call"]
    named = [it for it in calls if task and it.id.startswith(task)] if task else _named(book, calls, what)
    if task and len(named) != 1:
        known = ", ".join(it.id for it in calls) or "none"
        raise FixSettings(f"there is no one call task {task!r} in the book {book.name}; waiting: {known}")
    match = find_one(book, f"customer:{named[0].customer_id}" if named and not task else what)
    payer = payer_of(book.store, book.name, match.customer_id)
    customer_id, name = payer or (match.customer_id, match.customer_name)
    if named and named[0].customer_id != customer_id:
        raise FixSettings(f"the task {named[0].id} is about {named[0].customer_name}, not about {name}")
    tasks = tuple(named) or tuple(it for it in calls if it.customer_id == customer_id)
    return _About(match, customer_id, name, plan, tasks)


def _named(book: Book, calls: Sequence[Task], what: str) -> list[Task]:
    """The call task of that id, where the text means no customer or invoice."""
    if find_what(book.store, book.name, what).matches:
        return []
    return [it for it in calls if it.id == what]


def _check(outcome: CallOutcome, came: Came) -> None:
    if outcome == "promised" and came.until is None:
        raise FixSettings("a promise has a day: --until DATE says by when", where="--outcome")
    if outcome not in ("promised", "disputed") and came != Came():
        raise FixSettings(
            f"--until, --amount and --grace belong to what is promised or disputed, not to {outcome}",
            where="--outcome",
        )
    if outcome == "disputed" and came.grace:
        raise FixSettings("a promise has days of grace, a dispute has none", where="--grace")


def _held(book: Book, match: Match, outcome: CallOutcome, came: Came, note: str, owner: str) -> Held | None:
    if outcome not in ("promised", "disputed"):
        return None
    return hold(
        book,
        f"{match.target}:{match.id}",
        reason=outcome,
        until=came.until,
        note=note,
        owner=owner,
        amount=came.amount,
        currency=came.currency,
        grace=came.grace,
    )


def _why_not(book: Book, customer_id: str, name: str) -> str:
    """Why a customer is not to be called today: it wants no calls, was spoken to within the rest that the
    policy in force asks for, or was reached as often as its caps allow. Empty where nothing speaks against.
    """
    facts = read_facts(book, book.today, [customer_id], stale=None)
    if "call" in facts.opted_out.get(customer_id, ()):
        return f"{name} wants no calls"
    policy = InForce(book.policy, facts).customer(facts.debtors.get(customer_id, Debtor(customer_id, name)))
    why = Restraint(policy, facts.contacts.get(customer_id, ()), book.today).why_not("call")
    return f"{name} is not to be called today: {why}" if why else ""
