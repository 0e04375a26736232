"""The API under ``/v3/company/<realm>/``: from a request to its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request

from . import batch, cdc, documents, fault, queries, reports, schema, wire, writes
from .records import Record
from .reply import Reply
from .settings import company_info, preferences

if TYPE_CHECKING:
    from .company import Company

LONGEST_REQUEST_ID = 50
LONGEST_BATCH_REQUEST_ID = 36
_READABLE = (
    "Customer",
    "CustomerType",
    "Invoice",
    "CreditMemo",
    "Payment",
    "JournalEntry",
    "Term",
    "Attachable",
)


def endpoint(method: str, rest: str) -> str:
    """The name under which calls are counted: query, cdc, batch, report, send, pdf, settings, read, write."""
    first, _, more = rest.partition("/")
    if first in ("query", "cdc", "batch"):
        return first
    if first == "reports":
        return "report"
    if first in ("companyinfo", "preferences"):
        return "settings"
    if more.endswith(("/send", "/pdf")):
        return more.rpartition("/")[2]
    return "read" if method == "GET" else "write"


def answer(company: Company, rest: str, request: Request, body: bytes) -> Reply:
    """The answer to one authorised call; ``rest`` is the path behind the realm. Raises ``Fault``.

    A reply to a writing call with a ``requestid`` is kept, and given again to the next call with the same
    one, whatever that asks and whatever has happened since.
    """
    with company.lock:
        if request.method == "GET":
            return _get(company, rest, request)
        if request.method != "POST":
            raise fault.unsupported(request.method)
        if rest == "query":
            return _query(company, body.decode("utf-8", "replace"), request)
        request_id = request.args.get("requestid", "")
        limit = LONGEST_BATCH_REQUEST_ID if rest == "batch" else LONGEST_REQUEST_ID
        if len(request_id) > limit:
            raise fault.too_long("requestid", limit, len(request_id))
        if request_id in company.replies:
            status, kept = company.replies[request_id]
            return Reply(status, kept)
        reply = _post(company, rest, request, body)
        if request_id:
            company.replies[request_id] = (reply.status, reply.body)
        return reply


def wrapped(company: Company, name: str, json: bytes) -> Reply:
    """An answer with its ``time``."""
    return Reply(200, wire.mapping(((name, json), ("time", _time(company)))))


def _time(company: Company) -> bytes:
    return wire.encode(wire.reply_time(company.now()))


def _no_resource(company: Company, rest: str) -> fault.Fault:
    path = f"/v3/company/{company.realm}/{rest}"
    return fault.unsupported(f"Could not find resource for relative : {path} of full path: {path}")


def _query(company: Company, statement: str, request: Request) -> Reply:
    if request.method == "POST" and request.mimetype not in ("application/text", "text/plain"):
        raise fault.bad_property(f"Content-Type {request.mimetype or 'missing'}, should be application/text")
    show: Callable[[Record], bytes] | None = None
    if request.args.get("include") == "invoiceLink" and re.search(r"from\s+invoice\b", statement, re.I):
        show = partial(documents.with_link, company)
    return wrapped(company, "QueryResponse", queries.answer(company, statement, show).json)


def _get(company: Company, rest: str, request: Request) -> Reply:
    args = request.args
    first, _, more = rest.partition("/")
    if rest == "query":
        return _query(company, args.get("query", ""), request)
    if rest == "cdc":
        changed = cdc.changes(company, args.get("entities", ""), args.get("changedSince", ""))
        return wrapped(company, "CDCResponse", changed)
    if first == "companyinfo" and more:
        return wrapped(company, "CompanyInfo", wire.encode(company_info(company)))
    if rest == "preferences":
        return wrapped(company, "Preferences", wire.encode(preferences(company)))
    if first == "reports" and more:
        return Reply(200, reports.report(company, more, args))
    if first.casefold() == "invoice" and more.endswith("/pdf"):
        return _pdf(company, more.removesuffix("/pdf"), request)
    for kind in _READABLE:
        if kind.casefold() == first.casefold() and more and "/" not in more:
            record = _record(company, kind, more)
            linked = kind == "Invoice" and args.get("include") == "invoiceLink"
            json = documents.with_link(company, record) if linked else company.encoded(record)
            return wrapped(company, kind, json)
    raise _no_resource(company, rest)


def _record(company: Company, kind: str, text: str) -> Record:
    record = company.find(kind, schema.read_id(text))
    if record is None:
        raise fault.not_found()
    return record


def _pdf(company: Company, text: str, request: Request) -> Reply:
    if "application/pdf" not in request.headers.get("Accept", ""):
        raise fault.unsupported("pdf without Accept: application/pdf")
    record = _record(company, "Invoice", text)
    return Reply(200, documents.pdf(company, record), "application/pdf")


def _post(company: Company, rest: str, request: Request, body: bytes) -> Reply:
    name, _, more = rest.partition("/")
    if name.casefold() == "invoice" and more.endswith("/send"):
        if request.mimetype != "application/octet-stream":
            raise fault.unsupported("send without Content-Type: application/octet-stream")
        record = _record(company, "Invoice", more.removesuffix("/send"))
        return wrapped(company, "Invoice", documents.send(company, record, request.args.get("sendTo")))
    if more:
        raise _no_resource(company, rest)
    if request.mimetype != "application/json":
        raise fault.bad_property(f"Content-Type {request.mimetype or 'missing'}, should be application/json")
    try:
        given = wire.decode(body)
    except ValueError as error:
        raise fault.bad_property(f"Unexpected character in JSON: {error}") from None
    if name == "batch":
        with_request_id = bool(request.args.get("requestid"))
        return wrapped(
            company, "BatchItemResponse", batch.run(company, given, with_request_id=with_request_id)
        )
    kind = writes.kind_of(name)
    operation, void = request.args.get("operation", ""), request.args.get("include") == "void"
    return wrapped(company, kind, writes.write(company, kind, operation, given, void=void))
