"""An answer on its way out."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

JSON = "application/json;charset=utf-8"
XML = "application/xml;charset=utf-8"
HTML = "text/html;charset=utf-8"
_WORTH_PACKING = 512


@dataclass
class Reply:
    """Status, body and headers. ``pieces`` are sent instead of the body where the body itself misbehaves."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Iterable[bytes] | None = None

    def packed(self, accept_encoding: str) -> Reply:
        """The same with gzip, if the caller takes it and the body is worth it."""
        if "gzip" in accept_encoding.lower() and len(self.body) >= _WORTH_PACKING:
            self.body = gzip.compress(self.body, 1)
            self.headers["Content-Encoding"] = "gzip"
        return self

    @property
    def status_line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    def header_list(self) -> list[tuple[str, str]]:
        """Every answer, also an error, bears ``intuit_tid``."""
        return [
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
            ("intuit_tid", f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"),
            ("QBO-Version", "1988.128"),
            ("Cache-Control", "no-store"),
            *self.headers.items(),
        ]
