"""The only door for connectors: the protocol, the HTTP seam, OAuth, the registry, the words of rows."""

from arsync.connector.allowance import Allowance, pool_of
from arsync.connector.draft import Draft, Drafting, Found
from arsync.connector.groups import groups_of
from arsync.connector.http import Budget, Http, Meter, Wait, http_date, retry_after
from arsync.connector.limits import TenantBudget, budget
from arsync.connector.mending import NOT_JSON, loosely, mended
from arsync.connector.oauth import Ended, OAuthApp, TokenPair, Tokens, TokenStore, Unreadable
from arsync.connector.places import place_of
from arsync.connector.protocol import (
    Allowed,
    Connect,
    FoundNote,
    Kit,
    Leaves,
    Note,
    NoteReader,
    NoteSink,
    Pace,
    Page,
    Receipt,
    Receivables,
    ReminderSettings,
    Scoped,
    Snapshot,
    Source,
    Tenant,
)
from arsync.connector.settings import ConnectionSettings, Referable, Secret
from arsync.connector.turns import Metered, Turn, turn_of

__all__ = [
    "NOT_JSON",
    "Allowance",
    "Allowed",
    "Budget",
    "Connect",
    "ConnectionSettings",
    "Draft",
    "Drafting",
    "Ended",
    "Found",
    "FoundNote",
    "Http",
    "Kit",
    "Leaves",
    "Meter",
    "Metered",
    "Note",
    "NoteReader",
    "NoteSink",
    "OAuthApp",
    "Pace",
    "Page",
    "Receipt",
    "Receivables",
    "Referable",
    "ReminderSettings",
    "Scoped",
    "Secret",
    "Snapshot",
    "Source",
    "Tenant",
    "TenantBudget",
    "TokenPair",
    "TokenStore",
    "Tokens",
    "Turn",
    "Unreadable",
    "Wait",
    "budget",
    "groups_of",
    "http_date",
    "loosely",
    "mended",
    "place_of",
    "pool_of",
    "retry_after",
    "turn_of",
]
