"""From which day on a change counts: the book remembers states by days, and it looks only now and then."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, tzinfo

from arsync.store.columns import moment


class Dating:
    """The days of changes that are read on ``today``, a day of the book's ``zone``.

    A change was made after the last complete pull, which was on ``since`` (None: there was none), and
    the accounting system's own stamp of the record tells when. A stamp that does not lie between the
    two days tells nothing, and the day of reading counts.
    """

    def __init__(self, today: date, since: date | None = None, zone: tzinfo = UTC) -> None:
        self.today, self._zone = today.isoformat(), zone
        self._since = self.today if since is None else since.isoformat()

    def day(self, updated_at: str) -> str:
        """The day, ISO text, from which a state with this stamp (UTC, Z; or empty) counts."""
        if self._since >= self.today or not updated_at:
            return self.today
        try:
            told = datetime.fromisoformat(updated_at).astimezone(self._zone).date().isoformat()
        except (ValueError, OverflowError):  # not a stamp that can be read
            return self.today
        return told if self._since <= told <= self.today else self.today


def dating(conn: sqlite3.Connection, book: str, today: date, zone: tzinfo) -> Dating:
    """The dating of what is read of this book today."""
    [(at,)] = conn.execute("SELECT synced_at FROM books WHERE book = ?", (book,)).fetchall()
    last = moment(at)
    return Dating(today, None if last is None else last.astimezone(zone).date(), zone)
