"""What is owed: the records of a book, aging, and the netting of credits. Pure."""

from arsync.ledger.aging import BUCKETS, AgingRow, bucket
from arsync.ledger.records import (
    Allocation,
    Credit,
    CreditKind,
    Customer,
    Entity,
    Gone,
    Invoice,
    InvoiceStatus,
    Payment,
    Reject,
    addresses_of,
)
from arsync.ledger.tie_out import AgedBalance, AgedItem

__all__ = [
    "BUCKETS",
    "AgedBalance",
    "AgedItem",
    "AgingRow",
    "Allocation",
    "Credit",
    "CreditKind",
    "Customer",
    "Entity",
    "Gone",
    "Invoice",
    "InvoiceStatus",
    "Payment",
    "Reject",
    "addresses_of",
    "bucket",
]
