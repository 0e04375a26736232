"""The note that goes back into the accounting system after delivery: one line with its mark. Pure.

From its notes alone a lost book is restored (`arsync.writing.note_reading` reads what is written here), so a
note says for each invoice whether it took the message's step, another one, or none, and how many invoices
there were. Names that would blur that stand in quotation marks.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

import msgspec

from arsync import money
from arsync.writing.plain_text import plain_line
from arsync.writing.view import LetterLine, LetterView

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MARK = re.compile(r"\[(?=arsync:)", re.IGNORECASE)
# Words of the note itself: a name with one of them is quoted.
RESERVED = frozenset({"to", "about", "and", "asked", "round", "listed"})
_WORD = r"[\w./#&'+-]+"
_NUMBER = re.compile(_WORD)
_NAME = re.compile(rf"{_WORD}(?: {_WORD})*")
_ADDRESS = re.compile(r"[^\s,;\"()]+@[^\s,;\"()]+")


class Written(msgspec.Struct, frozen=True):
    """A note's text, and the places in ``view.lines`` of invoices that take a step and are not named."""

    text: str
    unnamed: tuple[int, ...] = ()


def mark(message_id: str) -> str:
    """The mark under which a note is found again: `[arsync:<message id>]`."""
    if not _ID.fullmatch(message_id):
        raise ValueError("a message id has letters, digits, - and _ only")
    return f"[arsync:{message_id}]"


def marked(mark_: str) -> str:
    """The message id in a mark; the inverse of `mark`."""
    return mark_.removeprefix("[arsync:").removesuffix("]")


def note_text(
    view: LetterView,
    message_id: str,
    to: Sequence[str],
    *,
    first: str | None = None,
    limit: int = 1000,
) -> str:
    """What a note says: date, step, addressees, invoices and amounts, and the mark, on one line.

    ``first`` is the number of the invoice the note stands on, named before the others. See `written`.
    """
    return written(view, message_id, to, first=first, limit=limit).text


def written(
    view: LetterView,
    message_id: str,
    to: Sequence[str],
    *,
    first: str | None = None,
    limit: int = 1000,
) -> Written:
    """The note in at most ``limit`` characters, and which steps it leaves out.

    Where it is too long the later invoices lose their amounts, then those that are only listed go, then
    addressees, then other invoices; it says how many it leaves out, and the mark is always whole. Raises
    ValueError for a limit below 100.
    """
    if limit < 100:
        raise ValueError("a note needs room for at least 100 characters")
    ending = " " + mark(message_id)
    room = limit - len(ending)
    order = sorted(range(len(view.lines)), key=lambda at: view.lines[at].number != first)  # stable
    kept = [at for at in order if view.lines[at].step is not None]
    if first is not None and order and order[0] not in kept:
        kept.insert(0, order[0])  # what it stands on is named whatever it takes
    draft = _Draft(view, [inert(address) for address in to], room)
    text, named = draft.shortest_that_fits(order, kept)
    unnamed = tuple(at for at in sorted(set(kept) - named) if view.lines[at].step is not None)
    return Written(plain_line(text, room) + ending, unnamed)


