"""A disk that is full, a file or a folder that may not be written, a file that is damaged or too new: one
clear sentence, the right exit status, and nothing half-done."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from crash_cases import check_converged, disturbed
from crash_laws import check_unbroken, settle_doubts
from crash_points import SENDING
from crash_processes import Child
from crash_scenes import Scene, Scenes, course

COMMANDS = ["run", "sync", "send", "note", "approve", "hold", "done"]
LOOKING = [("plan",), ("aging",), ("explain", "acme", "1002"), ("worklist",), ("rejects",)]
FULL = "the disk is full; nothing of this step was stored"


def sentence(done: Child) -> str:
    """The one error that a command told."""
    [line] = [line for line in done.err.splitlines() if line.startswith("error: ")]
    return line


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("pages", [0, 1, 3])
def test_the_disk_is_full(scenes: Scenes, command: str, pages: int, figures: Counter[str]) -> None:
    """SQLite's own limit, which gives the very error that a full disk gives (SQLITE_FULL) at the same places.
    Some commands need no new page."""
    done = disturbed(scenes["quickbooks", command], {"pages": pages}, figures)
    assert done.status == 0 or FULL in sentence(done), done
    figures["full disks that were told of"] += done.status


def test_the_disk_fills_when_the_mail_server_has_the_message(scenes: Scenes, figures: Counter[str]) -> None:
    """It left, and that could not be stored: it is in doubt, and not sent again."""
    scene = scenes["quickbooks", "run"]
    [accepted] = [place for place in SENDING if place.name == "the mail server accepted, before the commit"]
    done = disturbed(scene, {**accepted.trap("fill"), "pages": 0}, figures)
    assert FULL in sentence(done)
    assert figures["messages in doubt, all settled"] == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kilobytes", [8, 40, 400])
def test_no_file_can_grow(scenes: Scenes, command: str, kilobytes: int, figures: Counter[str]) -> None:
    """The system itself refuses to write beyond a size (RLIMIT_FSIZE), in every file: the database, its log,
    the rate budgets, temporary files. It needs no rights and no file system of its own."""
    done = disturbed(scenes["quickbooks", command], {}, figures, bytes=kilobytes * 1024)
    assert done.status in (0, 1), done


# ---- what may not be written


@pytest.fixture
def elsewhere(scenes: Scenes, tmp_path: Path) -> Iterator[Path]:
    """The practice in a folder of its own, whose modes are changed."""
    scene = scenes["quickbooks", "send"]
    scene.back()
    folder = tmp_path / "practice"
    shutil.copytree(scene.world.folder, folder)
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize("line", [("run",), ("send",), ("sync",), ("approve", "acme", "--all"), *LOOKING])
@pytest.mark.parametrize("what", ["folder", "file"])
def test_it_may_not_be_written(scenes: Scenes, elsewhere: Path, line: tuple[str, ...], what: str) -> None:
    world = scenes["quickbooks", "send"].world
    database = elsewhere / "arsync.db"
    elsewhere.chmod(0o555) if what == "folder" else database.chmod(0o444)
    before, there = database.read_bytes(), sorted(elsewhere.iterdir())
    done = world.do(*line, cwd=elsewhere, plain=True)
    assert done.status == 2, done
    assert "arsync.db: the file or its folder may not be written to" in sentence(done)
    assert database.read_bytes() == before
    assert [path for path in sorted(elsewhere.iterdir()) if not path.name.startswith("arsync.db-")] == there
    assert sum(world.mails().values()) == 1


# ---- what is damaged


def damaged(scene: Scene, start: float, end: float) -> None:
    """Overwrite a part of the file, as shares of its length."""
    scene.back()
    database = scene.world.folder / "arsync.db"
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(int(size * start))
        file.write(b"\xa5" * (int(size * end) - int(size * start)))


@pytest.mark.parametrize("line", [("run",), ("send",), ("sync",), ("approve", "acme", "--all"), *LOOKING])
@pytest.mark.parametrize(
    ("start", "end", "status", "words"),
    [
        (0.0, 0.001, 2, "this file is not a SQLite database"),
        (0.02, 1.0, 1, "the database is damaged; bring a backup back"),
    ],
    ids=["its header", "all but its first page"],
)
def test_it_is_overwritten(
    scenes: Scenes, line: tuple[str, ...], start: float, end: float, status: int, words: str
) -> None:
    scene = scenes["quickbooks", "send"]
    damaged(scene, start, end)
    done = scene.world.do(*line)
    assert done.status == status, done
    assert words in sentence(done)
    assert sum(scene.world.mails().values()) == 1


@pytest.mark.parametrize("part", range(8))
def test_a_part_of_it_is_overwritten(scenes: Scenes, part: int) -> None:
    """Whatever is hit: a command works, or says that the file is damaged; none shows a fault of its own."""
    scene = scenes["quickbooks", "send"]
    damaged(scene, (part + 0.5) / 8, (part + 1) / 8)
    for line in (("plan",), ("aging",), ("run",)):
        done = scene.world.do(*line)
        assert done.status == 0 or "the database is damaged; bring a backup back" in sentence(done), done


def test_it_is_cut_off(scenes: Scenes) -> None:
    scene = scenes["quickbooks", "send"]
    scene.back()
    database = scene.world.folder / "arsync.db"
    os.truncate(database, database.stat().st_size // 2)
    done = scene.world.do("run")
    assert done.status == 1
    assert "the database is damaged; bring a backup back" in sentence(done)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
def test_its_log_is_cut_off(scenes: Scenes, share: float, figures: Counter[str]) -> None:
    """The write-ahead log of a run that was killed before it sent anything: what is left of it counts, and
    nothing is half there."""
    scene = scenes["quickbooks", "run"]
    world = scene.world
    scene.back()
    [connected] = [place for place in SENDING if place.name == "the mail server is connected"]
    assert world.start("run", trap=connected.trap("kill")).wait().status == -9
    log = world.folder / "arsync.db-wal"
    assert log.stat().st_size > 10_000
    os.truncate(log, int(log.stat().st_size * share))
    course(world, scene.line)
    check_unbroken(world)
    assert settle_doubts(world) == 0
    check_converged(scene, figures)


@pytest.mark.parametrize(
    "line", [("run",), ("send",), ("hold", "acme", "1002", "--reason", "paused"), *LOOKING]
)
def test_it_is_of_a_newer_arsync(scenes: Scenes, line: tuple[str, ...]) -> None:
    scene = scenes["quickbooks", "send"]
    scene.back()
    with closing(sqlite3.connect(scene.world.folder / "arsync.db")) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('arsync', '9999_the_future', '2030-01-01')"
        )
    before = scene.world.dump()
    done = scene.world.do(*line)
    assert done.status == 2, done
    assert "was written by a newer arsync (it has had 9999_the_future); update arsync" in sentence(done)
    assert scene.world.dump() == before
