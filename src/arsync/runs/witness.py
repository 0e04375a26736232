"""What the notes in the accounting system bear witness to: which messages left, and who took which step.

Values in, values out. What the notes of a message do not tell beyond doubt is not guessed: it waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date

import msgspec

from arsync.connector.protocol import FoundNote
from arsync.policy.model import Line, Message
from arsync.policy.rules import Step
from arsync.store.owing import Target
from arsync.writing.note import inert
from arsync.writing.note_reading import HoldSaid, LineSaid, NoteSaid, marks_in, read_note

Place = tuple[Target, str]
# The policy's step of that name (as a note has it) for an invoice, or of any ladder for None; None where it
# names none.
Named = Callable[[str | None, str], Step | None]


class Owed(msgspec.Struct, frozen=True):
    """An invoice that notes may speak of. ``payer`` is the customer that is written to about it."""

    id: str
    number: str
    customer: str
    payer: str
    currency: str
    open: int
    due_on: date | None = None


class Wait(msgspec.Struct, frozen=True):
    """Something that is paused until a person has looked, and why. ``until`` is the last day, where the note
    of a hold tells it."""

    target: Target
    target_id: str
    why: str
    until: date | None = None


class Testimony(msgspec.Struct):
    """What was found. ``left`` are messages with their days; ``marks`` is where each mark stands, with its
    text and its day where that is known; ``unknown`` are invoices named that are not known any more."""

    left: list[tuple[Message, date]] = []
    marks: list[tuple[str, Place, str, date | None]] = []
    waits: list[Wait] = []
    unknown: int = 0


class Mark(msgspec.Struct, frozen=True):
    """One note as it stands in one place."""

    id: str
    place: Place
    text: str
    said: NoteSaid | HoldSaid | None


def marks_of(found: Iterable[FoundNote]) -> list[Mark]:
    """The notes in what was read, in the order in which they stand there."""
    return [
        Mark(id_, (it.target, it.target_id), text, read_note(text))
        for it in found
        for id_, text in marks_in(it.text)
    ]


def witnessed(
    marks: Sequence[Mark],
    invoices: Mapping[str, Owed],
    names: Mapping[str, str],
    named: Named,
    *,
    payers: Mapping[str, str],
    known: Collection[str],
    in_doubt: Collection[str] = (),
    today: date,
) -> Testimony:
    """What the marks tell. ``payers`` are by customer those who pay for it, where that is another. ``known``
    are ids of messages and holds about which nothing has to be found out: of them only the places of the
    marks are told. Of messages ``in_doubt`` nothing waits: their invoices are known."""
    told = Testimony()
    by_id: dict[str, list[Mark]] = {}
    for mark in marks:
        by_id.setdefault(mark.id, []).append(mark)
    cases = [
        _Case(id_, its, invoices, names, payers, named, today)
        for id_, its in by_id.items()
        if id_ not in known
    ]
    for case in cases:
        case.hear()
        if case.left is not None:
            told.left.append(case.left)
        told.unknown += case.unknown
    climbed = _climbed(cases)
    for case in cases:
        if case.id not in in_doubt:
            told.waits += [
                wait
                for wait, at_most in case.waits
                if at_most is None or climbed.get(wait.target_id, at_most - 1) < at_most
            ]
    told.waits += _held(marks, invoices, payers, known, today)
    told.left.sort(key=lambda it: (it[1], it[0].customer_id, it[0].id))
    days = {case.id: case.left[1] for case in cases if case.left is not None}
    told.marks = [
        (it.id, it.place, it.text, days.get(it.id) or (it.said.day if it.said else None)) for it in marks
    ]
    told.waits = list({(it.target, it.target_id): it for it in reversed(told.waits)}.values())[::-1]
    return told


def _climbed(cases: Iterable[_Case]) -> dict[str, int]:
    """How far each invoice is known to have come, by the furthest step's offset."""
    found: dict[str, int] = {}
    for case in cases:
        for line in case.left[0].lines if case.left else ():
            if line.offset is not None and line.round == 1:
                found[line.invoice_id] = max(line.offset, found.get(line.invoice_id, line.offset))
    return found


