"""Commands in processes of their own, forked from a zygote: started, trapped, waited for."""

from __future__ import annotations

import itertools
import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Longer than any process waits for a lock, or for the calls of a minute.
PATIENCE = 180.0
HERE = Path(__file__).parent


@dataclass
class Child:
    """One command line at work. ``status`` is None while it lives, negative for the signal that ended it."""

    zygote: Zygote
    id: str
    line: tuple[str, ...]
    place: Path
    pid: int = 0
    stopped: bool = False
    status: int | None = None

    def wait(self) -> Child:
        """Until it has ended."""
        self.zygote.until(lambda: self.status is not None, self)
        return self

    def wait_stopped(self) -> bool:
        """Until it has stopped (True) or ended."""
        self.zygote.until(lambda: self.stopped or self.status is not None, self)
        return self.stopped

    def thaw(self) -> None:
        self.stopped = False
        self.zygote.signal(self, signal.SIGCONT)

    @property
    def out(self) -> str:
        return self.place.with_suffix(".out").read_text("utf-8")

    @property
    def err(self) -> str:
        return self.place.with_suffix(".err").read_text("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def figures(self) -> tuple[int, int, bool]:
        """Events, calls in and out of the system, and whether its trap was sprung; of one that ended well."""
        events, io, sprung = self.place.with_suffix(".trap").read_text("utf-8").split()
        return int(events), int(io), sprung == "1"

    def __str__(self) -> str:
        return f"arsync {' '.join(self.line)}: {self.status}\n{self.out}{self.err}"


class Zygote:
    """The forking process, of which one serves all tests of a worker."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ids = folder, itertools.count()
        self._children: dict[str, Child] = {}
        self._rest = b""
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": "0"},  # the n-th event is the same one each time
        )
        self.ready = False
        try:
            self.until(lambda: self.ready)
        except BaseException:
            self.close()
            raise

    def start(
        self,
        *line: str,
        cwd: Path,
        env: dict[str, str],
        trap: dict[str, Any] | None = None,
        **more: Any,
    ) -> Child:
        """Fork a child for a command line; ``trap`` as in ``traps``, ``more`` as in ``zygote``."""
        id_ = str(next(self._ids))
        child = Child(self, id_, line, self._folder / f"child{id_}")
        for ending in (".out", ".err"):
            child.place.with_suffix(ending).touch()
        self._children[id_] = child
        job = {
            "id": id_,
            "line": line,
            "cwd": str(cwd),
            "env": env,
            "out": str(child.place),
            "trap": trap,
            **more,
        }
        self._ask(job)
        self.until(lambda: child.pid)
        return child

    def signal(self, child: Child, number: int) -> None:
        """Nothing for one that has ended."""
        self._ask({"id": child.id, "signal": number})

    def _ask(self, job: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()

    def until(self, done: Any, child: Child | None = None) -> None:
        """Take in what the zygote tells until it is so."""
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert self.look(max(0.0, deadline - time.monotonic())), f"nothing came of {child}"

    def look(self, seconds: float = 0.005) -> bool:
        """Take in what the zygote tells; whether it told anything in this time."""
        assert self._process.stdout is not None
        told = self._process.stdout.fileno()
        if not select.select([told], [], [], seconds)[0]:
            return False
        read = os.read(told, 65536)
        assert read, "the zygote has ended"
        *lines, self._rest = (self._rest + read).split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return True

    def _take(self, told: dict[str, Any]) -> None:
        if told.get("ready"):
            self.ready = True
            return
        child = self._children[told["id"]]
        child.pid = told.get("pid", child.pid)
        child.stopped = told.get("stopped", child.stopped)
        if "status" in told:
            child.status = told["status"]
            del self._children[child.id]

    @property
    def frozen(self) -> int:
        """How many have stopped."""
        return sum(child.stopped for child in self._children.values())

    def kill_all(self) -> None:
        """End whatever a test has left behind."""
        for child in list(self._children.values()):
            self.signal(child, signal.SIGKILL)
            child.wait()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=PATIENCE)
        self._process.stdout.close()
