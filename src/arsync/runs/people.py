"""What people decide: holds, releases, and what became of a message in doubt."""

from __future__ import annotations

from datetime import date
from shlex import quote
from typing import NamedTuple

import msgspec

from arsync.errors import FixSettings
from arsync.policy.model import CUSTOMER_HOLDS, HoldOrder, HoldReason, Message
from arsync.runs.book import Book
from arsync.runs.hold_notes import owe_hold_note
from arsync.runs.letters import notes_for
from arsync.store.delivery import Verdict, resolve
from arsync.store.holds import Match, find_what, holds_of, put_hold, release_holds
from arsync.store.messages import messages
from arsync.store.owing import open_of
from arsync.store.restored import made_to_ask, notes_read, settled


class Held(msgspec.Struct, frozen=True):
    """A hold and what it was put on, ``match``; ``named`` is what was asked for: an invoice whose customer
    is held in its place, or the same. ``leaving`` are messages about it that are being sent this moment;
    ``idle`` tells that nothing is owed on it."""

    match: Match
    leaving: tuple[str, ...]
    named: Match
    order: HoldOrder
    idle: bool


class Settled(NamedTuple):
    """A message of which a person said what became of it. ``asked``: it was made to ask what left before
    its book was restored. ``notes`` are how many it owes now."""

    message: Message
    asked: bool
    notes: int


def find_one(book: Book, what: str) -> Match:
    """The one invoice or customer of that number, name or id. Raises FixSettings for none or several."""
    found = find_what(book.store, book.name, what)
    if len(found.matches) == 1:
        return found.matches[0]
    if found.matches:
        choices = ", ".join(f"{m.target}:{m.id} ({m.label}, {m.customer_name})" for m in found.matches[:8])
        raise FixSettings(f"{what!r} means several in the book {book.name}; name one by its id: {choices}")
    sort, _, id_ = what.partition(":")
    named = f"{sort} {id_!r}" if id_ and sort in ("customer", "invoice") else f"invoice or customer {what!r}"
    near = f"; did you mean {', '.join(repr(name) for name in found.near)}?" if found.near else ""
    problem = book.incomplete()
    why = f"; the book {problem}: run `arsync sync {book.name}`" if problem else ""
    raise FixSettings(f"there is no {named} in the book {book.name}{near}{why}")


def hold(
    book: Book,
    what: str,
    *,
    reason: HoldReason,
    until: date | None = None,
    note: str = "",
    owner: str = "",
    amount: int | None = None,
    currency: str = "",
    grace: int = 0,
) -> Held:
    """Put a hold on an invoice or customer, through the day ``until``, and owe its notes.

    ``amount``, in minor units of ``currency``, is the part that is disputed or what was promised. What is
    about the customer, whatever invoice it came up with, is put on the customer. ``owner`` deals with it.
    Raises FixSettings, and changes nothing, for a past day, a grace without a promised day, and an amount
    that does not fit what is owed.
    """
    if until is not None and until < book.today:
        raise FixSettings(f"{until} is past; today is {book.today} in the book {book.name}", where="--until")
    if grace and (reason != "promised" or until is None):
        raise FixSettings("days of grace follow the day of a promise (--until)", where="--grace")
    named = match = find_one(book, what)
    if reason in CUSTOMER_HOLDS and named.target == "invoice":
        whose = named.customer_id, named.customer_name
        match = Match("customer", whose[0], whose[1], "id", *whose)
    with book.store.writing() as conn:
        idle = not open_of(conn, book.name, match.target, match.id)
        leaving = put_hold(
            book.store,
            book.name,
            match.target,
            match.id,
            reason=reason,
            until=until,
            note=note,
            owner=owner,
            amount=amount,
            currency=currency,
            grace=grace,
            at=book.clock(),
            day=book.today,
        )
        stands = holds_of(book.store, book.name, match.target, match.id)
        [order] = [it for it in stands if it.reason == reason]
        owe_hold_note(book, match.target, match.id, order, "held")
    return Held(match, leaving, named, order, idle)


def release(book: Book, what: str, reason: HoldReason | None = None) -> tuple[Match, list[HoldOrder]]:
    """Take back the hold of that reason, or all that people put on it, and owe the notes of it. Raises
    FixSettings when there is none."""
    match = find_one(book, what)
    with book.store.writing():
        released = release_holds(
            book.store, book.name, match.target, match.id, reason=reason, at=book.clock(), day=book.today
        )
        if not released:
            raise FixSettings(_not_held(book, match, reason))
        for order in released:
            owe_hold_note(book, match.target, match.id, order, "released")
    return match, released


def _not_held(book: Book, match: Match, reason: HoldReason | None) -> str:
    """Why there is nothing to release, and what could be: holds of other reasons, or on its customer."""
    others = [it.reason for it in holds_of(book.store, book.name, match.target, match.id)]
    wanted = f" as {reason}" if reason else ""
    problem = f"nobody holds {match.target} {match.label}{wanted} in the book {book.name}"
    if others:
        return f"{problem}; it is held as {', '.join(others)}"
    if match.target == "invoice":
        theirs = holds_of(book.store, book.name, "customer", match.customer_id)
        if reasons := ", ".join(it.reason for it in theirs):
            command = f"arsync release {book.name} {quote(f'customer:{match.customer_id}')}"
            return f"{problem}; its customer {match.customer_name} is held as {reasons}: `{command}`"
    return problem


def login_name() -> str:
    """Whoever is at the machine, as who deals with what nobody else was named for; '' where unknown."""
    from getpass import getuser  # late: few commands ask

    try:
        return getuser()
    except (OSError, KeyError):
        return ""


def settle(book: Book, message_id: str, verdict: Verdict) -> Settled:
    """A person says what became of a message in doubt or failed. Raises FixSettings otherwise."""
    known = messages(book.store, book.name)
    waiting = [m for m in known if m.status in ("in-doubt", "failed")]
    found = [m for m in known if m.message.id == message_id]
    found = found or [m for m in waiting if message_id and m.message.id.startswith(message_id)]
    if len(found) != 1:
        problem = "stands for several messages" if found else "is no message"
        raise FixSettings(
            f"{message_id!r} {problem} in the outbox of {book.name}; "
            f"in doubt or failed: {', '.join(m.message.id for m in waiting) or 'none'}"
        )
    [outgoing] = found
    day = outgoing.ended_on or book.today
    # What a restored book asks about has its note already, unless its notes were read and had none of it.
    asked = made_to_ask(book.store, book.name, outgoing.message.id)
    owed = verdict == "sent" and (not asked or notes_read(book.store, book.name))
    notes = notes_for(book, outgoing.message, outgoing.message.to, day) if owed else ()
    id_ = outgoing.message.id
    with book.store.writing():
        resolve(book.store, book.name, id_, verdict, at=book.clock(), day=book.today, notes=notes)
        settled(book.store, book.name, id_, verdict)
    return Settled(outgoing.message, asked, len(notes))
