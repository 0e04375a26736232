"""The simulator: companies behind the vendor's addresses, with its limits, mishaps and a log of calls."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

from . import api, fault, sign_in, wire
from .calls import Call
from .company import Company
from .control import Control
from .mishaps import Dropped, FaultRules, canned, perform
from .oauth import Grant, Tokens
from .reply import Reply
from .server import RunningServer
from .throttle import Limits, Throttle

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_TOKEN_ENDPOINTS = {sign_in.AUTHORISE: "authorise", sign_in.TOKEN: "token", sign_in.REVOKE: "revoke"}


class QuickBooksSimulator:
    """All hosts of QuickBooks Online on one server, paths unchanged.

    ``clock`` decides when tokens expire; without one it is the first company's. ``limits`` are the vendor's
    unless given; ``Limits.off()`` for none. ``refresh_grace`` is how long a refresh token stays good after it
    was used. ``consenting`` is the realm that the next consent is for, at first the first company's.
    """

    def __init__(
        self,
        companies: Sequence[Company],
        client_id: str = "sandbox-client",
        client_secret: str = "sandbox-secret",  # noqa: S107 - the sandbox's own
        clock: Callable[[], datetime] | None = None,
        *,
        limits: Limits | None = None,
        redirect_uris: Collection[str] = (),
        refresh_grace: timedelta = timedelta(hours=24),
    ) -> None:
        self.companies = {company.realm: company for company in companies}
        self.consenting = companies[0].realm
        self.tokens = Tokens(clock or companies[0].now, refresh_grace)
        self.throttle = Throttle(limits or Limits())
        self.faults: FaultRules = FaultRules()
        self.calls: list[Call] = []
        """API calls in the order of their answers, those for tokens apart."""
        self.token_calls: list[Call] = []
        self.before: Callable[[str, str, bytes], object] = lambda *_: None
        """Called with each request (path with query) before it is answered; it may change the companies."""
        self._log_lock = threading.Lock()
        self._sign_in = sign_in.SignIn(self.tokens, client_id, client_secret, redirect_uris)
        self._control = Control(self)

    # ---- for tests

    @property
    def limits(self) -> Limits:
        return self.throttle.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.throttle.limits = limits

    @property
    def counts(self) -> Counter[str]:
        """API calls by endpoint."""
        return Counter(call.endpoint for call in self.calls)

    def grant(self, realm: str) -> dict[str, Any]:
        """Tokens for a company without the round through a browser, as the token endpoint would answer."""
        return self.tokens.issue(Grant(self.companies[realm].realm))

    def expire_access_tokens(self) -> None:
        """All access tokens end now; refresh tokens stay good."""
        self.tokens.expire_access_tokens()

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> RunningServer:
        """Answer on a loopback address until closed; port 0 takes a free one."""
        return RunningServer(self, host, port, self.faults.closing)

    # ---- answering

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data(cache=True)
        if request.path.startswith("/_sandbox"):
            return _sent(self._control.answer(request, body), start_response)
        try:
            reply = self._met(request, body)
        except Dropped:
            self._log(request, body, 0, 0)
            raise
        reply.packed(request.headers.get("Accept-Encoding", ""))
        self._log(request, body, reply.status, len(reply.body))
        return _sent(reply, start_response)

    def _met(self, request: Request, body: bytes) -> Reply:
        """The answer, or the mishap that strikes it."""
        self.before(request.method, request.full_path.rstrip("?"), body)
        rule = self.faults.strike(request.method, request.full_path.rstrip("?"), body)
        if rule is None:
            return self._answered(request, body)
        connection = request.environ["werkzeug.socket"]
        now = next(iter(self.companies.values())).now()
        return perform(rule, lambda: self._answered(request, body), connection, self.faults.closing, now)

    def _answered(self, request: Request, body: bytes) -> Reply:
        if request.path in _TOKEN_ENDPOINTS:
            return self._sign_in.answer(request, self.consenting)
        realm, rest = _api_path(request.path)
        company = self.companies.get(realm) or next(iter(self.companies.values()))
        try:
            if not rest:
                return Reply(404, b"")
            self.tokens.check(request.headers.get("Authorization"), realm)
            if realm not in self.companies:
                raise fault.wrong_company()
            if not self.throttle.admits(realm, batch=rest == "batch"):
                return canned(self.limits.style, company.now(), self.limits.retry_after)
            return api.answer(company, rest, request, body)
        except fault.Fault as refused:
            json = wire.encode(refused.body(company.now()))
            return Reply(refused.status, json, "application/json")

    def _log(self, request: Request, body: bytes, status: int, size: int) -> None:
        endpoint = _TOKEN_ENDPOINTS.get(request.path)
        log = self.token_calls if endpoint else self.calls
        realm, rest = _api_path(request.path)
        statement = ""
        if rest == "query":
            sent = body.decode("utf-8", "replace")
            statement = sent if request.method == "POST" else request.args.get("query", "")
        call = Call(
            request.method,
            request.path,
            statement,
            status,
            endpoint or api.endpoint(request.method, rest),
            realm,
            size,
            request.args.get("requestid", ""),
        )
        with self._log_lock:
            log.append(call)


def _api_path(path: str) -> tuple[str, str]:
    """The realm and what follows it; empty for a path that is not the API's."""
    parts = path.split("/", 4)
    if len(parts) == 5 and parts[1:3] == ["v3", "company"]:
        return parts[3], parts[4]
    return "", ""


def _sent(reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    start_response(reply.status_line, reply.header_list())
    return reply.pieces if reply.pieces is not None else [reply.body]
