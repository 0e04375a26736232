"""An app as it would be registered with a vendor, whose addresses nobody answers."""

from __future__ import annotations

from typing import Any

from arsync.connector.oauth import OAuthApp


def oauth_app(**changes: Any) -> OAuthApp:
    return OAuthApp(
        **{
            "client_id": "id",
            "client_secret": "secret",
            "authorize_url": "https://login.example/authorize",
            "token_url": "https://login.example/token",
            "revoke_url": "https://login.example/revoke",
            "scopes": ("accounting",),
            "redirect_uri": "http://localhost:8089/callback",
            **changes,
        }
    )
