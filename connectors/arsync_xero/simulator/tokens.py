"""Who may call: consents, access and refresh tokens with rotation, and the connections they open."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from .books import Books
from .clock import SandboxClock
from .rules import Rules
from .wire import Row


@dataclass(slots=True, eq=False)
class Consent:
    """What one authorisation allows; `public` clients (PKCE) have no secret, `machine` ones no refresh."""

    scopes: tuple[str, ...]
    public: bool = False
    machine: bool = False
    event: str = field(default_factory=lambda: str(uuid.uuid4()))
    revoked: bool = False


@dataclass(slots=True, eq=False)
class Refresh:
    """A refresh token; once exchanged it lives on until `ends` for a client whose reply was lost."""

    consent: Consent
    ends: float
    used: bool = False


@dataclass(slots=True)
class Connection:
    """An organisation that the app may reach."""

    id: str
    event: str
    tenant: str
    name: str
    created: str


class Tokens:
    """All tokens of the app. Thread-safe."""

    def __init__(self, companies: Iterable[Books], clock: SandboxClock) -> None:
        self._companies = tuple(companies)
        self._clock = clock
        self._lock = threading.RLock()
        self._access: dict[str, tuple[Consent, float]] = {}
        self._refresh: dict[str, Refresh] = {}
        self._connections: dict[str, Connection] = {}

    def consent(self, scopes: Iterable[str], *, public: bool = False, machine: bool = False) -> Consent:
        """A person (or for a machine, its owner) agrees: every organisation is connected."""
        given = Consent(tuple(dict.fromkeys(scopes)), public=public, machine=machine)
        with self._lock:
            connected = {each.tenant for each in self._connections.values()}
            for company in self._companies:
                if company.tenant not in connected:
                    self._connect(company, given.event)
        return given

    def issue(self, consent: Consent, rules: Rules) -> Row:
        """A new access token, with a refresh token when offline access was asked for."""
        now = self._clock.seconds()
        access = _signed(consent.scopes, now + rules.access_seconds)
        answer: Row = {
            "access_token": access,
            "expires_in": rules.access_seconds,
            "token_type": "Bearer",
            "scope": " ".join(consent.scopes),
        }
        with self._lock:
            self._access[access] = (consent, now + rules.access_seconds)
            if "offline_access" in consent.scopes and not consent.machine:
                refresh = f"rt-{secrets.token_urlsafe(24)}"
                self._refresh[refresh] = Refresh(consent, now + rules.refresh_seconds)
                answer["refresh_token"] = refresh
        return answer

    def refreshable(self, token: str) -> Consent | None:
        """The consent of a refresh token that can still be exchanged."""
        with self._lock:
            found = self._refresh.get(token)
            if found is None or found.consent.revoked or self._clock.seconds() >= found.ends:
                return None
            return found.consent

    def rotate(self, token: str, rules: Rules) -> Row:
        """Exchange a refresh token; the old one ends after the grace, counted from its first use."""
        with self._lock:
            found = self._refresh[token]
            if not found.used:
                found.used = True
                found.ends = self._clock.seconds() + rules.refresh_grace
            return self.issue(found.consent, rules)

    def holder(self, access: str) -> tuple[Consent | None, bool]:
        """The consent behind an access token, and whether the token has expired."""
        with self._lock:
            consent, ends = self._access.get(access, (None, 0.0))
        if consent is None or consent.revoked:
            return None, False
        return consent, self._clock.seconds() >= ends

    def expire_access(self) -> None:
        """End every access token now."""
        with self._lock:
            self._access = {token: (consent, 0.0) for token, (consent, _) in self._access.items()}

    def revoke(self, token: str) -> None:
        """Revoke a refresh token with all that came from the same consent, and disconnect."""
        with self._lock:
            found = self._refresh.get(token)
            if found is not None:
                found.consent.revoked = True
                self._connections.clear()

    def connections(self) -> list[Connection]:
        """The organisations that are connected."""
        with self._lock:
            return list(self._connections.values())

    def connected(self, tenant: str) -> bool:
        """Whether the organisation is connected."""
        return any(each.tenant == tenant for each in self.connections())

    def disconnect(self, connection_id: str) -> bool:
        """Remove a connection; False when there is none of that id."""
        with self._lock:
            return self._connections.pop(connection_id, None) is not None

    def _connect(self, company: Books, event: str) -> None:
        created = self._clock().strftime("%Y-%m-%dT%H:%M:%S.%f0")
        connection = Connection(str(uuid.uuid4()), event, company.tenant, company.name, created)
        self._connections[connection.id] = connection


def _signed(scopes: Iterable[str], ends: float) -> str:
    """A JSON Web Token as Xero's access tokens are; its signature means nothing."""
    parts = [{"alg": "RS256", "typ": "JWT"}, {"scope": list(scopes), "exp": int(ends)}]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, secrets.token_urlsafe(24)])
