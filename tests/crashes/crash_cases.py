"""One case: a scene, what befalls its command, ordinary life after it, and the laws."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from crash_laws import check_nothing_twice, check_unbroken, outcome, settle_doubts
from crash_processes import Child
from crash_scenes import Scene, course
from crash_world import World

# Longer than a lease, and shorter than the half hour for which Xero honours a token that was replaced.
SLEEP = timedelta(minutes=21)
# Longer than a service remembers a request by its key (Xero: six minutes).
FORGOTTEN = timedelta(minutes=7)
AHEAD = {"ahead": SLEEP.total_seconds()}
# A process that stops inside a transaction, while it renews the tokens or while it counts a call keeps others
# from doing so.
LOCKED = (
    "kept the database locked",
    "has been renewing the tokens",
    "keeps the counts of calls",
    "calls cannot be counted",
)


def kill(scene: Scene, trap: dict[str, Any], figures: Counter[str]) -> Child:
    """The command is killed; then it is typed again, the daily run comes, and a person settles doubts."""
    scene.back()
    world = scene.world
    killed = world.start(*scene.line, trap=trap).wait()
    assert killed.status in (0, -9), killed
    world.quiet()
    figures["kills" if killed.status == -9 else "kills that came too late"] += 1
    _life_goes_on(scene, figures)
    return killed


def disturbed(scene: Scene, trap: dict[str, Any], figures: Counter[str], **more: Any) -> Child:
    """The command is held up by something that it survives: it ends well or stops with a sentence."""
    scene.back()
    world = scene.world
    done = world.do(*scene.line, trap=trap, **more)
    check_nothing_twice(world)
    figures["disturbances"] += 1
    figures["disturbances that stopped a command"] += done.status != 0
    if done.status:
        [_] = [line for line in done.err.splitlines() if line.startswith("error: ")]
    _life_goes_on(scene, figures)
    return done


def freeze(scene: Scene, trap: dict[str, Any], figures: Counter[str]) -> Child:
    """The command is frozen past its lease; another run takes over, doubts are settled, and all is done
    before the frozen one goes on."""
    scene.back()
    world = scene.world
    frozen = world.start(*scene.line, trap={**trap, "act": "stop", "step": SLEEP.total_seconds()})
    if not frozen.wait_stopped():
        assert frozen.status == 0, frozen
        figures["freezes that came too late"] += 1
        return frozen
    figures["freezes"] += 1
    claimed = world.rows("SELECT 1 FROM books WHERE holder LIKE ?", f"%:{frozen.pid}:%") == [(1,)]
    world.now.at += SLEEP
    world.sending("automatic")
    taken = world.do("run", trap=AHEAD, hurried=True)
    locked = any(words in taken.err for words in LOCKED)
    figures["freezes that kept something locked"] += locked
    if locked:
        assert taken.status == 1, taken
    elif _settle(world, figures):
        world.ok("run", trap=AHEAD)
    world.now.at += FORGOTTEN
    # Where nobody else could renew the tokens it does so still: they are not a run's, but the practice's.
    spared = {"tokens"} if locked else set()
    _thaw(world, frozen, nothing=claimed and LOCKED[0] not in taken.err, spared=spared)
    world.do("run", trap=AHEAD)
    check_unbroken(world)
    if _settle(world, figures):
        world.ok("run", trap=AHEAD)
    check_converged(scene, figures)
    return frozen


def _life_goes_on(scene: Scene, figures: Counter[str]) -> None:
    """The command is typed again, the daily run comes, a person settles doubts: all is as it should be."""
    world = scene.world
    after = course(world, scene.line)
    check_unbroken(world)
    doubts = _settle(world, figures)
    assert after.status == (1 if doubts else 0), after
    if doubts:
        world.ok("run")
    check_converged(scene, figures)


def _thaw(world: World, frozen: Child, *, nothing: bool, spared: set[str]) -> None:
    """It goes on. Where another run has taken its book over it does ``nothing``, but in the tables that are
    spared."""
    before = world.dump(spared), world.mails(), world.notes()
    frozen.thaw()
    frozen.wait()
    assert frozen.status in (0, 1), frozen
    world.quiet()
    if nothing:
        assert (world.dump(spared), world.mails(), world.notes()) == before, frozen


def _settle(world: World, figures: Counter[str]) -> int:
    """A person settles what is in doubt; how many messages."""
    check_nothing_twice(world)
    doubts = settle_doubts(world)
    figures["messages in doubt, all settled"] += doubts
    return doubts


def check_converged(scene: Scene, figures: Counter[str]) -> None:
    """Each message left once, each note stands once, and all else is as if nothing had happened."""
    check_nothing_twice(scene.world)
    assert outcome(scene.world) == scene.expected
    figures["messages that left once"] += len(scene.expected.mails)
    figures["notes that stand once"] += len(scene.expected.notes)
