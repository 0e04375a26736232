"""Telling somebody that a book is in trouble: once when it begins, and once when it is over.

An alert holds no customer's data, so that it may go to a chat or a monitor. What cannot be told is told by
the next run; nothing of it ever fails a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from arsync.errors import ArsyncError
from arsync.logs import Log
from arsync.runs.alert_ways import Ways
from arsync.runs.status import BookStatus
from arsync.store import Store
from arsync.store.columns import instant
from arsync.store.status import Given, alerted, given


class Alert(msgspec.Struct, frozen=True):
    """One trouble of one book, or its end. ``since`` is UTC."""

    book: str
    what: str
    over: bool
    since: str
    text: str
    command: str = ""


class Told(msgspec.Struct, frozen=True):
    """What was told, and the sentences about ways by which it could not be."""

    alerts: tuple[Alert, ...] = ()
    problems: tuple[str, ...] = ()


def news(statuses: Sequence[BookStatus], known: Sequence[Given], at: datetime) -> list[Alert]:
    """What nobody was told yet of these books: troubles that have begun, and those that are over."""
    before = {(it.book, it.what): it for it in known}
    there = {(status.book, trouble.kind) for status in statuses for trouble in status.troubles}
    looked_at = {status.book for status in statuses}
    found: dict[tuple[str, str], Alert] = {}
    for status in statuses:
        for trouble in status.troubles:
            key = status.book, trouble.kind
            if key not in before and key not in found:
                since = instant(trouble.since or at)
                found[key] = Alert(*key, False, since, trouble.what, trouble.command)
    over = [
        Alert(it.book, it.what, True, it.since, f"{it.what.replace('-', ' ')}: this is over")
        for key, it in before.items()
        if it.book in looked_at and key not in there
    ]
    return [*found.values(), *over]


def alert(
    store: Store, practice: str, statuses: Sequence[BookStatus], ways: Ways, at: datetime, log: Log
) -> Told:
    """Tell what is new by every way there is. It counts as told where one of them took it."""
    if not ways.any:
        return Told()
    lock = FileLock(store.locks / "alerts.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return Told()  # another process is telling it this moment
    except OSError as error:
        why = f"{lock.lock_file}: no alert can be told: {error.strerror}; see to this file and its rights"
        return Told(problems=(why,))
    try:
        return _alert(store, practice, statuses, ways, at, log)
    finally:
        lock.release()


def _alert(
    store: Store, practice: str, statuses: Sequence[BookStatus], ways: Ways, at: datetime, log: Log
) -> Told:
    fresh = news(statuses, given(store), at)
    if not fresh:
        return Told()
    taken, problems = 0, []
    by_webhook = partial(ways.post, payload(practice, fresh, at))
    by_mail = partial(ways.write, *letter(practice, fresh), at)
    for way in (by_webhook, by_mail):
        try:
            taken += way()
        except ArsyncError as error:
            problems.append(str(error))
    for it in fresh:
        log("alert", book=it.book, what=it.what, over=it.over, told=taken > 0)
    if not taken:
        return Told(problems=tuple(problems))
    entries = [(it.over, Given(it.book, it.what, it.since)) for it in fresh]
    alerted(store, [it for over, it in entries if not over], [it for over, it in entries if over], at)
    return Told(tuple(fresh), tuple(problems))


def payload(practice: str, alerts: Sequence[Alert], at: datetime) -> dict[str, Any]:
    """What a webhook gets. ``text`` is all of it in words, which chats show as it is."""
    return {
        "practice": practice,
        "at": instant(at),
        "text": "\n".join(map(_line, alerts)),
        "alerts": [msgspec.structs.asdict(it) for it in alerts],
    }


def letter(practice: str, alerts: Sequence[Alert]) -> tuple[str, str]:
    """Subject and text of a mail."""
    books = list(dict.fromkeys(it.book for it in alerts if not it.over))
    well = list(dict.fromkeys(it.book for it in alerts if it.over and it.book not in books))
    if books:
        subject = f"arsync: {_names(books)} need{'s' if len(books) == 1 else ''} you"
    else:
        subject = f"arsync: a trouble of {_names(well)} is over"
    lines = []
    for it in alerts:
        lines.append(_line(it))
        if it.command:
            lines.append(f"    {it.command}")
        lines.append("")
    end = f"This is about the practice {practice}. `arsync status` tells more. Each trouble is told once."
    return subject, "\n".join([*lines, end, ""])


def _line(it: Alert) -> str:
    return f"{it.book}: {it.text}"


def _names(books: Sequence[str]) -> str:
    if len(books) > 3:
        return f"{', '.join(books[:2])} and {len(books) - 2} more books"
    return " and ".join(filter(None, [", ".join(books[:-1]), books[-1]]))
