"""On which line of a TOML text each key stands, which the standard library's parser does not tell.

The text has been parsed before (`tomllib`), so the scanner judges nothing: it walks over valid TOML 1.0.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and positions in arrays, counted from 0."""

_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^,\]}#\n]*")  # numbers, dates and truth values end at one of these
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Key, int]:
    """The line, counted from 1, of every key, table and array element of a valid TOML text."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Key, int] = {}
        self.elements: dict[Key, int] = {}  # how many tables an array of tables holds so far

    def document(self) -> dict[Key, int]:
        table: Key = ()
        self.skip(_GAP)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.assignment(table)
            self.skip(_GAP)
        return self.lines

    def header(self) -> Key:
        line = self.line()
        array = self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        names = self.names()
        self.at += 2 if array else 1
        path: Key = ()
        for name in names[:-1]:
            path = self.seen((*path, name), line)
            if path in self.elements:
                path = (*path, self.elements[path] - 1)
        path = (*path, names[-1])
        if array:
            self.seen(path, line)
            self.elements[path] = self.elements.get(path, 0) + 1
            path = (*path, self.elements[path] - 1)
        self.lines[path] = line  # its own header says more than an earlier mention in passing
        return path

    def assignment(self, table: Key) -> None:
        line = self.line()
        path = table
        for name in self.names():
            path = self.seen((*path, name), line)
        self.at += 1  # the equals sign
        self.skip(_BLANKS)
        self.value(path)

    def names(self) -> list[str]:
        """The parts of a key, up to and without the sign that follows it."""
        parts: list[str] = []
        while True:
            self.skip(_BLANKS)
            raw = self.skip(_STRING if self.text[self.at] in "\"'" else _BARE)
            # The parser itself reads the escapes of a quoted name.
            parts.append(next(iter(tomllib.loads(f"{raw} = 0"))))
            self.skip(_BLANKS)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def value(self, path: Key) -> None:
        match self.text[self.at]:
            case '"' | "'":
                self.skip(_STRING)
            case "[":
                self.array(path)
            case "{":
                self.inline_table(path)
            case _:
                self.skip(_PLAIN)

    def array(self, path: Key) -> None:
        self.at += 1
        self.skip(_GAP)
        index = 0
        while self.text[self.at] != "]":
            self.value(self.seen((*path, index), self.line()))
            index += 1
            self.past_comma()
        self.at += 1

    def inline_table(self, path: Key) -> None:
        self.at += 1
        self.skip(_GAP)
        while self.text[self.at] != "}":
            self.assignment(path)
            self.past_comma()
        self.at += 1

    def past_comma(self) -> None:
        self.skip(_GAP)
        if self.text[self.at] == ",":
            self.at += 1
            self.skip(_GAP)

    def seen(self, path: Key, line: int) -> Key:
        self.lines.setdefault(path, line)
        return path

    def line(self) -> int:
        return bisect_left(self.ends, self.at) + 1

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match is not None, "the text was parsed before"
        self.at = match.end()
        return match.group()
