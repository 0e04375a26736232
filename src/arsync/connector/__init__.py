"""The only door for connectors: the protocol, the HTTP seam, OAuth, the registry."""

from arsync.connector.draft import Draft, Drafting, Found
from arsync.connector.http import Budget, Http, Meter, Wait, retry_after
from arsync.connector.limits import budget
from arsync.connector.oauth import OAuthApp, TokenPair, Tokens, TokenStore
from arsync.connector.protocol import (
    Connect,
    Kit,
    Note,
    NoteSink,
    Pace,
    Page,
    Receipt,
    Receivables,
    Snapshot,
    Source,
    Tenant,
)
from arsync.connector.settings import ConnectionSettings, Referable, Secret

__all__ = [
    "Budget",
    "Connect",
    "ConnectionSettings",
    "Draft",
    "Drafting",
    "Found",
    "Http",
    "Kit",
    "Meter",
    "Note",
    "NoteSink",
    "OAuthApp",
    "Pace",
    "Page",
    "Receipt",
    "Receivables",
    "Referable",
    "Secret",
    "Snapshot",
    "Source",
    "Tenant",
    "TokenPair",
    "TokenStore",
    "Tokens",
    "Wait",
    "budget",
    "retry_after",
]
