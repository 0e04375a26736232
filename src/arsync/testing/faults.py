"""What a service and a network do on a bad day, and the errors that each may become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from arsync.errors import ArsyncError, BrokenConnector, FixSettings, Reconnect, Refused, TryLater

# answer: these bytes in place of the service's own. refuse: nobody listens. reset: the connection breaks
# before an answer. silence: no answer ever. cut-off: half of the true answer, then the connection closes.
# damage: the whole answer with an odd quote in it. swallow: what was asked is done, and its
# answer never comes.
Act = Literal["answer", "refuse", "reset", "silence", "cut-off", "damage", "swallow"]

JSON, HTML = "application/json", "text/html; charset=utf-8"
A_MOMENT, HOURS = 7, 7200
_LATER = (TryLater,)
_NOT_THAT = (TryLater, Refused, BrokenConnector)
# Real services quote what they were sent; {told} is where the wire puts secrets and names.
_PROBLEM = '{"error": {"message": "{told}", "detail": "{told}"}, "time": "2026-03-02T09:30:00Z"}'
_PAGE = "<html><head><title>Sorry</title></head><body><h1>{told}</h1></body></html>"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a request fails. ``errors`` are those of which one has to be raised."""

    name: str
    errors: tuple[type[ArsyncError], ...]
    act: Act = "answer"
    status: int = 200
    headers: Mapping[str, str] = {}
    body: str = _PROBLEM
    kind: str = JSON

    def __str__(self) -> str:
        return self.name


FAULTS = (
    Fault(name="connection refused", errors=_LATER, act="refuse"),
    Fault(name="reset", errors=_LATER, act="reset"),
    Fault(name="time-out", errors=_LATER, act="silence"),
    Fault(name="429 with a wait", errors=_LATER, status=429, headers={"Retry-After": str(A_MOMENT)}),
    Fault(name="429 with a wait of hours", errors=_LATER, status=429, headers={"Retry-After": str(HOURS)}),
    Fault(name="429 without a wait", errors=_LATER, status=429),
    Fault(name="401", errors=(Reconnect,), status=401),
    Fault(name="403", errors=(Reconnect, Refused), status=403),
    Fault(name="500", errors=_LATER, status=500),
    Fault(name="503 in HTML", errors=_LATER, status=503, body=_PAGE, kind=HTML),
    Fault(name="cut-off body", errors=_LATER, act="cut-off"),
    Fault(name="malformed JSON", errors=_LATER, act="damage"),
    Fault(name="200 in HTML", errors=_NOT_THAT, body=_PAGE, kind=HTML),
    Fault(name="200 with something else", errors=_NOT_THAT, body='{"message": "{told}"}'),
    Fault(name="200 with null", errors=_NOT_THAT, body="null"),
)
WAIT = FAULTS[3]
SWALLOWED = Fault(name="answer lost", errors=_LATER, act="swallow")


def allowed(fault: Fault, *, tokens: bool) -> tuple[type[ArsyncError], ...]:
    """The errors for a fault. Where there is no consent to renew, a 401 is a matter of the settings."""
    return fault.errors if tokens or fault.status != 401 else (*fault.errors, FixSettings, Refused)
