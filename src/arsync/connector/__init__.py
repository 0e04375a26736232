"""The only door for connectors: the protocol, the HTTP seam, OAuth, the registry, the words of rows."""

from arsync.connector.draft import Draft, Drafting, Found
from arsync.connector.groups import groups_of
from arsync.connector.http import Budget, Http, Meter, Wait, retry_after
from arsync.connector.limits import budget
from arsync.connector.mending import loosely, mended
from arsync.connector.oauth import OAuthApp, TokenPair, Tokens, TokenStore
from arsync.connector.places import place_of
from arsync.connector.protocol import (
    Connect,
    Kit,
    Note,
    NoteSink,
    Pace,
    Page,
    Receipt,
    Receivables,
    ReminderSettings,
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
    "ReminderSettings",
    "Secret",
    "Snapshot",
    "Source",
    "Tenant",
    "TokenPair",
    "TokenStore",
    "Tokens",
    "Wait",
    "budget",
    "groups_of",
    "loosely",
    "mended",
    "place_of",
    "retry_after",
]
