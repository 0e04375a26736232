"""On which days money came in: by payments' dates, and by what was open no more."""

from __future__ import annotations

from datetime import date, timedelta

from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("receipts")
# More than the working days of the months from which a rhythm is taken.
MOST = 200


def paid_days(store: Store, book: str, today: date) -> list[date]:
    """The last days up to today on which a payment came in, each once, the last first."""
    return _days(store, "paid_days", book, today)


def days_of_falls(store: Store, book: str, today: date) -> list[date]:
    """The last days on which less was open than the day before: a payment, as far as can be told."""
    return _days(store, "falls", book, today)


def _days(store: Store, query: str, book: str, today: date) -> list[date]:
    since = (today - timedelta(days=366)).isoformat()
    values = {"book": book, "today": today.isoformat(), "since": since, "most": MOST}
    return [date.fromisoformat(day) for (day,) in store.rows(_SQL[query], values)]
