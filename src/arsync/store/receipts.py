"""On which days money came in: by payments' dates, or where none are told by what was open no more."""

from __future__ import annotations

from datetime import date

from arsync.store.database import Store
from arsync.store.queries import statements

_SQL = statements("receipts")
# More than the working days of the months from which a rhythm is taken.
MOST = 200


def paid_days(store: Store, book: str, today: date) -> list[date]:
    """The last days up to today on which a payment came in, each once."""
    values = {"book": book, "today": today.isoformat(), "most": MOST}
    with store.reading() as conn:
        told = conn.execute(_SQL["any_payment"], (book,)).fetchone() is not None
        rows = conn.execute(_SQL["paid_days" if told else "falls"], values).fetchall()
    return [date.fromisoformat(day) for (day,) in rows]
