"""Tokens at rest: encrypted, also those that an older arsync stored in plain, and the key that opens them."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crowd import at_once
from cryptography.fernet import Fernet

from arsync.connector.oauth import TokenPair, Unreadable
from arsync.errors import FixSettings
from arsync.practice import load_practice, token_key
from arsync.store import Store
from arsync.store.keys import KeyFile, KeyReference
from arsync.store.sealing import Seal, WrongKey
from arsync.store.tokens import BookTokens

ENDS = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
# With a dot, which no encrypted text has.
PLAIN = ("canary.access-of-long-ago", "canary.refresh-of-long-ago", "canary.previous-of-long-ago")


def pair(access: str = "canary.access", **more: Any) -> TokenPair:
    return TokenPair(**{"access": access, "refresh": "canary.refresh", "expires_at": ENDS, **more})


def held(path: Path) -> bytes:
    """All bytes of the database and of what lies beside it."""
    return b"".join(
        each.read_bytes() for each in sorted(path.parent.rglob("*")) if each.is_file() and each.stat().st_size
    )


@pytest.fixture
def old(path: Path) -> Path:
    """A database in which an older arsync has kept tokens as they are, and rotated them many times."""
    with Store.open(path) as store:
        for book in ("acme", "birch"):
            store.book(book, "xero")
        store.book("empty", "csv")
        conn = store.connection
        conn.execute("PRAGMA secure_delete = OFF")  # SQLite's own default, which some systems change
        for turn in range(300):
            texts = ["x" * (turn * 20) + f"{text}-{turn:04}" for text in PLAIN]
            for book in ("acme", "birch"):
                conn.execute(
                    "INSERT INTO tokens (book, access, refresh, previous_refresh, expires_at) "
                    "VALUES (?, ?, ?, ?, '2026-03-02T09:30:00Z') ON CONFLICT (book) DO UPDATE SET "
                    "access = excluded.access, refresh = excluded.refresh, "
                    "previous_refresh = excluded.previous_refresh",
                    (book, *texts),
                )
        conn.execute("UPDATE tokens SET access = ?, refresh = ?, previous_refresh = ?", PLAIN)
    assert b"canary." in held(path)
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who looks inside; closed in the end whatever happens."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def sealed(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT access, refresh, previous_refresh FROM tokens").fetchall()
    return {text.partition(":")[0] for row in rows for text in row if text is not None}


def test_no_token_is_in_a_file(store: Store, path: Path) -> None:
    """Neither in the database nor in its log, while it is open and afterwards."""
    BookTokens(store, "acme").save(pair(previous_refresh="canary.previous"))
    assert b"canary." not in held(path)
    assert BookTokens(store, "acme").load() == pair(previous_refresh="canary.previous")
    store.close()
    assert b"canary." not in held(path)


def test_tokens_of_an_older_database(old: Path) -> None:
    """The first that needs one book's encrypts those of all; no byte of them is left, of the last nor of
    all before, while others have the file open too."""
    with Store.open(old) as store, Store.open(old):
        found = BookTokens(store, "acme").load()
        assert found is not None
        assert (found.access, found.refresh, found.previous_refresh) == PLAIN
        assert b"canary." not in held(old)
        other = BookTokens(store, "birch").load()
        assert other is not None
        assert other.refresh == PLAIN[1]
    assert sealed(old) == {"sealed"}
    assert b"canary." not in held(old)


def test_others_read_while_they_are_encrypted(old: Path, reader: sqlite3.Connection) -> None:
    """What cannot be swept away now is swept away by the next who can."""
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM books").fetchone()
    with Store.open(old) as store:
        store.connection.execute("PRAGMA busy_timeout = 50")
        assert BookTokens(store, "acme").load() is not None
        assert sealed(old) == {"sealing"}
    reader.execute("COMMIT")
    with Store.open(old) as store:
        found = BookTokens(store, "birch").load()
        assert found is not None
        assert found.access == PLAIN[0]
    assert sealed(old) == {"sealed"}
    assert b"canary." not in held(old)


def test_a_newer_key_before_the_older(store: Store, path: Path) -> None:
    """Two lines: what the old one closed is read, and closed anew with the first; then the old one can go."""
    BookTokens(store, "acme").save(pair())
    file = path.with_name("arsync.key")
    old_key, new_key = file.read_text().strip(), Fernet.generate_key().decode()
    file.write_text(f"{new_key}\n{old_key}\n")
    assert BookTokens(store, "acme").load() == pair()
    file.write_text(f"{new_key}\n")
    assert BookTokens(store, "acme").load() == pair()
    file.write_text(f"{old_key}\n")
    with pytest.raises(Unreadable):
        BookTokens(store, "acme").load()


def test_a_newer_key_while_a_process_is_at_work(store: Store, path: Path) -> None:
    """It has read the key before; another process closes the tokens with the new one meanwhile."""
    at_work = BookTokens(store, "acme")
    at_work.save(pair())
    file = path.with_name("arsync.key")
    file.write_text(f"{Fernet.generate_key().decode()}\n{file.read_text()}")
    BookTokens(store, "acme").load()
    assert at_work.load() == pair()
    at_work.save(pair("another"))
    file.write_text(file.read_text().splitlines()[0])
    assert BookTokens(store, "acme").load() == pair("another")


@pytest.mark.parametrize("what", ["lost", "another"])
def test_without_the_right_key(store: Store, path: Path, what: str) -> None:
    """One sentence that tells where the key should be and what to do; tokens are saved with the key that
    there is then, as after another consent."""
    BookTokens(store, "acme").save(pair())
    file = path.with_name("arsync.key")
    file.unlink()
    if what == "another":
        KeyFile(file).make(Fernet.generate_key().decode())
    with pytest.raises(Unreadable) as unread:
        BookTokens(store, "acme").load()
    assert str(unread.value) == (
        f"the tokens of the book acme cannot be read: their key is not in {file}; bring it back, "
        "or run `arsync connect acme`"
    )
    BookTokens(store, "acme").save(pair("another"))
    assert BookTokens(store, "acme").load() == pair("another")


@pytest.mark.parametrize("text", ["", "\n", "canary-key", "Y2FuYXJ5", "\udcff"])
def test_a_file_that_is_no_key(store: Store, path: Path, text: str) -> None:
    """exit 2 with the file and how to make one; never what stands in it."""
    BookTokens(store, "acme").save(pair())
    file = path.with_name("arsync.key")
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    for act in (BookTokens(store, "acme").load, BookTokens(store, "acme").ready):
        with pytest.raises(FixSettings) as refused:
            act()
        assert refused.value.where == str(file)
        assert "canary" not in str(refused.value)
        assert "Y2Fu" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622, 0o644, 0o666])
def test_a_key_that_others_may_use(store: Store, path: Path, mode: int) -> None:
    BookTokens(store, "acme").save(pair())
    file = path.with_name("arsync.key")
    file.chmod(mode)
    with pytest.raises(FixSettings, match=f"chmod 600 {file}"):
        BookTokens(store, "acme").load()
    file.chmod(0o600)
    assert BookTokens(store, "acme").load() == pair()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o177])
def test_the_key_is_its_owners(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        KeyFile(tmp_path / "arsync.key").make("the text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "arsync.key").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["arsync.key"]


def _make(folder: Path, gate: Any, told: Any) -> None:
    seal = Seal(KeyFile(folder / "arsync.key"))
    gate.wait()
    told.put(seal.close("the text"))


def test_two_make_a_key_at_once(tmp_path: Path) -> None:
    """One of them is taken by both: each reads what the other closed."""
    texts = at_once(3, _make, tmp_path)
    seal = Seal(KeyFile(tmp_path / "arsync.key"))
    assert [seal.open(text).text for text in texts] == ["the text"] * 3


def reference(folder: Path, text: str) -> Seal:
    return Seal(KeyReference(text, folder, os.environ, lambda problem: FixSettings(problem, where="here")))


def test_a_key_in_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("ARSYNC_TEST_KEY", key)
    (tmp_path / "secret").write_text(f"{key}\r\n")
    (tmp_path / "secret").chmod(0o600)
    closed = reference(tmp_path, "env:ARSYNC_TEST_KEY").close("the text")
    assert reference(tmp_path, "file:secret").open(closed).text == "the text"
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(FixSettings, match="here: others on this machine may use the key"):
        reference(tmp_path, "file:secret").open(closed)
    monkeypatch.delenv("ARSYNC_TEST_KEY")
    with pytest.raises(FixSettings, match="here: the environment variable ARSYNC_TEST_KEY is not set"):
        reference(tmp_path, "env:ARSYNC_TEST_KEY").ready()
    with pytest.raises(FixSettings, match="here: no file can have the name ~nobody-of-this-name/key"):
        reference(tmp_path, "file:~nobody-of-this-name/key").ready()


def test_what_was_changed_is_not_opened(tmp_path: Path) -> None:
    """A text of which a character was changed is refused, not read as something else."""
    seal = Seal(KeyFile(tmp_path / "arsync.key"))
    closed = seal.close("the text")
    for at in (20, 40, len(closed) - 5):
        changed = closed[:at] + ("A" if closed[at] != "A" else "B") + closed[at + 1 :]
        with pytest.raises(WrongKey):
            seal.open(changed)


def test_the_practice_file_names_the_key(tmp_path: Path) -> None:
    """By a reference; what is none is refused without being shown."""
    file = tmp_path / "arsync.toml"
    file.write_text('[practice]\nname = "P"\n')
    assert token_key(load_practice(tmp_path)).place == str(tmp_path / "arsync.key")
    file.write_text('[practice]\nname = "P"\nkey = "keyring:arsync/tokens"\n')
    assert token_key(load_practice(tmp_path)).place == "keyring:arsync/tokens"
    for wrong in ('"canary-key"', "5", '["env:A"]'):
        file.write_text(f'[practice]\nname = "P"\nkey = {wrong}\n')
        with pytest.raises(FixSettings) as refused:
            load_practice(tmp_path)
        assert str(refused.value).startswith(f"{file}:3: practice.key: ")
        assert "keyring:SERVICE/NAME" in str(refused.value)
        assert "canary" not in str(refused.value)
