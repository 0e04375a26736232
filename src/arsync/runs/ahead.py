"""What is ahead of a book if nobody pays: the calendar of its messages and tasks."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.policy.course import Course
from arsync.policy.forecast import Happening, happenings
from arsync.policy.ladder import days_after
from arsync.policy.model import Hold
from arsync.runs.book import Book
from arsync.runs.planning import read_facts, staleness


class Ahead(msgspec.Struct, frozen=True):
    """The days from ``first`` to ``last``: what would happen on them, in order, if nobody pays and each
    message and task is approved and done on its day.

    ``left_out`` are the holds that have no end, ``bound`` the numbers of invoices in messages that are in
    doubt or failed: what is theirs is not among what would happen.
    """

    book: str
    first: date
    last: date
    happenings: tuple[Happening, ...]
    left_out: tuple[Hold, ...]
    bound: tuple[str, ...]


def ahead(book: Book, days: int) -> Ahead:
    """What is ahead on so many days, today among them."""
    today = book.today
    facts = read_facts(book, today, stale=staleness(book, today))
    last = days_after(today, days - 1)
    plans = list(Course(book.name, facts, book.policy, today).days(last))
    held = plans[0].holds if plans else ()  # all customers are planned on the first day
    return Ahead(
        book=book.name,
        first=today,
        last=last,
        happenings=tuple(happenings(plans)),
        left_out=tuple(hold for hold in held if hold.until is None),
        bound=tuple(sorted(debt.number or debt.id for debt in facts.debts if debt.id in facts.bound)),
    )