class _Case:
    """One message, by all the notes that bear its mark."""

    def __init__(
        self,
        id_: str,
        marks: Sequence[Mark],
        invoices: Mapping[str, Owed],
        names: Mapping[str, str],
        payers: Mapping[str, str],
        named: Named,
        today: date,
    ) -> None:
        self.id, self._marks, self._invoices, self._names = id_, marks, invoices, names
        self._payers, self._named, self._today = payers, named, today
        self.left: tuple[Message, date] | None = None
        # With the offset that an invoice's step had at most; one that is known to be further does not wait.
        self.waits: list[tuple[Wait, int | None]] = []
        self.unknown = 0

    def hear(self) -> None:
        readable = [(it.place, it.said) for it in self._marks if isinstance(it.said, NoteSaid)]
        if not readable:
            if not any(isinstance(it.said, HoldSaid) for it in self._marks):
                self._wait_all("its note was changed, and cannot be read any more")
            return
        first = readable[0][1]
        if any(_head(said) != _head(first) for _, said in readable) or first.day > self._today:
            self._wait_all("its notes contradict each other")
            return
        payer = self._payer(readable)
        candidates = [
            it for it in self._invoices.values() if it.payer == payer and it.currency == first.currency
        ]
        step = self._named(None, first.step)
        at_most = None if step is None else step.offset
        lines: dict[str, LineSaid] = {}
        for invoice, line in _assigned(readable, candidates, self._invoices).items():
            if line is None:
                self._wait(invoice, "its notes do not tell for certain which step it took", at_most)
            else:
                lines[invoice] = line
        said = max((it for _, it in readable), key=lambda it: len(it.lines))
        numbers = {inert(it.number or it.id) for it in candidates}
        for (target, id_), it in readable:
            # A copy bears the notes of one that is known; whatever else does may have had another number.
            renumbered = it.lines and it.lines[0].number not in numbers
            if target == "invoice" and renumbered and id_ not in lines:
                self._wait(id_, "its note names it by another number", at_most)
        self.unknown = sum(1 for line in said.lines if line.number not in numbers)
        if not first.told and said.more and all(target == "customer" for (target, _), _ in readable):
            why = f"its note of {first.day} names only some of its invoices"
            self.waits.append((Wait("customer", payer, self._words(why)), None))
        self.left = self._message(first, payer, lines, told=first.told), first.day

    def _payer(self, readable: Sequence[tuple[Place, NoteSaid]]) -> str:
        """Whom it went to: the customer that it is noted on, or who pays an invoice that it is noted on. A
        copy of an invoice has its notes too, which name another first."""
        for target, id_ in (place for place, _ in readable):
            if target == "customer":
                return self._payers.get(id_, id_)
        noted = [(self._invoices[id_], said) for (_, id_), said in readable if id_ in self._invoices]
        noted.sort(key=lambda it: not _is_own(*it))
        return noted[0][0].payer if noted else ""

    def _message(self, said: NoteSaid, payer: str, found: Mapping[str, LineSaid], *, told: bool) -> Message:
        lines = []
        oldest = sorted(found, key=lambda id_: (self._invoices[id_].due_on or date.max, id_))
        for id_ in oldest:
            line, invoice, step = found[id_], self._invoices[id_], None
            if told and line.step is not None and (step := self._named(id_, line.step)) is None:
                self._wait(id_, f"it took the step {line.step!r}, which the policy does not name")
            lines.append(
                Line(
                    id_,
                    invoice.number or id_,
                    invoice.due_on,
                    line.open if line.open is not None else invoice.open,
                    None if invoice.due_on is None else (said.day - invoice.due_on).days,
                    None if step is None else step.name,
                    None if step is None else step.offset,
                    0 if line.asked is None or line.open is None else line.open - line.asked,
                    0,
                    line.round,
                )
            )
        step = self._named(None, said.step)
        return Message(
            id=self.id,
            customer_id=payer,
            customer_name=self._names.get(payer, payer),
            to=said.to,
            cc=(),
            step=step.name if step else said.step,
            template=step.template if step else "",
            offset=step.offset if step else 0,
            currency=said.currency,
            total=said.total,
            unapplied=said.unapplied,
            lines=tuple(lines),
            status="sent",
        )

    def _wait_all(self, why: str) -> None:
        for target, id_ in dict.fromkeys(it.place for it in self._marks):
            if target == "customer":
                id_ = _whoever_owes(id_, self._invoices, self._payers)
            if target == "customer" or self._is_owed(id_):
                self.waits.append((Wait(target, id_, self._words(why)), None))

    def _wait(self, invoice: str, why: str, at_most: int | None = None) -> None:
        if self._is_owed(invoice):
            self.waits.append((Wait("invoice", invoice, self._words(why)), at_most))

    def _is_owed(self, invoice: str) -> bool:
        return invoice in self._invoices and self._invoices[invoice].open > 0

    def _words(self, why: str) -> str:
        return f"rebuilt: a message about it left ([arsync:{self.id}]), but {why}"


def _head(said: NoteSaid) -> tuple[object, ...]:
    return said.day, said.step, said.currency, said.total, said.told


