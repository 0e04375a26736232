"""The database of a practice: migrations, queries, leases, the outbox and its history."""

from arsync.store.database import Store
from arsync.store.fence import Claim

__all__ = ["Claim", "Store"]
