"""How big a value in a template is, and how big it would become: told before it does. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from string import Formatter
from typing import Any

from jinja2.exceptions import TemplateRuntimeError

LONGEST = 200_000
"""Characters of a letter's text or page, and of any text that a template makes on its way there."""
MOST = 10_000
"""Items of a list that a template makes, turns of a `range`, columns of a text that is filled up."""
BITS = 1024
"""Of a whole number that a template makes."""
DEEPEST = 6
"""Lists in lists."""
_PERCENT = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(\*|\d+)?(?:\.(\*|\d+))?")
_DIGITS = re.compile(r"\d+")


class TooMuch(TemplateRuntimeError):
    """A template that would write, keep or do more than a letter ever needs."""


def weigh(value: object) -> int:
    """The size of a value: characters of texts, items of lists and tables with all that is in them.
    Raises TooMuch for a list that is too big or too deep."""
    return 1 if value is None or isinstance(value, (bool, float)) else _weighed(value, 0, LONGEST)


def _weighed(value: object, depth: int, room: int) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, int):
        return value.bit_length() // 3 + 1
    if isinstance(value, range):
        return len(value) + 2
    if not isinstance(value, (list, tuple, dict, set, KeysView, ValuesView, ItemsView)):
        return 1
    if depth > DEEPEST:
        raise TooMuch(f"these lists are more than {DEEPEST} deep")
    total = 2
    for item in value:
        total += _weighed(item, depth + 1, room - total)
        if isinstance(value, dict):
            total += _weighed(value[item], depth + 1, room - total)
        if total > room:
            raise _too_long("list")
    return total


def grown(text: str) -> str:
    """The text. Raises TooMuch for one that is too long."""
    if len(text) > LONGEST:
        raise _too_long("text")
    return text


def check_operator(operator: str, left: Any, right: Any) -> None:
    """Raises TooMuch where the result would be too big."""
    if operator == "+" and isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        _items(len(left) + len(right))
    elif operator == "+" and isinstance(left, str) and isinstance(right, str):
        _room(len(left) + len(right))
    elif operator == "*" and isinstance(left, int) and isinstance(right, int):
        _number(left.bit_length() + right.bit_length())
    elif operator == "*":
        times, what = (left, right) if isinstance(left, int) else (right, left)
        if isinstance(times, int) and isinstance(what, str):
            _room(len(what) * times)
        elif isinstance(times, int) and isinstance(what, (list, tuple)):
            _items(len(what) * times)
    elif operator == "**" and isinstance(left, int) and isinstance(right, int):
        _number(left.bit_length() * abs(right))
    elif operator == "%" and isinstance(left, str):
        _percent(left, right)


def _room(length: int) -> None:
    if length > LONGEST:
        raise _too_long("text")


def _items(count: int) -> None:
    if count > MOST:
        raise TooMuch(f"this list grows over {MOST} items")


def _number(bits: int) -> None:
    if bits > BITS:
        raise TooMuch("this number grows too big")


def _too_long(what: str) -> TooMuch:
    return TooMuch(f"this {what} grows over {LONGEST // 1000} kB")


def _columns(*widths: object) -> None:
    if any(isinstance(width, int) and abs(width) > MOST for width in widths):
        raise TooMuch(f"{MOST} is the most that can be asked for here")


def _percent(text: str, values: object) -> None:
    for found in _PERCENT.finditer(text):
        _width(found[1], found[2])
    _room(len(text) + text.count("%") * weigh(values))


def _braces(text: str, *values: object, **named: object) -> None:
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        return  # the formatter itself says what is wrong
    for _, _, spec, _ in fields:
        if spec and "{" in spec:
            raise TooMuch("a width has to stand there as a number")
        _width(*_DIGITS.findall(spec or ""))
    _room(len(text) + len(fields) * weigh([*values, *named.values()]))


def _width(*found: str | None) -> None:
    if any(each and (each == "*" or len(each) > 6 or int(each) > MOST) for each in found):
        raise TooMuch(f"a width is a number up to {MOST}")


def _replaced(text: object, old: object = "", new: object = "", *_: object, **__: object) -> None:
    whole, part, other = str(text), str(old), str(new)
    _room(len(whole) + whole.count(part) * len(other))


def _joined(items: Any, between: object = "", *_: object, **named: object) -> None:
    between = named.get("d", between)
    _room(weigh(items) + len(items) * len(str(between)) if hasattr(items, "__len__") else 0)


def _indented(text: object, width: object = 4, *_: object, **__: object) -> None:
    wide = len(width) if isinstance(width, str) else width
    _columns(wide)
    lines = str(text).count("\n") + 1
    _room(len(str(text)) + lines * (wide if isinstance(wide, int) else 0))


def _wrapped(text: object, *more: object, **named: object) -> None:
    mark = named.get("wrapstring", more[2] if len(more) > 2 else "\n")
    _room(len(str(text)) * max(1, len(str(mark or "\n"))))


def _padded(text: object, *more: object, **named: object) -> None:
    _columns(*more, *named.values())
    _room(weigh(text))


_Check = Callable[..., None]
FILTERS_THAT_GROW: Mapping[str, _Check] = {
    "batch": _padded,
    "center": _padded,
    "format": lambda text, *values, **named: _percent(str(text), [*values, *named.values()]),
    "indent": _indented,
    "join": _joined,
    "replace": _replaced,
    "round": _padded,
    "slice": _padded,
    "truncate": _padded,
    "wordwrap": _wrapped,
}
"""What a filter may make of what it is given: raises TooMuch before it does."""
METHODS_THAT_GROW: Mapping[str, _Check] = {
    "center": _padded,
    "format": _braces,
    "join": lambda between, items: _joined(items, between),
    "ljust": _padded,
    "replace": _replaced,
    "rjust": _padded,
    "zfill": _padded,
}
"""The same for the methods of a text."""
