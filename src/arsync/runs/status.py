"""Whether a book is alive and well: its rhythm, its last runs, and what is the matter with it.

Reads the practice's own files only; no service is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from arsync.connector.metering import Usage
from arsync.errors import ArsyncError, FixSettings
from arsync.policy.silence import EVERY_DAY, Rhythm, rhythm
from arsync.practice_books import BookSettings
from arsync.runs.book import Book
from arsync.runs.consents import ConsentState, consent_of
from arsync.runs.planning import make_plan
from arsync.store import Store
from arsync.store.status import BookFacts, RunFacts, book_facts

# Each of them needs a person, and makes the exit status 1 (settings: 2).
Kind = Literal[
    "settings", "strangers", "restored", "consent", "failed", "cut-short", "half-synced", "never-synced",
    "silent", "in-doubt", "not-delivered", "notes-failed", "notes-owed", "calls-used-up",
]  # fmt: skip
# Notes are owed for a while by ordinary life; after so long somebody should look.
OLD_NOTES = timedelta(days=3)


class Trouble(msgspec.Struct, frozen=True):
    """Something that needs a person. ``what`` tells no customer's data, so that it may be sent anywhere;
    ``detail`` is for the practice's own eyes. ``since``: when it began, as far as it is known."""

    kind: Kind
    what: str
    command: str = ""
    since: datetime | None = None
    detail: str = ""


class BookStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How one book is doing at ``at``. ``planned`` are messages that the policy would have leave now and
    that nobody has approved; None where nothing is decided. ``silent_from`` is the instant from which it
    is silent unless it is synced before."""

    book: str
    connector: str
    automatic: bool
    at: datetime
    zone: ZoneInfo
    facts: BookFacts
    rhythm: Rhythm
    live: bool = False
    planned: int | None = None
    consent: ConsentState | None = None
    usage: Usage | None = None
    silent_from: datetime | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def silent(self) -> bool:
        return self.silent_from is not None and self.silent_from <= self.at


def book_status(
    book: Book, *, silent_after: timedelta | None, usage: Usage | None, decide: bool = True
) -> BookStatus:
    """How a book is doing. ``silent_after`` takes the place of its own rhythm; without ``decide`` it is
    not worked out what waits for approval."""
    facts = book_facts(book.store, book.name)
    live = facts.live_on is not None or book.golive is not None
    status = BookStatus(
        book=book.name,
        connector=book.state().connector,
        automatic=book.automatic,
        at=book.clock(),
        zone=book.zone,
        facts=facts,
        rhythm=_rhythm(facts, silent_after, book.zone),
        live=live,
        planned=_planned(book) if decide and live and facts.complete else None,
        consent=consent_of(book),
        usage=usage,
    )
    return _judged(status)


def broken_status(
    store: Store, settings: BookSettings, problem: FixSettings, at: datetime, silent_after: timedelta | None
) -> BookStatus:
    """How a book is doing whose settings are wrong: what its tables tell all the same."""
    facts = book_facts(store, settings.name)
    zone = ZoneInfo(settings.timezone or facts.timezone or "UTC")
    status = BookStatus(
        book=settings.name,
        connector=settings.connector,
        automatic=settings.sending == "automatic",
        at=at,
        zone=zone,
        facts=facts,
        rhythm=_rhythm(facts, silent_after, zone),
        live=facts.live_on is not None or settings.golive is not None,
    )
    what = "its settings are wrong, and nothing is synced or sent"
    return _judged(status, Trouble("settings", what, f"arsync check {settings.name}", detail=str(problem)))


def _rhythm(facts: BookFacts, silent_after: timedelta | None, zone: ZoneInfo) -> Rhythm:
    if silent_after is not None:
        return Rhythm(silent_after, EVERY_DAY, "set")
    return rhythm(facts.beats, zone)


def _planned(book: Book) -> int | None:
    try:
        plan = make_plan(book)
    except ArsyncError:
        return None
    return sum(1 for message in plan.messages if message.status == "planned")


def _judged(status: BookStatus, *troubles: Trouble) -> BookStatus:
    last = status.facts.synced_at
    if last is not None:
        status = msgspec.structs.replace(status, silent_from=status.rhythm.over_at(last, status.zone))
    found = [*troubles, *_of_safety(status), *_of_access(status), *_of_runs(status), *_of_messages(status)]
    return msgspec.structs.replace(status, troubles=tuple(found))


def _of_safety(status: BookStatus) -> Iterator[Trouble]:
    facts, book = status.facts, status.book
    if facts.strangers:
        yield Trouble(
            "strangers",
            f"{_many(facts.strangers, 'message')} in its accounting system {_are(facts.strangers)} not from "
            "this database: another installation chases there too, and nothing is sent until that is settled",
            f"arsync rebuild {book}",
            facts.strangers_since,
        )
    if facts.restored_from is not None:
        yield Trouble(
            "restored",
            "it was restored from a backup and sends nothing before its next run has looked what may have "
            "left since",
            f"arsync run {book}",
        )


def _of_access(status: BookStatus) -> Iterator[Trouble]:
    consent, usage = status.consent, status.usage
    if consent is not None and consent.needs_word:
        what = consent.sentence.partition(": run ")[0].partition("; ")[0]
        what = f"it {what}" if what.startswith("is ") else what
        yield Trouble("consent", what, consent.command, consent.ends_at)
    if usage is not None and usage.used_up_until is not None and usage.used_up_until > status.at:
        yield Trouble(
            "calls-used-up",
            "the calls that its accounting system allows are used up; it goes on by itself when there are "
            "new ones",
        )


def _of_runs(status: BookStatus) -> Iterator[Trouble]:
    facts, book = status.facts, status.book
    runs = [run for run in facts.runs if run.outcome != "at work"]
    newest = runs[0] if runs else None
    again = f"arsync {newest.command} {book}" if newest else f"arsync sync {book}"
    no_access = status.consent is not None and status.consent.state in ("missing", "ended")
    if newest is not None and newest.outcome == "cut short":
        what = f"its last {newest.command} was cut short: it was killed, or the machine went down"
        yield Trouble("cut-short", what, again, newest.started_at)
    elif newest is not None and newest.outcome == "failed":
        # Where access is missing, that was told; a service that was out of reach once is tried again.
        if _counts(runs) and not (no_access and newest.trouble == "reconnect"):
            yield Trouble("failed", *_failed(newest, book), facts.failing_since, newest.problem)
    elif not facts.complete and facts.working is None and not no_access:
        if facts.synced_at is None and not any(run.command in ("sync", "run") for run in runs):
            yield Trouble("never-synced", "it was never synced", f"arsync sync {book}")
        else:
            yield Trouble("half-synced", "its last sync did not come to its end", f"arsync sync {book}")
    if status.silent:
        what = "it is silent: it was not synced for longer than it usually is"
        if status.rhythm.source != "learned":
            what = "it is silent: it was not synced for longer than it may be left"
        what += "; see whether its scheduled run still starts"
        yield Trouble("silent", what, f"arsync run {book}", facts.synced_at)


def _counts(runs: list[RunFacts]) -> bool:
    """A service that was out of reach once is tried again by the next run; twice in a row needs a look."""
    return runs[0].trouble != "try-later" or (len(runs) > 1 and runs[1].outcome == "failed")


def _failed(run: RunFacts, book: str) -> tuple[str, str]:
    command = f"arsync {run.command} {book}"
    match run.trouble:
        case "try-later":
            return "its last runs failed: a service or the mail server cannot be used right now", command
        case "reconnect":
            return (
                f"its last {run.command} failed: access to its company was refused",
                f"arsync connect {book}",
            )
        case "settings":
            return f"its last {run.command} failed: its settings are wrong", f"arsync check {book}"
        case "fault":
            return f"its last {run.command} failed by a fault of arsync's own", command
    return f"its last {run.command} failed", command


def _of_messages(status: BookStatus) -> Iterator[Trouble]:
    facts, book = status.facts, status.book
    if facts.in_doubt:
        what = f"{_many(facts.in_doubt, 'message')} may have left or not"
        yield Trouble("in-doubt", what, f"arsync worklist {book}")
    if facts.failed:
        what = f"{_many(facts.failed, 'message')} reached nobody"
        yield Trouble("not-delivered", what, f"arsync worklist {book}")
    if facts.notes_failed:
        what = f"{_many(facts.notes_failed, 'note')} could not be written into the accounting system"
        yield Trouble("notes-failed", what, f"arsync note {book} --again")
    if facts.notes_owed_since is not None and status.at - facts.notes_owed_since >= OLD_NOTES:
        what = f"{_many(facts.notes_owed, 'note')} {_are(facts.notes_owed)} owed for days"
        yield Trouble("notes-owed", what, f"arsync note {book}", facts.notes_owed_since)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
