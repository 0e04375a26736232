"""The file: made, refused, migrated; and what SQLite complains of, in words."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from crowd import at_once
from sqlite_utils import Database
from store_samples import customer, page, pulled

from arsync.errors import ArsyncError, FixSettings, TryLater
from arsync.store import Claim, Store, queries
from arsync.store.backup import examine
from arsync.store.opening import REMOTE, filesystem
from arsync.store.schema import migrations, scripts


def tables(conn: sqlite3.Connection) -> dict[str, str]:
    rows = conn.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%sqlite%'"
    )
    return dict(rows.fetchall())


def pragma(store: Store, name: str) -> Any:
    return store.rows(f"PRAGMA {name}")[0][0]


def test_a_new_file_is_private_durable_and_waits_for_others(store: Store, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2  # FULL
    assert pragma(store, "foreign_keys") == 1
    assert pragma(store, "busy_timeout") == 10_000


def test_a_row_of_a_book_that_is_not_registered_is_refused(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.writing() as conn:
        conn.execute("INSERT INTO customers (book, id, name) VALUES ('nobody', '1', 'One')")


def test_the_same_file_opens_again_with_what_it_holds(path: Path) -> None:
    with Store.open(path) as first:
        first.book("acme", "xero")
    with Store.open(path, create=False) as second:
        assert second.rows("SELECT book, connector FROM books") == [("acme", "xero")]


def test_a_book_does_not_change_its_accounting_system(store: Store) -> None:
    store.book("acme", "xero")
    with pytest.raises(FixSettings, match="acme as one of xero, not of quickbooks"):
        store.book("acme", "quickbooks")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match="there is no database yet"):
        Store.open(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(FixSettings, match="does not exist"):
        Store.open(tmp_path / "no folder" / "arsync.db")
    with pytest.raises(FixSettings, match="this is a folder"):
        Store.open(tmp_path)


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    text = "date,invoice,amount\n" * 40
    path.write_text(text)
    with pytest.raises(FixSettings, match="not a SQLite database"):
        Store.open(path)
    assert path.read_text() == text


def test_a_database_of_something_else_is_left_alone(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(FixSettings, match="something else"):
        Store.open(path)
    other = sqlite3.connect(path)
    assert list(tables(other)) == ["recipes"]
    other.close()


def test_a_database_of_a_newer_arsync_is_refused(path: Path) -> None:
    with Store.open(path) as store, store.writing() as conn:
        conn.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('arsync', '9999_the_future', '2030-01-01')"
        )
    with pytest.raises(FixSettings, match=r"newer arsync .*9999_the_future"):
        Store.open(path)


def test_a_file_that_may_not_be_written_is_a_setting_to_fix(store: Store) -> None:
    store.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(FixSettings, match="may not be written to"):
        store.book("other", "xero")


def test_a_full_disk_stores_nothing_of_the_page(store: Store, run: Claim) -> None:
    pages = pragma(store, "page_count")
    store.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(ArsyncError, match="the disk is full"):
        pulled(store, run, page(customers=[customer(str(number)) for number in range(2000)]))
    store.connection.execute("PRAGMA max_page_count = 1000000")
    assert store.rows("SELECT count(*) FROM customers") == [(0,)]
    pulled(store, run, page(customers=[customer()]))
    assert store.rows("SELECT id FROM customers") == [("c1",)]


def test_a_locked_database_is_for_later(store: Store, path: Path) -> None:
    with Store.open(path) as other, store.writing():
        other.connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(TryLater, match="another process"):
            other.book("other", "xero")


def test_whatever_is_raised_inside_rolls_back(store: Store) -> None:
    def half_done() -> None:
        with store.writing() as conn:
            conn.execute("UPDATE books SET name = 'half done'")
            raise KeyError

    with pytest.raises(KeyError):
        half_done()
    assert store.rows("SELECT name FROM books") == [(None,)]


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /srv/books nfs4 rw 0 0
/dev/vdb /srv/books/local ext4 rw 0 0
//pc/share /mnt/with\\040space cifs rw 0 0
C: /mnt/c 9p rw 0 0
"""


