"""Tokens that an older arsync stored in plain are encrypted, and their plain bytes leave the files.

SQLite leaves old bytes in pages that are free or not full, and in its log. VACUUM writes a new file
without them, and a checkpoint that truncates takes the log away (https://www.sqlite.org/lang_vacuum.html).
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from arsync.errors import ArsyncError
from arsync.store.database import Store
from arsync.store.queries import statements
from arsync.store.sealing import SEALED, Seal, WrongKey

_SQL = statements("tokens")


def reseal(store: Store, seal: Seal) -> None:
    """Encrypt the tokens of all books that are not under the first key yet. Raises FixSettings where there
    is no key.

    Where the plain bytes cannot be swept away now, because others read the database or the disk is full,
    the next opening tries it again.
    """
    unswept = False
    with store.writing() as conn:
        for book, *texts in conn.execute(_SQL["texts"]).fetchall():
            plain = any(text is not None and not text.startswith(SEALED) for text in texts)
            try:
                opened = [None if text is None else seal.open(text) for text in texts]
            except WrongKey:
                continue  # of a book that says so when it is worked on
            if plain or any(each is not None and each.stale for each in opened):
                new = [None if each is None else seal.close(each.text, unswept=plain) for each in opened]
                conn.execute(_SQL["reseal"], (*new, book))
                unswept = unswept or plain
    if unswept and _sweep(store):
        with store.writing() as conn:
            conn.execute(_SQL["swept"])


def _sweep(store: Store) -> bool:
    """Whether nothing is left in the files of what was overwritten."""
    with suppress(sqlite3.Error, ArsyncError):
        store.connection.execute("VACUUM")
        [(busy, *_)] = store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy
    return False
