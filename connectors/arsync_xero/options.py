"""What ``[books.NAME.connection]`` of a Xero book asks for, and the app registration it makes."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID

import msgspec

from arsync.connector import Allowance, ConnectionSettings, OAuthApp, Referable, Secret, pool_of
from arsync_xero.rates import Direction
from arsync_xero.tiers import TIERS, TierName

# Apps registered since March 2026 cannot ask for the older, broader scopes. Writing the notes on
# contacts needs accounting.contacts, on invoices accounting.invoices; neither has a smaller one.
SCOPES = (
    "offline_access",
    "accounting.invoices",
    "accounting.payments.read",
    "accounting.contacts",
    "accounting.settings.read",
)
# Xero takes five calls to an organisation at once; one is left for a person's other tool.
IN_FLIGHT = 4
# A refresh token that is not used ends after so many days; Xero's answers do not tell.
IDLE_DAYS = 60
# Xero takes https addresses and plain http on localhost by name only.
_REDIRECT = re.compile(r"https://[^\s/]+|http://localhost(:\d+)?(/|$)")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a Xero connection.

    ``tenant`` is the organisation's tenant id. Without ``client_secret`` the app proves itself by
    PKCE. ``custom_connection`` marks an app that Xero ties to one organisation and that needs no
    consent. ``calls_per_minute`` stays below the 60 that Xero allows a tenant, so that a person's
    other tool finds room. ``currency_rate`` is what CurrencyRate on Xero's documents means: units of the
    document's currency for one of the base currency, or (``base-per-foreign``) the other way round.
    ``tier`` is the plan of the app; ``calls_per_day`` what it gives an organisation, where that is another
    figure: it serves until Xero's first answer tells what is left.
    """

    tenant: UUID
    client_id: Referable
    client_secret: Secret | None = None
    custom_connection: bool = False
    calls_per_minute: Annotated[int, msgspec.Meta(ge=1, le=60)] = 55
    calls_per_day: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    tier: TierName = "starter"
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
        idle_days=IDLE_DAYS,
    )


def allowance_of(options: Options, *, sandbox: bool) -> Allowance:
    """What Xero gives. Without a word of the plan it is taken for the smallest, which costs nothing but
    thrift before the first answer. An app for one organisation has no plan; its limits are the same."""
    tier = TIERS[options.tier]
    return Allowance(
        tenant=f"xero-{options.tenant}",
        pool=pool_of("xero", options.client_id),
        in_flight=IN_FLIGHT,
        per_day=options.calls_per_day or tier.per_day,
        day_left_header="X-DayLimit-Remaining",
        bytes_a_month=None if options.custom_connection else tier.bytes_a_month,
        metered=not sandbox,
        tier="" if options.custom_connection else options.tier,
        unconfirmed=tier.unconfirmed,
    )
