"""The scenes that commands are disturbed in, each built once, and what an undisturbed command makes of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from crash_laws import Outcome, outcome
from crash_processes import Child, Zygote
from crash_world import BOOK, LATER, Snapshot, World

# The command line of each scene; a scene's name is that of its command.
LINES: dict[str, tuple[str, ...]] = {
    "run": ("run", BOOK),
    "sync": ("sync", BOOK),
    "first sync": ("sync", BOOK),
    "send": ("send", BOOK),
    "note": ("note", BOOK),
    "approve": ("approve", BOOK, "--all"),
    "hold": ("hold", BOOK, "1002", "--reason", "disputed", "--note", "the wrong goods"),
    "done": ("done", BOOK, "TASK"),
}


@dataclass
class Scene:
    """A world put back before each case; ``expected`` is what comes of it where nothing goes wrong."""

    world: World
    name: str
    line: tuple[str, ...]
    snapshot: Snapshot
    expected: Outcome

    def back(self) -> None:
        self.world.back(self.snapshot)

    @cached_property
    def events(self) -> tuple[int, int]:
        """How many events an undisturbed command has, and how many calls in and out of the system."""
        self.back()
        events, io, _ = self.world.ok(*self.line, trap={"act": "count"}).figures
        return events, io


class Scenes:
    """All scenes of both vendors, each built when it is first asked for."""

    def __init__(self, zygote: Zygote, place: Callable[[str], Path], stack: ExitStack) -> None:
        self._zygote, self._place, self._stack = zygote, place, stack
        self._worlds: dict[str, tuple[World, dict[str, Snapshot]]] = {}
        self._scenes: dict[tuple[str, str], Scene] = {}

    def __getitem__(self, key: tuple[str, str]) -> Scene:
        if key not in self._scenes:
            vendor, name = key
            if vendor not in self._worlds:
                world = World(vendor, self._zygote, self._place(vendor), self._stack)
                self._worlds[vendor] = world, begun(world)
            world, kept = self._worlds[vendor]
            world.back(kept["at first" if name == "first sync" else "later"])
            _PREPARE[name](world)
            self._scenes[key] = _scene(world, name)
        return self._scenes[key]


def begun(world: World) -> dict[str, Snapshot]:
    """At first one customer is due its first letter, and its book was never pulled. Two weeks after that
    letter it is due a task; two others have become customers meanwhile and are due their first letter.
    Every access token has run out."""
    world.connect()
    otter = world.customer("Otter Cycles", "otis@otter.example")
    world.invoice(otter, "300.00", "1001")
    at_first = world.keep("at first")
    world.ok("run")
    assert sum(world.mails().values()) == 1
    world.now.at += LATER
    lumen = world.customer("Lumen Yoga", "dana@lumen.example")
    world.invoice(lumen, "120.00", "1002")
    world.invoice(lumen, "80.00", "1003", overdue=5)
    harbour = world.customer("Harbour Bakery", "pay@harbour.example, kim@harbour.example")
    world.invoice(harbour, "95.50", "1004")
    return {"at first": at_first, "later": world.keep("later")}


def _fresh(world: World) -> None:
    pass


def _planned(world: World) -> None:
    world.sending("approve")
    world.ok("sync")


def _approved(world: World) -> None:
    _planned(world)
    world.ok("approve", BOOK, "--all")


def _noteless(world: World) -> None:
    """Sent, and the notes are still owed."""
    trap = {"act": "kill", "at": "point", "point": ["call", "note.write_notes", None, None]}
    killed = world.start("run", trap=trap).wait()
    assert killed.status == -9, killed
    assert len(world.mails()) == 3
    assert world.rows("SELECT count(*) FROM notes WHERE status = 'owed'") == [(5,)]


def _worked(world: World) -> None:
    world.ok("run")


_PREPARE: dict[str, Callable[[World], None]] = {
    "run": _fresh,
    "sync": _fresh,
    "first sync": _fresh,
    "send": _approved,
    "note": _noteless,
    "approve": _planned,
    "hold": _planned,
    "done": _worked,
}


def _scene(world: World, name: str) -> Scene:
    """Keep the world as it is, and see what an undisturbed course makes of it."""
    snapshot = world.keep(name)
    line = LINES[name]
    if name == "done":
        [task] = world.ok("plan", "--json").json[0]["tasks"]
        line = (*line[:-1], task["id"])
    world.ok(*line)
    assert course(world, line).status == 0
    return Scene(world, name, line, snapshot, outcome(world))


def course(world: World, line: tuple[str, ...]) -> Child:
    """What follows a command in ordinary life: a person types what is not done by itself again, and the
    daily run comes."""
    if line[0] not in ("run", "sync"):
        world.do(*line)
    world.sending("automatic")
    return world.do("run")
