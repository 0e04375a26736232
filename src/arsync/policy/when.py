"""The day of a step in words: "3 days before due", "on the due date", "10 days after due". Pure.

An offset is in days: negative before the due date, 0 on it.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

MOST_DAYS = 3650
FORMS = '"N days before due", "on the due date" or "N days after due"'

_DAYS = re.compile(r"([0-9]+) days? (before|after) due")
_TURNS = {
    **dict.fromkeys(("before", "early", "prior", "ahead", "until"), -1),
    **dict.fromkeys(("after", "past", "late", "overdue", "since"), 1),
}
_UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
_NUMBERS = "zero one two three four five six seven eight nine ten".split()


def when_words(offset: int) -> str:
    """The words of an offset; the inverse of `parse_when`."""
    if offset == 0:
        return "on the due date"
    days = abs(offset)
    return f"{days} day{'' if days == 1 else 's'} {'before' if offset < 0 else 'after'} due"


def parse_when(text: str) -> int:
    """The offset in days. Raises ValueError with what is allowed and the nearest reading."""
    if text == "on the due date":
        return 0
    found = _DAYS.fullmatch(text)
    if found is None:
        reading = _nearest_reading(text)
        hint = f'did you mean "{when_words(reading)}"? ' if reading is not None else ""
        raise ValueError(f'"{text}" is not a day; {hint}allowed: {FORMS}')
    days = found[1].lstrip("0")
    if not days:
        raise ValueError('0 days from the due date is written "on the due date"')
    if len(days) > 5 or int(days) > MOST_DAYS:
        raise ValueError(f"more than {MOST_DAYS} days from the due date; allowed: {FORMS}")
    return int(days) * (-1 if found[2] == "before" else 1)


def _nearest_reading(text: str) -> int | None:
    """What was probably meant, where a number and a direction can be made out, or a sign before due."""
    words = re.findall(r"-?[0-9]+|[a-z]+", text.lower())
    if not words:
        return None
    numbers = [word for word in words if word.lstrip("-").isdigit()]
    numbers += [str(_NUMBERS.index(word)) for word in words if word in _NUMBERS]
    if not numbers:
        return 0 if get_close_matches(" ".join(words), ["on the due date", "on due date", "due"]) else None
    if len(numbers) > 1 or len(numbers[0]) > 5:
        return None
    number = int(numbers[0])
    unit = next((_UNITS[near] for word in words if (near := _near(word, _UNITS))), 1)
    turn = next((_TURNS[near] for word in words if (near := _near(word, _TURNS))), -1 if number < 0 else 0)
    offset = abs(number) * unit * turn
    return offset if (turn or number == 0) and abs(offset) <= MOST_DAYS else None


def _near(word: str, known: dict[str, int]) -> str | None:
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.75)), None)
