"""Batches: up to thirty independent acts, each with its own result or Fault.

The service promises no order of the results, so here they come last item first.
https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/batch
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import fault, queries, wire, writes

if TYPE_CHECKING:
    from .company import Company

MOST_ITEMS = 30
MOST_OBJECTS = 1000
LONGEST_ID_WITH_REQUEST_ID = 10


def run(company: Company, given: object, *, with_request_id: bool) -> bytes:
    """The JSON under ``BatchItemResponse``; a Fault only if the batch as a whole cannot be."""
    items = given.get("BatchItemRequest") if isinstance(given, dict) else None
    if not isinstance(items, list) or not items:
        raise fault.missing("BatchItemRequest")
    if len(items) > MOST_ITEMS:
        raise fault.business(f"A batch may have {MOST_ITEMS} items, this one has {len(items)}.")
    names = [_name(item) for item in items]
    if len(set(names)) < len(names):
        raise fault.business("Each bId may stand once in a batch.")
    for name in names:
        if with_request_id and len(name) > LONGEST_ID_WITH_REQUEST_ID:
            raise fault.too_long("bId", LONGEST_ID_WITH_REQUEST_ID, len(name))
    room = MOST_OBJECTS
    results = []
    for name, item in zip(names, items, strict=True):
        result, used = _item(company, item, room)
        room -= used
        results.append(wire.mapping((result, ("bId", wire.encode(name)))))
    return wire.array(reversed(results))


def _name(item: Any) -> str:
    name = item.get("bId") if isinstance(item, dict) else None
    if not isinstance(name, str) or not name:
        raise fault.missing("bId")
    return name


def _item(company: Company, item: dict[str, Any], room: int) -> tuple[tuple[str, bytes], int]:
    """One result, and how many of the objects a batch may return it took."""
    try:
        if company.failing_items > 0:
            company.failing_items -= 1
            raise fault.server_error()
        if "Query" in item:
            answer = queries.answer(company, str(item["Query"]))
            if answer.objects > room:
                raise fault.business(f"A batch may return {MOST_OBJECTS} objects.")
            return ("QueryResponse", answer.json), answer.objects
        operation = item.get("operation")
        if operation not in ("create", "update", "delete"):
            raise fault.unsupported(str(operation))
        named = [name for name in item if name not in ("bId", "operation", "optionsData")]
        if len(named) != 1:
            raise fault.missing("entity")
        kind = writes.kind_of(named[0])
        void = item.get("optionsData") == "void"
        return (kind, writes.write(company, kind, operation, item[named[0]], void=void)), 1
    except fault.Fault as refused:
        return ("Fault", wire.encode(refused.inner())), 0
