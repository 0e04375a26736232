"""Each fault at each endpoint, for each command that uses it: the end is the same as without the fault, at
once or after one clear sentence and a run without it; and no more is asked than a few repetitions."""

from __future__ import annotations

import re
from contextlib import nullcontext

import pytest
from fault_kinds import CLIENTS, COMMANDS, ENDPOINTS, KINDS, USES, Endpoint, Kind, first_use, fits
from fault_stage import Done, Stage

from arsync.connector.http import ATTEMPTS
from arsync_quickbooks.client import Client
from arsync_xero.client import XeroClient

Stages = dict[tuple[str, bool], Stage]
VENDORS = ("quickbooks", "xero")
ONCE = [
    pytest.param(vendor, command, endpoint, kind, id=f"{vendor}-{command}-{endpoint.name}-{kind.name}")
    for vendor in VENDORS
    for command in COMMANDS
    for endpoint in ENDPOINTS[vendor]
    for kind in KINDS[vendor]
    if fits(vendor, command, endpoint, kind)
]
FOR_GOOD = [
    pytest.param(
        vendor, first_use(vendor, endpoint.name), endpoint, kind, id=f"{vendor}-{endpoint.name}-{kind.name}"
    )
    for vendor in VENDORS
    for endpoint in ENDPOINTS[vendor]
    for kind in KINDS[vendor]
    if kind.repeated
    and endpoint.name != "token"
    and fits(vendor, first_use(vendor, endpoint.name), endpoint, kind)
]
# What must never stand in a sentence: markup, addresses with a query, a token, a library's own words.
UNSPEAKABLE = re.compile(r"<html|</|\?[a-z]+=|Bearer|AB0|Traceback|urllib3|HTTPConnection|Errno|object at 0x")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("expired", [False, True])
def test_no_endpoint_is_missing(stages: Stages, vendor: str, expired: bool) -> None:
    """What the simulators were asked during each command, against the matrix: all of it, and nothing else."""
    stage = stages[vendor, expired]
    for command in COMMANDS:
        asked = set(stage.baseline(command).asked)
        tried = set(USES[vendor][command])
        if not expired and command != "connect":
            tried -= {"token"}
        assert asked == tried, command


@pytest.mark.parametrize(("vendor", "client"), [("quickbooks", Client), ("xero", XeroClient)])
def test_no_request_is_missing(vendor: str, client: type) -> None:
    """A request that is new in a connector belongs into the matrix."""
    asking = {name for name, member in vars(client).items() if callable(member) and name[0] != "_"}
    assert asking - {"now", "access", "process_request"} == CLIENTS[vendor]


def struck(
    stage: Stage, command: str, endpoint: Endpoint, kind: Kind, *, times: int | None
) -> tuple[Done, int]:
    """A command with a fault at an endpoint, ``times`` or (None) for good; and how often it was met."""
    stage.baseline(command)
    stage.restore(command)
    rule = stage.strike(endpoint, kind.rule, times, kind.more)
    with stage.impatient(endpoint, rule, times) if kind.short else nullcontext():
        done = stage.type(command)
    return done, rule.hits


@pytest.mark.parametrize(("vendor", "command", "endpoint", "kind"), ONCE)
def test_a_fault_that_passes(
    stages: Stages, vendor: str, command: str, endpoint: Endpoint, kind: Kind
) -> None:
    stage = stages[vendor, endpoint.name == "token"]
    done, hits = struck(stage, command, endpoint, kind, times=1)
    assert hits == 1
    within_budget(stage, command, done)
    if kind.harmless:
        assert done.typed.status == 0, done.typed.err
        assert done.asked == stage.baseline(command).asked
    converges(stage, command, done)


@pytest.mark.parametrize(("vendor", "command", "endpoint", "kind"), FOR_GOOD)
def test_a_fault_that_stays(
    stages: Stages, vendor: str, command: str, endpoint: Endpoint, kind: Kind
) -> None:
    stage = stages[vendor, endpoint.name == "token"]
    done, hits = struck(stage, command, endpoint, kind, times=None)
    assert hits >= 1
    within_budget(stage, command, done)
    converges(stage, command, done)


def within_budget(stage: Stage, command: str, done: Done) -> None:
    """One call is repeated three times at most, and then the command ends; where the notes on one document
    cannot be written, those on others are still tried."""
    baseline = stage.baseline(command).asked
    for endpoint, asked in done.asked.items():
        if endpoint.endswith("History"):
            allowed = baseline[endpoint] * ATTEMPTS
        elif endpoint == "token":
            allowed = baseline[endpoint] + 1
        else:
            allowed = baseline[endpoint] + ATTEMPTS - 1
        assert asked <= allowed, (endpoint, asked, baseline[endpoint])


def converges(stage: Stage, command: str, done: Done) -> None:
    """The end is that of the command without the fault: now, or after a clear stop and one more run."""
    if done.typed.status or "left for a later run" in done.typed.err:
        stops_clearly(done)
        stage.ledger.well()
        stage.morning_after()
        done = stage.type(command, *(("--again",) if "cannot be written" in done.typed.err else ()))
        assert done.typed.status == 0, done.typed.err
    baseline = stage.baseline(command).state
    for part, rows in baseline.items():
        assert done.state[part] == rows, part
    assert done.state.keys() == baseline.keys()


def stops_clearly(done: Done) -> None:
    if "left for a later run" in done.typed.err:
        return  # the day is used up; nobody has to do anything
    assert done.typed.status == 1
    errors = [line for line in done.typed.err.splitlines() if line.startswith("error: ")]
    assert 1 <= len(errors) <= 6, done.typed.err  # one for each note that is refused for good
    for error in errors:
        assert 30 < len(error) < 800, error  # up to five notes are named
        assert not UNSPEAKABLE.search(error), error
