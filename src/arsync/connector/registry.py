"""Finding connectors: ours and strangers' come through the same door, the entry-point groups."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import Any, cast

from arsync.connector.draft import Drafting
from arsync.connector.protocol import Connect
from arsync.errors import BrokenConnector, FixSettings

GROUP = "arsync.connectors"
DRAFTS = "arsync.drafts"


def names() -> list[str]:
    """The names of all installed connectors."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def find(name: str, *, where: str | None = None, key: str | None = None) -> Connect:
    """The connector of that name. Raises FixSettings for an unknown one, naming those installed."""
    return cast(Connect, _loaded(GROUP, name, where=where, key=key))


def find_drafting(name: str) -> Drafting:
    """What the connector of that name drafts a book with. Raises FixSettings."""
    return cast(Drafting, _loaded(DRAFTS, name, where=None, key=None))


def _loaded(group: str, name: str, *, where: str | None, key: str | None) -> Any:
    found = {point.name: point for point in entry_points(group=group)}
    if name not in found:
        near = get_close_matches(name, found, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise FixSettings(
            f"no connector {name!r} is installed; {hint}installed: {', '.join(sorted(found))}",
            where=where,
            key=key,
        )
    try:
        return found[name].load()
    except (ImportError, AttributeError) as error:
        raise BrokenConnector(f"the connector {name!r} cannot be loaded: {error}") from error
