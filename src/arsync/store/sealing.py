"""Texts that are encrypted before they reach the disk.

Fernet of the package cryptography (AES-128-CBC and HMAC-SHA256, https://cryptography.io/en/latest/fernet/).
A key may hold several: the first encrypts, each of them decrypts, so that a new one can be put before an
old one.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from arsync.store.keys import Key

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

# What stands before an encrypted text. The first one tells that the plain text which stood in its place
# may still be found in parts of the file that are not used any more.
UNSWEPT, SEALED = "sealing:", "sealed:"
_HOW = (
    'this is not a key; it is 32 random bytes in URL-safe base64, as `python -c "import base64, os; '
    'print(base64.urlsafe_b64encode(os.urandom(32)).decode())"` makes one. Several stand one a line, the '
    "newest first"
)


class WrongKey(Exception):
    """None of the keys opens a text, or there is no key."""


class Opened(NamedTuple):
    """``stale``: it has to be sealed anew, for it was under an older key or not sealed at all."""

    text: str
    stale: bool


class Seal:
    """Closes and opens texts. The key is read when it is first needed, and the library loaded then."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self._boxes: list[Fernet] = []

    def __repr__(self) -> str:
        return f"Seal({self._key.place!r})"

    @property
    def place(self) -> str:
        """Where the key is, for messages."""
        return self._key.place

    def ready(self) -> None:
        """Make sure of a key, making one where there is none. Raises FixSettings."""
        if not self._found():
            from cryptography.fernet import Fernet

            self._key.make(Fernet.generate_key().decode())
            self._found()  # another process may have been faster

    def close(self, text: str, *, unswept: bool = False) -> str:
        """The text as it may be stored. Raises FixSettings where no key is to be had."""
        self.ready()
        return (UNSWEPT if unswept else SEALED) + self._boxes[0].encrypt(text.encode()).decode()

    def open(self, stored: str) -> Opened:
        """The text that was closed, or that an older arsync stored as it was. Raises WrongKey and, where
        what should be the key is none, FixSettings."""
        lead = next((each for each in (SEALED, UNSWEPT) if stored.startswith(each)), None)
        if lead is None:
            return Opened(stored, stale=True)
        closed = stored.removeprefix(lead).encode()
        known = bool(self._boxes)
        found = self._opened(closed)
        if found is None and known:  # a newer key may have been put before it since, and used by others
            self._boxes = []
            found = self._opened(closed)
        if found is None:
            raise WrongKey
        return found

    def _opened(self, closed: bytes) -> Opened | None:
        """None where there is no key, or another one."""
        if not self._found():
            return None
        from cryptography.fernet import InvalidToken

        for age, box in enumerate(self._boxes):
            with suppress(InvalidToken):
                return Opened(box.decrypt(closed).decode(), stale=age > 0)
        return None

    def _found(self) -> bool:
        if self._boxes:
            return True
        text = self._key.read()
        if text is None:
            return False
        from cryptography.fernet import Fernet

        try:
            self._boxes = [Fernet(line) for line in text.split()]
        except ValueError:  # its text names no key, but neither do we
            raise self._key.wrong(_HOW) from None
        if not self._boxes:
            raise self._key.wrong(_HOW)
        return True
