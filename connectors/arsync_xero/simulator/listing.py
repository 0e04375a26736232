"""Lists: filters, If-Modified-Since, order, pages, and the vendor's cap on unpaged answers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from weakref import WeakKeyDictionary

from .books import Books
from .entities import Entity
from .reply import Refused, Reply, listing, query_error
from .rules import Rules
from .where import Filter, WhereError, parse
from .wire import Row

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 1000
_KEPT_SELECTIONS = 16


@dataclass(frozen=True, slots=True)
class Query:
    """What a list request asks for; parameter names come without regard to case."""

    where: str
    order: str
    ids: tuple[str, ...]
    numbers: tuple[str, ...]
    contacts: tuple[str, ...]
    statuses: tuple[str, ...]
    search: str
    archived: bool
    since_ms: int | None

    @classmethod
    def of(cls, arguments: Mapping[str, str], since: str | None) -> Query:
        """From the request's parameters and its If-Modified-Since header."""
        return cls(
            where=arguments.get("where", ""),
            order=arguments.get("order", ""),
            ids=tuple(value.lower() for value in _csv(arguments.get("ids"))),
            numbers=_csv(arguments.get("invoicenumbers")),
            contacts=tuple(value.lower() for value in _csv(arguments.get("contactids"))),
            statuses=tuple(value.upper() for value in _csv(arguments.get("statuses"))),
            search=arguments.get("searchterm", "").lower(),
            archived=_flag(arguments.get("includearchived")),
            since_ms=_since(since),
        )


class Lists:
    """Answers list requests; a selection is kept until the organisation changes, for the next page."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Books, OrderedDict[Any, tuple[int, list[Any]]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def answer(
        self, books: Books, entity: Entity, arguments: Mapping[str, str], since: str | None, rules: Rules
    ) -> Reply:
        """The reply to a list request. Raises Refused for what the service answers with 400."""
        query = Query.of(arguments, since)
        summary = entity.has_summary and _flag(arguments.get("summaryonly"))
        paged = summary or bool(query.statuses) or "page" in arguments or "pagesize" in arguments
        detail = "summary" if summary else "page" if paged else "list"
        with books.lock:
            found = self._selected(books, entity, query, rules)
            now_ms = books.clock.milliseconds()
            if not paged:
                if len(found) > rules.record_cap:
                    raise Refused(query_error("Too many records; use paging"))
                return listing(entity.name, [entity.text(each, detail, books) for each in found], now_ms)
            page = max(_number(arguments.get("page"), 1), 1)
            size = min(max(_number(arguments.get("pagesize"), _DEFAULT_PAGE), 1), _LARGEST_PAGE)
            rows = [entity.text(each, detail, books) for each in found[(page - 1) * size : page * size]]
        pagination: Row = {
            "page": page,
            "pageSize": size,
            "pageCount": -(-len(found) // size),
            "itemCount": len(found),
        }
        return listing(entity.name, rows, now_ms, pagination)

    def _selected(self, books: Books, entity: Entity, query: Query, rules: Rules) -> list[Any]:
        key = (entity.name, query)
        with self._lock:
            kept = self._kept.setdefault(books, OrderedDict())
        revision, found = kept.get(key, (-1, []))
        if revision != books.revision:
            found = _select(books, entity, query, rules)
            kept[key] = (books.revision, found)
            if len(kept) > _KEPT_SELECTIONS:
                kept.popitem(last=False)
        return found


def _select(books: Books, entity: Entity, query: Query, rules: Rules) -> list[Any]:
    shelf = books.shelves[entity.name]
    condition = _condition(entity, query)
    field, descending = _order(entity, query)
    ordered = entity.fields[field].ordered
    if len(shelf.by_id) > rules.record_cap and not (ordered and (condition is None or condition.optimised)):
        raise Refused(query_error("The filter or order is not optimised for this many records"))
    indexed = shelf.update_order if field == "UpdatedDateUTC" else shelf.id_order
    found = _narrowed(indexed.records(), entity, query)
    if condition is not None:
        found = [record for record in found if condition.matches(record)]
    if field not in ("UpdatedDateUTC", _id_name(entity)):
        read = entity.fields[field].read
        found.sort(key=lambda record: (read(record) is not None, read(record)))
    if descending:
        found.reverse()
    return found


def _narrowed(found: list[Any], entity: Entity, query: Query) -> list[Any]:
    if query.since_ms is not None:
        since = query.since_ms
        found = [record for record in found if record.updated_ms >= since]
    if query.ids:
        ids = frozenset(query.ids)
        found = [record for record in found if record.id in ids]
    if entity.name == "Invoices":
        if query.statuses:
            statuses = frozenset(query.statuses)
            found = [record for record in found if record.status in statuses]
        if query.numbers:
            numbers = frozenset(query.numbers)
            found = [record for record in found if record.number in numbers]
        if query.contacts:
            contacts = frozenset(query.contacts)
            found = [record for record in found if record.contact.id in contacts]
    if entity.name == "Contacts" and not query.archived:
        found = [record for record in found if record.status != "ARCHIVED"]
    if query.search:
        found = [
            record
            for record in found
            if any(query.search in text.lower() for text in entity.searched(record))
        ]
    return found


def _condition(entity: Entity, query: Query) -> Filter | None:
    if not query.where.strip():
        return None
    try:
        return parse(query.where, entity.fields)
    except WhereError as error:
        raise Refused(query_error(str(error))) from error


def _order(entity: Entity, query: Query) -> tuple[str, bool]:
    """The field and whether it goes down; without an order, by time of update and then by id."""
    words = query.order.split()
    if not words:
        return "UpdatedDateUTC", False
    names = {name.lower(): name for name in entity.fields}
    direction = words[1].upper() if len(words) > 1 else "ASC"
    if words[0].lower() not in names or direction not in ("ASC", "DESC") or len(words) > 2:
        raise Refused(query_error(f"No property or field '{query.order}' exists to order by"))
    return names[words[0].lower()], direction == "DESC"


def _id_name(entity: Entity) -> str:
    return f"{entity.name.removesuffix('s')}ID"


def _csv(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _flag(text: str | None) -> bool:
    return (text or "").strip().lower() == "true"


def _number(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise Refused(query_error(f"'{text}' is not a whole number")) from None


def _since(text: str | None) -> int | None:
    """If-Modified-Since in milliseconds: UTC, ISO or HTTP form, anything below a second dropped."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise Refused(Reply(412, b"If-Modified-Since cannot be read", "text/plain")) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000
