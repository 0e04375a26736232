"""Several processes that want the same of a store or its files, at one moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from arsync.store import opening

Work = Callable[[Path, Any, Any], None]
# Nobody gives up because a busy machine kept somebody else from going on.
LOCK_SECONDS, ALL_SECONDS = 60, 180


def at_once(how_many: int, work: Work, path: Path) -> list[Any]:
    """What so many processes tell, each a single thing; all of them have ended well.

    Each does ``work(path, gate, told)``: it waits at the gate for the others, and puts into the queue what
    it tells. At the gate all may wait for each other again.
    """
    method = multiprocessing.get_context("spawn")
    gate, told = method.Barrier(how_many), method.Queue()
    crowd = [method.Process(target=_patiently, args=(work, path, gate, told)) for _ in range(how_many)]
    for process in crowd:
        process.start()
    answers = [told.get(timeout=ALL_SECONDS) for _ in crowd]
    for process in crowd:
        process.join(ALL_SECONDS)
    assert [process.exitcode for process in crowd] == [0] * how_many
    return answers


def _patiently(work: Work, path: Path, gate: Any, told: Any) -> None:
    opening.WAIT_SECONDS = LOCK_SECONDS
    work(path, gate, told)
