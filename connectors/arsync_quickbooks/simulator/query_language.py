"""The query language: from text to a statement.

``SELECT * | count(*) | Field, ... FROM Entity [WHERE a AND b ...] [ORDERBY Field [ASC | DESC]]
[STARTPOSITION n] [MAXRESULTS n]``. There is no OR. Values stand in apostrophes, numbers too; only true and
false stand bare. An apostrophe inside a value is written ``\\'``.
https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from . import fault

DEFAULT_ROWS = 100
MOST_ROWS = 1000

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
      | (?P<integer>\d[\d.]*)
      | (?P<sign><=|>=|[=<>(),*])
    )""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = ("=", "<", ">", "<=", ">=", "LIKE", "IN")
_KINDS = {
    "string": "<STRING>",
    "word": "<IDENTIFIER>",
    "integer": "<INTEGER>",
    "sign": "<SIGN>",
    "junk": "<INVALID>",
}


class Token(NamedTuple):
    kind: str
    text: str
    column: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.upper() == word


class Condition(NamedTuple):
    field: str
    comparison: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """What is asked: ``columns`` is None for ``*``, empty for ``count(*)``; ``start`` counts from 1."""

    entity: str
    columns: tuple[str, ...] | None
    conditions: tuple[Condition, ...] = ()
    order: str | None = None
    descending: bool = False
    start: int = 1
    rows: int = DEFAULT_ROWS


def parse(text: str) -> Statement:
    """The statement: Fault 4000 if the text is none, 4001 for a page that cannot be."""
    return _Parser(_tokens(text)).statement()


def _tokens(text: str) -> list[Token]:
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            column = position + 1 + len(text[position:]) - len(text[position:].lstrip())
            tokens.append(Token("junk", text[column - 1], column))
            break
        tokens.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        position = match.end()
    tokens.append(Token("end", "<EOF>", len(text) + 1))
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _refuse(self) -> fault.Fault:
        token = self._next
        found = f'" {_KINDS[token.kind]} "{token.text} ""' if token.kind != "end" else '"<EOF>"'
        return fault.unparsable(found, token.column)

    def _word(self, *expected: str) -> str:
        for word in expected:
            if self._next.is_word(word):
                return self._take().text.upper()
        raise self._refuse()

    def _sign(self, expected: str) -> None:
        if self._next.kind != "sign" or self._next.text != expected:
            raise self._refuse()
        self._take()

    def _name(self) -> str:
        if self._next.kind != "word":
            raise self._refuse()
        return self._take().text

    def statement(self) -> Statement:
        self._word("SELECT")
        columns = self._columns()
        self._word("FROM")
        entity = self._name()
        conditions: list[Condition] = []
        if self._next.is_word("WHERE"):
            self._take()
            conditions.append(self._condition())
            while self._next.is_word("AND"):
                self._take()
                conditions.append(self._condition())
        order, descending = self._order()
        page = self._page()
        if self._next.kind != "end":
            raise self._refuse()
        return Statement(
            entity,
            columns,
            tuple(conditions),
            order,
            descending,
            page.get("STARTPOSITION", 1),
            page.get("MAXRESULTS", DEFAULT_ROWS),
        )

    def _columns(self) -> tuple[str, ...] | None:
        if self._next.text == "*":
            self._take()
            return None
        if self._next.is_word("COUNT"):
            self._take()
            for sign in "(*)":
                self._sign(sign)
            return ()
        names = [self._name()]
        while self._next.text == ",":
            self._take()
            names.append(self._name())
        return tuple(names)

    def _condition(self) -> Condition:
        field = self._name()
        comparison = self._take().text.upper()
        if comparison not in _COMPARISONS:
            self._at -= 1
            raise self._refuse()
        if comparison != "IN":
            return Condition(field, comparison, (self._value(),))
        self._sign("(")
        values = [self._value()]
        while self._next.text == ",":
            self._take()
            values.append(self._value())
        self._sign(")")
        return Condition(field, comparison, tuple(values))

    def _value(self) -> str:
        token = self._next
        if token.is_word("TRUE") or token.is_word("FALSE"):
            return self._take().text.lower()
        if token.kind != "string":
            raise self._refuse()
        return re.sub(r"\\(.)", r"\1", self._take().text[1:-1], flags=re.DOTALL)

    def _order(self) -> tuple[str | None, bool]:
        if self._next.is_word("ORDER"):
            self._take()
            self._word("BY")
        elif self._next.is_word("ORDERBY"):
            self._take()
        else:
            return None, False
        order = self._name()
        descending = False
        if self._next.is_word("ASC") or self._next.is_word("DESC"):
            descending = self._take().text.upper() == "DESC"
        return order, descending

    def _page(self) -> dict[str, int]:
        page: dict[str, int] = {}
        while self._next.is_word("STARTPOSITION") or self._next.is_word("MAXRESULTS"):
            word = self._take().text.upper()
            if self._next.kind != "integer" or not self._next.text.isdigit() or word in page:
                raise self._refuse()
            value = int(self._take().text)
            if value < 1:
                raise fault.invalid_query(f"value {value} is too small. Min allowed value is 1")
            if word == "MAXRESULTS" and value > MOST_ROWS:
                raise fault.invalid_query(f"value {value} is too large. Max allowed value is {MOST_ROWS}")
            page[word] = value
        return page
