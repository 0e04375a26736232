"""Reads the notes that arsync has written: what a message said, or that something was held. Pure.

Notes stand among what people write, and people may change them. What is not exactly as it was written is
not understood, and never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import msgspec

from arsync.money import NotMoney, parse
from arsync.writing.hold_note import Happening

_MARK = re.compile(r"\[arsync:([A-Za-z0-9_-]{1,64})\]")
_START = re.compile(r"\d{4}-\d\d-\d\d arsync: ")
_KEPT = 200  # characters up to a mark that has no note of ours before it
_AMOUNT = r"-?\d+(?:\.\d+)?"
_SUMS = re.compile(
    r"(?:(?P<count>\d+) invoices?, )?"
    rf"total (?P<total>{_AMOUNT}) (?P<currency>[A-Z]{{3}})"
    rf"(?:, asked (?P<asked>{_AMOUNT}) (?P=currency))?"
    rf"(?:, unapplied credit (?P<unapplied>{_AMOUNT}) (?P=currency))?"
)
_QUOTED = r'"((?:[^"]|"")*)"'
_WORD = r"[\w./#&'+-]+"
_NAME = re.compile(rf"{_QUOTED}|({_WORD}(?: (?!to |about |and |asked |round |listed){_WORD})*)")
_NUMBER = re.compile(rf"{_QUOTED}|({_WORD})")
_ADDRESS = re.compile(rf"{_QUOTED}|([^\s,;\"()]+@[^\s,;\"()]+)")
# Notes of before said neither how many invoices there were nor what each of them took.
_OLD_LINE = re.compile(rf"(.+) ({_AMOUNT})(?: \(asked ({_AMOUNT})\))?")
_OLD_TO = re.compile(
    r"(.+?) to ((?:\S+@\S+?)(?:, \S+@\S+?)*)(?: and (\d+) more)? about (.+?)(?: and (\d+) more)?"
)
_HELD = re.compile(
    r"(?:(?P<about>.+?) )??(?P<what>held|no longer held|promise)\b(?: as (?P<reason>[a-z-]+))?(?P<rest>.*)"
)
_UNTIL = re.compile(r"\b(?:by|through) (\d{4}-\d\d-\d\d)\b")
_FATES: dict[str, Happening] = {
    "was kept in part": "part kept",
    "was kept": "kept",
    "was not kept": "broken",
}


class LineSaid(msgspec.Struct, frozen=True):
    """An invoice in a note. ``step`` is the one it took, None where it was only listed; amounts are minor
    units, None where the note leaves them out."""

    number: str
    open: int | None
    step: str | None
    round: int = 1
    asked: int | None = None


class NoteSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What the note of a message says. ``more_to`` addressees and ``more`` invoices are not named; with
    ``more_listed`` none of these took a step. ``told`` False: an older note, which does not say which of
    its invoices took a step."""

    id: str
    day: date
    step: str
    to: tuple[str, ...]
    lines: tuple[LineSaid, ...]
    currency: str
    total: int
    asked: int | None = None
    unapplied: int = 0
    more_to: int = 0
    more: int = 0
    more_listed: bool = False
    told: bool = True


class HoldSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What the note of a hold says. ``about`` is an invoice's number where the note stands on its customer;
    ``reason`` is empty where it is nobody else's to read. ``words`` are all it says."""

    id: str
    day: date
    what: Happening
    reason: str = ""
    about: str = ""
    until: date | None = None
    words: str = ""


def marks_in(text: str) -> list[tuple[str, str]]:
    """The marks in a text, each by its id with its note, the mark included, on one line. Where people have
    changed its beginning there is no telling the note from what stands before it: little of that is kept."""
    found, end = [], 0
    for match in _MARK.finditer(text):
        line = " ".join(text[end : match.end()].split())
        start = _START.search(line)
        found.append((match[1], line[start.start() :] if start else line[-_KEPT:]))
        end = match.end()
    return found


def begins_as_ours(text: str) -> bool:
    """Whether a note begins as arsync begins its notes. A mark alone may be anybody's words: it may stand in
    a customer's name, which Xero's history repeats."""
    return _START.match(text) is not None


def read_note(text: str) -> NoteSaid | HoldSaid | None:
    """What a text with one mark at its end says; what people wrote before it is passed over. None where it
    is not as arsync wrote it."""
    mark = _MARK.search(text)
    if mark is None or mark.end() != len(text):
        return None
    for start in _START.finditer(text):
        try:
            day = date.fromisoformat(start[0][:10])
        except ValueError:
            continue
        said = text[start.end() : mark.start()].rstrip(" ")
        if found := _message(mark[1], day, said) or _old_message(mark[1], day, said):
            return found
    starts = list(_START.finditer(text))
    return _hold(mark[1], text[starts[-1].start() : mark.start()].rstrip(" ")) if starts else None


