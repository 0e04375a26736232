"""The tokens of a book."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from arsync.errors import TryLater
from arsync.store.columns import instant, moment
from arsync.store.database import Store
from arsync.store.queries import statements

if TYPE_CHECKING:
    from arsync.connector.oauth import TokenPair

_SQL = statements("tokens")
# Longer than a renewal with its retries may take.
WAIT_SECONDS = 120


class BookTokens:
    """A ``TokenStore`` over the practice's database.

    The lock is a file beside it, so that a renewal, which waits for the network, does not keep others
    from writing. A pair is on the disk when ``save`` returns.
    """

    def __init__(self, store: Store, book: str) -> None:
        self._store, self._book = store, book

    def load(self) -> TokenPair | None:
        """The stored pair, None before the first consent."""
        from arsync.connector.oauth import TokenPair  # late: the door for connectors brings HTTP along

        for access, refresh, previous, expires, refresh_expires in self._store.rows(
            _SQL["load"], (self._book,)
        ):
            return TokenPair(
                access=access,
                refresh=refresh,
                previous_refresh=previous,
                expires_at=datetime.fromisoformat(expires),
                refresh_expires_at=moment(refresh_expires),
            )
        return None

    def save(self, pair: TokenPair) -> None:
        """Store the pair for good before anything is done with it."""
        lasting = pair.refresh_expires_at
        values = (
            self._book,
            pair.access,
            pair.refresh,
            pair.previous_refresh,
            instant(pair.expires_at),
            None if lasting is None else instant(lasting),
        )
        with self._store.writing() as conn:
            conn.execute(_SQL["save"], values)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among all processes. Raises TryLater when another one does not come to an end."""
        from filelock import FileLock, Timeout

        place = self._store.locks / f"{quote(self._book, safe='')}.token-lock"
        lock = FileLock(place, timeout=WAIT_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise TryLater(f"another process has been renewing the tokens of {self._book} for long") from None
        try:
            yield
        finally:
            lock.release()
