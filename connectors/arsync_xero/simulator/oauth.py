"""The identity service: authorise, token, revocation and connections.

Consent is given at once. Redirects go to https or http://localhost; 127.0.0.1 is refused, as Xero does
(developer.xero.com, "OAuth 2.0 authorization code flow" and "PKCE flow").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from .clock import SandboxClock
from .reply import HTML, Refused, Reply
from .rules import Rules
from .scopes import unknown
from .tokens import Consent, Tokens


@dataclass(frozen=True, slots=True)
class Code:
    """An authorisation code waiting to be exchanged."""

    consent: Consent
    redirect_uri: str
    challenge: str
    ends: float


class Identity:
    """The OAuth endpoints for one app."""

    def __init__(self, client_id: str, client_secret: str, tokens: Tokens, clock: SandboxClock) -> None:
        self.client_id = client_id
        self.denies_consent = False
        self._client_secret = client_secret
        self._tokens = tokens
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._lock = threading.Lock()

    def authorize(self, asked: Mapping[str, str], rules: Rules) -> Reply:
        """Send the browser back with a code, or show an error page when it cannot be sent back."""
        redirect = asked.get("redirect_uri", "")
        scopes = asked.get("scope", "").split()
        if asked.get("client_id") != self.client_id:
            return _page("unauthorized_client", "Unknown client or client not enabled")
        if not _may_return_to(redirect):
            return _page("invalid_request", "Invalid redirect_uri")
        if asked.get("response_type") != "code":
            return _page("unsupported_response_type", "response_type must be code")
        refused = unknown(scopes, broad_allowed=rules.broad_scopes)
        if refused or not scopes:
            return _page("invalid_scope", f"Invalid scope for client: {' '.join(sorted(refused))}")
        challenge = asked.get("code_challenge", "")
        if challenge and asked.get("code_challenge_method") != "S256":
            return _page("invalid_request", "Transform algorithm not supported")
        state = {"state": asked["state"]} if "state" in asked else {}
        if self.denies_consent:
            return _redirect(redirect, {"error": "access_denied"} | state)
        code = secrets.token_urlsafe(24)
        consent = self._tokens.consent(scopes, public=bool(challenge))
        with self._lock:
            ends = self._clock.seconds() + rules.code_seconds
            self._codes[code] = Code(consent, redirect, challenge, ends)
        return _redirect(redirect, {"code": code, "scope": " ".join(scopes)} | state)

    def token(self, form: Mapping[str, str], authorization: str | None, rules: Rules) -> Reply:
        """Exchange a code, a refresh token or the app's own credentials for tokens."""
        grant = form.get("grant_type")
        if grant == "authorization_code":
            consent = self._redeem(form, authorization)
        elif grant == "refresh_token":
            return self._refresh(form, authorization, rules)
        elif grant == "client_credentials":
            self._authenticate(form, authorization, public=False)
            scopes = form.get("scope", "").split()
            if not scopes or unknown(scopes, broad_allowed=rules.broad_scopes):
                return _error("invalid_scope")
            consent = self._tokens.consent(scopes, machine=True)
        else:
            return _error("unsupported_grant_type")
        return Reply.json(200, self._tokens.issue(consent, rules))

    def revoke(self, form: Mapping[str, str], authorization: str | None) -> Reply:
        """Revoke a refresh token; an unknown one is no error (RFC 7009, section 2.2)."""
        consent = self._tokens.refreshable(form.get("token", ""))
        self._authenticate(form, authorization, public=consent is not None and consent.public)
        self._tokens.revoke(form.get("token", ""))
        return Reply(200)

    def connections(self, event: str | None) -> Reply:
        """The connected organisations, those of one authorisation when its event id is given."""
        return Reply.json(
            200,
            [
                {
                    "id": each.id,
                    "authEventId": each.event,
                    "tenantId": each.tenant,
                    "tenantType": "ORGANISATION",
                    "tenantName": each.name,
                    "createdDateUtc": each.created,
                    "updatedDateUtc": each.created,
                }
                for each in self._tokens.connections()
                if event in (None, each.event)
            ],
        )

    def disconnect(self, connection_id: str) -> Reply:
        """Remove one connection."""
        return Reply(204) if self._tokens.disconnect(connection_id) else Reply(404)

    def _redeem(self, form: Mapping[str, str], authorization: str | None) -> Consent:
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if code is None or self._clock.seconds() >= code.ends:
            raise Refused(_error("invalid_grant"))
        self._authenticate(form, authorization, public=code.consent.public)
        if form.get("redirect_uri") != code.redirect_uri:
            raise Refused(_error("invalid_grant"))
        if code.challenge and not _proves(form.get("code_verifier", ""), code.challenge):
            raise Refused(_error("invalid_grant"))
        return code.consent

    def _refresh(self, form: Mapping[str, str], authorization: str | None, rules: Rules) -> Reply:
        token = form.get("refresh_token", "")
        consent = self._tokens.refreshable(token)
        self._authenticate(form, authorization, public=consent is not None and consent.public)
        if consent is None:
            return _error("invalid_grant")
        return Reply.json(200, self._tokens.rotate(token, rules))

    def _authenticate(self, form: Mapping[str, str], authorization: str | None, *, public: bool) -> None:
        """The app's own credentials, by Basic or in the form; a public client has only its id."""
        client, secret = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if public and not secret:
            known = client == self.client_id
        else:
            known = client == self.client_id and hmac.compare_digest(secret, self._client_secret)
        if not known:
            raise Refused(_error("invalid_client"))


def _may_return_to(redirect: str) -> bool:
    parts = urlsplit(redirect)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname == "localhost"


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


def _basic(authorization: str | None) -> tuple[str, str] | None:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client, secret


def _error(name: str) -> Reply:
    return Reply.json(400, {"error": name})


def _redirect(target: str, answer: Mapping[str, str]) -> Reply:
    joint = "&" if urlsplit(target).query else "?"
    return Reply(302, headers={"Location": f"{target}{joint}{urlencode(answer)}"})


def _page(error: str, text: str) -> Reply:
    body = f"<html><body><h1>Sorry, something went wrong</h1><p>Error: {error}</p><p>{escape(text)}</p>"
    return Reply(400, f"{body}</body></html>".encode(), HTML)
