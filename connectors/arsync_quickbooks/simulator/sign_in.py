"""The pages and addresses of OAuth 2: consent, tokens, revocation."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Request

from . import wire
from .oauth import Refused, Tokens
from .reply import HTML, Reply

AUTHORISE = "/connect/oauth2"
TOKEN = "/oauth2/v1/tokens/bearer"  # noqa: S105 - a path
REVOKE = "/v2/oauth2/tokens/revoke"
SCOPE = "com.intuit.quickbooks.accounting"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SignIn:
    """One app, known by its id and secret and by the addresses to which consent may return.

    Any loopback address may be returned to, as with development keys.
    """

    def __init__(
        self, tokens: Tokens, client_id: str, client_secret: str, redirect_uris: Collection[str] = ()
    ) -> None:
        self._tokens = tokens
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uris = frozenset(redirect_uris)

    def answer(self, request: Request, realm: str) -> Reply:
        """``realm`` is the company to which a person would consent."""
        if request.path == AUTHORISE and request.method == "GET":
            return self._authorise(request, realm)
        if request.method != "POST":
            return Reply(405, b"")
        try:
            self._check_client(request)
            if request.path == REVOKE:
                return self._revoke(request)
            return Reply(200, wire.encode(self._token(request)))
        except Refused as refused:
            return Reply(refused.status, wire.encode({"error": refused.error}))

    def _authorise(self, request: Request, realm: str) -> Reply:
        asked = request.args
        problem = self._problem(asked.get("redirect_uri", ""), asked)
        if problem:
            page = f"<html><body><h1>Sorry, but this app did not connect</h1><p>{problem}</p></body></html>"
            return Reply(400, page.encode(), HTML)
        redirect_uri = asked["redirect_uri"]
        code = self._tokens.code(realm, redirect_uri)
        query = urlencode({"code": code, "state": asked["state"], "realmId": realm})
        joint = "&" if urlsplit(redirect_uri).query else "?"
        return Reply(302, b"", HTML, {"Location": f"{redirect_uri}{joint}{query}"})

    def _problem(self, redirect_uri: str, asked: Any) -> str | None:
        if asked.get("client_id") != self._client_id:
            return "The client_id query parameter is unknown."
        if asked.get("response_type") != "code":
            return "The response_type query parameter must be code."
        if SCOPE not in asked.get("scope", "").split():
            return "The scope query parameter is invalid."
        if redirect_uri not in self._redirect_uris and urlsplit(redirect_uri).hostname not in _LOOPBACK:
            return "The redirect_uri query parameter value is invalid."
        return None if asked.get("state") else "The state query parameter is missing."

    def _check_client(self, request: Request) -> None:
        given = request.authorization
        known = (
            given is not None
            and given.type == "basic"
            and hmac.compare_digest(given.username or "", self._client_id)
            and hmac.compare_digest(given.password or "", self._client_secret)
        )
        if not known:
            raise Refused("invalid_client", 401)

    def _token(self, request: Request) -> dict[str, Any]:
        form = request.form
        if form.get("grant_type") == "authorization_code":
            issued = self._tokens.exchange(form.get("code", ""), form.get("redirect_uri", ""))
        elif form.get("grant_type") == "refresh_token":
            issued = self._tokens.refresh(form.get("refresh_token", ""))
        else:
            raise Refused("unsupported_grant_type")
        if request.headers.get("x-include-refresh-token-hard-expires-in", "").lower() != "true":
            del issued["x_refresh_token_hard_expires_in"]
        return issued

    def _revoke(self, request: Request) -> Reply:
        given = wire.decode(request.get_data()) if request.mimetype == "application/json" else request.form
        self._tokens.revoke(str(given.get("token", "")))
        return Reply(200, b"")
