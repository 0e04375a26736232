"""The service's refusals, in the shapes in which it sends them.

https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/error-codes
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from .wire import reply_time


class Fault(Exception):
    """One refusal: its HTTP status and the four fields of its error."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = None,
        status: int = 400,
        type: str = "ValidationFault",  # noqa: A002 - the vendor's word
    ) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.status = status
        self.type = type

    def inner(self) -> dict[str, Any]:
        """What stands under ``Fault``, also inside a batch."""
        error: dict[str, Any] = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        return {"Error": [error], "type": self.type}

    def body(self, now: datetime) -> dict[str, Any]:
        """The JSON answer."""
        return {"Fault": self.inner(), "time": reply_time(now)}

    def lower_body(self, now: datetime) -> dict[str, Any]:
        """The same in lower case: the gateway in front of the service speaks so, with its siblings null."""
        error = {"message": self.message, "detail": self.detail, "code": self.code, "element": self.element}
        return {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": self.type},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(now.timestamp() * 1000),
            "status": None,
            "cdcresponse": [],
        }

    def xml(self, now: datetime) -> str:
        """The answer as XML, which throttling sends even to a caller who asked for JSON."""
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
            f"<IntuitResponse time={quoteattr(reply_time(now))}"
            ' xmlns="http://schema.intuit.com/finance/v3">\n'
            f"  <Fault type={quoteattr(self.type)}>\n    <Error code={quoteattr(self.code)}>\n"
            f"      <Message>{escape(self.message)}</Message>\n"
            f"      <Detail>{escape(self.detail)}</Detail>\n"
            "    </Error>\n  </Fault>\n</IntuitResponse>\n"
        )


class GatewayFault(Fault):
    """A refusal by the gateway: its JSON is the lower-case one."""

    def body(self, now: datetime) -> dict[str, Any]:
        return self.lower_body(now)


def not_found() -> Fault:
    return Fault(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. "
        "Check the fields with accounts, customers, items, vendors or employees.",
        element="",
    )


def stale() -> Fault:
    return Fault(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and Another User were working on this at the same time. "
        "Another User finished before you did, so your work was not saved.",
        element="",
    )


def missing(name: str) -> Fault:
    return Fault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def too_long(name: str, limit: int, size: int) -> Fault:
    return Fault(
        "2050",
        "String length is either shorter or longer than supported by specification",
        "String length specified does not match the supported length. "
        f"Min:0 Max:{limit:,} supported. Supplied length:{size:,}",
        element=name,
    )


def bad_property(detail: str) -> Fault:
    return Fault("2010", "Request has invalid or unsupported property", f"Property Name:{detail}")


def bad_reference(what: str) -> Fault:
    return Fault("2500", "Invalid Reference Id", f"Invalid Reference Id : {what}", element="")


def bad_id(text: str) -> Fault:
    return Fault("2030", "Invalid ID", f"Id should be a valid number. Supplied value:{text}", element="Id")


def bad_email(text: str) -> Fault:
    return Fault(
        "2210",
        "Invalid Email Address format",
        f"Email Address does not conform to the RFC 822 standard. Supplied value:{text}",
        element="Address",
    )


def business(detail: str) -> Fault:
    return Fault(
        "6000",
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: {detail}",
        element="",
    )


def duplicate_name() -> Fault:
    return Fault("6240", "Duplicate Name Exists Error", "The name supplied already exists. : null")


def unsupported(detail: str) -> Fault:
    return Fault("500", "Unsupported Operation", f"Operation {detail} is not supported.")


def unparsable(found: str, column: int) -> Fault:
    """A statement that is no statement."""
    detail = f"QueryParserError: Encountered {found} at line 1, column {column}."
    return Fault("4000", "Error parsing query", detail)


def invalid_query(detail: str) -> Fault:
    """A statement that asks for what cannot be asked."""
    return Fault("4001", "Invalid query", f"QueryValidationError: {detail}")


def unauthorised(detail: str) -> Fault:
    return GatewayFault(
        "3200",
        "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        detail,
        status=401,
        type="AUTHENTICATION",
    )


def expired(access_token: str) -> Fault:
    """The real detail shows a piece of the token that was sent."""
    return unauthorised(f"Token expired: {access_token[:24]}")


def wrong_company() -> Fault:
    return GatewayFault(
        "3100",
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
        "",
        status=403,
        type="SERVICE",
    )


def throttled(status: int = 429) -> Fault:
    return Fault(
        "3001",
        f"message=ThrottleExceeded; errorCode=003001; statusCode={status}",
        "The request limit was reached.  Try again later",
        status=status,
        type="SERVICE",
    )


def server_error() -> Fault:
    return Fault(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: Could not process the request",
        status=500,
        type="SystemFault",
    )
