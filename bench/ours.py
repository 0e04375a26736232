"""The measured programs of arsync's own side: ``python -m bench.ours PROGRAM FOLDER ...``.

Each tells one line of JSON at its end. What only the measuring needs is imported where it is needed,
so that a program carries what arsync carries and no more.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.children import tell
from bench.practice import opened, typed

if TYPE_CHECKING:
    from arsync.runs.book import Book

LEDGER = (
    "customers",
    "invoices",
    "invoices_past",
    "credits",
    "credits_past",
    "payments",
    "allocations",
    "rejects",
)
# What their modules begin with; the package intuitlib itself is there from the start, by its .pth file.
SDKS = ("quickbooks.", "xero_python.", "intuitlib.")


def connect(folder: Path) -> None:
    """`arsync connect`: the consent, and the check of the company, are not part of a sync."""
    with redirect_stdout(sys.stderr):
        typed(folder, "connect", "large")
    tell()


def sync(folder: Path, tape: str = "") -> None:
    """A cold sync in a fresh process. ``tape`` is a file for the requests it made."""
    requests_made: list[dict[str, Any]] = []
    if tape:
        _tape(requests_made)
    with opened(folder, "sync") as book:
        report = _synced(book())
    if tape:
        Path(tape).write_text(json.dumps(requests_made), "utf-8")
    tell(**report)


def again(folder: Path) -> None:
    """A sync with nothing changed, in a process that has made one before."""
    with opened(folder, "sync") as book:
        _synced(book())
        ready = book()
        before = time.process_time()
        report = _synced(ready)
        spent = time.process_time() - before
    tell(**report, spent=spent)


def rows_written(folder: Path) -> None:
    """How many rows of the ledger a second full pull of unchanged data writes."""
    with opened(folder, "sync") as book:
        ready = book()
        conn = ready.store.connection
        conn.execute("CREATE TEMP TABLE written (n INTEGER)")
        for name in LEDGER:
            for act in ("INSERT", "UPDATE", "DELETE"):
                conn.execute(
                    f"CREATE TEMP TRIGGER {act}_{name} AFTER {act} ON main.{name} "
                    "BEGIN INSERT INTO written VALUES (1); END"
                )
        report = _synced(ready, full=True)
        [(written,)] = conn.execute("SELECT count(*) FROM written").fetchall()
    tell(**report, written=written)


def sdks(folder: Path, *line: str) -> None:
    """Which of the vendors' SDKs a command line loads."""
    with Path("/dev/null").open("w") as nowhere, redirect_stdout(nowhere), suppress(SystemExit):
        typed(folder, *line)
    tell(loaded=sorted({name.partition(".")[0] for name in sys.modules if name.startswith(SDKS)}))


def _synced(book: Book, *, full: bool = False) -> dict[str, Any]:
    """One sync under a claim, as the commands do it."""
    from arsync.runs.sync import sync as pull
    from arsync.store.leases import claim, release

    lease = claim(book.store, book.name, command="sync", at=book.clock())
    report = pull(book, lease, full=full)
    release(
        book.store, lease, outcome="done", at=book.clock(), api_calls=report.api_calls, bytes_=report.bytes
    )
    if not report.complete or report.rejects:
        raise RuntimeError(f"the sync did not read everything: {report}")
    counts = ("customers", "invoices", "credits", "api_calls", "bytes")
    return {name: getattr(report, name) for name in counts}


def _tape(made: list[dict[str, Any]]) -> None:
    """Note every request on its way out."""
    import requests

    send = requests.Session.send

    def noting(self: requests.Session, request: requests.PreparedRequest, **how: Any) -> requests.Response:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        made.append(
            {"method": request.method, "url": request.url, "headers": dict(request.headers), "data": body}
        )
        return send(self, request, **how)

    requests.Session.send = noting  # type: ignore[method-assign]


PROGRAMS = {"connect": connect, "sync": sync, "again": again, "rows-written": rows_written, "sdks": sdks}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
