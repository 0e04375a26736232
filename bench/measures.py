"""The figures that arsync has to reach, each measured by programs in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from shutil import copytree
from statistics import median
from typing import Any, NamedTuple

from bench import calls, practice
from bench.children import ROOT, run, running
from bench.figures import Figure, against, at_most, exactly

VENDORS = {"quickbooks": "QuickBooks", "xero": "Xero"}
UNCHANGED_CALLS = {"quickbooks": 1, "xero": 2}
# Of 96 syncs a quarter of an hour apart with nothing changed, Xero's daily sweep included.
DAY_CALLS = {"quickbooks": 96, "xero": 220}
# 1,000 invoices and 200 customers: 200 ids a query and 80 customers a report; 40 ids a list, and the
# three lists of credits.
REREAD_CALLS = {"quickbooks": 5 + 1 + 3, "xero": 25 + 5 + 3}


class Size(NamedTuple):
    """How much is measured. ``invoices`` are open ones; a tenth of them is the smaller book."""

    invoices: int
    customers: int
    rounds: int  # of a cold sync
    starts: int  # of a program
    readings: int  # of aging and plan
    replays: int  # of the calendar and of a past
    past: int  # invoices of a past year
    holds: int  # that people put, on the large book
    messages: int  # of its past


FULL = Size(
    100_000, 20_000, rounds=3, starts=21, readings=9, replays=3, past=10_000, holds=5_000, messages=200_000
)
SMALL = Size(5_000, 1_000, rounds=1, starts=3, readings=3, replays=1, past=1_000, holds=250, messages=10_000)


class Ledger:
    """One vendor's simulated company of a size, served, and practices that are connected to it."""

    def __init__(self, vendor: str, invoices: int, customers: int, folder: Path, stack: ExitStack) -> None:
        self.vendor, self.invoices, self.customers = vendor, invoices, customers
        self._folder, self._stack = folder, stack
        self._numbers = count(1)

    @cached_property
    def _service(self) -> dict[str, Any]:
        served: dict[str, Any] = self._stack.enter_context(
            running("service", self.vendor, str(self.invoices), str(self.customers))
        )
        return served

    def connected(self) -> Path:
        """A new practice after `arsync connect`."""
        folder = self._folder / f"{self.vendor}-{self.invoices}-{next(self._numbers)}"
        practice.write(folder, self.vendor, self._service["url"], self._service["connection"])
        run("ours", "connect", folder)
        return folder

    @cached_property
    def cold(self) -> tuple[Path, Path, dict[str, Any]]:
        """A practice after its first sync, the requests it took, and what it cost."""
        folder = self.connected()
        tape = folder / "tape.json"
        cost = run("ours", "sync", folder, tape)
        if (cost["invoices"], cost["customers"]) != (self.invoices, self.customers):
            raise RuntimeError(f"the sync read {cost}, not {self.invoices} and {self.customers}")
        return folder, tape, cost

    @property
    def calls(self) -> int:
        """The most calls that a cold sync may take."""
        return -(-self.invoices // 1000) + -(-self.customers // 1000) + 6


class Bench:
    """All measures over one temporary folder; ``say`` is told what is being measured."""

    def __init__(self, size: Size, folder: Path, stack: ExitStack, say: Callable[[str], None]) -> None:
        self._size, self._folder, self._say = size, folder, say
        self._large = {v: Ledger(v, size.invoices, size.customers, folder, stack) for v in VENDORS}
        self._tenth = {
            v: Ledger(v, size.invoices // 10, size.customers // 10, folder, stack) for v in VENDORS
        }

    def sync(self) -> Iterator[Figure]:
        """Cold syncs: CPU against the floor's, and the calls."""
        for vendor, title in VENDORS.items():
            ledger = self._large[vendor]
            self._say(f"{title}: cold syncs of {ledger.invoices:,} invoices")
            folder, tape, cost = ledger.cold
            ours, floor = [cost["cpu"]], [self._floor(ledger, tape, folder)]
            for _ in range(self._size.rounds - 1):
                again = ledger.connected()
                ours.append(run("ours", "sync", again)["cpu"])
                floor.append(self._floor(ledger, tape, again))
            yield against(f"{title}: cold sync, CPU", median(ours), median(floor), 2)
            yield at_most(f"{title}: cold sync, API calls", cost["api_calls"], ledger.calls, "calls")

    def memory(self) -> Iterator[Figure]:
        """The peak of a cold sync, and of one of a tenth of it."""
        for vendor, title in VENDORS.items():
            self._say(f"{title}: peak memory")
            large, tenth = (led[vendor].cold[2]["peak_mb"] for led in (self._large, self._tenth))
            yield at_most(f"{title}: cold sync, peak memory", large, 150, "MB")
            yield against(f"{title}: the same against a tenth of it", large, tenth, 1.2, "MB")

    def unchanged(self) -> Iterator[Figure]:
        """A sync with nothing changed, and a full pull with nothing changed."""
        for vendor, title in VENDORS.items():
            title += ": nothing changed"
            self._say(title)
            folder = self._large[vendor].cold[0]
            again = run("ours", "again", folder)
            yield at_most(f"{title}, API calls", again["api_calls"], UNCHANGED_CALLS[vendor], "calls")
            yield at_most(f"{title}, CPU beyond start-up", again["spent"], 0.1, "s")
            written = run("ours", "rows-written", folder)["written"]
            yield exactly(f"{title}, full pull, rows written", written, 0, "rows")

    def calls(self) -> Iterator[Figure]:
        """Calls of a first sync, of a day of syncs, of reading again before sending, and of a tie-out."""
        for vendor, title in VENDORS.items():
            for invoices, customers in (
                (self._size.invoices // 10, self._size.customers // 10),
                (self._size.invoices, self._size.customers),
            ):
                of = f"{title}, {invoices:,} open invoices"
                self._say(f"{of}: a day of syncs")
                made = run(
                    "calls", vendor, str(invoices), str(customers), self._folder / f"{vendor}-{invoices}"
                )
                pages = -(-invoices // 1000) + -(-customers // 1000)
                yield at_most(f"{of}: first sync", made["initial"], pages + 6, "calls")
                yield at_most(f"{of}: 96 syncs, nothing changed", made["day"], DAY_CALLS[vendor], "calls")
                if invoices >= 10 * calls.REREAD:
                    most = REREAD_CALLS[vendor]
                    yield at_most(f"{of}: 1,000 read again", made["reread"], most, "calls")
                most = 2 if vendor == "quickbooks" else 4 + -(-customers // 1000)
                yield at_most(f"{of}: tie-out", made["tie_out"], most, "calls")

    def start(self) -> Iterator[Figure]:
        """The start of the command, and what it leaves alone."""
        self._say("starting")
        ours, floor = self._starts(
            [str(Path(sys.executable).with_name("arsync")), "--help"], [sys.executable, "-c", "import click"]
        )
        yield against("arsync --help against import click, wall", ours, floor, 2.5)
        for line in (["--help"], ["plan", "--json"], ["aging", "--json"]):
            loaded: set[str] = set()
            for ledger in self._tenth.values():
                loaded |= set(run("ours", "sdks", ledger.cold[0], *line)["loaded"])
            yield exactly(f"arsync {line[0]}: vendors' SDKs loaded", len(loaded), 0, "SDKs")

    def reading(self) -> Iterator[Figure]:
        """Aging and the plan over all open invoices of one book."""
        ledger = self._large["quickbooks"]
        self._say(f"aging and plan over {ledger.invoices:,} invoices")
        cost = run("reading", ledger.cold[0], str(self._size.readings))
        for what, part, most in (
            ("aging by customer against the bare GROUP BY, CPU", "aging", 1.5),
            ("plan against reading its rows, CPU", "plan", 5),
        ):
            ours, floor = cost[part]
            yield against(what, ours, floor, most)

    def deciding(self) -> Iterator[Figure]:
        """What a plan costs with holds and a past, and what looking ahead and back costs beside a plan."""
        size, cold = self._size, self._large["quickbooks"].cold[0]
        self._say(f"a plan with {size.holds:,} holds and {size.messages:,} past messages")
        folder = self._folder / "burdened"
        copytree(cold, folder)
        ours, floor = run(
            "deciding", "burdened", folder, str(size.readings), str(size.holds), str(size.messages)
        )["figures"]
        what = f"plan with {size.holds:,} holds and {size.messages:,} past messages against the first plan"
        yield against(f"{what}, CPU", ours, floor, 3)
        self._say(f"a calendar over {size.invoices:,} invoices")
        ours, floor = run("deciding", "calendar", cold, str(size.replays))["figures"]
        yield against("calendar of 60 days against a plan, CPU", ours, floor, 30)
        self._say(f"a replay of 12 months over {size.past:,} invoices")
        past = (str(size.past), str(size.past // 5))
        ours, floor = run("deciding", "replay", self._folder / "past", str(size.replays), *past)["figures"]
        what = f"replay of 12 months over {size.past:,} invoices, both policies, against a plan of that book"
        yield against(f"{what}, CPU", ours, floor, 30)

    def _floor(self, ledger: Ledger, tape: Path, folder: Path) -> float:
        cost = run("floor", tape, folder / "floor.db")
        if (cost["invoices"], cost["customers"]) != (ledger.invoices, ledger.customers):
            raise RuntimeError(f"the floor read {cost}, not {ledger.invoices} and {ledger.customers}")
        return float(cost["cpu"])

    def _starts(self, *commands: list[str]) -> list[float]:
        """The median wall time of each command, run in turn; the first round only warms the disk."""
        times: list[list[float]] = [[] for _ in commands]
        for _ in range(self._size.starts + 1):
            for command, spent in zip(commands, times, strict=True):
                before = time.perf_counter()
                subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
                spent.append(time.perf_counter() - before)
        return [median(spent[1:]) for spent in times]
