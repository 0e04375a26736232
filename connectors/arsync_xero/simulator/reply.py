"""A reply before it meets the socket, and the shapes of the service's refusals."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .wire import Json, Row, encode

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
_RUN = uuid.UUID("1d5c7f0e-52c1-4d3a-8a54-6f6b0a4f2c11")


@dataclass(slots=True)
class Reply:
    """Status, headers and body; no content type without a body."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, value: Json, **headers: str) -> Reply:
        """A JSON reply; underscores in header names stand for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, encode(value).encode(), headers=named)


class Refused(Exception):
    """The service answers with a refusal instead of a result."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def listing(key: str, rows: Iterable[str], now_ms: int, pagination: Row | None = None) -> Reply:
    """The envelope around encoded rows; `pagination` is there only when the answer is paged."""
    head: Row = {
        "Id": str(uuid.uuid5(_RUN, f"{key}{now_ms}")),
        "Status": "OK",
        "ProviderName": "arsync sandbox",
        "DateTimeUTC": f"/Date({now_ms})/",
    }
    if pagination is not None:
        head["pagination"] = pagination
    text = f'{encode(head)[:-1]},"{key}":[{",".join(rows)}]}}'
    return Reply(200, text.encode())


def unauthorized(detail: str, **headers: str) -> Reply:
    """401; `insufficient_scope` in WWW-Authenticate tells a missing scope from an expired token."""
    return Reply.json(401, _problem("Unauthorized", 401, detail), **headers)


def forbidden() -> Reply:
    """403 for a tenant that is missing, unknown or no longer connected."""
    return Reply.json(403, _problem("Forbidden", 403, "AuthenticationUnsuccessful"))


def bad_request(detail: str) -> Reply:
    """400 from before the accounting system: idempotency keys, unreadable bodies."""
    return Reply.json(400, _problem("Bad Request", 400, detail))


def query_error(message: str) -> Reply:
    """400 for a filter or order that cannot be read."""
    return Reply.json(400, {"ErrorNumber": 16, "Type": "QueryParseException", "Message": message})


def validation(elements: Sequence[Row]) -> Reply:
    """400 with the messages inside the elements."""
    return Reply.json(
        400,
        {
            "ErrorNumber": 10,
            "Type": "ValidationException",
            "Message": "A validation exception occurred",
            "Elements": elements,
        },
    )


def invalid(message: str) -> Reply:
    """400 with one message."""
    return validation([{"ValidationErrors": [{"Message": message}]}])


def not_found() -> Reply:
    """404, as plain text."""
    return Reply(404, b"The resource you're looking for cannot be found", "text/plain; charset=utf-8")


def too_many(problem: str, retry_after: int | None) -> Reply:
    """429 with an empty body; the concurrent limit promises no Retry-After."""
    headers = {"X-Rate-Limit-Problem": problem}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Reply(429, headers=headers)


def _problem(title: str, status: int, detail: str) -> Row:
    return {
        "Type": None,
        "Title": title,
        "Status": status,
        "Detail": detail,
        "Instance": str(uuid.uuid5(_RUN, detail)),
        "Extensions": {},
    }
