"""OAuth 2 for every connector: asking for consent, and one refresh at a time over all processes.

A rotated pair is saved before the next request is made with it. Sources: RFC 6749, RFC 7636 (PKCE),
and the vendors' pages that the connectors name.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import msgspec

from arsync.errors import Reconnect, Refused, TryLater

if TYPE_CHECKING:
    from arsync.connector.http import Http

# Renewed this long before its end, so that no request leaves with a token that dies on the way.
EARLY = timedelta(minutes=2)
# Errors of the app itself (RFC 6749, section 5.2): another consent alone would end the same way.
_WRONG_APP = ("invalid_client", "unauthorized_client")


class OAuthApp(msgspec.Struct, frozen=True, kw_only=True):
    """A registration in the vendor's developer portal, and where that vendor's OAuth 2 lives.

    Without ``client_secret`` the app is a public client and proves itself by PKCE. ``client_grant``
    marks an app that needs no consent (client credentials, such as a Xero custom connection).
    ``tenant_param`` is the query parameter of the redirect that names the company, if any; ``tenant``
    is the company that it has to name.
    """

    client_id: str
    client_secret: str | None
    authorize_url: str
    token_url: str
    revoke_url: str
    scopes: tuple[str, ...]
    redirect_uri: str
    client_grant: bool = False
    tenant_param: str | None = None
    tenant: str | None = None

    def __repr__(self) -> str:
        return f"OAuthApp(authorize_url={self.authorize_url!r})"


class TokenPair(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor issued. Instants are UTC. ``previous_refresh`` is the token before the last
    rotation, for the vendors that honour it for a while when a reply was lost."""

    access: str
    refresh: str | None
    expires_at: datetime
    refresh_expires_at: datetime | None = None
    previous_refresh: str | None = None

    def __repr__(self) -> str:
        return f"TokenPair(expires_at={self.expires_at.isoformat()})"


class TokenStore(Protocol):
    """Where a book's tokens are kept. ``locked`` spans processes: one refreshes, the others wait."""

    def load(self) -> TokenPair | None: ...
    def save(self, pair: TokenPair) -> None: ...
    def locked(self) -> AbstractContextManager[None]: ...


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One round of asking: the address to open, and what the redirect must bring back."""

    address: str
    state: str
    verifier: str | None

    def __repr__(self) -> str:
        return "Consent(...)"


def ask(app: OAuthApp, place: Callable[[str], str]) -> Consent:
    """A fresh consent. ``place`` maps the vendor's address to where the book's requests go."""
    state = secrets.token_urlsafe(24)
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(app.scopes),
        "state": state,
    }
    verifier = None
    if app.client_secret is None:
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        query["code_challenge"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query["code_challenge_method"] = "S256"
    return Consent(address=f"{place(app.authorize_url)}?{urlencode(query)}", state=state, verifier=verifier)


class Tokens:
    """The tokens of one book: gives a valid access token, renewing it when its time has come."""

    def __init__(self, book: str, store: TokenStore, clock: Callable[[], datetime]) -> None:
        self._book, self._store, self._clock = book, store, clock

    def access(self, app: OAuthApp, http: Http, *, refused: str | None = None) -> str:
        """An access token that is good now. ``refused`` is one that the service just turned down.

        Raises Reconnect when consent is missing or was withdrawn, TryLater when the token service
        cannot be reached.
        """
        pair = self._store.load()
        if self._good(pair, refused):
            assert pair is not None
            return pair.access
        with self._store.locked():
            pair = self._store.load()  # another process may have renewed it while we waited
            if self._good(pair, refused):
                assert pair is not None
                return pair.access
            return self._renewed(app, http, pair).access

    def redeem(self, app: OAuthApp, http: Http, code: str, verifier: str | None) -> TokenPair:
        """Exchange the code of a redirect for the first pair, and save it."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
        if verifier is not None:
            form["code_verifier"] = verifier
        with self._store.locked():
            return self._saved(self._granted(app, http, form), None)

    def _good(self, pair: TokenPair | None, refused: str | None) -> bool:
        return pair is not None and pair.access != refused and self._clock() < pair.expires_at - EARLY

    def _renewed(self, app: OAuthApp, http: Http, pair: TokenPair | None) -> TokenPair:
        if app.client_grant:
            form = {"grant_type": "client_credentials", "scope": " ".join(app.scopes)}
            return self._saved(self._granted(app, http, form), None)
        if pair is None or pair.refresh is None:
            raise Reconnect(f"the book {self._book} is not connected yet: run `arsync connect {self._book}`")
        form = {"grant_type": "refresh_token", "refresh_token": pair.refresh}
        try:
            answer = self._granted(app, http, form)
        except Reconnect:
            # The reply of the last rotation may have been lost on the way: some vendors honour the
            # token before it for a while (Xero: 30 minutes).
            if pair.previous_refresh is None or pair.previous_refresh == pair.refresh:
                raise
            form = {"grant_type": "refresh_token", "refresh_token": pair.previous_refresh}
            answer = self._granted(app, http, form)
        if answer.refresh_token is None:  # no rotation: the one that was used goes on (RFC 6749, section 6)
            answer.refresh_token = form["refresh_token"]
        return self._saved(answer, pair.refresh)

    def _granted(self, app: OAuthApp, http: Http, form: dict[str, str]) -> _Grant:
        auth = None
        if app.client_secret is None:
            form = {**form, "client_id": app.client_id}
        else:
            auth = (app.client_id, app.client_secret)
        answer = http.token_call(app.token_url, form, auth)
        if answer.status_code in (400, 401):
            word = _error_of(answer.content)
            if word in _WRONG_APP:
                problem = f"the service does not accept the app of the book {self._book} ({word}): compare "
                problem += "client_id and client_secret with those in the vendor's portal, then"
            else:
                problem = f"the authorisation of the book {self._book} is not valid any more ({word}):"
            raise Reconnect(f"{problem} run `arsync connect {self._book}`")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise TryLater(f"the token service answered {answer.status_code}; try again in a few minutes")
        if answer.status_code != 200:
            raise Refused(f"the token service answered {answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=_Grant)
        except msgspec.DecodeError:
            raise TryLater("the token service gave an answer that is not a token; try again later") from None

    def _saved(self, grant: _Grant, previous: str | None) -> TokenPair:
        now = self._clock()
        lasting = grant.x_refresh_token_expires_in
        pair = TokenPair(
            access=grant.access_token,
            refresh=grant.refresh_token,
            expires_at=now + timedelta(seconds=grant.expires_in),
            refresh_expires_at=now + timedelta(seconds=lasting) if lasting else None,
            previous_refresh=previous,
        )
        self._store.save(pair)
        return pair


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: int = 1800
    refresh_token: str | None = None
    x_refresh_token_expires_in: int | None = None


class _TokenError(msgspec.Struct):
    error: str = "refused"


def _error_of(body: bytes) -> str:
    """The error word of RFC 6749 5.2; anything else of the body stays unread."""
    try:
        word = msgspec.json.decode(body, type=_TokenError).error
    except msgspec.DecodeError:
        return "refused"
    return word if word.isidentifier() and len(word) <= 40 else "refused"
