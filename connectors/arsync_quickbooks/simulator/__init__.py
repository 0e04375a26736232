"""A QuickBooks Online that runs on loopback: stateful, strict, and independent of the connector.

It shares no code with the client it is there to test, so that one misunderstanding cannot hide in both.
"""

from .app import QuickBooksSimulator
from .calls import Call
from .company import Company
from .demo import demo_company
from .fault import Fault
from .large import large_company
from .mishaps import Rule
from .server import RunningServer
from .throttle import Limits

__all__ = [
    "Call",
    "Company",
    "Fault",
    "Limits",
    "QuickBooksSimulator",
    "Rule",
    "RunningServer",
    "demo_company",
    "large_company",
]
