"""Queries answered.

Without ORDERBY the newest change comes first, as recorded in 2026, so rows move while a caller pages.
"""

from __future__ import annotations

import operator
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from . import queryable, wire
from .query_language import Condition, Statement, parse
from .records import Body, Record
from .settings import company_info, preferences
from .shapes import shape

if TYPE_CHECKING:
    from .company import Company

Test = Callable[[Record], bool]
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Answer(NamedTuple):
    """The JSON under ``QueryResponse``, and how many objects are in it."""

    json: bytes
    objects: int


def answer(company: Company, text: str, show: Callable[[Record], bytes] | None = None) -> Answer:
    """What a statement yields. ``show`` renders a row of ``SELECT *`` where the usual JSON is not wanted."""
    statement = parse(text)
    kind = queryable.entity(statement.entity)
    if kind in ("CompanyInfo", "Preferences"):
        return _single(company, kind)
    if statement.columns:
        queryable.check_selected(kind, statement.columns)
    matches = _matches(company, kind, statement)
    if statement.columns == ():
        return Answer(wire.encode({"totalCount": sum(1 for _ in matches)}), 0)
    first = statement.start - 1
    rows = list(islice(matches, first, first + statement.rows))
    if not rows:
        return Answer(b"{}", 0)
    if statement.columns is None:
        shown = [(show or company.encoded)(record) for record in rows]
    else:
        shown = [wire.encode(_selected(shape(company, record), statement.columns)) for record in rows]
    page = (
        (kind, wire.array(shown)),
        ("startPosition", b"%d" % statement.start),
        ("maxResults", b"%d" % len(rows)),
    )
    return Answer(wire.mapping(page), len(rows))


def _single(company: Company, kind: str) -> Answer:
    shown = company_info(company) if kind == "CompanyInfo" else preferences(company)
    return Answer(wire.encode({kind: [shown], "maxResults": 1}), 1)


def _selected(shown: Body, columns: tuple[str, ...]) -> Body:
    picked: Body = {"domain": "QBO", "sparse": True}
    for column in columns:
        name, _, inner = column.partition(".")
        if name not in shown:
            continue
        if not inner:
            picked[name] = shown[name]
        elif inner in shown[name]:
            picked.setdefault(name, {})[inner] = shown[name][inner]
    return picked


def _matches(company: Company, kind: str, statement: Statement) -> Iterator[Record]:
    conditions = list(statement.conditions)
    if kind in queryable.HIDE_INACTIVE and not any(c.field == "Active" for c in conditions):
        conditions.append(Condition("Active", "=", ("true",)))
    tests = [_test(company, kind, condition) for condition in conditions]
    if statement.order is not None:
        queryable.sortable(kind, statement.order)
    rows = _ordered(company, kind, statement)
    return (record for record in rows if all(test(record) for test in tests))


def _ordered(company: Company, kind: str, statement: Statement) -> Iterable[Record]:
    """All records that may match, in the order asked for."""
    table = company.tables[kind]
    wanted = _wanted_ids(statement)
    if wanted is not None:
        rows = [table.rows[record_id] for record_id in wanted if record_id in table.rows]
        return _sorted(rows, kind, statement)
    if statement.order == "MetaData.CreateTime":
        return _slice(company, table.by_created(), statement, lambda record: record.created)
    if statement.order in (None, "MetaData.LastUpdatedTime"):
        rows = table.by_updated()
        if statement.order is None:
            return reversed(rows)
        return _slice(company, rows, statement, lambda record: record.updated)
    return _sorted(table.rows.values(), kind, statement)


def _wanted_ids(statement: Statement) -> set[int] | None:
    for condition in statement.conditions:
        if condition.field == "Id":
            return {int(value) for value in condition.values if value.isdigit()}
    return None


def _sorted(rows: Iterable[Record], kind: str, statement: Statement) -> list[Record]:
    if statement.order is None:
        return sorted(rows, key=lambda record: (-record.updated, record.id))
    read = queryable.sortable(kind, statement.order).read

    def key(record: Record) -> tuple[bool, Any]:
        value = read(record)
        return (value is not None, value)

    ordered = sorted(rows, key=lambda record: -record.id)
    return sorted(ordered, key=key, reverse=statement.descending)


def _slice(
    company: Company, rows: list[Record], statement: Statement, read: Callable[[Record], int]
) -> Iterable[Record]:
    """Skip by bisection what a lower bound on the sorting time excludes: large companies need it."""
    if statement.descending:
        return reversed(rows)
    first = 0
    for condition in statement.conditions:
        if condition.field == statement.order and condition.comparison in (">=", ">", "="):
            bound = wire.read_instant(condition.values[0], company.zone)
            first = max(first, bisect_left(rows, bound, key=read))
    return islice(rows, first, None)


def _test(company: Company, kind: str, condition: Condition) -> Test:
    name, comparison, texts = condition
    field = queryable.filterable(kind, name, comparison)
    values = [queryable.read_value(field, name, text, company.zone) for text in texts]
    read = field.read
    if comparison == "LIKE":
        pattern = re.compile(
            "".join(".*" if part == "%" else re.escape(part) for part in re.split("(%)", values[0])),
            re.IGNORECASE | re.DOTALL,
        )
        return lambda record: pattern.fullmatch(read(record) or "") is not None
    if comparison == "IN":
        among = frozenset(values)
        return lambda record: read(record) in among
    compare, value = _OPERATORS[comparison], values[0]

    def test(record: Record) -> bool:
        found = read(record)
        return found is not None and compare(found, value)

    return test
