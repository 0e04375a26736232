"""A book drafted from data that a person has at hand, before there are any settings.

An entry point in the group ``arsync.drafts``, under the connector's name, names a function
``draft(path, folder)``: it looks at the data and proposes what the practice file should say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a book can use: its name, what it ``means`` in words, where it was found in the data
    ("" for nowhere), and samples of it."""

    name: str
    means: str
    at: str = ""
    samples: Sequence[str] = ()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed book, of the name ``book``. ``connection`` is the TOML of its connection with comments:
    the lines below ``[books.NAME.connection]``, and further tables below that one. ``notes`` are
    sentences on what is left to do, and on what the data comes to."""

    book: str
    connection: str
    found: Sequence[Found]
    notes: Sequence[str] = ()


class Drafting(Protocol):
    """The entry point's target. Reads the data at ``path`` and writes nothing; raises FixSettings.

    ``folder`` is the practice's, from which a relative path in the settings starts.
    """

    def __call__(self, path: Path, folder: Path) -> Draft: ...
