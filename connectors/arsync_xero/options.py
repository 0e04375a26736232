"""What ``[books.NAME.connection]`` of a Xero book asks for, and the app registration it makes."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

import msgspec

from arsync.connector import ConnectionSettings, OAuthApp, Referable, Secret
from arsync_xero.rates import Direction

# Apps registered since March 2026 cannot ask for the older, broader scopes. Writing the notes on
# contacts needs accounting.contacts, on invoices accounting.invoices; neither has a smaller one.
SCOPES = (
    "offline_access",
    "accounting.invoices",
    "accounting.payments.read",
    "accounting.contacts",
    "accounting.settings.read",
)
# Xero takes https addresses and plain http on localhost by name only.
_REDIRECT = re.compile(r"https://[^\s/]+|http://localhost(:\d+)?(/|$)")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a Xero connection.

    ``tenant`` is the organisation's tenant id. Without ``client_secret`` the app proves itself by
    PKCE. ``custom_connection`` marks an app that Xero ties to one organisation and that needs no
    consent. ``calls_per_minute`` stays below the 60 that Xero allows a tenant, so that a person's
    other tool finds room. ``currency_rate`` is what CurrencyRate on Xero's documents means: units of the
    document's currency for one of the base currency, or (``base-per-foreign``) the other way round.
    """

    tenant: UUID
    client_id: Referable
    client_secret: Secret | None = None
    custom_connection: bool = False
    calls_per_minute: Annotated[int, msgspec.Meta(ge=1, le=60)] = 55
    redirect_uri: str = "http://localhost:8722/callback"
    currency_rate: Direction = "foreign-per-base"

    def __repr__(self) -> str:
        return f"Options(tenant={self.tenant})"


def read(settings: ConnectionSettings) -> Options:
    """The options of a book. Raises FixSettings for what Xero would not accept."""
    options = settings.read(Options)
    if not _REDIRECT.match(options.redirect_uri):
        raise settings.wrong(
            "redirect_uri",
            "Xero takes an https:// address or http://localhost:PORT/...; "
            "it refuses 127.0.0.1 and other names over http",
        )
    if options.custom_connection and options.client_secret is None:
        raise settings.wrong("client_secret", "a custom connection needs its client_secret")
    return options


def app_of(options: Options) -> OAuthApp:
    """The registration in Xero's developer portal (developer.xero.com/documentation/guides/oauth2)."""
    scopes = SCOPES[1:] if options.custom_connection else SCOPES  # there is no refresh token to ask for
    return OAuthApp(
        client_id=options.client_id,
        client_secret=options.client_secret,
        authorize_url="https://login.xero.com/identity/connect/authorize",
        token_url="https://identity.xero.com/connect/token",  # noqa: S106 - an address
        revoke_url="https://identity.xero.com/connect/revocation",
        scopes=scopes,
        redirect_uri=options.redirect_uri,
        client_grant=options.custom_connection,
    )
