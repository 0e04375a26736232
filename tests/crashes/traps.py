"""What befalls a process: it kills or stops itself, or its clock steps, at a chosen place of its work.

Armed in a forked child by the interpreter's own profiling hook; the product is run as it is. A trap is a
plain dict:

    act    "kill", "stop" (SIGSTOP; the clock goes ``step`` seconds on meanwhile), "step", "fill" or "count"
    at     "event": the n-th call or return of anything; "io": the n-th call into the system or SQLite, or
           return from it; "point": the n-th time that ``point`` is met; "sql": the n-th statement that the
           practice's database executes, those of a script one by one
    n      counted from 1
    point  [event, function, C function or None, a function that has to be among the callers or None];
           a function is the end of "module.qualified_name"
    pages  the database may grow by so many pages only, from its opening on or, with the act "fill", from
           that place on: the disk is full
    ahead  besides, the clock is so many seconds ahead of the machine's
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import time_machine

# Where something outside the process may change, or tell that it has: all else leaves no trace.
IO = frozenset(
    "execute executemany executescript commit connect send sendall recv recv_into recvfrom sendto write "
    "flock lockf open close unlink replace rename fsync mkdir".split()
)


class Trap:
    """One trap, armed for the life of a process."""

    def __init__(self, told: dict[str, Any], report: str) -> None:
        self.act, self.at, self.left = told.get("act"), told.get("at"), told.get("n", 1)
        self.step, self.pages, self.report = told.get("step", 0), told.get("pages"), report
        self.seen = {"event": 0, "io": 0}
        self.event, self.function, self.builtin, self.inside = told.get("point") or ("", "", None, None)
        self.name = self.function.rpartition(".")[2]
        self.traveller: Any = None
        self.connections: list[sqlite3.Connection] = []
        self._ahead(told.get("ahead", 0))

    def arm(self) -> None:
        if self.pages is not None or self.at == "sql":
            sys.setprofile(self._opened)
        elif self.act == "count":
            sys.setprofile(self._count)
        elif self.at == "event":
            sys.setprofile(self._each)
        elif self.at == "io":
            sys.setprofile(self._each_io)
        elif self.at == "point":
            sys.setprofile(self._at_point)

    def end(self) -> None:
        """The process came to its end: its figures are written, and whether the trap was sprung."""
        sys.setprofile(None)
        with open(self.report, "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(f"{self.seen['event']} {self.seen['io']} {int(self.left <= 0)}")

    def _ahead(self, seconds: float) -> None:
        if not seconds:
            return
        if self.traveller is None:
            travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True)
            self.traveller = travel.start()
        else:
            self.traveller.shift(timedelta(seconds=seconds))

    # ---- hooks

    def _count(self, frame: FrameType, event: str, arg: Any) -> None:
        self.seen["event"] += 1
        if event[0] == "c" and event != "call" and getattr(arg, "__name__", "") in IO:
            self.seen["io"] += 1

    def _each(self, frame: FrameType, event: str, arg: Any) -> None:
        self.left -= 1
        if not self.left:
            self._strike()

    def _each_io(self, frame: FrameType, event: str, arg: Any) -> None:
        if event[0] == "c" and event != "call" and getattr(arg, "__name__", "") in IO:
            self.left -= 1
            if not self.left:
                self._strike()

    def _at_point(self, frame: FrameType, event: str, arg: Any) -> None:
        if event != self.event or frame.f_code.co_name != self.name:
            return
        if self.builtin is not None and getattr(arg, "__name__", "") != self.builtin:
            return
        if not _named(frame, self.function) or (self.inside and not _among_callers(frame, self.inside)):
            return
        self.left -= 1
        if not self.left:
            self._strike()

    def _opened(self, frame: FrameType, event: str, arg: Any) -> None:
        """The practice's database is opened: the disk is full at once, or later on."""
        if event == "return" and isinstance(arg, sqlite3.Connection) and _named(frame, "opening.connect"):
            self.connections.append(arg)
            if self.at == "sql":
                sys.setprofile(None)
                arg.set_trace_callback(self._statement)
                return
            sys.setprofile(self._at_point if self.act == "fill" else None)
            if self.act != "fill":
                self._fill()

    def _statement(self, sql: str) -> None:
        self.left -= 1
        if not self.left:
            self._strike()

    # ---- acts

    def _strike(self) -> None:
        sys.setprofile(None)
        if self.act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.act == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        if self.act == "fill":
            self._fill()
        self._ahead(self.step)

    def _fill(self) -> None:
        """SQLite itself says that the disk is full: the file may not grow beyond so many more pages."""
        for connection in self.connections:
            [(pages,)] = connection.execute("PRAGMA page_count").fetchall()
            connection.execute(f"PRAGMA max_page_count = {pages + self.pages}")


def _named(frame: FrameType, name: str) -> bool:
    full = f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"
    return full == name or full.endswith(f".{name}")


def _among_callers(frame: FrameType, name: str) -> bool:
    above = frame.f_back
    while above is not None:
        if _named(above, name):
            return True
        above = above.f_back
    return False