class _Draft:
    """Tries ever shorter sentences of one note."""

    def __init__(self, view: LetterView, addressees: Sequence[str], room: int) -> None:
        self._view, self._room = view, room
        self._addressees = [_quoted(it, _ADDRESS) for it in addressees]
        self._most_named = room // 3  # each takes a character and what parts it from the next
        self._sums = _sums(view)
        self._items: dict[tuple[int, bool], str] = {}

    def shortest_that_fits(self, order: Sequence[int], kept: Sequence[int]) -> tuple[str, set[int]]:
        """The sentence, and the lines that it names. ``kept`` are those of ``order`` that go last."""
        count, most_named = len(self._addressees), self._most_named
        going_last = set(kept)
        listed = [at for at in order if at not in going_last]
        tries: list[tuple[int, Callable[[int], str]]] = [
            # first the amounts, from the end
            (len(order), lambda shown: self._sentence(count, order, len(order), max(shown, 1))),
            # then those that are only listed
            (len(listed), lambda more: self._sentence(count, [*kept, *listed], len(kept) + more, 1)),
            # then addressees, down to one
            (count, lambda named: self._sentence(max(named, min(count, 1)), kept, len(kept), 1)),
            (min(len(kept), most_named), lambda shown: self._sentence(min(count, 1), kept, max(shown, 1), 1)),
        ]
        least_named = (len(order), len(kept), len(kept), 1)
        for at, (most, sentence) in enumerate(tries):
            if least_named[at] > most_named:
                continue
            fitting = _most(most, lambda number, make=sentence: len(make(number)) <= self._room)  # type: ignore[misc]
            if fitting is not None:
                named = (order, [*kept, *listed[:fitting]], kept, kept[: max(fitting, 1)])[at]
                return sentence(fitting), set(named)
        return self._sentence(0, kept, 1, 1), set(kept[:1])

    def _sentence(self, addressees: int, lines: Sequence[int], shown: int, amounts: int) -> str:
        view = self._view
        named = set(lines[:shown])
        about = [self._item(at, n < amounts) for n, at in enumerate(lines[:shown])]
        left = [at for at in range(len(view.lines)) if at not in named]
        more = f" and {len(left)} more" if left else ""
        if left and all(view.lines[at].step is None for at in left):
            more += " listed"
        day, step = view.today.isoformat(), _quoted(inert(view.step), _NAME)
        return f"{day} arsync: {step} to {self._to(addressees)} about {', '.join(about)}{more} ({self._sums})"

    def _item(self, at: int, amounts: bool) -> str:
        if (at, amounts) not in self._items:
            self._items[at, amounts] = _item(self._view.lines[at], self._view, amounts=amounts)
        return self._items[at, amounts]

    def _to(self, shown: int) -> str:
        count = len(self._addressees)
        if not shown:
            return f"{count} addressees"
        more = f" and {count - shown} more" if count > shown else ""
        return ", ".join(self._addressees[:shown]) + more


def _most(most: int, fits: Callable[[int], bool]) -> int | None:
    """The largest number from 0 to ``most`` that fits, where every smaller one fits too; None where none
    does."""
    if not fits(0):
        return None
    return most - bisect_left(range(most), True, key=lambda less: fits(most - less))


def _item(line: LetterLine, view: LetterView, *, amounts: bool = True) -> str:
    """'INV-7 120.00', with what of it is asked for where that is less, and its step where that is not the
    message's own."""
    words = [_quoted(inert(line.number), _NUMBER)]
    details = []
    if amounts:
        words.append(money.plain(line.open, view.currency))
        if line.asked != line.open:
            details.append(f"asked {money.plain(line.asked, view.currency)}")
    if line.step is None:
        details.append("listed")
    elif line.step != view.step:
        details.append(_quoted(inert(line.step), _NAME))
    if line.step is not None and line.round > 1:
        details.append(f"round {line.round}")
    return " ".join(words) + (f" ({', '.join(details)})" if details else "")


def _sums(view: LetterView) -> str:
    number = len(view.lines)
    sums = f"{number} invoice{'' if number == 1 else 's'}, "
    sums += f"total {money.plain(view.total, view.currency)} {view.currency}"
    if held_back := view.disputed + view.not_due:
        sums += f", asked {money.plain(view.total - held_back, view.currency)} {view.currency}"
    if view.unapplied > 0:
        sums += f", unapplied credit {money.plain(view.unapplied, view.currency)} {view.currency}"
    return sums


def _quoted(text: str, plain: re.Pattern[str]) -> str:
    """The text as it is where it blurs nothing, else in quotation marks, those inside it doubled."""
    words = text.casefold().split()
    if plain.fullmatch(text) and not any(it in RESERVED or it.startswith("listed") for it in words):
        return text
    return '"' + text.replace('"', '""') + '"'


def inert(text: str) -> str:
    """Foreign text that neither acts nor passes for a mark of ours."""
    return _MARK.sub("(", plain_line(text))
