"""A simulated accounting system with a large company, served on loopback until standard input ends.

``python -m bench.service VENDOR INVOICES CUSTOMERS`` tells its address and the book's connection.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any


def main(vendor: str, invoices: int, customers: int) -> None:
    simulator, connection = built(vendor, invoices, customers)
    with simulator.serve() as server:
        print(json.dumps({"url": server.url, "connection": connection}), flush=True)
        sys.stdin.read()


def built(vendor: str, invoices: int, customers: int) -> tuple[Any, dict[str, str]]:
    """The vendor's simulator without its limits: what is measured is the client, not its waiting."""
    made = import_module(f"arsync_{vendor}.simulator")
    today = datetime.now(UTC).date()
    if vendor == "quickbooks":
        company = made.large_company(invoices, customers, today)
        return made.QuickBooksSimulator([company], limits=made.Limits.off()), {"company": company.realm}
    # Made yesterday: what is as new as the first sync would be read again, rightly, by the second.
    clock = made.SandboxClock(lambda: datetime.now(UTC) - timedelta(days=1))
    company = made.large_company(invoices, customers, today, clock=clock)
    clock.advance(days=1)
    return made.XeroSimulator([company], rules=made.Rules().unlimited()), {"tenant": company.tenant}


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
