"""The simulated service: all of the vendor's hosts behind one WSGI application."""

from __future__ import annotations

import gzip
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from .accounting import Accounting
from .calls import Call, CallLog, endpoint_of
from .clock import Clock, SandboxClock
from .company import Company
from .control import Control
from .faults import Fault, Faults
from .idempotency import Idempotency, fingerprint
from .limits import Limits
from .mishaps import DropConnection, carried_out, dated, delivered, instead
from .oauth import Identity
from .reply import HTML, Refused, Reply, forbidden, unauthorized
from .request import Asked
from .rules import Rules
from .scopes import DEFAULT, accepted
from .serving import Server
from .tokens import Tokens
from .wire import Row, to_xml

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
_API = "/api.xro/2.0/"
_WRITES = ("PUT", "POST", "PATCH")


class XeroSimulator:
    """Xero for one app and some organisations; a WSGI application that `serve` puts on a socket.

    `rules` may be replaced while it runs. `faults` makes requests go wrong, `calls` tells what was asked,
    `crashes` holds tracebacks of faults of the simulator's own, which answer 500.
    """

    def __init__(
        self,
        companies: Iterable[Company],
        client_id: str = "sandbox-client",
        client_secret: str = "sandbox-secret",  # noqa: S107 - a sandbox has no secrets
        clock: Clock | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.companies = {company.tenant: company for company in companies}
        first = next(iter(self.companies.values()), None)
        self.clock = SandboxClock.over(clock or (first.clock if first else None))
        self.rules = rules or Rules()
        self.faults = Faults()
        self.calls = CallLog()
        self.crashes: list[str] = []
        self.before: Callable[[str, str, bytes], object] = lambda *_: None
        """Called with each request before it is answered; it may change the organisations."""
        self.tokens = Tokens(self.companies.values(), self.clock)
        self.identity = Identity(client_id, client_secret, self.tokens, self.clock)
        self.limits = Limits(self.clock)
        self._idempotency = Idempotency(self.clock)
        self._accounting = Accounting()
        self._control = Control(self)

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> Server:
        """Answer on a socket from now on; port 0 takes a free one. Close the server when done."""
        return Server(self, host, port, before_close=self.faults.release)

    def grant(self, scopes: Iterable[str] | None = None) -> Row:
        """Tokens as after a consent in the browser, by default for the scopes a reader of receivables has."""
        consent = self.tokens.consent(DEFAULT if scopes is None else scopes)
        return self.tokens.issue(consent, self.rules)

    def expire_access_tokens(self) -> None:
        """End every access token now; refresh tokens stay."""
        self.tokens.expire_access()

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        """Push the clocks of the service and of every organisation forward."""
        for clock in {id(each): each for each in (self.clock, *self._clocks())}.values():
            clock.advance(seconds=seconds, days=days)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        asked = Asked.of(environ)
        if asked.path.startswith("/_sandbox"):
            return self._start(asked, self._control.answer(asked), None, start_response)
        self.before(asked.method, asked.target, asked.body)
        fault = self.faults.take(asked.method, asked.target)
        try:
            reply = self._reply(asked, fault)
        except DropConnection:
            self._log(asked, 0)
            raise
        self._log(asked, reply.status)
        return self._start(asked, reply, fault, start_response)

    def _reply(self, asked: Asked, fault: Fault | None) -> Reply:
        try:
            if asked.path.startswith(_API):
                return self._api(asked, fault)
            planned = instead(fault)
            reply = planned if planned is not None else self._identity_host(asked)
            return carried_out(fault, reply)
        except Refused as refused:
            return refused.reply
        except DropConnection:
            raise
        except Exception:  # noqa: BLE001 a fault of the simulator must not look like one of the client
            self.crashes.append(traceback.format_exc())
            return Reply(500, b"simulator fault, see `crashes`", "text/plain")

    def _identity_host(self, asked: Asked) -> Reply:
        authorization = asked.headers.get("Authorization")
        match (asked.method, asked.path):
            case ("GET", "/identity/connect/authorize"):
                return self.identity.authorize(asked.arguments, self.rules)
            case ("POST", "/connect/token"):
                return self.identity.token(asked.form, authorization, self.rules)
            case ("POST", "/connect/revocation"):
                return self.identity.revoke(asked.form, authorization)
            case ("GET", "/connections" | "/Connections"):
                self._consent(asked)
                return self.identity.connections(asked.arguments.get("authEventId"))
            case ("DELETE", path) if path.lower().startswith("/connections/"):
                self._consent(asked)
                return self.identity.disconnect(path.rsplit("/", 1)[1])
        return Reply(404, b"<html><body><h1>404</h1></body></html>", HTML)

    def _api(self, asked: Asked, fault: Fault | None) -> Reply:
        tenant = asked.headers.get("xero-tenant-id", "")
        try:
            reply = self._admitted(asked, tenant, fault)
        except Refused as refused:
            reply = refused.reply
        reply.headers = self.limits.headers(tenant, self.rules) | reply.headers
        if reply.content_type.startswith("application/json") and not asked.accepts("application/json"):
            reply = _as_xml(reply)
        return reply

    def _admitted(self, asked: Asked, tenant: str, fault: Fault | None) -> Reply:
        if asked.vendor_url_length > self.rules.url_characters:
            return Reply(414, b"<html><body><h1>414 URI Too Long</h1></body></html>", HTML)
        scopes = self._consent(asked)
        books = self.companies.get(tenant.lower())
        if books is None or not self.tokens.connected(books.tenant):
            raise Refused(forbidden())
        with self.limits.slot(books.tenant, self.rules):
            wanted = accepted(asked.method, asked.segments)
            if wanted and not wanted & set(scopes):
                return unauthorized("AuthorizationUnsuccessful", WWW_Authenticate="insufficient_scope")
            reply = self._keyed(books, asked, fault)
            return carried_out(fault, reply)

    def _keyed(self, books: Company, asked: Asked, fault: Fault | None) -> Reply:
        """The answer under the request's idempotency key, if it is a write and has one.

        An unhandled error is the API's own answer and therefore remembered; what the gateway in front of
        it says (429, 503, ...) is not.
        """
        remembered = fault is not None and fault.kind == "500"
        planned = None if remembered else instead(fault)
        if planned is not None:
            return planned

        def act() -> Reply:
            broken = instead(fault) if remembered else None
            if broken is not None:
                return broken
            try:
                return self._accounting.answer(books, asked, self.rules)
            except Refused as refused:
                return refused.reply

        key = asked.headers.get("Idempotency-Key") if asked.method in _WRITES else None
        mark = fingerprint(asked.method, f"{books.tenant} {asked.target}", asked.body)
        return self._idempotency.once(key, mark, self.rules, act)

    def _consent(self, asked: Asked) -> tuple[str, ...]:
        """The scopes of the caller. Raises Refused with 401."""
        consent, expired = self.tokens.holder(asked.bearer)
        if consent is None:
            raise Refused(unauthorized("AuthenticationUnsuccessful"))
        if expired:
            raise Refused(unauthorized(f"TokenExpired: token expired at {self.clock():%m/%d/%Y %H:%M:%S}"))
        return consent.scopes

    def _start(
        self, asked: Asked, reply: Reply, fault: Fault | None, start_response: StartResponse
    ) -> Iterator[bytes]:
        headers = dict(reply.headers) | dated(fault, self.clock())
        body = reply.body
        if body:
            headers["Content-Type"] = reply.content_type
            if "gzip" in asked.headers.get("Accept-Encoding", ""):
                body = gzip.compress(body, compresslevel=1, mtime=0)
                headers["Content-Encoding"] = "gzip"
        if reply.status != 204:
            headers["Content-Length"] = str(len(body))
        start_response(f"{reply.status} {_REASONS.get(reply.status, 'Unknown')}", list(headers.items()))
        return delivered(body, fault)

    def _log(self, asked: Asked, status: int) -> None:
        self.calls.add(
            Call(
                at=self.clock(),
                method=asked.method,
                target=asked.target,
                endpoint=endpoint_of(asked.method, asked.path),
                status=status,
                tenant=asked.headers.get("xero-tenant-id"),
                idempotency_key=asked.headers.get("Idempotency-Key"),
                body=asked.body,
            )
        )

    def _clocks(self) -> list[SandboxClock]:
        return [company.clock for company in self.companies.values()]


_REASONS = {
    200: "OK",
    204: "No Content",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    412: "Precondition Failed",
    414: "URI Too Long",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}


def _as_xml(reply: Reply) -> Reply:
    root = "ApiException" if reply.status == 400 else "Response"
    body = to_xml(reply.body, root) if reply.body else b""
    return replace(reply, body=body, content_type="text/xml; charset=utf-8")
