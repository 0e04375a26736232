"""QuickBooks Online: customers, invoices and credits of one company, and notes back to it.

Source of the addresses: developer.intuit.com, OAuth 2.0 and "Base URLs".
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from arsync.connector import Allowance, ConnectionSettings, Kit, OAuthApp, Referable, Secret, pool_of
from arsync_quickbooks.source import Company
from arsync_quickbooks.tiers import BUILDER, BUILDER_READS_A_MONTH

# Intuit lets ten requests to a company through at once (or in a second, as newer texts have it); two are
# left for the other apps that are connected to it.
IN_FLIGHT = 8

__all__ = ["Company", "Options", "connect"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """``[books.NAME.connection]`` of a QuickBooks book. ``company`` is the realm id.

    Intuit lets 500 requests a minute through for a company (limits and throttles page); the default
    leaves room for the other apps that are connected to it. ``calls_per_month`` are the reads that the
    app's plan gives over all its companies.
    """

    company: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,25}$")]
    client_id: Referable
    client_secret: Secret
    sandbox: bool = False
    calls_per_minute: Annotated[int, msgspec.Meta(ge=1, le=500)] = 400
    calls_per_month: Annotated[int, msgspec.Meta(ge=1)] = BUILDER_READS_A_MONTH
    redirect_uri: str = "http://localhost:8722/callback"

    def __repr__(self) -> str:
        return f"Options(company={self.company!r})"


def connect(settings: ConnectionSettings, kit: Kit) -> Company:
    """The company that the settings name. Touches no network and does not load the SDK."""
    options = settings.read(Options)
    app = OAuthApp(
        client_id=options.client_id,
        client_secret=options.client_secret,
        authorize_url="https://appcenter.intuit.com/connect/oauth2",
        token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 - an address
        revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        scopes=("com.intuit.quickbooks.accounting",),
        redirect_uri=options.redirect_uri,
        tenant_param="realmId",
        tenant=options.company,
        # Besides the 100 days that an unused consent lasts it has a last day, five years after it was
        # given (developer.intuit.com blog, 12 November 2025); told to those who ask.
        token_headers={"x-include-refresh-token-hard-expires-in": "true"},
        revoke_json=True,
    )
    return Company(
        options.company,
        app,
        kit,
        sandbox=options.sandbox,
        calls_per_minute=options.calls_per_minute,
        allowance=allowance_of(options, sandbox=options.sandbox or settings.server is not None),
    )


def allowance_of(options: Options, *, sandbox: bool) -> Allowance:
    """What Intuit gives. A ``sandbox`` is not on the plan's bill."""
    standard = options.calls_per_month == BUILDER_READS_A_MONTH
    return Allowance(
        tenant=f"quickbooks-{options.company}",
        pool=pool_of("quickbooks", options.client_id),
        in_flight=IN_FLIGHT,
        reads_a_month=options.calls_per_month,
        metered=not sandbox,
        tier=BUILDER if standard else "",
        month_key="calls_per_month",
    )
