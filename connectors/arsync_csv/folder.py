"""The files of a book, each read whole and as it stood at one moment."""

from __future__ import annotations

import os
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from arsync.connector import ConnectionSettings
from arsync.errors import FixSettings, TryLater
from arsync.home_paths import at_home
from arsync_csv.options import Options

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")


class File(NamedTuple):
    """A file as it was read. ``name`` is its name without the folder."""

    name: str
    content: bytes


def read_files(settings: ConnectionSettings, options: Options) -> list[File]:
    """The files that the settings name. Raises FixSettings where there are none or they may not be
    read, and TryLater for one that is being written."""
    path = settings.folder / at_home(options.path, partial(settings.wrong, "path"))
    try:
        if not path.is_dir():
            return [File(path.name, steady(path))]
        chosen = _chosen(settings, options, path)
        files = [File(each.name, steady(each)) for each in chosen]
        if _chosen(settings, options, path) != chosen:
            raise TryLater(f"the files in {path} changed while they were read; try again in a moment")
    except FileNotFoundError:
        raise settings.wrong("path", f"there is no file {path}") from None
    except OSError as error:
        raise settings.wrong("path", f"{path} cannot be read: {error.strerror}") from None
    return files


def digest_of(files: list[File], options: Options) -> str:
    """What tells one state from another: what stands in the files, and how they are to be read."""
    digest = sha256(repr(options).encode("utf-8", "surrogatepass"))
    for file in files:
        digest.update(f"\n{file.name}\n{len(file.content)}\n".encode("utf-8", "surrogatepass"))
        digest.update(file.content)
    return digest.hexdigest()


def steady(path: Path) -> bytes:
    """A file's content. Raises TryLater where it was written to while it was read, and OSError."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        content = file.read()
    after = path.stat()  # by its name, for another file may have taken its place
    if _state(before) != _state(after) or len(content) != before.st_size:
        raise TryLater(f"{path} is being written; try again in a moment")
    return content


def listed(folder: Path) -> list[Path]:
    """The files of a folder that may be lists, by name; hidden ones and Excel's locks are none."""
    return sorted(
        each
        for each in folder.iterdir()
        if each.suffix.lower() in SUFFIXES and not each.name.startswith((".", "~$")) and each.is_file()
    )


def _chosen(settings: ConnectionSettings, options: Options, folder: Path) -> list[Path]:
    found = listed(folder)
    if not found:
        raise settings.wrong("path", f"there is no file in {folder} that ends in {', '.join(SUFFIXES)}")
    if len(found) > 1 and options.files is None:
        raise _undecided(settings, folder, found)
    if options.files == "newest":
        return [max(found, key=lambda each: (each.stat().st_mtime_ns, each.name))]
    return found


def _undecided(settings: ConnectionSettings, folder: Path, found: list[Path]) -> FixSettings:
    names = ", ".join(each.name for each in found[:5]) + (", ..." if len(found) > 5 else "")
    return settings.wrong(
        "path",
        f'there are {len(found)} files in {folder} ({names}); write files = "newest" if each is a later '
        'state of the list, or files = "together" if all of them make it up',
    )


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return (found.st_ino, found.st_size, found.st_mtime_ns)
