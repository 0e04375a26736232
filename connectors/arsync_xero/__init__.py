"""Xero: receivables in, notes back (API 2.0, developer.xero.com/documentation/api/accounting).

Importing this package imports neither the vendor's SDK nor the simulator.
"""

from arsync_xero.options import Options
from arsync_xero.source import XeroSource, connect

__all__ = ["Options", "XeroSource", "connect"]
