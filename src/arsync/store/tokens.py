"""The tokens of a book, encrypted in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from arsync.errors import TryLater
from arsync.store.columns import instant, moment
from arsync.store.database import Store
from arsync.store.keys import FILE, KeyFile
from arsync.store.queries import statements
from arsync.store.resealing import reseal
from arsync.store.sealing import UNSWEPT, Seal, WrongKey

if TYPE_CHECKING:
    from arsync.connector.oauth import TokenPair

_SQL = statements("tokens")
# Longer than a renewal with its retries may take.
WAIT_SECONDS = 120


class ConsentRow(NamedTuple):
    """When a consent ends (UTC), and whether that day is fixed or moves with each use."""

    ends_at: datetime | None
    fixed: bool


def consent_row(store: Store, book: str) -> ConsentRow | None:
    """What is stored of the end of a book's consent; None where it is not connected."""
    for idle, last in store.rows(_SQL["consent"], (book,)):
        unused, final = moment(idle), moment(last)
        if final is not None and (unused is None or final <= unused):
            return ConsentRow(final, fixed=True)
        return ConsentRow(unused, fixed=False)
    return None


class BookTokens:
    """A ``TokenStore`` over the practice's database.

    The lock is a file beside it, so that a renewal, which waits for the network, does not keep others
    from writing. A pair is on the disk when ``save`` returns.
    """

    def __init__(self, store: Store, book: str, seal: Seal | None = None) -> None:
        """Without a ``seal`` the key is the file `arsync.key` beside the database."""
        self._store, self._book = store, book
        self._seal = seal or Seal(KeyFile(store.path.with_name(FILE)))
        self._resealed = False
        self._seen: tuple[str, str] | None = None  # an access token, and how it is stored

    def ready(self) -> None:
        """Make sure that a pair can be stored: there is a key, or one is made. Raises FixSettings."""
        self._seal.ready()

    def load(self) -> TokenPair | None:
        """The stored pair, None before the first consent. Raises Unreadable without the key.

        What an older arsync stored in plain, or what is under an older key, is encrypted on the way.
        """
        pair, stale = self._load()
        if stale and not self._resealed and not self._store.connection.in_transaction:
            self._resealed = True
            reseal(self._store, self._seal)
            pair, _ = self._load()
        return pair

    def _load(self) -> tuple[TokenPair | None, bool]:
        """The pair, and whether its texts have to be sealed anew."""
        from arsync.connector.oauth import TokenPair, Unreadable  # late: the door for connectors brings HTTP

        for *texts, expires, lasting, consented, renewed, ends, proven in self._store.rows(
            _SQL["load"], (self._book,)
        ):
            try:
                opened = [None if text is None else self._seal.open(text) for text in texts]
            except WrongKey:
                raise Unreadable(
                    f"the tokens of the book {self._book} cannot be read: their key is not in "
                    f"{self._seal.place}; bring it back, or run `arsync connect {self._book}`"
                ) from None
            access, refresh, previous = [None if each is None else each.text for each in opened]
            assert access is not None
            self._seen = (access, texts[0])
            pair = TokenPair(
                access=access,
                refresh=refresh,
                previous_refresh=previous,
                expires_at=datetime.fromisoformat(expires),
                refresh_expires_at=moment(lasting),
                consented_at=moment(consented),
                renewed_at=moment(renewed),
                consent_ends_at=moment(ends),
                proven=bool(proven),
            )
            unswept = any(text is not None and text.startswith(UNSWEPT) for text in texts)
            return pair, unswept or any(each is not None and each.stale for each in opened)
        return None, False

    def save(self, pair: TokenPair) -> None:
        """Store the pair for good before anything is done with it."""
        access, refresh, previous = (
            None if text is None else self._seal.close(text)
            for text in (pair.access, pair.refresh, pair.previous_refresh)
        )
        ends = (pair.refresh_expires_at, pair.consented_at, pair.renewed_at, pair.consent_ends_at)
        values = (
            *(self._book, access, refresh, previous, instant(pair.expires_at)),
            *(None if at is None else instant(at) for at in ends),
            int(pair.proven),
        )
        with self._store.writing() as conn:
            conn.execute(_SQL["save"], values)
        assert access is not None
        self._seen = (pair.access, access)

    def prove(self, access: str) -> None:
        """A call with this access token went through: forget the pair before it."""
        if self._seen is not None and self._seen[0] == access:
            with self._store.writing() as conn:
                conn.execute(_SQL["prove"], (self._book, self._seen[1]))

    def forget(self) -> None:
        """Remove the tokens, also from the parts of the file that are not used any more."""
        self._store.connection.execute("PRAGMA secure_delete = ON")
        with self._store.writing() as conn:
            conn.execute(_SQL["forget"], (self._book,))
        self._seen = None

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
