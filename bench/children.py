"""Programs in processes of their own: what one costs is then its own, from its start to its end."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Of the app that the simulators know.
SECRETS = {"ARSYNC_BENCH_ID": "sandbox-client", "ARSYNC_BENCH_SECRET": "sandbox-secret"}


def run(module: str, *arguments: str | Path) -> dict[str, Any]:
    """Run ``bench.MODULE`` to its end and give what it told. Raises RuntimeError where it crashed."""
    done = subprocess.run(
        _command(module, *arguments),
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"bench.{module} {' '.join(map(str, arguments))} crashed:\n{done.stderr}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@contextmanager
def running(module: str, *arguments: str | Path) -> Iterator[dict[str, Any]]:
    """A program that tells one line, serves, and ends when its standard input does."""
    with subprocess.Popen(
        _command(module, *arguments),
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"bench.{module} ended before it served")
        yield json.loads(line)


def tell(**answer: object) -> None:
    """The last word of a measured program: its answer, with the CPU (user and system, start-up
    included) and the peak memory of its whole process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    spent = {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss * unit / 1_000_000}
    print(json.dumps({**spent, **answer}), flush=True)


def _command(module: str, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", f"bench.{module}", *map(str, arguments)]


def _environment() -> dict[str, str]:
    return {**os.environ, **SECRETS}
