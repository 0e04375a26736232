"""Files and folders that are not what arsync keeps there: one sentence says what is wrong, where, and what to
do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger


@pytest.fixture
def desk(quickbooks: Ledger) -> Desk:
    """The desk of a book that works."""
    quickbooks.invoice(quickbooks.customer("Ash", "ap@ash.example"), "100.00")
    quickbooks.desk.ok("sync")
    return quickbooks.desk


def the_error(desk: Desk, status: int, *line: str) -> str:
    """The one error of a command."""
    told = desk.gives(status, *line)
    [error] = [each for each in told.err.splitlines() if each.startswith("error: ")]
    return error


def emptied(path: Path) -> Path:
    """The place, with nothing there any more."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return path


@pytest.mark.parametrize("what", ["file", "link to nowhere", "link in a circle"])
def test_no_folder_of_locks(desk: Desk, what: str) -> None:
    place = emptied(desk.folder / "arsync.db-locks")
    if what == "file":
        place.write_text("mine")
        place.chmod(0o644)
    else:
        place.symlink_to(place if "circle" in what else desk.folder / "nowhere")
    for command in ("sync", "status", "run"):
        error = the_error(desk, 2, command)
        assert f"{place}: this is not a folder" in error
        assert "move it away" in error
    if what == "file":
        assert (place.read_text(), place.stat().st_mode & 0o777) == ("mine", 0o644), "it is not ours"
    emptied(place)
    desk.ok("sync")


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_a_key_that_is_no_file(desk: Desk, kind: str) -> None:
    """It is not read: nobody writes into the pipe, and the command would wait for ever."""
    place = emptied(desk.folder / "arsync.key")
    place.mkdir(0o755) if kind == "folder" else os.mkfifo(place, 0o600)
    error = the_error(desk, 2, "sync")
    assert f"{place}: this is not a file" in error
    assert "bring the file back" in error
    assert "arsync connect" in error


def test_a_key_that_others_may_use(desk: Desk) -> None:
    """Also on a disk where that cannot be mended: the way out works."""
    key = desk.folder / "arsync.key"
    key.chmod(0o644)
    error = the_error(desk, 2, "sync")
    assert f"chmod 600 {key}" in error
    assert 'keep the key elsewhere and write under [practice]: key = "env:NAME"' in error

    text = (desk.folder / "arsync.toml").read_text("utf-8")
    moved = text.replace("[practice]\n", '[practice]\nkey = "env:ARSYNC_TEST_KEY"\n')
    (desk.folder / "arsync.toml").write_text(moved, "utf-8")
    os.environ["ARSYNC_TEST_KEY"] = key.read_text("utf-8").strip()
    try:
        desk.ok("sync")
    finally:
        del os.environ["ARSYNC_TEST_KEY"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("folder", "a folder, not a database"), ("pipe", "not a file"), ("circle", "may not be written to")],
)
def test_a_database_that_is_no_file(desk: Desk, kind: str, words: str) -> None:
    for path in desk.folder.glob("arsync.db*"):
        emptied(path)
    place = desk.folder / "arsync.db"
    if kind == "circle":
        place.symlink_to(place)
    else:
        place.mkdir() if kind == "folder" else os.mkfifo(place)
    for command in ("sync", "status"):
        error = the_error(desk, 2, command)
        assert str(place) in error
        assert words in error


def test_a_practice_file_that_is_a_folder(desk: Desk) -> None:
    """`arsync init` would not help: something of that name is there."""
    emptied(desk.folder / "arsync.toml").mkdir()
    error = the_error(desk, 2, "plan")
    assert f"{desk.folder / 'arsync.toml'} is a folder" in error
    assert "init" not in error


def test_templates_that_are_a_file(desk: Desk) -> None:
    """What the practice wrote there would not be used, without a word."""
    (desk.folder / "templates").write_text("Dear customer")
    assert f"{desk.folder / 'templates'}: this is a file" in the_error(desk, 2, "plan")


def test_counts_of_calls_that_are_no_database(desk: Desk) -> None:
    counts = desk.folder / "arsync.db-locks" / "limits.db"
    desk.unpaced()
    counts.write_text("garbage" * 1000)
    assert f"{counts} is damaged; remove it and try again" in the_error(desk, 1, "sync")


def test_a_lock_that_is_a_folder(desk: Desk) -> None:
    """The system's own words, with the place."""
    lock = emptied(desk.folder / "arsync.db-locks" / "acme.token-lock")
    lock.mkdir(0o700)
    error = the_error(desk, 2, "disconnect", "acme", "--yes")
    assert f"{lock}: Is a directory; see to this file or folder" in error


def test_alerts_without_a_lock(desk: Desk) -> None:
    """The run has done its work all the same."""
    (desk.folder / "arsync.db-locks" / "alerts.lock").mkdir(0o700)
    text = (desk.folder / "arsync.toml").read_text("utf-8")
    (desk.folder / "arsync.toml").write_text(f'{text}[alerts]\nwebhook = "http://127.0.0.1:9/x"\n', "utf-8")
    told = desk.ok("run")
    assert "alerts.lock: no alert can be told: Is a directory" in told.err


def test_a_name_that_is_too_long(desk: Desk) -> None:
    long = desk.folder / ("a" * 300)
    for line in (("backup", str(long)), ("restore", str(long), "--yes"), ("init", str(long))):
        assert "File name too long" in the_error(desk, 2, *line)


@pytest.mark.parametrize("line", [("status",), ("init",), ("backup", "copy.db"), ("demo",)])
def test_a_working_folder_that_was_deleted(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, line: tuple[str, ...]
) -> None:
    before, gone = Path.cwd(), tmp_path_factory.mktemp("gone")
    os.chdir(gone)
    gone.rmdir()
    try:
        error = the_error(desk, 2, *line)
        assert desk.ok("--help").out.startswith("Usage")
    finally:
        os.chdir(before)
    assert "the working folder is not there any more" in error
    assert "cd FOLDER" in error


@pytest.mark.parametrize("key", ["database", "policy", "key"])
def test_a_home_folder_of_nobody_in_the_practice_file(desk: Desk, key: str) -> None:
    file = desk.folder / "arsync.toml"
    place = "file:~nobody-of-this-name/x" if key == "key" else "~nobody-of-this-name/x"
    file.write_text(file.read_text("utf-8").replace("[practice]\n", f'[practice]\n{key} = "{place}"\n', 1))
    error = the_error(desk, 2, "sync")
    assert f"arsync.toml:2: practice.{key}: no file can have the name ~nobody-of-this-name/x; ~NAME" in error


@pytest.mark.parametrize("line", [("status", "--practice"), ("backup",), ("restore",)])
def test_a_home_folder_of_nobody_on_the_command_line(desk: Desk, line: tuple[str, ...]) -> None:
    error = the_error(desk, 2, *line, "~nobody-of-this-name/x")
    assert "no file can have the name ~nobody-of-this-name/x; ~NAME" in error
