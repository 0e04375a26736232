"""The README does not lie: its commands are typed in real processes, and print what it says they print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from arsync.cli import COMMANDS
from free_port import free_port
from transcripts import ROOT, Sandbox, Window, blocks, commands, difference

README = ROOT / "README.md"
CONNECTING = ROOT / "docs" / "connecting.md"
# The day of the README's transcript: 9 o'clock in Los Angeles, 17 o'clock in London.
MONDAY = "2026-11-23T17:00:00+00:00"


@pytest.fixture
def window(tmp_path: Path) -> Window:
    return Window(tmp_path, MONDAY)


def test_the_demonstration_prints_its_excerpt(window: Window) -> None:
    [block] = [block for block in blocks(README, "console") if block.startswith("$ arsync demo\n")]
    [typed] = commands(block)
    printed = window.type(typed.line)
    assert window.status == 0, printed
    assert difference(typed.printed, printed) is None
    assert len(list((window.folder / "arsync-demo" / "mail").glob("*.eml"))) == 6 + 8
    practice = (window.folder / "arsync-demo" / "arsync.toml").read_text("utf-8")
    ports = {int(port) for port in re.findall(r"redirect_uri = .*:(\d+)/", practice)}
    assert ports
    assert all(20_000 <= port < 32_000 for port in ports)  # nobody is given them in between


def test_a_practice_in_five_minutes(window: Window) -> None:
    """Every block after the demonstration's, in order, in one window beside a sandbox."""
    first, *rest = [block for block in blocks(README, "console") if "$ arsync demo\n" not in block]
    [serving] = commands(first)
    assert serving.line == "arsync sandbox"
    with Sandbox(window) as sandbox:
        assert difference(serving.printed, sandbox.printed) is None
        for block in rest:
            _follow(window, block)
            if "$ cd hartley\n" in block:
                window.write("arsync.toml", _practice_file())


def _follow(window: Window, block: str) -> None:
    """Type the commands of a block. One that does not succeed is followed by `echo $?`."""
    typed = list(commands(block))
    for command, after in zip(typed, [*typed[1:], None], strict=True):
        printed = window.type(command.line)
        if after is None or after.line != "echo $?":
            assert window.status == 0 or command.line == "echo $?", f"$ {command.line}\n{printed}"
        wrong = difference(command.printed, printed)
        assert wrong is None, f"$ {command.line}\n{wrong}"


def _practice_file() -> str:
    """The practice file of the README, with a redirect to a port that is free on this machine."""
    [text] = [block for block in blocks(README, "toml") if "[practice]" in block]
    redirect = f'redirect_uri = "http://localhost:{free_port()}/callback"'
    return text.replace('server = "http:', f'{redirect}\nserver = "http:')


def test_every_command_is_in_its_table() -> None:
    rows = re.findall(r"^\| `arsync ([a-z-]+)[ `]", README.read_text("utf-8"), re.MULTILINE)
    assert rows == list(COMMANDS)


def test_the_two_commands_are_targets() -> None:
    """They need the network the first time, so a test looks only at what they are."""
    [block] = [block for block in blocks(README, "sh") if "make demo" in block]
    targets = re.findall(r"^make (\w+)", block, re.MULTILINE)
    assert targets == ["demo", "test"]
    recipes = dict(
        re.findall(r"^(\w+): \$\(READY\).*\n\t(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )
    assert recipes["demo"] == "@$(BIN)/arsync demo"
    assert "pytest" in recipes["test"]


def test_the_practice_files_of_the_vendors_are_whole(window: Window) -> None:
    """The books shown where connecting is told are accepted as they stand; they only lack their consent."""
    books = blocks(CONNECTING, "toml")
    assert len(books) == 2
    window.write("arsync.toml", '[practice]\nname = "Hartley & Co"\n' + "\n".join(books))
    window.variables |= dict.fromkeys(
        ["ACME_CLIENT_ID", "ACME_CLIENT_SECRET", "BIRCH_CLIENT_ID", "BIRCH_CLIENT_SECRET"], "made-up"
    )
    printed = window.type("arsync plan")
    assert window.status == 0, printed
    assert "acme: plan for Monday, 23 November 2026" in printed
    assert "birch: plan for Monday, 23 November 2026" in printed


def test_a_difference_is_seen() -> None:
    """The comparison itself: it forgives ids and dates, and neither a word nor a number nor a line."""
    told = ("sent 0c090cb83bc0 on 2026-11-23", "...", "2 notes written")
    assert difference(told, "sent 66247eb7c241 on 2027-01-04\nx\ny\n2 notes written\n") is None
    assert difference(told, "sent 66247eb7c241 on 2027-01-04\n3 notes written\n") is not None
    assert difference(told, "sent 66247eb7c241 on 2027-01-04\n2 notes written\nmore\n") is not None
    assert difference(("a", "b"), "a\nx\nb\n") is not None
    assert difference(("a ... c",), "a b c\n") is None
