"""What deciding costs beyond one plan: ``python -m bench.deciding PROGRAM FOLDER ...``.

Each program tells the CPU of its two sides, in seconds; the medians of the rounds count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from arsync.policy.plan import plan
from arsync.runs.ahead import ahead
from arsync.runs.book import Book
from arsync.runs.planning import read_facts, staleness
from arsync.runs.replay import replay_policy
from bench import past
from bench.children import tell
from bench.practice import BOOK, opened
from bench.reading import alternating


def _planned(book: Book) -> object:
    facts = read_facts(book, book.today, stale=staleness(book, book.today))
    return facts, plan(BOOK, facts, book.policy, book.today)


def calendar(folder: Path, rounds: str) -> None:
    """The calendar of 60 days against a plan of the same book."""
    with opened(folder, "calendar") as open_book:
        book = open_book()
        tell(figures=alternating(int(rounds), lambda: ahead(book, 60), lambda: _planned(book)))


def replaying(folder: Path, rounds: str, invoices: str, customers: str) -> None:
    """A replay of a year, by the book's own policy and by another, against a plan of the same book."""
    past.year(folder, int(invoices), int(customers))
    with opened(folder, "replay") as open_book:
        book = open_book()
        first = book.today - timedelta(days=past.YEAR)
        new = msgspec.structs.replace(book.policy, steps=book.policy.steps[1:], min_gap_days=7)
        own = alternating(int(rounds), lambda: replay_policy(book, new, first), lambda: _planned(book))
    tell(figures=own)


def burdened(folder: Path, rounds: str, holds: str, messages: str) -> None:
    """A plan with many holds and a long past against the plan before."""

    def measured() -> float:
        with opened(folder, "plan") as open_book:
            book = open_book()
            [spent] = alternating(int(rounds), lambda: _planned(book))
        return spent

    before = measured()
    past.burdened(folder, int(holds), int(messages))
    tell(figures=(measured(), before))


PROGRAMS: dict[str, Callable[..., None]] = {"calendar": calendar, "replay": replaying, "burdened": burdened}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
