"""Files and folders for their owner alone, whatever the umask of the process says.

On systems without the rights of POSIX nothing is looked at: there the folder's own list decides.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NamedTuple

OTHERS = 0o077


class Wide(NamedTuple):
    """A file or folder that others had rights on. ``narrowed``: they have none any more."""

    path: Path
    mode: int
    narrowed: bool


def private_file(path: Path) -> bool:
    """Make an empty file where there is none; whether it was made. Raises OSError."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return False
    os.close(handle)
    path.chmod(0o600)  # a umask can take rights from the owner too
    return True


def private_folder(path: Path) -> None:
    """Make a folder where there is none, with those above it. Raises OSError."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)


def width(path: Path) -> int:
    """The rights that others than the owner have, 0 for none and where there is no such file."""
    if os.name != "posix":
        return 0
    try:
        return stat.S_IMODE(path.stat().st_mode) & OTHERS
    except OSError:
        return 0


def narrow(path: Path) -> Wide | None:
    """Take from others what rights they have; None where they have none."""
    if not width(path):
        return None
    mode = stat.S_IMODE(path.stat().st_mode)
    try:
        path.chmod(mode & ~OTHERS)
    except OSError:  # it is another user's
        return Wide(path, mode, narrowed=False)
    return Wide(path, mode, narrowed=True)
