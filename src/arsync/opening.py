"""A practice's settings become books at work: store, connector, policy, templates, mail server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from arsync.connector import Allowance, Allowed, Budget, Http, Kit, Source, TenantBudget, Tokens, budget
from arsync.connector.heard import Calls
from arsync.connector.metering import usage
from arsync.connector.registry import find
from arsync.connector.thrift import AS_USUAL, Course
from arsync.errors import FixSettings
from arsync.logs import SILENT, Log
from arsync.practice import (
    Practice,
    connection_settings,
    load_book_policy,
    mail_server,
    sent_folder,
    token_key,
)
from arsync.practice_books import BookSettings, neighbours
from arsync.runs.book import Book, Clock, Progress, silent
from arsync.store import Store
from arsync.store.reading import book_state
from arsync.store.sealing import Seal
from arsync.store.tokens import BookTokens
from arsync.writing import Templates, check_templates, load_templates

NOW = "ARSYNC_NOW"
# The years that ARSYNC_NOW may name.
YEARS = (1970, 9000)
# Where notes go unless the practice file says: on the invoice where the vendor can write many at
# once, on the customer where each note is a call of its own.
NOTES = {"quickbooks": "invoice", "xero": "customer"}


def clock_from(environ: Mapping[str, str]) -> tuple[Clock, str | None]:
    """The clock, and the sentence to say when ``ARSYNC_NOW`` replaces it. Raises FixSettings."""
    text = environ.get(NOW)
    if not text:
        return (lambda: datetime.now(UTC)), None
    try:
        given = datetime.fromisoformat(text)
        fixed = None if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter where the offset leads out of the calendar
        fixed = None
    if fixed is None:
        raise FixSettings(
            f"{text!r} is not an instant with an offset such as 2026-11-23T08:00:00+00:00", where=NOW
        )
    if not YEARS[0] <= fixed.year <= YEARS[1]:  # days before and after it are reckoned with, too
        raise FixSettings(f"{text!r} is not in the years {YEARS[0]} to {YEARS[1]}", where=NOW)
    return (lambda: fixed), f"the clock is replaced by {NOW}: it is {text}"


def _sleep_told(log: Log) -> Callable[[float], None]:
    """The waits before a request is repeated."""

    def sleep(seconds: float) -> None:
        log("waited", seconds=round(seconds, 3), why="a request is repeated")
        time.sleep(seconds)

    return sleep


class Opener:
    """Opens the books of one practice on one store; ``say`` gets sentences for the bookkeeper."""

    def __init__(self, practice: Practice, store: Store, clock: Clock, say: Callable[[str], None]) -> None:
        self._practice, self._store, self._clock, self._say = practice, store, clock, say
        self._opened = ExitStack()
        self._seal = Seal(token_key(practice))
        self._strays_told = False

    def close(self) -> None:
        """End the connections to the services and the hold on the rate budgets."""
        self._opened.close()

    def book(
        self,
        settings: BookSettings,
        *,
        command: str,
        sends: bool,
        letters: bool,
        progress: Progress = silent,
        log: Log = SILENT,
    ) -> Book:
        """A book with everything its runs need. The network is not touched.

        Raises FixSettings for whatever is wrong in its settings, its policy and, with ``letters``, its
        templates, which are all tried out; ``sends`` asks for a mail server.
        """
        practice = self._practice
        policy = load_book_policy(practice, settings)
        templates = load_templates(practice.templates)
        if letters:
            check_templates(policy, templates, settings.language)
            self._tell_strays(templates)
        connect = find(settings.connector)
        self._store.book(settings.name, settings.connector)
        options = connection_settings(practice, settings)
        sleep = _sleep_told(log)
        http = Http(server=options.server, clock=self._clock, sleep=sleep)
        http.heard = Calls(log)
        self._opened.callback(http.close)
        kit = Kit(
            http=http,
            tokens=Tokens(settings.name, BookTokens(self._store, settings.name, self._seal), self._clock),
            pace=partial(self._pace, settings.name, sleep),
            clock=self._clock,
        )
        source = connect(options, kit)
        return Book(
            name=settings.name,
            store=self._store,
            source=source,
            http=http,
            tokens=kit.tokens,
            policy=policy,
            templates=templates,
            clock=self._clock,
            zone=self._zone(settings),
            automatic=settings.sending == "automatic",
            sender=settings.sender,
            reply_to=settings.reply_to,
            notes=settings.notes or NOTES.get(settings.connector, "none"),
            language=settings.language,
            mail=mail_server(practice) if sends else None,
            sent_folder=sent_folder(practice) if sends else None,
            command=command,
            golive=settings.golive,
            mentions=(practice.name, *practice.may_mention),
            neighbours=neighbours(practice.books.values(), settings.name),
            course=partial(self._course, settings.name, source),
            progress=progress,
            log=log,
        )

    def _tell_strays(self, templates: Templates) -> None:
        """Say once which files of the templates' folder nothing reads: a name may be misspelled. Where
        another book's policy is wrong, its templates are not known, and nothing is said."""
        if self._strays_told:
            return
        self._strays_told = True
        if not any(templates.strays(())):
            return
        try:
            policies = [load_book_policy(self._practice, each) for each in self._practice.books.values()]
        except FixSettings:
            return
        for sentence in templates.strays({step.template for each in policies for step in each.every_step}):
            self._say(sentence)

    def _pace(
        self,
        book: str,
        sleep: Callable[[float], None],
        tenant: str,
        *,
        per_minute: int,
        per_second: int | None = None,
        allowance: Allowance | None = None,
    ) -> Budget:
        limiter = budget(self._store.locks, tenant, per_minute=per_minute, per_second=per_second)
        self._opened.callback(limiter.close)
        if allowance is None:
            return limiter
        counted = TenantBudget(self._store.locks, book, allowance, limiter, clock=self._clock, sleep=sleep)
        self._opened.callback(counted.close)
        return counted

    def _course(self, book: str, source: Source) -> Course:
        """How the book goes on with the calls that its vendor has left for it."""
        if not isinstance(source, Allowed):
            return AS_USUAL
        now = self._clock()
        found = usage(self._store.locks, now, [book], allowances={book: source.allowance})
        return found[0].course(now) if found else AS_USUAL

    def _zone(self, settings: BookSettings) -> ZoneInfo:
        """The book's own zone: as set, as the accounting system tells, else the machine's."""
        if settings.timezone:
            return ZoneInfo(settings.timezone)
        state = book_state(self._store, settings.name)
        if state is not None and state.timezone:
            return ZoneInfo(state.timezone)
        from tzlocal import get_localzone_name

        name = get_localzone_name() or "UTC"
        if state is not None and state.tenant is not None:
            self._say(
                f"{settings.name}: the accounting system tells no time zone; this machine's own is used "
                f"({name}). Set timezone under [books.{settings.name}] to choose another"
            )
        return ZoneInfo(name)
