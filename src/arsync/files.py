"""Settings files: TOML whose every complaint names file, line and key, and says what is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from arsync.errors import FixSettings
from arsync.toml_lines import Key, lines_of

_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "a text"),
    (int, "a whole number"),
    (Decimal, "a number with decimals"),
    (list, "a list"),
    (dict, "a table"),
)


class Toml:
    """A parsed file. ``name`` is how messages call it, ``lines`` where its keys stand.

    Numbers with decimals are Decimals.
    """

    def __init__(self, name: str, values: Mapping[str, Any], lines: Mapping[Key, int]) -> None:
        self.name, self.values, self._lines = name, values, lines

    def where(self, path: Key = ()) -> str:
        """File and line of a key; where it is missing, of the nearest table around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self.name}:{self._lines[path]}" if path else self.name


def parse_toml(text: str, name: str) -> Toml:
    """The file's values and the lines of its keys. Raises FixSettings for what is not TOML."""
    text = text.replace("\r\n", "\n")
    try:
        return Toml(name, tomllib.loads(text, parse_float=Decimal), lines_of(text))
    except tomllib.TOMLDecodeError as error:
        problem = str(error)
        found = _LINE.search(problem)
        line = int(found[1]) if found else max(1, len(text.splitlines()))
        problem = _LINE.sub("", problem).removesuffix(" (at end of document)")
        if "Unescaped '\\'" in problem or "hex value" in problem:
            problem += "; write a Windows path with / or in 'single quotes'"
        raise FixSettings(f"this is not TOML: {problem}", where=f"{name}:{line}") from None
    except RecursionError:
        raise FixSettings("lists or tables are nested too deeply", where=name) from None


def read_text(path: Path) -> str:
    """A text file in UTF-8, with or without a byte order mark. Raises FixSettings."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FixSettings(f"cannot be read: {error.strerror}", where=str(path)) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FixSettings("this is not UTF-8 text; save the file as UTF-8", where=f"{path}:{line}") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'? ` for a word close to a known one, else nothing."""
    near = get_close_matches(word.lower(), list(known), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


class Table:
    """One table of a settings file, read key by key. Every method raises FixSettings for a wrong type."""

    def __init__(self, file: Toml, path: Key = (), values: Mapping[str, Any] | None = None) -> None:
        self.file, self.path = file, path
        self.values = file.values if values is None else values

    def wrong(self, key: str | None, problem: str) -> FixSettings:
        """The error for a key of this table, or with None for the table itself."""
        path = self.path if key is None else (*self.path, key)
        return FixSettings(problem, where=self.file.where(path), key=_spoken(path) or None)

    def only(self, allowed: Sequence[str]) -> None:
        """Refuse every key that is not allowed here."""
        for key in self.values:
            if key not in allowed:
                hint = nearest(key, allowed)
                raise self.wrong(key, f"unknown key; {hint}allowed here: {', '.join(allowed)}")

    def maybe_text(self, key: str) -> str | None:
        """A text of one line that is not empty, or None where the key is left out."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.mistyped(key, "a text in quotes")
        if not value.strip():
            raise self.wrong(key, "must not be empty; leave the key out, or say something")
        if not value.isprintable():
            raise self.wrong(key, "must be one line of text without control characters and special spaces")
        return value

    def text(self, key: str, example: str) -> str:
        """As `maybe_text`, but the key has to be there; the complaint shows the example."""
        value = self.maybe_text(key)
        if value is None:
            raise self.wrong(key, f"this key is missing; write for example: {key} = {example}")
        return value

    def choice(self, key: str, allowed: Sequence[str]) -> str | None:
        """One of a few words, or None where the key is left out."""
        value = self.maybe_text(key)
        if value is not None and value not in allowed:
            words = ", ".join(f'"{word}"' for word in allowed)
            raise self.wrong(key, f"{value!r} is unknown; {nearest(value, allowed)}allowed: {words}")
        return value

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.mistyped(key, f"a whole number from {least} to {most}")
        if not least <= value <= most:
            raise self.wrong(key, f"{value} is out of bounds; allowed: a whole number from {least} to {most}")
        return value

    def texts(self, key: str, example: str) -> list[str] | None:
        """A list of texts, or None where the key is left out."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.mistyped(key, f"a list of texts such as {example}")
        return list(value)

    def table(self, key: str) -> Table | None:
        """The table under a key, or None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.mistyped(key, f"a table such as [{_spoken((*self.path, key))}]")
        return Table(self.file, (*self.path, key), value)

    def tables(self, key: str) -> list[Table]:
        """The tables of an array such as [[steps]]; none where the key is left out."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.mistyped(key, f"one or more tables, each headed [[{key}]]")
        return [Table(self.file, (*self.path, key, index), item) for index, item in enumerate(value)]

    def mistyped(self, key: str, wanted: str) -> FixSettings:
        """The error for a value of a wrong type. The value itself is not repeated, it may be a secret."""
        value = self.values[key]
        kind = next((word for kind, word in _KINDS if isinstance(value, kind)), "a date or time")
        return self.wrong(key, f"must be {wanted}, not {kind}")


def _spoken(path: Key) -> str:
    """`steps[2].when` for the second step: people count from one."""
    spoken = ""
    for part in path:
        dot = "." if spoken else ""
        spoken += f"[{part + 1}]" if isinstance(part, int) else f"{dot}{part}"
    return spoken
