"""A practice folder with one book, and the book opened as the commands open it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arsync.runs.book import Book, Clock

BOOK = "large"

_KEPT: list[socket.socket] = []

_POLICY = """
name = "bench"
min_gap_days = 5
minimum = { USD = "25.00", GBP = "25.00" }
[[steps]]
name = "heads-up"
when = "3 days before due"
[[steps]]
name = "first reminder"
when = "1 day after due"
template = "first-reminder"
[[steps]]
name = "second reminder"
when = "10 days after due"
template = "second-reminder"
[[steps]]
name = "final notice"
when = "30 days after due"
template = "final-notice"
[[steps]]
name = "hand over"
when = "60 days after due"
does = "task"
"""


def write(folder: Path, vendor: str, url: str, connection: Mapping[str, str]) -> None:
    """The practice file and a policy that sends on every day, so that all days measure alike."""
    folder.mkdir(parents=True)
    lines = "".join(f'{key} = "{value}"\n' for key, value in connection.items())
    (folder / "arsync.toml").write_text(
        f"""[practice]
name = "Bench"
[books.{BOOK}]
connector = "{vendor}"
policy = "policy.toml"
sending = "approve"
golive = "start"
from = "Accounts <ar@bench.example>"
timezone = "UTC"
[books.{BOOK}.connection]
{lines}client_id = "env:ARSYNC_BENCH_ID"
client_secret = "env:ARSYNC_BENCH_SECRET"
redirect_uri = "http://localhost:{_free_port()}/callback"
server = "{url}"
""",
        "utf-8",
    )
    (folder / "policy.toml").write_text(_POLICY, "utf-8")


def typed(folder: Path, *line: str) -> None:
    """Type a command line in the practice's folder; a browser that consents is at hand."""
    from arsync.cli import Invocation, cli

    status = cli.main(list(line), prog_name="arsync", standalone_mode=False, obj=Invocation(folder, _consent))
    if status:
        raise RuntimeError(f"arsync {' '.join(line)} ended with {status}")


@contextmanager
def opened(folder: Path, command: str, clock: Clock | None = None) -> Iterator[Callable[[], Book]]:
    """Gives a function that opens the book, each time with a connection to the service of its own."""
    from arsync import opening
    from arsync.connector import budget
    from arsync.practice import load_practice
    from arsync.store import Store

    # The same limiter, which costs what it costs, but one that never waits: the vendors' rates are
    # not what is measured.
    opening.budget = lambda folder, tenant, **_: budget(folder, tenant, per_minute=10**6)  # type: ignore[attr-defined]
    settings = load_practice(folder)
    clock = clock or opening.clock_from({})[0]
    with Store.open(settings.database) as store:
        opener = opening.Opener(settings, store, clock, print)
        [book] = settings.chosen([BOOK])
        try:
            yield lambda: opener.book(book, command=command, sends=False, letters=False)
        finally:
            opener.close()


def _consent(address: str) -> None:
    """The waiting command hangs up on a browser that a busy machine keeps from speaking: it knocks again."""
    import requests

    def browse() -> None:
        for _ in range(3):
            with suppress(requests.ConnectionError):
                requests.get(address, timeout=60)
                return

    threading.Thread(target=browse, daemon=True).start()


def _free_port() -> int:
    """One that is given to nobody else before this process ends (on Linux), and that a server may name."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    port: int = kept.getsockname()[1]
    if sys.platform == "linux":
        _KEPT.append(kept)
    else:
        kept.close()
    return port
