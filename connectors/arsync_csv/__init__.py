"""Receivables from files: CSV and XLSX exports of any accounting system.

A connector without a network, and the smallest of those that ship: `source` is what every connector
is, the other rooms turn a file into records.
"""

from __future__ import annotations

from arsync_csv.options import Options
from arsync_csv.source import FileSource, connect

__all__ = ["FileSource", "Options", "connect"]
