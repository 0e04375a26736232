"""What an answer of Xero's means: fine, to be tried again, or an error by what to do about it. Pure.

Sources: developer.xero.com, "Response codes", "OAuth 2.0 API limits" and the accounting API's pages.
Texts are arsync's own; nothing of a body is shown, for it may hold a customer's data.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import requests

from arsync.connector import NOT_JSON, Wait, http_date, retry_after
from arsync.errors import ArsyncError, Reconnect, Refused, TryLater, UsedUp


class Forbidden(Reconnect):
    """The authorisation stands, but does not extend to what was asked for: it lacks a scope."""


# Until the minute that Xero counts in is surely over, where it does not tell.
A_MINUTE = 60.0

_SEVERAL_TIMES = frozenset({500, 502, 503, 504})
# What the API itself answered, and not the gateway before it: kept under the idempotency key of a write, and
# given again to each repetition.
_KEPT = frozenset({500, 502, 504})


def judge(
    answer: requests.Response, now: datetime, book: str, *, keyed: bool = False
) -> Wait | ArsyncError | None:
    """The verdict on an answer, but for a 401, which depends on the token that was sent. ``keyed``: it was
    asked under an idempotency key."""
    status = answer.status_code
    if status == 204:
        return None
    if 200 <= status < 300:
        return None if _looks_like_json(answer.content) else Wait("Xero answered with something unreadable")
    if status == 401:
        return denied(answer, book)
    if status == 403 and lacks_scope(answer):
        return denied(answer, book)
    if status == 403:
        return Reconnect(
            f"Xero does not let the book {book} at its organisation: it was disconnected, or the user "
            f"who connected it lost the right (or `tenant` names another): run `arsync connect {book}`"
        )
    if status == 429:
        return _throttled(answer, now)
    if keyed and status in _KEPT:
        return TryLater(f"Xero failed to write (status {status}), and would say so again for some minutes")
    if status in _SEVERAL_TIMES:
        return Wait(f"Xero is failing for now (status {status})", retry_after(answer, now))
    if 300 <= status < 400:
        return TryLater(f"something between here and Xero redirects the request (status {status})")
    code, problem = _refusal(answer)
    return Refused(problem, code=code, request_id=answer.headers.get("xero-correlation-id"))


def denied(answer: requests.Response, book: str) -> Reconnect:
    """A 401 that a fresh token does not help."""
    if lacks_scope(answer):
        return Forbidden(
            f"the authorisation of the book {book} lacks a permission (scope) that this request needs; "
            f"allow the app all that it asks for: run `arsync connect {book}`"
        )
    return Reconnect(
        f"Xero does not accept the authorisation of the book {book}: run `arsync connect {book}`"
    )


def lacks_scope(answer: requests.Response) -> bool:
    """Whether a refusal is about a missing scope; Xero's own pages spell the word in two ways."""
    challenge = answer.headers.get("WWW-Authenticate", "").lower()
    return "insufficient_scope" in challenge or "insufficent_scope" in challenge


def _throttled(answer: requests.Response, now: datetime) -> Wait | ArsyncError:
    problem = answer.headers.get("X-Rate-Limit-Problem", "").strip().lower()
    seconds = retry_after(answer, now)
    if problem == "day" or (not problem and answer.headers.get("X-DayLimit-Remaining", "").strip() == "0"):
        at = None if seconds is None else now + timedelta(seconds=seconds)
        when = f"from {at:%Y-%m-%d %H:%M} UTC on it answers again" if at else "try again tomorrow"
        return UsedUp(f"the organisation's calls of Xero's day are used up; {when}", at=at)
    if problem == "concurrent":
        return Wait("Xero's limit of calls at the same time is reached", seconds)
    if problem in ("minute", "appminute"):
        wait = A_MINUTE if seconds is None else seconds
        return Wait("Xero's limit of calls a minute is reached", wait, throttled=True)
    return Wait("Xero asks to slow down", seconds, throttled=seconds is not None)


class _Body(msgspec.Struct):
    number: int | None = msgspec.field(name="ErrorNumber", default=None)
    type: str | None = msgspec.field(name="Type", default=None)
    message: str | None = msgspec.field(name="Message", default=None)
    elements: list[msgspec.Raw] | None = msgspec.field(name="Elements", default=None)


# What a text of Xero's speaks of, in its own words and in ours.
_KNOWN = (
    (b"could not be found", "the document does not exist (any more)"),
    (b"was not found", "the document does not exist (any more)"),
    (b"idempotency", "the idempotency key was used for another request"),
    (b"100,000", "the list is longer than Xero gives out"),
    (b"100k", "the list is longer than Xero gives out"),
    (b"unoptimi", "the list is longer than Xero gives out under this filter"),
)


def _refusal(answer: requests.Response) -> tuple[str, str]:
    """The vendor's code, and a sentence."""
    status = answer.status_code
    if status == 404:
        return "404", "Xero has no such document (any more)"
    try:
        body = msgspec.json.decode(answer.content, type=_Body)
    except NOT_JSON:
        return str(status), f"Xero refused the request (status {status})"
    kind = body.type if body.type and body.type.isidentifier() and len(body.type) <= 60 else None
    code = "/".join([str(status), *([str(body.number)] if body.number is not None else [])])
    text = answer.content[:20_000].lower()
    known = next((ours for theirs, ours in _KNOWN if theirs in text), None)
    reason = known or kind or "no reason given"
    return code, f"Xero refused the request: {reason} (status {status})"


def _looks_like_json(body: bytes) -> bool:
    """Whether a body has both ends of a JSON object or list: not HTML, not XML, not cut off."""
    start, end = body[:64].lstrip()[:1], body[-64:].rstrip()[-1:]
    return (start, end) in ((b"{", b"}"), (b"[", b"]"))


def server_time(answer: requests.Response) -> datetime | None:
    """The instant of the Date header (whole seconds)."""
    return http_date(answer.headers.get("Date"))
