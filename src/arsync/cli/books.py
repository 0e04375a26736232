"""Opening a practice and working through its books, one after the other, each on its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from arsync.cli.saying import Ticker, explained, loggable, say
from arsync.errors import ArsyncError, Busy, FixSettings, Reconnect
from arsync.logs import log_for
from arsync.opening import Opener, clock_from
from arsync.practice import Practice, find_practice, load_practice
from arsync.practice_books import BookSettings
from arsync.private_files import Wide
from arsync.runs.book import Book, Clock
from arsync.store import Claim, Store
from arsync.store.leases import claim, release
from arsync.store.runs import trouble_of

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])


def practice_option(command: Command) -> Command:
    """`--practice DIR`, after the command's name as well as before it."""
    return click.option(
        "--practice",
        "practice",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="The practice's folder.",
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


books_argument = click.argument("books", nargs=-1, metavar="[BOOK]...")


class Desk:
    """An opened practice: its settings, its store, and the way to open its books."""

    def __init__(self, practice: Practice, store: Store, opener: Opener, clock: Clock) -> None:
        self.practice, self.store, self._opener, self.clock = practice, store, opener, clock

    def one(self, name: str, command: str, *, letters: bool = True) -> Book:
        """The book of that name. Raises FixSettings."""
        [book] = self._books([name], command, sends=False, letters=letters)
        return book

    def each(
        self,
        names: Sequence[str],
        command: str,
        work: Callable[[Book, Claim | None], Result],
        *,
        claimed: bool = False,
        sends: bool = False,
        letters: bool = False,
        after: Callable[[Book], None] | None = None,
    ) -> tuple[list[Result], int]:
        """Do ``work`` for each book; what fails in one is said and does not stop the others.

        Gives the results and the exit status. The settings of all books are checked before any is
        worked on. ``claimed``: each book is claimed for its run first, and the claim given on.
        ``after`` is called for each book, also for one whose work failed half way.
        ``sends`` and ``letters`` tell that the mail server and the templates are needed.
        """
        results, status = [], 0
        for book in self._books(names, command, sends=sends, letters=letters or sends):
            try:
                result = _claimed(book, work) if claimed else work(book, None)
            except ArsyncError as error:
                _clear(book)
                lead = f"{book.name}: "
                words, logged = lead + _in_words(book, error), loggable(error, lead)
                say(words, error=not isinstance(error, Busy), logged=logged)
                status = max(status, error.exit_status)
            except BrokenPipeError:
                raise  # the reader of the output went away: there is nobody to tell
            except Exception as error:  # noqa: BLE001 - a fault in one book must not stop the others
                _clear(book)
                status = max(status, explained(error, f"{book.name}: "))
            else:
                _clear(book)
                results.append(result)
            if after is not None:
                status = max(status, _told(book, after))
        return results, status

    def _books(self, names: Sequence[str], command: str, *, sends: bool, letters: bool) -> list[Book]:
        return [
            self.book(settings, command, sends=sends, letters=letters)
            for settings in self.practice.chosen(names)
        ]

    def book(
        self, settings: BookSettings, command: str, *, sends: bool = False, letters: bool = False
    ) -> Book:
        """The book of these settings, with a log of its own. Raises FixSettings."""
        log = log_for(settings.name, command)
        progress = Ticker(settings.name, log)
        return self._opener.book(
            settings, command=command, sends=sends, letters=letters, progress=progress, log=log
        )


def _in_words(book: Book, error: ArsyncError) -> str:
    """The error, with the command that helps where the connector does not know the book's name."""
    command = f"arsync connect {book.name}"
    lacks_it = isinstance(error, Reconnect) and command not in str(error)
    return f"{error}: run `{command}`" if lacks_it else str(error)


def _clear(book: Book) -> None:
    if isinstance(book.progress, Ticker):
        book.progress.clear()


def _told(book: Book, after: Callable[[Book], None]) -> int:
    """Tell what became of a book; the exit status. An output that takes nothing, such as a log on a full
    disk, does not keep the next book from its run."""
    try:
        after(book)
    except (ArsyncError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - as above
        return explained(error, f"{book.name}: ")
    return 0


def _claimed(book: Book, work: Callable[[Book, Claim | None], Result]) -> Result:
    lease = claim(book.store, book.name, command=book.command, at=book.clock(), run_id=book.log.run)
    book.log("run-began")
    started, problem = time.monotonic(), None
    try:
        return work(book, lease)
    except BaseException as error:
        problem = error
        raise
    finally:
        meter, outcome = book.http.meter, "done" if problem is None else "failed"
        book.log(
            "run-ended",
            level=None if problem is None else "error",
            outcome=outcome,
            problem="" if problem is None else trouble_of(problem),
            seconds=round(time.monotonic() - started, 3),
            calls=meter.calls,
            bytes=meter.bytes,
        )
        release(
            book.store,
            lease,
            outcome=outcome,
            at=book.clock(),
            api_calls=meter.calls,
            bytes_=meter.bytes,
            problem=problem,
        )


@contextmanager
def open_desk(ctx: click.Context, practice: Path | None) -> Iterator[Desk]:
    """The practice that the command line, the environment or the working folder names."""
    folder = find_practice(practice or ctx.obj.practice, os.environ, Path.cwd())
    settings = load_practice(folder)
    clock, replaced = clock_from(os.environ)
    if replaced:
        say(replaced)
    with Store.open(settings.database) as store:
        for wide in store.widths:
            say(_width(wide))
        opener = Opener(settings, store, clock, say)
        try:
            yield Desk(settings, store, opener, clock)
        finally:
            opener.close()


def _width(wide: Wide) -> str:
    found = f"others on this machine had rights on {wide.path} ({wide.mode:03o})"
    return f"{found}; they have none any more" if wide.narrowed else f"{found}; take them away with chmod go="


def warn_consent(book: Book) -> None:
    """Say it where the book's consent ends within days."""
    from arsync.runs.consents import consent_of

    if (found := consent_of(book)).state == "ending":
        say(f"{book.name}: {found.sentence}")


def warn_incomplete(book: Book) -> None:
    """Say it where the book's last sync did not come to its end, or never began."""
    if problem := book.incomplete():
        say(f"{book.name}: this book {problem}: run `arsync sync {book.name}`")


def warn_not_live(book: Book) -> None:
    """Say it where nothing leaves the book before somebody confirms its go-live."""
    from arsync.runs.golive import not_live

    if book.golive is None and not book.live and book.incomplete() is None:
        say(f"{book.name}: {not_live(book)}")


def day_option(text: str | None, option: str) -> Any:
    """A day of the command line. Raises FixSettings."""
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FixSettings(f"{text!r} is not a day such as 2026-11-30", where=option) from None


def amount_option(text: str | None, option: str = "--amount") -> tuple[int | None, str]:
    """An amount of the command line in minor units, with its currency; (None, "") where it is left out.
    Raises FixSettings for one that is not above zero."""
    from arsync.money import CURRENCIES, NotMoney, parse

    if text is None:
        return None, ""
    words = text.split()
    if len(words) != 2 or words[1].upper() not in CURRENCIES:
        raise FixSettings(f'{text!r} is not an amount with its currency such as "500.00 GBP"', where=option)
    try:
        units = parse(words[0], words[1].upper())
    except NotMoney as error:
        raise FixSettings(str(error), where=option) from None
    if units <= 0:
        raise FixSettings(f"{text!r} is not above zero", where=option)
    return units, words[1].upper()
