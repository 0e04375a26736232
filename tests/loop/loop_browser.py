"""The browser of a person who is asked for consent, and one that is up to something."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import requests


def query_of(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def load(address: str) -> int:
    """A browser loads a page, and again where its connection ends without an answer: arsync does not wait
    for long on one that says nothing, and a machine may stand still before the browser has spoken. The
    status, 0 where no answer comes."""
    for _ in range(3):
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(address, timeout=60).status_code
    return 0


def sent_back(address: str) -> str:
    """Where a person who consents is sent back to, before the browser goes there."""
    return requests.get(address, timeout=60, allow_redirects=False).headers["Location"]


def visit(*addresses: str) -> None:
    """A browser opens these, one after the other, as soon as it can."""

    def open_all() -> None:
        for address in addresses:
            load(address)

    threading.Thread(target=open_all, daemon=True).start()


def redirecting(change: Callable[[dict[str, str]], dict[str, str]]) -> Callable[[str], None]:
    """A browser whose consent page sends back what ``change`` makes of the true answer's query."""

    def open_page(address: str) -> None:
        target = sent_back(address)
        changed = change(query_of(target))
        visit(f"{target.partition('?')[0]}?{urlencode(changed)}")

    return open_page
