"""OAuth 2 for every connector: asking for consent, and one refresh at a time over all processes.

A rotated pair is saved before the next request is made with it. Sources: RFC 6749, RFC 7636 (PKCE),
and the vendors' pages that the connectors name.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

import msgspec

from arsync.connector.mending import NOT_JSON
from arsync.errors import ArsyncError, Reconnect, Refused, TryLater

if TYPE_CHECKING:
    import requests

    from arsync.connector.http import Http

# Renewed this long before its end, so that no request leaves with a token that dies on the way; of a
# token that lives shorter than four times this, at three quarters of its life.
EARLY = timedelta(minutes=2)
# Lives of tokens in seconds: what a service says is kept within these, where it says nothing the first
# holds. A token that is said to be over at once would be renewed before each request.
_UNTOLD, _SHORTEST, _LONGEST = 1800, 60, 86_400
_LONGEST_CONSENT = 20 * 365 * 86_400
# Errors of the app itself (RFC 6749, section 5.2): another consent alone would end the same way.
_WRONG_APP = ("invalid_client", "unauthorized_client")
# What a token is made of (RFC 6749, A.12); anything else breaks the header that it is sent in.
_TOKEN = re.compile(r"[\x21-\x7e]+")
# All that a token service says of itself (RFC 6749, 5.2; RFC 7009, 2.2.1); another word could be anything.
_ERRORS = (
    *_WRONG_APP,
    *(
        "invalid_request",
        "invalid_grant",
        "unsupported_grant_type",
        "invalid_scope",
        "unsupported_token_type",
    ),
    *("access_denied", "temporarily_unavailable", "server_error"),
)


class OAuthApp(msgspec.Struct, frozen=True, kw_only=True):
    """A registration in the vendor's developer portal, and where that vendor's OAuth 2 lives.

    Without ``client_secret`` the app is a public client and proves itself by PKCE. ``client_grant``
    marks an app that needs no consent (client credentials, such as a Xero custom connection).
    ``tenant_param`` is the query parameter of the redirect that names the company, if any; ``tenant``
    is the company that it has to name. ``idle_days`` is how long an unused consent lasts where the
    service does not tell, ``token_headers`` go with each request for tokens, and ``revoke_json`` marks a
    service that takes what is to be revoked as JSON instead of a form (RFC 7009).
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
    idle_days: int | None = None
    token_headers: Mapping[str, str] = {}
    revoke_json: bool = False

    def __repr__(self) -> str:
        return f"OAuthApp(authorize_url={self.authorize_url!r})"


