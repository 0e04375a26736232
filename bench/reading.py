"""Aging and the plan against bare SQL over the same database: ``python -m bench.reading FOLDER ROUNDS``.

Each round times both sides, one right after the other; the medians count.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

from arsync.policy.model import Facts, Plan
from arsync.policy.plan import plan
from arsync.runs.planning import read_facts, staleness
from arsync.store.aging import aging_by_customer
from bench.children import tell
from bench.practice import BOOK, opened

_GROUP_BY = """
SELECT customer_id, currency,
       sum(CASE WHEN due_on IS NULL OR due_on >= :as_of THEN open ELSE 0 END),
       sum(CASE WHEN due_on < :as_of AND due_on >= :day_30 THEN open ELSE 0 END),
       sum(CASE WHEN due_on < :day_30 AND due_on >= :day_60 THEN open ELSE 0 END),
       sum(CASE WHEN due_on < :day_60 AND due_on >= :day_90 THEN open ELSE 0 END),
       sum(CASE WHEN due_on < :day_90 THEN open ELSE 0 END)
FROM invoices
WHERE book = :book AND open > 0
GROUP BY customer_id, currency
"""
# What a plan is decided from, as plain as it can be asked for.
_ROWS = (
    "SELECT id, number, customer_id, currency, due_on, open, promised_on FROM invoices "
    "WHERE book = :book AND open > 0",
    "SELECT id, name, emails, cc, parent_id FROM customers WHERE book = :book",
    "SELECT customer_id, cc FROM invoices WHERE book = :book AND open > 0 AND cc <> ''",
    "SELECT customer_id, currency, remaining FROM credits WHERE book = :book AND remaining <> 0",
    "SELECT invoice_id, step, step_offset FROM steps_taken WHERE book = :book",
    "SELECT customer_id, currency, ended_on FROM messages WHERE book = :book",
    "SELECT target, target_id, reason, until, note FROM holds WHERE book = :book",
    "SELECT invoice_id, step FROM open_tasks WHERE book = :book",
)


def main(folder: Path, rounds: int) -> None:
    with opened(folder, "plan") as open_book:
        book = open_book()
        conn, today = book.store.connection, book.today
        borders = {f"day_{days}": (today - timedelta(days=days)).isoformat() for days in (30, 60, 90)}
        values = {"book": BOOK, "as_of": today.isoformat(), **borders}

        def planned() -> tuple[Facts, Plan]:
            facts = read_facts(book, today, stale=staleness(book, today))
            return facts, plan(BOOK, facts, book.policy, today)

        aged = alternating(
            rounds,
            lambda: aging_by_customer(book.store, BOOK, today),
            lambda: conn.execute(_GROUP_BY, values).fetchall(),
        )
        decided = alternating(
            rounds,
            planned,
            lambda: [conn.execute(sql, {"book": BOOK}).fetchall() for sql in _ROWS],
        )
    tell(aging=aged, plan=decided)


def alternating(rounds: int, *programs: Callable[[], object]) -> list[float]:
    """The median CPU of each, in seconds. What a program made is thrown away outside the timed part."""
    spent: list[list[float]] = [[] for _ in programs]
    for program in programs:
        program()
    for _ in range(rounds):
        for program, times in zip(programs, spent, strict=True):
            before = time.process_time()
            made = program()
            times.append(time.process_time() - before)
            del made
    return [median(times) for times in spent]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
