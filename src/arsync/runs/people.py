"""What people decide: holds, releases, and what became of a message in doubt."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from arsync.errors import FixSettings
from arsync.policy.model import HoldOrder
from arsync.runs.book import Book
from arsync.runs.letters import notes_for
from arsync.store.delivery import Verdict, resolve
from arsync.store.holds import Match, find_what, put_hold, release_holds
from arsync.store.messages import OutboxMessage, messages

HoldReason = Literal["excluded", "disputed", "promised", "paused"]


class Held(msgspec.Struct, frozen=True):
    """What a hold was put on. ``leaving`` are messages about it that are being sent this moment."""

    match: Match
    leaving: tuple[str, ...]


def find_one(book: Book, what: str) -> Match:
    """The one invoice or customer of that number, name or id. Raises FixSettings for none or several."""
    found = find_what(book.store, book.name, what)
    if len(found.matches) == 1:
        return found.matches[0]
    if found.matches:
        choices = ", ".join(f"{m.target}:{m.id} ({m.label}, {m.customer_name})" for m in found.matches[:8])
        raise FixSettings(f"{what!r} means several in the book {book.name}; name one by its id: {choices}")
    near = f"; did you mean {', '.join(repr(name) for name in found.near)}?" if found.near else ""
    problem = book.incomplete()
    why = f"; the book {problem}: run `arsync sync {book.name}`" if problem else ""
    raise FixSettings(f"there is no invoice or customer {what!r} in the book {book.name}{near}{why}")


def hold(book: Book, what: str, *, reason: HoldReason, until: date | None, note: str) -> Held:
    """Put a hold on an invoice or customer, through the day ``until``. Raises FixSettings for a past day."""
    if until is not None and until < book.today:
        raise FixSettings(f"{until} is past; today is {book.today} in the book {book.name}", where="--until")
    match = find_one(book, what)
    leaving = put_hold(
        book.store,
        book.name,
        match.target,
        match.id,
        reason=reason,
        until=until,
        note=note,
        at=book.clock(),
        day=book.today,
    )
    return Held(match, leaving)


def release(book: Book, what: str) -> tuple[Match, list[HoldOrder]]:
    """Take back all holds that people put on it. Raises FixSettings when there is none."""
    match = find_one(book, what)
    released = release_holds(book.store, book.name, match.target, match.id, at=book.clock(), day=book.today)
    if not released:
        raise FixSettings(f"nobody holds {match.target} {match.label} in the book {book.name}")
    return match, released


def settle(book: Book, message_id: str, verdict: Verdict) -> OutboxMessage:
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
    notes = notes_for(book, outgoing.message, outgoing.message.to, day) if verdict == "sent" else ()
    resolve(book.store, book.name, outgoing.message.id, verdict, at=book.clock(), day=book.today, notes=notes)
    return outgoing
