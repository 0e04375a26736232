"""What was asked of the service."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One request. ``statement`` is a query's text; ``status`` is 0 where the connection was broken instead.

    ``endpoint`` is query, cdc, batch, report, send, pdf, settings, read, write, or token, authorise, revoke;
    ``bytes`` is the size of the answer's body as sent.
    """

    method: str
    path: str
    statement: str
    status: int
    endpoint: str
    realm: str = ""
    bytes: int = 0
    request_id: str = ""
