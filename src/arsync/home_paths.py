"""Paths as a person writes them, with ~ for a home folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from arsync.errors import FixSettings
from arsync.plain_text import one_line


def at_home(path: str | Path, wrong: Callable[[str], FixSettings] = FixSettings) -> Path:
    """The path with ~ and ~USER written out. Raises what ``wrong`` makes of a sentence where there is no such
    user, and for a name that no file has."""
    try:
        if "\0" not in str(path):
            return Path(path).expanduser()
    except RuntimeError:
        pass
    raise wrong(
        f"no file can have the name {one_line(str(path), 200)}; ~NAME at its beginning is the home of a "
        "user of this machine"
    )