@pytest.mark.parametrize(
    ("where", "kind", "remote"),
    [
        ("/home/me/arsync.db", "ext4", False),
        ("/srv/books/arsync.db", "nfs4", True),
        ("/srv/booksellers/arsync.db", "ext4", False),
        ("/srv/books/local/arsync.db", "ext4", False),
        ("/mnt/with space/arsync.db", "cifs", True),
        ("/mnt/c/arsync.db", "9p", True),
    ],
)
def test_the_file_system_is_that_of_the_deepest_mount(where: str, kind: str, remote: bool) -> None:
    assert filesystem(Path(where), MOUNTS) == kind
    assert bool(REMOTE.fullmatch(kind)) is remote


def test_a_fresh_schema_is_the_sum_of_the_migrations(store: Store, tmp_path: Path) -> None:
    plain = sqlite3.connect(":memory:")
    for script in scripts().values():
        plain.executescript(script)
    stepwise = Database(tmp_path / "stepwise.db")
    for name in list(scripts())[1:]:
        migrations().apply(stepwise, stop_before=name)
    migrations().apply(stepwise)
    fresh = tables(store.connection)
    assert "invoices" in fresh
    assert fresh == tables(plain) == tables(stepwise.conn)
    plain.close()
    stepwise.close()


def test_every_table_is_strict_and_begins_its_key_with_the_book(store: Store) -> None:
    kept = [name for name in Database(store.connection).table_names() if "sqlite" not in name]
    for name in kept:
        assert Database(store.connection).table(name).strict, name
        assert Database(store.connection).table(name).pks[0] == "book", name
    assert len(kept) >= 15


class _Anything(dict[str, object]):
    def __missing__(self, name: str) -> None:
        return None


@pytest.mark.parametrize("room", sorted(it.stem for it in Path(str(files(queries))).glob("*.sql")))
def test_every_statement_fits_the_schema(store: Store, room: str) -> None:
    """Each is prepared: a table or column that does not exist is found here. What is brought back stands in a
    second database beside the first, under the name ``aside``."""
    store.connection.execute("ATTACH ? AS aside", (str(store.path),))
    for sql in queries.statements(room).values():
        count = sql.count("?")
        store.rows(f"EXPLAIN {sql}", [None] * count if count else _Anything())


def test_a_current_file_opens_without_loading_the_migrations_library(store: Store, path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from arsync.store import Store\n"
        "import arsync.store.reading, arsync.store.tokens, arsync.store.notes, arsync.store.delivery\n"
        "Store.open(Path(sys.argv[1])).close()\n"
        "print([name for name in ('sqlite_utils', 'requests', 'filelock') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def _open_at_once(path: Path, gate: Any, told: Any) -> None:
    gate.wait()
    try:
        with Store.open(path) as store:
            store.book("acme", "xero")
        told.put("opened")
    except (ArsyncError, sqlite3.Error) as error:
        told.put(repr(error))


def test_several_processes_may_make_and_migrate_the_file_at_once(path: Path) -> None:
    assert at_once(4, _open_at_once, path) == ["opened"] * 4
    with Store.open(path) as store:
        assert store.rows("SELECT name FROM _sqlite_migrations") == [(name,) for name in scripts()]


def test_a_damaged_schema_is_told_as_damage_whatever_its_bytes(path: Path) -> None:
    """SQLite repeats a name of the schema in its complaint, and what is damaged need not be text any more."""
    with Store.open(path) as store:
        store.book("acme", "xero")
    whole = path.read_bytes()
    assert b"tableinvoicesinvoices" in whole
    damaged = whole.replace(b"tableinvoicesinvoices", b"table\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8invoices")
    path.write_bytes(damaged.replace(b"CREATE TABLE invoices (", b"\xff" * 23))
    with pytest.raises(ArsyncError, match="the database is damaged"):
        Store.open(path)
    with pytest.raises(ArsyncError, match="the database is damaged"):
        examine(path)
