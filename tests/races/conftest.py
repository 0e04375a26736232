"""The figures of all races, told at the end of the run."""

from __future__ import annotations

import json
from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for each in ("passed", "failed") for report in terminalreporter.stats.get(each, [])]
    told = [value for report in reports for name, value in report.user_properties if name == "races"]
    found = [
        json.loads(value) for value in told
    ]  # as text: workers can send nothing else to the one who tells
    if not found:
        return
    sums: Counter[str] = Counter()
    for each in found:
        sums.update({name: count for name, count in each.items() if name != "acts"} | each["acts"])
    terminalreporter.write_line(
        "{races:,} customers acted while letters left, {before_reading:,} times before their debts were "
        "read; {letters:,} letters left, {withdrawn:,} were withdrawn, and {crossed:,} crossed with an act "
        "that came after the reading".format_map(sums)
    )
