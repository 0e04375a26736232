"""The `where` filter: the small part of Xero's query language that readers of receivables use.

Comparisons joined by AND/&& and OR/||, with parentheses; literals are "text", guid("..."),
DateTime(y, m, d[, h, m, s]), numbers, true, false and null. Types are checked as the service does:
an id is compared with guid("..."), never with text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .records import Record

Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?[mMdD]?)
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign>==|!=|<>|>=|<=|&&|\|\||[()<>=,])
    )""",
    re.VERBOSE,
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_CONTENT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, part: part.lower() in value.lower(),
    "startswith": lambda value, part: value.lower().startswith(part.lower()),
    "endswith": lambda value, part: value.lower().endswith(part.lower()),
}


class WhereError(ValueError):
    """The filter cannot be read; the text is what the service would say."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property one can filter and order by.

    `kind` is text, guid, number, flag or instant (milliseconds). `filtered` says whether the service has
    an index for a filter on it ("equals" or "range"), `ordered` whether it has one for an order.
    """

    kind: str
    read: Callable[[Any], Any]
    filtered: str = ""
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter ready to use; `optimised` is whether the service could answer it from its indexes."""

    test: Test
    optimised: bool

    def matches(self, record: Record) -> bool:
        """Whether the record passes."""
        return self.test(record)


def parse(text: str, fields: Mapping[str, Field]) -> Filter:
    """Read a filter; field names are matched without regard to case. Raises WhereError."""
    reader = _Reader(_tokens(text), fields)
    test = reader.either()
    if reader.kind:
        raise WhereError(f"Syntax error at '{reader.value}'")
    return Filter(test, reader.optimised)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise WhereError(f"Syntax error '{text[at]}' (at index {at})")
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found


class _Reader:
    """Recursive descent over the tokens; the current one is (`kind`, `value`)."""

    def __init__(self, tokens: list[tuple[str, str]], fields: Mapping[str, Field]) -> None:
        self._tokens = tokens
        self._at = 0
        self._fields = {name.lower(): (name, field) for name, field in fields.items()}
        self._used: list[str] = []
        self._plain = True
        self._joined_by_or = False

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    @property
    def value(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else "end of filter"

    @property
    def optimised(self) -> bool:
        if self._joined_by_or and {name.lower() for name in self._used} != {"invoiceid"}:
            return False
        return self._plain

    def either(self) -> Test:
        tests = [self._both()]
        while self.value.lower() in ("or", "||") and self.kind in ("word", "sign"):
            self._at += 1
            self._joined_by_or = True
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self.value.lower() in ("and", "&&") and self.kind in ("word", "sign"):
            self._at += 1
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _one(self) -> Test:
        if self.kind == "sign" and self.value == "(":
            self._at += 1
            test = self.either()
            self._take("sign", ")")
            return test
        return self._comparison(self._take("word"))

    def _comparison(self, path: str) -> Test:
        head, _, method = path.rpartition(".")
        if method.lower() in _CONTENT:
            return self._content(self._field(head)[1], method.lower())
        name, field = self._field(path)
        sign = self._take("sign")
        if sign not in _COMPARE:
            raise WhereError(f"Syntax error at '{sign}'")
        kind, wanted = self._literal()
        if kind not in (field.kind, "null"):
            raise WhereError(
                f"Operator '{sign}' incompatible with operand types '{field.kind}' and '{kind}' on {name}"
            )
        self._note(field, sign)
        return _compare(field.read, _COMPARE[sign], wanted)

    def _content(self, field: Field, method: str) -> Test:
        if field.kind != "text":
            raise WhereError(f"No applicable method '{method}' exists in type '{field.kind}'")
        self._take("sign", "(")
        part = _unquote(self._take("text"))
        self._take("sign", ")")
        self._plain = False
        read, check = field.read, _CONTENT[method]
        return lambda record: check(read(record) or "", part)

    def _field(self, path: str) -> tuple[str, Field]:
        try:
            name, field = self._fields[path.lower()]
        except KeyError:
            raise WhereError(f"No property or field '{path}' exists") from None
        self._used.append(name)
        return name, field

    def _note(self, field: Field, sign: str) -> None:
        equals = sign in ("==", "=")
        if not field.filtered or (field.filtered == "equals" and not equals) or sign in ("!=", "<>"):
            self._plain = False

    def _literal(self) -> tuple[str, Any]:
        kind, value = self.kind, self.value
        self._at += 1
        if kind == "text":
            return "text", _unquote(value)
        if kind == "number":
            return "number", Decimal(value.rstrip("mMdD"))
        word = value.lower()
        if kind == "word" and word in ("true", "false"):
            return "flag", word == "true"
        if kind == "word" and word == "null":
            return "null", None
        if kind == "word" and word in ("guid", "datetime", "datetime.parse"):
            return self._call(word)
        raise WhereError(f"Syntax error at '{value}'")

    def _call(self, name: str) -> tuple[str, Any]:
        self._take("sign", "(")
        arguments = [self._argument()]
        while self.value == ",":
            self._at += 1
            arguments.append(self._argument())
        self._take("sign", ")")
        try:
            if name == "guid":
                return "guid", arguments[0].strip("{}").lower()
            if name == "datetime":
                moment = datetime(*[int(part) for part in arguments], tzinfo=UTC)  # type: ignore[misc, arg-type]
            else:
                moment = datetime.fromisoformat(arguments[0]).replace(tzinfo=UTC)
        except (ValueError, TypeError) as error:
            raise WhereError(f"Invalid {name} literal") from error
        return "instant", int(moment.timestamp() * 1000)

    def _argument(self) -> str:
        if self.kind == "text":
            return _unquote(self._take("text"))
        return self._take("number")

    def _take(self, kind: str, value: str | None = None) -> str:
        found = self.value
        if self.kind != kind or (value is not None and found != value):
            raise WhereError(f"Syntax error at '{found}', expected {value or kind}")
        self._at += 1
        return found


def _compare(read: Callable[[Any], Any], check: Callable[[Any, Any], bool], wanted: Any) -> Test:
    if wanted is None or check in (operator.eq, operator.ne):
        return lambda record: check(read(record), wanted)

    def ranged(record: Any) -> bool:
        value = read(record)
        return value is not None and check(value, wanted)

    return ranged


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