def _assigned(
    readable: Sequence[tuple[Place, NoteSaid]], candidates: Sequence[Owed], invoices: Mapping[str, Owed]
) -> dict[str, LineSaid | None]:
    """What each invoice took by the notes; None where they name it and it is not certain what it took.

    A note on an invoice names that invoice first, so that two of one number are told apart; on a copy of an
    invoice, which takes its notes along, it does not. All others are known by their numbers.
    """
    found: dict[str, LineSaid | None] = {}
    by_number: dict[str, list[Owed]] = {}
    for it in candidates:
        by_number.setdefault(inert(it.number or it.id), []).append(it)
    for (target, id_), said in readable:
        own = invoices.get(id_) if target == "invoice" else None
        if own is not None and _is_own(own, said):
            found[id_] = said.lines[0] if said.told else None
    copies = [Counter(line.number for line in said.lines) for _, said in readable]
    for number in {number for copy in copies for number in copy}:
        told = [line for _, said in readable for line in said.lines if line.number == number]
        took = {(line.step, line.round) for line in told}
        several = max(copy[number] for copy in copies) > 1
        for it in by_number.get(number, ()):
            alone = len(by_number[number]) == 1 and not several
            if it.id not in found:
                sure = all(said.told for _, said in readable) and len(took) == 1
                enough = alone or max(copy[number] for copy in copies) == len(by_number[number])
                found[it.id] = _fullest(told) if sure and enough else None
            elif alone and len(took) > 1:
                found[it.id] = None
            elif alone and found[it.id] is not None:
                found[it.id] = _fullest(told)
    return found


def _is_own(invoice: Owed, said: NoteSaid) -> bool:
    return bool(said.lines) and said.lines[0].number == inert(invoice.number or invoice.id)


def _fullest(lines: Sequence[LineSaid]) -> LineSaid:
    return max(lines, key=lambda line: line.open is not None)


def _held(
    marks: Sequence[Mark],
    invoices: Mapping[str, Owed],
    payers: Mapping[str, str],
    known: Collection[str],
    today: date,
) -> list[Wait]:
    """What may stand as held by the notes about it of its reason; what was released or is over does not."""
    told: dict[tuple[Place, str], dict[str, HoldSaid]] = {}
    sure: set[str] = set()
    for mark in marks:
        if isinstance(mark.said, HoldSaid) and (place := _place(mark, mark.said, invoices, payers)):
            told.setdefault((place, mark.said.reason), {})[mark.id] = mark.said
            if mark.said.reason and mark.place[0] == "customer":
                sure.add(mark.id)  # it says what was held, and why
    return [
        Wait(place[0], place[1], f"rebuilt from its note: {said.words}", said.until)
        for (place, _), notes in told.items()
        for id_, said in [_standing(notes, sure=sure.issuperset(notes))]
        if said.what == "held" and id_ not in known and not _is_over(said, today)
    ]


def _standing(notes: Mapping[str, HoldSaid], *, sure: bool) -> tuple[str, HoldSaid]:
    """The note that tells how it stands: the last one, where they are ``sure`` to be about one hold.

    Notes on an invoice do not tell whether it was held or its customer, nor notes without a reason for
    which. Where fewer were released than were held, the one that was held the longest stands.
    """
    in_time = sorted(notes.items(), key=lambda it: it[1].day)
    held = [it for it in in_time if it[1].what == "held"]
    if sure or 2 * len(held) <= len(in_time):
        return in_time[-1]
    return max(held, key=lambda it: it[1].until or date.max)


def _is_over(said: HoldSaid, today: date) -> bool:
    return said.until is not None and said.until < today


def _place(
    mark: Mark, said: HoldSaid, invoices: Mapping[str, Owed], payers: Mapping[str, str]
) -> Place | None:
    """What the hold is on: where it stands, or the invoice that it names on its customer."""
    place = mark.place
    if place[0] == "invoice":
        return place if place[1] in invoices and invoices[place[1]].open > 0 else None
    if not said.about:
        return "customer", _whoever_owes(place[1], invoices, payers)
    of_it = [
        it
        for it in invoices.values()
        if it.open > 0
        and {place[1], payers.get(place[1])}.intersection((it.customer, it.payer))
        and inert(it.number or it.id) == said.about
    ]
    return ("invoice", of_it[0].id) if of_it else None


def _whoever_owes(customer: str, invoices: Mapping[str, Owed], payers: Mapping[str, str]) -> str:
    """The customer, or whom it was merged into: then it owes nothing by itself any more."""
    owes = any(it.customer == customer and it.open > 0 for it in invoices.values())
    return customer if owes else payers.get(customer, customer)
