"""Standard input, output and error that are closed or full, and a run that a person stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger


def typed_into(desk: Desk, line: list[str], redirected: str) -> subprocess.CompletedProcess[str]:
    """A command line as a shell carries it out, with its streams redirected."""
    shell = ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-m", "arsync", *line]
    environ = {**os.environ, "ARSYNC_NOW": desk.now().isoformat()}
    return subprocess.run(
        shell, cwd=desk.folder, env=environ, capture_output=True, text=True, timeout=60, check=False
    )


@on_one_vendor
@pytest.mark.parametrize("line", [["disconnect", "acme"], ["rebuild", "acme", "--dry-run"], ["restore", "b"]])
def test_a_closed_input_is_nobody_to_ask(desk: Desk, ledger: Ledger, line: list[str]) -> None:
    """Schedulers and shells start programs without one: that is no fault of arsync's."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00")
    desk.ok("sync")
    desk.ok("backup", str(desk.folder / "b"))
    done = typed_into(desk, line, "<&-")
    assert "fault" not in done.stderr
    assert done.returncode == (0 if "--dry-run" in line else 2)


@on_one_vendor
@pytest.mark.parametrize("line", [["aging"], ["worklist"], ["statement", "acme", "Lumen Yoga"], ["run"]])
def test_a_closed_output(desk: Desk, ledger: Ledger, line: list[str]) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00")
    desk.ok("sync")
    done = typed_into(desk, line, ">&-")
    assert "fault" not in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(("redirected", "status"), [(">/dev/full", 1), ("2>/dev/full", 0)])
def test_a_full_log_stops_no_run(
    desk: Desk, both: tuple[Ledger, Ledger], redirected: str, status: int
) -> None:
    """What cannot be told is told by the exit status; the second book has its run all the same."""
    done = typed_into(desk, ["run"], redirected)
    assert done.returncode == status
    assert "fault" not in done.stderr
    assert done.stderr.count("make room") == 2 * status
    runs = desk.rows("SELECT book, outcome FROM runs WHERE command = 'run' ORDER BY book")
    assert runs == [("acme", "done"), ("birch", "done")]


@on_one_vendor
def test_a_person_who_stopped_a_run(desk: Desk, ledger: Ledger) -> None:
    """Is told so by the next status, not the name of an exception."""
    under_way = ledger.strike("slow-drip", seconds=60.0)  # far longer than it takes to notice it
    # where the tests run in the background Ctrl-C is ignored, and what they start inherits that
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = desk.start("run")
    signal.signal(signal.SIGINT, ours)
    try:
        while not under_way.hits:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    told = desk.gives(1, "status").out
    assert "stopped by a person (Ctrl-C)" in told
    assert "KeyboardInterrupt" not in told


@on_one_vendor
@pytest.mark.parametrize("day", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_a_clock_at_the_end_of_the_calendar(desk: Desk, ledger: Ledger, day: str) -> None:
    process = desk.start("status", ARSYNC_NOW=day)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "ARSYNC_NOW" in err
    assert "1970 to 9000" in err