class _Scan:
    """Reads a text from left to right. Raises _NotSaid where it goes on otherwise than expected."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def maybe(self, words: str) -> bool:
        if not self.text.startswith(words, self.at):
            return False
        self.at += len(words)
        return True

    def need(self, words: str) -> None:
        if not self.maybe(words):
            raise _NotSaid

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def name(self, pattern: re.Pattern[str]) -> str:
        found = self.match(pattern)
        if found is None:
            raise _NotSaid
        return found[2] if found[1] is None else found[1].replace('""', '"')

    def number(self) -> int:
        found = self.match(_WHOLE)
        if found is None:
            raise _NotSaid
        return int(found[0])


class _NotSaid(Exception):
    """The text is not that of a note."""


_WHOLE = re.compile(r"\d{1,9}")
_ONE_AMOUNT = re.compile(_AMOUNT)


def _message(id_: str, day: date, said: str) -> NoteSaid | None:
    sums = _sums_at_end(said)
    if sums is None or sums["count"] is None:
        return None
    scan = _Scan(said[: sums.start()])
    try:
        step = scan.name(_NAME)
        scan.need(" to ")
        to, more_to = _addressees(scan)
        scan.need(" about ")
        currency = sums["currency"]
        lines = tuple(_lines(scan, step, currency))
        more = more_listed = 0
        if scan.maybe(" and "):
            more = scan.number()
            scan.need(" more")
            more_listed = scan.maybe(" listed")
        scan.need(" (")
        if scan.at != len(scan.text) or len(lines) + more != int(sums["count"]):
            return None
        found = NoteSaid(
            id=id_,
            day=day,
            step=step,
            to=to,
            lines=lines,
            currency=currency,
            total=parse(sums["total"], currency),
            asked=None if sums["asked"] is None else parse(sums["asked"], currency),
            unapplied=parse(sums["unapplied"] or "0", currency),
            more_to=more_to,
            more=more,
            more_listed=bool(more_listed),
        )
    except (_NotSaid, NotMoney):
        return None
    return found if _adds_up(found) else None


def _sums_at_end(said: str) -> re.Match[str] | None:
    """What stands in the last brackets."""
    if not said.endswith(")") or (start := said.rfind("(")) < 0:
        return None
    return _SUMS.fullmatch(said, start + 1, len(said) - 1)


def _adds_up(said: NoteSaid) -> bool:
    """Its total is the sum of its amounts, where it names them all: nobody changed one."""
    amounts = [line.open for line in said.lines]
    if said.more or None in amounts:
        return True
    return sum(it for it in amounts if it is not None) == said.total


def _addressees(scan: _Scan) -> tuple[tuple[str, ...], int]:
    start = scan.at
    if (counted := scan.match(_WHOLE)) and scan.maybe(" addressees"):
        return (), int(counted[0])
    scan.at = start
    to = [scan.name(_ADDRESS)]
    while scan.maybe(", "):
        to.append(scan.name(_ADDRESS))
    if not scan.maybe(" and "):
        return tuple(to), 0
    more = scan.number()
    scan.need(" more")
    return tuple(to), more


def _lines(scan: _Scan, step: str, currency: str) -> Iterator[LineSaid]:
    while True:
        number, open_ = scan.name(_NUMBER), None
        start = scan.at
        if scan.maybe(" ") and (amount := scan.match(_ONE_AMOUNT)):
            open_ = parse(amount[0], currency)
        else:
            scan.at = start
        yield _details(scan, LineSaid(number, open_, step), currency)
        if not scan.maybe(", "):
            return


def _details(scan: _Scan, line: LineSaid, currency: str) -> LineSaid:
    """What stands in brackets behind an invoice; the note's own last brackets are not its."""
    if scan.text.endswith(" (", scan.at) and scan.at + 2 == len(scan.text):
        return line
    if not scan.maybe(" ("):
        return line
    more: dict[str, object] = {}
    while True:
        if scan.maybe("asked "):
            amount = scan.match(_ONE_AMOUNT)
            more["asked"] = parse(amount[0] if amount else "", currency)
        elif scan.maybe("round "):
            more["round"] = scan.number()
        elif scan.maybe("listed"):
            more["step"] = None
        else:
            more["step"] = scan.name(_NAME)
        if not scan.maybe(", "):
            scan.need(")")
            return msgspec.structs.replace(line, **more)


def _old_message(id_: str, day: date, said: str) -> NoteSaid | None:
    """A note as it was written before it said what each of its invoices took."""
    sums = _sums_at_end(said)
    if sums is None or sums["count"] is not None or not said[: sums.start()].endswith(" ("):
        return None
    found = _OLD_TO.fullmatch(said[: sums.start() - 2])
    if found is None:
        return None
    step, to, more_to, about, more = found.groups()
    currency = sums["currency"]
    lines = []
    try:
        for each in about.split(", "):
            if (line := _OLD_LINE.fullmatch(each)) is None:
                return None
            asked = None if line[3] is None else parse(line[3], currency)
            lines.append(LineSaid(line[1], parse(line[2], currency), None, asked=asked))
        alone = len(lines) == 1 and not more
        said_ = NoteSaid(
            id=id_,
            day=day,
            step=step,
            to=tuple(to.split(", ")),
            # The only invoice of a message takes its step.
            lines=(msgspec.structs.replace(lines[0], step=step),) if alone else tuple(lines),
            currency=currency,
            total=parse(sums["total"], currency),
            asked=None if sums["asked"] is None else parse(sums["asked"], currency),
            unapplied=parse(sums["unapplied"] or "0", currency),
            more_to=int(more_to or 0),
            more=int(more or 0),
            told=alone,
        )
    except NotMoney:
        return None
    return said_ if _adds_up(said_) else None


def _hold(id_: str, text: str) -> HoldSaid | None:
    try:
        day = date.fromisoformat(text[:10])
        match = _HELD.fullmatch(text[len("2026-11-23 arsync: ") :])
        if match is None:
            return None
        until = _UNTIL.search(match["rest"])
        ends = None if until is None else date.fromisoformat(until[1])
    except ValueError:
        return None
    what: Happening
    if match["what"] == "promise":
        fate = next((fate for words, fate in _FATES.items() if match["rest"].endswith(words)), None)
        if fate is None:
            return None
        what = fate
    else:
        what = "held" if match["what"] == "held" else "released"
    return HoldSaid(
        id=id_,
        day=day,
        what=what,
        reason="promised" if match["what"] == "promise" else match["reason"] or "",
        about=match["about"] or "",
        until=ends,
        words=text,
    )
