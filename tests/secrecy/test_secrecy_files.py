"""Files for their owner alone, whatever the umask; and what was open to others before is told."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from canaries import Stage

ON_ONE = pytest.mark.parametrize("stage", ["quickbooks"], indirect=True)
# What people write and read themselves; it holds no secret.
OWN = {"arsync.toml", "policy.toml"}


def modes(folder: Path) -> dict[str, int]:
    """The rights on everything in a practice's folder, by name."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.name not in OWN
    }


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set before the practice's first file is made."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@ON_ONE
def test_every_file(umask: int, stage: Stage) -> None:
    """Database, its log, locks, budgets, key, exports and backups, while they are in use."""
    desk = stage.desk
    stage.rest()
    desk.ok("sync")  # makes the budgets anew
    for line in (
        ("approve", "acme", "--all"),
        ("run",),
        ("export", "acme", str(desk.folder / "out" / "acme")),
        ("backup", str(desk.folder / "kept.db")),
    ):
        assert "others on this machine" not in desk.ok(*line).err  # nothing had to be narrowed afterwards
    with desk.opened():
        found = modes(desk.folder)
    database = ("arsync.db", "arsync.db-wal", "arsync.db-shm", "arsync.key", "kept.db")
    for name in (*database, "out/acme/aging.csv", "out/acme/acme.xlsx"):
        assert found[name] == 0o600, name
    assert found["arsync.db-locks/limits.db"] == 0o600
    assert found["arsync.db-locks"] == 0o700
    assert found["out/acme"] == 0o700
    wide = {name: oct(mode) for name, mode in found.items() if mode & 0o077 and name != "out"}
    assert wide == {}


@ON_ONE
def test_what_was_open_to_others(stage: Stage) -> None:
    """A database that was copied here with wider rights is narrowed at the next opening, and it is said
    once; of the key it is said, and nothing is done with it."""
    desk = stage.desk
    database, budgets = desk.folder / "arsync.db", desk.folder / "arsync.db-locks" / "limits.db"
    database.chmod(0o644)
    budgets.chmod(0o666)
    budgets.parent.chmod(0o755)
    typed = desk.ok("sync")
    for path, mode in ((database, "644"), (budgets.parent, "755"), (budgets, "666")):
        assert f"others on this machine had rights on {path} ({mode}); they have none any more" in typed.err
    assert {name: mode for name, mode in modes(desk.folder).items() if mode & 0o077} == {}
    assert "others on this machine" not in desk.ok("sync").err
    key = desk.folder / "arsync.key"
    key.chmod(0o644)
    typed = desk.gives(2, "sync")
    assert f"chmod 600 {key}" in typed.err
    assert stat.S_IMODE(key.stat().st_mode) == 0o644


LOADED = """
import sys
from arsync.cli import cli, told
told(lambda: cli.main(sys.argv[1:], "arsync", standalone_mode=False))
sys.exit(any(name.partition(".")[0] == "cryptography" for name in sys.modules))
"""


@ON_ONE
@pytest.mark.parametrize("line", ["--help", "plan", "aging", "worklist"])
def test_what_needs_no_token_does_not_load_the_library(stage: Stage, line: str) -> None:
    """The package cryptography takes a while to load, and a look at the books needs none of it."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, line],
        cwd=stage.desk.folder,
        env={**os.environ, "ARSYNC_NOW": stage.desk.now().isoformat()},
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
