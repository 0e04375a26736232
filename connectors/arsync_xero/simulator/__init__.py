"""A stateful simulator of Xero for tests and for the sandbox.

It speaks the vendor's own protocol over HTTP and shares no code with the client, so that one
misunderstanding cannot hide in both.
"""

from __future__ import annotations

from .calls import Call, CallLog
from .clock import Clock, SandboxClock
from .company import Company
from .demo import demo_company
from .faults import Fault, Faults
from .large import large_company
from .records import (
    Allocation,
    BookError,
    Contact,
    Credit,
    Email,
    Invoice,
    Note,
    Payment,
    Person,
)
from .rules import Rules
from .service import XeroSimulator
from .serving import Server

__all__ = [
    "Allocation",
    "BookError",
    "Call",
    "CallLog",
    "Clock",
    "Company",
    "Contact",
    "Credit",
    "Email",
    "Fault",
    "Faults",
    "Invoice",
    "Note",
    "Payment",
    "Person",
    "Rules",
    "SandboxClock",
    "Server",
    "XeroSimulator",
    "demo_company",
    "large_company",
]
