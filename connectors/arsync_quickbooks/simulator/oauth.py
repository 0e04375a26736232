"""Tokens, as the authorisation server hands them out.

https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import fault

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 8726400
HARD_EXPIRY_SECONDS = 5 * 365 * 86400
_CODE_LIFE = timedelta(minutes=5)


class Refused(Exception):
    """The token endpoint's own kind of error: a status and a word."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


@dataclass
class Grant:
    """One consent for one company; all its tokens fall with it, at the latest when it ``ends``."""

    realm: str
    revoked: bool = False
    ends: datetime | None = None


@dataclass
class _Token:
    grant: Grant
    expires: datetime


@dataclass
class _Code:
    realm: str
    redirect_uri: str
    expires: datetime


class Tokens:
    """Codes, access tokens and refresh tokens.

    Every refresh gives a new refresh token; the one before stays good for ``grace``. Zero makes it stale at
    once: both are told of the real service.
    """

    def __init__(self, now: Callable[[], datetime], grace: timedelta = timedelta(hours=24)) -> None:
        self.grace = grace
        self.hard_seconds = HARD_EXPIRY_SECONDS
        """How long a consent lasts, however often it is renewed."""
        self._now = now
        self._lock = threading.Lock()
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}

    def code(self, realm: str, redirect_uri: str) -> str:
        """A code that may be exchanged once, within minutes, from the same address."""
        code = "AB" + secrets.token_urlsafe(30)
        with self._lock:
            self._codes[code] = _Code(realm, redirect_uri, self._now() + _CODE_LIFE)
        return code

    def exchange(self, code: str, redirect_uri: str) -> dict[str, Any]:
        """Tokens for a code; ``Refused`` if it is used up, too old, or came from another address."""
        with self._lock:
            found = self._codes.pop(code, None)
        if found is None or found.redirect_uri != redirect_uri or found.expires <= self._now():
            raise Refused("invalid_grant")
        return self.issue(Grant(found.realm))

    def issue(self, grant: Grant) -> dict[str, Any]:
        """New tokens for a consent, in the form of the token endpoint's answer."""
        access, refresh = "AB0" + secrets.token_urlsafe(45), "AB1" + secrets.token_urlsafe(35)
        now = self._now()
        if grant.ends is None:
            grant.ends = now + timedelta(seconds=self.hard_seconds)
        with self._lock:
            self._access[access] = _Token(grant, now + timedelta(seconds=ACCESS_SECONDS))
            self._refresh[refresh] = _Token(grant, min(now + timedelta(seconds=REFRESH_SECONDS), grant.ends))
        return {
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
            "x_refresh_token_expires_in": REFRESH_SECONDS,
            "x_refresh_token_hard_expires_in": int((grant.ends - now).total_seconds()),
            "access_token": access,
            "refresh_token": refresh,
        }

    def refresh(self, token: str) -> dict[str, Any]:
        """New tokens for a refresh token; ``Refused`` if it is unknown, stale or revoked."""
        now = self._now()
        with self._lock:
            found = self._refresh.get(token)
            if found is None or found.grant.revoked or found.expires <= now:
                raise Refused("invalid_grant")
            found.expires = min(found.expires, now + self.grace)
        return self.issue(found.grant)

    def revoke(self, token: str) -> None:
        """End the consent to which this token belongs; ``Refused`` if there is none."""
        with self._lock:
            found = self._refresh.get(token) or self._access.get(token)
            if found is None:
                raise Refused("invalid_request")
            found.grant.revoked = True

    def expire_access_tokens(self) -> None:
        """All access tokens end now."""
        with self._lock:
            for token in self._access.values():
                token.expires = min(token.expires, self._now())

    def check(self, authorization: str | None, realm: str) -> None:
        """Fault 3200 unless the header bears a token in force, 3100 if it is another company's."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise fault.unauthorised("Malformed bearer token: bearer null")
        with self._lock:
            found = self._access.get(token)
        if found is None:
            raise fault.unauthorised("Malformed bearer token: unknown token")
        if found.grant.revoked:
            raise fault.unauthorised("Token revoked")
        if found.expires <= self._now():
            raise fault.expired(token)
        if found.grant.realm != realm:
            raise fault.wrong_company()
