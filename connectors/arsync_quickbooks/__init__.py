"""QuickBooks Online: customers, invoices and credits of one company, and notes back to it.

Source of the addresses: developer.intuit.com, OAuth 2.0 and "Base URLs".
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from arsync.connector import ConnectionSettings, Kit, OAuthApp, Referable, Secret
from arsync_quickbooks.source import Company

__all__ = ["Company", "Options", "connect"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """``[books.NAME.connection]`` of a QuickBooks book. ``company`` is the realm id.

    Intuit lets 500 requests a minute through for a company (limits and throttles page); the default
    leaves room for the other apps that are connected to it.
    """

    company: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,25}$")]
    client_id: Referable
    client_secret: Secret
    sandbox: bool = False
    calls_per_minute: Annotated[int, msgspec.Meta(ge=1, le=500)] = 400
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
        token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106
        revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        scopes=("com.intuit.quickbooks.accounting",),
        redirect_uri=options.redirect_uri,
        tenant_param="realmId",
        tenant=options.company,
    )
    return Company(
        options.company,
        app,
        kit,
        sandbox=options.sandbox,
        calls_per_minute=options.calls_per_minute,
    )
