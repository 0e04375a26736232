"""How a fault shows: an answer instead of the real one, a damaged body, or a connection that breaks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from .faults import Fault
from .reply import HTML, Reply, forbidden, too_many, unauthorized

_MINUTE_WAIT, _DAY_WAIT = 60, 73_451
_PIECES = 20


class DropConnection(ConnectionError):
    """The connection is to be closed without (the rest of) an answer."""


def instead(fault: Fault | None) -> Reply | None:
    """The answer given without carrying out the request; None when it is to be carried out.

    Raises DropConnection for the kinds that break the connection first.
    """
    if fault is None:
        return None
    if fault.kind == "reset-before-commit":
        raise DropConnection
    if fault.kind == "silent":
        fault.released.wait(fault.seconds)
        raise DropConnection
    if fault.kind == "delay":
        fault.released.wait(fault.seconds)
        return None
    return _answer(fault)


def carried_out(fault: Fault | None, reply: Reply) -> Reply:
    """The answer after the request was carried out. Raises DropConnection when nobody is to hear it."""
    kind = fault.kind if fault else ""
    if kind == "reset-after-commit":
        raise DropConnection
    if fault and kind == "silent-after-commit":
        fault.released.wait(fault.seconds)
        raise DropConnection
    if kind == "malformed-json":
        reply.body = reply.body[: len(reply.body) // 2] + b"#"
    return reply


def delivered(body: bytes, fault: Fault | None) -> Iterator[bytes]:
    """The body as it goes out on the socket."""
    if fault and fault.kind == "cut-off-body":
        yield body[: len(body) // 2]
        raise DropConnection
    if fault and fault.kind == "slow-drip" and body:
        step = -(-len(body) // _PIECES)
        for start in range(0, len(body), step):
            fault.released.wait(fault.seconds / _PIECES)
            yield body[start : start + step]
        return
    yield body


def dated(fault: Fault | None, now: datetime) -> dict[str, str]:
    """The Date header that a fault lets the answer bear."""
    if fault is None or not fault.kind.startswith("date-"):
        return {}
    hour = timedelta(hours=1 if fault.kind == "date-ahead" else -1)
    return {"Date": format_datetime(now.astimezone(UTC) + hour, usegmt=True)}


def _answer(fault: Fault) -> Reply | None:
    match fault.kind:
        case "429-minute" | "429-appminute":
            reply = too_many(fault.kind.removeprefix("429-"), fault.retry_after or _MINUTE_WAIT)
            reply.headers["X-MinLimit-Remaining"] = "0"
            return reply
        case "429-day":
            reply = too_many("day", fault.retry_after or _DAY_WAIT)
            reply.headers["X-DayLimit-Remaining"] = "0"
            return reply
        case "429-concurrent":
            return too_many("concurrent", None)
        case "401-expired":
            return unauthorized("TokenExpired: token expired")
        case "403-forbidden":
            return forbidden()
        case "500":
            return Reply.json(
                500,
                {
                    "ErrorNumber": 500,
                    "Type": "InternalError",
                    "Message": "An error occurred in Xero. Check the API Status page",
                },
            )
        case "503-html":
            body = b"<html><body><h1>The Xero API is temporarily unavailable</h1></body></html>"
            return Reply(503, body, HTML)
        case "400-empty":
            return Reply(400)
        case "400-html":
            return Reply(400, b"<html><body><h1>Bad Request</h1></body></html>", HTML)
        case "200-with-fault":
            return Reply.json(
                200, {"ErrorNumber": 500, "Type": "InternalError", "Message": "An error occurred"}
            )
        case "200-html":
            return Reply(200, b"<html><body>Please wait</body></html>", HTML)
    return None
