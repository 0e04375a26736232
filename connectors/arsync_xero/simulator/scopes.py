"""Scopes: which exist, which a new app may ask for, and which one each endpoint wants.

Apps created since March 2026 get granular scopes only; the broad `accounting.transactions` and
`accounting.reports.read` belong to older apps (developer.xero.com, "Scopes").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_READ_AND_WRITE = (
    "accounting.invoices",
    "accounting.payments",
    "accounting.banktransactions",
    "accounting.manualjournals",
    "accounting.contacts",
    "accounting.settings",
    "accounting.attachments",
)
_REPORTS = (
    "aged",
    "balancesheet",
    "banksummary",
    "budgetsummary",
    "executivesummary",
    "profitandloss",
    "taxreports",
    "tenninetynine",
    "trialbalance",
)
IDENTITY = frozenset({"openid", "profile", "email", "offline_access"})
GRANULAR = (
    IDENTITY
    | frozenset(_READ_AND_WRITE)
    | {f"{scope}.read" for scope in _READ_AND_WRITE}
    | {f"accounting.reports.{name}.read" for name in _REPORTS}
    | {"accounting.budgets.read"}
)
BROAD = frozenset({"accounting.transactions", "accounting.transactions.read", "accounting.reports.read"})

DEFAULT = (
    "offline_access",
    "accounting.invoices",
    "accounting.payments.read",
    "accounting.contacts",
    "accounting.settings.read",
)

_FAMILIES = {
    "Invoices": "accounting.invoices",
    "CreditNotes": "accounting.invoices",
    "RepeatingInvoices": "accounting.invoices",
    "Payments": "accounting.payments",
    "Overpayments": "accounting.payments",
    "Prepayments": "accounting.payments",
    "BatchPayments": "accounting.payments",
    "Contacts": "accounting.contacts",
    "Organisation": "accounting.settings",
    "BrandingThemes": "accounting.settings",
    "InvoiceReminders": "accounting.settings",
}
_TRANSACTIONS = ("accounting.invoices", "accounting.payments")


def unknown(asked: Iterable[str], *, broad_allowed: bool) -> set[str]:
    """The scopes that this app may not ask for."""
    allowed = GRANULAR | BROAD if broad_allowed else GRANULAR
    return set(asked) - allowed


def accepted(method: str, segments: Sequence[str]) -> frozenset[str]:
    """The scopes of which one is needed; empty when the endpoint needs none we know of."""
    if segments[0] == "Reports":
        return frozenset({"accounting.reports.aged.read", "accounting.reports.read"})
    family = _FAMILIES.get(segments[0])
    if family is None:
        return frozenset()
    names = {family}
    if family in _TRANSACTIONS:
        names.add("accounting.transactions")
    if method == "GET":
        names |= {f"{name}.read" for name in names}
    return frozenset(names)
