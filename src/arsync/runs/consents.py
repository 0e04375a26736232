"""How long the consents of the books last, said days before one ends. Asks no service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from arsync.store.tokens import ConsentRow, consent_row

if TYPE_CHECKING:
    from arsync.runs.book import Book

# From so many days before its end a consent is spoken of.
ANNOUNCED_DAYS = 14

# "none-needed": a book that nobody has to be asked for. "missing": not connected, or disconnected.
# "good": more than ANNOUNCED_DAYS are left. "ending": fewer. "ended": its last day is past.
State = Literal["none-needed", "missing", "good", "ending", "ended"]


class ConsentState(msgspec.Struct, frozen=True, kw_only=True):
    """The consent of one book. ``ends_at`` (UTC) is the earlier of the vendor's last day, whatever is
    done (``fixed``), and the day on which an unused consent ends; None where the vendor tells neither.

    ``days_left`` counts whole days of the book's own calendar, 0 for today, below 0 for what is past.
    ``sentence`` says how it stands and what to do, without the book's name in front; ``command`` is what
    keeps the consent alive, "" where nothing has to be done.
    """

    book: str
    state: State
    ends_at: datetime | None = None
    days_left: int | None = None
    fixed: bool = False
    sentence: str = ""
    command: str = ""

    @property
    def needs_word(self) -> bool:
        """Whether a person should hear of it now: it is missing, has ended, or will soon."""
        return self.state in ("missing", "ending", "ended")


def consent_of(book: Book) -> ConsentState:
    """How the consent of a book stands, by what is stored of it."""
    app = book.source.app
    if app is None or app.client_grant:
        return ConsentState(book=book.name, state="none-needed", sentence="needs nobody's consent")
    row = consent_row(book.store, book.name)
    connect = f"arsync connect {book.name}"
    if row is None:
        return ConsentState(
            book=book.name, state="missing", sentence=f"is not connected: run `{connect}`", command=connect
        )
    return _of(book, row)


def _of(book: Book, row: ConsentRow) -> ConsentState:
    if row.ends_at is None:
        return ConsentState(book=book.name, state="good", sentence="is connected")
    connect, sync = f"arsync connect {book.name}", f"arsync sync {book.name}"
    state: State
    day = row.ends_at.astimezone(book.zone).date()
    left = (day - book.today).days
    if row.ends_at <= book.clock():
        state, command, sentence = "ended", connect, f"the consent ended on {day}: run `{connect}`"
    elif row.ends_at - book.clock() > timedelta(days=ANNOUNCED_DAYS):
        state, command, sentence = "good", "", f"is connected until {day}"
        if not row.fixed:
            sentence += " and longer, as long as it is used"
    else:
        when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days, on {day}")
        state = "ending"
        if row.fixed:
            command = connect
            sentence = f"the consent ends {when}, used or not: run `{connect}` before that"
        else:
            command = sync
            sentence = f"the consent ends {when} unless it is used: `{sync}` keeps it alive"
    return ConsentState(
        book=book.name,
        state=state,
        ends_at=row.ends_at,
        days_left=left,
        fixed=row.fixed,
        sentence=sentence,
        command=command,
    )
