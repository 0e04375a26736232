"""What is owed: the records of a book, aging, and the netting of credits. Pure."""

from arsync.ledger.aging import BUCKETS, AgingRow, bucket
from arsync.ledger.records import (
    Credit,
    CreditKind,
    Customer,
    Entity,
    Gone,
    Invoice,
    InvoiceStatus,
    Reject,
    addresses_of,
)

__all__ = [
    "BUCKETS",
    "AgingRow",
    "Credit",
    "CreditKind",
    "Customer",
    "Entity",
    "Gone",
    "Invoice",
    "InvoiceStatus",
    "Reject",
    "addresses_of",
    "bucket",
]
