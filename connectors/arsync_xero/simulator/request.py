"""One request, read completely before anything is decided."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from .reply import Refused, bad_request

_API = "/api.xro/2.0/"
_HOST_CHARACTERS = len("https://api.xero.com")


@dataclass(frozen=True, slots=True)
class Asked:
    """Method, path and query as sent (`target`), headers and body."""

    method: str
    path: str
    target: str
    headers: Headers
    body: bytes
    arguments: Mapping[str, str]

    @classmethod
    def of(cls, environ: dict[str, Any]) -> Asked:
        """From a WSGI environment; the body is drained so that the connection can be used again."""
        request = Request(environ)
        query = request.query_string.decode("latin-1")
        return cls(
            method=request.method,
            path=request.path,
            target=environ.get("REQUEST_URI") or request.path + (f"?{query}" if query else ""),
            headers=request.headers,
            body=request.get_data(),
            arguments=dict(parse_qsl(query, keep_blank_values=True)),
        )

    @property
    def segments(self) -> list[str]:
        """The path below the API's root."""
        return self.path.removeprefix(_API).strip("/").split("/")

    @property
    def options(self) -> dict[str, str]:
        """The query parameters by lower-case name, since the service does not mind the case."""
        return {name.lower(): value for name, value in self.arguments.items()}

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def bearer(self) -> str:
        """The access token, or an empty text."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def vendor_url_length(self) -> int:
        """The length of the address as it would be at the vendor's host."""
        return _HOST_CHARACTERS + len(self.target)

    def accepts(self, media_type: str) -> bool:
        """Whether the client names this media type; a wildcard does not count, XML being the default."""
        return media_type in self.headers.get("Accept", "")

    def json(self) -> Any:
        """The body as JSON with exact numbers. Raises Refused when it is none."""
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            raise Refused(bad_request("The request body is not valid JSON")) from None
