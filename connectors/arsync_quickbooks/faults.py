"""What an answer of QuickBooks means: a fault in any of its shapes becomes a wait or an error. Pure.

Faults come as JSON in upper or lower case, as XML even where JSON was asked for, with HTTP 200, or
as a gateway's HTML. python-quickbooks tells these apart too coarsely to decide on a retry: it makes
throttling a validation error and throws the status and headers away.
Codes: developer.intuit.com, "Error codes" and "Limits and throttles".
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from arsync.connector import NOT_JSON, Wait
from arsync.errors import ArsyncError, Conflict, Reconnect, Refused, TryLater
from arsync.plain_text import one_line

# "Wait 60 seconds" is all that the limits page says; no Retry-After is documented.
THROTTLE_SECONDS = 60.0
THROTTLED, STALE, NOT_FOUND, EXPIRED = 3001, 5010, 610, 3200
ENDS = 64
_NO_RIGHTS, _NOT_AUTHORISED, _SUBSCRIPTION_ENDED = 120, 3100, 6190
# A fresh access token does not help against these.
REVOKED = frozenset({_NO_RIGHTS, _NOT_AUTHORISED})

_MEANING = {
    NOT_FOUND: "the record does not exist or is inactive",
    2030: "an id is not valid",
    2050: "a text is too long",
    2500: "a reference is not valid",
    4000: "the query cannot be parsed",
    4001: "the query is not allowed",
    6140: "the document number is taken",
    6210: "the books of that period are closed",
    _SUBSCRIPTION_ENDED: "the company's subscription has ended",
    6240: "the name is taken",
    6540: "the transaction is deposited already",
}


class Fault(msgspec.Struct, frozen=True):
    """The first error of a fault: its code (None where it is missing or not a number) and the words."""

    code: int | None
    message: str = ""
    detail: str = ""

    @property
    def throttled(self) -> bool:
        return self.code == THROTTLED or "throttle" in self.message.casefold()


class _Envelope(msgspec.Struct):
    upper: Any = msgspec.field(name="Fault", default=None)
    lower: Any = msgspec.field(name="fault", default=None)


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_XML_ERROR = re.compile(r"<(?:\w+:)?Error\b([^>]*)>(.*?)</(?:\w+:)?Error>", re.DOTALL)
_XML_CODE = re.compile(r"""\bcode=["'](\d+)["']""")
_XML_FAULT = re.compile(r"<(?:\w+:)?Fault\b")


def found(body: bytes) -> Fault | None:
    """The fault that an answer's body holds at its top, in whatever shape; None if it holds none."""
    head = body[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return _of_xml(body[:65536].decode("utf-8", "replace"))
    # A page of a thousand rows is parsed once, by its own decoder: only these words cost a parse here.
    if b'"Fault"' not in body and b'"fault"' not in body:
        return None
    try:
        envelope = _ENVELOPE.decode(body)
    except NOT_JSON:
        return None
    inner = envelope.upper if envelope.upper is not None else envelope.lower
    return None if inner is None else of_json(inner)


def of_json(inner: Any) -> Fault:
    """The fault inside a decoded ``Fault`` object of either case."""
    errors = _get(inner, "error")
    error = errors[0] if isinstance(errors, list) and errors else {}
    message = str(_get(error, "message") or "")
    return Fault(_number(_get(error, "code")) or _code_in(message), message, str(_get(error, "detail") or ""))


def outcome(
    status: int, fault: Fault | None, *, request_id: str | None, wait: float | None
) -> Wait | ArsyncError:
    """What to do about an answer that is not what was asked for. ``wait``: the seconds it asks for."""
    code = fault.code if fault else None
    if status == 429 or (fault and fault.throttled):
        seconds = THROTTLE_SECONDS if wait is None else wait
        return Wait("QuickBooks is throttling this company", seconds, throttled=True)
    if code == _NO_RIGHTS:
        return Reconnect(
            "the user who connected this book has lost the rights in QuickBooks; connect it again"
        )
    if code == _NOT_AUTHORISED or (status == 403 and code is None):
        return Reconnect("this app is not authorised for the QuickBooks company; connect the book again")
    if status == 401 or code == EXPIRED:
        return Reconnect("QuickBooks does not accept the authorisation of this book; connect it again")
    if code == STALE:
        return Conflict("the record was changed in QuickBooks in between")
    if status >= 500 or status == 408 or (code is not None and code >= 10000):
        return Wait(f"QuickBooks has a fault of its own (answer {status})", wait)
    if status == 200 and code is None:
        return Wait("QuickBooks gave an answer that is not what was asked for", wait)
    meaning = _MEANING.get(code or 0)
    label = f"code {code}" if code is not None else f"answer {status}"
    return Refused(
        f"QuickBooks refused the request ({label}{': ' + meaning if meaning else ''})",
        code=str(code) if code is not None else None,
        request_id=request_id,
    )


def error_of(fault: Fault) -> ArsyncError:
    """The error for a fault inside an answer that was otherwise well (a group of a CDC answer)."""
    result = outcome(200, fault, request_id=None, wait=None)
    return TryLater(result.problem + "; try again later") if isinstance(result, Wait) else result


def words(fault: Fault) -> str:
    """The vendor's words for a person: one short line, without anything that looks like a token."""
    text = one_line(fault.message or "no reason given")
    text = re.sub(r"[A-Za-z0-9_\-.+/=]{24,}", "...", text)[:160]
    return f"QuickBooks: {text}" + (f" (code {fault.code})" if fault.code is not None else "")


def complete(start: bytes, end: bytes) -> bool:
    """Whether a body that begins and ends like this may be a whole JSON object: a cheap look at ``ENDS``
    bytes of each. The whole body is as good as a part."""
    return start[:ENDS].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and end[-ENDS:].rstrip()[-1:] == b"}"


def _of_xml(text: str) -> Fault | None:
    if not _XML_FAULT.search(text):
        return None
    error = _XML_ERROR.search(text)
    if error is None:
        return Fault(None)
    code = _XML_CODE.search(error[1])
    message = _xml_text(error[2], "Message")
    return Fault(int(code[1]) if code else _code_in(message), message, _xml_text(error[2], "Detail"))


def _xml_text(inner: str, tag: str) -> str:
    match = re.search(rf"<(?:\w+:)?{tag}>(.*?)</", inner, re.DOTALL)
    return match[1].strip() if match else ""


def _get(value: Any, name: str) -> Any:
    """A member by its name in whatever case the service chose this time."""
    if not isinstance(value, dict):
        return None
    return next((item for key, item in value.items() if key.casefold() == name), None)


def _number(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _code_in(message: str) -> int | None:
    """Gateway faults name the code in the words: ``message=ThrottleExceeded; errorCode=003001; ...``."""
    match = re.search(r"errorCode=0*(\d{1,6})\b", message)
    return int(match[1]) if match else None
