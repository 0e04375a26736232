"""A CSV file as rows of cells (RFC 4180, and what is usual besides)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from arsync.errors import TryLater
from arsync_csv.cells import Cell, Line

DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 60
_FALLBACK = "cp1252"


class NoText(ValueError):
    """The bytes are no text in the encoding that was asked for."""


def decoded(content: bytes, encoding: str | None) -> tuple[str, str]:
    """The text, and the encoding it was read in: the one asked for; else UTF-8 or, where it is not,
    the Windows-1252 that older programs write. Raises NoText."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    tried = [encoding] if encoding else ["utf-16"] if wide else ["utf-8-sig", _FALLBACK]
    for each in tried:
        try:
            return content.decode(each), each
        except UnicodeError:
            continue
    raise NoText(f"this is not a text in {' or '.join(tried)}")


def lines(text: str, delimiter: str, name: str) -> Iterator[Line]:
    """The rows. One that cannot be taken apart has a ``problem``; the reading goes on with the line
    behind it. Raises TryLater for a text that ends inside a quotation: it is half written, or the
    quotation swallowed all rows behind it."""
    physical = _Physical(text)
    while not physical.ended:
        rows = csv.reader(physical, delimiter=delimiter, skipinitialspace=True, strict=True)
        begun = physical.number + 1
        try:
            for cells in rows:
                yield Line(begun, tuple(cells))
                begun = physical.number + 1
        except csv.Error as error:
            if physical.ended:
                raise TryLater(
                    f"{name} ends inside a quotation that begins on line {begun}: it is half written, or has "
                    "a quotation mark too many"
                ) from None
            written = physical.back_to(begun)
            yield Line(begun, (written,), f"it cannot be taken apart into cells ({error})")


def delimiter_of(text: str, score: Callable[[Sequence[Sequence[Cell]]], int]) -> str:
    """The sign that parts the cells: the one by which the first rows score highest (the wanted
    headings among them), and then the one that gives the most rows the same number of cells."""

    def fitness(delimiter: str) -> tuple[int, int]:
        rows = _first_rows(text, delimiter)
        widths = [len(cells) for cells in rows if len(cells) > 1]
        return score(rows), max((widths.count(width) * width for width in set(widths)), default=0)

    return max(DELIMITERS, key=fitness)


def _first_rows(text: str, delimiter: str) -> list[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = []
    with suppress(TryLater):  # what is wrong with the text is said when it is read
        for line in islice(lines(text, delimiter, ""), _LOOKED_AT):
            rows.append(line.cells)
    return rows


class _Physical:
    """The lines of a text, numbered as they are given out."""

    def __init__(self, text: str) -> None:
        self._lines = list(io.StringIO(text, newline=""))
        self.number, self.ended = 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.number == len(self._lines):
            self.ended = True
            raise StopIteration
        self.number += 1
        return self._lines[self.number - 1]

    def back_to(self, number: int) -> str:
        """That line, after which the next one is given out."""
        self.number = number
        return self._lines[number - 1].rstrip("\r\n")
