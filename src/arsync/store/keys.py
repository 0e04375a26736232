"""Where the key of the tokens is: a file of arsync's own, or what the practice file refers to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Protocol

from arsync.errors import FixSettings
from arsync.private_files import width
from arsync.secret_references import reveal, secret_file

FILE = "arsync.key"
ELSEWHERE = (
    "On a disk that keeps no such rights, keep the key elsewhere and write under [practice]: "
    'key = "env:NAME" (or "keyring:SERVICE/NAME")'
)


class Key(Protocol):
    """``place`` is how messages call it."""

    @property
    def place(self) -> str: ...

    def read(self) -> str | None:
        """Its text; None where there is none yet. Raises FixSettings."""
        ...

    def make(self, text: str) -> None:
        """Keep this text as the key for good, unless another process was faster. Raises FixSettings."""
        ...

    def wrong(self, problem: str) -> FixSettings:
        """The error for this key, with its place."""
        ...


class KeyFile:
    """A file for its owner alone, made when a key is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        return str(self._path)

    def read(self) -> str | None:
        if not self._path.exists():
            return None
        if not self._path.is_file():
            raise self.wrong(
                "this is not a file, so no key of the tokens is in it; move it away and bring the file back, "
                "or run `arsync connect BOOK` for each book"
            )
        if problem := _readable(self._path):
            raise self.wrong(problem)
        try:
            return self._path.read_text("utf-8")
        except OSError as error:
            raise self.wrong(f"the key of the tokens cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise self.wrong("the key of the tokens is not text") from None

    def make(self, text: str) -> None:
        """Whole or not at all, and on the disk before anything is encrypted with it."""
        try:
            handle, name = mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-")
            part = Path(name)
            try:
                part.chmod(0o600)
                os.write(handle, f"{text}\n".encode())
                os.fsync(handle)
                _publish(part, self._path)
            finally:
                os.close(handle)
                part.unlink(missing_ok=True)
        except OSError as error:
            raise self.wrong(f"the key of the tokens cannot be made: {error.strerror}") from None

    def wrong(self, problem: str) -> FixSettings:
        return FixSettings(problem, where=self.place)


class KeyReference:
    """A key that the practice file refers to; it is never made here."""

    def __init__(
        self,
        reference: str,
        folder: Path,
        environ: Mapping[str, str],
        wrong: Callable[[str], FixSettings],
    ) -> None:
        """``wrong`` puts file and line of the reference in front of a problem."""
        self._reference, self._folder, self._environ = reference, folder, environ
        self._wrong = wrong

    @property
    def place(self) -> str:
        return self._reference

    def read(self) -> str:
        kind, _, rest = self._reference.partition(":")
        try:
            if kind == "file" and (problem := _readable(secret_file(rest, self._folder))):
                raise FixSettings(problem)
            return reveal(self._reference, self._folder, self._environ)
        except FixSettings as error:
            raise self.wrong(error.problem) from None

    def make(self, text: str) -> None:
        raise AssertionError(f"a key of {len(text)} characters was to be made in a place that has one")

    def wrong(self, problem: str) -> FixSettings:
        return self._wrong(problem)


def _readable(path: Path) -> str | None:
    """What is wrong with a file that others of this machine may read or write."""
    if not (rights := width(path)):
        return None
    return (
        f"others on this machine may use the key of the tokens (their rights on {path} are {rights:03o}); "
        f"take them away: chmod 600 {path}. {ELSEWHERE}"
    )


def _publish(part: Path, target: Path) -> None:
    """Give a filled file its name, never over a key that another process has made meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        return
    except OSError:
        if target.exists():
            return
        part.rename(target)  # a file system without links
    with suppress(OSError):  # not every system does so for folders
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
