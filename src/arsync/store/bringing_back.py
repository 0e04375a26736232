"""A copy is made ready to take the database's place: what is known beyond it is taken over, and what may
have left since is put in doubt.

All of it happens in the copy, with the database whose place it takes attached as ``aside``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from pathlib import Path

import msgspec

from arsync.store import story
from arsync.store.columns import instant
from arsync.store.queries import statements

_SQL = statements("restored")
_OVER = (
    "steps_over", "tasks_over", "tasks_done", "notes_over", "opt_outs_over", "moved_over", "marks_over",
    "asked_over",
)  # fmt: skip


class TakenOver(msgspec.Struct, kw_only=True):
    """What a book knows of the time after the backup, by what it was counted from: the database that is put
    aside. ``holds_again`` are those that were released since and stand again. ``went_live``: it did since,
    and that is not taken over. ``whole``: nothing that left is unknown."""

    sent: int = 0
    in_doubt: int = 0
    failed: int = 0
    steps: int = 0
    notes: int = 0
    contacts: int = 0
    holds: int = 0
    agreements: int = 0
    opt_outs: int = 0
    holds_again: int = 0
    went_live: bool = False
    whole: bool = False


@contextmanager
def beside_the_old(made: sqlite3.Connection, aside: Path | None) -> Iterator[None]:
    """One transaction on the copy, with the old database at hand where there is one."""
    made.execute("PRAGMA foreign_keys = ON")
    if aside is not None:
        made.execute("ATTACH DATABASE ? AS aside", (f"{aside.absolute().as_uri()}?mode=ro&immutable=1",))
    made.execute("BEGIN IMMEDIATE")
    try:
        yield
        made.execute("COMMIT")
    except BaseException:
        if made.in_transaction:
            made.execute("ROLLBACK")
        raise
    if aside is not None:
        made.execute("DETACH DATABASE aside")


def books_aside(made: sqlite3.Connection) -> dict[str, str]:
    """The books of the old database, each with its connector."""
    return dict(made.execute(_SQL["books_aside"]).fetchall())


def take_over(made: sqlite3.Connection, book: str, at: datetime) -> TakenOver:
    """What the old database knows of a book beyond the copy: messages that left or may have, steps, notes,
    calls and letters; and what keeps customers from being written to. What was approved since is not, it
    has to be approved again.

    It is whole where the old database is the one that the copy was made of: then it knows all that left.
    """
    values = {"book": book}
    found = TakenOver()
    [(whole,)] = made.execute(_SQL["began_as_the_copy"], values).fetchall()
    found.whole = bool(whole)
    found.went_live = made.execute(_SQL["went_live"], values).fetchone() is not None
    newer = made.execute(_SQL["newer_messages"], {**values, "whole": found.whole}).fetchall()
    for id_, status in newer:
        made.execute(_SQL["without_message"], (book, id_))
        made.execute(_SQL["message_over"], (book, id_))
        made.execute(_SQL["lines_over"], (book, id_))
        found.sent += status == "sent"
        found.failed += status == "failed"
        found.in_doubt += status in ("in-doubt", "sending")
    reason = f"it was being sent when the database was restored at {instant(at)}"
    made.execute(_SQL["was_being_sent"], (reason, book))
    [(found.notes,)] = made.execute(_SQL["notes_newer"], values).fetchall()
    [(found.holds_again,)] = made.execute(_SQL["holds_again"], values).fetchall()
    counted = {"steps_over": "steps", "opt_outs_over": "opt_outs"}
    for name in _OVER:
        count = made.execute(_SQL[name], values).rowcount
        if name in counted:
            setattr(found, counted[name], count)
    found.contacts = made.execute(_SQL["contacts_over"], values).rowcount
    made.execute(_SQL["events_over"], values)
    made.execute(_SQL["holds_renewed"], values)  # what was put anew since says what holds now
    found.holds = made.execute(_SQL["holds_over"], values).rowcount
    made.execute(_SQL["hold_lines_over"], values)
    made.execute(_SQL["agreements_renewed"], values)
    found.agreements = made.execute(_SQL["agreements_over"], values).rowcount
    made.execute(_SQL["agreement_lines_over"], values)
    made.execute(_SQL["instalments_over"], values)
    made.execute(_SQL["tokens_over"], values)
    if found.whole:
        made.execute(_SQL["tokens_gone"], values)
        made.execute(_SQL["runs_over"], values)
        made.execute(_SQL["window_over"], values)
    return found


def begin_afresh(made: sqlite3.Connection, book: str, *, known_fence: bool) -> None:
    """The book's next pull reads everything; a run from before writes nothing into it any more."""
    rows = made.execute(_SQL["fence_aside"], (book,)).fetchall() if known_fence else []
    made.execute(_SQL["afresh"], {"book": book, "fence": rows[0][0] if rows else 0})


def doubt_all(
    made: sqlite3.Connection,
    book: str,
    reason: Callable[[datetime], str],
    *,
    since: datetime,
    at: datetime,
    zone: tzinfo,
) -> int:
    """From now on the book does not know what left between the two instants. Whatever it had released is
    in doubt, for the ``reason`` of what left since; how many messages that are."""
    earlier = [datetime.fromisoformat(each) for each, _ in made.execute(_SQL["window"], (book,))]
    made.execute(_SQL["unknown_since"], {"book": book, "since": instant(since), "at": instant(at)})
    made.execute(_SQL["forget_settled"], (book,))
    made.execute(_SQL["may_stand"], (book,))
    day, count = at.astimezone(zone).date(), 0
    ends = {"book": book, "at": instant(at), "day": day.isoformat()}
    made.execute(_SQL["asks_still"], {**ends, "reason": reason(min([since, *earlier]))})
    for id_, customer, status in made.execute(_SQL["may_have_left"], (book,)).fetchall():
        made.execute(_SQL["ask"], {"book": book, "id": id_, "made": 0, "alone": 1})
        if status == "in-doubt":
            continue
        made.execute(_SQL["doubt"], {**ends, "id": id_, "reason": reason(since)})
        _tell(made, book, id_, customer, reason(since), at, day)
        count += 1
    return count


def register(made: sqlite3.Connection, books: Mapping[str, str]) -> list[str]:
    """Books that the copy does not know, by name with their connectors; they are in it from now on."""
    known = {name for (name,) in made.execute("SELECT book FROM books")}
    new = [name for name in books if name not in known]
    made.executemany("INSERT INTO books (book, connector) VALUES (?, ?)", [(it, books[it]) for it in new])
    return new


def _tell(
    conn: sqlite3.Connection, book: str, id_: str, customer: str, reason: str, at: datetime, day: date
) -> None:
    story.log(conn, book, "in-doubt", at=at, day=day, customer_id=customer, source=id_, detail=reason)
