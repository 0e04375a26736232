"""Log lines for programs: silent unless asked for, and without a word about customers.

A line says what happened, in which run of which book. What a line may say is fixed here, event by
event: ids, numbers, a step's name, a path without its query. A fact that is not on the list is left
out, so that no name, address, amount or secret gets into a log by a slip elsewhere.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Literal, NamedTuple, TextIO

from arsync.plain_text import one_line

Form = Literal["json", "text"]
Level = Literal["info", "warning", "error"]
Fact = str | int | float | bool | None
Sink = Callable[[Level, str, Mapping[str, Fact]], None]


class Kind(NamedTuple):
    """How grave an event is, and which facts its lines may hold."""

    level: Level
    facts: tuple[str, ...]


_ABOUT_MESSAGE = ("message", "step")
EVENTS: Mapping[str, Kind] = {
    "run-began": Kind("info", ()),
    "run-ended": Kind("info", ("outcome", "problem", "seconds", "calls", "bytes")),
    "page": Kind("info", ("number", "customers", "invoices", "credits", "rejects", "last")),
    "call": Kind("info", ("method", "path", "status", "ms", "attempt", "bytes")),
    "waited": Kind("info", ("seconds", "why")),
    "messages-expected": Kind("info", ("expected",)),
    "message-sent": Kind("info", (*_ABOUT_MESSAGE, "addressees")),
    "message-later": Kind("info", (*_ABOUT_MESSAGE, "until")),
    "message-capped": Kind("info", _ABOUT_MESSAGE),
    "withdrawn": Kind("info", _ABOUT_MESSAGE),
    "approval-lapsed": Kind("info", _ABOUT_MESSAGE),
    "message-waiting": Kind("warning", _ABOUT_MESSAGE),
    "addressee-refused": Kind("warning", _ABOUT_MESSAGE),
    "message-failed": Kind("error", _ABOUT_MESSAGE),
    "in-doubt": Kind("error", _ABOUT_MESSAGE),
    "note-written": Kind("info", ("message", "target")),
    "note-owed": Kind("warning", ("message", "target")),
    "note-failed": Kind("error", ("message", "target")),
    "alert": Kind("warning", ("book", "what", "over", "told")),
    "heartbeat": Kind("info", ("told",)),
    "said": Kind("info", ("text",)),
    "progress": Kind("info", ("text",)),
    "library": Kind("warning", ("logger",)),
}

_ADDRESS = re.compile(r"[^\s<>(),;:\"']+@[^\s<>(),;:\"']+")
_sink: Sink | None = None


class Log:
    """The log of one run of one book (or of a command, without a book). ``run`` is its id, which
    ``runs.run_id`` keeps too."""

    def __init__(self, run: str = "", book: str = "", command: str = "") -> None:
        self.run = run
        self._head = {key: text for key, text in (("run", run), ("book", book), ("command", command)) if text}

    def __call__(self, event: str, level: Level | None = None, **facts: Fact) -> None:
        """One line, where lines are asked for. ``event`` is a key of `EVENTS`."""
        if _sink is None:
            return
        kind = EVENTS[event]
        kept = {key: _bare(facts[key]) for key in kind.facts if key in facts}
        _sink(level or kind.level, event, {**self._head, **kept})


SILENT = Log()
# The log of the command as a whole: what is said before and between the runs of its books.
_command, _about_customers = SILENT, False


def log_for(book: str, command: str) -> Log:
    """A log with a run id of its own, whether or not anybody reads it."""
    return Log(new_run_id(), book, command)


def command_log() -> Log:
    """The log of the command as a whole."""
    return _command


def command_is(name: str, *, about_customers: bool) -> None:
    """Which command the lines are of. Of one that is about customers no sentence is logged."""
    global _command, _about_customers
    if _sink is not None:
        _command, _about_customers = Log(_command.run, command=name), about_customers


def new_run_id() -> str:
    """Eight digits and letters: enough to find a run's lines among those of years."""
    return os.urandom(4).hex()


def begin(form: Form | None, stream: TextIO | None = None) -> None:
    """Write lines of this form to ``stream`` (standard error) from now on; None: no lines.

    Takes over what libraries would warn of on standard error; they are named without their words,
    which may hold an address with its query.
    """
    global _sink, _command, _about_customers
    if _sink is not None:
        _hear_libraries(False)
    _sink, _command, _about_customers = None, SILENT, False
    if form is not None:
        _sink, _command = _Lines(form, stream or sys.stderr), Log(new_run_id())
        _hear_libraries(True)


def spoken(text: str, *, error: bool = False, logged: str | None = None) -> bool:
    """A sentence for people becomes a line, where lines are JSON; False where it has to be shown.

    ``logged`` is the sentence without what it says of customers, where it says anything of them; "" for
    no line at all.
    """
    if not as_json():
        return False
    told = text if logged is None else logged
    if _about_customers:
        told = "what this command says is about customers and is not logged; leave --log out to read it"
    if told:
        _command("said", level="error" if error else None, text=told)
    return True


def as_json() -> bool:
    """Whether everything on standard error has to be JSON."""
    return getattr(_sink, "json", False)


def _bare(value: Fact) -> Fact:
    return _ADDRESS.sub("(address)", one_line(value, 500)) if isinstance(value, str) else value


class _Lines:
    """Writes the lines with structlog, which is imported here and only here: most commands log nothing."""

    def __init__(self, form: Form, stream: TextIO) -> None:
        import structlog

        self.json = form == "json"
        render: Any = (
            structlog.processors.JSONRenderer(ensure_ascii=True)
            if self.json
            else structlog.processors.LogfmtRenderer(bool_as_flag=False)
        )
        self._logger = structlog.wrap_logger(
            structlog.PrintLogger(stream),
            wrapper_class=structlog.BoundLogger,
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
                _headed,
                render,
            ],
        )

    def __call__(self, level: Level, event: str, facts: Mapping[str, Fact]) -> None:
        getattr(self._logger, level)(event, **facts)


def _headed(_: object, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """When, how grave and what first: a person may read along."""
    head = {key: line.pop(key) for key in ("at", "level", "event")}
    return {**head, **line}


def _hear_libraries(on: bool) -> None:
    import logging  # late: few commands write log lines

    class Libraries(logging.Handler):
        """What a library would print on standard error: that it warned, not its words."""

        def emit(self, record: logging.LogRecord) -> None:
            level: Level = "error" if record.levelno >= logging.ERROR else "warning"
            _command("library", level=level, logger=record.name)

    logging.captureWarnings(on)
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if type(each).__name__ != Libraries.__name__]
    if on:
        root.addHandler(Libraries(logging.WARNING))
