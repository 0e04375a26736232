"""`arsync backup`: a whole copy while everything goes on, and the files that `arsync restore` refuses."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loop_desk import Desk
from loop_ledgers import QuickBooks
from loop_restore import Keeper

from arsync.store import Store
from arsync.store.leases import claim


@pytest.fixture
def book(desk: Desk, quickbooks: QuickBooks) -> QuickBooks:
    """A book with an invoice and an approved message."""
    quickbooks.invoice(quickbooks.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    return quickbooks


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [line for line in connection.iterdump() if "_backup" not in line]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_whole_copy_under_a_dated_name(desk: Desk, book: QuickBooks) -> None:
    typed = desk.ok("backup")
    file = desk.folder / "backups" / "arsync-2026-11-23-080000.db"
    assert f"backed up to {file}, " in typed.out
    assert re.search(r"acme +quickbooks +2026-11-23 08:00 UTC +1 +0", typed.out)
    assert "the tokens in it are encrypted, and their key is not in it" in typed.err
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == [file.name]  # one file, and nothing half done
    assert content(file) == content(desk.folder / "arsync.db")


def test_nothing_is_overwritten(desk: Desk, book: QuickBooks) -> None:
    desk.ok("backup")
    assert "there is a file already" in desk.gives(2, "backup").err
    mine = desk.folder / "mine.db"
    mine.write_text("mine", "utf-8")
    assert "there is a file already" in desk.gives(2, "backup", str(mine)).err
    assert "this is a folder; name a file in it" in desk.gives(2, "backup", str(desk.folder)).err
    assert mine.read_text("utf-8") == "mine"
    assert "there is a file already" in desk.gives(2, "backup", str(desk.folder / "arsync.db")).err
    desk.ok("backup", str(desk.folder / "other.db"))
    assert mode(desk.folder / "other.db") == 0o600


def test_only_the_newest_are_kept(desk: Desk, book: QuickBooks) -> None:
    """Of its own: what else lies there is left alone."""
    folder = desk.folder / "backups"
    folder.mkdir()
    for name in ("arsync-notes.db", "other-2020-01-01-000000.db", "arsync-2020-01-01-000000.db.gz"):
        (folder / name).write_text("x", "utf-8")
    for _ in range(4):
        desk.ok("backup")
        desk.now.go(days=1)
    typed = desk.ok("backup", "--keep", "2")
    assert typed.out.count("deleted ") == 3
    left = sorted(path.name for path in folder.iterdir())
    assert left == [
        "arsync-2020-01-01-000000.db.gz",
        "arsync-2026-11-26-080000.db",
        "arsync-2026-11-27-080000.db",
        "arsync-notes.db",
        "other-2020-01-01-000000.db",
    ]
    assert "leave FILE out" in desk.gives(2, "backup", "x.db", "--keep", "2").err


def test_while_a_run_works_and_writes(desk: Desk, book: QuickBooks) -> None:
    """A run holds the book, and its transactions come and go: each is in the copy wholly or not at all."""
    stop = threading.Event()
    began = threading.Event()

    def write() -> None:
        with Store.open(desk.folder / "arsync.db") as store:
            lease = claim(store, "acme", command="run", at=desk.now())
            number = 0
            while not stop.is_set():
                number += 1
                with store.writing(lease) as conn:
                    for table in ("holder", "name"):
                        conn.execute(f"UPDATE books SET {table} = ? WHERE book = 'acme'", (str(number),))
                began.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert began.wait(60)
        for turn in range(5):
            file = desk.folder / f"copy-{turn}.db"
            desk.ok("backup", str(file))
            with closing(sqlite3.connect(file)) as connection:
                [(holder, name)] = connection.execute("SELECT holder, name FROM books").fetchall()
            assert holder == name
    finally:
        stop.set()
        writer.join()


def test_what_a_kill_left_is_no_backup(desk: Desk, book: QuickBooks) -> None:
    """A process that is not there any more left half a file: it goes, and one that is being filled stays."""
    folder = desk.folder / "backups"
    folder.mkdir(mode=0o700)
    ended = desk.start("--version")
    ended.communicate()
    dead = folder / f".arsync-2026-11-22-080000.db.{ended.pid}.arsync-part"
    alive = folder / f".arsync-2026-11-21-080000.db.{os.getppid()}.arsync-part"
    dead.write_bytes(b"half")
    alive.write_bytes(b"half")
    desk.ok("backup", "--keep", "1")
    assert not dead.exists()
    assert alive.exists()


def test_places_that_cannot_serve(desk: Desk, book: QuickBooks) -> None:
    assert "the folder" in desk.gives(2, "backup", str(desk.folder / "no" / "x.db")).err
    (desk.folder / "backups").write_text("a file", "utf-8")
    assert "cannot be made" in desk.gives(2, "backup").err
    shutil.copy(desk.folder / "arsync.toml", desk.folder / "backups-toml")
    for path in desk.folder.glob("arsync.db*"):
        if path.is_file():
            path.unlink()
    assert "there is no database yet" in desk.gives(2, "backup", "x.db").err
    assert not (desk.folder / "arsync.db").exists()


def test_a_restore_is_asked_about(desk: Desk, book: QuickBooks) -> None:
    keeper = Keeper(desk)
    file = keeper.back_up()
    before = content(desk.folder / "arsync.db")
    typed = desk.gives(2, "restore", str(file))
    assert "made at 2026-11-23 08:00 UTC" in typed.out
    assert "--yes: nothing was changed" in typed.err
    assert content(desk.folder / "arsync.db") == before


def test_what_is_in_place_is_kept_aside(desk: Desk, book: QuickBooks) -> None:
    keeper = Keeper(desk)
    file = keeper.back_up()
    desk.ok("hold", "acme", "1001", "--reason", "paused")
    before = desk.rows("SELECT * FROM holds")
    for name in (
        "arsync.db.before-restore-2026-11-23-080000",
        "arsync.db.before-restore-2026-11-23-080000-2",
    ):
        assert f"kept as {desk.folder / name}" in keeper.restore(file, status=0).out
        with closing(sqlite3.connect(desk.folder / name)) as connection:
            assert connection.execute("SELECT * FROM holds").fetchall() == before
        assert mode(desk.folder / name) == 0o600
    assert mode(desk.folder / "arsync.db") == 0o600
    assert list(desk.folder.glob(".*part*")) == []
    desk.ok("run")


def test_no_restore_while_a_run_works(desk: Desk, book: QuickBooks) -> None:
    keeper = Keeper(desk)
    file = keeper.back_up()
    with Store.open(desk.folder / "arsync.db") as store:
        claim(store, "acme", command="run", at=datetime.now(UTC))
        typed = desk.gives(1, "restore", str(file), "--yes")
        assert "works on the book acme right now; nothing was restored" in typed.err
        assert store.rows("SELECT restored_at, complete FROM books") == [(None, 1)]


def test_another_process_that_has_it_open(desk: Desk, book: QuickBooks) -> None:
    """It sees the restored database, and a run of before writes nothing into it."""
    from arsync.errors import LostLease

    keeper = Keeper(desk)
    file = keeper.back_up()
    with Store.open(desk.folder / "arsync.db") as store:
        old = claim(store, "acme", command="run", at=desk.now())
        with store.writing() as conn:  # it was frozen for longer than its lease
            conn.execute("UPDATE books SET lease_until = '2020-01-01T00:00:00.000Z'")
        keeper.restore(file, status=0)
        assert store.rows("SELECT complete FROM books") == [(0,)]
        with pytest.raises(LostLease), store.writing(old):
            pass


def test_a_damaged_database_gives_way(desk: Desk, book: QuickBooks) -> None:
    keeper = Keeper(desk)
    file = keeper.back_up()
    database = desk.folder / "arsync.db"
    for path in desk.folder.glob("arsync.db-*"):
        if path.is_file():
            path.unlink()
    whole = database.read_bytes()
    raw = bytearray(whole)
    raw[4096 * 2 : 4096 * 30] = random.Random(1).randbytes(4096 * 28)
    # SQLite's complaint repeats the name, which is no text any more.
    name = whole.replace(b"tableinvoicesinvoices", b"table\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8invoices")
    name = name.replace(b"CREATE TABLE invoices (", b"\xff" * 23)
    assert len(name) == len(whole)
    assert name != whole
    for damage in (bytes(raw), name, b"not a database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000):
        database.write_bytes(damage)
        typed = keeper.restore(file)
        assert "so nothing was taken over from it" in typed.err
        aside = typed.out.partition("kept as ")[2].splitlines()[0]
        assert Path(aside).read_bytes()[:5000] == damage[:5000]
        assert desk.rows("SELECT restored_from FROM books") == [("2026-11-23T08:00:00Z",)]
        assert mode(database) == 0o600
        assert content(database)


def test_files_that_are_refused(desk: Desk, book: QuickBooks) -> None:
    """Each in a sentence, and nothing changes."""
    keeper = Keeper(desk)
    good = keeper.back_up()
    before = content(desk.folder / "arsync.db")
    there = sorted(path.name for path in desk.folder.iterdir())

    def told(make: bytes | None = None, sql: str = "") -> str:
        file = desk.folder.parent / f"{desk.folder.name}-bad.db"
        file.unlink(missing_ok=True)
        if make is not None:
            file.write_bytes(make)
        elif sql:
            shutil.copy(good, file)
            with closing(sqlite3.connect(file)) as connection:
                connection.executescript(sql)
        typed = desk.type("restore", str(file), "--yes")
        assert typed.status in (1, 2)
        return typed.err

    assert "there is no such file; name the file of a backup" in told()
    assert "this is a folder; name the file of a backup" in desk.type("restore", str(desk.folder)).err
    assert "this file is not a SQLite database" in told(b"x" * 5000)
    assert "it is no backup of arsync" in told(b"")
    raw = bytearray(good.read_bytes())
    raw[4096 * 3 : 4096 * 40] = random.Random(1).randbytes(4096 * 37)
    assert "damaged" in told(bytes(raw))
    assert "damaged" in told(good.read_bytes()[: 4096 * 8])
    other = "CREATE TABLE x (y); DROP TABLE _sqlite_migrations"
    assert "a database of something else" in told(sql=other)
    newer = "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('arsync', '0099_x', '')"
    assert "written by a newer arsync" in told(sql=newer)
    stray = "PRAGMA foreign_keys = OFF; UPDATE books SET book = 'stray'"
    assert "damaged" in told(sql=stray)
    renamed = "PRAGMA foreign_keys = OFF; " + "".join(
        f"UPDATE {table} SET book = 'elsewhere';"
        for table in (
            "books", "customers", "invoices", "messages", "message_lines", "events", "runs", "tokens",
            "aging_days",
        )
    )  # fmt: skip
    assert "the backup of another practice: it has the books elsewhere" in told(sql=renamed)
    assert (
        "this is the database itself" in desk.gives(2, "restore", str(desk.folder / "arsync.db"), "--yes").err
    )
    assert content(desk.folder / "arsync.db") == before
    assert sorted(path.name for path in desk.folder.iterdir()) == there


def test_a_backup_by_other_means(desk: Desk, book: QuickBooks) -> None:
    """A copy of the file, with its log beside it, on a medium that may not be written to."""
    place = desk.folder / "medium"
    place.mkdir()
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection:
        connection.execute("UPDATE books SET name = 'in the log'")
        connection.commit()
        for path in desk.folder.glob("arsync.db*"):
            if path.is_file():
                shutil.copy(path, place / path.name)
    typed = Keeper(desk).restore(place / "arsync.db", status=0)
    assert "made at 2026-11-23 08:00 UTC" in typed.out
    assert desk.rows("SELECT name FROM books") == [("in the log",)]


def test_an_older_backup_is_brought_up_to_date(desk: Desk, book: QuickBooks) -> None:
    """One from before there was a go-live: its tables are brought up to date on the way."""
    from sqlite_utils import Database, Migrations

    from arsync.store.schema import SET, scripts

    old = desk.folder / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        known = Migrations(SET)
        known(name="0001_the_book")(lambda db: db.executescript(scripts()["0001_the_book"]))
        known.apply(Database(connection))
        connection.execute("INSERT INTO books (book, connector) VALUES ('acme', 'quickbooks')")
        connection.commit()
    Keeper(desk).restore(old)
    assert desk.rows("SELECT restored_from IS NOT NULL FROM books") == [(1,)]
    desk.gives(1, "run")
    assert desk.mail == []
