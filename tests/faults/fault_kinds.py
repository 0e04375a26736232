"""What goes wrong, where, and during which command: the axes of the matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

COMMANDS: dict[str, tuple[str, ...]] = {
    "connect": ("connect", "acme"),
    "first": ("sync",),
    "changes": ("sync",),
    "send": ("send",),
    "note": ("note",),
    "reconcile": ("reconcile", "acme"),
    "rebuild": ("rebuild", "acme", "--yes"),
}


@dataclass(frozen=True)
class Kind:
    """One way in which a request goes wrong. ``rule`` is the simulator's name for it, ``short``: our own
    time-outs for that request are cut, so that it outlasts them. ``harmless``: nothing may come of it, and no
    second call. ``final``: it is not asked again. ``writing``: it differs from another kind only where
    something is done over there."""

    name: str
    rule: str
    more: dict[str, Any] = field(default_factory=dict)
    short: bool = False
    harmless: bool = False
    writing: bool = False
    final: bool = False

    @property
    def repeated(self) -> bool:
        """Whether the request is made again, so that it matters whether the fault stays."""
        return not self.harmless and not self.final


def _kinds(*names: str) -> list[Kind]:
    return [Kind(name, name) for name in names]


_EVERYWHERE = [
    *_kinds("401-expired", "500", "503-html", "200-with-fault", "malformed-json", "cut-off-body"),
    *_kinds("reset-before-commit"),
    Kind("reset-after-commit", "reset-after-commit", writing=True),
    Kind("silent", "silent", {"seconds": 0.8}, short=True),
    Kind("endless-drip", "slow-drip", {"seconds": 8.0}, short=True),
    Kind("slow-drip", "slow-drip", {"seconds": 0.1}, harmless=True),
    Kind("date-ahead", "date-ahead", harmless=True),
    Kind("date-behind", "date-behind", harmless=True),
]
KINDS = {
    "quickbooks": [
        *_EVERYWHERE,
        *_kinds("429-json", "429-xml", "403-throttle", "200-with-fault-lower"),
        Kind("429-told", "429-json", {"retry_after": 7}),
        Kind("silent-after-commit", "silent", {"seconds": 0.8, "commit": True}, short=True, writing=True),
        Kind("500-after-commit", "500", {"commit": True}, writing=True),
        Kind("503-after-commit", "503-html", {"commit": True}, writing=True),
        Kind("429-after-commit", "429-xml", {"commit": True}, writing=True),
    ],
    "xero": [
        *_EVERYWHERE,
        *_kinds("429-minute", "429-concurrent", "429-appminute", "200-html"),
        *(Kind(name, name, final=True) for name in ("429-day", "403-forbidden", "400-empty", "400-html")),
        Kind("silent-after-commit", "silent-after-commit", {"seconds": 0.8}, short=True, writing=True),
    ],
}


@dataclass(frozen=True)
class Endpoint:
    """Where a request goes, by what its path, method and body look like."""

    name: str
    path: str
    method: str | None = None
    body: str | None = None

    def takes(self, method: str, path: str, body: str) -> bool:
        return (
            self.method in (None, method)
            and re.search(self.path, path) is not None
            and (self.body is None or re.search(self.body, body) is not None)
        )


def _query(entity: str) -> Endpoint:
    return Endpoint(f"query {entity}", "/query", body=rf"(?i)from\s+{entity}\b")


def _xero(method: str, path: str) -> Endpoint:
    return Endpoint(f"{method} {path}", f"/{path}(\\?|$)", method)


ENDPOINTS: dict[str, list[Endpoint]] = {
    "quickbooks": [
        Endpoint("token", "/oauth2/v1/tokens/bearer"),
        Endpoint("companyinfo", "/companyinfo/"),
        Endpoint("preferences", "/preferences"),
        _query("Invoice"),
        _query("Customer"),
        _query("CustomerType"),
        _query("CreditMemo"),
        _query("Payment"),
        Endpoint("cdc", "/cdc"),
        Endpoint("report", "/reports/"),
        Endpoint("batch", "/batch"),
        Endpoint("read invoice", r"/invoice/\d"),
        Endpoint("read customer", r"/customer/\d"),
    ],
    "xero": [
        Endpoint("token", "/connect/token"),
        Endpoint("GET Connections", "(?i)^/connections"),
        _xero("GET", "Organisation"),
        _xero("GET", "InvoiceReminders/Settings"),
        _xero("GET", "Contacts"),
        _xero("GET", "Invoices"),
        _xero("GET", "Payments"),
        _xero("GET", "CreditNotes"),
        _xero("GET", "Overpayments"),
        _xero("GET", "Prepayments"),
        _xero("GET", "Contacts/[^/]+/History"),
        _xero("PUT", "Contacts/[^/]+/History"),
        _xero("GET", "Invoices/[^/]+/History"),
        _xero("PUT", "Invoices/[^/]+/History"),
    ],
}

_QUICKBOOKS_READ = ["query Invoice", "query Customer", "query CustomerType", "report"]
_XERO_CREDITS = ["GET CreditNotes", "GET Overpayments", "GET Prepayments"]
# Which command uses which endpoint; a test compares it with what the simulators were asked.
USES: dict[str, dict[str, list[str]]] = {
    "quickbooks": {
        "connect": ["token", "companyinfo", "preferences"],
        "first": ["token", *_QUICKBOOKS_READ, "query CreditMemo", "query Payment", "cdc"],
        "changes": ["token", "cdc", "query CustomerType", "report"],
        "send": ["token", *_QUICKBOOKS_READ],
        "note": ["token", "query Invoice", "query Customer", "batch", "read invoice", "read customer"],
        "reconcile": ["token", "preferences", "cdc", "query CustomerType", "report"],
        "rebuild": ["token", "query Invoice", "query Customer"],
    },
    "xero": {
        "connect": ["token", "GET Connections", "GET Organisation", "GET InvoiceReminders/Settings"],
        "first": ["token", "GET Contacts", "GET Invoices", "GET Payments", *_XERO_CREDITS],
        "changes": ["token", "GET Contacts", "GET Invoices", "GET Payments", *_XERO_CREDITS],
        "send": ["token", "GET Contacts", "GET Invoices", *_XERO_CREDITS, "GET Contacts/[^/]+/History"],
        "note": [
            "token",
            *[
                f"{method} {what}/[^/]+/History"
                for method in ("GET", "PUT")
                for what in ("Contacts", "Invoices")
            ],
        ],
        "reconcile": [
            *("token", "GET Organisation", "GET Contacts", "GET Invoices", "GET Overpayments"),
            "GET Prepayments",
        ],
        "rebuild": ["token", "GET Invoices", "GET Contacts/[^/]+/History", "GET Invoices/[^/]+/History"],
    },
}


def fits(vendor: str, command: str, endpoint: Endpoint, kind: Kind) -> bool:
    """Whether a cell of the matrix is one of its own: what harms nobody is tried once at each endpoint, and
    what is done before it fails where something is done."""
    if endpoint.name not in USES[vendor][command]:
        return False
    if kind.harmless and command != first_use(vendor, endpoint.name):
        return False
    return not kind.writing or endpoint.name in ("token", "batch") or endpoint.name.startswith("PUT")


def first_use(vendor: str, endpoint: str) -> str:
    """The command in which an endpoint is tried with faults that do not end."""
    order = ["note", "send", "first", "changes", "connect", "reconcile", "rebuild"]
    return next(command for command in order if endpoint in USES[vendor][command])


# What the connectors' clients can ask for, each of which one of the commands uses. To disconnect is tried
# with faults where that command is.
CLIENTS = {
    "quickbooks": {"rows", "changed", "report", "single", "preferences", "batch"},
    "xero": {
        *("connections", "organisation", "reminders", "invoices", "contacts", "credit_notes", "overpayments"),
        *("prepayments", "payments", "history", "add_history", "disconnect"),
    },
}