class TokenPair(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor issued. Instants are UTC. ``previous_refresh`` is the token before the last
    rotation, for the vendors that honour it for a while when a reply was lost; it is kept until the new
    one is ``proven`` by a call that went through. ``refresh_expires_at`` is when an unused consent ends,
    ``consent_ends_at`` the vendor's last day for it, whatever is renewed."""

    access: str
    refresh: str | None
    expires_at: datetime
    refresh_expires_at: datetime | None = None
    previous_refresh: str | None = None
    consented_at: datetime | None = None
    renewed_at: datetime | None = None
    consent_ends_at: datetime | None = None
    proven: bool = True

    def __repr__(self) -> str:
        return f"TokenPair(expires_at={self.expires_at.isoformat()})"


class Unreadable(Reconnect):
    """Tokens are stored, but the key that opens them is lost or another one."""


class Ended(Reconnect):
    """The service says that a token or a code has ended, was used up or withdrawn."""


class WrongApp(Reconnect):
    """It is the app that is not accepted, with whatever token."""


class TokenStore(Protocol):
    """Where a book's tokens are kept."""

    def ready(self) -> None:
        """Make sure that a pair can be saved. Raises FixSettings."""
        ...

    def load(self) -> TokenPair | None:
        """Raises Unreadable."""
        ...

    def save(self, pair: TokenPair) -> None:
        """The pair is kept for good when this returns."""
        ...

    def prove(self, access: str) -> None:
        """The pair with this access token is proven; the refresh token before it is forgotten."""
        ...

    def forget(self) -> None: ...

    def locked(self) -> AbstractContextManager[None]:
        """Spans processes: one refreshes, the others wait. Raises TryLater."""
        ...


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """One round of asking: the address to open, and what the redirect must bring back."""

    address: str
    state: str
    verifier: str | None

    def __repr__(self) -> str:
        return "Consent(...)"


def ask(app: OAuthApp, place: Callable[[str], str]) -> Consent:
    """A fresh consent. ``place`` maps the vendor's address to where the book's requests go.

    PKCE stands in for a secret; beside one it is left out: Intuit's discovery document names no challenge
    method, and Xero describes it for apps without a secret alone.
    """
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
        self._unproven: str | None = None

    def access(self, app: OAuthApp, http: Http, *, refused: str | None = None) -> str:
        """An access token that is good now. ``refused`` is one that the service just turned down.

        Raises Reconnect when consent is missing or was withdrawn, TryLater when the token service
        cannot be reached.
        """
        pair = self._loaded(app)
        if pair is None or not self._good(pair, refused):
            with self._store.locked():
                pair = self._loaded(app)  # another process may have renewed it while we waited
                if pair is None or not self._good(pair, refused):
                    pair = self._renewed(app, http, pair)
        self._unproven = None if pair.proven else pair.access
        return pair.access

    def accepted(self, access: str | None) -> None:
        """A call with this access token went through; called by a connector for each such call. The pair
        before it is then forgotten; where that cannot be stored now, it is kept a little longer."""
        if access is not None and access == self._unproven:
            self._unproven = None
            with suppress(ArsyncError):
                self._store.prove(access)

    def ready(self) -> None:
        """Make sure that new tokens can be kept, before anybody is asked for them. Raises FixSettings."""
        self._store.ready()

    def redeem(self, app: OAuthApp, http: Http, code: str, verifier: str | None) -> TokenPair:
        """Exchange the code of a redirect for the first pair, and save it."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
        if verifier is not None:
            form["code_verifier"] = verifier
        with self._store.locked():
            return self._saved(app, self._granted(app, http, form), None, None)

    def revoke(self, app: OAuthApp, http: Http) -> None:
        """Withdraw the consent at the service; what is stored here stays. Nothing happens without tokens.

        Raises TryLater when the service cannot be reached, Refused when it will not.
        """
        with self._store.locked():
            pair = self._store.load()
            if pair is None:
                return
            form = {"token": pair.refresh or pair.access}
            answer = self._asked(app, http, app.revoke_url, form, as_json=app.revoke_json)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise TryLater(f"the token service answered {answer.status_code}; try again in a few minutes")
        if not 200 <= answer.status_code < 300:
            word = _error_of(answer.content)
            raise Refused(f"the token service did not withdraw the access ({answer.status_code} {word})")

    def forget(self) -> None:
        """Remove what is stored here."""
        with self._store.locked():
            self._store.forget()

    def _loaded(self, app: OAuthApp) -> TokenPair | None:
        try:
            return self._store.load()
        except Unreadable:
            if app.client_grant:  # nobody has to be asked for another
                return None
            raise

    def _good(self, pair: TokenPair, refused: str | None) -> bool:
        """By our own clock alone: an end was reckoned by it too, so that a clock that is wrong or steps
        costs one renewal and no more."""
        early = EARLY
        if pair.renewed_at is not None:
            early = min(EARLY, (pair.expires_at - pair.renewed_at) / 4)
        return pair.access != refused and self._clock() < pair.expires_at - early

    def _renewed(self, app: OAuthApp, http: Http, pair: TokenPair | None) -> TokenPair:
        if app.client_grant:
            self._store.ready()
            form = {"grant_type": "client_credentials", "scope": " ".join(app.scopes)}
            return self._saved(app, self._granted(app, http, form), None, None)
        if pair is None or pair.refresh is None:
            raise Reconnect(f"the book {self._book} is not connected yet: run `arsync connect {self._book}`")
        form = {"grant_type": "refresh_token", "refresh_token": pair.refresh}
        try:
            answer = self._granted(app, http, form)
        except WrongApp:
            raise
        except Reconnect:
            # The reply of the last rotation may have been lost on the way: some vendors honour the
            # token before it for a while (Xero: 30 minutes, QuickBooks: up to a day).
            if pair.previous_refresh is None or pair.previous_refresh == pair.refresh:
                raise
            form = {"grant_type": "refresh_token", "refresh_token": pair.previous_refresh}
            answer = self._granted(app, http, form)
        if not answer.refresh_token:  # no rotation: the one that was used goes on (RFC 6749, section 6)
            answer.refresh_token = form["refresh_token"]
        return self._saved(app, answer, pair, form["refresh_token"])

    def _granted(self, app: OAuthApp, http: Http, form: dict[str, str]) -> _Grant:
        answer = self._asked(app, http, app.token_url, form)
        if answer.status_code in (400, 401):
            word = _error_of(answer.content)
            command = f"`arsync connect {self._book}`"
            if word in _WRONG_APP:
                raise WrongApp(
                    f"the service does not accept the app of the book {self._book} ({word}): compare "
                    f"client_id and client_secret with those in the vendor's portal, then run {command}"
                )
            said = f"the authorisation of the book {self._book} is not valid any more ({word}): run {command}"
            raise Ended(said) if word == "invalid_grant" else Reconnect(said)
        if answer.status_code != 200:
            # Whatever it is, no record was refused: Refused would give up the note that was to be written.
            raise TryLater(f"the token service answered {answer.status_code}; try again in a few minutes")
        with suppress(*NOT_JSON):
            grant = msgspec.json.decode(answer.content, type=_Grant)
            if _TOKEN.fullmatch(grant.access_token):
                return grant
        raise TryLater("the token service gave an answer that is not a token; try again later")

    def _asked(
        self, app: OAuthApp, http: Http, url: str, form: dict[str, str], *, as_json: bool = False
    ) -> requests.Response:
        auth = None
        if app.client_secret is None:
            form = {**form, "client_id": app.client_id}
        else:
            auth = (app.client_id, app.client_secret)
        return http.token_call(url, form, auth, headers=app.token_headers, as_json=as_json)

    def _saved(self, app: OAuthApp, grant: _Grant, before: TokenPair | None, used: str | None) -> TokenPair:
        """Keep what was granted. ``before`` is the pair that it takes the place of, ``used`` the refresh
        token that it was got with."""
        now = self._clock()
        idle = _seconds(grant.x_refresh_token_expires_in, _LONGEST_CONSENT)
        if idle is None and app.idle_days is not None and grant.refresh_token is not None:
            idle = timedelta(days=app.idle_days)
        last = _seconds(grant.x_refresh_token_hard_expires_in, _LONGEST_CONSENT)
        life = _seconds(grant.expires_in, _LONGEST, least=_SHORTEST) or timedelta(seconds=_UNTOLD)
        known = before.consent_ends_at if before else None
        pair = TokenPair(
            access=grant.access_token,
            refresh=grant.refresh_token,
            expires_at=now + life,
            refresh_expires_at=None if idle is None else now + idle,
            previous_refresh=None if used == grant.refresh_token else used,
            consented_at=before.consented_at if before else now,
            renewed_at=now,
            consent_ends_at=known if last is None else now + last,
            proven=used is None or used == grant.refresh_token,
        )
        self._store.save(pair)
        return pair


class _Grant(msgspec.Struct):
    """A token answer. Its numbers are read leniently: an odd one must not lose the tokens beside it."""

    access_token: str
    expires_in: Any = None
    refresh_token: str | None = None
    x_refresh_token_expires_in: Any = None
    x_refresh_token_hard_expires_in: Any = None

    def __repr__(self) -> str:
        return "_Grant(...)"


class _TokenError(msgspec.Struct):
    error: str = "refused"


def _seconds(told: Any, most: int, *, least: int = 0) -> timedelta | None:
    """A span of an answer, within bounds; None where it tells none."""
    try:
        seconds = int(told)
    except (TypeError, ValueError, OverflowError):
        return None
    return timedelta(seconds=min(max(seconds, least), most))


def _error_of(body: bytes) -> str:
    """The error word of RFC 6749 5.2; anything else of the body stays unread."""
    try:
        word = msgspec.json.decode(body, type=_TokenError).error
    except NOT_JSON:
        return "refused"
    return word if word in _ERRORS else "refused"
