"""The SQL of the store: a file a room, its statements named by ``-- name: ...`` lines.

It keeps to what SQLite and PostgreSQL share: no date functions, no JSON operators, no booleans.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def statements(room: str) -> dict[str, str]:
    """The statements of ``<room>.sql`` by name, read once a process."""
    text = files(__name__).joinpath(f"{room}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return dict(zip(parts[::2], (part.strip().rstrip(";") for part in parts[1::2]), strict=True))
