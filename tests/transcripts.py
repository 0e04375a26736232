"""Command blocks of the documents: read, carried out in real processes, and compared with what is printed.

A block fenced as `console` has lines that begin with `$ `; what follows one is what it prints. A line
`...` leaves out any number of lines, `...` within a line some of its text. Ids, dates, ports and numbers
of bytes may differ, nothing else.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import requests

ROOT = Path(__file__).parent.parent
# The browser of a person who agrees: opens the address, follows where it is sent. It tries again where arsync
# hung up on it, as on one that a busy machine kept from speaking.
_BROWSER = f"""#!{sys.executable}
import sys, urllib.error, urllib.request
for _ in range(3):
    try:
        urllib.request.urlopen(sys.argv[1], timeout=60).read()
    except urllib.error.HTTPError:
        raise
    except OSError:
        continue
    break
"""
# What is not of a transcript: the day is that of the document, and work that takes seconds tells how far it
# has come.
_APART = re.compile(
    r".*the clock is replaced by"
    r"|\w+: (page \d+: [\d,]+ invoices, [\d,]+ customers, [\d,]+ credits|notes: \d+ (written|places read))$"
)
_VARYING = (
    (r"\b[0-9a-f]{12}\b", "<id>"),
    (r"\b\d{4}-\d\d-\d\d\b", "<date>"),
    (r"\b[A-Z][a-z]+day, \d\d [A-Z][a-z]+ \d{4}\b", "<day>"),
    (r"(127\.0\.0\.1|localhost|localhost%3A)([:]?)\d+", r"\1\2<port>"),
    (r"\b[\d,]+ bytes\b", "<n> bytes"),
)


@dataclass(frozen=True)
class Typed:
    """A command of a block, and the lines that the document says it prints."""

    line: str
    printed: tuple[str, ...]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language in a page, without their fences."""
    found = re.findall(
        rf"^( *)```{language}\n(.*?)^ *```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    return [textwrap.dedent(block) if indent else block for indent, block in found]


def commands(block: str) -> Iterator[Typed]:
    """The commands of a console block, in order."""
    line = ""
    printed: list[str] = []
    for each in block.splitlines():
        if each.startswith("$ "):
            if line:
                yield Typed(line, tuple(printed))
            line, printed = each[2:], []
        else:
            assert line, f"before the first command of a block: {each!r}"
            printed.append(each)
    if line:
        yield Typed(line, tuple(printed))


def difference(expected: tuple[str, ...], actual: str) -> str | None:
    """What is wrong with the lines of a document, None where they are what was printed."""
    lines = [_fixed(line) for line in actual.splitlines()]
    at, skipping = 0, False
    for line in expected:
        if line.strip() == "...":
            skipping = True
            continue
        pattern = re.compile(r"[^\n]*".join(re.escape(part) for part in _fixed(line).split("...")))
        reach = range(at, len(lines)) if skipping else range(at, min(at + 1, len(lines)))
        here = next((i for i in reach if pattern.fullmatch(lines[i])), None)
        if here is None:
            return f"not printed{' there' if at else ''}: {line}\n--- what was printed:\n{actual}"
        at, skipping = here + 1, False
    if at < len(lines) and not skipping:
        return f"printed, but not in the document: {lines[at]}\n--- what was printed:\n{actual}"
    return None


def _fixed(line: str) -> str:
    for pattern, word in _VARYING:
        line = re.sub(pattern, word, line)
    return line.rstrip()


@dataclass
class Window:
    """A terminal in a folder: types commands in real processes, on a day that is given.

    It knows `arsync`, and of a shell no more than `cd`, `export`, `echo $?` and `curl -d DATA ADDRESS`, so
    that a machine needs no other programs. ``addresses`` replaces those that stand in the document.
    """

    folder: Path
    now: str
    addresses: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    status: int = 0

    def __post_init__(self) -> None:
        self.home = self.folder
        programs = self.folder / "programs"
        programs.mkdir()
        for name in ("xdg-open", "open"):  # as click opens an address on Linux and on macOS
            (programs / name).write_text(_BROWSER, "utf-8")
            (programs / name).chmod(0o755)

    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ARSYNC_")}
        path = os.pathsep.join([str(self.home / "programs"), kept.get("PATH", "")])
        return {**kept, "PATH": path, "ARSYNC_NOW": self.now, **self.variables}

    def type(self, line: str) -> str:
        """What a command prints, on both streams; its exit status stands in ``status``."""
        match shlex.split(line):
            case ["cd", folder]:
                self.folder = self.folder / folder
                assert self.folder.is_dir()
            case ["export", *settings]:
                self.variables |= dict(setting.split("=", 1) for setting in settings)
            case ["echo", "$?"]:
                return f"{self.status}\n"
            case ["curl", "-d", data, address]:
                answer = requests.post(self._there(address), data=data.encode(), timeout=60)
                answer.raise_for_status()
                return answer.text
            case ["arsync", *arguments]:
                return self._arsync(arguments)
            case _:
                raise AssertionError(f"this window cannot type {line!r}; give its block another language")
        self.status = 0
        return ""

    def _arsync(self, arguments: list[str]) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "arsync", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=300,
        )
        self.status = done.returncode
        return "".join(line for line in done.stdout.splitlines(keepends=True) if not _APART.match(line))

    def _there(self, text: str) -> str:
        for documented, real in self.addresses.items():
            text = text.replace(documented, real)
        return text

    def write(self, name: str, text: str) -> None:
        """Write a file that the document shows, with the addresses of this test."""
        (self.folder / name).write_text(self._there(text), "utf-8")


class Sandbox:
    """`arsync sandbox` on free ports, in a process of its own, for as long as ``with`` lasts.

    The window it was opened in learns its addresses, in place of those of the ports 8001 to 8004.
    """

    def __init__(self, window: Window) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "arsync", "sandbox", "--port", "0"],
            cwd=window.folder,
            env=window.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.printed = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.printed += "" if _APART.match(line) else line
            if line.startswith("serving until stopped"):
                break
        found = re.findall(r"(?:http|smtp)://127\.0\.0\.1:\d+(?=[\s/]|$)", self.printed.partition("\n\n")[0])
        real = list(dict.fromkeys(found))
        assert len(real) == 4, self.printed
        for port, address in zip(range(8001, 8005), real, strict=True):
            window.addresses[f"{address.partition(':')[0]}://127.0.0.1:{port}"] = address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=60)
