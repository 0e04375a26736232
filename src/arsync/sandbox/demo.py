"""`arsync demo`: two companies on the bundled sandbox, from the first sync to the notes.

It types the commands that a bookkeeper would and prints what they print; nothing is staged but the
companies, one payment, and the consent that a browser would give.
"""

from __future__ import annotations

import re
import shutil
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import SystemRandom
from textwrap import shorten

import requests

from arsync.errors import FixSettings
from arsync.practice import standard_policy
from arsync.sandbox.host import SandboxHost, practice_text, write_secrets

MARK = "# a demonstration practice: `arsync demo` may write it anew\n"
# Below those that are given to who asks for any: on Linux from 32768, elsewhere from 49152 (RFC 6335) on.
_PORTS = range(20_000, 32_000)
Command = Callable[[list[str]], int]


def prepare(folder: Path) -> None:
    """An empty folder for the demonstration. Raises FixSettings rather than touch anything else, and
    where the folder cannot be written."""
    try:
        _emptied(folder)
    except OSError as error:
        raise FixSettings(f"{folder} cannot be written ({error.strerror}); name another folder") from None


def _emptied(folder: Path) -> None:
    if folder.exists():
        file = folder / "arsync.toml"
        if folder.is_dir() and file.is_file() and file.read_text("utf-8").startswith(MARK):
            shutil.rmtree(folder)
        elif not folder.is_dir() or any(folder.iterdir()):
            raise FixSettings(f"{folder} exists and is no former demonstration; name another folder")
    folder.mkdir(parents=True, exist_ok=True)


def write_demo(host: SandboxHost, folder: Path) -> None:
    """The practice file, its secrets, and the standard policy with every day as a sending day."""
    text = practice_text(host, automatic="xero", redirect_port=_free_port())
    (folder / "arsync.toml").write_text(MARK + text, "utf-8")
    write_secrets(host, folder)
    (folder / "policies").mkdir()
    # A demonstration is watched on any day of the week; the standard policy sends on weekdays only.
    every_day = 'send_on = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
    policy = re.sub(r"(?m)^send_on = .*$", every_day, standard_policy())
    (folder / "policies" / "standard.toml").write_text(policy, "utf-8")


def demonstrate(host: SandboxHost, command: Command, tell: Callable[[str], None]) -> int:
    """The whole show. ``command`` carries out a command line and gives its exit status."""

    def step(title: str, *lines: list[str]) -> int:
        tell("")
        tell(f"== {title}")
        status = 0
        for line in lines:
            tell("")
            tell(f"$ arsync {' '.join(line)}")
            status = max(status, command(line))
        return status

    first, second = (served.book for served in host.sandboxes.values())
    status = step("1. Access: a consent for each company", ["connect", first], ["connect", second])
    status |= step("2. Sync: what is open comes into the local books", ["sync"])
    status |= step("3. Aging: who owes what, and for how long", ["aging"])
    status |= step("4. Plan: who hears what today, and why not", ["plan"])
    status |= step("5. Approve: this book sends only what a person released", ["approve", first, "--all"])
    number, sentence = next(iter(host.sandboxes.values())).someone_pays()
    tell("")
    tell(f"   Meanwhile, in the accounting system: {sentence}.")
    status |= step("6. Run: each debt is read again before its message leaves; notes go back", ["run"])
    status |= step("7. Again: a second run on the same day changes nothing", ["run"])
    status |= step("8. Explain: the story of one invoice", ["explain", first, number])
    tell("")
    tell("== What now stands in the accounting systems")
    for served in host.sandboxes.values():
        for where, text in served.notes()[:4]:
            tell(
                f"   {served.title}, {where}: {shorten(' / '.join(text.splitlines()), 230, placeholder=' …')}"
            )
    return status


def grant_access(address: str) -> None:
    """What a browser does: open the address, be sent back to the waiting command; again where that command
    hung up, as it does on a browser that says nothing for five seconds because the machine stood still."""

    def browse() -> None:
        for _ in range(3):
            with suppress(requests.ConnectionError):
                requests.get(address, timeout=60)
                return

    threading.Thread(target=browse, daemon=True).start()


def _free_port() -> int:
    """A port that is free, and that no system gives to a program which asks for any: `connect` listens on it
    seconds later."""
    for port in SystemRandom().sample(_PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise FixSettings("a hundred ports of this machine are taken; close what uses them")
