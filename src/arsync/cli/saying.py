"""How the commands speak: harmless text, sentences on standard error, tables and JSON on standard output."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

import click

from arsync import logs
from arsync.errors import ArsyncError, BrokenConnector, Busy, FixSettings, LostLease, Reconnect, TryLater
from arsync.logs import SILENT, Log
from arsync.plain_text import harmless, inert_json, one_line

# Columns of a terminal: what a table in a pipe may take, and what a column of words needs at least.
WIDTH, NARROW = 220, 16
# What says that a path cannot serve as it was named or as it stands there, whatever the disk does.
_UNFIT = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.ENAMETOOLONG,
}
# What says that nothing more can be written, where no path is told: a standard output, mostly.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def clean(text: object, limit: int = 120) -> str:
    """Foreign text that cannot drive a terminal: one line, no control or direction characters."""
    return one_line(str(text), limit)


def say(text: str, *, error: bool = False, logged: str | None = None) -> None:
    """One sentence on standard error. ``logged`` is what a log for programs says instead, where the
    sentence tells anything of a customer; "" for nothing, where an event has told it."""
    if logs.spoken(text, error=error, logged=logged):
        return
    lead = click.style("error: ", fg="red", bold=True) if error else ""
    with suppress(OSError):  # where standard error takes nothing there is nobody to tell; the work goes on
        click.echo(lead + harmless(text), err=True)


def explained(error: Exception, lead: str = "") -> int:
    """Say what is wrong in one sentence; the exit status that goes with it.

    A path that the system refuses is named with what it says. A fault of arsync's own shows its traceback
    only where ``ARSYNC_DEBUG`` asks for it.
    """
    if isinstance(error, ArsyncError):
        say(f"{lead}{error}", error=error.exit_status != 0, logged=loggable(error, lead))
        return error.exit_status
    if os.environ.get("ARSYNC_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.filename is not None:
        say(
            f"{lead}{_named(error)}: {error.strerror or type(error).__name__}; see to this file or folder "
            "and its rights, then run it again",
            error=True,
        )
        return 2 if error.errno in _UNFIT else 1
    if isinstance(error, OSError) and error.errno in _FULL:
        say(
            f"{lead}{error.strerror}: the disk, or what this output goes to, takes no more; make room, then "
            "run it again",
            error=True,
        )
        return 1
    say(
        f"{lead}arsync hit a fault of its own ({type(error).__name__}); set ARSYNC_DEBUG=1 and run it again "
        "to see where, and please report it",
        error=True,
    )
    return 1


def _named(error: OSError) -> str:
    """The path that the system complained of, no longer than a screen takes."""
    return clean(os.fsdecode(error.filename) if isinstance(error.filename, bytes) else error.filename, 400)


def loggable(error: ArsyncError, lead: str) -> str | None:
    """What a log says of an error whose words may be the accounting system's, and so about a customer;
    None: its words are our own."""
    if isinstance(error, TryLater | Reconnect | FixSettings | BrokenConnector | Busy | LostLease):
        return None
    return f"{lead}stopped ({type(error).__name__}); `arsync status` tells why"


def tell(text: str = "") -> None:
    """A line of the result."""
    click.echo(harmless(text))


def long_day(day: date) -> str:
    """'Monday, 7 December 2026'."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def tell_json(value: Any) -> None:
    """The result for a program."""
    import msgspec

    click.echo(inert_json(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = ()) -> None:
    """A table; the columns numbered in ``right`` hold figures. Nothing in a cell is markup."""
    from rich import box
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    figures = set(right)
    cells = [[clean(cell) for cell in row] for row in rows]
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    needed = 3 * (len(headings) - 1)  # what stands between two columns
    for number, heading in enumerate(headings):
        longest = max(cell_len(text) for text in [heading, *(row[number] for row in cells)])
        least = longest if number in figures else min(longest, NARROW)
        needed += least
        shown.add_column(
            heading,
            justify="right" if number in figures else "left",
            no_wrap=number in figures,
            overflow="fold",
            min_width=least,
        )
    for row in cells:
        shown.add_row(*map(Text, row))
    # A pipe has no width: a table that goes into a file must not be cut to a terminal's. On a terminal
    # that is too narrow its lines run over: a figure that lost its last digits would be a wrong one.
    width = Console().width if sys.stdout.isatty() else WIDTH
    Console(width=max(width, needed), highlight=False).print(shown)


class Ticker:
    """Progress of long work on standard error: one line that is written over on a terminal, else a
    line every few seconds."""

    EVERY = 5.0

    def __init__(self, lead: str, log: Log = SILENT) -> None:
        self._lead, self._log, self._last, self._shown = lead, log, 0.0, False
        self._terminal = sys.stderr.isatty() and not logs.as_json()

    def __call__(self, text: str) -> None:
        now = time.monotonic()
        if self._terminal:
            click.echo(f"\r\x1b[2K{self._lead}: {clean(text)}", nl=False, err=True)
            self._shown = True
        elif now - self._last >= self.EVERY:
            if self._last and logs.as_json():
                self._log("progress", text=text)
            elif self._last:
                click.echo(f"{self._lead}: {clean(text)}", err=True)
            self._last = now

    def clear(self) -> None:
        if self._shown:
            click.echo("\r\x1b[2K", nl=False, err=True)
            self._shown = False
