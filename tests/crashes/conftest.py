"""One zygote and one world a vendor serve all tests of a worker. The figures of all are told at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from crash_processes import Zygote
from crash_scenes import Scenes

FIGURES = "crash figures"


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    zygote = Zygote(tmp_path_factory.mktemp("zygote"))
    yield zygote
    zygote.kill_all()
    zygote.close()


@pytest.fixture(scope="session")
def all_scenes(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenes]:
    with ExitStack() as stack:
        yield Scenes(zygote, tmp_path_factory.mktemp, stack)
        zygote.kill_all()


@pytest.fixture
def scenes(all_scenes: Scenes, zygote: Zygote) -> Iterator[Scenes]:
    yield all_scenes
    zygote.kill_all()


@pytest.fixture
def figures(record_property: pytest.RecordProperty) -> Iterator[Counter[str]]:
    """What a test counts; the sums of all tests are told at the end."""
    counted: Counter[str] = Counter()
    yield counted
    record_property(FIGURES, json.dumps(counted))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was done to the processes, and what came of it."""
    sums: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                for name, value in report.user_properties:
                    if name == FIGURES:
                        sums.update(json.loads(value))
    if sums:
        terminalreporter.section("crashes")
        for what, times in sorted(sums.items()):
            terminalreporter.line(f"{times:8,}  {what}")
