"""The bench on a small book: it runs, and it measures what it has to. No time and no memory is asserted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDORS = {"QuickBooks": 1, "Xero": 2}  # the calls of a sync when nothing changed
OF_A_VENDOR = (
    "cold sync, CPU",
    "cold sync, API calls",
    "cold sync, peak memory",
    "the same against a tenth of it",
    "nothing changed, API calls",
    "nothing changed, CPU beyond start-up",
    "nothing changed, full pull, rows written",
)
BY_SIZE = ("first sync", "96 syncs, nothing changed", "tie-out")
SIZES = ("500", "5,000")
COMMANDS = ("--help", "plan", "aging")


def test_a_small_bench_has_every_figure_and_the_right_counts() -> None:
    """5,000 invoices of 1,000 customers: 5 + 1 + 6 calls at most. One run for all, since it takes long."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--small"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = _figures(done.stdout)

    expected = [f"{vendor}: {what}" for vendor in VENDORS for what in OF_A_VENDOR]
    expected += [f"{v}, {n} open invoices: {what}" for v in VENDORS for n in SIZES for what in BY_SIZE]
    expected += [f"arsync {command}: vendors' SDKs loaded" for command in COMMANDS]
    expected += [
        "arsync --help against import click, wall",
        "aging by customer against the bare GROUP BY, CPU",
        "plan against reading its rows, CPU",
        "plan with 250 holds and 10,000 past messages against the first plan, CPU",
        "calendar of 60 days against a plan, CPU",
        "replay of 12 months over 1,000 invoices, both policies, against a plan of that book, CPU",
    ]
    assert sorted(found) == sorted(expected)

    for vendor, unchanged in VENDORS.items():
        calls, limit, verdict = found[f"{vendor}: cold sync, API calls"]
        assert (limit, verdict) == ("<= 12 calls", "ok")
        assert 6 <= int(calls.split()[0]) <= 12
        assert found[f"{vendor}: nothing changed, API calls"][0] == f"{unchanged} calls"
        assert found[f"{vendor}: nothing changed, full pull, rows written"][0] == "0 rows"
    for size in SIZES:
        assert found[f"QuickBooks, {size} open invoices: 96 syncs, nothing changed"][0] == "96 calls"
        assert found[f"Xero, {size} open invoices: 96 syncs, nothing changed"][2] == "ok"
    for command in COMMANDS:
        assert found[f"arsync {command}: vendors' SDKs loaded"][0] == "0 SDKs"


def _figures(text: str) -> dict[str, list[str]]:
    """The lines of the table by what they measure; it stands between a rule and the closing line."""
    lines = text.splitlines()
    rule = next(at for at, line in enumerate(lines) if line.startswith("---"))
    cells = [re.split(r" {2,}", line) for line in lines[rule + 1 : -1]]
    return {what: rest for what, *rest in cells}
