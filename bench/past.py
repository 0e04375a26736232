"""Books with a past, written straight into a practice's database: a year of invoices that came and were
paid, and messages that left. Drawn anew in the same way each time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from bench import practice

ONE_DAY = timedelta(days=1)
YEAR = 365
TERMS = 30  # days from an invoice's date to its due date
# How late invoices are paid, in days after the due date, and how many in a hundred so; the rest never.
PAID = ((62, -25, 2), (25, 2, 25), (10, 25, 90))
Row = tuple[Any, ...]


def year(folder: Path, invoices: int, customers: int) -> None:
    """A practice whose book remembers a year and a quarter: so many invoices dated within the year up to
    today, most of them paid by now, each with the messages that it had by then."""
    practice.write(folder, "quickbooks", "http://127.0.0.1:9", {"company": "1"})
    with practice.opened(folder, "plan") as open_book:
        book = open_book()
        conn, today = book.store.connection, book.today
        began = today - (YEAR + 90) * ONE_DAY
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(
            "UPDATE books SET complete = 1, began_on = ?, synced_at = ?, full_at = ?, currency = 'USD', "
            "live_on = ?, joined = 'start'",
            (str(began), f"{today}T00:00:00Z", f"{today}T00:00:00Z", str(began)),
        )
        conn.executemany(
            "INSERT INTO customers (book, id, name, emails) VALUES (?, ?, ?, ?)",
            [(practice.BOOK, f"c{n}", f"Customer {n}", f"ap@customer{n}.example") for n in range(customers)],
        )
        for row in _drawn(invoices, customers, today):
            _invoice(conn, *row, today)
        conn.execute("COMMIT")
        conn.execute("ANALYZE")


def _drawn(invoices: int, customers: int, today: date) -> Iterator[tuple[int, int, date, int, int | None]]:
    """Number, customer, date, amount, and how late it is paid."""
    draw = Random(7)
    for n in range(invoices):
        issued = today - draw.randrange(YEAR) * ONE_DAY
        chance, late = draw.randrange(100), None
        for share, least, most in PAID:
            if 0 <= chance < share:
                late = draw.randint(least, most)
            chance -= share
        yield n, draw.randrange(customers), issued, draw.randrange(30_00, 9000_00), late


def _invoice(
    conn: sqlite3.Connection, n: int, customer: int, issued: date, amount: int, late: int | None, today: date
) -> None:
    due = issued + TERMS * ONE_DAY
    paid = None if late is None else due + late * ONE_DAY
    if paid is not None and paid > today:
        paid = None
    same = (practice.BOOK, f"i{n}", f"N{n}", f"c{customer}", "USD", str(issued), str(due), amount)
    conn.execute(
        "INSERT INTO invoices (book, id, number, customer_id, currency, issued_on, due_on, total, open, "
        "status, changed_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'in-force', ?)",
        (*same, 0 if paid else amount, str(paid or issued)),
    )
    if paid:
        conn.execute(
            "INSERT INTO invoices_past (book, id, number, customer_id, currency, issued_on, due_on, total, "
            "open, status, from_on, until_on, rate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'in-force', ?, ?, '')",
            (*same, amount, str(issued), str(paid)),
        )
    for step, offset in (
        ("heads-up", -3),
        ("first reminder", 1),
        ("second reminder", 10),
        ("final notice", 30),
    ):
        on = due + offset * ONE_DAY
        if on < (paid or today):
            _sent(conn, f"{n}-{offset}", f"c{customer}", f"i{n}", step, offset, on, amount)


def burdened(folder: Path, holds: int, messages: int) -> None:
    """Add holds, and messages of the two years before today, to a practice's large book: two of three
    messages were about invoices that are paid by now."""
    with practice.opened(folder, "plan") as open_book:
        book = open_book()
        conn, today, draw = book.store.connection, book.today, Random(11)
        open_ = conn.execute(
            "SELECT id, customer_id, open FROM invoices WHERE open > 0 ORDER BY id"
        ).fetchall()
        reasons = ("disputed", "promised", "paused")
        conn.execute("BEGIN IMMEDIATE")
        for n, (id_, customer, _) in enumerate(islice(draw.sample(open_, len(open_)), holds)):
            target = ("customer", customer) if n % 5 == 0 else ("invoice", id_)
            until = None if n % 3 == 0 else str(today + draw.randint(1, 60) * ONE_DAY)
            conn.execute(
                "INSERT INTO holds (book, target, target_id, reason, until, note, put_at, put_on) "
                "VALUES (?, ?, ?, ?, ?, 'as agreed on the telephone', ?, ?) ON CONFLICT DO NOTHING",
                (practice.BOOK, *target, reasons[n % 3], until, f"{today}T00:00:00Z", str(today)),
            )
        for n in range(messages):
            id_, customer, amount = draw.choice(open_)
            step, offset = draw.choice((("heads-up", -3), ("first reminder", 1), ("second reminder", 10)))
            about = id_ if n % 3 == 0 else f"paid{n}"
            on = today - draw.randint(3, 2 * YEAR) * ONE_DAY
            _sent(conn, f"past{n}", customer, about, step, offset, on, amount)
        conn.execute("COMMIT")
        conn.execute("ANALYZE")


def _sent(
    conn: sqlite3.Connection,
    id_: str,
    customer: str,
    invoice: str,
    step: str,
    offset: int,
    on: date,
    amount: int,
) -> None:
    """A message that left, with its line and the step it took."""
    conn.execute(
        "INSERT INTO messages (book, id, status, customer_id, customer_name, addressees, step, template, "
        "step_offset, policy, currency, total, unapplied, message_id, approved_at, ended_at, ended_on) "
        "VALUES (?, ?, 'sent', ?, ?, ?, ?, 't', ?, 'bench', 'USD', ?, 0, ?, ?, ?, ?)",
        (
            practice.BOOK, id_, customer, customer, f"ap@{customer}.example", step, offset, amount, id_,
            f"{on}T09:00:00Z", f"{on}T09:00:00Z", str(on),
        ),
    )  # fmt: skip
    conn.execute(
        "INSERT INTO message_lines (book, message, position, invoice_id, number, open, step, step_offset) "
        "VALUES (?, ?, 0, ?, ?, ?, ?, ?)",
        (practice.BOOK, id_, invoice, invoice, amount, step, offset),
    )
    conn.execute(
        "INSERT INTO steps_taken (book, invoice_id, step, step_offset, on_day, how, source) "
        "VALUES (?, ?, ?, ?, ?, 'message', ?) ON CONFLICT DO NOTHING",
        (practice.BOOK, invoice, step, offset, str(on), id_),
    )
