"""``python -m bench [--small] [--only NAME]...``: measures, prints one table, and ends with 0.

A figure that is missed is said in the table and fails nothing: a machine is slow on some days.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.figures import Figure, table
from bench.measures import FULL, SMALL, Bench

NAMES = ("start", "sync", "memory", "unchanged", "reading", "deciding", "calls")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What arsync costs.")
    parser.add_argument("--small", action="store_true", help="5,000 invoices, few rounds: does it run at all")
    parser.add_argument("--only", action="append", choices=NAMES, help="this measure alone; may be repeated")
    chosen = parser.parse_args()
    size = SMALL if chosen.small else FULL
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="arsync-bench-") as folder, ExitStack() as stack:
        bench = Bench(size, Path(folder), stack, lambda text: print(f"{text} ...", file=sys.stderr))
        for name in chosen.only or NAMES:
            figures += getattr(bench, name)()
    print(f"arsync bench: {size.invoices:,} open invoices of {size.customers:,} customers a book")
    print(table(figures))
    missed = sum(not figure.met for figure in figures)
    print(f"{len(figures) - missed} of {len(figures)} met")


if __name__ == "__main__":
    main()
