"""The tables are brought up to date by processes that are killed, frozen, or many at once."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from crash_processes import Child, Zygote
from sqlite_utils import Database

from arsync.store.schema import migrations, scripts

# In the nightly run a kill comes at each statement, else at each seventh.
EACH = 1 if "ARSYNC_KILLS" in os.environ else 7
NAMES = list(scripts())
ROWS = """
    BEGIN;
    INSERT INTO books (book, connector, cursor, complete, full_at, synced_at)
    VALUES ('acme', 'csv', 'c-9', 1, '2026-11-23T08:00:00Z', '2026-12-13T08:00:00Z');
    INSERT INTO customers (book, id, name) VALUES ('acme', 'c1', 'Lumen Yoga');
    INSERT INTO invoices (book, id, number, customer_id, currency, issued_on, due_on, total, open, status)
    VALUES ('acme', 'i1', '1001', 'c1', 'GBP', '2026-10-01', '2026-11-01', 12000, 12000, 'in-force');
    INSERT INTO credits (book, kind, id, customer_id, currency, remaining)
    VALUES ('acme', 'payment', 'p1', 'c1', 'GBP', 500);
    INSERT INTO messages (book, id, status, customer_id, customer_name, addressees, step, template,
                          step_offset, policy, currency, total, unapplied, message_id, approved_at,
                          ended_at, ended_on)
    VALUES ('acme', 'm1', 'sent', 'c1', 'Lumen Yoga', 'dana@lumen.example', 'first reminder',
            'first-reminder', 1, 'test', 'GBP', 12000, 0, '<arsync.m1@acme.example>',
            '2026-11-23T08:00:00Z', '2026-11-23T08:00:00Z', '2026-11-23');
    INSERT INTO steps_taken (book, invoice_id, step, step_offset, on_day, how, source)
    VALUES ('acme', 'i1', 'first reminder', 1, '2026-11-23', 'message', 'm1');
    INSERT INTO notes (book, message, target, target_id, text, key, owed_at)
    VALUES ('acme', 'm1', 'customer', 'c1', 'a note [arsync:m1]', 'k1', '2026-11-23T08:00:00Z');
    COMMIT;
"""
KEPT = (
    "SELECT b.cursor IS NULL, i.open, m.status, s.step, s.on_day, n.text, n.status FROM books b "
    "JOIN invoices i ON i.book = b.book JOIN messages m ON m.book = b.book "
    "JOIN steps_taken s ON s.source = m.id JOIN notes n ON n.message = m.id"
)


class Practice:
    """A practice with a database of an older version, and a command that opens it."""

    def __init__(self, folder: Path, zygote: Zygote) -> None:
        self.folder, self._zygote = folder, zygote
        self.database = folder / "arsync.db"
        (folder / "policy.toml").write_text(
            'name = "test"\n[[steps]]\nname = "first reminder"\nwhen = "1 day after due"\n', "utf-8"
        )
        (folder / "invoices.csv").write_text("number,customer,total,due\n", "utf-8")
        (folder / "arsync.toml").write_text(
            '[practice]\nname = "Test"\n[books.acme]\nconnector = "csv"\npolicy = "policy.toml"\n'
            'sending = "approve"\nfrom = "ar@acme.example"\ntimezone = "UTC"\n'
            '[books.acme.connection]\npath = "invoices.csv"\ncompany = "Acme"\ncurrency = "GBP"\n',
            "utf-8",
        )

    def of_version(self, before: str | None) -> None:
        """As the version made it that did not know the migration ``before``; None: no file at all."""
        for path in self.folder.glob("arsync.db*"):
            path.unlink()
        if before is None:
            return
        made = self.folder / before
        if not made.exists():
            with closing(sqlite3.connect(made)) as connection:
                migrations().apply(Database(connection), stop_before=before)
                connection.executescript(ROWS)
        shutil.copyfile(made, self.database)

    def open(self, trap: dict[str, Any] | None = None, **more: Any) -> Child:
        env = {"ARSYNC_NOW": "2026-12-14T08:00:00+00:00", "ARSYNC_DEBUG": "1"}
        return self._zygote.start("rejects", cwd=self.folder, env=env, trap=trap, **more)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY 1, 2"
        )


@pytest.fixture
def practice(tmp_path: Path, zygote: Zygote) -> Practice:
    return Practice(tmp_path, zygote)


@pytest.mark.parametrize("before", [None, *NAMES[1:]])
def test_killed_at_each_statement(practice: Practice, before: str | None, figures: Counter[str]) -> None:
    """The next start ends what was begun: the tables are those of a file that was never disturbed."""
    practice.of_version(before)
    done = practice.open().wait()
    assert done.status == 0, str(done)
    whole = practice.tables(), practice.rows(KEPT)
    assert practice.rows("SELECT name FROM _sqlite_migrations ORDER BY id") == [(name,) for name in NAMES]
    kills = 0
    while True:
        practice.of_version(before)
        if practice.open({"act": "kill", "at": "sql", "n": 1 + kills * EACH}).wait().status == 0:
            break
        kills += 1
        done = practice.open().wait()
        assert done.status == 0, done
        assert (practice.tables(), practice.rows(KEPT)) == whole, f"killed at statement {1 + kills * EACH}"
        assert practice.rows("PRAGMA integrity_check") == [("ok",)]
        assert practice.rows("PRAGMA foreign_key_check") == []
    assert kills * EACH > 40
    figures["kills during a migration"] += kills


@pytest.mark.parametrize("before", [None, *NAMES[1:]])
def test_many_at_once(practice: Practice, before: str | None) -> None:
    practice.of_version(before)
    for each in [practice.open() for _ in range(8)]:
        assert each.wait().status == 0, each
    assert practice.rows("SELECT name FROM _sqlite_migrations ORDER BY id") == [(name,) for name in NAMES]
    assert practice.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("before", NAMES[1:])
def test_one_is_frozen_half_way(practice: Practice, before: str) -> None:
    """The other one waits, says so and gives up; then both find a file that is up to date."""
    practice.of_version(before)
    frozen = practice.open({"act": "stop", "at": "sql", "n": 25})
    assert frozen.wait_stopped(), frozen
    late = practice.open(hurried=True).wait()
    assert late.status == 1, late
    assert "another process kept the database locked; try again" in late.err
    frozen.thaw()
    assert frozen.wait().status == 0, frozen
    done = practice.open().wait()
    assert done.status == 0, str(done)
    assert practice.rows("SELECT name FROM _sqlite_migrations ORDER BY id") == [(name,) for name in NAMES]
    assert len(practice.rows(KEPT)) == 1
