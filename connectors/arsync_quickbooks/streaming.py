"""JSON read from a file a little at a time: what is held is one value, never the document. Pure.

Every value is checked by the standard library's parser. Bytes that are not UTF-8 become replacement
characters and control characters in texts pass; what else is mended in a value is its decoder's affair.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from arsync_quickbooks.wire import unreadable

# Bytes that are read at once, and the characters within which a value counts as near.
BLOCK = 65536
_SPACE = frozenset(("", " ", "\t", "\r", "\n"))
_BEGINS = '{["-0123456789tfn'
_PARSE = json.JSONDecoder(strict=False).raw_decode


class OtherKind(Exception):
    """An object or an array was expected, and this is a value of another kind."""


class Reader:
    """A place in a JSON document. Whoever goes through ``members`` or ``items`` reads each of the values
    before asking for the next. Anything that is not JSON raises TryLater: it was damaged on its way."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._text, self._at, self._ended = "", 0, False
        self._gone = 0  # characters that were let go

    def members(self) -> Iterator[str]:
        """The keys of the object that stands here; its values are read by the caller."""
        self._enter("{")
        if self._next() != "}":
            yield self._key()
            while self._next() == ",":
                self._at += 1
                yield self._key()
        self._take("}")

    def items(self) -> Iterator[str | None]:
        """The items of the array that stands here: the text of each that ends within what is read ahead,
        None for one that is longer. One that the caller does not read itself is passed over."""
        self._enter("[")
        more = self._next() != "]"
        while more:
            end, before = self._near(), self._gone + self._at
            yield None if end is None else self._text[self._at : end]
            if self._gone + self._at == before:
                self.skip(end)
            more = self._next() == ","
            self._at += more
        self._take("]")

    def value(self) -> str:
        """The text of the value that stands here, whatever its length; the place is then behind it."""
        self._next()
        while (end := self._end()) is None:
            if self._ended:
                raise unreadable()
            self._read(max(BLOCK, len(self._text) - self._at))
        text = self._text[self._at : end]
        self._at = end
        return text

    def skip(self, end: int | None = None) -> None:
        """Move behind the value that stands here without holding it. ``end``: where it is, if known."""
        end = end or self._near()
        if end is not None:
            self._at = end
        elif self._next() == "{":
            for _ in self.members():
                self.skip()
        elif self._next() == "[":
            for _ in self.items():
                pass
        else:
            self.value()

    def null(self) -> bool:
        """Whether null stands here; the place is then behind it."""
        return self._next() == "n" and bool(self.value())

    def finish(self) -> None:
        """Nothing may follow."""
        if self._next():
            raise unreadable()

    def _near(self) -> int | None:
        """Where the value that stands here ends, if that is within what is read ahead."""
        self._next()
        while len(self._text) - self._at < BLOCK and not self._ended:
            self._read(BLOCK)  # bytes: of some scripts there are four to a character
        return self._end()

    def _end(self) -> int | None:
        """Where the value that stands here ends; None where it cannot be told from what has been read."""
        try:
            end = _PARSE(self._text, self._at)[1]
        except (ValueError, RecursionError):
            return None
        return end if end < len(self._text) or self._ended else None

    def _key(self) -> str:
        if self._next() != '"':
            raise unreadable()
        key: Any = _PARSE(self.value())[0]
        self._take(":")
        return str(key)

    def _enter(self, char: str) -> None:
        found = self._next()
        if found != char and found and found in _BEGINS:
            raise OtherKind
        self._take(char)

    def _take(self, char: str) -> None:
        if self._next() != char:
            raise unreadable()
        self._at += 1

    def _next(self) -> str:
        """The next character that is not space, which is where the place then is; empty at the end."""
        while (char := self._text[self._at : self._at + 1]) in _SPACE:
            if char:
                self._at += 1
            elif self._ended:
                return ""
            else:
                self._read(BLOCK)
        return char

    def _read(self, size: int) -> None:
        """Read on, and let go of what lies behind."""
        block = self._file.read(size)
        self._ended = not block
        self._gone += self._at
        self._text = self._text[self._at :] + self._decode(block, final=not block)
        self._at = 0


def mentions(file: IO[bytes], words: bytes) -> bool:
    """Whether the words are anywhere in a file."""
    file.seek(0)
    seen = b""
    while block := file.read(BLOCK):
        seen = seen[-len(words) :] + block
        if words in seen:
            return True
    return False
