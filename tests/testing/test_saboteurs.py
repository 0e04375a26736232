"""Each law of the contract fails a connector that breaks it, and no other law does."""

from __future__ import annotations

import re

import pytest
import saboteurs
import saboteurs_of_bad_days
import saboteurs_of_customers
import saboteurs_of_sums
from saboteurs import SABOTEURS

from arsync.testing import ConnectorContract

pytest_plugins = ["pytester"]

_RUN = """
import orchard, saboteurs, saboteurs_of_bad_days, saboteurs_of_customers, saboteurs_of_sums
from orchard_service import OrchardWorld
from arsync.testing import ConnectorContract

rooms = (saboteurs, saboteurs_of_bad_days, saboteurs_of_customers, saboteurs_of_sums)
kind = next((vars(room)[{name!r}] for room in rooms if {name!r} in vars(room)), orchard.Grower)

class World(OrchardWorld):
    def connect(self, settings, kit):
        return orchard.connect(settings, kit, kind)

class TestIt(ConnectorContract):
    world = World if issubclass(kind, orchard.Grower) else kind
"""
LAWS = sorted(name for name in dir(ConnectorContract) if name.startswith("test_"))
# All that are tried below; importing their rooms is what enters them.
TRIED = {
    name: SABOTEURS[name]
    for room in (saboteurs, saboteurs_of_bad_days, saboteurs_of_customers, saboteurs_of_sums)
    for name in vars(room)
    if name in SABOTEURS
}

# Of the cases of the two long laws, those that a connector meets whose saboteur is about others.
SOME_CASES = "not (a_fault or hostile) or 500 or malformed or html"


def outcomes(
    pytester: pytest.Pytester, name: str, only: str = ""
) -> tuple[set[str], dict[str, set[str]], int]:
    """The laws that were held, the cases that failed by law, and how many tests were skipped."""
    pytester.makepyfile(_RUN.format(name=name))
    run = pytester.inline_run("-q", "-p", "no:cacheprovider", "-k", only)
    passed, skipped, failed = run.listoutcomes()
    cases: dict[str, set[str]] = {}
    for report in failed:
        law, case = _named(report.nodeid)
        cases.setdefault(law, set()).add(case)
    held = {_named(report.nodeid)[0] for report in passed if report.when == "call"}
    return held, cases, len(skipped)


def _named(nodeid: str) -> tuple[str, str]:
    found = re.fullmatch(r".*::(\w+)(?:\[(.*)\])?", nodeid)
    assert found is not None, nodeid
    return found[1], found[2] or ""


def test_the_honest_connector_holds_every_law(pytester: pytest.Pytester) -> None:
    held, failed, skipped = outcomes(pytester, "Grower")
    assert failed == {}
    assert skipped == 0
    assert sorted(held) == LAWS


@pytest.mark.parametrize("name", TRIED)
def test_a_saboteur_breaks_its_law_and_no_other(pytester: pytest.Pytester, name: str) -> None:
    law, cases = TRIED[name]
    _, failed, _ = outcomes(pytester, name, "" if cases else SOME_CASES)
    assert set(failed) == {law}
    assert not cases or failed[law] == cases


def test_every_law_has_a_saboteur() -> None:
    assert sorted({law for law, _ in TRIED.values()}) == LAWS
